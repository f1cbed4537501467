"""Calls, their participants and segments. Whoever moves a counter uses its number in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import CallEvent, CallSession, Participant, TranscriptionSegment
from assist.db.models.base import Json


class NewCall(Struct, frozen=True, kw_only=True):
    """What is stored when a call starts."""

    session_id: UUID
    call_id: str
    agent_id: str | None
    agent_name: str | None
    customer_id: str | None
    customer_phone: str | None
    customer_name: str | None
    acd_metadata: Json
    crm_metadata: Json
    started_by_key: UUID | None


class NewSegment(Struct, frozen=True, kw_only=True):
    """What is stored of a segment."""

    session_id: UUID
    segment_id: str
    speaker: str
    text: str
    start_time: float
    end_time: float
    confidence: float | None
    language: str | None


class Numbers(Struct, frozen=True, kw_only=True):
    """Numbers taken from a call's counters: the last one of each kind."""

    segment: int
    event: int


async def insert_call(session: Session, call: NewCall) -> bool:
    """False when the `call_id` exists already; nothing is changed then."""
    values = {field: getattr(call, field) for field in call.__struct_fields__}
    statement = insert(CallSession).values(**values).on_conflict_do_nothing(index_elements=["call_id"])
    return (await session.execute(statement.returning(CallSession.session_id))).scalar() is not None


async def insert_participants(session: Session, rows: Sequence[Json]) -> None:
    """Participants that are there already are left as they are."""
    if rows:
        conflict = ["session_id", "role", "identity"]
        await session.execute(insert(Participant).values(list(rows)).on_conflict_do_nothing(index_elements=conflict))


async def by_call_id(session: Session, call_id: str) -> CallSession | None:
    """The call by the telephone system's id."""
    return (await session.execute(select(CallSession).where(CallSession.call_id == call_id))).scalar_one_or_none()


async def by_session_id(session: Session, session_id: UUID) -> CallSession | None:
    """The call by our own id."""
    return await session.get(CallSession, session_id)


async def lock_call(session: Session, session_id: UUID) -> bool:
    """Locks the call's row until the end of the transaction, as `take_numbers` does. False: no such call.

    Whoever also locks other rows of a call locks this one first, so that nobody waits in a circle.
    """
    statement = select(CallSession.session_id).where(CallSession.session_id == session_id)
    return (await session.execute(statement.with_for_update(key_share=True))).scalar_one_or_none() is not None


async def take_numbers(session: Session, session_id: UUID, *, segments: int, events: int) -> Numbers | None:
    """Locks the call's row and moves its counters. None: no such call, or (for segments) it has ended."""
    allowed = CallSession.status == "active" if segments else true()
    statement = (
        update(CallSession)
        .where(CallSession.session_id == session_id, allowed)
        .values(segment_seq=CallSession.segment_seq + segments, event_seq=CallSession.event_seq + events)
        .returning(CallSession.segment_seq, CallSession.event_seq)
    )
    row = (await session.execute(statement)).one_or_none()
    return Numbers(segment=row.segment_seq, event=row.event_seq) if row else None


async def mark_ended(session: Session, session_id: UUID, end_status: str) -> Numbers | None:
    """Ends an active call and takes one event number. None: unknown, or ended already."""
    statement = (
        update(CallSession)
        .where(CallSession.session_id == session_id, CallSession.status == "active")
        .values(
            status="ended",
            ended_at=func.clock_timestamp(),
            end_status=end_status,
            event_seq=CallSession.event_seq + 1,
        )
        .returning(CallSession.segment_seq, CallSession.event_seq)
    )
    row = (await session.execute(statement)).one_or_none()
    return Numbers(segment=row.segment_seq, event=row.event_seq) if row else None


async def insert_segment(session: Session, segment: NewSegment, number: int) -> datetime:
    """Stores a segment under its number; returns when it was received.

    Raises:
        sqlalchemy.exc.IntegrityError: its id is taken; roll back, nothing of the transaction may stay.
    """
    values: dict[str, Any] = {field: getattr(segment, field) for field in segment.__struct_fields__}
    statement = insert(TranscriptionSegment).values(number=number, **values)
    return (await session.execute(statement.returning(TranscriptionSegment.received_at))).scalar_one()


