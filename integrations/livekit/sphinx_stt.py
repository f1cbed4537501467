"""Speech recognised on this machine by pocketsphinx: demo quality.

It understands slow, clear American English and synthetic voices such as flite's well enough to show the product without
a key and without a network (measured: 9 % of words wrong with flite, 28 % with people who read aloud). It is not for
customers. Import it only where the extra `sphinx` is installed.
"""

import asyncio
from typing import Any

import pocketsphinx
from livekit import rtc
from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions, LanguageCode, stt
from livekit.agents.types import TimedString

from integrations.livekit.vad_stream import RATE, SpeechStream, Stretch, make_detector

_FRAMES_A_SECOND = 100
_LANGUAGE = LanguageCode("en-US")


class SphinxSTT(stt.STT[Any]):
    """One leg; its model (37 MB) is loaded by `prewarm` or with the first utterance."""

    def __init__(self) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(streaming=True, interim_results=False, aligned_transcript="word")
        )
        self._detector = make_detector()
        self._decoder: pocketsphinx.Decoder | None = None
        self._decoding = asyncio.Lock()

    @property
    def model(self) -> str:
        """Of metrics."""
        return "pocketsphinx-en-us"

    def prewarm(self) -> None:
        """Loads the model; takes a third of a second."""
        self._loaded()

    def stream(
        self, *, language: Any = None, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> SpeechStream:
        """Another stream of this leg; always English."""
        return SpeechStream(recogniser=self, interpreter=self, detector=self._detector, conn_options=conn_options)

    def so_far(self, start_s: float, now_s: float) -> None:
        """Nothing: decoding piece by piece is visibly worse."""

    async def whole(self, stretch: Stretch) -> stt.SpeechData | None:
        """Decodes all of it in a thread."""
        async with self._decoding:
            words = await asyncio.to_thread(self._decode, stretch.audio, stretch.audio_start_s)
        if not words:
            return None
        return stt.SpeechData(
            language=_LANGUAGE,
            text=" ".join(words),
            start_time=stretch.start_s,
            end_time=stretch.end_s,
            confidence=sum(_confidence(word) for word in words) / len(words),
            words=words,
        )

    def _loaded(self) -> pocketsphinx.Decoder:
        if self._decoder is None:
            self._decoder = pocketsphinx.Decoder(samprate=float(RATE), loglevel="FATAL")
        return self._decoder

    def _decode(self, audio: rtc.AudioFrame, start_s: float) -> list[TimedString]:
        decoder = self._loaded()
        decoder.start_utt()
        decoder.process_raw(bytes(audio.data), full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return []
        return [
            TimedString(
                part.word.partition("(")[0],
                start_time=start_s + part.start_frame / _FRAMES_A_SECOND,
                end_time=start_s + (part.end_frame + 1) / _FRAMES_A_SECOND,
                confidence=min(1.0, part.prob),
            )
            for part in decoder.seg()
            if part.word[0] not in "<[("
        ]

    async def _recognize_impl(self, buffer: Any, *, language: Any = None, conn_options: Any) -> stt.SpeechEvent:
        audio = rtc.combine_audio_frames(buffer)
        said = await self.whole(Stretch(start_s=0.0, end_s=audio.duration, audio=audio, audio_start_s=0.0))
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[] if said is None else [said])


def _confidence(word: TimedString) -> float:
    return word.confidence if isinstance(word.confidence, float) else 0.0
