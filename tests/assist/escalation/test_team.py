"""Who comes gets what waits; who goes keeps what they have; and what administrators change is on record."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from assist.access import KeyScope, Machine, Role
from assist.db.engine import Sessions
from assist.db.models import AuditEntry, HelpRequest, HelpRequestEvent, Notification
from assist.db.supervision import marker
from assist.errors import InvalidError, NotFoundError, NotPermittedError
from assist.escalation.alerts import Alerts
from assist.escalation.policies import Policies
from assist.escalation.policy import Group, Hours, Policy, Shift
from assist.escalation.routing import Router
from assist.escalation.team import Team, TeamChange
from assist.escalation.waiting import Waiting
from assist.notifications.notifier import Notifier
from tests.assist.escalation.supervised import add_person, add_request, shut_out, signed_in

ADMIN_KEY = Machine(id=uuid4(), name="ops", scopes=frozenset({KeyScope.ADMIN}))
GROUPS = Policy(
    groups=(Group(name="billing", skills=("billing",), next="general"), Group(name="general"), Group(name="owners"))
)


@dataclass
class Office:
    """Team and queues on one database."""

    sessions: Sessions
    told: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.policies = Policies(sessions=self.sessions, timeout_minutes=30.0)
        self.team = Team(sessions=self.sessions, policies=self.policies, changed=lambda: self.told.append("team"))
        router = Router()
        self.waiting = Waiting(
            sessions=self.sessions,
            policies=self.policies,
            router=router,
            alerts=Alerts(router=router, notifier=Notifier()),
            told=self.told.append,
        )

    async def queued(self, moved: str = "created", by: str = "pipeline", **fields: Any) -> UUID:
        """A request that nobody has."""
        async with self.sessions.begin() as session:
            request = await add_request(session, **{"group_name": "owners", **fields})
            session.add(HelpRequestEvent(request_id=request.id, actor=by, actor_name="-", action=moved))
        return request.id

    async def assignee(self, request_id: UUID) -> UUID | None:
        """Who has it now."""
        async with self.sessions() as session:
            return (await session.get_one(HelpRequest, request_id)).assigned_to

    async def all_of(self, model: Any) -> list[Any]:
        """Every row."""
        async with self.sessions() as session:
            return list((await session.execute(select(model).order_by(model.id))).scalars())

    async def jobs(self) -> list[str]:
        """What waits for a worker."""
        async with self.sessions() as session:
            return list((await session.execute(text("SELECT task_name FROM procrastinate_jobs"))).scalars())


@pytest.fixture
def office(sessions: Sessions) -> Office:
    return Office(sessions)


async def test_the_team_is_shown_with_load_groups_and_defaults(office: Office) -> None:
    busy = await add_person(office.sessions, "busy", skills=["network"], capacity=8.0, availability="away")
    boss = await add_person(office.sessions, "boss", "admin")
    await add_person(office.sessions, "agent", "agent")
    gone = await add_person(office.sessions, "gone")
    await shut_out(office.sessions, gone)
    async with office.sessions.begin() as session:
        await add_request(session, assigned_to=busy, priority="urgent", status="in_progress")
        await add_request(session, assigned_to=busy, priority="low")
        await add_request(session, assigned_to=boss, status="resolved")
    view = await office.team.view()
    assert [(one.name, one.role, one.groups, one.load, one.open_requests, one.availability) for one in view.items] == [
        ("boss", "admin", ["owners"], 0.0, 0, "available"),
        ("busy", "supervisor", ["supervisors"], 3.5, 2, "away"),
    ]
    assert (view.items[1].skills, view.items[1].capacity) == (["network"], 8.0)
    assert [(one.name, one.open_now, one.available, one.next) for one in view.groups] == [
        ("supervisors", True, 0, "owners"),
        ("owners", True, 1, None),
    ]


async def test_a_closed_group_says_when_it_opens(office: Office) -> None:
    today = datetime.now(UTC).date()
    around = Shift(days=(0, 1, 2, 3, 4, 5, 6), start=time(0), end=time(0))
    holidays = tuple(today + timedelta(days=day) for day in (-1, 0, 1))
    closed = Group(name="day", hours=Hours(shifts=(around,), holidays=holidays))
    await office.policies.change(Policy(groups=(closed, Group(name="owners"))), ADMIN_KEY, version=0)
    day, owners = (await office.team.view()).groups
    assert (day.open_now, day.next, owners.open_now, owners.next_opening) == (False, "owners", True, None)
    assert day.next_opening == datetime.combine(today + timedelta(days=2), time(0), tzinfo=UTC)


async def test_somebody_shut_out_is_shown_as_long_as_something_is_theirs(office: Office) -> None:
    gone = await add_person(office.sessions, "gone")
    await shut_out(office.sessions, gone)
    async with office.sessions.begin() as session:
        await add_request(session, assigned_to=gone)
    assert [(one.name, one.is_active) for one in (await office.team.view()).items] == [("gone", False)]


async def test_who_goes_keeps_what_they_have_and_who_comes_gets_what_waits(office: Office) -> None:
    sup = await add_person(office.sessions, "sup")
    kept = await office.queued(assigned_to=sup, status="in_progress")
    async with office.sessions() as session:
        seen = await marker(session)
    away = await office.team.set_availability(signed_in(sup), "away")
    assert (away.availability, away.open_requests) == ("away", 1)
    waiting = await office.queued()
    await office.waiting.assign()
    assert (await office.assignee(kept), await office.assignee(waiting)) == (sup, None)
    back = await office.team.set_availability(signed_in(sup), "available")
    assert back.availability == "available"
    assert await office.jobs() == ["assign_waiting"]
    await office.waiting.assign()
    assert await office.assignee(waiting) == sup
    async with office.sessions() as session:
        assert await marker(session) != seen
    assert office.told == ["team", "team", None]
    history = [(one.action, one.request_id) for one in await office.all_of(HelpRequestEvent)]
    assert history[-1] == ("assigned", waiting)
    told = [(one.event, one.user_id, one.request_id) for one in await office.all_of(Notification)]
    assert told == [("help_request.assigned", sup, waiting)]


async def test_coming_twice_is_coming_once(office: Office) -> None:
    sup = await add_person(office.sessions, "sup")
    await office.team.set_availability(signed_in(sup), "available")
    assert office.told == []
    assert await office.all_of(AuditEntry) == []


async def test_an_administrator_s_changes_are_on_record_with_before_and_after(office: Office) -> None:
    sup, boss = await add_person(office.sessions, "sup"), await add_person(office.sessions, "boss", "admin")
    change = TeamChange(groups=("owners",), skills=("Fiber", "tv", "tv"), capacity=3.0)
    member = await office.team.change(sup, change, signed_in(boss, Role.ADMIN))
    assert (member.groups, member.skills, member.capacity) == (["owners"], ["Fiber", "tv"], 3.0)
    await office.team.change(sup, TeamChange(capacity=3.0), ADMIN_KEY)
    entry = (await office.all_of(AuditEntry))[0]
    assert (entry.actor, entry.action, entry.target_type, entry.target_id) == (
        f"user:{boss}",
        "team.changed",
        "user",
        str(sup),
    )
    assert entry.before == {"groups": [], "skills": [], "capacity": 5.0}
    assert entry.after == {"groups": ["owners"], "skills": ["Fiber", "tv"], "capacity": 3.0}
    assert len(await office.all_of(AuditEntry)) == 1


async def test_supervisors_change_their_own_availability_and_nothing_else(office: Office) -> None:
    sup, other = await add_person(office.sessions, "sup"), await add_person(office.sessions, "other")
    await office.team.change(sup, TeamChange(availability="away"), signed_in(sup))
    assert [one.action for one in await office.all_of(AuditEntry)] == ["team.availability_changed"]
    for user_id, change in ((other, TeamChange(availability="away")), (sup, TeamChange(capacity=100.0))):
        with pytest.raises(NotPermittedError):
            await office.team.change(user_id, change, signed_in(sup))


async def test_a_change_of_nobody_or_to_an_unknown_group_is_refused(office: Office) -> None:
    agent, sup = await add_person(office.sessions, "agent", "agent"), await add_person(office.sessions, "sup")
    for user_id in (agent, uuid4()):
        with pytest.raises(NotFoundError):
            await office.team.change(user_id, TeamChange(capacity=1.0), ADMIN_KEY)
    with pytest.raises(InvalidError, match="“night” is not a group"):
        await office.team.change(sup, TeamChange(groups=("night",)), ADMIN_KEY)
    assert office.told == []


async def test_the_most_urgent_is_given_away_first_until_nobody_has_room(office: Office) -> None:
    sup = await add_person(office.sessions, "sup", capacity=2.0)
    low, high, medium = [await office.queued(priority=priority) for priority in ("low", "high", "medium")]
    await office.waiting.assign()
    assert await office.assignee(high) == sup
    assert [await office.assignee(one) for one in (low, medium)] == [None, None]


async def test_who_handed_it_back_does_not_get_it_again(office: Office) -> None:
    sup = await add_person(office.sessions, "sup")
    request = await office.queued("handed_back", f"user:{sup}", group_name="supervisors")
    await office.waiting.assign()
    assert await office.assignee(request) is None
    other = await add_person(office.sessions, "other")
    await office.waiting.assign()
    assert await office.assignee(request) == other


async def test_a_queue_that_a_person_chose_is_kept_to(office: Office) -> None:
    await office.policies.change(GROUPS, ADMIN_KEY, version=0)
    await add_person(office.sessions, "helper", groups=["general"])
    by_hand = await office.queued("reassigned", "user:x", group_name="owners")
    left = await office.queued(group_name="owners", tags=["billing"])
    await office.waiting.assign()
    assert await office.assignee(by_hand) is None
    assert await office.assignee(left) is not None


async def test_what_has_come_to_a_level_does_not_fall_back_below_it(office: Office) -> None:
    await office.policies.change(GROUPS, ADMIN_KEY, version=0)
    await add_person(office.sessions, "biller", groups=["billing"])
    request = await office.queued("escalated", group_name="owners", level=1, tags=["billing"])
    await office.waiting.assign()
    assert await office.assignee(request) is None
    helper = await add_person(office.sessions, "helper", groups=["general"])
    await office.waiting.assign()
    assert await office.assignee(request) == helper


async def test_what_is_moved_while_it_is_given_away_stays_where_it_was_moved(office: Office) -> None:
    await office.policies.change(GROUPS, ADMIN_KEY, version=0)
    await add_person(office.sessions, "helper", groups=["general"])
    request = await office.queued("reassigned", "user:x", group_name="general")
    async with office.sessions.begin() as session:
        moved = text("UPDATE help_requests SET group_name = 'owners', level = 1 WHERE id = :id")
        await session.execute(moved, {"id": request})
        giving = asyncio.create_task(office.waiting.assign())
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not (await session.execute(waits)).scalar_one():
            await asyncio.sleep(0.02)
    await giving
    assert await office.assignee(request) is None


async def test_processes_that_give_away_at_once_assign_each_request_once(office: Office) -> None:
    await add_person(office.sessions, "one")
    await add_person(office.sessions, "other")
    requests = [await office.queued() for _ in range(12)]
    await asyncio.gather(*(Office(office.sessions).waiting.assign() for _ in range(3)))
    assigned = [await office.assignee(one) for one in requests]
    given = [one for one in assigned if one is not None]
    assert sorted(given.count(one) for one in set(given)) == [5, 5]
    lines = [one.request_id for one in await office.all_of(HelpRequestEvent) if one.action == "assigned"]
    assert len(lines) == len(set(lines)) == 10
