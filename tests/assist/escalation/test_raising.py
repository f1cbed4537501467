"""How a request is made: once a question and call, judged, routed, timed and told of."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from assist.access import KeyScope, Role
from assist.db.engine import Sessions
from assist.errors import InvalidError, NotFoundError, NotPermittedError
from assist.escalation.requests import NewRequest
from tests.assist.escalation.office import Office, actions, office

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Office:
    return office(sessions)


async def test_a_request_knows_what_the_call_knows(desk: Office) -> None:
    session_id = await desk.call(
        "Hello", "Do you ship to Norway?", customer_name="Grace", customer_phone="+4712345678",
        acd_metadata={"queue": "sales"}, crm_metadata={"tier": "vip"},
    )  # fmt: skip
    view = await desk.ask(session_id=session_id, turn=2, origin="pipeline")
    assert (view.customer_name, view.customer_contact, view.queue) == ("Grace", "+4712345678", "sales")
    assert view.context_excerpt == "Customer: Hello\nCustomer: Do you ship to Norway?"
    assert (view.status, view.priority, view.escalated, view.call_active) == ("pending", "high", False, True)
    assert view.origin == "pipeline"


async def test_the_same_question_in_the_same_call_is_the_same_request(desk: Office) -> None:
    session_id = await desk.call()
    first = await desk.ask("Do you ship to Norway?", session_id=session_id)
    again = await desk.ask("do you ship – to NORWAY", session_id=session_id, origin="agent", priority="urgent")
    other = await desk.ask("Do you ship to Sweden?", session_id=session_id)
    elsewhere = await desk.ask("Do you ship to Norway?", session_id=await desk.call())
    assert again == first
    assert len({first.id, other.id, elsewhere.id}) == 3
    assert [event["id"] for event in await desk.events(session_id)] == [str(first.id), str(other.id)]


async def test_raised_by_many_at_once_it_is_one_request(desk: Office) -> None:
    session_id = await desk.call()
    views = await asyncio.gather(*(desk.ask(f"Why{'?' * number}", session_id=session_id) for number in range(8)))
    assert len({view.id for view in views}) == 1
    assert actions(views[0]).count("created") == 1
    assert [event for event, _ in desk.told.heard].count("created") == 1


async def test_outside_a_call_the_sender_s_own_key_tells_repeats(desk: Office) -> None:
    views = [
        await desk.ask("How much?", client_key="a", raised_by="key:1"),
        await desk.ask("how much", client_key="a", raised_by="key:1"),
        await desk.ask("how much", metadata={"request_id": "a"}, raised_by="key:1"),
        await desk.ask("how much", client_key="a", raised_by="key:2"),
        await desk.ask("how many", client_key="a", raised_by="key:1"),
        await desk.ask("how much", raised_by="key:1"),
        await desk.ask("how much", raised_by="key:1"),
    ]
    assert [view.id == views[0].id for view in views] == [True, True, True, False, False, False, False]
    assert len({view.id for view in views[3:]}) == 4


async def test_nobody_is_there_and_everybody_who_could_is_alerted(desk: Office) -> None:
    view = await desk.ask()
    assert (view.assigned_to, view.group) == (None, "owners")
    assert actions(view) == ["created"]
    assert [event for event, _ in desk.told.heard] == ["created", "unattended"]


async def test_it_goes_to_a_supervisor_who_is_there_and_is_told(desk: Office) -> None:
    ada = await desk.person("ada")
    session_id = await desk.call()
    view = await desk.ask(session_id=session_id)
    assert (view.assigned_to, view.assigned_to_name, view.group) == (ada.id, "ada", "supervisors")
    assert actions(view) == ["created", "assigned"]
    assert view.history[1].after == {"assigned_to": str(ada.id), "assigned_to_name": "ada", "group_name": "supervisors"}
    assert desk.told.heard == [("created", (ada.id,))]
    [event] = await desk.events(session_id)
    assert (event["assigned_to_name"], event["status"], event["due_at"] is not None) == ("ada", "pending", True)


async def test_what_is_urgent_goes_to_the_owners(desk: Office) -> None:
    await desk.person("ada")
    owner = await desk.person("olga", Role.ADMIN)
    view = await desk.ask("There is smoke!")
    assert (view.priority, view.tags, view.group, view.assigned_to) == ("urgent", ["safety"], "owners", owner.id)


async def test_given_priority_wins_and_given_tags_come_first(desk: Office) -> None:
    view = await desk.ask("I want a refund, there is smoke", priority="low", tags=("vip", "Safety"))
    assert (view.priority, view.tags) == ("low", ["vip", "Safety", "billing"])


async def test_limits_and_timers_follow_the_policy(desk: Office) -> None:
    view = await desk.ask()
    assert view.due_at is not None
    assert view.first_response_due_at is not None
    assert view.due_at - view.created_at == timedelta(minutes=30)
    assert view.first_response_due_at - view.created_at == timedelta(minutes=10)
    assert await desk.timers(view.id) == ["first_response", "reminder", "reminder", "resolution"]


@pytest.mark.parametrize("question", ["", "   ", "x" * 2_001])
async def test_an_empty_or_endless_question_is_refused(desk: Office, question: str) -> None:
    with pytest.raises(InvalidError):
        await desk.ask(question)
    assert await desk.sql("SELECT count(*) FROM help_requests") == [(0,)]


async def test_an_endless_question_of_the_pipeline_is_cut(desk: Office) -> None:
    assert len((await desk.ask("x" * 5_000, origin="pipeline")).question) == 2_000


@pytest.mark.parametrize("question", ["丸" * 2_000, "ﷺ" * 2_000, "𒐫" * 2_000])
async def test_the_longest_questions_in_any_script_are_stored_and_told_apart(desk: Office, question: str) -> None:
    session_id = await desk.call()
    first = await desk.ask(question, session_id=session_id)
    assert (await desk.ask(question, session_id=session_id)).id == first.id
    assert (await desk.ask(question[:-1] + "x", session_id=session_id)).id != first.id


@pytest.mark.parametrize(
    "fields", [{"customer_name": "x" * 301}, {"customer_contact": "x" * 301}, {"channel": "x" * 51}, {"channel": " "}]
)
async def test_fields_out_of_their_range_are_refused(desk: Office, fields: dict[str, str]) -> None:
    with pytest.raises(InvalidError):
        await desk.ask(**fields)


async def test_a_rolled_back_transaction_leaves_nothing(desk: Office) -> None:
    session_id = await desk.call()
    async with desk.sessions() as session:
        await desk.requests.raise_in(session, NewRequest(question="Why?", session_id=session_id))
        await session.rollback()
    assert await desk.events(session_id) == []
    for table in ("help_requests", "help_request_events", "help_request_timers"):
        assert await desk.sql(f"SELECT count(*) FROM {table}") == [(0,)]


async def test_agents_raise_in_their_own_calls_only(desk: Office) -> None:
    agent, other = await desk.person("agent", Role.AGENT), await desk.person("other", Role.AGENT)
    session_id = await desk.call(agent=agent.email)
    view, created = await desk.requests.create(NewRequest(question="Why?", session_id=session_id), agent)
    assert created
    assert await desk.audited() == ["help_request.created"]
    for principal, session in ((other, session_id), (agent, uuid4())):
        with pytest.raises(NotFoundError):
            await desk.requests.create(NewRequest(question="Why?", session_id=session), principal)
    with pytest.raises(NotPermittedError):
        await desk.requests.create(NewRequest(question="Why?"), agent)
    assert (await desk.requests.get(view.id, agent)).id == view.id
    with pytest.raises(NotFoundError):
        await desk.requests.get(view.id, other)


async def test_a_key_raises_with_ingest_and_sees_what_it_raised_or_started(desk: Office) -> None:
    one, other = await desk.key(KeyScope.INGEST), await desk.key(KeyScope.INGEST)
    reader = await desk.key(KeyScope.READ)
    session_id = await desk.call(key=one.id)
    mine, _ = await desk.requests.create(NewRequest(question="Why?", raised_by=one.actor), one)
    of_my_call = await desk.ask(session_id=session_id)
    for request_id in (mine.id, of_my_call.id):
        assert (await desk.requests.get(request_id, one)).id == request_id
        assert (await desk.requests.get(request_id, reader)).id == request_id
        with pytest.raises(NotFoundError):
            await desk.requests.get(request_id, other)
    with pytest.raises(NotPermittedError):
        await desk.requests.create(NewRequest(question="Why?"), reader)
    with pytest.raises(NotFoundError):
        await desk.requests.create(NewRequest(question="Why?", session_id=session_id), other)
