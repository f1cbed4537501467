"""What a line hears of its caller: a leg, as the recogniser of LiveKit's session.

The leg hears what was said while its recogniser was cut, keeps out music, and is tried again until it answers; whoever
talks to the caller cannot wait for that long, so the ear says when it is deaf.
"""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import Agent, LanguageCode, ModelSettings, llm, stt
from msgspec import structs

from integrations.livekit.crosstalk import Loudness
from integrations.livekit.leg import UNREACHABLE, Ears, Leg, Patience
from integrations.livekit.roles import Person
from integrations.livekit.speech_gate import SpeechGate, voice_detector
from integrations.livekit.spoken import Gap, Utterance

LAST_WORDS_S = 1.0
"""The recogniser has so long for what was said last, when the line is closed."""
_DEAF_AFTER_S = 6.0
"""So long a caller is patient with a line on which nobody understands them."""
_FINAL, _INTERIM = stt.SpeechEventType.FINAL_TRANSCRIPT, stt.SpeechEventType.INTERIM_TRANSCRIPT


class Listener(Protocol):
    """Who is told what the ear hears. Nothing of it may wait."""

    def hear(self, utterance: Utterance) -> None:
        """The caller's words, final or so far."""
        ...

    def turn(self, words: str) -> None:
        """The caller has said something and waits."""
        ...

    def missed(self, gap: Gap) -> None:
        """Words of the caller that will never be recognised."""
        ...

    def deaf(self) -> None:
        """The recogniser is dead, and the ear hears nothing more."""
        ...


class Ear(Agent):
    """One caller's."""

    def __init__(self, recogniser: stt.STT[Any], caller: Person, listener: Listener) -> None:
        super().__init__(instructions="")
        self._recogniser, self._caller, self._listener = recogniser, caller, listener

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterator[stt.SpeechEvent]:
        """The caller's words. Ends with the audio, or when the recogniser is dead."""
        hearing = _Hearing(self._listener)
        leg = Leg(self._caller, self._ears(), hearing)
        feeding = asyncio.create_task(self._feed(leg, audio, hearing), name="feeding")
        try:
            while (event := await hearing.events.get()) is not None:
                yield event
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await leg.aclose()

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """Hands over what the caller has said."""
        words = (new_message.text_content or "").strip()
        if words:
            self._listener.turn(words)

    def _ears(self) -> Ears:
        async def make(_: Person) -> stt.STT[Any]:
            return self._recogniser

        patience = Patience(longest_retry_s=2.0, trusted_after_s=_DEAF_AFTER_S / 2, last_words_s=LAST_WORDS_S)
        gate = SpeechGate(voice_detector())
        return Ears(make_recogniser=make, gate=gate, loudness=Loudness(), patience=patience)

    async def _feed(self, leg: Leg, audio: AsyncIterable[rtc.AudioFrame], hearing: "_Hearing") -> None:
        cut_off_since: float | None = None
        async for frame in audio:
            leg.hear(frame, time.time() - frame.duration)
            cut_off_since = cut_off_since or time.monotonic() if leg.detail == UNREACHABLE else None
            is_hopeless = cut_off_since is not None and time.monotonic() - cut_off_since > _DEAF_AFTER_S
            if leg.state == "unavailable" or is_hopeless:
                self._listener.deaf()
                break
        else:
            await leg.aclose()
        hearing.events.put_nowait(None)


class _Hearing:
    """What a leg says, as events of LiveKit's."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.events: asyncio.Queue[stt.SpeechEvent | None] = asyncio.Queue()

    async def said(self, utterance: Utterance) -> None:
        """Final words, in order."""
        self._tell(_FINAL, utterance)

    def saying(self, utterance: Utterance) -> None:
        """Words so far."""
        self._tell(_INTERIM, utterance)

    def missed(self, gap: Gap) -> None:
        """Speech that will never be recognised."""
        self._listener.missed(gap)

    def _tell(self, kind: stt.SpeechEventType, utterance: Utterance) -> None:
        utterance = structs.replace(utterance, speaker="customer")
        self._listener.hear(utterance)
        language = LanguageCode(utterance.language or "")
        words = stt.SpeechData(language=language, text=utterance.text, confidence=utterance.confidence or 0.0)
        self.events.put_nowait(stt.SpeechEvent(type=kind, alternatives=[words]))
