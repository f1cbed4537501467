"""What supervisors do with a request before it ends: claim, hand back, reassign, pass on, edit."""

import asyncio
from uuid import uuid4

import pytest

from assist.access import KeyScope, Role
from assist.db.engine import Sessions
from assist.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from assist.escalation.requests import Response
from tests.assist.escalation.office import Office, actions, conflict, office, two

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Office:
    return office(sessions)


async def test_a_request_is_claimed_once_and_the_second_is_told_by_whom(desk: Office) -> None:
    ada, bob = await two(desk)
    session_id = await desk.call()
    view = await desk.ask(session_id=session_id)
    claimed = await desk.requests.claim(view.id, ada)
    assert (claimed.status, claimed.assigned_to, claimed.first_response_at is not None) == ("in_progress", ada.id, True)
    assert await desk.requests.claim(view.id, ada) == claimed
    refused = await conflict(desk.requests.claim(view.id, bob))
    assert (refused.code, refused.current["assigned_to_name"]) == ("already_claimed", "ada")
    assert [event["status"] for event in await desk.events(session_id)] == ["pending", "in_progress"]
    assert "first_response" not in await desk.timers(view.id)
    assert await desk.audited() == ["help_request.claimed"]


async def test_what_was_routed_to_one_may_be_claimed_by_another(desk: Office) -> None:
    ada, bob = await two(desk)
    view = await desk.ask()
    other = bob if view.assigned_to == ada.id else ada
    claimed = await desk.requests.claim(view.id, other)
    assert claimed.assigned_to == other.id
    assert claimed.history[-1].before is not None
    assert claimed.history[-1].before["assigned_to"] == str(view.assigned_to)


async def test_of_many_who_claim_at_once_exactly_one_has_it(desk: Office) -> None:
    people = [await desk.person(f"person{number}") for number in range(6)]
    view = await desk.ask()
    found = await asyncio.gather(*(desk.requests.claim(view.id, one) for one in people), return_exceptions=True)
    won = [one for one in found if not isinstance(one, BaseException)]
    assert len(won) == 1
    assert {type(one) for one in found if one is not won[0]} == {ConflictError}
    assert actions(await desk.requests.get(view.id)).count("claimed") == 1


async def test_a_key_cannot_take_a_request_in_hand(desk: Office) -> None:
    view = await desk.ask()
    with pytest.raises(NotPermittedError):
        await desk.requests.claim(view.id, await desk.key(KeyScope.ADMIN))


async def test_handed_back_it_waits_for_others_with_the_reason(desk: Office) -> None:
    ada, bob = await two(desk)
    view = await desk.ask()
    await desk.requests.claim(view.id, ada)
    desk.told.heard.clear()
    back = await desk.requests.hand_back(view.id, ada, " not my field ")
    assert (back.status, back.assigned_to, back.group) == ("pending", None, "supervisors")
    assert (back.history[-1].action, back.history[-1].note) == ("handed_back", "not my field")
    assert {(event, frozenset(people)) for event, people in desk.told.heard} == {
        ("assigned", frozenset((ada.id, bob.id)))
    }
    assert "first_response" in await desk.timers(view.id)
    again = await desk.requests.hand_back(view.id, ada, None)
    assert actions(again) == actions(back)


async def test_reassigned_to_a_person_it_waits_for_them(desk: Office) -> None:
    ada, bob = await two(desk)
    view = await desk.ask()
    await desk.requests.claim(view.id, ada)
    moved = await desk.requests.reassign(view.id, ada, user_id=bob.id, group=None, note="yours")
    assert (moved.status, moved.assigned_to, moved.assigned_to_name) == ("pending", bob.id, "bob")
    assert desk.told.heard[-1] == ("assigned", (bob.id,))


async def test_reassigned_to_a_group_it_waits_in_its_queue(desk: Office) -> None:
    ada, _ = await two(desk)
    view = await desk.ask()
    moved = await desk.requests.reassign(view.id, ada, user_id=None, group="owners", note=None)
    assert (moved.status, moved.assigned_to, moved.group, moved.level) == ("pending", None, "owners", 0)


