"""Fitting of the model of confidence, and how well its probabilities hold on turns it was not fitted on."""

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.optimize import minimize

from assist.evaluation.dataset import DataSetError
from assist.evaluation.measures import calibration, calibration_error
from assist.training.confidence_samples import Tried
from assist.training.folds import fold_of
from integrations.turn_features import Floats
from pipeline.confidence import DEFAULT_THRESHOLD, Features, probability

_NAMES = Features.__struct_fields__
_HELD = {"code_missing": -3.0, "unknown": -1.0}
"""Set by hand: the public sets have no error codes and few unknown names, and in them whoever seeks is surely heard."""
_RISING = ("similarity", "gap", "lead", "prominence", "coverage", "about")
"""More of these never makes an answer less likely."""
_PENALTY = 1.0
"""Of the squares of the coefficients."""
_DRAWS = 200
_SCALES = np.arange(0.7, 1.31, 0.1)
_SHIFTS = np.arange(-0.6, 0.61, 0.1)

Doubles = NDArray[np.float64]


class Confidence(Struct, frozen=True, kw_only=True):
    """A logistic model."""

    intercept: float
    coefficients: Features

    def of(self, rows: Floats) -> Doubles:
        """[0, 1] for each row of features."""
        return _logistic(self.intercept + rows @ np.array([getattr(self.coefficients, name) for name in _NAMES]))


class ConfidenceFigures(Struct, frozen=True, kw_only=True):
    """Of one set; all but the last over the turns that the pipeline asked by itself, as `assist eval` measures them."""

    source: str
    turns: int
    share_right: float
    present_error: float
    """Calibration error over ten bins of the constants in use now; they may have been fitted on these very turns."""
    error: float
    """The same of constants fitted without the fold."""
    chance_error: float
    """What the error would be, by the luck of so few turns, if every probability were true."""
    precision: float
    """Share right of those at or above the threshold."""
    recall: float
    """Share at or above the threshold of those right."""
    false_alarms: float
    """Share at or above the threshold where the articles that answer were taken away."""


class Calibrated(Struct, frozen=True, kw_only=True):
    """What was fitted on all, and the figures of its like."""

    model: Confidence
    figures: tuple[ConfidenceFigures, ...]


def calibrated(tried: Sequence[Tried], folds: int) -> Calibrated:
    """Deterministic.

    Raises:
        DataSetError: there is nothing to tell right from wrong by.
    """
    own = np.array([fold_of(it.group, folds) for it in tried])
    raw = np.zeros(len(tried))
    for fold in range(folds):
        model = _fit([it for it, place in zip(tried, own.tolist(), strict=True) if place != fold])
        for place in np.flatnonzero(own == fold).tolist():
            raw[place] = model.of(tried[place].features).max()
    surely = np.zeros(len(tried))
    for fold in range(folds):
        surely[own == fold] = _stretched(raw[own == fold], *_stretch(tried, raw, own != fold))
    scale, shift = _stretch(tried, raw, np.ones(len(tried), dtype=np.bool_))
    final = _fit(tried)
    return Calibrated(model=_scaled(final, scale, shift), figures=tuple(_figures(tried, surely)))


def _fit(tried: Sequence[Tried]) -> Confidence:
    """On first hits; the penalty keeps the coefficients small, the bounds keep them sensible."""
    truth = np.array([it.right for it in tried], dtype=np.float64)
    if len(set(truth.tolist())) < 2:
        raise DataSetError("Every first hit is right, or none is: confidence cannot be learned from these sets.")
    fitted = [place for place, name in enumerate(_NAMES) if name not in _HELD]
    first = np.array([it.features[0] for it in tried], dtype=np.float64)
    held = first @ np.array([_HELD.get(name, 0.0) for name in _NAMES])
    columns = np.column_stack([first[:, fitted], np.ones(len(tried))])
    weights = np.array([it.weight for it in tried])

    def loss(found: Doubles) -> tuple[float, Doubles]:
        scores = columns @ found + held
        kept = np.append(found[:-1], 0.0)
        surprise = float((weights * (np.logaddexp(0.0, scores) - truth * scores)).sum())
        slope: Doubles = columns.T @ (weights * (_logistic(scores) - truth)) + _PENALTY * kept
        return surprise + _PENALTY / 2 * float((kept * kept).sum()), slope

    bounds = [(0.0 if _NAMES[place] in _RISING else None, None) for place in fitted]
    found = minimize(loss, np.zeros(len(fitted) + 1), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]).x
    values = _HELD | {_NAMES[place]: float(value) for place, value in zip(fitted, found[:-1], strict=True)}
    return Confidence(intercept=float(found[-1]), coefficients=Features(**values))


