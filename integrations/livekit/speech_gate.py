"""Where on a leg somebody spoke: words that a recogniser found in music, noise or silence do not pass."""

from collections import deque
from collections.abc import Callable

import numpy as np
from livekit import local_inference
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""16 kHz, one channel."""
Detect = Callable[[Samples], float]
"""Probability of speech in one window of `WINDOW_SAMPLES`, given the windows before."""

SAMPLE_RATE = 16_000
WINDOW_SAMPLES: int = local_inference.VAD_WINDOW_SAMPLES
SPEECH_PROBABILITY = 0.5
LEAST_SPEECH = 0.2
"""Share of an utterance's time in which there must be speech."""
_WINDOW_S = WINDOW_SAMPLES / SAMPLE_RATE
_KEPT_S = 90.0


def voice_detector() -> Detect:
    """A new one of LiveKit's bundled detector (Silero); each leg needs its own. A window takes about 0.2 ms."""
    return local_inference.VAD().predict


class SpeechGate:
    """One leg's, over the last minute and a half."""

    def __init__(self, detect: Detect) -> None:
        self._detect = detect
        self._rest: Samples = np.empty(0, dtype=np.int16)
        self._windows: deque[tuple[float, bool]] = deque()
        """Beginning, and whether there was speech."""

    def hear(self, samples: Samples, wall: float) -> bool:
        """The leg's next audio, which began at `wall`. True: somebody speaks in it."""
        start = wall - len(self._rest) / SAMPLE_RATE
        heard = np.concatenate((self._rest, samples))
        whole = len(heard) - len(heard) % WINDOW_SAMPLES
        is_speech = False
        for number, window in enumerate(heard[:whole].reshape(-1, WINDOW_SAMPLES)):
            is_spoken = self._detect(window) >= SPEECH_PROBABILITY
            is_speech = is_speech or is_spoken
            self.note(start + number * _WINDOW_S, is_speech=is_spoken)
        self._rest = heard[whole:]
        return is_speech

    def note(self, start: float, *, is_speech: bool) -> None:
        """What was found in the window that began then."""
        self._windows.append((start, is_speech))
        while self._windows[0][0] < start - _KEPT_S:
            self._windows.popleft()

    def speech_share(self, start: float, end: float) -> float | None:
        """[0, 1]; None: nothing is known about that time."""
        found = [is_speech for begun, is_speech in self._windows if start - _WINDOW_S < begun < end]
        return sum(found) / len(found) if found else None

    def lets_pass(self, start: float, end: float) -> bool:
        """Whether words of that time can be somebody's."""
        share = self.speech_share(start, end)
        return share is None or share >= LEAST_SPEECH
