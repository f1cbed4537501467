"""A receptionist's job in the test's own event loop: real rooms, Deepgram's protocol, and a scripted mind."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from livekit import rtc
from livekit.agents.utils import http_context

from integrations.livekit import voices as real_voices
from integrations.livekit.control import LiveKitRooms
from integrations.livekit.dispatch import Dispatch
from integrations.livekit.ingress import Ingress
from integrations.livekit.listening import Job
from integrations.livekit.presence import Grace
from integrations.livekit.reception import Reception, Setting
from integrations.livekit.roles import Person
from integrations.livekit.stt import RecogniserOptions, make_recogniser
from integrations.livekit.talk import Limits
from integrations.livekit.transfers import Transfers
from integrations.livekit.voice_line import Parts
from pipeline.conversation import Act, Conversation, HangUp, News, Part, Say, Unraised
from tests.doubles import tone_marks, voices
from tests.doubles.assist_server import AssistDouble, assist_double
from tests.doubles.deepgram_server import KEY, DeepgramDouble, deepgram_double
from tests.doubles.livekit.callers import Caller, eventually, token_for
from tests.doubles.livekit.control import Sfu

GREETING, BOT = "Hello.", "agent-AJ_1"


@dataclass(kw_only=True)
class ScriptedMind:
    """Says what it was told to, and notes what it is asked."""

    replies: Callable[[str], Sequence[Act]] = lambda words: (Say(text=f"You said: {words}"),)
    silences: Sequence[Sequence[Act]] = ((Say(text="Are you there?"),), (Say(text="Bye then."), HangUp(reason="idle")))
    long: Sequence[Act] = (Say(text="That was long."), HangUp(reason="too_long"))
    broken: Sequence[Act] = (Say(text="Something is broken."), HangUp(reason="out_of_order"))
    nobody: Sequence[Act] = (Say(text="Nobody is free."),)
    waiting: asyncio.Queue[News] = field(default_factory=asyncio.Queue)
    heard: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    broke: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    owed: list[Unraised] = field(default_factory=list)

    def greet(self) -> AsyncIterator[Act]:
        """The same always."""
        return _acts((Say(text=GREETING),))

    def hear(self, words: str) -> AsyncIterator[Act]:
        """As the replies say."""
        self.heard.append(words)
        return _acts(self.replies(words))

    async def news(self) -> AsyncIterator[News]:
        """What a test puts into `waiting`."""
        while True:
            yield await self.waiting.get()

    async def told(self, suggestion_id: str) -> None:
        """Noted."""
        self.shown.append(suggestion_id)

    def silence(self, times: int) -> AsyncIterator[Act]:
        """One after the other."""
        return _acts(self.silences[times - 1])

    def too_long(self) -> AsyncIterator[Act]:
        """The same always."""
        return _acts(self.long)

    def out_of_order(self, part: Part) -> AsyncIterator[Act]:
        """The same always."""
        self.broke.append(part)
        return _acts(self.broken)

    def hand_over_failed(self, reason: str) -> AsyncIterator[Act]:
        """The same always."""
        self.failed.append(reason)
        return _acts(self.nobody)

    async def finish(self, reason: str) -> int:
        """Noted."""
        self.finished.append(reason)
        return len(self.owed)

    def unraised(self) -> tuple[Unraised, ...]:
        """What a test puts into `owed`."""
        return tuple(self.owed)


async def _acts(acts: Sequence[Act]) -> AsyncIterator[Act]:
    for act in acts:
        yield act


@dataclass(kw_only=True)
class Desk:
    """Everything around a job."""

    sfu: Sfu
    assist: AssistDouble
    deepgram: DeepgramDouble
    spool: Path
    mind: ScriptedMind = field(default_factory=ScriptedMind)
    limits: Limits = field(default_factory=lambda: Limits(idle_s=60.0, max_s=600.0))
    transfer_to: str | None = None
    is_warm: bool = False
    room: str = field(default_factory=lambda: f"call-{uuid4().hex[:8]}")

    @asynccontextmanager
    async def job(self, metadata: str = "") -> AsyncIterator[asyncio.Task[None]]:
        """What a worker's process does with a job."""
        room = rtc.Room()
        setting = self._setting()
        reception = Reception(room, Job(id="AJ_1", metadata=metadata), setting)
        token = token_for(self.sfu, self.room, BOT, kind="agent")
        await room.connect(self.sfu.url, token, rtc.RoomOptions(auto_subscribe=True))

        async def work() -> None:
            await reception.run()
            await reception.aclose()

        running = asyncio.create_task(work())
        try:
            yield running
        finally:
            if not running.done():
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await reception.aclose()
            await room.disconnect()
            await setting.rooms.close()
            await setting.ingress.aclose()

    async def caller(self, kind: Any = "standard", **claims: Any) -> Caller:
        """A customer with an open microphone."""
        sip = {"sip.callStatus": "active", "sip.callID": "SCL_1", "sip.phoneNumber": "+4670123456"}
        attributes = sip if kind == "sip" else {}
        caller = await Caller.join(self.sfu, self.room, "vera", "customer", kind=kind, attributes=attributes, **claims)
        await caller.publish()
        return caller

    def said(self) -> list[tuple[str, str]]:
        """The transcript, by start time."""
        segments = sorted(self.assist.segments.values(), key=lambda segment: float(segment["start_time"]))
        return [(segment["speaker"], segment["text"]) for segment in segments]

    def _setting(self) -> Setting:
        rooms = LiveKitRooms(self.sfu.url, self.sfu.api_key, self.sfu.api_secret, sip_trunk="ST_1")

        async def make_conversation(session_id: str | None, dispatch: Dispatch, fields: object) -> Conversation:
            return self.mind

        async def close() -> None:
            """There is nothing to close."""

        return Setting(
            ingress=Ingress(self.assist.url, "key"),
            spool=self.spool,
            rooms=rooms,
            transfers=Transfers(rooms=rooms, to=self.transfer_to, is_warm=self.is_warm),
            make_parts=self._parts,
            make_conversation=make_conversation,
            apology=real_voices.apology,
            limits=self.limits,
            close=close,
            grace=Grace(returning_s=2.0, first_s=10.0),
            give_way_s=3.0,
        )

    def _parts(self, caller: Person, keyterms: tuple[str, ...]) -> Parts:
        recognition = RecogniserOptions(base_url=self.deepgram.url, api_key=KEY)
        speech = real_voices.VoiceOptions(base_url=self.deepgram.url, api_key=KEY)
        recogniser = make_recogniser(recognition, role="customer", identity=caller.identity, keyterms=keyterms)
        return Parts(recogniser=recogniser, voice=real_voices.make_voice(speech))


@asynccontextmanager
async def desk(sfu: Sfu, directory: Path, **options: Any) -> AsyncIterator[Desk]:
    """For one call."""
    async with assist_double() as assist, deepgram_double() as deepgram, http_context.open():
        yield Desk(sfu=sfu, assist=assist, deepgram=deepgram, spool=directory / "spool", **options)
    gc.collect()  # handles of rooms go now, and not in the middle of something else


def heard_by(caller: Caller, bot: str = BOT, *, closing: bool = False) -> list[str]:
    """The utterances of somebody that a caller has heard begin, or end."""
    marks = tone_marks.find(caller.heard[bot].pcm) if bot in caller.heard else []
    found = [voices.known(mark.number) for mark in marks if mark.closing == closing]
    return [one.text for one in found if one is not None]


async def hears(caller: Caller, text: str, *, times: int = 1, closing: bool = False) -> None:
    """Waits until the caller has heard it begin, or end, so often."""
    await eventually(lambda: heard_by(caller, closing=closing).count(text) >= times, pause_s=0.2)


async def say(caller: Caller, text: str) -> None:
    """And pause."""
    await caller.speak(voices.joined(voices.Utterance(text).pcm, voices.silence(0.7)), voices.RATE)
