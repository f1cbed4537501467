"""Formulations, and when nothing new is asked."""

from pipeline.context import ContextAnalyzer
from pipeline.query import QueryFormulator, manual_query
from pipeline.types import History, Query, QueryKind
from tests.pipeline.calls import turn


async def asked(*lines: str, history: History | None = None) -> Query | None:
    return await QueryFormulator()(await ContextAnalyzer()(turn(*lines, history=history)))


async def test_there_is_one_formulation_of_each_kind_at_most() -> None:
    query = await asked(
        "customer: I can't log in", "agent: On what device?", "customer: why do i get error 401 on my iphone"
    )
    assert query is not None
    kinds = [formulation.kind for formulation in query.formulations]
    assert kinds == [QueryKind.SEMANTIC, QueryKind.CONVERSATION, QueryKind.ENTITY]
    assert min(formulation.weight for formulation in query.formulations) > 0


async def test_the_same_need_is_not_asked_twice() -> None:
    history = History(queries=("How do I reset my password?",))
    assert await asked("customer: so how do i reset my password", history=history) is None


async def test_asking_again_on_purpose_is_answered_again() -> None:
    history = History(queries=("How do I reset my password?",))
    assert await asked("customer: sorry how do i reset my password again", history=history) is not None


async def test_the_same_words_about_another_topic_are_a_new_need() -> None:
    history = History(queries=("How long does that take? (port my number)",))
    lines = ("customer: i want to return a jacket", "agent: sure", "customer: how long does that take?")
    query = await asked(*lines, history=history)
    assert query is not None
    assert query.text == "How long does that take? (return a jacket)"


async def test_another_question_about_the_same_topic_is_a_new_need() -> None:
    history = History(queries=("How do I set up direct debit?",))
    lines = (
        "customer: how do i set up direct debit",
        "agent: in the settings",
        "customer: is there a discount for that",
    )
    assert await asked(*lines, history=history) is not None


async def test_an_error_code_of_an_earlier_problem_is_not_searched_for() -> None:
    query = await asked("customer: i get error 401", "agent: try again", "customer: how do i change my billing address")
    assert query is not None
    alone = [it.text for it in query.formulations if it.kind is not QueryKind.CONVERSATION]
    assert alone
    assert all("401" not in text for text in alone)


def test_a_typed_question_is_taken_as_it_is() -> None:
    query = manual_query(turn("customer: hello"), "refund after 30 days")
    assert query.text == "refund after 30 days"
    assert [formulation.kind for formulation in query.formulations] == [QueryKind.MANUAL]
    assert query.context.sufficient
