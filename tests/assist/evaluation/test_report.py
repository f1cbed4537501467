"""From judged turns to figures, JSON and tables."""

import json

import pytest

from assist.evaluation.report import report, to_json
from assist.evaluation.tables import tables
from tests.assist.evaluation.results import dataset, judged

RESULTS = [
    judged("a#1", seeking=True, detected=True, relevant=["inn/1"], found=["inn/1", "pub/1"], confidence=0.9),
    judged("a#2", seeking=True, detected=True, relevant=["inn/2"], found=["pub/1", "inn/2"], confidence=0.6),
    judged("b#1", seeking=True, detected=False, relevant=["pub/2"], found=["pub/2"], confidence=0.7),
    judged("c#1", seeking=False, detected=True, found=["pub/1"], confidence=0.3),
    judged("c#2", seeking=False, detected=False),
]


def test_figures_of_a_small_set() -> None:
    figures = report(dataset(RESULTS), RESULTS)
    assert figures.turns == 5
    assert figures.detection.precision == pytest.approx(2 / 3)
    assert figures.detection.recall == pytest.approx(2 / 3)
    assert figures.gold.r1 == pytest.approx(2 / 3)
    assert figures.gold.mrr5 == pytest.approx(2.5 / 3)
    assert figures.official.mrr5 == pytest.approx(0.5)
    assert figures.stage_ms["retrieve"].p95 == 18.0
    assert figures.stage_ms["total"].p50 == 20.0
    assert figures.embedding_ratio == 2.0


def test_confidence_is_judged_where_the_pipeline_helped_by_itself() -> None:
    figures = report(dataset(RESULTS), RESULTS)
    assert sum(it.turns for it in figures.calibration) == 3
    assert figures.ece == pytest.approx((0.1 + 0.6 + 0.3) / 3)


def test_every_figure_has_an_interval_around_it() -> None:
    figures = report(dataset(RESULTS), RESULTS)
    assert len(figures.intervals) == 3 + 4 + 3
    for path, (low, high) in figures.intervals.items():
        part, _, key = path.partition(".")
        assert low <= getattr(getattr(figures, part), key) <= high


def test_what_has_no_labels_is_null() -> None:
    unlabelled = [judged("a", seeking=True, detected=True, found=["inn/1"], confidence=0.5)]
    given = json.loads(to_json([report(dataset(unlabelled, judges_detection=False), unlabelled)], single=True))
    assert given["detection"] == {"precision": None, "recall": None, "f1": None}
    assert given["gold"] == {"r1": None, "r5": None, "mrr5": None, "ndcg10": None}
    assert given["official"] == {"r1": None, "r5": None, "mrr5": None}
    assert given["ece"] is None
    assert given["intervals"] == {}


def test_relevant_rows_without_detection_labels_give_selection_alone() -> None:
    results = [judged("a", seeking=None, detected=True, relevant=["inn/1"], found=["inn/1"], confidence=0.5)]
    figures = report(dataset(results, judges_detection=False), results)
    assert figures.gold.r1 == 1.0
    assert figures.official.r1 is None
    assert figures.ece == 0.5


def test_one_set_is_one_object_and_several_are_a_list() -> None:
    figures = report(dataset(RESULTS), RESULTS)
    one = json.loads(to_json([figures], single=True))
    keys = ["set", "turns", "detection", "gold", "official", "stage_ms", "ece"]
    assert list(one)[: len(keys)] == keys
    assert json.loads(to_json([figures, figures], single=False)) == [one, one]


def test_tables_show_every_set_and_a_dash_where_nothing_is_known() -> None:
    figures = report(dataset(RESULTS), RESULTS)
    empty = report(dataset([], judges_detection=False), [])
    drawn = tables([figures, empty])
    assert "| inns | 5 " in drawn
    assert "0.667" in drawn
    assert "–" in drawn
    for block in drawn.split("\n\n"):
        assert len({len(line) for line in block.split("\n")}) == 1
