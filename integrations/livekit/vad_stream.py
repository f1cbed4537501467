"""Speech cut into utterances by the bundled voice detector, with times on the stream: what the local recognisers share.

LiveKit's own StreamAdapter gives times since the start of each utterance and loses one that the end of input cuts off.
"""

import asyncio
from collections import deque
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import APIConnectOptions, inference, stt, utils, vad
from msgspec import Struct

RATE = 16_000
"""Samples a second that the interpreters hear."""
PAUSE_S = 0.4
"""Silence that ends an utterance."""
_SHORTEST_S = 0.15
_LONGEST_S = 30.0
_LEAD_S = 0.3
_INTERIM_EVERY_S = 0.3
_VOICED = 0.5


class Stretch(Struct, frozen=True, kw_only=True):
    """One stretch of speech; times are seconds of the audio pushed into the stream."""

    start_s: float
    end_s: float
    audio: rtc.AudioFrame
    """With a little of what was before and after it."""
    audio_start_s: float


class Interpreter(Protocol):
    """Makes words of what one stream hears."""

    def so_far(self, start_s: float, now_s: float) -> stt.SpeechData | None:
        """Of an utterance that goes on; called some three times a second. None: nothing to show yet."""
        ...

    async def whole(self, stretch: Stretch) -> stt.SpeechData | None:
        """Of a complete utterance. None: there are no words in it."""
        ...


def make_detector() -> vad.VAD:
    """Tells speech from music, noise and silence; needs no download."""
    return inference.VAD(model="silero", min_speech_duration=_SHORTEST_S, min_silence_duration=PAUSE_S)


class SpeechStream(stt.RecognizeStream):
    """Interims while somebody speaks, one final after each pause; what is cut off by the end of input is heard too.

    Without words from the interpreter nothing is sent.
    """

    def __init__(
        self, *, recogniser: stt.STT[Any], interpreter: Interpreter, detector: vad.VAD, conn_options: APIConnectOptions
    ) -> None:
        super().__init__(stt=recogniser, conn_options=conn_options, sample_rate=RATE)
        self._interpreter = interpreter
        self._detector = detector
        self._windows: deque[rtc.AudioFrame] = deque()
        self._now_s = 0.0
        self._voiced_s = 0.0
        self._shown_s = 0.0
        self._began_s: float | None = None
        self._is_announced = False

    async def _run(self) -> None:
        detections = self._detector.stream()
        feeding = asyncio.create_task(self._feed(detections), name="vad-feed")
        try:
            async for event in detections:
                await self._take(event)
            await feeding
            await self._finish()
        finally:
            await utils.aio.cancel_and_wait(feeding)
            await detections.aclose()

    async def _feed(self, detections: vad.VADStream) -> None:
        """Flushes stay here: they would make the detector forget what it has heard and what time it is."""
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                detections.push_frame(item)
        detections.end_input()

    async def _take(self, event: vad.VADEvent) -> None:
        if event.type is vad.VADEventType.INFERENCE_DONE:
            self._hear(event)
            if self._began_s is not None and self._now_s - self._began_s > _LONGEST_S:
                await self._finish()
                self._began_s = self._now_s
        elif event.type is vad.VADEventType.START_OF_SPEECH:
            self._began_s = self._shown_s = event.timestamp - event.speech_duration
        else:
            await self._finish()

    def _hear(self, event: vad.VADEvent) -> None:
        self._now_s = event.timestamp
        self._windows.extend(event.frames)
        if event.probability >= _VOICED:
            self._voiced_s = event.timestamp
        if self._began_s is None:
            while len(self._windows) * event.frames[0].duration > _LEAD_S + _SHORTEST_S:
                self._windows.popleft()
        elif self._voiced_s - self._shown_s >= _INTERIM_EVERY_S:
            self._shown_s = self._voiced_s
            said = self._interpreter.so_far(self._began_s, self._voiced_s)
            if said is not None:
                self._send(stt.SpeechEventType.INTERIM_TRANSCRIPT, said)

    async def _finish(self) -> None:
        """Gives the utterance to the interpreter. Without one nothing happens."""
        if self._began_s is None:
            return
        audio = rtc.combine_audio_frames(list(self._windows))
        stretch = Stretch(
            start_s=self._began_s,
            end_s=max(self._began_s, self._voiced_s),
            audio=audio,
            audio_start_s=self._now_s - audio.duration,
        )
        self._began_s = None
        self._windows.clear()
        said = await self._interpreter.whole(stretch)
        if said is not None and said.text:
            self._send(stt.SpeechEventType.FINAL_TRANSCRIPT, said)
        if self._is_announced:
            self._event_ch.send_nowait(stt.SpeechEvent(type=stt.SpeechEventType.END_OF_SPEECH))
        self._is_announced = False

    def _send(self, kind: stt.SpeechEventType, said: stt.SpeechData) -> None:
        if not self._is_announced:
            self._is_announced = True
            self._event_ch.send_nowait(stt.SpeechEvent(type=stt.SpeechEventType.START_OF_SPEECH))
        self._event_ch.send_nowait(stt.SpeechEvent(type=kind, alternatives=[said]))
