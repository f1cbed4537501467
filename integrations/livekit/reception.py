"""One call with the receptionist: a mind that thinks, a line that speaks, and the ways in which a call ends."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import AutoSubscribe, JobContext
from msgspec import Struct

from integrations.livekit.assist_server import AssistServer
from integrations.livekit.control import LiveKitRooms
from integrations.livekit.dispatch import Dispatch, call_fields, read_dispatch
from integrations.livekit.feed import Feed, Report
from integrations.livekit.listening import Job
from integrations.livekit.presence import Grace, Presence, as_told
from integrations.livekit.roles import Person, person_of
from integrations.livekit.spoken import Utterance
from integrations.livekit.spool import Call
from integrations.livekit.transfers import Passed, Transfers
from integrations.livekit.voice_line import DeadPart, Parts, VoiceLine
from pipeline.conversation import Act, Conversation, HandOver, HangUp, News
from pipeline.errors import UpstreamError

_TICK_S = 0.25
_PLACE_S = 8.0
_FINISH_S = 8.0
_NEWS_TRIES = 3
_RINGING = ("dialing", "ringing")

log = structlog.get_logger(__name__)


class Limits(Struct, frozen=True, kw_only=True):
    """How long a call may go on."""

    idle_s: float
    """Silence after which the caller is asked whether they are there."""
    max_s: float
    """Of the whole call."""


class Setting(Struct, frozen=True, kw_only=True):
    """What calls are answered with."""

    server: AssistServer
    spool: Path
    rooms: LiveKitRooms
    transfers: Transfers
    make_parts: Callable[[Person, tuple[str, ...]], Parts]
    """Given the caller, and names that the recogniser should expect."""
    make_conversation: Callable[[str, Dispatch], Awaitable[Conversation]]
    """Given the session's id."""
    apology: Callable[[], AsyncIterable[rtc.AudioFrame]]
    """Recorded, for when the voice is dead."""
    limits: Limits
    close: Callable[[], Awaitable[None]]
    """Lets go of what conversations use."""
    grace: Grace = Grace()


