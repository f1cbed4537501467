"""The team: who answers requests, in which groups, with what in hand, and whether they are there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from assist import audit
from assist.access import Person, Principal, Role
from assist.db import teams, timers
from assist.db.engine import Session, Sessions
from assist.db.models.base import Json
from assist.db.teams import Load, Supervisor
from assist.errors import InvalidError, NotFoundError, NotPermittedError
from assist.escalation.assigning import enqueue_assigning
from assist.escalation.policies import Policies
from assist.escalation.policy import Group, Name, Policy, Words
from assist.escalation.routing import groups_of, load_weights
from assist.escalation.working_hours import is_open, next_opening

Availability = Literal["available", "away"]


class MemberView(Struct, frozen=True, kw_only=True):
    """Somebody who answers requests."""

    user_id: UUID
    name: str
    email: str
    role: str
    groups: list[str]
    """Whose queues they have; those of the role where none were given."""
    skills: list[str]
    capacity: float
    """Weighted load from which on they get no more."""
    availability: str
    load: float
    """Open requests, weighted: urgent 3, high 2, medium 1, low 0.5."""
    open_requests: int
    is_active: bool
    availability_changed_at: datetime | None


class GroupView(Struct, frozen=True, kw_only=True):
    """A group of the policy as it is just now."""

    name: str
    skills: list[str]
    open_now: bool
    next_opening: datetime | None
    """None: open now, or not within two years."""
    available: int
    """Members who are there."""
    next: str | None
    """Who takes over; None: nobody after this group."""


class TeamView(Struct, frozen=True, kw_only=True):
    """All of it."""

    items: list[MemberView]
    groups: list[GroupView]


class TeamChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; fields that are left out stay."""

    groups: Annotated[tuple[Name, ...], Meta(max_length=50)] | UnsetType = UNSET
    skills: Words | UnsetType = UNSET
    capacity: Annotated[float, Meta(ge=0.0, le=1000.0)] | UnsetType = UNSET
    availability: Availability | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class Team:
    """Reads and changes it."""

    sessions: Sessions
    policies: Policies
    changed: Callable[[], None]
    """Told after a change: consoles show it, here and in other processes."""

    async def view(self) -> TeamView:
        """By name; people who were shut out stay visible as long as they have something in hand."""
        async with self.sessions() as session:
            policy, now = await self.policies.current(session), await timers.now(session)
            people = await teams.supervisors(session)
            loads = await teams.loads(session, load_weights())
        members = [_member(one, loads.get(one.user_id, Load()), policy) for one in people]
        shown = [one for one in members if one.is_active or one.open_requests]
        return TeamView(items=shown, groups=[_group(policy, group, members, now) for group in policy.groups])

    async def set_availability(self, person: Person, availability: Availability) -> MemberView:
        """Somebody comes or goes. Who goes keeps what they have in hand; who comes gets what waits.

        Raises:
            NotFoundError: the person answers no requests.
        """
        return await self._change(person.id, TeamChange(availability=availability), person)

    async def change(self, user_id: UUID, change: TeamChange, principal: Principal) -> MemberView:
        """An administrator changes a profile, or a supervisor their own availability.

        Raises:
            NotPermittedError: it is not theirs to change.
            NotFoundError: nobody who answers requests has this id.
            InvalidError: a group is not in the policy.
        """
        if isinstance(principal, Person) and principal.role is not Role.ADMIN:
            beyond = (change.groups, change.skills, change.capacity) != (UNSET, UNSET, UNSET)
            if beyond or principal.id != user_id:
                raise NotPermittedError("Supervisors change their own availability; the rest is for administrators.")
        return await self._change(user_id, change, principal)

    async def _change(self, user_id: UUID, change: TeamChange, principal: Principal) -> MemberView:
        async with self.sessions.begin() as session:
            await teams.lock_routing(session)
            before = await teams.supervisor(session, user_id)
            if before is None:
                raise NotFoundError("unknown_supervisor", "There is no supervisor or administrator with this id.")
            policy = await self.policies.current(session)
            values = _values(change, before, policy)
            if values:
                await self._store(session, before, values, principal)
            member = await self._view_of(session, user_id, policy)
        if values:
            self.changed()
        return member

    async def _store(self, session: Session, before: Supervisor, values: Json, principal: Principal) -> None:
        await teams.change_profile(session, before.user_id, values)
        was = {name: msgspec.to_builtins(getattr(before, name)) for name in values}
        own = isinstance(principal, Person) and principal.id == before.user_id and set(values) == {"availability"}
        action = "team.availability_changed" if own else "team.changed"
        await audit.record(session, principal, action, ("user", str(before.user_id)), before=was, after=values)
        await enqueue_assigning(session)

    async def _view_of(self, session: Session, user_id: UUID, policy: Policy) -> MemberView:
        after = await teams.supervisor(session, user_id)
        assert after is not None  # its row was read in this transaction
        loads = await teams.loads(session, load_weights())
        return _member(after, loads.get(user_id, Load()), policy)


def _values(change: TeamChange, before: Supervisor, policy: Policy) -> Json:
    """What differs from before, as columns."""
    known = {group.name for group in policy.groups}
    unknown = [name for name in change.groups or () if name not in known]
    if unknown:
        raise InvalidError(f"“{unknown[0]}” is not a group of the policy. There are: {', '.join(sorted(known))}.")
    asked = {name: getattr(change, name) for name in change.__struct_fields__}
    return {
        name: list(dict.fromkeys(value)) if isinstance(value, tuple) else value
        for name, value in asked.items()
        if value is not UNSET and value != getattr(before, name)
    }


def _member(one: Supervisor, load: Load, policy: Policy) -> MemberView:
    return MemberView(
        user_id=one.user_id,
        name=one.name,
        email=one.email,
        role=one.role,
        groups=list(groups_of(one, policy)),
        skills=list(one.skills),
        capacity=one.capacity,
        availability=one.availability,
        load=load.weight,
        open_requests=load.open_requests,
        is_active=one.is_active,
        availability_changed_at=one.availability_changed_at,
    )


def _group(policy: Policy, group: Group, members: list[MemberView], now: datetime) -> GroupView:
    there = [one for one in members if one.is_active and one.availability == "available" and group.name in one.groups]
    open_now = is_open(group.hours, now)
    after = group.next or (policy.owner_group if group.name != policy.owner_group else None)
    return GroupView(
        name=group.name,
        skills=list(group.skills),
        open_now=open_now,
        next_opening=None if open_now else next_opening(group.hours, now),
        available=len(there),
        next=after,
    )
