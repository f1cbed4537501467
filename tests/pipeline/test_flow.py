"""The whole chain on a small shelf."""

from dataclasses import replace

from pipeline.answer import ExtractiveAnswerer
from pipeline.clarify import Clarifier
from pipeline.context import ContextAnalyzer
from pipeline.events import Event, EvidenceFound, StageFinished
from pipeline.query import QueryFormulator
from pipeline.retrieve import HybridRetriever
from pipeline.run import Pipeline
from pipeline.types import History, Outcome, OutcomeKind, Query
from tests.pipeline.calls import turn
from tests.pipeline.shelf import SHELF, ShelfIndex, WordEmbedder


def pipeline(embedder: WordEmbedder | None = None) -> Pipeline:
    return Pipeline(
        context=ContextAnalyzer(),
        query=QueryFormulator(),
        retrieve=HybridRetriever(embedder=embedder or WordEmbedder(), index=ShelfIndex(SHELF)),
        answer=ExtractiveAnswerer(threshold=0.3),
        clarify=Clarifier(),
    )


async def ignore(_: Event) -> None:
    return None


async def helped(*lines: str, history: History | None = None) -> tuple[Query | None, Outcome | None]:
    chain = pipeline()
    _, query = await chain.ask(turn(*lines, history=history), ignore)
    return query, await chain.help(query, ignore) if query else None


async def test_a_login_error_is_answered_from_the_article_about_its_code() -> None:
    _, outcome = await helped("customer: I can't log in, getting error 401 on mobile app v2.5")
    assert outcome is not None
    assert outcome.kind is OutcomeKind.ANSWERED
    assert outcome.draft.answers[0].title == "Login error 401 in the mobile app"
    assert outcome.questions == ()


async def test_an_app_that_does_not_work_is_clarified() -> None:
    _, outcome = await helped("customer: My app doesn't work")
    assert outcome is not None
    assert outcome.kind is OutcomeKind.CLARIFY
    assert outcome.draft.answers == ()
    assert "error_message" in [question.purpose for question in outcome.questions]


async def test_greetings_and_small_talk_yield_nothing() -> None:
    for said in ("hello", "hi how are you", "good morning this is anna", "okay thank you bye"):
        assert await helped(f"customer: {said}") == (None, None)


async def test_the_topic_is_carried_over() -> None:
    query, outcome = await helped(
        "customer: I'd like to bring my phone number with me",
        "agent: Let me check.",
        "customer: how long does that take?",
    )
    assert query is not None
    assert outcome is not None
    assert query.text == "How long does that take? (bring my phone number with me)"
    assert outcome.draft.answers[0].title == "Bring your phone number with you"
    assert outcome.draft.answers[0].text.startswith("Porting a phone number takes three business days.")


async def test_a_turn_costs_one_embedding_call_and_evidence_is_told_before_the_answer() -> None:
    embedder = WordEmbedder()
    chain = pipeline(embedder)
    told: list[Event] = []

    async def emit(event: Event) -> None:
        told.append(event)

    _, query = await chain.ask(turn("customer: when do refunds arrive on my card"), emit)
    assert query is not None
    await chain.help(query, emit)
    assert len(embedder.calls) == 1
    names = [event.stage if isinstance(event, StageFinished) else "evidence" for event in told]
    assert names == ["context", "query", "retrieve", "evidence", "answer", "clarify"]
    assert any(isinstance(event, EvidenceFound) for event in told)


async def test_a_repeated_question_is_not_helped_with_twice() -> None:
    query, _ = await helped("customer: when do refunds arrive on my card")
    assert query is not None
    assert (await helped("customer: so when do refunds arrive on my card", history=History(queries=(query.text,))))[
        0
    ] is None


async def test_a_stage_can_be_swapped() -> None:
    chain = replace(pipeline(), answer=ExtractiveAnswerer(threshold=1.1, vague_threshold=1.1))
    _, query = await chain.ask(turn("customer: when do refunds arrive on my card"), ignore)
    assert query is not None
    assert (await chain.help(query, ignore)).kind is OutcomeKind.NO_ANSWER
