"""The watchdog: an open call whose job has died gets another one, asked for until it reports in.

LiveKit does not send a job again by itself, and a worker that is too busy declines without a word.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from assist.calls import Calls, StartCall
from assist.db import call_requests, timers, voice
from assist.db.engine import Session, Sessions
from assist.db.errors import DatabaseError
from assist.db.models import VoiceRoom
from assist.views import voice_view
from assist.voice.jobs import HEARTBEAT_S, SILENT_AFTER, tell_voice
from assist.voice.ports import Rooms
from integrations.livekit.rooms import LISTENER, RECEPTIONIST, Caller, Dispatch, RoomEvent
from pipeline.errors import UpstreamError

_EVENTS_KEPT = timedelta(days=3)
_BATCH = 50

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the watchdog waits for what."""

    first_job_s: float = 8.0
    """For the first job of a call, which the token or the dispatch rule sends."""
    between_s: float = 1.0
    """Between the first and the second request for a job; doubled by each further one."""
    between_most_s: float = 30.0
    empty_s: float = 12.0
    """A room without people and without a job for so long: the call has ended."""
    unopened_s: float = 660.0
    """Nobody has ever come: longer than a token is valid."""


@dataclass(frozen=True, kw_only=True)
class Watchdog:
    """Looks once a second, in every process; each lost call is taken by one of them."""

    sessions: Sessions
    rooms: Rooms
    calls: Calls
    told: Callable[[UUID], None]
    """Wakes whoever follows a call after a commit."""
    patience: Patience = Patience()
    every_s: float = 1.0

    async def run(self) -> None:
        """Looks again and again until cancelled, when jobs that could not report to a server have had time to."""
        await asyncio.sleep(SILENT_AFTER.total_seconds())
        looked = 0
        while True:
            try:
                await self.look()
                if looked % 3600 == 0:
                    await self._forget()
            except (DatabaseError, OSError) as error:
                log.warning("voice_rooms_not_read", error=type(error).__name__)
            looked += 1
            await asyncio.sleep(self.every_s)

    async def look(self) -> None:
        """Notices calls whose job has fallen silent, and asks for the jobs that are due."""
        first = timedelta(seconds=self.patience.first_job_s)
        async with self.sessions() as session:
            silent = await voice.silent_rooms(session, quiet=SILENT_AFTER, first_wait=first)
        for session_id in silent:
            await self.lost(session_id)
        async with self.sessions() as session:
            due = await voice.due_rooms(session, _BATCH)
        await asyncio.gather(*(self._send(session_id) for session_id in due))

    async def lost(self, session_id: UUID) -> None:
        """A call has no job; one is asked for at once."""
        async with self.sessions.begin() as session:
            room = await _held(session, session_id)
            if room is None or room.next_dispatch_at is not None:
                return
            before = voice_view(room)
            state = room.state if room.job_id is None else "lost"
            await voice.change_room(session, session_id, {"state": state, "next_dispatch_at": voice.NOW})
            await tell_voice(session, session_id, before)
        log.warning("voice_job_lost", session_id=str(session_id), dispatches=room.dispatches)
        self.told(session_id)

    async def heard(self, event: RoomEvent) -> None:
        """A webhook of LiveKit's; one that was heard before changes nothing."""
        async with self.sessions.begin() as session:
            if not await voice.take_event(session, event.id, event.event, event.room):
                return
            room = await voice.room_named(session, event.room) if event.room else None
        if room is None:
            if event.caller is not None and event.event == "participant_joined" and event.room:
                await self._open(event.room, event.caller)
            return
        if event.event == "room_finished" or (event.event == "participant_left" and _is_its_job(event, room)):
            # What is still in the hands of a job that leaves in good order has a moment to arrive.
            await self._after(room.session_id, 2 * HEARTBEAT_S if event.event == "room_finished" else 0.0)

    async def _open(self, room: str, caller: Caller) -> None:
        """A call of which no job has told yet; should none come, it is sent again like a lost one."""
        try:
            wanted = [one for one in await self.rooms.dispatched(room) if one.agent_name in (LISTENER, RECEPTIONIST)]
        except UpstreamError as error:
            log.warning("voice_room_not_read", reason=str(error))
            return
        if not wanted:
            return
        job = wanted[0]
        source = {"answered_by": RECEPTIONIST} if job.agent_name == RECEPTIONIST else {}
        call_id = job.metadata.get("call_id") or caller.call_id
        started = StartCall(
            call_id=call_id,
            customer_phone=caller.phone,
            customer_name=caller.name,
            acd_metadata={"source": "livekit", "room": room, **source},
        )
        session_id = await self.calls.start(started, None)
        purpose = job.metadata.get("purpose") or ("answer" if source else "listen")
        values = {"session_id": session_id, "room": room, "agent_name": job.agent_name, "purpose": purpose}
        async with self.sessions.begin() as session:
            await voice.insert_room(session, values)

    async def _after(self, session_id: UUID, wait_s: float) -> None:
        async with self.sessions.begin() as session:
            room = await _held(session, session_id)
            if room is None or room.next_dispatch_at is not None:
                return
            at = await timers.now(session) + timedelta(seconds=wait_s)
            before = voice_view(room)
            await voice.change_room(session, session_id, {"state": "lost", "next_dispatch_at": at})
            await tell_voice(session, session_id, before)
        self.told(session_id)

    async def _send(self, session_id: UUID) -> None:
        room = await self._claimed(session_id)
        if room is None:
            return
        try:
            if await self.rooms.people(room.room):
                metadata = {"session_id": str(session_id), "purpose": room.purpose}
                await self.rooms.dispatch(room.room, Dispatch(agent_name=room.agent_name, metadata=metadata))
                await self._note_people(session_id)
            elif await self._is_over(session_id):
                await self.calls.end(session_id, "completed" if room.job_id else "abandoned")
                log.info("voice_call_ended_by_watchdog", session_id=str(session_id))
        except UpstreamError as error:
            log.warning("voice_job_not_sent", session_id=str(session_id), reason=str(error))

    async def _claimed(self, session_id: UUID) -> VoiceRoom | None:
        """The room, with the next attempt put off; None: another process was faster, or a job is there again."""
        async with self.sessions.begin() as session:
            room = await _held(session, session_id)
            now = await timers.now(session)
            if room is None or room.next_dispatch_at is None or room.next_dispatch_at > now:
                return None
            pause_s = min(self.patience.between_s * 2**room.dispatches, self.patience.between_most_s)
            values = {"dispatches": room.dispatches + 1, "next_dispatch_at": now + timedelta(seconds=pause_s)}
            await voice.change_room(session, session_id, values)
            return room

    async def _note_people(self, session_id: UUID) -> None:
        async with self.sessions.begin() as session:
            await voice.change_room(session, session_id, {"empty_at": None})

    async def _is_over(self, session_id: UUID) -> bool:
        """Nobody has been in the room for long enough."""
        async with self.sessions.begin() as session:
            room, now = await _held(session, session_id), await timers.now(session)
            if room is None:
                return False
            if room.empty_at is None:
                again = now + timedelta(seconds=self.patience.empty_s)
                await voice.change_room(session, session_id, {"empty_at": now, "next_dispatch_at": again})
                return False
            wait_s = self.patience.empty_s if room.job_id else self.patience.unopened_s
            return now >= (room.empty_at if room.job_id else room.created_at) + timedelta(seconds=wait_s)

    async def _forget(self) -> None:
        async with self.sessions.begin() as session:
            await voice.forget_events(session, _EVENTS_KEPT)


def _is_its_job(event: RoomEvent, room: VoiceRoom) -> bool:
    """The job that has the call, and not one that gave way to it."""
    return event.is_job and (room.job_id is None or (event.identity or "").endswith(room.job_id))


async def _held(session: Session, session_id: UUID) -> VoiceRoom | None:
    """The room of a call that goes on, both locked, the call first."""
    call = await call_requests.lock_call(session, session_id)
    if call is None or call.status != "active":
        return None
    return await voice.room_of(session, session_id, lock=True)
