"""The receptionist rings customers whose answer came after their call, and tries again when nobody takes it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog
from msgspec import Struct

from assist.calls import Calls, StartCall
from assist.db import call_backs, follow_ups, timers, voice
from assist.db.call_backs import Told
from assist.db.engine import Sessions
from assist.db.errors import DatabaseError
from assist.db.models.base import Json
from assist.delivery import SUPERVISION, Hub
from assist.errors import NotFoundError
from assist.escalation.steps import ROUTING, write
from assist.notifications.preferences import QuietHours, quiet_until
from assist.voice.ports import Rooms
from integrations.livekit.rooms import RECEPTIONIST, Dispatch, Ring, RingResult
from pipeline.errors import UpstreamError

_RINGING_MOST = timedelta(seconds=120)
"""A process that rings for longer has died."""
_AT_ONCE = 3
_BY = "Receptionist"
_HUNG_UP = "hung up"

log = structlog.get_logger(__name__)


class CallBackView(Struct, frozen=True, kw_only=True):
    """What the receptionist tells a customer who is rung."""

    question: str
    answer: str
    customer_name: str | None
    session_id: UUID | None
    """Of the call in which it was asked."""
    state: str


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """How often somebody is rung."""

    pauses: tuple[timedelta, ...] = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
    """Before the second, third, … attempt; after the last one a person has to ring."""


@dataclass(frozen=True, kw_only=True)
class CallBacks:
    """Looks once a second, in every process; each call-back is taken by one of them."""

    sessions: Sessions
    rooms: Rooms
    calls: Calls
    hub: Hub
    announce: Callable[[], None]
    attempts: Attempts = Attempts()
    quiet: QuietHours | None = None
    """When nobody is rung; None: never."""
    every_s: float = 1.0

    async def run(self) -> None:
        """Rings whoever is due, several at a time, until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(_AT_ONCE):
                lanes.create_task(self._lane())

    async def _lane(self) -> None:
        while True:
            try:
                await self.ring_due()
            except (DatabaseError, OSError) as error:
                log.warning("call_backs_not_read", error=type(error).__name__)
            await asyncio.sleep(self.every_s)

    async def ring_due(self) -> None:
        """Rings all that is due now, one after the other, and puts off what was hung up too early."""
        async with self.sessions() as session:
            early = await call_backs.hung_up_early(session)
        for follow_up_id in early:
            await self._settle(follow_up_id, "talking", RingResult(answered=False, status=_HUNG_UP, again=True))
        while not await self._is_quiet():
            async with self.sessions.begin() as session:
                due = await call_backs.claim_due(session, ringing_most=_RINGING_MOST)
                told = await call_backs.get(session, due) if due else None
            if told is None:
                return
            await self._ring(told)

    async def _is_quiet(self) -> bool:
        """Whether nobody may be rung now; those who wait wait until somebody may."""
        if self.quiet is None:
            return False
        async with self.sessions.begin() as session:
            until = quiet_until(self.quiet, await timers.now(session))
            put_off = until is not None and await call_backs.put_off(session, until)
        if put_off:
            self._told()
        return until is not None

    async def view(self, follow_up_id: UUID) -> CallBackView:
        """What is to be told.

        Raises:
            NotFoundError: there is no such call-back.
        """
        async with self.sessions() as session:
            told = await call_backs.get(session, follow_up_id)
        if told is None:
            raise _unknown()
        return CallBackView(
            question=told.request.question,
            answer=told.follow_up.text,
            customer_name=told.request.customer_name,
            session_id=told.request.session_id,
            state=told.call_back.state,
        )

    async def result(self, follow_up_id: UUID, outcome: Literal["told", "refused", "voicemail"]) -> None:
        """What came of a call that was answered; again is as good as once.

        Raises:
            NotFoundError: there is no such call-back.
        """
        if outcome != "told":
            again = outcome == "voicemail"
            if not await self._settle(follow_up_id, "talking", RingResult(answered=False, status=outcome, again=again)):
                await self.view(follow_up_id)  # raises for an unknown one
            return
        async with self.sessions.begin() as session:
            told = await call_backs.get(session, follow_up_id, lock=True)
            if told is None:
                raise _unknown()
            if told.call_back.state == "told":
                return
            await call_backs.change(session, follow_up_id, {"state": "told", "last_status": None})
            await follow_ups.set_done(session, follow_up_id, _BY)
            await write(session, told.request, ROUTING, "followed_up", after={"state": "done", "by": _BY})
        self._told()

    async def _ring(self, told: Told) -> None:
        follow_up, attempt = told.follow_up, told.call_back.attempts
        room = f"callback-{follow_up.id.hex}-{attempt}"
        session_id = await self._open_call(told, room)
        metadata = {"purpose": "callback", "follow_up_id": str(follow_up.id), "session_id": str(session_id)}
        identity = f"customer:{follow_up.id.hex}"
        try:
            await self.rooms.dispatch(room, Dispatch(agent_name=RECEPTIONIST, metadata=metadata))
            ring = Ring(room=room, number=follow_up.address or "", identity=identity, name=told.request.customer_name)
            result = await self.rooms.ring(ring)
        except UpstreamError as error:
            log.warning("call_back_not_rung", follow_up_id=str(follow_up.id), reason=str(error))
            result = RingResult(answered=False, status="server", again=True)
        await self._settle(follow_up.id, "ringing", result)
        if not result.answered:
            await self._close_call(session_id, room)

    async def _open_call(self, told: Told, room: str) -> UUID:
        call = StartCall(
            call_id=room,
            agent_name=_BY,
            customer_name=told.request.customer_name,
            customer_phone=told.follow_up.address,
            acd_metadata={"source": "callback", "room": room, "answered_by": RECEPTIONIST},
        )
        session_id = await self.calls.start(call, None)
        values = {"session_id": session_id, "room": room, "agent_name": RECEPTIONIST, "purpose": "callback"}
        async with self.sessions.begin() as session:
            await voice.insert_room(session, values)
            await call_backs.change(session, told.follow_up.id, {"session_id": session_id})
        return session_id

    async def _close_call(self, session_id: UUID, room: str) -> None:
        await self.calls.end(session_id, "not_answered")
        try:
            await self.rooms.delete(room)
        except UpstreamError as error:
            log.warning("room_not_deleted", reason=str(error))

    async def _settle(self, follow_up_id: UUID, state: str, result: RingResult) -> bool:
        """Notes what came of an attempt that is in a state; False: it is in another one by now."""
        async with self.sessions.begin() as session:
            told = await call_backs.get(session, follow_up_id, lock=True)
            if told is None or told.call_back.state != state:
                return False
            now = await timers.now(session)
            await call_backs.change(session, follow_up_id, self._after(told.call_back.attempts, result, now))
        self._told()
        return True

    def _after(self, attempts: int, result: RingResult, now: datetime) -> Json:
        if result.answered:
            return {"state": "talking", "last_status": None}
        pauses = self.attempts.pauses
        if not result.again or attempts > len(pauses):
            return {"state": "given_up", "last_status": result.status}
        return {"state": "waiting", "last_status": result.status, "next_attempt_at": now + pauses[attempts - 1]}

    def _told(self) -> None:
        self.hub.wake(SUPERVISION)
        self.announce()


def _unknown() -> NotFoundError:
    return NotFoundError("unknown_call_back", "There is no such call-back.")
