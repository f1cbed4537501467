"""What the pipeline is given of a judged turn, and what is kept of its work."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from assist.evaluation.dataset import DataSet, JudgedTurn, Said
from assist.evaluation.run import Judged, judge
from assist.evaluation.system import System
from assist.evaluation.vectors import CallEmbedder, VectorFile
from assist.thinking import Parts, Thinking
from pipeline.types import Speaker
from tests.pipeline.shelf import SHELF, ShelfIndex, WordEmbedder

QUESTION = "customer: How long does porting my phone number take?"
THANKS = "customer: Okay, thank you very much, goodbye."


def judged_turn(*lines: str, seeking: bool, relevant: Sequence[str] = ()) -> JudgedTurn:
    said = [line.split(": ", 1) for line in lines]
    return JudgedTurn(
        dialog_id="call#1",
        turns=tuple(Said(speaker=Speaker(speaker), text=text) for speaker, text in said),
        knowledge_seeking=seeking,
        relevant_ids=tuple(relevant),
    )


class Bench:
    """A system on the test shelf; rows are called by the first word of their title."""

    def __init__(self, directory: Path) -> None:
        self.model = WordEmbedder()
        embedder = CallEmbedder(self.model, VectorFile(directory / "vectors", self.model.dimensions))
        self.system = System(
            thinking=Thinking(Parts(embedder=embedder, index=ShelfIndex(SHELF), embedding_model="words")),
            embedder=embedder,
            rows={},
            row_ids={passage.article_id: passage.title for passage in SHELF},
        )
        self.told: list[tuple[int, int]] = []

    async def judge(self, *turns: JudgedTurn) -> list[Judged]:
        dataset = DataSet(name="shelf", documents=(), turns=turns, judges_detection=True, notes=())
        return await judge(dataset, self.system, lambda _, done, total: self.told.append((done, total)))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_question_is_searched_and_every_stage_is_timed(bench: Bench) -> None:
    (result,) = await bench.judge(judged_turn(QUESTION, seeking=True, relevant=["Bring your phone number with you"]))
    assert result.detected
    assert result.found[0].row_id == "Bring your phone number with you"
    assert set(result.stage_ms) == {"context", "query", "retrieve", "answer", "clarify"}
    assert result.total_ms is not None
    assert result.embedding_ms is not None
    assert bench.told == [(1, 1)]


async def test_small_talk_is_not_searched(bench: Bench) -> None:
    (result,) = await bench.judge(judged_turn(QUESTION, "agent: Three days.", THANKS, seeking=False))
    assert not result.detected
    assert (result.found, result.confidence, result.total_ms) == ((), None, None)
    assert set(result.stage_ms) == {"context", "query"}


async def test_a_question_that_was_missed_is_searched_as_if_it_had_been_heard_but_not_timed(bench: Bench) -> None:
    missed = judged_turn("agent: Porting a phone number?", THANKS, seeking=True, relevant=["anything"])
    (result,) = await bench.judge(missed)
    assert not result.detected
    assert result.asked
    assert set(result.stage_ms) == {"context", "query"}
    assert result.total_ms is None


async def test_a_turn_profits_from_no_other_turn(bench: Bench) -> None:
    turn = judged_turn(QUESTION, seeking=True)
    await bench.judge(turn)
    once = list(bench.model.calls)
    await bench.judge(turn)
    assert bench.model.calls == once * 2


async def test_the_plain_embedding_is_not_what_the_turn_has_remembered(bench: Bench) -> None:
    await bench.judge(judged_turn(QUESTION, seeking=True))
    plain = (QUESTION.removeprefix("customer: "),)
    assert bench.model.calls[0] == plain
