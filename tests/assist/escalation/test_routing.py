"""Who gets a request."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.db import timers as clock
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest
from assist.db.teams import Load
from assist.escalation.policy import Group, Hours, Policy, Priority, Shift
from assist.escalation.routing import (
    Member,
    Question,
    Route,
    Router,
    chain_after,
    chain_from,
    decide,
    first_chain,
    folded,
)
from tests.assist.escalation.supervised import add_person, add_request, shut_out

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MORNING = Hours(shifts=(Shift(days=(0, 1, 2, 3, 4, 5, 6), start=time(6), end=time(10)),))
POLICY = Policy(
    groups=(
        Group(name="billing", skills=("Billing", "refund"), next="general"),
        Group(name="tech", skills=("network",)),
        Group(name="general"),
        Group(name="owners"),
    )
)


def member(name: str, *groups: str, load: float = 0.0, last: datetime | None = None, **fields: object) -> Member:
    values: dict[str, object] = {"skills": folded(fields.pop("skills", ())), **fields}  # type: ignore[arg-type]
    return Member(
        user_id=UUID(int=int.from_bytes(name.encode())),
        name=name,
        groups=groups,
        load=Load(weight=load, last_assigned_at=last),
        **values,  # type: ignore[arg-type]
    )


def question(*tags: str, priority: Priority = Priority.MEDIUM, **fields: UUID) -> Question:
    return Question(priority=priority, tags=folded(tags), **fields)


def routed(asked: Question, *members: Member, policy: Policy = POLICY) -> Route:
    return decide(asked, policy, members, NOON, chain=first_chain(asked, policy))


@pytest.mark.parametrize(
    ("tags", "chain"),
    [
        (("billing",), ("billing", "general", "owners")),
        (("BILLING", "refund", "network"), ("billing", "general", "owners")),
        (("network", "slow"), ("tech", "owners")),
        (("parcel",), ("general", "owners")),
        ((), ("general", "owners")),
    ],
)
def test_tags_lead_to_the_group_whose_skills_match_most(tags: tuple[str, ...], chain: tuple[str, ...]) -> None:
    assert first_chain(question(*tags), POLICY) == chain


def test_what_is_urgent_goes_to_the_owners_at_once() -> None:
    assert first_chain(question("billing", priority=Priority.URGENT), POLICY) == ("owners",)


def test_without_a_group_that_takes_everything_the_owners_take_what_matches_nobody() -> None:
    specialists = Policy(groups=(Group(name="tech", skills=("network",)), Group(name="owners")))
    assert first_chain(question("parcel"), specialists) == ("owners",)
    all_special = Policy(groups=(Group(name="tech", skills=("network",)), Group(name="owners", skills=("law",))))
    assert first_chain(question("parcel"), all_special) == ("tech", "owners")


def test_owners_that_stand_first_take_no_precedence_over_a_group_that_takes_everything() -> None:
    turned = Policy(groups=(Group(name="owners"), Group(name="general")))
    assert first_chain(question(), turned) == ("general", "owners")


def test_a_chain_ends_with_the_owners_whatever_a_stored_policy_says() -> None:
    ring = Policy(groups=(Group(name="a", next="b"), Group(name="b", next="a"), Group(name="owners", next="a")))
    assert chain_from(ring, "a") == ("a", "b", "owners")
    assert chain_after(ring, "b") == ("a", "owners")
    assert chain_after(ring, "owners") == ("owners",)
    assert chain_after(ring, "gone") == ("owners",)


def test_the_lower_share_of_capacity_counts() -> None:
    busy, idle = member("busy", "general", load=2.0, capacity=4.0), member("idle", "general", load=3.0, capacity=10.0)
    assert routed(question(), busy, idle).assignee_name == "idle"


def test_matching_skills_count_more_than_load() -> None:
    expert = member("expert", "billing", skills=("refund", "billing"), load=4.0)
    novice = member("novice", "billing", skills=("refund",))
    assert routed(question("Refund", "billing"), novice, expert).assignee_name == "expert"


def test_of_equals_the_one_who_got_nothing_for_longest_is_next() -> None:
    early, late = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
    people = [member("late", "general", last=late), member("early", "general", last=early)]
    assert routed(question(), *people).assignee_name == "early"
    assert routed(question(), *people, member("new", "general")).assignee_name == "new"


def test_who_has_it_already_is_asked_again_only_when_nobody_else_is_there() -> None:
    silent, other = member("silent", "general"), member("other", "general", load=4.0)
    asked = question(assigned_to=silent.user_id)
    assert routed(asked, silent, other).assignee_name == "other"
    assert routed(asked, silent).assignee_name == "silent"


@pytest.mark.parametrize(
    "absent",
    [
        member("away", "billing", available=False),
        member("full", "billing", load=5.0),
        member("elsewhere", "tech"),
        member("none", "billing", capacity=0.0),
    ],
)
def test_the_next_group_takes_over_when_nobody_is_there(absent: Member) -> None:
    found = routed(question("billing"), absent, member("someone", "general"))
    assert (found.group, found.assignee_name, found.skipped) == ("general", "someone", ("billing",))
    assert not found.unattended


def test_a_group_that_is_closed_is_passed_over() -> None:
    policy = Policy(groups=(Group(name="general", hours=MORNING), Group(name="owners")))
    people = [member("someone", "general"), member("owner", "owners")]
    assert routed(question(), *people, policy=policy).assignee_name == "owner"
    dawn = decide(question(), policy, people, NOON.replace(hour=7), chain=("general", "owners"))
    assert dawn.assignee_name == "someone"


def test_nobody_at_all_leaves_it_with_the_owners_and_alerts_the_whole_chain() -> None:
    gone = [member("a", "billing", available=False), member("b", "owners", load=9.0), member("c", "tech")]
    found = routed(question("billing"), *gone)
    assert (found.group, found.assignee, found.unattended) == ("owners", None, True)
    assert found.skipped == ("billing", "general", "owners")
    assert found.recipients == (gone[0].user_id, gone[1].user_id)


NAMES = st.sampled_from([group.name for group in POLICY.groups])
MEMBERS = st.lists(
    st.builds(
        Member,
        user_id=st.uuids(),
        name=st.just("x"),
        groups=st.lists(NAMES, min_size=1, max_size=3).map(tuple),
        skills=st.sets(st.sampled_from(["billing", "refund", "network"])).map(frozenset),
        capacity=st.sampled_from([0.0, 1.0, 5.0]),
        available=st.booleans(),
        load=st.builds(Load, weight=st.sampled_from([0.0, 0.5, 3.0, 5.0])),
    ),
    max_size=8,
    unique_by=lambda one: one.user_id,
)
QUESTIONS = st.builds(
    Question,
    priority=st.sampled_from(Priority),
    tags=st.sets(st.sampled_from(["billing", "refund", "network", "parcel"])).map(frozenset),
)


@given(QUESTIONS, MEMBERS, st.randoms())
def test_the_choice_is_somebody_who_is_there_and_the_order_of_people_makes_no_difference(
    asked: Question, people: list[Member], random: object
) -> None:
    chain = first_chain(asked, POLICY)
    found = decide(asked, POLICY, people, NOON, chain=chain)
    shuffled = sorted(people, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert decide(asked, POLICY, shuffled, NOON, chain=chain).assignee == found.assignee
    able = {one.user_id: one for one in people if one.has_room and not set(chain).isdisjoint(one.groups)}
    assert found.unattended is not bool(able)
    if found.assignee is not None:
        assert found.group in able[found.assignee].groups
        assert found.skipped == chain[: chain.index(found.group)]
        assert not any(set(found.skipped) & set(one.groups) for one in able.values())


async def route(session: Session, request: HelpRequest, policy: Policy = POLICY, **how: object) -> Route:
    found = await Router().route(session, request, policy, await clock.now(session), **how)  # type: ignore[arg-type]
    request.assigned_to, request.group_name = found.assignee, found.group
    return found


async def test_without_profiles_supervisors_are_in_the_first_group_and_administrators_among_the_owners(
    sessions: Sessions,
) -> None:
    sup, boss = await add_person(sessions, "sup"), await add_person(sessions, "boss", "admin")
    await add_person(sessions, "agent", "agent")
    await add_person(sessions, "analyst", "analyst")
    policy, router = Policy(), Router()
    async with sessions.begin() as session:
        assert await router.members(session, policy, "supervisors") == [sup]
        assert await router.members(session, policy, "owners") == [boss]
        assert (await route(session, await add_request(session), policy)).assignee == sup
        urgent = await add_request(session, priority="urgent")
        assert (await route(session, urgent, policy)).assignee == boss


async def test_who_was_shut_out_gets_nothing_and_is_in_no_group(sessions: Sessions) -> None:
    gone = await add_person(sessions, "gone")
    await shut_out(sessions, gone)
    async with sessions.begin() as session:
        found = await route(session, await add_request(session), Policy())
        assert found.unattended
        assert found.recipients == ()
        assert await Router().members(session, Policy(), "supervisors") == []


async def test_a_group_that_was_removed_leaves_its_members_in_that_of_their_role(sessions: Sessions) -> None:
    left = await add_person(sessions, "left", groups=["removed"])
    async with sessions.begin() as session:
        assert await Router().members(session, Policy(), "supervisors") == [left]


async def test_open_requests_weigh_by_priority_and_ended_ones_do_not(sessions: Sessions) -> None:
    one, other = await add_person(sessions, "one"), await add_person(sessions, "other")
    async with sessions.begin() as session:
        for _ in range(3):
            await add_request(session, assigned_to=one, status="resolved", priority="urgent")
        await add_request(session, assigned_to=one, status="in_progress", priority="low")
        await add_request(session, assigned_to=other, priority="medium")
        assert (await route(session, await add_request(session), Policy())).assignee == one


async def test_what_is_passed_on_goes_to_the_group_after(sessions: Sessions) -> None:
    await add_person(sessions, "biller", groups=["billing"])
    helper = await add_person(sessions, "helper", groups=["general"])
    boss = await add_person(sessions, "boss", "admin")
    async with sessions.begin() as session:
        request = await add_request(session, tags=["billing"])
        assert (await route(session, request)).group == "billing"
        assert (await route(session, request, after="billing")).assignee == helper
        assert (await route(session, request, after="general")).assignee == boss
        assert (await route(session, request, after="owners")).assignee == boss
        assert (await route(session, request, after="owners", besides=boss)).unattended


async def test_requests_routed_at_once_never_share_the_last_free_place(sessions: Sessions) -> None:
    await add_person(sessions, "one", capacity=2.0)
    await add_person(sessions, "other", capacity=2.0)

    async def raise_one() -> UUID | None:
        async with sessions.begin() as session:
            found = await route(session, await add_request(session), Policy())
            await session.flush()
            await asyncio.sleep(0.01)
            return found.assignee

    assigned = await asyncio.gather(*(raise_one() for _ in range(8)))
    taken = [one for one in assigned if one is not None]
    assert sorted(taken.count(one) for one in set(taken)) == [2, 2]
    assert assigned.count(None) == 4
