"""Follow-ups: answers on their way to customers whose call has ended, one a request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import FollowUp, HelpRequest, Notification
from assist.db.models.base import Json

STATES = ("pending", "sent", "failed", "open", "done")


class Listed(Struct, frozen=True, kw_only=True):
    """A follow-up with its request, and its state as the outbox knows it."""

    follow_up: FollowUp
    request: HelpRequest
    state: str


async def insert_follow_up(session: Session, values: Json) -> bool:
    """False: the request has one already; nothing is changed."""
    statement = insert(FollowUp).values(**values).on_conflict_do_nothing(index_elements=["request_id"])
    return (await session.execute(statement.returning(FollowUp.id))).scalar_one_or_none() is not None


async def set_notification(session: Session, follow_up_id: UUID, notification_id: UUID) -> None:
    """Which message of the outbox carries it."""
    statement = update(FollowUp).where(FollowUp.id == follow_up_id)
    await session.execute(statement.values(notification_id=notification_id))


async def lock(session: Session, follow_up_id: UUID) -> Listed | None:
    """One follow-up, locked for a change."""
    statement = _listing().where(FollowUp.id == follow_up_id).with_for_update(of=FollowUp)
    row = (await session.execute(statement.execution_options(populate_existing=True))).one_or_none()
    return _listed(row) if row is not None else None


async def set_done(session: Session, follow_up_id: UUID, done_by: str) -> None:
    """Somebody has told the customer."""
    values = {"state": "done", "done_by": done_by, "done_at": func.clock_timestamp()}
    await session.execute(update(FollowUp).where(FollowUp.id == follow_up_id).values(**values))


async def count(session: Session, states: Sequence[str]) -> int:
    """How many are in one of these states; in any when none is given."""
    statement = select(func.count()).select_from(FollowUp).outerjoin(Notification, _sent_by())
    return (await session.execute(statement.where(*_in_states(states)))).scalar_one()


async def page(
    session: Session, states: Sequence[str], *, limit: int, after: tuple[datetime, UUID] | None
) -> list[Listed]:
    """Oldest first: who waits longest is called first. `after` is (created_at, id) of the last one before."""
    statement = _listing().where(*_in_states(states))
    if after is not None:
        statement = statement.where(tuple_(FollowUp.created_at, FollowUp.id) > after)
    rows = await session.execute(statement.order_by(FollowUp.created_at, FollowUp.id).limit(limit))
    return [_listed(row) for row in rows]


def _listing() -> Select[FollowUp, HelpRequest, str]:
    return (
        select(FollowUp, HelpRequest, _state())
        .join(HelpRequest, HelpRequest.id == FollowUp.request_id)
        .outerjoin(Notification, _sent_by())
    )


def _sent_by() -> ColumnElement[bool]:
    return Notification.id == FollowUp.notification_id


def _state() -> ColumnElement[str]:
    """What became of the message counts as long as nobody has called the customer instead."""
    outbox = case(
        (Notification.state == "sent", "sent"),
        (Notification.state.in_(("dead", "cancelled")), "failed"),
        else_=FollowUp.state,
    )
    return case((FollowUp.state == "pending", outbox), else_=FollowUp.state)


def _in_states(states: Sequence[str]) -> list[ColumnElement[bool]]:
    return [_state().in_(states)] if states else []


def _listed(row: Any) -> Listed:
    return Listed(follow_up=row[0], request=row[1], state=row[2])
