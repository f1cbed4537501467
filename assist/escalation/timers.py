"""When something becomes due for a request: reminders, the next level, the end. Rows, moved with the request."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from assist.db import timers
from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.db.timers import Key
from assist.escalation.policy import Policy, Priority
from assist.jobs import enqueue

FIRE_TIMERS = "fire_timers"
TIMER_QUEUE = "timers"

REMINDER = "reminder"
FIRST_RESPONSE = "first_response"
"""Nobody has it in hand yet: the next level takes over. Its ordinal is the level."""
RESOLUTION = "resolution"
"""It ends unresolved."""

_ENDED = ("resolved", "unresolved")
_IN_HAND = ("in_progress", *_ENDED)


class Progress(Struct, frozen=True, kw_only=True):
    """What of a request decides when it becomes due."""

    priority: Priority
    level: int
    in_hand: bool
    """Somebody works on it: it does not go to the next level by itself."""
    created_at: datetime
    waiting_since: datetime
    """When it last came to the level, or back to its queue; when it was raised, at first."""
    due_at: datetime | None
    """As it is now; None: never scheduled."""


class Schedule(Struct, frozen=True, kw_only=True):
    """Timers by kind and ordinal, and what people see as the limits."""

    timers: Mapping[Key, datetime]
    first_response_due_at: datetime | None
    """None: leave it as it is."""
    due_at: datetime


def planned(progress: Progress, policy: Policy, timeout_minutes: float, now: datetime) -> Schedule:
    """The timers that a request should have. A new priority whose resolution limit has passed already leaves the time
    of a first response from now on; a first response that is late already is due at once.
    """
    first_minutes, resolution_minutes = policy.limits_minutes(progress.priority, timeout_minutes)
    first, resolution = timedelta(minutes=first_minutes), timedelta(minutes=resolution_minutes)
    due_at = progress.created_at + resolution
    if due_at <= now and (progress.due_at is None or progress.due_at > now):
        due_at = now + first
    wanted: dict[Key, datetime] = {(RESOLUTION, 0): due_at}
    for number, share in enumerate(policy.reminders, start=1):
        moment = progress.created_at + share * (due_at - progress.created_at)
        if moment > now:
            wanted[(REMINDER, number)] = moment
    first_due_at = None
    if not progress.in_hand:
        first_due_at = min(progress.waiting_since + first, due_at)
        if first_due_at < due_at:
            wanted[(FIRST_RESPONSE, progress.level)] = first_due_at
    return Schedule(timers=wanted, first_response_due_at=first_due_at, due_at=due_at)


async def schedule(session: Session, request: HelpRequest, policy: Policy, timeout_minutes: float) -> None:
    """Gives a request the timers that its priority, level and status ask for: after it was raised, and after each
    change of one of them. What has fired stays fired. Sets the request's `first_response_due_at` (of its level, kept
    once somebody has it in hand) and `due_at`.
    """
    await session.flush()
    if request.status in _ENDED:
        await cancel(session, request.id)
        return
    now = await timers.now(session)
    progress = Progress(
        priority=Priority(request.priority),
        level=request.level,
        in_hand=request.status in _IN_HAND,
        created_at=request.created_at,
        waiting_since=await _waiting_since(session, request, now),
        due_at=request.due_at,
    )
    plan = planned(progress, policy, timeout_minutes, now)
    await timers.set_timers(session, request.id, plan.timers)
    await timers.cancel_all(session, request.id, but=plan.timers.keys())
    request.first_response_due_at = plan.first_response_due_at or request.first_response_due_at
    request.due_at = plan.due_at
    await enqueue_next(session, request)


async def cancel(session: Session, request_id: UUID) -> None:
    """Nothing becomes due for a request any more."""
    await timers.cancel_all(session, request_id)


async def enqueue_next(session: Session, request: HelpRequest) -> None:
    """Has a worker look when the request's next timer is due."""
    moment = await timers.next_due(session, request.id)
    if moment is not None:
        await enqueue(session, FIRE_TIMERS, queue=TIMER_QUEUE, at=moment)


async def _waiting_since(session: Session, request: HelpRequest, now: datetime) -> datetime:
    """Since when nobody has had it in hand on this level."""
    known = await timers.level_timer(session, request.id, FIRST_RESPONSE, request.level)
    if known is None:
        return request.created_at if request.level == 0 else now
    if known.cancelled_at is not None:
        return now
    moved = await timers.last_move(session, request.id)
    return moved or request.created_at
