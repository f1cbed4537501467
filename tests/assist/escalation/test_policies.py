"""The policy: what is refused, who comes second, and documents that another version of the code has stored."""

from datetime import date, time
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from assist.access import Role
from assist.db.engine import Sessions
from assist.db.models import AuditEntry, EscalationPolicy
from assist.db.models.base import Json
from assist.db.supervision import marker
from assist.errors import ConflictError, InvalidError
from assist.escalation.policies import Policies, check
from assist.escalation.policy import Group, Hours, Policy, Priority, Raising, Rule, Shift, Sla
from tests.assist.escalation.supervised import signed_in

ADMIN = signed_in(uuid4(), Role.ADMIN)
NIGHT = Hours(
    time_zone="Asia/Tokyo",
    shifts=(Shift(days=(0, 6), start=time(22), end=time(6, 30)),),
    holidays=(date(2026, 12, 25),),
)
FULL = Policy(
    raising=Raising.OFFER,
    raising_by_queue={"vip": Raising.AUTO},
    rules=(Rule(name="all", keywords=("a b",), intents=("x",), priority=Priority.LOW, tags=("t",)),),
    groups=(Group(name="night", skills=("s",), hours=NIGHT, next="owners"), Group(name="owners")),
    sla={Priority.URGENT: Sla(first_response_minutes=0.5, resolution_minutes=1440.0)},
    reminders=(0.25, 0.75),
    auto_approve=(Role.ADMIN,),
    review_after_days=None,
)


@pytest.fixture
def policies(sessions: Sessions) -> Policies:
    return Policies(sessions=sessions, timeout_minutes=30.0)


async def current(policies: Policies) -> Policy:
    async with policies.sessions() as session:
        return await policies.current(session)


async def store(sessions: Sessions, document: Json) -> None:
    async with sessions.begin() as session:
        await session.execute(insert(EscalationPolicy).values(id=1, document=document, version=7))


async def test_without_a_policy_the_defaults_hold(policies: Policies) -> None:
    assert await current(policies) == Policy()
    assert (await policies.latest()).version == 0


async def test_everything_in_a_policy_is_kept(policies: Policies) -> None:
    assert await policies.change(FULL, ADMIN, version=0) == 1
    assert await current(policies) == FULL
    assert await policies.change(Policy(), ADMIN, version=1) == 2
    assert await current(policies) == Policy()


async def test_the_second_of_two_who_edit_at_once_is_told_what_is_in_force(policies: Policies) -> None:
    await policies.change(FULL, ADMIN, version=0)
    for stale in (0, 2, 7):
        with pytest.raises(ConflictError) as refused:
            await policies.change(Policy(), ADMIN, version=stale)
        assert refused.value.code == "policy_changed"
        assert refused.value.current == {"version": 1, "policy": msgspec.to_builtins(FULL)}
    assert await current(policies) == FULL


async def test_a_change_is_audited_with_before_and_after_and_consoles_see_it(
    policies: Policies, sessions: Sessions
) -> None:
    told: list[str] = []
    watched = Policies(sessions=sessions, timeout_minutes=30.0, changed=lambda: told.append("changed"))
    async with sessions() as session:
        seen = await marker(session)
    await watched.change(FULL, ADMIN, version=0)
    async with sessions() as session:
        entry = (await session.execute(select(AuditEntry))).scalar_one()
        assert await marker(session) != seen
    assert (entry.actor, entry.action, entry.target_type) == (ADMIN.actor, "policy.changed", "policy")
    assert [msgspec.convert(one, Policy) for one in (entry.before, entry.after)] == [Policy(), FULL]
    assert told == ["changed"]


async def test_what_is_refused_leaves_no_trace(policies: Policies, sessions: Sessions) -> None:
    with pytest.raises(InvalidError):
        await policies.change(Policy(owner_group="nobody"), ADMIN, version=0)
    async with sessions() as session:
        assert (await session.execute(select(func.count()).select_from(AuditEntry))).scalar_one() == 0
    assert (await policies.latest()).version == 0