class Reception:
    """One room's; made before it is connected. `run` it, and `aclose` it however that ended."""

    def __init__(self, room: rtc.Room, job: Job, setting: Setting) -> None:
        self._room, self._job, self._setting = room, job, setting
        self._dispatch = read_dispatch(job.metadata)
        self._started = time.time()
        self._presence = Presence(setting.grace, time.monotonic())
        self._arrived = asyncio.Event()
        self._over = asyncio.Event()
        self._reason = "worker_stopped"
        self._leaves_call_open = True
        self._dead: set[str] = set()
        self._is_handing_over = False
        self._turn: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._feed: Feed | None = None
        self._line: VoiceLine | None = None
        self._mind: Conversation | None = None
        room.on("participant_connected", self._come)
        room.on("participant_disconnected", self._go)
        room.on("participant_attributes_changed", lambda _, participant: self._come(participant))
        room.on("disconnected", lambda _: self._end("room_closed"))

    async def run(self) -> None:
        """Once the room is connected: until the call is over."""
        for participant in self._room.remote_participants.values():
            self._come(participant)
        caller = await self._caller()
        if caller is None:
            self._end("nobody_came")
            return
        feed = await self._open_feed(caller)
        opened = await _within(feed.opened, _PLACE_S)
        if opened is None or feed.session_id is None:
            await self._without_server(caller)
            return
        self._mind = await self._setting.make_conversation(feed.session_id, self._dispatch)
        self._line = VoiceLine(self._setting.make_parts(caller, tuple(opened.keyterms)), caller, self)
        await self._line.open(self._room)
        self._start(self._say(self._mind.greet()), "greeting")
        self._start(self._tell_news(), "news")
        self._start(self._guard(), "guard")
        await self._over.wait()

    async def aclose(self) -> None:
        """Ends what is under way; nothing that was asked is lost."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._line is not None:
            await self._line.close()
        if self._mind is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_FINISH_S):
                    await self._mind.finish(self._reason)
        if self._feed is not None:
            if not self._leaves_call_open and not self._feed.over.is_set():
                self._feed.end(self._reason)
            await self._feed.aclose()
        if not self._leaves_call_open:
            with suppress(UpstreamError):
                await self._setting.rooms.delete(self._room.name)
        log.info("reception_ended", reason=self._reason, call_is_over=not self._leaves_call_open)

    def turn(self, words: str) -> None:
        """The caller has said something and waits."""
        if self._mind is None or self._is_handing_over or self._over.is_set():
            return
        if self._turn is not None:
            self._turn.cancel()
        self._turn = self._start(self._say(self._mind.hear(words)), "turn")

    def heard(self, utterance: Utterance) -> None:
        """Final words, of the caller or of the voice."""
        if self._feed is not None:
            self._feed.say(utterance)

    def hearing(self, utterance: Utterance) -> None:
        """The caller's words so far."""
        if self._feed is not None:
            self._feed.show(utterance)

    def dead(self, part: DeadPart) -> None:
        """A part has failed for good; the caller is told once."""
        if part not in self._dead and not self._over.is_set():
            self._dead.add(part)
            self._start(self._apologise(part), "apology")

    async def _say(self, acts: AsyncIterator[Act]) -> bool:
        """Whether all of it was heard."""
        assert self._line is not None
        said = await self._line.speak(acts)
        if said.ending is not None:
            await self._do(said.ending)
        return said.complete

    async def _do(self, act: Act) -> None:
        if isinstance(act, HangUp):
            self._end(act.reason, leaves_call_open=False)
        elif isinstance(act, HandOver):
            self._is_handing_over = True
            self._start(self._hand_over(act.reason), "hand-over")  # what the caller says meanwhile must not stop it

    async def _hand_over(self, reason: str) -> None:
        assert self._mind is not None
        passed = await self._pass_on()
        self._is_handing_over = False
        log.info("handed_over", reason=reason, how=passed.how, status=passed.status)
        if passed.how is None and not self._over.is_set():
            await self._say(self._mind.hand_over_failed(passed.status))

    async def _pass_on(self) -> Passed:
        caller = self._present_caller()
        if caller is None:
            return Passed(how=None, status="caller_left")
        passed = await self._setting.transfers.pass_on(self._room.name, caller, self._session_id)
        if passed.how is not None:
            self._end(passed.how, leaves_call_open=passed.how == "joined")
        return passed

    async def _tell_news(self) -> None:
        assert self._mind is not None
        async for news in self._mind.news():
            await self._tell(news)

    async def _tell(self, news: News) -> None:
        """An answer counts as told when it was heard to its end, or interrupted again and again."""
        assert self._mind is not None
        for _ in range(_NEWS_TRIES):
            assert self._line is not None
            await self._line.until_quiet(self._turn)
            if await self._say(_all(news.acts)):
                break
        if news.suggestion_id is not None:
            await self._mind.told(news.suggestion_id)

    async def _guard(self) -> None:
        """Silence, calls without end, callers who have gone, and a server that ends the call."""
        assert self._mind is not None and self._line is not None and self._feed is not None  # noqa: PT018
        limits, silences, noticed, is_long = self._setting.limits, 0, 0.0, False
        while not self._over.is_set():
            await asyncio.sleep(_TICK_S)
            now, active = time.monotonic(), self._line.active_at
            if self._feed.over.is_set():
                self._end("ended_elsewhere", leaves_call_open=not self._feed.call_ended)
            elif self._presence.is_over(now):
                self._end("caller_left", leaves_call_open=False)
            elif not is_long and time.time() - self._started > limits.max_s:
                is_long = True
                await self._say(self._mind.too_long())
            elif self._line.is_quiet and now - active > limits.idle_s:
                silences = silences + 1 if active <= noticed else 1
                await self._say(self._mind.silence(silences))
                noticed = self._line.active_at

    async def _apologise(self, part: DeadPart) -> None:
        assert self._mind is not None and self._line is not None  # noqa: PT018
        log.warning("reception_out_of_order", part=part)
        if part == "tts":
            await self._line.play("", self._setting.apology())
            async for act in self._mind.out_of_order(part):
                await self._do(act)
        else:
            await self._say(self._mind.out_of_order(part))

    async def _without_server(self, caller: Person) -> None:
        """Nothing can be looked up or written down: an apology, and a human where there is one."""
        log.error("reception_without_server", room=self._room.name)
        self._line = VoiceLine(self._setting.make_parts(caller, ()), caller, self)
        await self._line.open(self._room)
        await self._line.play("", self._setting.apology())
        if (await self._pass_on()).how is None:
            self._end("no_server", leaves_call_open=False)

    async def _caller(self) -> Person | None:
        """Who is on the line; None: nobody came, or took the call."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._setting.grace.first_s):
                while not self._over.is_set():
                    await self._arrived.wait()
                    caller = self._present_caller()
                    if caller is not None and caller.sip.get("callStatus") not in _RINGING:
                        return caller
                    await asyncio.sleep(_TICK_S)
        return None

    def _present_caller(self) -> Person | None:
        found = [person for person, present in self._presence.everybody() if present and person.speaker == "customer"]
        return found[0] if found else None

    async def _open_feed(self, caller: Person) -> Feed:
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
        self._feed = Feed(self._setting.server, self._setting.spool, call, self._report)
        return self._feed

    def _report(self) -> Report:
        people = tuple(as_told(person, present) for person, present in self._presence.everybody())
        return Report(
            settled=time.time(),
            transcription="unavailable" if "stt" in self._dead else "ok",
            detail="stt_failed" if self._dead else None,
            participants=people,
        )

    @property
    def _session_id(self) -> str | None:
        return (self._feed.session_id if self._feed else None) or self._dispatch.session_id

    def _come(self, participant: rtc.Participant) -> None:
        person = person_of(participant)
        if person is not None:
            self._presence.arrive(person)
            if person.speaker == "customer":
                self._arrived.set()

    def _go(self, participant: rtc.RemoteParticipant) -> None:
        self._presence.leave(participant.identity, time.monotonic())

    def _end(self, reason: str, *, leaves_call_open: bool = True) -> None:
        if not self._over.is_set():
            self._reason, self._leaves_call_open = reason, leaves_call_open
            self._over.set()

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._watched(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watched(self, work: Awaitable[object], name: str) -> None:
        try:
            await work
        except Exception as error:
            log.exception("reception_failed", work=name, error=type(error).__name__)
            self._end("failed")


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
        await setting.server.aclose()

    await context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    running = asyncio.create_task(until_over(), name="reception")
    context.add_shutdown_callback(leave)


async def _all(acts: tuple[Act, ...]) -> AsyncIterator[Act]:
    for act in acts:
        yield act


async def _within(work: asyncio.Future[Any], timeout_s: float) -> Any:
    done, _ = await asyncio.wait((work,), timeout=timeout_s)
    return work.result() if done else None
