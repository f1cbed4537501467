"""Fitting of confidence on made-up features, where it is known how likely an answer is right."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from assist.evaluation.dataset import DataSet, DataSetError, JudgedTurn, Said
from assist.evaluation.system import System
from assist.evaluation.vectors import CallEmbedder, VectorFile
from assist.thinking import Parts, Thinking
from assist.training.collecting import Opened
from assist.training.confidence import calibrated
from assist.training.confidence_samples import Tried, tried_of
from assist.training.vectors import Vectors
from pipeline.confidence import Features
from pipeline.ports import Unprojected
from pipeline.types import Speaker
from tests.pipeline.shelf import SHELF, ShelfIndex, WordEmbedder

_NAMES = list(Features.__struct_fields__)
_PORTING = "Bring your phone number with you"


def _tried(count: int, source: str, seed: int) -> list[Tried]:
    """Similarity tells how likely the first hit is right; the second never looks better."""
    draw = np.random.default_rng(seed)
    found: list[Tried] = []
    for number in range(count):
        rows = np.zeros((2, len(_NAMES)), dtype=np.float32)
        rows[0, _NAMES.index("similarity")] = draw.random()
        rows[:, _NAMES.index("coverage")] = draw.random()
        likely = 1.0 / (1.0 + np.exp(-8.0 * (rows[0, 0] - 0.5)))
        right = bool(draw.random() < likely)
        found.append(Tried(source=source, group=1000 * seed + number, features=rows, right=right, detected=True))
    return found


def test_probabilities_hold_on_turns_they_were_not_fitted_on() -> None:
    outcome = calibrated(_tried(600, "one", 1) + _tried(600, "two", 2), 3)
    assert [it.source for it in outcome.figures] == ["one", "two"]
    for figures in outcome.figures:
        assert figures.turns == 600
        assert figures.error < 0.06
        assert 0.0 < figures.chance_error < 0.06
        assert figures.precision > figures.share_right
        assert figures.recall > 0.7
    assert outcome.model.coefficients.similarity > 3.0
    assert abs(outcome.model.coefficients.coverage) < 1.0


def test_the_same_turns_give_the_same_constants() -> None:
    tried = _tried(100, "one", 1)
    assert calibrated(tried, 3) == calibrated(tried, 3)


def test_what_no_set_can_teach_stays_as_it_was_set() -> None:
    found = calibrated(_tried(200, "one", 1), 3).model.coefficients
    assert (found.code_missing, found.unknown) == (-3.0, -1.0)


def test_closeness_never_speaks_against_an_answer() -> None:
    against = [msgspec.structs.replace(it, right=not it.right) for it in _tried(200, "one", 1)]
    assert calibrated(against, 3).model.coefficients.similarity == 0.0


def test_turns_without_their_answer_are_learned_from_but_measured_apart() -> None:
    tried = _tried(200, "one", 1)
    removed = [msgspec.structs.replace(it, right=False, removed=True, weight=5.0) for it in tried if it.right]
    (alone,), (both,) = calibrated(tried, 3).figures, calibrated(tried + removed, 3).figures
    assert alone.false_alarms == 0.0
    assert both.turns == alone.turns == 200
    assert both.recall < alone.recall


def test_turns_the_pipeline_did_not_ask_are_not_measured() -> None:
    tried = _tried(100, "one", 1)
    quiet = [msgspec.structs.replace(it, detected=False) for it in tried[:40]]
    (figures,) = calibrated(quiet + tried[40:], 3).figures
    assert figures.turns == 60


def test_sets_without_a_wrong_answer_teach_nothing() -> None:
    with pytest.raises(DataSetError, match="Every first hit is right"):
        calibrated([it for it in _tried(50, "one", 1) if it.right], 3)


def _turn(text: str, *relevant: str) -> JudgedTurn:
    return JudgedTurn(
        dialog_id=f"{text}#1",
        turns=(Said(speaker=Speaker.CUSTOMER, text=text),),
        knowledge_seeking=bool(relevant),
        relevant_ids=relevant,
    )


async def test_turns_that_seek_are_tried_with_and_without_what_answers_them(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    files = [VectorFile(tmp_path / name, embedder.dimensions) for name in ("turns", "passages")]
    system = System(
        thinking=Thinking(Parts(embedder=embedder, index=ShelfIndex(SHELF), embedding_model="words")),
        embedder=CallEmbedder(embedder, files[1]),
        rows={},
        row_ids={passage.article_id: passage.title for passage in SHELF},
    )
    turns = (
        _turn("How long does porting my phone number take?", _PORTING),
        _turn("Okay, thank you very much, goodbye."),
        _turn("My phone number from the old provider.", _PORTING),
    )
    opened = Opened(
        dataset=DataSet(name="shelf", documents=(), turns=turns, judges_detection=True, notes=()),
        groups=(0, 1, 2),
        system=system,
        vectors=Vectors(embedder, files[0], files[1], lambda *_: None),
        progress=lambda *_: None,
    )
    tried = await tried_of(opened, [Unprojected()] * 3)
    assert [(it.group, it.detected, it.removed) for it in tried] == [
        (0, True, False),
        (0, True, True),
        (2, False, False),
        (2, False, True),
    ]
    assert [it.right for it in tried] == [True, False, True, False]
    assert tried[1].weight == pytest.approx(0.2 * tried[0].weight)
    assert tried[0].features.shape[1] == len(_NAMES)
