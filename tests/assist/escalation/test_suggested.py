"""What the knowledge base says to a request's question, before a supervisor answers it."""

import dataclasses
from uuid import uuid4

import pytest

from assist.escalation.suggested import SuggestedAnswer, suggested_answer
from pipeline.errors import UpstreamError
from pipeline.types import Draft, Evidence, Query
from tests.assist.scripted import Script, answer_of

NOTHING = SuggestedAnswer(text=None, confidence=0.0, unavailable=True)


async def test_the_best_answer_is_suggested_with_its_citations() -> None:
    found = await suggested_answer(Script().pipeline(), uuid4(), "Where is it?")
    assert (found.text, found.confidence, found.unavailable) == ("Answer to Where is it?", 0.8, False)
    assert [citation.title for citation in found.citations] == ["Where is it?"]


async def test_where_nothing_is_known_nothing_is_suggested() -> None:
    found = await suggested_answer(Script().pipeline(), uuid4(), "Something unknown?")
    assert (found.text, found.citations, found.unavailable) == (None, [], False)


@pytest.mark.parametrize(("confidence", "text"), [(0.05, None), (0.3, "Perhaps.")])
async def test_what_is_most_likely_wrong_is_not_suggested(confidence: float, text: str | None) -> None:
    async def answer(evidence: Evidence) -> Draft:
        return Draft(evidence=evidence, answers=(answer_of("T", "Perhaps.", confidence),), confidence=confidence)

    pipeline = dataclasses.replace(Script().pipeline(), answer=answer)
    found = await suggested_answer(pipeline, uuid4(), "Where is it?")
    assert (found.text, found.confidence) == (text, confidence)


async def test_an_index_that_is_down_is_said_to_be_unavailable() -> None:
    async def fail(_: Query) -> None:
        raise UpstreamError("index", "down", retryable=True)

    assert await suggested_answer(Script(before_help=fail).pipeline(), uuid4(), "Where is it?") == NOTHING
