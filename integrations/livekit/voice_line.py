"""A telephone line on LiveKit's AgentSession: it hears one caller turn by turn, and speaks what it is given."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, Literal, Protocol

import structlog
from livekit import rtc
from livekit.agents import AgentSession, APIConnectOptions, inference, llm, room_io, stt, tts
from livekit.agents.voice import ErrorEvent, SpeechHandle
from livekit.agents.voice.agent_session import SessionConnectOptions
from msgspec import Struct

from integrations.livekit.ear import LAST_WORDS_S, Ear
from integrations.livekit.roles import Person
from integrations.livekit.speech_gate import SAMPLE_RATE
from integrations.livekit.spoken import Gap, Utterance
from pipeline.conversation import Act, Say

RECEPTIONIST = "receptionist"
"""Identity of the voice in transcripts."""
_PATIENCE = APIConnectOptions(max_retry=2, retry_interval=0.5, timeout=5.0)
_MANY = 1_000_000
_WORDLESS_S = 4.0
"""What sounds like speech for longer than this without a word is music or noise."""
_ECHO_S = 1.0
"""A browser's echo canceller learns for so long what comes out of the loudspeaker."""

log = structlog.get_logger(__name__)

DeadPart = Literal["stt", "tts"]


class Said(Struct, frozen=True, kw_only=True):
    """What came of speaking."""

    ending: Act | None
    """What is to be done now; None: nothing but listening."""
    complete: bool
    """Nobody interrupted."""


class Listener(Protocol):
    """Who is told what happens on the line. Nothing of it may wait."""

    def turn(self, words: str) -> None:
        """The caller has said something and waits."""
        ...

    def heard(self, utterance: Utterance) -> None:
        """Final words, of the caller or of the voice."""
        ...

    def hearing(self, utterance: Utterance) -> None:
        """The caller's words so far."""
        ...

    def missed(self, gap: Gap) -> None:
        """Words of the caller that will never be recognised."""
        ...

    def dead(self, part: DeadPart) -> None:
        """A part has failed for good."""
        ...


class Parts(Struct, frozen=True, kw_only=True):
    """What a line is made of."""

    recogniser: stt.STT[Any]
    voice: tts.TTS[Any]


