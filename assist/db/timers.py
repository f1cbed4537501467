"""Timers of help requests. The database's clock says what is due; each fires in the transaction that takes it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import HelpRequest, HelpRequestEvent, HelpRequestTimer

Key = tuple[str, int]
"""Kind and ordinal."""


class Due(Struct, frozen=True, kw_only=True):
    """A timer whose moment has come."""

    id: UUID
    request_id: UUID
    session_id: UUID | None
    kind: str
    ordinal: int
    due_at: datetime


async def now(session: Session) -> datetime:
    """The database's clock; it goes on within a transaction."""
    moment: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return moment


async def set_timers(session: Session, request_id: UUID, wanted: Mapping[Key, datetime]) -> None:
    """Adds timers and moves those that have not fired yet; one that was cancelled counts again."""
    if not wanted:
        return
    rows = [
        {"id": uuid4(), "request_id": request_id, "kind": kind, "ordinal": ordinal, "due_at": due_at}
        for (kind, ordinal), due_at in wanted.items()
    ]
    added = insert(HelpRequestTimer).values(rows)
    moved = added.on_conflict_do_update(
        index_elements=["request_id", "kind", "ordinal"],
        set_={"due_at": added.excluded.due_at, "cancelled_at": None},
        where=HelpRequestTimer.fired_at.is_(None),
    )
    await session.execute(moved)


async def cancel_all(session: Session, request_id: UUID, *, but: Collection[Key] = ()) -> None:
    """Nothing of a request becomes due any more, except the timers named."""
    statement = update(HelpRequestTimer).where(HelpRequestTimer.request_id == request_id, *_waiting())
    if but:
        kept = tuple_(HelpRequestTimer.kind, HelpRequestTimer.ordinal).in_(sorted(but))
        statement = statement.where(~kept)
    await session.execute(statement.values(cancelled_at=func.clock_timestamp()))


async def next_due(session: Session, request_id: UUID) -> datetime | None:
    """When the next timer of a request is due; None: none waits."""
    statement = select(func.min(HelpRequestTimer.due_at)).where(HelpRequestTimer.request_id == request_id, *_waiting())
    moment: datetime | None = (await session.execute(statement)).scalar_one()
    return moment


async def level_timer(session: Session, request_id: UUID, kind: str, ordinal: int) -> HelpRequestTimer | None:
    """One timer as it is now, whether it still waits or not."""
    statement = select(HelpRequestTimer).where(
        HelpRequestTimer.request_id == request_id, HelpRequestTimer.kind == kind, HelpRequestTimer.ordinal == ordinal
    )
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def last_move(session: Session, request_id: UUID) -> datetime | None:
    """When a request was last passed on or put back into a queue; None: it is where it was first."""
    statement = select(func.max(HelpRequestEvent.at)).where(
        HelpRequestEvent.request_id == request_id,
        HelpRequestEvent.action.in_(("escalated", "handed_back", "reassigned")),
    )
    moment: datetime | None = (await session.execute(statement)).scalar_one()
    return moment


async def due(session: Session, *, but: Collection[UUID], limit: int) -> list[Due]:
    """What is due now and nobody has in hand, earliest first. Locks nothing."""
    statement = (
        select(HelpRequestTimer, HelpRequest.session_id)
        .join(HelpRequest, HelpRequest.id == HelpRequestTimer.request_id)
        .where(*_waiting(), HelpRequestTimer.due_at <= func.clock_timestamp(), HelpRequestTimer.id.not_in(list(but)))
        .order_by(HelpRequestTimer.due_at, HelpRequestTimer.id)
        .limit(limit)
    )
    return [
        Due(
            id=timer.id,
            request_id=timer.request_id,
            session_id=session_id,
            kind=timer.kind,
            ordinal=timer.ordinal,
            due_at=timer.due_at,
        )
        for timer, session_id in (await session.execute(statement)).tuples()
    ]


async def lock_request(session: Session, request_id: UUID) -> HelpRequest | None:
    """The request's row, locked and as it is now; None: it is gone, or somebody has it locked at this moment."""
    statement = (
        select(HelpRequest)
        .where(HelpRequest.id == request_id)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def fire(session: Session, timer_id: UUID) -> datetime | None:
    """Marks a timer as fired and returns when; None: it is not due any more, or somebody else fires it."""
    mine = (
        select(HelpRequestTimer.id)
        .where(HelpRequestTimer.id == timer_id, *_waiting(), HelpRequestTimer.due_at <= func.clock_timestamp())
        .with_for_update(skip_locked=True)
    ).scalar_subquery()
    statement = (
        update(HelpRequestTimer)
        .where(HelpRequestTimer.id == mine)
        .values(fired_at=func.clock_timestamp())
        .returning(HelpRequestTimer.fired_at)
    )
    moment: datetime | None = (await session.execute(statement)).scalar_one_or_none()
    return moment


async def wait_briefly(session: Session) -> None:
    """Has this transaction wait at most two seconds for a lock; whoever holds it longer is asked again later."""
    await session.execute(text("SET LOCAL lock_timeout = '2s'"))


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return HelpRequestTimer.fired_at.is_(None), HelpRequestTimer.cancelled_at.is_(None)
