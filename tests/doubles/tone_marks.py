"""Numbers in the audio: four chords of two tones at both ends of an utterance tell who listens which one it was.

They survive Opus, resampling and other levels, as only the strongest tone of each group counts. The first chord says
whether an utterance opens or closes here, two carry the number, the last one checks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

RATE = 16_000
"""Samples a second of what `find` is given."""
NUMBERS = 4096
CHORD_S = 0.06
MARK_S = 4 * CHORD_S

_LOW = tuple(620 + 110 * step for step in range(8))
_HIGH = tuple(1700 + 200 * step for step in range(8))
_OPENS, _CLOSES = 7, 56
_LEVEL = 2600.0
_WINDOW, _HOP = 640, 160
_CHORD_HOPS = round(CHORD_S * RATE) // _HOP
_SHARE = 0.6
"""Of a window's power, which its two tones have at least."""
_WEAKER = 0.12
"""The weaker tone alone."""
_QUIET = 40.0
_SHAPE = np.hanning(_WINDOW)
_WAVES = np.exp(-2j * np.pi * np.outer(np.arange(_WINDOW), (*_LOW, *_HIGH)) / RATE)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A number that was heard."""

    number: int
    closing: bool
    start_s: float
    end_s: float


def chords(number: int, *, closing: bool) -> tuple[int, int, int, int]:
    """A mark as four values of six bits."""
    kind = _CLOSES if closing else _OPENS
    upper, lower = divmod(number, 64)
    return kind, upper, lower, (5 * upper + 3 * lower + kind + 11) % 64


def sound(number: int, *, closing: bool, rate: int) -> Samples:
    """The mark, `MARK_S` long."""
    length = round(CHORD_S * rate)
    times = np.arange(length) / rate
    fade = np.minimum(1.0, np.minimum(times, times[::-1]) / 0.005)
    parts = [
        fade * sum(np.sin(2 * np.pi * tone * times) for tone in (_LOW[value // 8], _HIGH[value % 8]))
        for value in chords(number, closing=closing)
    ]
    return np.asarray(_LEVEL * np.concatenate(parts), dtype=np.int16)


def find(samples: Samples) -> list[Mark]:
    """All marks in 16 kHz audio, in order."""
    if len(samples) < _WINDOW:
        return []
    values, shares = _tones(samples)
    hits: list[tuple[float, int, Mark]] = []
    for place in range(len(values) - 3 * _CHORD_HOPS):
        slots = slice(place, place + 3 * _CHORD_HOPS + 1, _CHORD_HOPS)
        mark = _mark(place, values[slots].tolist())
        if mark is not None:
            hits.append((float(shares[slots].sum()), place, mark))
    return _best(hits)


def _tones(samples: Samples) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Of each window the chord, -1 for none, and how clear it is."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP] * _SHAPE
    total = (windows**2).sum(axis=1) / (_SHAPE**2).sum() + 1e-9
    powers = 2 * np.abs(windows @ _WAVES) ** 2 / _SHAPE.sum() ** 2 / total[:, None]
    low, high = powers[:, :8], powers[:, 8:]
    strongest = np.stack([low.max(axis=1), high.max(axis=1)])
    shares = strongest.sum(axis=0)
    is_chord = (shares > _SHARE) & (strongest.min(axis=0) > _WEAKER) & (total > _QUIET**2)
    return np.where(is_chord, 8 * low.argmax(axis=1) + high.argmax(axis=1), -1), shares


def _mark(place: int, values: Sequence[int]) -> Mark | None:
    kind, upper, lower, _ = values
    if min(values) < 0 or kind not in (_OPENS, _CLOSES):
        return None
    number, closing = 64 * upper + lower, kind == _CLOSES
    if tuple(values) != chords(number, closing=closing):
        return None
    start_s = place * _HOP / RATE - (CHORD_S - _WINDOW / RATE) / 2
    return Mark(number=number, closing=closing, start_s=start_s, end_s=start_s + MARK_S)


def _best(hits: Sequence[tuple[float, int, Mark]]) -> list[Mark]:
    """Neighbouring windows find the same mark: the clearest one stays."""
    groups: list[list[tuple[float, int, Mark]]] = []
    for hit in hits:
        if groups and hit[1] - groups[-1][-1][1] < _CHORD_HOPS:
            groups[-1].append(hit)
        else:
            groups.append([hit])
    return [max(group, key=lambda hit: hit[0])[2] for group in groups]
