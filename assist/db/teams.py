"""Supervisors as routing sees them: who they are, whether they are there, and what they have in hand."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import case, func, select, true
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import HelpRequest, HelpRequestEvent, SupervisorProfile, User
from assist.db.models.base import Json

_OPEN = ("pending", "in_progress", "escalated")
_ROLES = ("supervisor", "admin")
_RECENT = timedelta(days=7)
_ROUTING_LOCK = 0x41535349
"""Key of the advisory lock; any number that nothing else uses."""
DEFAULT_CAPACITY = 5.0


class Supervisor(Struct, frozen=True, kw_only=True):
    """Somebody who answers requests. Fields without a profile row have their defaults."""

    user_id: UUID
    name: str
    email: str
    role: str
    is_active: bool
    groups: tuple[str, ...]
    """As stored; empty: by role."""
    skills: tuple[str, ...]
    capacity: float
    availability: str
    availability_changed_at: datetime | None


class Load(Struct, frozen=True, kw_only=True):
    """What somebody has in hand."""

    open_requests: int = 0
    weight: float = 0.0
    last_assigned_at: datetime | None = None
    """When the newest request they were given was raised; None: none within a week."""


class Unassigned(Struct, frozen=True, kw_only=True):
    """A request that nobody has."""

    request_id: UUID
    session_id: UUID | None
    priority: str
    tags: tuple[str, ...]
    group_name: str | None
    level: int
    placed_by_hand: bool
    """A person has put it into this group's queue."""
    handed_back_by: UUID | None
    """Who had it last and does not want it."""


async def lock_routing(session: Session) -> None:
    """Lets no other transaction decide who gets a request until this one has ended: the next one counts it."""
    await session.execute(select(func.pg_advisory_xact_lock(_ROUTING_LOCK)))


async def supervisors(session: Session) -> list[Supervisor]:
    """Supervisors and administrators, active or not, by name."""
    statement = (
        select(User, SupervisorProfile)
        .outerjoin(SupervisorProfile, SupervisorProfile.user_id == User.id)
        .where(User.role.in_(_ROLES))
        .order_by(func.lower(User.name), User.id)
        .execution_options(populate_existing=True)
    )
    return [_supervisor(user, profile) for user, profile in (await session.execute(statement)).tuples()]


async def supervisor(session: Session, user_id: UUID) -> Supervisor | None:
    """One of them; None: no such person, or one of another role."""
    return next((one for one in await supervisors(session) if one.user_id == user_id), None)


async def loads(session: Session, weights: Mapping[str, float], *, but: UUID | None = None) -> dict[UUID, Load]:
    """What each person has in hand, by weights of priorities; `but`: without this request."""
    weight = case(weights, value=HelpRequest.priority, else_=1.0)
    is_open = HelpRequest.status.in_(_OPEN)
    statement = (
        select(
            HelpRequest.assigned_to,
            func.count().filter(is_open),
            func.coalesce(func.sum(weight).filter(is_open), 0.0),
            func.max(HelpRequest.created_at).filter(HelpRequest.created_at > func.clock_timestamp() - _RECENT),
        )
        .where(
            HelpRequest.assigned_to.is_not(None),
            is_open | (HelpRequest.created_at > func.clock_timestamp() - _RECENT),
        )
        .group_by(HelpRequest.assigned_to)
    )
    if but is not None:
        statement = statement.where(HelpRequest.id != but)
    rows = (await session.execute(statement)).tuples()
    return {
        person: Load(open_requests=count, weight=float(total), last_assigned_at=last)
        for person, count, total, last in rows
        if person is not None
    }


async def unassigned(session: Session, limit: int) -> list[Unassigned]:
    """What waits in the queues, most urgent first, then what breaches first."""
    last_move = (
        select(HelpRequestEvent.action, HelpRequestEvent.actor)
        .where(
            HelpRequestEvent.request_id == HelpRequest.id,
            HelpRequestEvent.action.in_(("created", "escalated", "reassigned", "handed_back")),
        )
        .order_by(HelpRequestEvent.id.desc())
        .limit(1)
        .lateral()
    )
    rank = case({"urgent": 0, "high": 1, "medium": 2}, value=HelpRequest.priority, else_=3)
    statement = (
        select(HelpRequest, last_move.c.action, last_move.c.actor)
        .outerjoin(last_move, true())
        .where(HelpRequest.status == "pending", HelpRequest.assigned_to.is_(None))
        .order_by(rank, HelpRequest.due_at, HelpRequest.id)
        .limit(limit)
    )
    return [_unassigned(*row) for row in (await session.execute(statement)).tuples()]


async def change_profile(session: Session, user_id: UUID, values: Json) -> None:
    """Sets fields of a profile, which is made where there is none. Consoles see any change by its moment."""
    changed = {**values, "availability_changed_at": func.clock_timestamp()}
    statement = insert(SupervisorProfile).values(user_id=user_id, **changed)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changed))


def _unassigned(request: HelpRequest, action: str | None, actor: str | None) -> Unassigned:
    handed_back = action == "handed_back" and (actor or "").startswith("user:")
    return Unassigned(
        request_id=request.id,
        session_id=request.session_id,
        priority=request.priority,
        tags=tuple(request.tags),
        group_name=request.group_name,
        level=request.level,
        placed_by_hand=action == "reassigned",
        handed_back_by=UUID((actor or "").removeprefix("user:")) if handed_back else None,
    )


def _supervisor(user: User, profile: SupervisorProfile | None) -> Supervisor:
    return Supervisor(
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        is_active=user.is_active,
        groups=tuple(profile.groups) if profile else (),
        skills=tuple(profile.skills) if profile else (),
        capacity=profile.capacity if profile else DEFAULT_CAPACITY,
        availability=profile.availability if profile else "available",
        availability_changed_at=profile.availability_changed_at if profile else None,
    )
