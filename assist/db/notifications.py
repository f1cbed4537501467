"""The outbox's rows: who sends which one next, what became of it, and what people wish to be told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import HelpRequest, Notification, NotificationAttempt, NotificationPreference, User
from assist.db.models.base import Json

SUPERVISING_ROLES = ("supervisor", "admin")
WEBHOOK = "webhook"
"""The channel whose addresses are receivers of their own."""
_ENDED = ("resolved", "unresolved")


class Lane(Struct, frozen=True, kw_only=True):
    """Messages that go to one receiver, which may hang."""

    channel: str
    address: str | None = None
    """Of a webhook; None: all addresses of the channel."""


def lane_of(row: Notification) -> Lane:
    """The one that sends it."""
    return Lane(channel=row.channel, address=row.address if row.channel == WEBHOOK else None)


class Recipient(Struct, frozen=True, kw_only=True):
    """A person who is told something."""

    user_id: UUID
    email: str
    preferences: Json | None


class Wanted(Struct, frozen=True, kw_only=True):
    """Which rows to list."""

    states: tuple[str, ...] = ()
    request_id: UUID | None = None
    user_id: UUID | None = None
    unread: bool = False


class Listed(Struct, frozen=True, kw_only=True):
    """A row, the name of whom it is for, and every attempt at it."""

    row: Notification
    user_name: str | None
    attempts: list[NotificationAttempt]


async def database_now(session: Session) -> datetime:
    """The clock that decides."""
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def insert_notification(session: Session, values: Json) -> bool:
    """False: there is one with this key already; nothing is changed."""
    statement = insert(Notification).values(**values).on_conflict_do_nothing(index_elements=["key"])
    return (await session.execute(statement.returning(Notification.id))).scalar_one_or_none() is not None


async def id_of_key(session: Session, key: str) -> UUID:
    """Of a row that is there."""
    return (await session.execute(select(Notification.id).where(Notification.key == key))).scalar_one()


async def by_id(session: Session, notification_id: UUID) -> Notification | None:
    """One row."""
    return await session.get(Notification, notification_id, populate_existing=True)


async def lock(session: Session, notification_id: UUID) -> Notification | None:
    """One row, locked for a change."""
    return await session.get(Notification, notification_id, populate_existing=True, with_for_update=True)


async def claim_next(session: Session, lane: Lane, now: datetime, lease: timedelta) -> Notification | None:
    """The lane's next row that is due, urgent ones first, taken for an attempt: nobody else gets it before the lease
    has run out. None when there is none.
    """
    next_due = (
        select(Notification.id)
        .where(*_pending(now), *_in_lane(lane))
        .order_by((Notification.message["urgent"].astext == "true").desc(), Notification.created_at, Notification.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(Notification)
        .where(Notification.id == next_due)
        .values(attempts=Notification.attempts + 1, not_before=now + lease)
        .returning(Notification)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def settle(session: Session, claimed: Notification, values: Json) -> bool:
    """Sets what became of an attempt. False: somebody else has taken or ended the row meanwhile."""
    mine = and_(
        Notification.id == claimed.id, Notification.attempts == claimed.attempts, Notification.state == "pending"
    )
    statement = update(Notification).where(mine).values(**values).returning(Notification.id)
    statement = statement.execution_options(synchronize_session=False)
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def change(session: Session, notification_id: UUID, values: Json) -> None:
    """Sets columns of a row that is locked."""
    statement = update(Notification).where(Notification.id == notification_id).values(**values)
    await session.execute(statement.execution_options(synchronize_session=False))


async def insert_attempt(session: Session, values: Json) -> None:
    """One try at sending."""
    await session.execute(insert(NotificationAttempt).values(**values))


async def cancel_pending(session: Session, request_id: UUID, events: Sequence[str]) -> None:
    """What was still to be said about a request needs no saying any more."""
    statement = update(Notification).where(
        Notification.request_id == request_id, Notification.state == "pending", Notification.event.in_(events)
    )
    await session.execute(statement.values(state="cancelled").execution_options(synchronize_session=False))


async def is_pointless(session: Session, row: Notification, events: Sequence[str]) -> bool:
    """Whether it calls for action on a request that has ended, or its person was deactivated."""
    ended = select(HelpRequest.id).where(HelpRequest.id == row.request_id, HelpRequest.status.in_(_ENDED))
    if row.event in events and (await session.execute(ended)).scalar_one_or_none() is not None:
        return True
    gone = select(User.id).where(User.id == row.user_id, User.is_active.is_(False))
    return row.user_id is not None and (await session.execute(gone)).scalar_one_or_none() is not None


async def overdue(session: Session, before: datetime) -> Sequence[UUID]:
    """One row of every lane whose rows should have been taken before this moment."""
    due = func.coalesce(Notification.not_before, Notification.created_at)
    address = case((Notification.channel == WEBHOOK, Notification.address), else_=None)
    statement = (
        select(Notification.id)
        .distinct(Notification.channel, address)
        .where(Notification.state == "pending", due < before)
        .order_by(Notification.channel, address)
    )
    return (await session.execute(statement)).scalars().all()


async def recipients(session: Session, user_ids: Sequence[UUID]) -> list[Recipient]:
    """Those of them who are active."""
    statement = (
        select(User.id, User.email, NotificationPreference.document)
        .outerjoin(NotificationPreference, NotificationPreference.user_id == User.id)
        .where(User.id.in_(user_ids), User.is_active)
        .order_by(User.email)
    )
    return [Recipient(user_id=row[0], email=row[1], preferences=row[2]) for row in await session.execute(statement)]


async def supervising_users(session: Session) -> Sequence[UUID]:
    """Everybody active who may act on dead letters."""
    statement = select(User.id).where(User.is_active, User.role.in_(SUPERVISING_ROLES)).order_by(User.email)
    return (await session.execute(statement)).scalars().all()


async def preferences(session: Session, user_id: UUID) -> Json | None:
    """A person's document; None: the defaults hold."""
    statement = select(NotificationPreference.document).where(NotificationPreference.user_id == user_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def put_preferences(session: Session, user_id: UUID, document: Json) -> None:
    """Replaces a person's document."""
    changed = {"document": document, "updated_at": func.clock_timestamp()}
    statement = insert(NotificationPreference).values(user_id=user_id, **changed)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changed))


