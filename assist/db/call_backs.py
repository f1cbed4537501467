"""Call-backs: follow-ups that the receptionist tells by telephone, and their attempts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import CallBack, CallSession, FollowUp, HelpRequest
from assist.db.models.base import Json


class Told(Struct, frozen=True, kw_only=True):
    """A call-back with what is to be told."""

    call_back: CallBack
    follow_up: FollowUp
    request: HelpRequest


async def insert_call_back(session: Session, follow_up_id: UUID) -> None:
    """One a follow-up; again changes nothing."""
    statement = insert(CallBack).values(follow_up_id=follow_up_id).on_conflict_do_nothing()
    await session.execute(statement)


async def get(session: Session, follow_up_id: UUID, *, lock: bool = False) -> Told | None:
    """A call-back with its follow-up and request; locked until the transaction ends."""
    statement = (
        select(CallBack, FollowUp, HelpRequest)
        .join(FollowUp, FollowUp.id == CallBack.follow_up_id)
        .join(HelpRequest, HelpRequest.id == FollowUp.request_id)
        .where(CallBack.follow_up_id == follow_up_id)
    )
    if lock:
        statement = statement.with_for_update(of=CallBack).execution_options(populate_existing=True)
    row = (await session.execute(statement)).one_or_none()
    return Told(call_back=row[0], follow_up=row[1], request=row[2]) if row else None


async def of_follow_ups(session: Session, follow_up_ids: Sequence[UUID]) -> dict[UUID, CallBack]:
    """The call-backs of those that have one."""
    statement = select(CallBack).where(CallBack.follow_up_id.in_(follow_up_ids))
    return {row.follow_up_id: row for row in (await session.execute(statement)).scalars()}


async def claim_due(session: Session, *, ringing_most: timedelta) -> UUID | None:
    """Takes the next call-back whose moment has come, or whose process has died while it rang; None: none is due."""
    now = func.clock_timestamp()
    due = or_(
        and_(CallBack.state == "waiting", CallBack.next_attempt_at <= now),
        and_(CallBack.state == "ringing", CallBack.updated_at < now - ringing_most),
    )
    found = (
        select(CallBack.follow_up_id)
        .join(FollowUp, FollowUp.id == CallBack.follow_up_id)
        .where(due, FollowUp.state == "open")
        .order_by(CallBack.next_attempt_at)
        .limit(1)
        .with_for_update(of=CallBack, skip_locked=True)
        .scalar_subquery()
    )
    values = {"state": "ringing", "attempts": CallBack.attempts + 1, "updated_at": now, "session_id": None}
    statement = update(CallBack).where(CallBack.follow_up_id == found).values(**values)
    return (await session.execute(statement.returning(CallBack.follow_up_id))).scalar_one_or_none()


async def put_off(session: Session, until: datetime) -> bool:
    """No waiting attempt is earlier than this; whether one would have been."""
    earlier = (CallBack.state == "waiting", CallBack.next_attempt_at < until)
    statement = update(CallBack).where(*earlier).values(next_attempt_at=until).returning(CallBack.follow_up_id)
    return bool((await session.execute(statement)).all())


async def hung_up_early(session: Session) -> Sequence[UUID]:
    """Call-backs that were answered and whose call has ended before the answer was told."""
    statement = (
        select(CallBack.follow_up_id)
        .join(CallSession, CallSession.session_id == CallBack.session_id)
        .where(CallBack.state == "talking", CallSession.status == "ended")
    )
    return (await session.execute(statement)).scalars().all()


async def change(session: Session, follow_up_id: UUID, values: Json) -> None:
    """Sets columns."""
    statement = update(CallBack).where(CallBack.follow_up_id == follow_up_id)
    await session.execute(statement.values(updated_at=func.clock_timestamp(), **values))
