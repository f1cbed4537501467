"""Figures worked out by hand, and what must hold for any ranking."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.evaluation.measures import (
    Detection,
    Sums,
    calibration,
    calibration_error,
    detection,
    harmonic,
    official,
    percentile,
    scores,
    selection,
    total,
)

IDS = st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=14)
RELEVANT = st.sets(st.sampled_from("abcdefghijklmnop"), min_size=1)
CONFIDENCES = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), max_size=60)


def test_one_relevant_row_at_the_third_place() -> None:
    found = scores(["x", "y", "a", "z"], {"a"})
    assert found.r1 == 0.0
    assert found.r5 == 1.0
    assert found.mrr5 == pytest.approx(1 / 3)
    assert found.ndcg10 == pytest.approx(1 / math.log2(4))


def test_of_several_relevant_rows_recall_is_the_share_and_the_gain_is_measured_by_the_best_order() -> None:
    found = scores(["a", "x", "b", "y", "z", "c"], {"a", "b", "c", "d"})
    assert found.r1 == 0.25
    assert found.r5 == 0.5
    assert found.mrr5 == 1.0
    gain = 1 / math.log2(2) + 1 / math.log2(4) + 1 / math.log2(7)
    best = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4) + 1 / math.log2(5)
    assert found.ndcg10 == pytest.approx(gain / best)


def test_what_comes_after_the_cut_does_not_count() -> None:
    fillers = [str(number) for number in range(5)]
    found = scores([*fillers, "a"], {"a"})
    assert (found.r5, found.mrr5) == (0.0, 0.0)
    assert found.ndcg10 > 0.0
    assert scores([*fillers, *"pqrst", "a"], {"a"}).ndcg10 == 0.0


def test_more_than_ten_relevant_rows_can_still_be_ranked_perfectly() -> None:
    ids = [str(number) for number in range(14)]
    assert scores(ids, set(ids)).ndcg10 == pytest.approx(1.0)


def test_nothing_can_be_scored_when_nothing_is_relevant() -> None:
    with pytest.raises(ValueError, match="something is relevant"):
        scores(["a"], set())


@given(ranking=IDS, relevant=RELEVANT)
def test_every_score_is_a_share_and_no_score_falls_when_a_relevant_row_comes_first(
    ranking: list[str], relevant: set[str]
) -> None:
    found = scores(ranking, relevant)
    assert all(0.0 <= value <= 1.0 + 1e-12 for value in found)
    assert found.r1 <= found.r5
    best = min(relevant)
    lifted = scores([best, *(id_ for id_ in ranking if id_ != best)], relevant)
    assert lifted.mrr5 == 1.0
    assert lifted.ndcg10 >= found.ndcg10 - 1e-12


def test_detection_counts_hits_false_alarms_and_misses() -> None:
    sums = Sums(true_positives=6, false_positives=2, false_negatives=4)
    found = detection(sums)
    assert (found.precision, found.recall) == (0.75, 0.6)
    assert found.f1 == pytest.approx(2 / 3)
    assert detection(Sums()) == Detection(precision=0.0, recall=0.0, f1=0.0)


def test_official_selection_is_an_f_over_detected_and_seeking_turns() -> None:
    # 8 turns were detected, 10 seek; of the 6 detected rightly 3 have the row first.
    sums = Sums(true_positives=6, false_positives=2, false_negatives=4, detected_r1=3, detected_r5=6, detected_mrr5=4.5)
    found = official(sums)
    assert found.r1 == pytest.approx(2 * (3 / 8) * (3 / 10) / (3 / 8 + 3 / 10))
    assert found.r5 == pytest.approx(2 / 3)
    assert found.mrr5 == pytest.approx(0.5)


def test_a_missed_turn_counts_for_gold_selection_and_scores_nothing_in_the_official_one() -> None:
    missed = Sums(false_negatives=1, answerable=1, r1=1, r5=1, mrr5=1, ndcg10=1)
    assert selection(missed).r1 == 1.0
    assert official(missed).r1 == 0.0


@given(counts=st.tuples(*(st.integers(0, 30) for _ in range(3))), share=st.floats(0.0, 1.0))
def test_official_selection_never_exceeds_detection(counts: tuple[int, int, int], share: float) -> None:
    hits, alarms, misses = counts
    sums = Sums(true_positives=hits, false_positives=alarms, false_negatives=misses, detected_r1=hits * share)
    f1 = detection(sums).f1
    assert f1 is not None
    assert 0.0 <= (official(sums).r1 or 0.0) <= f1 + 1e-9


def test_totals_of_totals_are_totals() -> None:
    parts = [Sums(true_positives=1, r1=0.5), Sums(true_positives=2, r1=0.25), Sums(false_positives=1)]
    assert total([total(parts[:2]), total(parts[2:])]) == total(parts)
    assert total([]) == Sums()


def test_calibration_compares_confidence_with_truth_bin_by_bin() -> None:
    bins = calibration([(0.9, True), (0.95, False), (0.1, False), (0.0, False), (1.0, True)])
    assert [(it.low, it.turns) for it in bins] == [(0.0, 1), (0.1, 1), (0.9, 3)]
    assert bins[-1].accuracy == pytest.approx(2 / 3)
    assert bins[-1].confidence == pytest.approx(0.95)
    assert calibration_error(bins) == pytest.approx((0.1 + 3 * abs(0.95 - 2 / 3)) / 5)
    assert calibration_error(()) is None


@given(judged=CONFIDENCES)
def test_calibration_loses_no_turn_and_its_error_is_a_share(judged: list[tuple[float, bool]]) -> None:
    bins = calibration(judged)
    assert sum(it.turns for it in bins) == len(judged)
    assert all(it.low - 1e-9 <= it.confidence <= it.high + 1e-9 for it in bins)
    error = calibration_error(bins)
    assert (error is None) is (not judged)
    assert error is None or 0.0 <= error <= 1.0


def test_percentiles_lie_between_the_nearest_values() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == pytest.approx(2.5)
    assert percentile([1.0, 2.0, 3.0], 0.95) == pytest.approx(2.9)
    assert percentile([7.0], 0.95) == 7.0
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


@given(one=st.floats(0.0, 1.0), other=st.floats(0.0, 1.0))
def test_the_harmonic_mean_lies_between_its_parts(one: float, other: float) -> None:
    assert min(one, other) - 1e-9 <= harmonic(one, other) <= max(one, other) + 1e-9
