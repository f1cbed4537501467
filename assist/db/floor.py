"""The floor: all calls that go on, read in a number of queries that does not depend on how many there are."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, select

from assist.db.engine import Session
from assist.db.models import CallSession, HelpRequest, HelpRequestEvent, TranscriptionSegment

_OPEN = ("pending", "in_progress", "escalated")


class FloorSegment(NamedTuple):
    """One piece of transcript, cut to what a glance needs."""

    session_id: UUID
    speaker: str
    text: str
    language: str | None
    at: datetime


class OpenRequests(NamedTuple):
    """What a call waits for."""

    number: int
    escalated: bool
    """One of them was passed on to the next level."""


async def live_calls(session: Session, limit: int) -> Sequence[CallSession]:
    """Calls that go on, the longest first."""
    statement = (
        select(CallSession)
        .where(CallSession.ended_at.is_(None), CallSession.status == "active")
        .order_by(CallSession.started_at, CallSession.session_id)
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def count_live(session: Session) -> int:
    """How many calls go on."""
    statement = select(func.count()).select_from(CallSession)
    return (await session.execute(statement.where(CallSession.ended_at.is_(None)))).scalar_one()


async def latest_segments(
    session: Session, session_ids: Sequence[UUID], *, each: int, chars: int
) -> dict[UUID, list[FloorSegment]]:
    """The latest segments of each call, in the order they were said, at most `each` of `chars` characters."""
    latest = and_(
        TranscriptionSegment.session_id == CallSession.session_id,
        TranscriptionSegment.number > CallSession.segment_seq - each,
    )
    statement = (
        select(
            TranscriptionSegment.session_id,
            TranscriptionSegment.speaker,
            func.left(TranscriptionSegment.text, chars).label("text"),
            TranscriptionSegment.language,
            TranscriptionSegment.received_at.label("at"),
        )
        .join(CallSession, latest)
        .where(CallSession.session_id.in_(session_ids))
        .order_by(TranscriptionSegment.start_time, TranscriptionSegment.number)
    )
    found: dict[UUID, list[FloorSegment]] = {}
    for row in await session.execute(statement):
        found.setdefault(row.session_id, []).append(FloorSegment(*row))
    return found


async def open_requests(session: Session, session_ids: Sequence[UUID]) -> dict[UUID, OpenRequests]:
    """Of the calls that have any."""
    statement = (
        select(HelpRequest.session_id, func.count(), func.bool_or(HelpRequest.level > 0))
        .where(HelpRequest.session_id.in_(session_ids), HelpRequest.status.in_(_OPEN))
        .group_by(HelpRequest.session_id)
    )
    return {row[0]: OpenRequests(row[1], row[2]) for row in await session.execute(statement)}


async def marker(session: Session) -> object:
    """Another value whenever the floor looks different; read from indexes, however many calls there were."""
    live = select(func.count(), func.sum(CallSession.segment_seq), func.max(CallSession.started_at)).where(
        CallSession.ended_at.is_(None)
    )
    asked = select(func.max(HelpRequestEvent.id))
    return tuple((await session.execute(live)).one()), (await session.execute(asked)).scalar_one()
