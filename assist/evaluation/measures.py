"""Figures about detection, selection and confidence. Pure arithmetic; every figure is in [0, 1]."""

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

from msgspec import Struct

CALIBRATION_BINS = 10
"""Of equal width."""


class Detection(Struct, frozen=True, kw_only=True):
    """How well turns that seek knowledge are told from others. None: the set has no labels for it."""

    precision: float | None
    recall: float | None
    f1: float | None


class Selection(Struct, frozen=True, kw_only=True):
    """How well the rows that answer are found. None: the set has no labels for it.

    Recall is the share of a turn's relevant rows that are among the first k; with one relevant row, whether it is.
    """

    r1: float | None
    r5: float | None
    mrr5: float | None
    ndcg10: float | None


class OfficialSelection(Struct, frozen=True, kw_only=True):
    """Selection multiplied in with detection: the F of a precision over detected and a recall over seeking turns."""

    r1: float | None
    r5: float | None
    mrr5: float | None


class Bin(Struct, frozen=True, kw_only=True):
    """Turns of about the same confidence."""

    low: float
    high: float
    turns: int
    confidence: float
    """Mean."""
    accuracy: float
    """Share whose first hit is relevant."""


class Scores(NamedTuple):
    """Of one ranking."""

    r1: float
    r5: float
    mrr5: float
    ndcg10: float


class Sums(NamedTuple):
    """Everything that figures are made of, added up over turns; sums of sums are sums."""

    true_positives: float = 0.0
    false_positives: float = 0.0
    false_negatives: float = 0.0
    answerable: float = 0.0
    """Turns that some row answers, detected or not; the next four are over these."""
    r1: float = 0.0
    r5: float = 0.0
    mrr5: float = 0.0
    ndcg10: float = 0.0
    detected_r1: float = 0.0
    """This and the next two: over detected turns that do seek knowledge."""
    detected_r5: float = 0.0
    detected_mrr5: float = 0.0


def scores(ranking: Sequence[str], relevant: Collection[str]) -> Scores:
    """Of the ids found, best first and without repeats.

    Raises:
        ValueError: nothing is relevant.
    """
    if not relevant:
        raise ValueError("A ranking can only be scored when something is relevant.")
    gains = [id_ in relevant for id_ in ranking[:10]]
    first = next((place for place, gain in enumerate(gains[:5], start=1) if gain), None)
    best = sum(_discount(place) for place in range(1, min(len(relevant), 10) + 1))
    found = sum(_discount(place) for place, gain in enumerate(gains, start=1) if gain)
    return Scores(
        r1=sum(gains[:1]) / len(relevant),
        r5=sum(gains[:5]) / len(relevant),
        mrr5=1.0 / first if first else 0.0,
        ndcg10=found / best,
    )


def total(parts: Sequence[Sums]) -> Sums:
    """Added up."""
    return Sums(*map(math.fsum, zip(*parts, strict=True))) if parts else Sums()


def detection(sums: Sums) -> Detection:
    """0.0 where nothing was detected, or nothing was to be."""
    hits = sums.true_positives
    precision = _share(hits, hits + sums.false_positives)
    recall = _share(hits, hits + sums.false_negatives)
    return Detection(precision=precision, recall=recall, f1=harmonic(precision, recall))


def selection(sums: Sums) -> Selection:
    """Means over the turns that some row answers."""
    count = sums.answerable
    return Selection(
        r1=_share(sums.r1, count),
        r5=_share(sums.r5, count),
        mrr5=_share(sums.mrr5, count),
        ndcg10=_share(sums.ndcg10, count),
    )


def official(sums: Sums) -> OfficialSelection:
    """A turn that was missed scores 0, and a false alarm lowers the precision."""
    detected = sums.true_positives + sums.false_positives
    seeking = sums.true_positives + sums.false_negatives
    r1, r5, mrr5 = (
        harmonic(_share(score, detected), _share(score, seeking))
        for score in (sums.detected_r1, sums.detected_r5, sums.detected_mrr5)
    )
    return OfficialSelection(r1=r1, r5=r5, mrr5=mrr5)


def harmonic(one: float, other: float) -> float:
    """Mean of precision and recall; 0.0 when both are."""
    return 2.0 * one * other / (one + other) if one + other else 0.0


def calibration(judged: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Pairs of confidence and truth by ten equal widths of confidence; empty ones are left out."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in judged:
        place = min(int(confidence * CALIBRATION_BINS), CALIBRATION_BINS - 1)
        bins.setdefault(place, []).append((confidence, right))
    return tuple(
        Bin(
            low=place / CALIBRATION_BINS,
            high=(place + 1) / CALIBRATION_BINS,
            turns=len(members),
            confidence=math.fsum(confidence for confidence, _ in members) / len(members),
            accuracy=sum(right for _, right in members) / len(members),
        )
        for place, members in sorted(bins.items())
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error: the mean distance of confidence from accuracy, by the size of the bins."""
    turns = sum(it.turns for it in bins)
    if not turns:
        return None
    return math.fsum(it.turns * abs(it.confidence - it.accuracy) for it in bins) / turns


def percentile(values: Sequence[float], share: float) -> float:
    """Between the two nearest values in proportion; `share` in [0, 1].

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _discount(place: int) -> float:
    return 1.0 / math.log2(place + 1)
