"""Who gets a request: by skills, priority, working hours, presence and load, along the chain of groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from assist.db import teams
from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.db.teams import Load, Supervisor
from assist.escalation.policy import Group, Policy, Priority
from assist.escalation.working_hours import is_open

WEIGHTS = {Priority.URGENT: 3.0, Priority.HIGH: 2.0, Priority.MEDIUM: 1.0, Priority.LOW: 0.5}
"""How much an open request counts in a person's load."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class Member(Struct, frozen=True, kw_only=True):
    """Somebody who may get requests."""

    user_id: UUID
    name: str
    groups: tuple[str, ...]
    """Of the policy; those that stand for a role where the profile names none."""
    skills: frozenset[str] = frozenset()
    """Folded, as `folded` does."""
    capacity: float = teams.DEFAULT_CAPACITY
    available: bool = True
    load: Load = Load()

    @property
    def has_room(self) -> bool:
        """Present, and not overloaded yet."""
        return self.available and self.load.weight < self.capacity


class Question(Struct, frozen=True, kw_only=True):
    """What of a request decides who gets it."""

    priority: Priority
    tags: frozenset[str] = frozenset()
    """Folded."""
    assigned_to: UUID | None = None
    """Who has it now: asked again only when nobody else is there."""


class Route(Struct, frozen=True, kw_only=True):
    """Where a request goes."""

    group: str
    assignee: UUID | None
    """None: nobody there can take it; it waits in the group's queue."""
    assignee_name: str | None = None
    skipped: tuple[str, ...] = ()
    """Groups that had nobody, in order."""
    unattended: bool = False
    """Nobody in the whole chain: everybody who could is alerted."""
    recipients: tuple[UUID, ...] = ()
    """Whom to tell: the assignee; if unattended, all active members of the chain, there or not."""


def decide(
    question: Question, policy: Policy, members: Sequence[Member], now: datetime, *, chain: Sequence[str]
) -> Route:
    """The first group of the chain that has somebody, and who that is. The chain must not be empty."""
    groups = {group.name: group for group in policy.groups}
    for place, name in enumerate(chain):
        someone = _choice(question, groups.get(name, Group(name=name)), members, now)
        if someone is not None:
            return Route(
                group=name,
                assignee=someone.user_id,
                assignee_name=someone.name,
                skipped=tuple(chain[:place]),
                recipients=(someone.user_id,),
            )
    told = tuple(member.user_id for member in members if not set(chain).isdisjoint(member.groups))
    return Route(group=chain[-1], assignee=None, skipped=tuple(chain), unattended=True, recipients=told)


def first_chain(question: Question, policy: Policy) -> tuple[str, ...]:
    """The groups that a new request passes through, the owner group last."""
    if question.priority is Priority.URGENT:
        return (policy.owner_group,)
    return chain_from(policy, _best_group(question, policy))


def chain_from(policy: Policy, group: str | None) -> tuple[str, ...]:
    """A group and those that take over from it, the owner group last. A group that is not in the policy: the owners."""
    groups = {one.name: one for one in policy.groups}
    chain: list[str] = []
    while group is not None and group in groups and group != policy.owner_group and group not in chain:
        chain.append(group)
        group = groups[group].next
    return (*chain, policy.owner_group)


def chain_after(policy: Policy, group: str) -> tuple[str, ...]:
    """The groups that take over from one; of the owner group itself, that is the owner group."""
    return chain_from(policy, group)[1:] or (policy.owner_group,)


def groups_of(supervisor: Supervisor, policy: Policy) -> tuple[str, ...]:
    """Whose queues somebody has. Groups that are not in the policy any more do not count."""
    known = {group.name for group in policy.groups}
    own = tuple(name for name in supervisor.groups if name in known)
    return own or ((policy.owner_group,) if supervisor.role == "admin" else (policy.groups[0].name,))


def folded(words: Iterable[str]) -> frozenset[str]:
    """Tags and skills are the same whatever their case."""
    return frozenset(" ".join(word.split()).casefold() for word in words)


@dataclass(frozen=True, kw_only=True)
class Router:
    """Reads who is there and decides. Two transactions decide one after the other: a request that was routed counts in
    the load that the next one sees, so the last free place is never given away twice.
    """

    async def route(
        self,
        session: Session,
        request: HelpRequest,
        policy: Policy,
        now: datetime,
        *,
        after: str | None = None,
        besides: UUID | None = None,
    ) -> Route:
        """For a new request; with `after`, for one that this group passes on; `besides`: not to this person. Call it
        with the request's row locked or new, and write the assignment in the same transaction.
        """
        question = question_of(request)
        chain = first_chain(question, policy) if after is None else chain_after(policy, after)
        return await self.choose(session, request, policy, now, chain=chain, besides=besides)

    async def choose(
        self,
        session: Session,
        request: HelpRequest,
        policy: Policy,
        now: datetime,
        *,
        chain: Sequence[str],
        besides: UUID | None = None,
    ) -> Route:
        """The same for a chain of groups that is given."""
        await session.flush()
        await teams.lock_routing(session)
        members = [one for one in await read_members(session, policy, but=request.id) if one.user_id != besides]
        return decide(question_of(request), policy, members, now, chain=chain)

    async def members(self, session: Session, policy: Policy, group: str) -> list[UUID]:
        """Active members of a group, there or not."""
        return [one.user_id for one in await read_members(session, policy) if group in one.groups]


async def read_members(session: Session, policy: Policy, *, but: UUID | None = None) -> list[Member]:
    """Active supervisors and administrators with what they have in hand; `but`: without this request."""
    people = [one for one in await teams.supervisors(session) if one.is_active]
    loads = await teams.loads(session, load_weights(), but=but)
    return [
        Member(
            user_id=one.user_id,
            name=one.name,
            groups=groups_of(one, policy),
            skills=folded(one.skills),
            capacity=one.capacity,
            available=one.availability == "available",
            load=loads.get(one.user_id, Load()),
        )
        for one in people
    ]


def load_weights() -> dict[str, float]:
    """By priority as it is stored."""
    return {priority.value: weight for priority, weight in WEIGHTS.items()}


def question_of(request: HelpRequest) -> Question:
    """What of a request decides who gets it."""
    return Question(
        priority=Priority(request.priority), tags=folded(request.tags or ()), assigned_to=request.assigned_to
    )


def _best_group(question: Question, policy: Policy) -> str:
    """The one whose skills match most tags; else one that takes everything, the owner group last; else the first."""
    best, matches = policy.groups[0].name, 0
    for group in policy.groups:
        found = len(folded(group.skills) & question.tags)
        if found > matches:
            best, matches = group.name, found
    if matches:
        return best
    for group in policy.groups:
        if not group.skills and group.name != policy.owner_group:
            return group.name
    owners = next((group for group in policy.groups if group.name == policy.owner_group), None)
    return policy.owner_group if owners is not None and not owners.skills else policy.groups[0].name


def _choice(question: Question, group: Group, members: Sequence[Member], now: datetime) -> Member | None:
    if not is_open(group.hours, now):
        return None
    there = [member for member in members if group.name in member.groups and member.has_room]
    return min(there, key=lambda member: _rank(question, member), default=None)


def _rank(question: Question, member: Member) -> tuple[bool, int, float, datetime, str]:
    """Smallest first."""
    return (
        member.user_id == question.assigned_to,
        -len(member.skills & question.tags),
        member.load.weight / member.capacity,
        member.load.last_assigned_at or _NEVER,
        str(member.user_id),
    )
