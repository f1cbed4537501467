"""How the Deepgram double hears: loudness tells when somebody speaks, the marks of `voices.Utterance` tell what.

Of an utterance that is heard in part only those words come back, so that lost words show. Loud sounds without marks, as
hold music, are "?".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.signal import resample_poly

from tests.doubles import tone_marks, voices
from tests.doubles.tone_marks import RATE, Mark, Samples

_BLOCK = RATE // 100
_BLOCK_S = _BLOCK / RATE
_LOUD = 300.0
_PAUSE_S = 0.4
_CLICK_S = 0.05
"""Shorter sounds are no speech."""
_INTERIM_EVERY_S = 0.5
_DRIFT_S = 0.3
"""An utterance that is this much too short has lost its middle."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Words, in seconds of the socket's audio."""

    words: Sequence[str]
    start_s: float
    end_s: float
    is_final: bool
    """False with no words: somebody began to speak."""


@dataclass(kw_only=True)
class Ear:
    """The audio of one socket."""

    rate: int
    heard_s: float = 0.0
    started_s: float | None = None
    """When the utterance that goes on began."""
    _rest: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    _blocks: list[Samples] = field(default_factory=list)
    _loud_blocks: int = 0
    _quiet_s: float = 0.0
    _shown_s: float = 0.0

    def take(self, pcm: bytes) -> list[Heard]:
        """What is to be told after this piece."""
        samples = np.frombuffer(pcm, dtype=np.int16)
        if self.rate != RATE:
            samples = np.asarray(resample_poly(samples.astype(np.float64), RATE, self.rate), dtype=np.int16)
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // _BLOCK * _BLOCK
        self._rest = samples[whole:]
        return [heard for block in samples[:whole].reshape(-1, _BLOCK) for heard in self._block(block)]

    def finish(self) -> list[Heard]:
        """Ends the utterance that goes on."""
        if self.started_s is None:
            return []
        start_s, self.started_s = self.started_s, None
        is_click = self._loud_blocks * _BLOCK_S < _CLICK_S
        words = words_in(np.concatenate(self._blocks))
        end_s = self.heard_s - self._quiet_s
        return [] if is_click else [Heard(words=words, start_s=start_s, end_s=end_s, is_final=True)]

    def _block(self, block: Samples) -> list[Heard]:
        is_loud = float(np.sqrt(np.mean(block.astype(np.float64) ** 2))) > _LOUD
        told: list[Heard] = []
        if is_loud and self.started_s is None:
            self.started_s = self._shown_s = self.heard_s
            self._blocks, self._loud_blocks = [], 0
            told.append(Heard(words=(), start_s=self.heard_s, end_s=self.heard_s, is_final=False))
        self.heard_s += _BLOCK_S
        if self.started_s is None:
            return told
        self._blocks.append(block)
        self._loud_blocks += is_loud
        self._quiet_s = 0.0 if is_loud else self._quiet_s + _BLOCK_S
        if self._quiet_s > _PAUSE_S:
            return told + self.finish()
        return told + self._interim(self.started_s)

    def _interim(self, start_s: float) -> list[Heard]:
        if self._quiet_s > 0 or self.heard_s - self._shown_s < _INTERIM_EVERY_S:
            return []
        self._shown_s = self.heard_s
        words = words_in(np.concatenate(self._blocks))
        return [Heard(words=words, start_s=start_s, end_s=self.heard_s, is_final=False)] if words != ["?"] else []


def words_in(samples: Samples) -> list[str]:
    """The words of one stretch of 16 kHz audio, by its marks."""
    opened: dict[int, Mark] = {}
    parts: list[tuple[float, list[str]]] = []
    closed_s = 0.0
    for mark in tone_marks.find(samples):
        if not mark.closing:
            opened[mark.number] = mark
            continue
        opening = opened.pop(mark.number, None)
        parts.append((opening.start_s if opening else closed_s, _closed(opening, mark, closed_s)))
        closed_s = mark.end_s
    length_s = len(samples) / RATE
    parts += [(mark.start_s, _beginning(mark, length_s - mark.start_s)) for mark in opened.values()]
    return [word for _, words in sorted(parts) for word in words] or ["?"]


def _closed(opening: Mark | None, closing: Mark, since_s: float) -> list[str]:
    """Words of an utterance whose end was heard; without its opening, what came since then."""
    utterance = voices.known(closing.number)
    if utterance is None:
        return ["?"]
    heard_s = closing.end_s - (opening.start_s if opening else since_s)
    missing_s = utterance.duration_s - heard_s
    if missing_s < _DRIFT_S:
        return utterance.words()
    if opening is None:
        return utterance.words(from_s=missing_s)
    return [*utterance.words(to_s=heard_s / 2), "?", *utterance.words(from_s=heard_s / 2 + missing_s)]


def _beginning(opening: Mark, heard_s: float) -> list[str]:
    utterance = voices.known(opening.number)
    return ["?"] if utterance is None else utterance.words(to_s=heard_s)