async def test_passed_on_it_is_escalated_and_goes_to_the_next_group(desk: Office) -> None:
    ada = await desk.person("ada")
    owner = await desk.person("olga", Role.ADMIN)
    session_id = await desk.call()
    view = await desk.ask(session_id=session_id)
    await desk.requests.claim(view.id, ada)
    passed = await desk.requests.escalate(view.id, ada, "needs a decision")
    assert (passed.status, passed.escalated, passed.level) == ("pending", True, 1)
    assert (passed.group, passed.assigned_to) == ("owners", owner.id)
    assert desk.told.heard[-1] == ("escalated", (owner.id,))
    assert (await desk.events(session_id))[-1]["escalated"] is True
    refused = await conflict(desk.requests.escalate(view.id, owner, None))
    assert refused.code == "no_further_level"


async def test_priority_tags_notes_and_question_are_edited(desk: Office) -> None:
    ada = await desk.person("ada")
    session_id = await desk.call()
    view = await desk.ask(session_id=session_id)
    changes = {
        "priority": "low",
        "tags": ["Shipping", "shipping", "eu"],
        "notes": "called twice",
        "question": "To Oslo?",
    }
    edited = await desk.requests.edit(view.id, ada, changes)
    assert (edited.priority, edited.tags, edited.notes, edited.question) == (
        "low",
        ["Shipping", "eu"],
        "called twice",
        "To Oslo?",
    )
    assert edited.first_response_due_at is not None
    assert view.first_response_due_at is not None
    assert edited.first_response_due_at > view.first_response_due_at
    line = edited.history[-1]
    assert line.before == {"priority": "medium", "tags": [], "notes": None, "question": "Do you ship to Norway?"}
    assert (await desk.ask("do you ship to norway", session_id=session_id)).id == view.id
    assert await desk.requests.edit(view.id, ada, {"priority": "low"}) == edited


async def test_what_becomes_urgent_before_anybody_has_it_goes_to_the_owners(desk: Office) -> None:
    ada = await desk.person("ada")
    owner = await desk.person("olga", Role.ADMIN)
    waiting, taken = await desk.ask("one"), await desk.ask("two")
    await desk.requests.claim(taken.id, ada)
    moved = await desk.requests.edit(waiting.id, ada, {"priority": "urgent"})
    kept = await desk.requests.edit(taken.id, ada, {"priority": "urgent"})
    assert (moved.group, moved.assigned_to, moved.escalated) == ("owners", owner.id, False)
    assert (kept.status, kept.assigned_to) == ("in_progress", ada.id)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": "resolved"},
        {"priority": "higher"},
        {"priority": None},
        {"tags": "a"},
        {"tags": [""]},
        {"tags": [1]},
        {"tags": ["x" * 51]},
        {"tags": ["x"] * 21},
        {"question": " "},
        {"question": "x" * 2_001},
        {"notes": "x" * 5_001},
        {"notes": 5},
    ],
)
async def test_an_edit_that_makes_no_sense_is_refused(desk: Office, changes: dict[str, object]) -> None:
    ada = await desk.person("ada")
    view = await desk.ask()
    with pytest.raises(InvalidError):
        await desk.requests.edit(view.id, ada, changes)
    assert await desk.requests.get(view.id) == view


async def test_an_unknown_request_is_unknown_everywhere(desk: Office) -> None:
    ada = await desk.person("ada")
    for work in (
        desk.requests.get(uuid4()),
        desk.requests.claim(uuid4(), ada),
        desk.requests.answer(uuid4(), ada, Response(answer="x")),
        desk.requests.time_out(uuid4(), ada),
        desk.requests.edit(uuid4(), ada, {"notes": "x"}),
    ):
        with pytest.raises(NotFoundError):
            await work


async def test_whoever_follows_is_woken_after_each_change(desk: Office) -> None:
    ada = await desk.person("ada")
    view = await desk.ask()
    for work in (
        desk.requests.claim(view.id, ada),
        desk.requests.hand_back(view.id, ada, None),
        desk.requests.edit(view.id, ada, {"notes": "x"}),
        desk.requests.answer(view.id, ada, Response(answer="x")),
    ):
        before = len(desk.woken)
        await work
        assert len(desk.woken) == before + 1