OWNERS = Group(name="owners")


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy(owner_group="bosses"), "“bosses” is not among the groups"),
        (Policy(groups=(Group(name="a", next="b"), OWNERS)), "“a” passes on to “b”, which is not"),
        (Policy(groups=(Group(name="a", next="a"), OWNERS)), "in a circle: a → a"),
        (Policy(groups=(Group(name="a", next="b"), Group(name="b", next="a"), OWNERS)), "in a circle: a → b → a"),
        (Policy(groups=(Group(name="a"), Group(name="owners", next="a"))), "“owners” ends every chain"),
        (Policy(groups=(OWNERS, OWNERS)), "Two groups have the same name"),
        (Policy(rules=(Rule(name="r"), Rule(name="r"))), "Two rules have the same name"),
        (Policy(reminders=(0.8, 0.5)), "reminders must increase"),
        (Policy(reminders=(0.5, 0.5)), "reminders must increase"),
        (
            Policy(sla={Priority.LOW: Sla(first_response_minutes=9.0, resolution_minutes=8.0)}),
            "For low, the first response may not take longer",
        ),
        *(
            (Policy(groups=(Group(name="owners", hours=Hours(time_zone=zone)),)), f"time zone “{zone}”")
            for zone in ("Mars/Olympus", "Europe", "../etc/passwd", "/etc/localtime", "a\0b", " ", "CEST+2")
        ),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused_with_the_reason(policy: Policy, said: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check(policy)
    assert refused.value.code == "invalid_policy"
    assert said in refused.value.detail


@pytest.mark.parametrize("zone", ["UTC", "Europe/Copenhagen", "Asia/Kathmandu", "America/Argentina/Ushuaia", "GMT"])
def test_every_usual_time_zone_is_known(zone: str) -> None:
    check(Policy(groups=(Group(name="owners", hours=Hours(time_zone=zone)),)))


def test_the_defaults_are_in_order() -> None:
    check(Policy())
    check(FULL)


async def test_a_document_that_lacks_newer_fields_has_their_defaults(policies: Policies, sessions: Sessions) -> None:
    await store(sessions, {"raising": "off", "groups": [{"name": "night"}, {"name": "owners"}]})
    found = await policies.latest()
    assert found.version == 7
    assert found.policy == Policy(raising=Raising.OFF, groups=(Group(name="night"), Group(name="owners")))


async def test_fields_that_this_version_does_not_know_are_left_out_and_the_rest_counts(
    policies: Policies, sessions: Sessions
) -> None:
    document: Json = msgspec.to_builtins(FULL)
    document["invented"] = {"later": 1}
    document["groups"][0]["colour"] = "red"
    document["groups"][0]["hours"]["shifts"][0]["pause"] = "12:00"
    document["sla"]["urgent"]["third_limit"] = 3
    await store(sessions, document)
    assert await current(policies) == FULL


async def test_a_field_that_cannot_be_read_has_its_default_and_the_rest_counts(
    policies: Policies, sessions: Sessions
) -> None:
    document = {**msgspec.to_builtins(FULL), "raising": "perhaps", "reminders": "often", "rules": [{"name": 3}]}
    await store(sessions, document)
    expected = msgspec.structs.replace(FULL, raising=Raising.AUTO, reminders=Policy().reminders, rules=Policy().rules)
    assert await current(policies) == expected
    assert await policies.change(FULL, ADMIN, version=7) == 8


@pytest.mark.parametrize("document", [{"groups": []}, {"groups": "x", "owner_group": ""}, {"owner_group": None}])
async def test_whatever_is_stored_some_policy_is_in_force(
    policies: Policies, sessions: Sessions, document: Json
) -> None:
    await store(sessions, document)
    assert await current(policies) == Policy()


async def test_a_change_has_waiting_requests_looked_at(policies: Policies, sessions: Sessions) -> None:
    await policies.change(FULL, ADMIN, version=0)
    async with sessions() as session:
        jobs = (await session.execute(text("SELECT task_name FROM procrastinate_jobs"))).scalars().all()
    assert jobs == ["assign_waiting"]
