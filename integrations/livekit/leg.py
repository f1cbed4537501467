"""One person's audio to utterances. A leg outlives tracks, reconnects and the connections of its recogniser."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Literal, Protocol

import numpy as np
import structlog
from livekit import rtc
from livekit.agents import APIConnectOptions, APIStatusError, stt
from msgspec import Struct, structs

from integrations.livekit.clock import Clock
from integrations.livekit.crosstalk import Loudness
from integrations.livekit.roles import Person
from integrations.livekit.speech_gate import SAMPLE_RATE, SpeechGate
from integrations.livekit.spoken import Gap, Utterance, Word
from integrations.livekit.tape import Piece, Tape

State = Literal["ok", "degraded", "unavailable"]
Recogniser = stt.STT[Any]

_FINAL, _INTERIM = stt.SpeechEventType.FINAL_TRANSCRIPT, stt.SpeechEventType.INTERIM_TRANSCRIPT
SILENT, UNREACHABLE = "stt_silent", "stt_unreachable"
"""What ails a degraded leg: speech without an answer, which singing may be too; or no connection."""
_USAGE = stt.SpeechEventType.RECOGNITION_USAGE
"""The plugin's own count of what it sent: no sign of life."""
_REFUSED = frozenset({401, 403})
_CONNECT_S = 5.0
_SAME_START_S = 0.75
_AFTER_FINAL_S = 0.2
"""Audio after a final's last word that belongs to it: recognised again, it would become words of its own."""
_HANGING_S = 3.0
"""Speech that fell off the tape without an answer, after which a connection is given up."""
_PAUSE_S = 0.5
_SILENCE_S = 1.5

log = structlog.get_logger(__name__)


class Patience(Struct, frozen=True, kw_only=True):
    """How long a leg waits, in seconds."""

    first_retry_s: float = 0.25
    longest_retry_s: float = 10.0
    refused_retry_s: float = 60.0
    """After a refusal (401, 403): somebody must put another key in place."""
    trusted_after_s: float = 6.0
    """A connection that has lasted so long works, if nobody speaks."""
    last_words_s: float = 3.0
    """For the last final when the leg closes."""


class Counts(Struct, kw_only=True):
    """What a leg did not pass on, and why."""

    utterances: int = 0
    repeats: int = 0
    """The recogniser said the same twice."""
    not_speech: int = 0
    """Words where nobody spoke: music, noise."""
    cuts: int = 0
    """Connections that broke or could not be made."""


class Listener(Protocol):
    """Who wants to know what a leg hears."""

    async def said(self, utterance: Utterance) -> None:
        """Final words, in order."""

    def saying(self, utterance: Utterance) -> None:
        """Words so far."""

    def missed(self, gap: Gap) -> None:
        """Speech that will never be recognised."""


MakeRecogniser = Callable[[Person], Awaitable[Recogniser]]


class Ears(Struct, frozen=True, kw_only=True):
    """What a leg hears with."""

    make_recogniser: MakeRecogniser
    """Called again before each connection until it has answered once."""
    gate: SpeechGate
    loudness: Loudness
    patience: Patience = Patience()