async def segment_number(session: Session, session_id: UUID, segment_id: str) -> int | None:
    """The number under which a segment is stored."""
    statement = select(TranscriptionSegment.number).where(
        TranscriptionSegment.session_id == session_id, TranscriptionSegment.segment_id == segment_id
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def segments_after(session: Session, session_id: UUID, number: int) -> Sequence[TranscriptionSegment]:
    """Segments with a higher number, by number."""
    statement = (
        select(TranscriptionSegment)
        .where(TranscriptionSegment.session_id == session_id, TranscriptionSegment.number > number)
        .order_by(TranscriptionSegment.number)
    )
    return (await session.execute(statement)).scalars().all()


async def insert_events(session: Session, session_id: UUID, first_seq: int, events: Sequence[tuple[str, Json]]) -> None:
    """Writes (type, payload) events under consecutive numbers that the transaction has taken."""
    if events:
        rows = [
            {"session_id": session_id, "seq": first_seq + place, "type": kind, "payload": payload}
            for place, (kind, payload) in enumerate(events)
        ]
        await session.execute(insert(CallEvent), rows)


async def correct_subjects(session: Session, call: CallSession, names: Sequence[str]) -> bool:
    """Sets the subjects that do not count, and takes the call out of the hands of whoever works on it: a turn that
    began without knowing is void and runs again. False: the call is not as it was read; nothing is changed.
    """
    same = and_(
        CallSession.session_id == call.session_id,
        CallSession.turn_seq == call.turn_seq,
        CallSession.fence == call.fence,
    )
    statement = (
        update(CallSession)
        .where(same)
        .values(dismissed_subjects=list(names), fence=CallSession.fence + 1, attempts=0)
        .returning(CallSession.session_id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def append_event(session: Session, session_id: UUID, kind: str, payload: Json) -> bool:
    """Takes the call's next event number and writes one event under it. False: no such call."""
    numbers = await take_numbers(session, session_id, segments=0, events=1)
    if numbers is None:
        return False
    await insert_events(session, session_id, numbers.event, [(kind, payload)])
    return True


async def events_after(session: Session, session_id: UUID, seq: int, limit: int) -> Sequence[CallEvent]:
    """Events above a cursor, in order."""
    statement = (
        select(CallEvent)
        .where(CallEvent.session_id == session_id, CallEvent.seq > seq)
        .order_by(CallEvent.seq)
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


def _seen_by(agent_identities: Sequence[str] | None) -> ColumnElement[bool]:
    """Calls that somebody with these agent ids is on; None sees every call."""
    if agent_identities is None:
        return CallSession.session_id.is_not(None)
    return exists().where(
        Participant.session_id == CallSession.session_id,
        Participant.role == "agent",
        Participant.identity.in_(agent_identities),
    )


async def is_on_call(session: Session, session_id: UUID, agent_identities: Sequence[str]) -> bool:
    """Whether one of these agent ids is a participant."""
    statement = select(
        exists().where(
            Participant.session_id == session_id,
            Participant.role == "agent",
            Participant.identity.in_(agent_identities),
        )
    )
    return bool((await session.execute(statement)).scalar_one())


class CallFilter(Struct, frozen=True, kw_only=True):
    """Which calls to list."""

    status: str | None = None
    agent_identities: tuple[str, ...] | None = None
    """None: of everybody."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As WHERE clauses."""
        found = [_seen_by(self.agent_identities)]
        if self.status is not None:
            found.append(CallSession.status == self.status)
        return found


async def count_calls(session: Session, wanted: CallFilter) -> int:
    """How many calls match."""
    statement = select(func.count()).select_from(CallSession).where(*wanted.conditions())
    return (await session.execute(statement)).scalar_one()


async def list_calls(
    session: Session, wanted: CallFilter, *, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[CallSession]:
    """Newest first; `before` is the (started_at, session_id) of the last call of the page before."""
    conditions = wanted.conditions()
    if before is not None:
        conditions.append(tuple_(CallSession.started_at, CallSession.session_id) < before)
    order = (CallSession.started_at.desc(), CallSession.session_id.desc())
    return (await session.execute(select(CallSession).where(*conditions).order_by(*order).limit(limit))).scalars().all()


async def last_segments(session: Session, session_ids: Sequence[UUID]) -> dict[UUID, TranscriptionSegment]:
    """The newest segment of each call, in one query."""
    if not session_ids:
        return {}
    newest = and_(
        TranscriptionSegment.session_id == CallSession.session_id,
        TranscriptionSegment.number == CallSession.segment_seq,
    )
    statement = (
        select(TranscriptionSegment).join(CallSession, newest).where(TranscriptionSegment.session_id.in_(session_ids))
    )
    return {row.session_id: row for row in (await session.execute(statement)).scalars()}


async def progress(session: Session, session_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """(event_seq, analysed_through) of each call, in one query."""
    statement = select(CallSession.session_id, CallSession.event_seq, CallSession.analysed_through).where(
        CallSession.session_id.in_(session_ids)
    )
    return {row.session_id: (row.event_seq, row.analysed_through) for row in await session.execute(statement)}


async def last_start_and_end(session: Session) -> tuple[datetime | None, datetime | None]:
    """Changes whenever any call starts or ends; read from two indexes, however many calls there are."""
    statement = select(
        select(func.max(CallSession.started_at)).scalar_subquery(),
        select(func.max(CallSession.ended_at)).scalar_subquery(),
    )
    row = (await session.execute(statement)).one()
    return row[0], row[1]


async def list_marker(session: Session, agent_identities: Sequence[str] | None) -> tuple[int, datetime | None]:
    """Changes whenever the list of calls somebody sees does: how many are active, and the last start or end."""
    latest = func.max(func.greatest(CallSession.started_at, CallSession.ended_at))
    active = func.count().filter(CallSession.status == "active")
    statement = select(active, latest).where(_seen_by(agent_identities), or_(CallSession.status.is_not(None)))
    row = (await session.execute(statement)).one()
    return row[0], row[1]


async def last_event(session: Session, session_id: UUID, kind: str) -> CallEvent | None:
    """The newest event of a type."""
    statement = (
        select(CallEvent)
        .where(CallEvent.session_id == session_id, CallEvent.type == kind)
        .order_by(CallEvent.seq.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()
