"""Jobs that hear calls: they report in, beat every two seconds, and say what they could not hear."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from assist.calls import unknown_session
from assist.db import call_requests, calls, timers, voice
from assist.db.engine import Session, Sessions
from assist.db.models import CallSession, VoiceRoom
from assist.db.models.base import Json
from assist.delivery import CALL_LIST, FLOOR, Hub
from assist.errors import ConflictError
from assist.views import GapView, VoiceView, builtins, call_view, voice_view

HEARTBEAT_S = 2.0
SILENT_AFTER = timedelta(seconds=3 * HEARTBEAT_S)
"""Without a heartbeat for so long, a job counts as lost."""
KEYTERMS_MAX = 100
_LEAST_GAP_S = 0.2
_REMEMBERED = 10_000
JOB_LOST = "job_lost"

Short = Annotated[str, Meta(min_length=1, max_length=200)]
Seconds = Annotated[float, Meta(ge=0.0, le=1_000_000.0)]


class Present(Struct, frozen=True, kw_only=True):
    """A person in the room, or one who was."""

    identity: Short
    role: Literal["customer", "agent", "supervisor"]
    name: Annotated[str, Meta(max_length=300)] | None = None
    agent_id: Annotated[str, Meta(max_length=200)] | None = None
    phone: Annotated[str, Meta(max_length=50)] | None = None
    present: bool = True


class Gap(Struct, frozen=True, kw_only=True):
    """Audio that a job had to let go."""

    id: Short
    start_time: Seconds
    end_time: Seconds
    reason: Annotated[str, Meta(min_length=1, max_length=100)]
    speaker: Literal["customer", "agent"] | None = None


class Beat(Struct, frozen=True, kw_only=True):
    """How a job is doing."""

    job_id: Short
    settled_s: Seconds
    """Second of the call up to which all that was said is on its way here."""
    transcription: Literal["ok", "degraded", "unavailable"] = "ok"
    detail: Annotated[str, Meta(max_length=100)] | None = None
    participants: Annotated[list[Present], Meta(max_length=50)] = []


class Arrival(Struct, frozen=True, kw_only=True):
    """A job that is in the room and listens."""

    session_id: UUID
    room: Short
    kind: Literal["assist", "receptionist"]
    job_id: Short


class Begun(Struct, frozen=True, kw_only=True):
    """What a job needs to know."""

    elapsed_s: float
    """Second of the call that it is now."""
    heartbeat_s: float
    resumed: bool
    """Another job heard this call before; what lies between them is marked as a gap."""
    keyterms: list[str]
    """Names that the recogniser should know."""


class Answer(Struct, frozen=True, kw_only=True):
    """Whether a job goes on."""

    ended: bool
    """The call has ended."""
    replaced: bool
    """Another job has the call."""


@dataclass(frozen=True, kw_only=True)
class VoiceJobs:
    """The jobs of this installation."""

    sessions: Sessions
    hub: Hub
    announce: Callable[[], None]
    """Tells other processes that something was stored."""
    _last: dict[UUID, bytes] = field(default_factory=dict)
    """What each call's job has said last, so that a beat without news costs one statement."""

    async def begin(self, arrival: Arrival) -> Begun:
        """Makes it the job of the call; the same job again is as good as once.

        Raises:
            NotFoundError: there is no such call.
            ConflictError: the call has ended, or another job of this kind hears it: two would tell everything twice.
        """
        async with self.sessions.begin() as session:
            call = await _active(session, arrival.session_id)
            clock = await voice.elapsed(session, call.session_id)
            assert clock is not None  # it is locked
            room = await self._room(session, arrival)
            resumed = room.job_id not in (None, arrival.job_id)
            if resumed and room.agent_name == arrival.kind:
                await _refuse_second(session, room)
                await self._mark_gap(session, room, clock.seconds)
            await voice.change_room(session, call.session_id, _taken_by(arrival, clock.seconds))
            await tell_voice(session, call.session_id)
            keyterms = await voice.product_names(session, KEYTERMS_MAX)
        self._last.pop(arrival.session_id, None)
        self.told(arrival.session_id)
        return Begun(elapsed_s=round(clock.seconds, 3), heartbeat_s=HEARTBEAT_S, resumed=resumed, keyterms=keyterms)

    async def beat(self, session_id: UUID, beat: Beat) -> Answer:
        """Notes that a job lives, and what it reports.

        Raises:
            NotFoundError: there is no such call.
        """
        content = msgspec.json.encode(msgspec.structs.replace(beat, settled_s=0.0))
        if self._last.get(session_id) == content:
            async with self.sessions.begin() as session:
                is_known = await voice.beat(session, session_id, beat.job_id, beat.settled_s)
                call = await calls.by_session_id(session, session_id)
            if is_known and call is not None:
                return Answer(ended=call.status != "active", replaced=False)
        return await self._hear(session_id, beat, content)

    async def miss(self, session_id: UUID, gaps: list[Gap]) -> None:
        """Marks what was not transcribed, also of a call that has ended; a gap that is known changes nothing.

        Raises:
            NotFoundError: there is no such call.
        """
        async with self.sessions.begin() as session:
            if await call_requests.lock_call(session, session_id) is None:
                raise unknown_session()
            for gap in gaps:
                await _note_gap(session, session_id, gap)
        self.told(session_id)

    async def keyterms(self) -> list[str]:
        """Names of products and the like, most written about first."""
        async with self.sessions() as session:
            return await voice.product_names(session, KEYTERMS_MAX)

    async def contact(self, session_id: UUID, name: str | None, contact: str | None) -> None:
        """Notes how a caller is reached, on the call and on its open requests.

        Raises:
            NotFoundError: there is no such call.
        """
        async with self.sessions.begin() as session:
            if await call_requests.lock_call(session, session_id) is None:
                raise unknown_session()
            if name or contact:
                await voice.set_contact(session, session_id, name, contact)
                await _tell_call(session, session_id)
        self.told(session_id)
        self.hub.wake(CALL_LIST)

    def told(self, session_id: UUID) -> None:
        """After a commit: wakes whoever follows the call."""
        self.hub.wake(session_id)
        self.hub.wake(FLOOR)
        self.announce()

    async def _room(self, session: Session, arrival: Arrival) -> VoiceRoom:
        values = {"session_id": arrival.session_id, "room": arrival.room, "agent_name": arrival.kind}
        await voice.insert_room(session, values)
        room = await voice.room_of(session, arrival.session_id, lock=True)
        assert room is not None  # it was inserted if it was not there
        return room

    async def _mark_gap(self, session: Session, room: VoiceRoom, until_s: float) -> None:
        if until_s - room.settled_s >= _LEAST_GAP_S:
            gap = Gap(id=f"job:{room.job_id}", start_time=room.settled_s, end_time=until_s, reason=JOB_LOST)
            await _note_gap(session, room.session_id, gap)

    async def _hear(self, session_id: UUID, beat: Beat, content: bytes) -> Answer:
        async with self.sessions.begin() as session:
            call = await call_requests.lock_call(session, session_id)
            if call is None:
                raise unknown_session()
            room = await voice.room_of(session, session_id, lock=True)
            if room is None or room.job_id != beat.job_id:
                return Answer(ended=call.status != "active", replaced=True)
            agent_changed = await _note_people(session, call, beat.participants)
            before = voice_view(room)
            await voice.beat(session, session_id, beat.job_id, beat.settled_s)
            state: Json = {"transcription": beat.transcription, "detail": beat.detail, "state": "listening"}
            await voice.change_room(session, session_id, {**state, "next_dispatch_at": None, "dispatches": 0})
            await tell_voice(session, session_id, before)
        if len(self._last) >= _REMEMBERED:
            self._last.clear()
        self._last[session_id] = content
        self.told(session_id)
        if agent_changed:
            self.hub.wake(CALL_LIST)
        return Answer(ended=call.status != "active", replaced=False)


