"""Crosstalk: words of the other side that come back out of a loudspeaker are not this side's words too."""

import asyncio
import math
from collections import deque
from collections.abc import Iterator
from difflib import SequenceMatcher

import numpy as np

from integrations.livekit.speech_gate import Samples
from integrations.livekit.spoken import Utterance

LOUDER_DB = 10.0
WAIT_S = 2.0
SAME_WORDS = 0.7
"""Share of the quiet side's words that the loud side said, in the same order."""
_APART_S = 1.0
"""A loudspeaker, a network and two recognisers shift the same words by no more."""
_KEPT_S = 60.0
_QUIETEST = 1.0
"""Energy of a digital silence, so that its logarithm exists."""


class Loudness:
    """Energy of one leg's frames over the last minute."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, float]] = deque()

    def hear(self, samples: Samples, wall: float) -> None:
        """A frame that began at `wall`."""
        if len(samples):
            self.note(wall, float(np.mean(np.square(samples, dtype=np.float64))))

    def note(self, wall: float, energy: float) -> None:
        """A frame's mean square."""
        self._frames.append((wall, energy))
        while self._frames[0][0] < wall - _KEPT_S:
            self._frames.popleft()

    def decibels(self, start: float, end: float) -> float | None:
        """Mean level in that time, for comparing; None: nothing was heard then."""
        energies = [energy for wall, energy in self._frames if start <= wall < end]
        if not energies:
            return None
        return 10.0 * math.log10(max(_QUIETEST, sum(energies) / len(energies)))


class Crosstalk:
    """One room's."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._legs: dict[str, Loudness] = {}
        self._finals: deque[Utterance] = deque()
        self._told = asyncio.Condition()

    def leg(self, identity: str) -> Loudness:
        """Where the leg notes how loud it is."""
        return self._legs.setdefault(identity, Loudness())

    async def is_echo(self, utterance: Utterance) -> bool:
        """Whether a much louder leg said these words then. While its own words may still come, this waits for them."""
        async with self._told:
            self._finals.append(utterance)
            while self._finals[0].end < utterance.end - _KEPT_S:
                self._finals.popleft()
            self._told.notify_all()
            louder = frozenset(self._louder(utterance))
            if not louder:
                return False
            try:
                async with asyncio.timeout(self._wait_s):
                    return await self._told.wait_for(lambda: self._was_said_by(louder, utterance))
            except TimeoutError:
                return False

    def _louder(self, utterance: Utterance) -> Iterator[str]:
        own = self.leg(utterance.identity).decibels(utterance.start, utterance.end)
        for identity, leg in self._legs.items():
            level = leg.decibels(utterance.start, utterance.end)
            if identity != utterance.identity and own is not None and level is not None and level - own >= LOUDER_DB:
                yield identity

    def _was_said_by(self, louder: frozenset[str], utterance: Utterance) -> bool:
        for identity in louder:
            said = [
                other.bare_words
                for other in self._finals
                if other.identity == identity
                and other.start < utterance.end + _APART_S
                and other.end > utterance.start - _APART_S
            ]
            if same_words(utterance.bare_words, " ".join(said)):
                return True
        return False


def same_words(echo: str, said: str) -> bool:
    """Whether (nearly) all words of the one are in the other, in this order."""
    words = echo.split()
    blocks = SequenceMatcher(None, words, said.split(), autojunk=False).get_matching_blocks()
    return bool(words) and sum(block.size for block in blocks) / len(words) >= SAME_WORDS