async def count(session: Session, wanted: Wanted) -> int:
    """How many rows there are."""
    statement = select(func.count()).select_from(Notification).where(*_wanted(wanted))
    return (await session.execute(statement)).scalar_one()


async def page(
    session: Session, wanted: Wanted, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Listed]:
    """Newest first, each with its history; `after` is (created_at, id) of the last one before."""
    statement = _listing().where(*_wanted(wanted))
    if after is not None:
        statement = statement.where(tuple_(Notification.created_at, Notification.id) < after)
    ordered = statement.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit)
    return await _with_attempts(session, ordered)


async def one_listed(session: Session, notification_id: UUID) -> Listed:
    """A row that is there, with its history."""
    return (await _with_attempts(session, _listing().where(Notification.id == notification_id)))[0]


def _pending(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Notification.state == "pending", or_(Notification.not_before.is_(None), Notification.not_before <= now)


def _in_lane(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    in_channel = (Notification.channel == lane.channel,)
    return in_channel if lane.address is None else (*in_channel, Notification.address == lane.address)


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(Notification.state.in_(wanted.states))
    if wanted.request_id is not None:
        found.append(Notification.request_id == wanted.request_id)
    if wanted.user_id is not None:
        found.append(Notification.user_id == wanted.user_id)
    if wanted.unread:
        found += [Notification.channel == "web", Notification.read_at.is_(None)]
    return found


def _listing() -> Select[Notification, str]:
    return select(Notification, User.name).outerjoin(User, User.id == Notification.user_id)


async def _with_attempts(session: Session, statement: Select[Notification, str]) -> list[Listed]:
    rows = [(row[0], row[1]) for row in await session.execute(statement.execution_options(populate_existing=True))]
    attempts: dict[UUID, list[NotificationAttempt]] = {row.id: [] for row, _ in rows}
    tries = select(NotificationAttempt).where(NotificationAttempt.notification_id.in_(attempts))
    for one in (await session.execute(tries.order_by(NotificationAttempt.id))).scalars():
        attempts[one.notification_id].append(one)
    return [Listed(row=row, user_name=name, attempts=attempts[row.id]) for row, name in rows]
