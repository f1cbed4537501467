"""Questions to the customer: which, when, and when no longer."""

from uuid import UUID

import msgspec

from pipeline.answer import ExtractiveAnswerer
from pipeline.clarify import Clarifier
from pipeline.clarifying import QUESTION_TEXTS, answered_questions
from pipeline.confidence import DEFAULT_THRESHOLD
from pipeline.context import ContextAnalyzer
from pipeline.query import QueryFormulator
from pipeline.types import (
    Context,
    Draft,
    Evidence,
    Formulation,
    History,
    Hit,
    Outcome,
    OutcomeKind,
    Passage,
    Query,
    QueryKind,
    Question,
)
from tests.pipeline.calls import turn
from tests.pipeline.shelf import SHELF


async def understood(*lines: str, history: History | None = None) -> Context:
    return await ContextAnalyzer()(turn(*lines, history=history))


async def outcome(*lines: str, history: History | None = None, hits: tuple[tuple[Passage, float], ...] = ()) -> Outcome:
    query = await QueryFormulator()(await understood(*lines, history=history))
    assert query is not None
    found = tuple(
        Hit(passage=it, score=10.0 * similarity, similarity=similarity, lexical=1.0) for it, similarity in hits
    )
    return await Clarifier()(await ExtractiveAnswerer()(Evidence(query=query, hits=found)))


async def test_vague_reports_are_clarified_even_when_something_is_vaguely_found() -> None:
    ended = await outcome("customer: my app doesn't work", hits=((SHELF[1], 0.45), (SHELF[2], 0.44), (SHELF[0], 0.3)))
    assert ended.kind is OutcomeKind.CLARIFY
    assert [question.purpose for question in ended.questions] == ["error_message", "what_happens"]
    assert [question.priority for question in ended.questions] == [1, 2]


async def test_a_strong_article_is_shown_together_with_the_questions() -> None:
    ended = await outcome("customer: my app doesn't work", hits=((SHELF[1], 0.9), (SHELF[0], 0.1), (SHELF[4], 0.1)))
    assert ended.kind is OutcomeKind.ANSWERED
    assert ended.draft.answers
    assert ended.questions


async def test_nothing_found_for_a_clear_question_is_said_honestly() -> None:
    ended = await outcome("customer: how do i fly to the moon")
    assert (ended.kind, ended.questions) == (OutcomeKind.NO_ANSWER, ())


async def test_a_question_is_proposed_once_in_a_call() -> None:
    history = History(questions=(QUESTION_TEXTS["error_message"],))
    ended = await outcome("customer: my app doesn't work", history=history)
    assert [question.purpose for question in ended.questions] == ["what_happens", "version"]


async def test_what_the_call_has_answered_is_not_asked() -> None:
    ended = await outcome(
        "agent: what does the error message say?",
        "customer: there is none it just stays dark",
        "agent: okay",
        "customer: my app doesn't work",
    )
    assert "error_message" not in [question.purpose for question in ended.questions]


async def test_the_answer_on_the_screen_counts_as_answered() -> None:
    history = History(shown_passages=frozenset({SHELF[3].id}))
    ended = await outcome(
        "customer: when do refunds arrive on my card", history=history, hits=((SHELF[3], 0.8), (SHELF[0], 0.1))
    )
    assert (ended.kind, ended.draft.answers) == (OutcomeKind.ANSWERED, ())


async def between(*passages: Passage) -> Outcome:
    """The end of a question for which these passages are equally likely, none of them likely enough."""
    context = await understood("customer: why is my invoice higher than last month")
    formulation = Formulation(kind=QueryKind.SEMANTIC, text=context.focus)
    query = Query(context=context, text=context.focus, formulations=(formulation,))
    hits = tuple(Hit(passage=passage, score=0.03, similarity=0.5, lexical=1.0) for passage in passages)
    unlikely = 0.8 * DEFAULT_THRESHOLD
    return await Clarifier()(Draft(evidence=Evidence(query=query, hits=hits), answers=(), confidence=unlikely))


async def test_two_equal_articles_below_the_threshold_are_told_apart_by_one_question() -> None:
    ended = await between(SHELF[1], SHELF[2])
    assert ended.kind is OutcomeKind.NO_ANSWER
    assert [question.purpose for question in ended.questions] == ["topic"]
    assert all(passage.title in ended.questions[0].text for passage in (SHELF[1], SHELF[2]))


async def test_one_article_alone_is_not_asked_about() -> None:
    assert (await between(SHELF[1])).questions == ()


def question(purpose: str) -> Question:
    return Question(text=QUESTION_TEXTS[purpose], purpose=purpose, priority=1)


ALL = tuple(question(purpose) for purpose in ("error_message", "version", "order_number", "what_happens"))


async def test_questions_are_withdrawn_when_the_detail_is_named() -> None:
    context = await understood("customer: my app doesn't work", "agent: hm", "customer: i see error 401")
    assert {it.purpose for it in answered_questions(ALL, context)} == {"error_message", "what_happens"}


async def test_questions_are_withdrawn_when_the_agent_asked_and_the_customer_replied() -> None:
    context = await understood(
        "customer: my app doesn't work", "agent: which version is it?", "customer: i have no idea where to see that"
    )
    assert "version" in {it.purpose for it in answered_questions(ALL, context)}


async def test_a_question_asked_but_not_replied_to_stays() -> None:
    context = await understood("customer: my app doesn't work", "agent: which version is it?", "customer: hm")
    assert answered_questions(ALL, context) == ()


async def test_titles_of_articles_are_quoted_as_they_are() -> None:
    odd = msgspec.structs.replace(SHELF[1], title="Braces {first} and %s", article_id=UUID(int=7))
    assert "“Braces {first} and %s”" in (await between(odd, SHELF[2])).questions[0].text
