"""Fitting of what ranks passages: the projection of questions, and what each sign of a passage counts."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.optimize import minimize

from assist.evaluation.dataset import DataSetError
from assist.training.questions import Asked
from integrations.query_projection import Floats
from pipeline.fusion import Weights

_PENALTY = 0.1
"""Of the squares of the projection's entries beside the identity; what keeps it useful elsewhere."""
_HOLD = 0.01
"""Of the squared distances of the other parameters from where they start: a set in which every order can be made right
would drive them without end, and leave the projection nothing to learn. Hundreds of questions outweigh it."""
_MOST_STEPS = 80
_START = np.array([6.0, 6.0, 4.0, 9.0, 7.0])
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)

Doubles = NDArray[np.float64]


class Part(StrEnum):
    """What can be left out of the fit, to see what it is worth. Nearness cannot."""

    PROJECTION = "projection"
    TALK = "talk"
    WORDS = "words"
    SUBJECT = "subject"
    SHELF = "shelf"


_OTHERS = (None, Part.TALK, Part.WORDS, Part.SUBJECT, Part.SHELF)
"""The parameters beside the projection, in their order; the first is nearness."""


class Ranking(Struct, frozen=True, kw_only=True, eq=False):
    """What was fitted."""

    matrix: Floats
    """The projection, scaled so that the weight of nearness is that of the identity."""
    named: Weights
    """For talk whose subjects are known."""
    plain: Weights
    """For other talk, or a knowledge base without subjects."""


def fit_ranking(questions: Sequence[Asked], *, penalty: float = _PENALTY, without: Part | None = None) -> Ranking:
    """The likeliest order of the right passages before the others; deterministic.

    The projection is learned on talk with known subjects; how much of it serves other talk is fitted like a weight.

    Raises:
        DataSetError: no question is about a known subject.
    """
    named = [asked for asked in questions if asked.is_named]
    if not named:
        raise DataSetError(
            "No question of these sets is about a subject that articles name; ranking is learned on such."
            " Give a set whose articles have subjects (a field such as product or place)."
        )
    turn, weights = _fit_named(Material(named), penalty, without)
    plain = [asked for asked in questions if not asked.is_named]
    return Ranking(
        matrix=np.eye(len(turn), dtype=np.float32) + turn,
        named=weights,
        plain=_fit_plain(plain, turn, without),
    )


def _fit_named(material: "Material", penalty: float, without: Part | None) -> tuple[Floats, Weights]:
    """What the projection adds to the identity, and the weights."""
    size, kept = material.size, _kept(without)
    if without is Part.PROJECTION:
        return np.zeros((size, size), dtype=np.float32), _weights(_fit_others(material, kept)[1], 0.0)
    scaled = penalty * float(np.mean(material.weights))

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        matrix = flat[: -len(kept)].reshape(size, size).astype(np.float32)
        value, turned, others = material.slopes(matrix, flat[-len(kept) :])
        held, pull = _held(flat[-len(kept) :], kept)
        value += scaled / 2 * float((matrix * matrix).sum()) + held
        return value, np.concatenate([(turned + scaled * matrix).ravel().astype(np.float64), kept * others + pull])

    start = np.concatenate([np.zeros(size * size), kept * _START])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS, "maxcor": 10}).x
    others = found[-len(kept) :]
    turn: Floats = found[: -len(kept)].reshape(size, size).astype(np.float32) / float(others[0])
    return turn, _weights(others, 1.0)


