"""One room that the receptionist answers: who is in it, how the server learns of the call, and how the call ends."""

import asyncio
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import AutoSubscribe, JobContext
from msgspec import Struct

from integrations.livekit.control import LiveKitRooms
from integrations.livekit.dispatch import Dispatch, call_fields, read_dispatch
from integrations.livekit.feed import Feed, Report
from integrations.livekit.ingress import Ingress, JobOpened
from integrations.livekit.listening import Job
from integrations.livekit.presence import Grace, Presence, as_told
from integrations.livekit.roles import Person, person_of
from integrations.livekit.spoken import Gap, Utterance
from integrations.livekit.spool import Call
from integrations.livekit.talk import Limits, Talk
from integrations.livekit.transfers import Passed, Transfers
from integrations.livekit.voice_line import Parts
from pipeline.conversation import Conversation
from pipeline.errors import UpstreamError

_TICK_S = 0.25
_PLACE_S = 5.0
_SETTLE_S, _FINISH_S = 3.0, 6.0
_CONFLICT = 409
"""The call has ended, or another job has it."""
_RINGING = ("dialing", "ringing")
_ROOM_GONE = (rtc.DisconnectReason.ROOM_DELETED, rtc.DisconnectReason.ROOM_CLOSED)

log = structlog.get_logger(__name__)


class Setting(Struct, frozen=True, kw_only=True):
    """What calls are answered with."""

    ingress: Ingress
    spool: Path
    rooms: LiveKitRooms
    transfers: Transfers
    make_parts: Callable[[Person, tuple[str, ...]], Parts]
    """Given the caller, and names that the recogniser should expect."""
    make_conversation: Callable[[str | None, Dispatch, Mapping[str, Any]], Awaitable[Conversation]]
    """Given the session's id (None: the server cannot be reached), and what `call/start` is given."""
    apology: Callable[[], AsyncIterable[rtc.AudioFrame]]
    """Recorded, for when the voice is dead."""
    limits: Limits
    close: Callable[[], Awaitable[None]]
    """Lets go of what conversations use."""
    grace: Grace = Grace()
    give_way_s: float = 10.0
    """So long a listener is awaited when a human has taken the call."""


