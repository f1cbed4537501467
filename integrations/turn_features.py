"""What the turn model looks at: the meaning of what was said, its words, and how well the knowledge base matches it."""

import math
import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.speech_acts import Act
from pipeline.turn_kinds import SaidTurn

Floats = NDArray[np.float32]

WORD_BUCKETS = 2**15
LETTER_BUCKETS = 2**14
ASKED_BUCKETS = 2**13
BUCKETS = WORD_BUCKETS + LETTER_BUCKETS + ASKED_BUCKETS

_ACTS = tuple(Act)
PLAIN = len(_ACTS) + 8
"""How many of the dense features are neither vector."""

_VECTOR_SCALE = 4.0
_WORDS_READ = 40
"""The end of a long turn says what it does."""
_ASKED_WORDS_READ = 14
_LETTERS = 4
_SPOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_PART_WEIGHTS = (4.0, 4.0, 2.0)


def dense_features(said: SaidTurn) -> Floats:
    """The vectors of both utterances, then `PLAIN` figures."""
    size = len(said.vector)
    features = np.zeros(2 * size + PLAIN, dtype=np.float32)
    features[:size] = said.vector
    if said.asked_vector is not None:
        features[size : 2 * size] = said.asked_vector
    features[: 2 * size] *= _VECTOR_SCALE
    features[2 * size :] = _plain(said)
    return features


def _plain(said: SaidTurn) -> list[float]:
    length = len(said.text.split())
    known = said.similarity is not None
    nearest = said.similarity or 0.0
    return [
        *(1.0 if said.act is act else 0.0 for act in _ACTS),
        math.log1p(length) / 2,
        1.0 if length <= 2 else 0.0,
        1.0 if "?" in said.text else 0.0,
        0.0 if said.asked else 1.0,
        1.0 if said.asked.rstrip().endswith("?") else 0.0,
        1.0 if known else 0.0,
        4.0 * nearest,
        4.0 * max(nearest - 0.5, 0.0),
    ]


def word_features(text: str, asked: str) -> tuple[NDArray[np.int64], Floats]:
    """Buckets of what is said and their values, by part (words, letters, words of the other) of equal length."""
    said = _words(text)[-_WORDS_READ:]
    parts = (
        _hashed(_runs(said, 3), WORD_BUCKETS, 0),
        _hashed(_letters(said), LETTER_BUCKETS, WORD_BUCKETS),
        _hashed(_runs(_words(asked)[-_ASKED_WORDS_READ:], 2), ASKED_BUCKETS, WORD_BUCKETS + LETTER_BUCKETS),
    )
    values = [
        np.full(len(part), weight / math.sqrt(max(len(part), 1)), dtype=np.float32)
        for part, weight in zip(parts, _PART_WEIGHTS, strict=True)
    ]
    return np.array([bucket for part in parts for bucket in part], dtype=np.int64), np.concatenate(values)


def _words(text: str) -> list[str]:
    return _SPOKEN.findall(text.lower().replace("’", "'"))


def _runs(said: Sequence[str], longest: int) -> set[str]:
    edged = ["^", *said, "$"]
    grams = set(edged)
    for length in range(2, longest + 1):
        grams.update(map(" ".join, zip(*(edged[start:] for start in range(length)), strict=False)))
    return grams


def _letters(said: Sequence[str]) -> set[str]:
    grams: set[str] = set()
    for word in set(said):
        edged = f" {word} "
        grams.update([edged[place : place + _LETTERS] for place in range(max(len(edged) - _LETTERS + 1, 1))])
    return grams


def _hashed(grams: set[str], buckets: int, first: int) -> list[int]:
    return sorted({first + zlib.crc32(gram.encode("utf-8", "replace")) % buckets for gram in grams})