class Leg:
    """One person's. `attach` it to a track, again after every return; `aclose` it at the end."""

    def __init__(self, person: Person, ears: Ears, listener: Listener) -> None:
        self.person = person
        self.state: State = "ok"
        self.detail: str | None = None
        self.counts = Counts()
        self._ears = ears
        self._listener = listener
        self._tape = Tape()
        self._arrivals = Clock()
        """One time for the gate, the loudness and the words, whenever their frames came."""
        self._news = asyncio.Event()
        self._recogniser: Recogniser | None = None
        self._recent: deque[Utterance] = deque(maxlen=32)
        self._in_hand: Utterance | None = None
        self._reader: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._supervise(), name=f"leg-{person.identity}")

    @property
    def dropped_frames(self) -> int:
        """Frames with speech that fell off the tape."""
        return self._tape.dropped

    @property
    def unsettled_since(self) -> float | None:
        """Wall second of the first speech that has not been handed over yet; None: all that was said has been."""
        waiting = (self._in_hand.start if self._in_hand else None, self._tape.speech_since)
        return min((since for since in waiting if since is not None), default=None)

    def attach(self, frames: AsyncIterable[rtc.AudioFrame]) -> None:
        """The person's audio comes from here now, 16 kHz and one channel, as it is spoken."""
        self.detach()
        self._reader = asyncio.create_task(self._read(frames), name=f"audio-{self.person.identity}")

    def detach(self) -> None:
        """No audio comes until the next track."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def hear(self, frame: rtc.AudioFrame, wall: float) -> None:
        """The next audio; it began at `wall`, or a little before: frames are often handed over late."""
        begun = self._arrivals.position
        self._arrivals.push(frame.duration, wall)
        wall = self._arrivals.wall(begun)
        samples = np.frombuffer(frame.data, dtype=np.int16)
        self._ears.loudness.hear(samples, wall)
        self._tape.add(Piece(frame, wall, self._ears.gate.hear(samples, wall)))
        self._news.set()

    async def aclose(self) -> None:
        """Waits a moment for the words that were just said, then lets go."""
        self.detach()
        self._closing.set()
        self._news.set()
        if self.unsettled_since is not None:
            await asyncio.wait((self._task,), timeout=self._ears.patience.last_words_s)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self.state != "ok":
            self._tape.give_up()
        self._tell_what_was_missed()
        if self._recogniser is not None:
            await self._recogniser.aclose()

    async def _read(self, frames: AsyncIterable[rtc.AudioFrame]) -> None:
        try:
            async for frame in frames:
                self.hear(frame, time.time() - frame.duration)
        except Exception:
            log.exception("track_failed", identity=self.person.identity)

    async def _supervise(self) -> None:
        patience = self._ears.patience
        wait = patience.first_retry_s
        while True:
            began = time.monotonic()
            try:
                await self._transcribe()
            except Exception as error:  # noqa: BLE001 - whatever a vendor's plugin raises, the leg goes on
                self._note_trouble(error)
            if self._closing.is_set():
                return
            if time.monotonic() - began > patience.trusted_after_s:
                wait = patience.first_retry_s
            await self._pause(patience.refused_retry_s if self.state == "unavailable" else wait)
            wait = min(wait * 2, patience.longest_retry_s)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    def _note_trouble(self, error: Exception) -> None:
        self.counts.cuts += 1
        code = error.status_code if isinstance(error, APIStatusError) else None
        if code in _REFUSED:
            self.state, self.detail = "unavailable", "stt_unauthorized"
        else:
            self.state, self.detail = "degraded", SILENT if isinstance(error, TimeoutError) else UNREACHABLE
        kind = type(error).__name__
        log.warning("stt_cut", identity=self.person.identity, error=kind, status=code, detail=self.detail)

    def _trust(self) -> None:
        """The connection has held, and nothing that was said waits for an answer."""
        if self._tape.speech_since is None:
            self._works()

    def _works(self) -> None:
        self.state, self.detail = "ok", None
        self._tell_what_was_missed()

    def _tell_what_was_missed(self) -> None:
        lost = self._tape.take_lost()
        if lost is not None:
            identity, speaker = self.person.identity, self.person.speaker
            gap = Gap(identity=identity, speaker=speaker, start=lost.start, end=lost.end, reason="stt_down")
            self._listener.missed(gap)

    async def _transcribe(self) -> None:
        """One connection, until it breaks or the leg closes."""
        if self._recogniser is None:
            self._recogniser = await self._ears.make_recogniser(self.person)
        stream = self._recogniser.stream(conn_options=APIConnectOptions(max_retry=0, timeout=_CONNECT_S))
        clock = Clock()
        trusted = asyncio.get_running_loop().call_later(self._ears.patience.trusted_after_s, self._trust)
        answering = asyncio.timeout(None)
        feeding = asyncio.create_task(self._feed(stream, clock, answering))
        try:
            async with answering:
                await self._follow(stream, clock)
        finally:
            trusted.cancel()
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await stream.aclose()

    async def _follow(self, stream: stt.RecognizeStream, clock: Clock) -> None:
        async for event in stream:
            if event.type != _USAGE:
                self._works()
            await self._take(event, clock)
            if self._closing.is_set() and self._tape.speech_since is None:
                return
        if not self._closing.is_set():
            raise ConnectionError("The recogniser ended by itself.")

    async def _feed(self, stream: stt.RecognizeStream, clock: Clock, answering: asyncio.Timeout) -> None:
        """All that is on the tape, then what comes. A stream that breaks raises here too; its reader tells why."""
        self._tape.rewind()
        pausing = False
        while True:
            closing = self._closing.is_set()
            for piece in self._tape.read():
                clock.push(piece.frame.duration, piece.wall)
                stream.push_frame(piece.frame)
            if closing or pausing:
                self._end_utterance(stream, clock)
            if closing:
                stream.end_input()
                return
            if self._tape.unsure_s > _HANGING_S:
                answering.reschedule(0.0)
                return
            pausing = not await self._news_within(None if pausing else _PAUSE_S)

    def _end_utterance(self, stream: stt.RecognizeStream, clock: Clock) -> None:
        """Audio stopped in the middle of speech: recognisers end an utterance when they hear silence."""
        if self._tape.speech_since is not None:
            silence = _silence(_SILENCE_S)
            clock.push(silence.duration, clock.wall(clock.position))
            stream.push_frame(silence)

    async def _news_within(self, seconds: float | None) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    async def _take(self, event: stt.SpeechEvent, clock: Clock) -> None:
        if event.type not in (_FINAL, _INTERIM) or not event.alternatives:
            return
        utterance, is_final = self._utterance(event.alternatives[0], clock), event.type == _FINAL
        if is_final:
            self._tape.settle(utterance.end + _AFTER_FINAL_S)
        if not utterance.text:
            return
        if not self._ears.gate.lets_pass(utterance.start, utterance.end):
            self.counts.not_speech += is_final
        elif not is_final:
            self._listener.saying(structs.replace(utterance, is_final=False))
        elif self._was_said(utterance):
            self.counts.repeats += 1
        else:
            await self._hand_over(utterance)

    async def _hand_over(self, utterance: Utterance) -> None:
        self._recent.append(utterance)
        self.counts.utterances += 1
        self._in_hand = utterance
        await self._listener.said(utterance)
        self._in_hand = None

    def _utterance(self, said: stt.SpeechData, clock: Clock) -> Utterance:
        start = clock.wall(said.start_time)
        words = [
            Word(text=str(word), start=clock.wall(word.start_time), end=clock.wall(word.end_time))
            for word in said.words or ()
            if isinstance(word.start_time, float | int) and isinstance(word.end_time, float | int)
        ]
        return Utterance(
            identity=self.person.identity,
            speaker=self.person.speaker,
            text=said.text.strip(),
            start=start,
            end=max(start, clock.wall(said.end_time)),
            confidence=min(1.0, said.confidence) if said.confidence > 0 else None,
            language=str(said.language) or None,
            words=tuple(words),
        )

    def _was_said(self, utterance: Utterance) -> bool:
        return any(
            earlier.bare_words == utterance.bare_words and abs(earlier.start - utterance.start) < _SAME_START_S
            for earlier in self._recent
        )


def _silence(seconds: float) -> rtc.AudioFrame:
    samples = int(seconds * SAMPLE_RATE)
    return rtc.AudioFrame(bytes(2 * samples), SAMPLE_RATE, 1, samples)
