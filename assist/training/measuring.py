"""How well unseen turns are told apart: every figure is of samples whose calls the weights were not fitted on."""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assist.training.fitting import Bools, Material, fit
from assist.training.folds import Indices, dealt
from assist.training.samples import OWN, Sample, fold_groups
from integrations.turn_features import Floats
from integrations.turn_model import limit, probabilities
from pipeline.speech_acts import Act

FOLDS = 5
_SEEK = 0
_THRESHOLDS_ASKING = np.arange(0.35, 0.56, 0.05)
_THRESHOLDS = np.arange(0.50, 0.81, 0.05)
_AS_GOOD = 0.002
"""Of two thresholds whose F1 differs by less, the lower one finds more in calls unlike these."""
_TEMPERATURES = np.arange(0.5, 2.01, 0.02)

Tick = Callable[[str], None]


class Figures(Struct, frozen=True, kw_only=True):
    """Detection of seeking turns in one set, [0, 1] each."""

    source: str
    turns: int
    precision: float
    recall: float
    f1: float
    calibration_error: float
    """Mean distance between the probability and the share of seeking turns, over ten bins."""
    kinds_right: float | None = None
    """Share of turns whose kind is right; None where only seeking is labelled."""


class Judged(Struct, frozen=True, kw_only=True):
    """The outcome of cross-validation."""

    folds: tuple[Figures, ...]
    """Folds by call; the threshold for a fold is chosen on the others."""
    left_out: tuple[Figures, ...]
    """Fitted without the set and the calls that it shares with others."""
    temperature: float
    thresholds: tuple[float, float]
    """For the final weights, chosen on all folds: for asking turns, and for the others."""


class _Table(Struct, frozen=True, kw_only=True):
    """The samples as columns."""

    material: Material
    groups: Indices
    sources: NDArray[np.str_]
    measured: Bools

    @property
    def truth(self) -> Bools:
        """Which of them seek."""
        seeks: Bools = self.material.allowed[:, _SEEK]
        return seeks

    def names(self) -> list[str]:
        """The sets, in the order of the samples."""
        return list(dict.fromkeys(self.sources.tolist()))

    def seeking(self, chances: Floats, thresholds: tuple[float, float]) -> Bools:
        """What is taken for seeking."""
        limits = {act: limit(act, thresholds) for act in Act}
        found: Bools = chances[:, _SEEK] >= np.array([limits[act] for act in self.material.acts], dtype=np.float32)
        return found


def cross_validate(samples: Sequence[Sample], material: Material, tick: Tick) -> Judged:
    """Fits as often as there are folds and sets."""
    table = _Table(
        material=material,
        groups=np.array(fold_groups(samples)),
        sources=np.array([sample.source for sample in samples]),
        measured=np.array([not sample.is_variant for sample in samples]),
    )
    scores = np.zeros_like(material.allowed, dtype=np.float32)
    folds = dealt(table.groups, FOLDS)
    parts = [folds == number for number in range(FOLDS)]
    for number, part in enumerate(parts, start=1):
        tick(f"fold {number} of {FOLDS}")
        scores[part] = _scores_of(material, ~part, part)
    temperature = _temperature(scores[table.measured], table.truth[table.measured])
    chances = probabilities(scores, temperature)
    seeking = np.zeros(len(samples), dtype=np.bool_)
    for part in parts:
        seeking[part] = table.seeking(chances, _thresholds(chances, table, ~part))[part]
    thresholds = _thresholds(chances, table, np.ones_like(seeking))
    return Judged(
        folds=_figures(chances, seeking, table),
        left_out=_left_out(table, temperature, thresholds, tick),
        temperature=temperature,
        thresholds=thresholds,
    )


def _left_out(table: _Table, temperature: float, thresholds: tuple[float, float], tick: Tick) -> tuple[Figures, ...]:
    if len(table.names()) < 2:
        return ()
    chances = np.zeros_like(table.material.allowed, dtype=np.float32)
    for name in table.names():
        tick(f"without {name}")
        part = table.sources == name
        kept = ~np.isin(table.groups, table.groups[part])
        chances[part] = probabilities(_scores_of(table.material, kept, part), temperature)
    return _figures(chances, table.seeking(chances, thresholds), table)


def _scores_of(material: Material, kept: Bools, asked: Bools) -> Floats:
    return fit(material.part(np.flatnonzero(kept))).scores(material.part(np.flatnonzero(asked)))


def _temperature(scores: Floats, truth: Bools) -> float:
    def surprise(temperature: float) -> float:
        seek = probabilities(scores, temperature)[:, _SEEK].clip(1e-6, 1 - 1e-6)
        return float(-np.log(np.where(truth, seek, 1 - seek)).mean())

    return float(round(min(_TEMPERATURES, key=surprise), 2))


def _thresholds(chances: Floats, table: _Table, chosen: Bools) -> tuple[float, float]:
    """Those for asking and for other turns with the best mean F1 of the sets."""
    rows = [table.measured & chosen & (table.sources == name) for name in table.names()]

    def mean_f1(thresholds: tuple[float, float]) -> float:
        seeking = table.seeking(chances, thresholds)
        return float(np.mean([_detection(seeking[part], table.truth[part])[2] for part in rows]))

    pairs = [
        (float(round(asking, 2)), float(round(other, 2)))
        for asking in _THRESHOLDS_ASKING
        for other in _THRESHOLDS
        if asking <= other
    ]
    found = {pair: mean_f1(pair) for pair in pairs}
    highest = max(found.values())
    return min((pair for pair in pairs if found[pair] >= highest - _AS_GOOD), key=lambda pair: (pair[0], -found[pair]))


def _figures(chances: Floats, seeking: Bools, table: _Table) -> tuple[Figures, ...]:
    found: list[Figures] = []
    for name in table.names():
        rows = table.measured & (table.sources == name)
        truth = table.truth[rows]
        precision, recall, f1 = _detection(seeking[rows], truth)
        kinds = _kinds(chances[rows], seeking[rows])
        right = table.material.allowed[rows][np.arange(len(kinds)), kinds]
        found.append(
            Figures(
                source=name,
                turns=int(rows.sum()),
                precision=precision,
                recall=recall,
                f1=f1,
                calibration_error=_calibration_error(chances[rows, _SEEK], truth),
                kinds_right=float(right.mean()) if name == OWN else None,
            )
        )
    return tuple(found)


def _kinds(chances: Floats, seeking: Bools) -> Indices:
    kinds: Indices = np.where(seeking, _SEEK, 1 + chances[:, 1:].argmax(axis=1))
    return kinds


def _detection(seeking: Bools, truth: Bools) -> tuple[float, float, float]:
    hits = int((seeking & truth).sum())
    precision = hits / max(int(seeking.sum()), 1)
    recall = hits / max(int(truth.sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def _calibration_error(chances: Floats, truth: Bools) -> float:
    bins = np.minimum((chances * 10).astype(int), 9)
    error = 0.0
    for number in range(10):
        rows = bins == number
        if rows.any():
            error += float(rows.mean()) * abs(float(chances[rows].mean()) - float(truth[rows].mean()))
    return error
