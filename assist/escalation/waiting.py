"""Requests that nobody has: given to somebody as soon as somebody is there, has room, or the group opens."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from assist.db import teams, timers
from assist.db.engine import Sessions
from assist.db.errors import DatabaseError
from assist.db.teams import Unassigned
from assist.errors import NotFoundError
from assist.escalation.alerts import Alerts
from assist.escalation.policies import Policies
from assist.escalation.policy import Policy, Priority
from assist.escalation.routing import (
    Member,
    Question,
    Router,
    chain_from,
    decide,
    first_chain,
    folded,
    question_of,
    read_members,
)
from assist.escalation.steps import ROUTING, Step, hold, show, take

_AT_ONCE = 200
_EVERY_S = 15.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The queues of the groups."""

    sessions: Sessions
    policies: Policies
    router: Router
    alerts: Alerts
    told: Callable[[UUID | None], None]
    """Wakes a call's desks and the consoles after a commit."""

    async def run(self) -> None:
        """Looks again and again until cancelled: groups open by the clock, and nobody says so."""
        while True:
            try:
                await self.assign()
            except (DatabaseError, OSError) as error:
                log.warning("queues_not_read", error=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def assign(self) -> None:
        """Gives away what can be given away, most urgent first. Safe to run anywhere and at any time."""
        async with self.sessions() as session:
            policy, now = await self.policies.current(session), await timers.now(session)
            waiting = await teams.unassigned(session, _AT_ONCE)
            members = await read_members(session, policy) if waiting else []
        for one in waiting:
            if not _somebody(one, policy, members, now):
                continue
            try:
                await self._assign(one)
            except NotFoundError:
                continue
            except DatabaseError as error:
                log.warning("request_not_assigned", request_id=str(one.request_id), error=type(error).__name__)

    async def _assign(self, one: Unassigned) -> None:
        async with self.sessions.begin() as session:
            request = await hold(session, one.request_id)
            if request.status != "pending" or request.assigned_to is not None:
                return
            if (request.group_name, request.level) != (one.group_name, one.level):
                return  # somebody has moved it meanwhile; the next look finds it there
            policy, now = await self.policies.current(session), await timers.now(session)
            chain = _chain(one, question_of(request), policy)
            route = await self.router.choose(session, request, policy, now, chain=chain, besides=one.handed_back_by)
            if route.assignee is None:
                return
            placed = {"group_name": route.group, "assigned_to": route.assignee}
            taken = await take(session, request, Step(actor=ROUTING, action="assigned", values=placed))
            if taken is None:
                return
            await self.alerts.tell(session, "assigned", taken, policy)
            await show(session, taken.request)
        self.told(one.session_id)


def _somebody(one: Unassigned, policy: Policy, members: list[Member], now: datetime) -> bool:
    """Whether it is worth a transaction."""
    question = Question(priority=Priority(one.priority), tags=folded(one.tags))
    there = [member for member in members if member.user_id != one.handed_back_by]
    return decide(question, policy, there, now, chain=_chain(one, question, policy)).assignee is not None


def _chain(one: Unassigned, question: Question, policy: Policy) -> tuple[str, ...]:
    """From the group in whose queue it is. In the owners' it may be because nobody else was there: then from the level
    that it has come to, unless a person has put it there.
    """
    if one.group_name is not None and (one.group_name != policy.owner_group or one.placed_by_hand):
        return chain_from(policy, one.group_name)
    chain = first_chain(question, policy)
    return chain[min(one.level, len(chain) - 1) :]
