"""A recogniser in this process, which obeys livekit's interface: the level of the audio tells the word.

Each word is `WORD_S` of one level. An utterance ends after `END_S` of silence. Connections break as they are told.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APIStatusError, stt
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr, TimedString
from livekit.agents.utils import AudioBuffer

from integrations.livekit.speech_gate import SAMPLE_RATE, Samples

WORD_S = 0.3
END_S = 0.4
FRAME_S = 0.05
_STEP = 200
_FIRST = 1000
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def spoken(text: str) -> Samples:
    """The audio of some of `WORDS`."""
    levels = [_FIRST + _STEP * WORDS.index(word) for word in text.split()]
    return np.repeat(np.array(levels, dtype=np.int16), round(WORD_S * SAMPLE_RATE))


def silent(seconds: float) -> Samples:
    """No word."""
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


def detect(samples: Samples) -> float:
    """A voice detector for this audio."""
    return float(np.abs(samples).max() >= _FIRST - 1)


def frames(samples: Samples) -> Iterator[rtc.AudioFrame]:
    """As a track gives them."""
    size = round(FRAME_S * SAMPLE_RATE)
    for start in range(0, len(samples), size):
        part = samples[start : start + size]
        yield rtc.AudioFrame(part.tobytes(), SAMPLE_RATE, 1, len(part))


@dataclass(kw_only=True)
class Fault:
    """What happens to one connection."""

    status: int | None = None
    """It is refused by an HTTP status."""
    cut_after_s: float | None = None
    """It breaks after so many seconds of audio."""
    ends_after_s: float | None = None
    """It ends without an error."""
    error: Exception | None = None
    """Raised at once, whatever it is."""
    hangs: bool = False
    """It takes everything and answers nothing."""


@dataclass(kw_only=True)
class Script:
    """How the recogniser behaves, and what happened to it."""

    faults: list[Fault | None] = field(default_factory=list)
    """Of one connection after the other; none when they are used up."""
    always: Fault | None = None
    """Of every connection, instead."""
    repeats: int = 1
    """How often a final is sent."""
    inventing: str | None = None
    """What is understood in each second of silence."""
    connections: int = 0

    def next_fault(self) -> Fault:
        """For the next connection."""
        self.connections += 1
        if self.always is not None:
            return self.always
        return (self.faults.pop(0) if self.faults else None) or Fault()


class ScriptedRecogniser(stt.STT[str]):
    """Each stream is one connection."""

    def __init__(self, script: Script) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.script = script

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        raise NotImplementedError

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        """One connection."""
        return _Stream(self, conn_options, self.script)


class _Stream(stt.RecognizeStream):
    def __init__(self, recogniser: ScriptedRecogniser, options: APIConnectOptions, script: Script) -> None:
        super().__init__(stt=recogniser, conn_options=options, sample_rate=SAMPLE_RATE)
        self._script = script
        self._heard = 0.0
        self._words: list[tuple[str, float, float]] = []
        self._quiet = 0.0

    async def _run(self) -> None:
        fault = self._script.next_fault()
        if fault.error is not None:
            raise fault.error
        if fault.status is not None:
            raise APIStatusError("refused", status_code=fault.status)
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame) and not fault.hangs:
                self._hear(np.frombuffer(frame.data, dtype=np.int16))
            if fault.cut_after_s is not None and self._heard >= fault.cut_after_s:
                raise APIConnectionError
            if fault.ends_after_s is not None and self._heard >= fault.ends_after_s:
                return
            await asyncio.sleep(0)
        self._finish()

    def _hear(self, samples: Samples) -> None:
        for part in np.array_split(samples, max(1, len(samples) // 160)):
            start, self._heard = self._heard, self._heard + len(part) / SAMPLE_RATE
            level = int(np.abs(part).max())
            if level < _FIRST - 1:
                self._be_quiet(self._heard - start)
                continue
            self._quiet = 0.0
            self._add(WORDS[round((level - _FIRST) / _STEP)], start)

    def _be_quiet(self, seconds: float) -> None:
        before, self._quiet = self._quiet, self._quiet + seconds
        if before < END_S <= self._quiet:
            self._finish()
        if self._script.inventing and int(before) != int(self._quiet):
            self._send(stt.SpeechEventType.FINAL_TRANSCRIPT, [(self._script.inventing, self._heard - 0.5, self._heard)])

    def _add(self, word: str, start: float) -> None:
        if self._words and self._words[-1][0] == word:
            self._words[-1] = (word, self._words[-1][1], self._heard)
            return
        self._words.append((word, start, self._heard))
        self._send(stt.SpeechEventType.INTERIM_TRANSCRIPT, self._words)

    def _finish(self) -> None:
        words, self._words = self._words, []
        for _ in range(self._script.repeats if words else 0):
            self._send(stt.SpeechEventType.FINAL_TRANSCRIPT, words)

    def _send(self, kind: stt.SpeechEventType, words: Sequence[tuple[str, float, float]]) -> None:
        said = stt.SpeechData(
            language="en",  # type: ignore[arg-type]  # it makes its own type of it
            text=" ".join(word for word, _, _ in words).capitalize() + ".",
            start_time=words[0][1],
            end_time=words[-1][2],
            confidence=0.9,
            words=[TimedString(word, start_time=start, end_time=end) for word, start, end in words],
        )
        self._event_ch.send_nowait(stt.SpeechEvent(type=kind, alternatives=[said]))