class Reception:
    """One room's; made before it is connected. `run` it, and `aclose` it however that ended."""

    def __init__(self, room: rtc.Room, job: Job, setting: Setting) -> None:
        self._room, self._job, self._setting = room, job, setting
        self._dispatch = read_dispatch(job.metadata)
        self._started = time.time()
        self._presence = Presence(setting.grace, time.monotonic())
        self._over = asyncio.Event()
        self._reason = "worker_stopped"
        self._leaves_call_open = True
        self._is_passing = self._is_overheard = False
        """A human is sought; a listener writes down what is said."""
        self._feed: Feed | None = None
        self._mind: Conversation | None = None
        self._talk: Talk | None = None
        room.on("participant_connected", self._come)
        room.on("participant_disconnected", self._go)
        room.on("participant_attributes_changed", lambda _, participant: self._come(participant))
        room.on("disconnected", self._cut)

    async def run(self) -> None:
        """Once the room is connected: until the call is over."""
        for participant in self._room.remote_participants.values():
            self._come(participant)
        caller = await self._caller()
        if caller is None:
            self.end("nobody_came", leaves_call_open=True)
            return
        self._feed = feed = await self._make_feed(caller)
        opened = await _opened(feed)
        if feed.refused == _CONFLICT:
            self.end("not_ours", leaves_call_open=True)
            return
        if opened is None:
            log.error("reception_without_server", room=self._room.name)
        session_id = feed.session_id if opened else None
        mind = self._mind = await self._setting.make_conversation(session_id, self._dispatch, feed.call.fields)
        parts = self._setting.make_parts(caller, tuple(opened.keyterms) if opened else ())
        self._talk = Talk(mind, parts, caller, self, self._limits(opened.elapsed_s if opened else 0.0))
        await self._talk.begin(self._room)
        while not self._over.is_set():
            self._look(feed)
            await asyncio.sleep(_TICK_S)

    async def aclose(self) -> None:
        """Lets the caller go if the call is over, and ends what is under way; nothing that was asked is lost."""
        self._over.set()
        if self._talk is not None:
            await self._talk.close()
        await asyncio.gather(self._let_go(), self._finish())
        if self._feed is not None:
            if not self._leaves_call_open and not self._feed.over.is_set():
                self._feed.end(self._reason)
            await self._feed.aclose()
        log.info("reception_ended", reason=self._reason, call_is_over=not self._leaves_call_open)

    @property
    def is_caller_there(self) -> bool:
        """See `House`."""
        return self._present_caller() is not None

    @property
    def is_over(self) -> bool:
        """See `House`."""
        return self._over.is_set()

    def heard(self, utterance: Utterance) -> None:
        """See `House`."""
        if self._feed is not None and not self._is_overheard:
            self._feed.say(utterance)

    def hearing(self, utterance: Utterance) -> None:
        """See `House`."""
        if self._feed is not None and not self._is_overheard:
            self._feed.show(utterance)

    def missed(self, gap: Gap) -> None:
        """See `House`."""
        if self._feed is not None and not self._is_overheard:
            self._feed.miss(gap)

    def end(self, reason: str, *, leaves_call_open: bool = False) -> None:
        """See `House`; the first reason counts."""
        if not self._over.is_set():
            self._reason, self._leaves_call_open = reason, leaves_call_open
            self._over.set()

    async def pass_on(self) -> Passed:
        """See `House`."""
        caller = self._present_caller()
        if caller is None:
            return Passed(how=None, status="caller_left")
        self._is_passing = True
        passed = await self._setting.transfers.pass_on(self._room.name, caller, self._session_id)
        if passed.how == "transferred":
            self.end("transferred")
        elif passed.how == "joined":
            await self._give_way()
            self.end("joined", leaves_call_open=True)
        else:
            self._is_passing = self._is_overheard = False
        return passed

    def apology(self) -> AsyncIterable[rtc.AudioFrame]:
        """See `House`."""
        return self._setting.apology()

    async def _give_way(self) -> None:
        """Waits until a listener has the call; where none comes, the server is told that it needs one."""
        feed, session_id = self._feed, self._session_id
        if feed is None or session_id is None:
            return
        try:
            async with asyncio.timeout(self._setting.give_way_s):
                await feed.over.wait()
        except TimeoutError:
            log.warning("no_listener_came", session_id=session_id)
            with suppress(UpstreamError):
                await self._setting.ingress.open_job(
                    session_id, room=self._room.name, kind="assist", job_id=self._job.id
                )

    def _look(self, feed: Feed) -> None:
        """Callers who have gone, and a server that wants us to leave."""
        if feed.opened.done() and feed.over.is_set():
            self.end("call_ended" if feed.call_ended else "replaced", leaves_call_open=not feed.call_ended)
        elif self._presence.is_over(time.monotonic()):
            self.end("caller_left")

    async def _let_go(self) -> None:
        if not self._leaves_call_open:
            with suppress(UpstreamError):
                await self._setting.rooms.delete(self._room.name)

    async def _finish(self) -> None:
        if self._talk is not None and self._mind is not None:
            await self._in_time(self._talk.settle(), _SETTLE_S)
            await self._in_time(self._mind.finish(self._reason), _FINISH_S)
            for unraised in self._mind.unraised():
                if self._feed is not None:
                    self._feed.ask(unraised)

    async def _in_time(self, work: Awaitable[object], timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await work
        except Exception:
            log.exception("reception_not_finished", session_id=self._session_id)

    async def _caller(self) -> Person | None:
        """Who is on the line; None: nobody came, or took the call."""
        until = time.monotonic() + self._setting.grace.first_s
        while not self._over.is_set() and time.monotonic() < until:
            caller = self._present_caller()
            if caller is not None and caller.sip.get("callStatus") not in _RINGING:
                return caller
            await asyncio.sleep(_TICK_S)
        return None

    def _present_caller(self) -> Person | None:
        found = [person for person, present in self._presence.everybody() if present and person.speaker == "customer"]
        return found[0] if found else None

    def _limits(self, elapsed_s: float) -> Limits:
        limits = self._setting.limits
        return Limits(idle_s=limits.idle_s, max_s=max(0.0, limits.max_s - elapsed_s))

    async def _make_feed(self, caller: Person) -> Feed:
        fields: dict[str, Any] = call_fields(self._dispatch, self._room.name, await self._room.sid, [caller])
        fields["acd_metadata"] = {**fields.get("acd_metadata", {}), "answered_by": "receptionist"}
        call = Call(
            room=self._room.name,
            job_id=self._job.id,
            kind="receptionist",
            started=self._started,
            session_id=self._dispatch.session_id,
            fields={**fields, "agent_name": "Receptionist"},
        )
        return Feed(self._setting.ingress, self._setting.spool, call, self._report)

    def _report(self) -> Report:
        is_deaf = self._talk is not None and self._talk.is_deaf
        return Report(
            settled=time.time(),
            transcription="unavailable" if is_deaf else "ok",
            detail="stt_failed" if is_deaf else None,
            participants=tuple(as_told(person, present) for person, present in self._presence.everybody()),
        )

    @property
    def _session_id(self) -> str | None:
        return (self._feed.session_id if self._feed else None) or self._dispatch.session_id

    def _come(self, participant: rtc.Participant) -> None:
        person = person_of(participant)
        if person is not None:
            self._presence.arrive(person)
        elif self._is_passing and participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            self._is_overheard = True

    def _go(self, participant: rtc.RemoteParticipant) -> None:
        self._presence.leave(participant.identity, time.monotonic())

    def _cut(self, reason: rtc.DisconnectReason.ValueType) -> None:
        how = "room_closed" if self.is_caller_there else "caller_left"
        self.end(how, leaves_call_open=reason not in _ROOM_GONE)


async def answer_in(context: JobContext, setting: Setting) -> None:
    """Begins to answer in a job's room; the job goes on until the call is over, or the worker stops."""
    reception = Reception(context.room, Job(id=context.job.id, metadata=context.job.metadata), setting)

    async def until_over() -> None:
        try:
            await reception.run()
        except Exception:
            log.exception("reception_failed", room=context.room.name)
        finally:
            context.shutdown("the call is over")

    async def leave() -> None:
        await reception.aclose()
        running.cancel()
        await setting.close()
        await setting.rooms.close()
        await setting.ingress.aclose()

    await context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    running = asyncio.create_task(until_over(), name="reception")
    context.add_shutdown_callback(leave)


async def _opened(feed: Feed) -> JobOpened | None:
    """The server's answer; None: it takes no call from us, or not in time."""
    refused = asyncio.create_task(feed.over.wait())
    await asyncio.wait((feed.opened, refused), timeout=_PLACE_S, return_when=asyncio.FIRST_COMPLETED)
    refused.cancel()
    return feed.opened.result() if feed.opened.done() else None