async def tell_voice(session: Session, session_id: UUID, before: VoiceView | None = None) -> None:
    """Writes the event `voice` if the call is heard otherwise than before."""
    room = await voice.room_of(session, session_id, lock=True)
    if room is not None and voice_view(room) != before:
        await calls.append_event(session, session_id, "voice", {"voice": builtins(voice_view(room))})


async def _active(session: Session, session_id: UUID) -> CallSession:
    call = await call_requests.lock_call(session, session_id)
    if call is None:
        raise unknown_session()
    if call.status != "active":
        raise ConflictError("call_ended", "This call has ended; there is nothing to hear any more.")
    return call


async def _refuse_second(session: Session, room: VoiceRoom) -> None:
    """A job that beats keeps its call; one that was lost, or has fallen silent, does not."""
    if room.state != "listening" or room.heartbeat_at is None:
        return
    if await timers.now(session) - room.heartbeat_at < SILENT_AFTER:
        raise ConflictError("job_present", "Another job hears this call already.")


def _taken_by(arrival: Arrival, elapsed_s: float) -> Json:
    return {
        "room": arrival.room,
        "agent_name": arrival.kind,
        "job_id": arrival.job_id,
        "state": "listening",
        "transcription": "ok",
        "detail": None,
        "heartbeat_at": voice.NOW,
        "settled_s": elapsed_s,
        "dispatches": 0,
        "next_dispatch_at": None,
        "empty_at": None,
    }


async def _note_gap(session: Session, session_id: UUID, gap: Gap) -> None:
    view = GapView(**{name: getattr(gap, name) for name in GapView.__struct_fields__})
    if gap.end_time > gap.start_time and await voice.insert_gap(session, session_id, builtins(view)):
        await calls.append_event(session, session_id, "gap", {"gap": builtins(view)})


async def _note_people(session: Session, call: CallSession, people: list[Present]) -> bool:
    """Whether another agent speaks with the customer than before: whoever came last."""
    agent = None
    for person in people:
        identity = (person.agent_id or person.identity).lower() if person.role == "agent" else person.identity
        if not person.present:
            await voice.leave(session, call.session_id, person.role, identity)
            continue
        row = {"role": person.role, "identity": identity, "name": person.name, "phone": person.phone}
        if await voice.join(session, call.session_id, row) and person.role == "agent":
            agent = (identity, person.name)
    if agent is None or call.agent_id == agent[0]:
        return False
    await voice.set_agent(session, call.session_id, *agent)
    await _tell_call(session, call.session_id)
    return True


async def _tell_call(session: Session, session_id: UUID) -> None:
    call = await call_requests.lock_call(session, session_id)
    assert call is not None  # it is locked
    await calls.append_event(session, session_id, "call", {"call": builtins(call_view(call))})
