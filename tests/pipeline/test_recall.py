"""What was asked before: the nearest written answer counts only when it is near, and nothing else is nearer."""

from uuid import uuid4

import pytest

from pipeline.ports import Ranking, Scored
from pipeline.recall import judged
from pipeline.types import Passage


def found(*scores: tuple[float, bool]) -> list[Ranking]:
    hits = tuple(
        Scored(
            passage=Passage(
                id=uuid4(), article_id=uuid4(), version=1, title="T", text="X.", start=0, end=2, is_answer=is_answer
            ),
            score=score,
        )
        for score, is_answer in scores
    )
    return [Ranking(by="dense", probe=0, hits=hits), Ranking(by="bm25", probe=0, hits=())]


@pytest.mark.parametrize(
    ("scores", "is_sure"),
    [
        (((0.6, True),), True),
        (((0.45, True), (0.35, False)), True),
        (((0.45, True), (0.44, False)), False),
        (((0.55, False), (0.5, True)), False),
        (((0.3, True),), False),
        (((0.5, True), (0.48, True)), True),
    ],
)
def test_an_answer_is_recalled_when_it_is_near_and_ahead(scores: tuple[tuple[float, bool], ...], is_sure: bool) -> None:
    recalled = judged(found(*scores))
    assert recalled is not None
    assert (recalled[1] >= 0.5) is is_sure


def test_without_written_answers_nothing_is_recalled() -> None:
    assert judged(found((0.9, False))) is None
    assert judged([]) is None
