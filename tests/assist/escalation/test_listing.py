"""Lists of requests: order, pages and filters."""

from uuid import UUID

import pytest

from assist.db.engine import Sessions
from assist.errors import InvalidError
from assist.escalation.requests import Response, Wanted
from tests.assist.escalation.office import Office, office, two

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Office:
    return office(sessions)


async def test_the_list_has_what_breaches_first_at_the_top_and_the_newest_ended_after_it(desk: Office) -> None:
    ada = await desk.person("ada")
    first, second, third, fourth, fifth = [await desk.ask(f"Question {number}?") for number in range(5)]
    await desk.sql("UPDATE help_requests SET due_at = now() - interval '1 hour' WHERE id = :id", id=third.id)
    await desk.sql("UPDATE help_requests SET due_at = NULL WHERE id = :id", id=first.id)
    for one in (fourth, fifth):
        await desk.requests.answer(one.id, ada, Response(answer="x"))
    expected = [third.id, second.id, first.id, fifth.id, fourth.id]
    whole = await desk.requests.page(Wanted(), limit=50, cursor=None)
    assert ([one.id for one in whole.items], whole.total, whole.next) == (expected, 5, None)
    seen: list[UUID] = []
    cursor = None
    for _ in range(3):
        page = await desk.requests.page(Wanted(), limit=2, cursor=cursor)
        seen += [one.id for one in page.items]
        cursor = page.next
    assert (seen, cursor) == (expected, None)


async def test_the_list_is_filtered(desk: Office) -> None:
    ada, bob = await two(desk)
    session_id = await desk.call()
    pending = await desk.ask("Refund for Zoë?", session_id=session_id, tags=("vip",))
    taken = await desk.ask("100% wool?", priority="high", customer_name="Grace")
    passed = await desk.ask("Escalated?")
    done = await desk.ask("Done?")
    await desk.requests.claim(taken.id, bob)
    await desk.requests.reassign(pending.id, ada, user_id=ada.id, group=None, note=None)
    await desk.requests.reassign(done.id, ada, user_id=ada.id, group=None, note=None)
    await desk.requests.escalate(passed.id, ada, None)
    await desk.requests.answer(done.id, ada, Response(answer="The answer is wool."))
    for wanted, expected in (
        (Wanted(status=("pending",)), {pending.id, passed.id}),
        (Wanted(status=("escalated",)), {passed.id}),
        (Wanted(status=("in_progress", "resolved")), {taken.id, done.id}),
        (Wanted(status=("unresolved",)), set()),
        (Wanted(priority=("high", "urgent")), {taken.id}),
        (Wanted(tag="vip"), {pending.id}),
        (Wanted(tag="billing"), {pending.id}),
        (Wanted(group="owners"), {passed.id}),
        (Wanted(assigned_to=bob.id), {taken.id}),
        (Wanted(assigned_to=ada.id, status=("pending",)), {pending.id}),
        (Wanted(unassigned=True), {passed.id}),
        (Wanted(session_id=session_id), {pending.id}),
        (Wanted(text="wool"), {taken.id, done.id}),
        (Wanted(text="100% WOOL"), {taken.id}),
        (Wanted(text="_"), set()),
        (Wanted(text="grace"), {taken.id}),
    ):
        page = await desk.requests.page(wanted, limit=50, cursor=None)
        assert ({one.id for one in page.items}, page.total) == (expected, len(expected)), wanted


@pytest.mark.parametrize("wanted", [Wanted(status=("open",)), Wanted(priority=("highest",))])
async def test_an_unknown_filter_value_is_refused_with_the_ones_that_exist(desk: Office, wanted: Wanted) -> None:
    with pytest.raises(InvalidError) as refused:
        await desk.requests.page(wanted, limit=5, cursor=None)
    assert "pending" in refused.value.detail or "urgent" in refused.value.detail


@pytest.mark.parametrize(
    "cursor", ["x", "0~1", f"2~1~{UUID(int=1)}", f"0~NaN~{UUID(int=1)}", f"0~1e999999999~{UUID(int=1)}", "0~1~x"]
)
async def test_a_cursor_that_is_not_ours_is_refused(desk: Office, cursor: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await desk.requests.page(Wanted(), limit=5, cursor=cursor)
    assert refused.value.code == "invalid_cursor"