class VoiceLine:
    """One caller's line. `open` it, `close` it."""

    def __init__(self, parts: Parts, caller: Person, listener: Listener) -> None:
        self._parts, self._caller, self._listener = parts, caller, listener
        self._session: AgentSession[None] = AgentSession(
            stt=parts.recogniser,
            vad=inference.VAD(model="silero"),
            tts=parts.voice,
            turn_handling={
                "turn_detection": "vad",
                "endpointing": {"mode": "fixed", "min_delay": 0.5, "max_delay": 2.0},
                # Music on hold is no interruption: only words are.
                "interruption": {
                    "mode": "vad",
                    "min_words": 1,
                    "resume_false_interruption": True,
                    "discard_audio_if_uninterruptible": False,
                },
                "preemptive_generation": {"enabled": False},
            },
            user_away_timeout=None,
            session_close_transcript_timeout=LAST_WORDS_S,
            aec_warmup_duration=None if caller.sip else _ECHO_S,
            # Dead parts are our affair: the session must not close by itself before the apology.
            conn_options=SessionConnectOptions(tts_conn_options=_PATIENCE, max_unrecoverable_errors=_MANY),
        )
        self._speaking_since = time.time()
        self._voice_at = self._words_at = 0.0
        self.active_at = time.monotonic()
        """When anybody said something last."""
        self.unanswered: list[str] = []
        """What the caller has said since their last turn."""
        self._session.on("error", self._failed)
        self._session.on("user_state_changed", lambda event: self._voice(event.new_state))
        self._session.on("agent_state_changed", lambda event: self._state(event.new_state))
        self._session.on("conversation_item_added", lambda event: self._spoken(event.item))

    async def open(self, room: rtc.Room) -> None:
        """Links the caller's microphone and our voice."""
        await self._session.start(
            Ear(self._parts.recogniser, self._caller, self),
            room=room,
            room_options=room_io.RoomOptions(
                participant_identity=self._caller.identity,
                audio_input=room_io.AudioInputOptions(sample_rate=SAMPLE_RATE, pre_connect_audio=False),
                text_input=False,
                close_on_disconnect=False,
            ),
            record=False,
            session_host=False,  # it takes orders from whoever is in the room
        )

    async def speak(self, acts: AsyncIterator[Act]) -> Said:
        """Speaks pieces as they come, and waits until they were heard or the caller interrupted. When this is
        cancelled, nothing of it is said any more."""
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        thinking = asyncio.create_task(_thought(acts, pieces), name="thinking")
        try:
            first = await pieces.get()
            if first is None:
                return Said(ending=await thinking, complete=True)
            complete = await self._played(self._session.say(_texts(first, pieces), allow_interruptions=self._can_wait))
            if not complete and not thinking.done():
                return Said(ending=None, complete=False)
            return Said(ending=await thinking, complete=complete)
        finally:
            thinking.cancel()
            await asyncio.gather(thinking, return_exceptions=True)

    async def play(self, frames: AsyncIterable[rtc.AudioFrame]) -> None:
        """Plays a recording, whatever became of the voice."""
        await self._played(self._session.say("", audio=frames, allow_interruptions=False))

    def hear(self, utterance: Utterance) -> None:
        """The caller's words, final or so far."""
        self._words_at = self.active_at = time.monotonic()
        if utterance.is_final:
            self.unanswered.append(utterance.text)
            self._listener.heard(utterance)
        else:
            self._listener.hearing(utterance)

    def turn(self, words: str) -> None:
        """The caller has said something and waits."""
        self.unanswered.clear()
        self._listener.turn(words)

    def missed(self, gap: Gap) -> None:
        """Words of the caller that will never be recognised."""
        self._listener.missed(gap)

    def deaf(self) -> None:
        """The recogniser is dead."""
        self._listener.dead("stt")

    @property
    def is_quiet(self) -> bool:
        """Neither side speaks."""
        return self._session.agent_state in ("listening", "idle") and not self._caller_speaks

    async def close(self) -> None:
        """Lets go of the room; what is being said is cut."""
        await self._session.aclose()

    async def _played(self, handle: SpeechHandle) -> bool:
        """Whether there was speech, and nobody interrupted it."""
        try:
            await handle.wait_for_playout()
        finally:
            handle.interrupt(force=True)  # nothing where it is over
        return not handle.interrupted and bool(handle.chat_items)

    @property
    def _caller_speaks(self) -> bool:
        since = max(self._voice_at, self._words_at)
        return self._session.user_state == "speaking" and time.monotonic() - since < _WORDLESS_S

    @property
    def _can_wait(self) -> bool:
        """What may be interrupted also waits for the caller's silence, which noise never is."""
        return self._session.user_state != "speaking" or self._caller_speaks

    def _voice(self, state: str) -> None:
        if state == "speaking":
            self._voice_at = time.monotonic()

    def _state(self, state: str) -> None:
        self.active_at = time.monotonic()
        if state == "speaking":
            self._speaking_since = time.time()

    def _spoken(self, item: object) -> None:
        """What was really said: an interrupted sentence ends where it was cut."""
        if not isinstance(item, llm.ChatMessage) or item.role != "assistant":
            return
        text = (item.text_content or "").strip()
        if text:
            start, end = min(self._speaking_since, time.time()), time.time()
            self._listener.heard(Utterance(identity=RECEPTIONIST, speaker="agent", text=text, start=start, end=end))

    def _failed(self, event: ErrorEvent) -> None:
        """The voice has; of the recogniser the ear knows more."""
        kind = getattr(event.error, "type", "")
        recoverable = getattr(event.error, "recoverable", False)
        if kind == "tts_error":
            log.warning("voice_failed", recoverable=recoverable)
            if not recoverable:
                self._listener.dead("tts")


async def _thought(acts: AsyncIterator[Act], pieces: asyncio.Queue[str | None]) -> Act | None:
    """Hands over what is to be said; returns what is to be done after it."""
    ending: Act | None = None
    try:
        async for act in acts:
            if isinstance(act, Say):
                pieces.put_nowait(act.text)
            else:
                ending = act
    finally:
        pieces.put_nowait(None)
    return ending


async def _texts(first: str, pieces: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    piece: str | None = first
    while piece is not None:
        yield f"{piece} "
        piece = await pieces.get()
