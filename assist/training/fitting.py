"""Fitting of the linear model where some samples tell only what kind a turn is not."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from integrations.turn_features import Floats
from pipeline.speech_acts import Act

_MOST_STEPS = 60
_PENALTY = 1.0
"""Of the squares of the weights."""

Bools = NDArray[np.bool_]


class Material(Struct, frozen=True, kw_only=True):
    """Samples as figures; a row each."""

    dense: Floats
    """With a last column of ones."""
    words: csr_matrix
    allowed: Bools
    acts: tuple[Act, ...]
    """What the rules read."""
    weights: Floats

    def part(self, rows: NDArray[np.int64]) -> "Material":
        """Only those rows."""
        return Material(
            dense=np.ascontiguousarray(self.dense[rows]),
            words=self.words[rows],
            allowed=self.allowed[rows],
            acts=tuple(self.acts[row] for row in rows.tolist()),
            weights=self.weights[rows],
        )


class Weights(Struct, frozen=True, kw_only=True):
    """A column for each kind."""

    dense: Floats
    words: Floats

    def scores(self, material: Material) -> Floats:
        """A row for each sample."""
        total: Floats = material.dense @ self.dense + material.words @ self.words
        return total


def fit(material: Material) -> Weights:
    """The weights under which the allowed kinds are likeliest; deterministic."""
    kinds = material.allowed.shape[1]
    used = np.unique(material.words.indices)  # the others stay 0
    words = material.words[:, used]
    split = material.dense.shape[1]
    rows = split + len(used)
    dense_turned, words_turned = np.ascontiguousarray(material.dense.T), words.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        every = flat.reshape(rows, kinds).astype(np.float32)
        scores = (material.dense @ every[:split] + words @ every[split:]).astype(np.float64)
        total, of_all = _log_sum(scores, np.ones_like(material.allowed))
        right, of_allowed = _log_sum(scores, material.allowed)
        slope = ((of_all - of_allowed) * material.weights[:, np.newaxis]).astype(np.float32)
        gradient = np.vstack([dense_turned @ slope, words_turned @ slope]) + _PENALTY * every
        value = float((material.weights * (total - right)).sum() + _PENALTY / 2 * (flat * flat).sum())
        return value, gradient.ravel().astype(np.float64)

    found = minimize(
        loss, np.zeros(rows * kinds), jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS, "maxcor": 10}
    )
    every = found.x.reshape(rows, kinds).astype(np.float32)
    every -= every.mean(axis=1, keepdims=True)
    spread = np.zeros((material.words.shape[1], kinds), dtype=np.float32)
    spread[used] = every[split:]
    return Weights(dense=every[:split], words=spread)


def _log_sum(scores: NDArray[np.float64], allowed: Bools) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The logarithm of the summed exponentials of the allowed, and the share of each of them."""
    masked = np.where(allowed, scores, -np.inf)
    highest = masked.max(axis=1, keepdims=True)
    raised = np.exp(masked - highest)
    total = raised.sum(axis=1, keepdims=True)
    return (highest + np.log(total))[:, 0], raised / total