def _fit_plain(questions: Sequence[Asked], turn: Floats, without: Part | None) -> Weights:
    """Weights where no subject helps, with the best share of the projection; a guess where there are no questions."""
    kept = _kept(without) * _kept(Part.SUBJECT)
    shares = _SHARES[:1] if without is Part.PROJECTION else _SHARES
    if not questions:
        return _weights(kept * _START, shares[len(shares) // 2])
    material = Material(questions)
    vectors = material.vectors
    fits: list[tuple[float, Doubles, float]] = []
    for share in shares:
        material.vectors = vectors + share * (vectors @ turn)
        fits.append((*_fit_others(material, kept), share))
    _, others, share = min(fits, key=lambda fit: fit[0])
    return _weights(others, share)


def _fit_others(material: "Material", kept: Doubles) -> tuple[float, Doubles]:
    """The loss, and the parameters beside the projection."""

    def loss(others: Doubles) -> tuple[float, Doubles]:
        value, _, slopes = material.slopes(None, others)
        held, pull = _held(others, kept)
        return value + held, kept * slopes + pull

    found = minimize(loss, kept * _START, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS})
    return float(found.fun), found.x


def _held(others: Doubles, kept: Doubles) -> tuple[float, Doubles]:
    """What their distance from the start costs, and its slope."""
    away = others - kept * _START
    return _HOLD / 2 * float((away * away).sum()), _HOLD * away


def _kept(without: Part | None) -> Doubles:
    """1 for every parameter beside the projection, 0 for the one that is left out."""
    return np.array([float(part is None or part is not without) for part in _OTHERS])


def _weights(others: Doubles, share: float) -> Weights:
    nearness, talk, words, subject, shelf = (float(value) for value in others)
    return Weights(nearness=nearness, projection=share, talk=talk / nearness, words=words, subject=subject, shelf=shelf)


class Material:
    """Questions as arrays padded to the longest list."""

    def __init__(self, questions: Sequence[Asked]) -> None:
        most = max(len(asked.right) for asked in questions)
        self.size = questions[0].vector.shape[0]
        self.vectors = np.array([asked.vector for asked in questions])
        self.talk = np.array([asked.talk for asked in questions])
        self.weights = np.array([asked.weight for asked in questions], dtype=np.float32)
        shape = (len(questions), most)
        self.passages = np.zeros((*shape, self.size), dtype=np.float32)
        self.signs = np.zeros((*shape, 3), dtype=np.float32)
        self.right = np.zeros(shape, dtype=np.float32)
        self.there = np.zeros(shape, dtype=np.bool_)
        for row, asked in enumerate(questions):
            count = len(asked.right)
            self.passages[row, :count] = asked.passages
            self.signs[row, :count] = asked.signs
            self.right[row, :count] = asked.right / asked.right.sum()
            self.there[row, :count] = True
        self.talk_nearness = np.einsum("nd,npd->np", self.talk, self.passages)

    def slopes(self, matrix: Floats | None, others: Doubles) -> tuple[float, Floats, Doubles]:
        """The loss, its slope by the matrix, and by the other parameters."""
        nearness, talk = float(others[0]), float(others[1])
        meant = nearness * self.vectors
        if matrix is not None:
            meant = meant + self.vectors @ matrix
        scores = np.einsum("nd,npd->np", meant.astype(np.float32), self.passages)
        scores = scores + talk * self.talk_nearness + self.signs @ others[2:].astype(np.float32)
        scores = np.where(self.there, scores, -np.inf)
        highest = scores.max(axis=1, keepdims=True)
        raised = np.exp(scores - highest)
        total = raised.sum(axis=1, keepdims=True)
        logs = np.where(self.there, scores - highest - np.log(total), 0.0)
        value = -float((self.weights * (self.right * logs).sum(axis=1)).sum())
        gap = self.weights[:, np.newaxis] * (raised / total - self.right)
        pulled = np.einsum("np,npd->nd", gap.astype(np.float32), self.passages)
        turned: Floats = self.vectors.T @ pulled
        slopes = [float((self.vectors * pulled).sum()), float((gap * self.talk_nearness).sum())]
        slopes += [float((gap * self.signs[:, :, column]).sum()) for column in range(3)]
        return value, turned, np.array(slopes)


def order_of(asked: Asked, ranking: Ranking) -> NDArray[np.int64]:
    """Positions of the passages, best first."""
    weights = ranking.named if asked.is_named else ranking.plain
    turned = asked.vector @ ranking.matrix
    meant = asked.vector + weights.projection * (turned - asked.vector) + weights.talk * asked.talk
    counted = np.array([weights.words, weights.subject, weights.shelf], dtype=np.float32)
    scores = weights.nearness * (asked.passages @ meant) + asked.signs @ counted
    order: NDArray[np.int64] = np.argsort(-scores, kind="stable")
    return order


def rows_of(asked: Asked, ranking: Ranking) -> tuple[str, ...]:
    """Rows of the knowledge base by their best passage, best first, each once."""
    return tuple(dict.fromkeys(asked.rows[place] for place in order_of(asked, ranking).tolist()))
