"""What timers do with a request, and what becomes of those whose supervisor is shut out."""

from datetime import timedelta

import pytest

from assist.access import Role
from assist.accounts import Accounts
from assist.db.engine import Sessions
from assist.escalation.releasing import RELEASE_REQUESTS, enqueue_release
from assist.escalation.requests import Response
from tests.assist.escalation.office import Office, actions, due, office

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Office:
    return office(sessions)


async def test_a_reminder_goes_to_whoever_has_it(desk: Office) -> None:
    ada = await desk.person("ada")
    view = await desk.ask()
    await due(desk, view.id, "reminder")
    assert desk.told.heard[-1] == ("reminder", (ada.id,))
    assert actions(await desk.requests.get(view.id))[-1] == "reminded"


async def test_without_a_first_response_the_next_level_takes_over(desk: Office) -> None:
    await desk.person("ada")
    owner = await desk.person("olga", Role.ADMIN)
    view = await desk.ask()
    await due(desk, view.id, "first_response")
    passed = await desk.requests.get(view.id)
    assert (passed.level, passed.assigned_to, passed.status) == (1, owner.id, "pending")
    assert (passed.history[-1].actor, passed.history[-1].action) == ("timer", "escalated")
    await due(desk, view.id, "first_response")
    again = await desk.requests.get(view.id)
    assert (again.level, actions(again)[-1]) == (1, "reminded")
    assert desk.told.heard[-1] == ("unattended", (owner.id,))


async def test_what_is_in_hand_is_not_taken_away_by_the_first_timer(desk: Office) -> None:
    ada = await desk.person("ada")
    view = await desk.ask()
    claimed = await desk.requests.claim(view.id, ada)
    await due(desk, view.id, "first_response")
    assert await desk.requests.get(view.id) == claimed


async def test_in_the_end_it_is_unresolved_and_timers_of_ended_ones_do_nothing(desk: Office) -> None:
    ada = await desk.person("ada")
    session_id = await desk.call()
    view = await desk.ask(session_id=session_id)
    await desk.requests.claim(view.id, ada)
    await due(desk, view.id, "resolution")
    ended = await desk.requests.get(view.id)
    assert (ended.status, ended.resolution, ended.history[-1].actor) == ("unresolved", "timed_out", "timer")
    assert (await desk.events(session_id))[-1]["status"] == "unresolved"
    for kind in ("reminder", "first_response", "resolution"):
        await due(desk, view.id, kind)
    assert await desk.requests.get(view.id) == ended
    assert await desk.audited() == ["help_request.claimed"]


async def test_the_requests_of_somebody_shut_out_go_to_others(desk: Office) -> None:
    ada = await desk.person("ada")
    session_id = await desk.call()
    claimed = await desk.ask("one", session_id=session_id)
    await desk.requests.claim(claimed.id, ada)
    waiting, done = await desk.ask("two"), await desk.ask("three")
    await desk.requests.answer(done.id, ada, Response(answer="x"))
    bob = await desk.person("bob")
    await desk.requests.release(str(ada.id))
    assert (await desk.requests.get(claimed.id)).assigned_to == ada.id
    await desk.disable(ada)
    await desk.requests.release(str(ada.id))
    for request_id in (claimed.id, waiting.id):
        view = await desk.requests.get(request_id)
        assert (view.status, view.assigned_to, view.history[-1].action) == ("pending", bob.id, "handed_back")
    assert (await desk.requests.get(done.id)).assigned_to == ada.id
    assert (await desk.events(session_id))[-1]["assigned_to_name"] == "bob"
    await desk.requests.release(str(ada.id))
    assert actions(await desk.requests.get(claimed.id)).count("handed_back") == 1


async def test_shutting_a_person_out_enqueues_the_search_for_others_in_the_same_transaction(desk: Office) -> None:
    ada = await desk.person("ada")
    accounts = Accounts(sessions=desk.sessions, session_lifetime=timedelta(hours=1), shut_out=enqueue_release)
    await accounts.set_active(ada.email, active=True)
    assert await desk.sql("SELECT 1 FROM procrastinate_jobs WHERE task_name = :name", name=RELEASE_REQUESTS) == []
    await accounts.set_active(ada.email, active=False)
    query = "SELECT args->>'user_id' FROM procrastinate_jobs WHERE task_name = :name AND status = 'todo'"
    assert await desk.sql(query, name=RELEASE_REQUESTS) == [(str(ada.id),)]
