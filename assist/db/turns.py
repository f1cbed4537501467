"""The lease on a call, and the one transaction that ends a turn. Time is the database's."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from assist.db import suggestions
from assist.db.calls import insert_events
from assist.db.engine import Session
from assist.db.models import CallSession, CallTurn
from assist.db.models.base import Json

LEASE_S = 5.0
"""How long a process that died keeps its calls."""

lease_end = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, LEASE_S)
_lease_is_free = or_(CallSession.lease_until.is_(None), CallSession.lease_until < func.clock_timestamp())


class Lease(Struct, frozen=True, kw_only=True):
    """The right to run a call's pipeline."""

    fence: int
    analysed_through: int
    turn_seq: int
    attempts: int
    """How often the next turn has been started without being finished, this time included."""
    dismissed_subjects: frozenset[str] = frozenset()
    """Names that the agent has taken off the desk."""


async def claim(session: Session, session_id: UUID, owner: str, *, resumed: bool = False) -> Lease | None:
    """Takes the lease for a turn where it is free, expired or ours. `resumed`: the last attempt was ours and only the
    database failed it; it does not count. None: nothing waits, or another process works on the call.
    """
    waits = CallSession.segment_seq > CallSession.analysed_through
    attempts = CallSession.attempts + (0 if resumed else 1)
    statement = (
        update(CallSession)
        .where(CallSession.session_id == session_id, waits, or_(CallSession.owner == owner, _lease_is_free))
        .values(owner=owner, lease_until=lease_end, fence=CallSession.fence + 1, attempts=attempts)
        .returning(
            CallSession.fence,
            CallSession.analysed_through,
            CallSession.turn_seq,
            CallSession.attempts,
            CallSession.dismissed_subjects,
        )
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return Lease(
        fence=row.fence,
        analysed_through=row.analysed_through,
        turn_seq=row.turn_seq,
        attempts=row.attempts,
        dismissed_subjects=frozenset(row.dismissed_subjects),
    )


async def renew(session: Session, session_id: UUID, fence: int) -> bool:
    """Prolongs the lease during a long turn. False: it was lost."""
    statement = (
        update(CallSession)
        .where(CallSession.session_id == session_id, CallSession.fence == fence)
        .values(lease_until=lease_end)
        .returning(CallSession.session_id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def release_all(session: Session, owner: str) -> None:
    """Gives back every lease of a process that stops; a turn that it leaves unfinished was not to blame."""
    given_back = {"owner": None, "lease_until": None, "attempts": 0}
    await session.execute(update(CallSession).where(CallSession.owner == owner).values(**given_back))


async def waiting_calls(session: Session, owner: str, limit: int = 200) -> Sequence[UUID]:
    """Calls with segments that nobody has analysed, whose lease is free or ours."""
    statement = (
        select(CallSession.session_id)
        .where(
            CallSession.segment_seq > CallSession.analysed_through,
            or_(CallSession.owner == owner, _lease_is_free),
        )
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


class TurnRows(Struct, frozen=True, kw_only=True):
    """Everything that one turn leaves behind."""

    session_id: UUID
    fence: int
    after: int
    """Watermark before the turn."""
    through: int
    """Watermark after it."""
    turn: Json
    actions: tuple[Json, ...] = ()
    suggestions: tuple[Json, ...] = ()
    questions: tuple[Json, ...] = ()
    withdrawn_suggestions: tuple[UUID, ...] = ()
    withdrawn_questions: tuple[UUID, ...] = ()
    model_calls: tuple[Json, ...] = ()
    events: tuple[tuple[str, Json], ...] = ()


async def finish(session: Session, rows: TurnRows) -> bool:
    """Stores a turn's results. False: the lease was lost; nothing is stored and the results are void."""
    guard = and_(
        CallSession.session_id == rows.session_id,
        CallSession.fence == rows.fence,
        CallSession.analysed_through == rows.after,
    )
    statement = (
        update(CallSession)
        .where(guard)
        .values(
            analysed_through=rows.through,
            turn_seq=rows.turn["number"],
            event_seq=CallSession.event_seq + len(rows.events),
            lease_until=lease_end,
            attempts=0,
        )
        .returning(CallSession.event_seq)
    )
    last_event = (await session.execute(statement)).scalar_one_or_none()
    if last_event is None:
        return False
    await session.execute(insert(CallTurn).values(session_id=rows.session_id, **rows.turn))
    await suggestions.insert_actions(session, of_call(rows.session_id, rows.actions))
    await suggestions.insert_model_calls(session, of_call(rows.session_id, rows.model_calls))
    await suggestions.insert_suggestions(session, of_call(rows.session_id, rows.suggestions))
    await suggestions.insert_questions(session, of_call(rows.session_id, rows.questions))
    await suggestions.withdraw(session, rows.withdrawn_suggestions, "call_moved_on")
    await suggestions.withdraw_questions(session, rows.withdrawn_questions)
    await insert_events(session, rows.session_id, last_event - len(rows.events) + 1, rows.events)
    return True


def of_call(session_id: UUID, rows: Sequence[Json]) -> list[Json]:
    """The rows, each with its call."""
    return [{"session_id": session_id, **row} for row in rows]


async def turn_covering(session: Session, session_id: UUID, segment: int) -> CallTurn | None:
    """The turn that analysed a segment; None while it has not been."""
    statement = (
        select(CallTurn)
        .where(
            CallTurn.session_id == session_id,
            CallTurn.first_segment <= segment,
            CallTurn.last_segment >= segment,
        )
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def turns_of(session: Session, session_id: UUID) -> Sequence[CallTurn]:
    """Every turn that asked something, oldest first."""
    statement = (
        select(CallTurn).where(CallTurn.session_id == session_id, CallTurn.query.is_not(None)).order_by(CallTurn.number)
    )
    return (await session.execute(statement)).scalars().all()