def _stretch(tried: Sequence[Tried], raw: Doubles, chosen: NDArray[np.bool_]) -> tuple[float, float]:
    """Scale and shift of the log-odds with which the sets are calibrated best; the worst sets count most."""
    parts = [np.flatnonzero(chosen & part) for part in _parts(tried).values()]
    truth = np.array([it.right for it in tried])

    def wrong(stretch: tuple[float, float]) -> float:
        errors = (_error(_stretched(raw[part], *stretch), truth[part]) for part in parts)
        return sum(error * error for error in errors)

    pairs = [(round(float(scale), 1), round(float(shift), 1)) for scale, shift in product(_SCALES, _SHIFTS)]
    return min(pairs, key=lambda pair: (wrong(pair), abs(pair[0] - 1.0) + abs(pair[1])))


def _parts(tried: Sequence[Tried]) -> dict[str, NDArray[np.bool_]]:
    """For each set the turns that the pipeline asked by itself."""
    names = dict.fromkeys(it.source for it in tried)
    return {
        name: np.array([it.source == name and it.detected and not it.removed for it in tried], dtype=np.bool_)
        for name in names
    }


def _stretched(chances: Doubles, scale: float, shift: float) -> Doubles:
    safe = np.clip(chances, 1e-9, 1.0 - 1e-9)
    return _logistic(scale * np.log(safe / (1.0 - safe)) + shift)


def _scaled(model: Confidence, scale: float, shift: float) -> Confidence:
    """What is set by hand stays as it is."""
    values = {
        name: getattr(model.coefficients, name) * (1.0 if name in _HELD else scale)
        for name in Features.__struct_fields__
    }
    return Confidence(intercept=model.intercept * scale + shift, coefficients=Features(**values))


def _figures(tried: Sequence[Tried], surely: Doubles) -> Iterable[ConfidenceFigures]:
    truth = np.array([it.right for it in tried])
    for name, part in _parts(tried).items():
        removed = np.array([it.source == name and it.detected and it.removed for it in tried], dtype=np.bool_)
        shown = surely >= DEFAULT_THRESHOLD
        present = [_present(it) for it, is_there in zip(tried, part.tolist(), strict=True) if is_there]
        yield ConfidenceFigures(
            source=name,
            turns=int(part.sum()),
            share_right=_share(truth, part),
            present_error=_error(np.array(present), truth[part]),
            error=_error(surely[part], truth[part]),
            chance_error=_chance_error(surely[part]),
            precision=_share(truth, part & shown),
            recall=_share(shown, part & truth),
            false_alarms=_share(shown, removed),
        )


def _present(tried: Tried) -> float:
    return max(probability(_as_features(row)) for row in tried.features.tolist())


def _as_features(row: Sequence[float]) -> Features:
    return Features(**dict(zip(_NAMES, row, strict=True)))


def _share(true: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(true[among].mean()) if among.any() else 0.0


def _error(chances: Doubles, truth: NDArray[np.bool_]) -> float:
    pairs = list(zip(chances.tolist(), truth.tolist(), strict=True))
    return calibration_error(calibration(pairs)) or 0.0


def _chance_error(chances: Doubles) -> float:
    draw = np.random.default_rng(7)
    return float(np.mean([_error(chances, draw.random(len(chances)) < chances) for _ in range(_DRAWS)]))


def _logistic(scores: Doubles) -> Doubles:
    raised: Doubles = 1.0 / (1.0 + np.exp(-np.clip(scores, -30.0, 30.0)))
    return raised
