"""How a request ends: the first answer counts, once."""

import asyncio
from uuid import uuid4

import pytest

from assist.access import KeyScope, Role
from assist.db.engine import Sessions
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.escalation.requests import Response
from tests.assist.escalation.office import Office, actions, conflict, office, two

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Office:
    return office(sessions)


async def test_reassigning_needs_somebody_who_may_answer(desk: Office) -> None:
    ada, bob = await two(desk)
    agent = await desk.person("agent", Role.AGENT)
    await desk.disable(bob)
    view = await desk.ask()
    for user_id, group in (
        (agent.id, None),
        (bob.id, None),
        (uuid4(), None),
        (None, "nobody"),
        (None, None),
        (ada.id, "owners"),
    ):
        with pytest.raises(InvalidError):
            await desk.requests.reassign(view.id, ada, user_id=user_id, group=group, note=None)
    assert actions(await desk.requests.get(view.id)) == actions(view)


async def test_an_answer_ends_it_and_reaches_the_desk_and_the_drafts(desk: Office) -> None:
    ada = await desk.person("ada")
    session_id = await desk.call()
    view = await desk.ask(session_id=session_id)
    response = Response(answer=" Yes, <b>within</b> a week. ", topic="Shipping", notes="see contract", learn="approve")
    done = await desk.requests.answer(view.id, ada, response)
    assert (done.status, done.resolution, done.answer) == ("resolved", "answered", "Yes, <b>within</b> a week.")
    assert (done.topic, done.notes, done.answered_by_name, done.assigned_to) == (
        "Shipping",
        "see contract",
        "ada",
        ada.id,
    )
    assert done.resolved_at is not None
    assert done.first_response_at is not None
    assert done.suggestion_id is not None
    assert desk.learned.taken == [(view.id, "approve")]
    assert await desk.timers(view.id) == []
    event = (await desk.events(session_id))[-1]
    assert (event["status"], event["suggestion_id"]) == ("resolved", str(done.suggestion_id))
    assert await desk.audited() == ["help_request.answered"]


async def test_the_same_answer_sent_again_is_answered_like_the_first(desk: Office) -> None:
    ada, bob = await two(desk)
    view = await desk.ask()
    first = await desk.requests.answer(view.id, ada, Response(answer="Yes."))
    assert await desk.requests.answer(view.id, ada, Response(answer=" Yes. ")) == first
    for who, response in (
        (ada, Response(answer="No.")),
        (bob, Response(answer="Yes.")),
        (ada, Response(answer="Yes.", unresolved=True)),
    ):
        refused = await conflict(desk.requests.answer(view.id, who, response))
        assert (refused.code, refused.current["answer"], refused.current["answered_by_name"]) == (
            "already_answered",
            "Yes.",
            "ada",
        )
    assert await desk.requests.get(view.id) == first
    assert desk.learned.taken == [(view.id, "draft")]


async def test_of_many_who_answer_at_once_the_first_answer_counts(desk: Office) -> None:
    people = [await desk.person(f"person{number}") for number in range(6)]
    session_id = await desk.call()
    view = await desk.ask(session_id=session_id)
    answers = (desk.requests.answer(view.id, one, Response(answer=f"By {one.name}")) for one in people)
    found = await asyncio.gather(*answers, return_exceptions=True)
    [won] = [one for one in found if not isinstance(one, BaseException)]
    lost = [one for one in found if isinstance(one, ConflictError)]
    assert len(lost) == 5
    assert {one.current["answer"] for one in lost} == {won.answer}
    kept = await desk.requests.get(view.id)
    assert (kept.answer, actions(kept).count("answered")) == (won.answer, 1)
    assert len(desk.learned.taken) == 1
    assert await desk.sql("SELECT count(*) FROM suggestions") == [(1,)]


async def test_answering_what_another_has_in_hand_is_noted(desk: Office) -> None:
    ada, bob = await two(desk)
    view = await desk.ask()
    await desk.requests.claim(view.id, ada)
    done = await desk.requests.answer(view.id, bob, Response(answer="Yes."))
    line = next(line for line in done.history if line.action == "answered")
    assert (line.actor_name, line.note) == ("bob", "ada had it in hand.")
    assert ("answered", (ada.id,)) in desk.told.heard


async def test_an_unresolved_one_says_why_and_teaches_nothing(desk: Office) -> None:
    ada = await desk.person("ada")
    view = await desk.ask()
    done = await desk.requests.answer(view.id, ada, Response(answer="Nobody knows.", unresolved=True))
    assert (done.status, done.resolution, done.answer) == ("unresolved", "unresolved", "Nobody knows.")
    assert desk.learned.taken == []
    assert "unresolved" in actions(done)


@pytest.mark.parametrize(
    "response",
    [Response(answer=""), Response(answer=" \n"), Response(answer="x" * 20_001), Response(answer="x", topic="x" * 201),
     Response(answer="x", notes="x" * 5_001), Response(answer="x", learn="always")],
)  # fmt: skip
async def test_an_answer_out_of_its_range_is_refused_and_the_request_stays_open(
    desk: Office, response: Response
) -> None:
    view = await desk.ask()
    with pytest.raises(InvalidError):
        await desk.requests.answer(view.id, await desk.person("ada"), response)
    assert (await desk.requests.get(view.id)).status == "pending"


async def test_a_timeout_ends_it_once(desk: Office) -> None:
    ada = await desk.person("ada")
    key = await desk.key(KeyScope.INGEST)
    foreign = await desk.ask("Foreign?")
    view = await desk.ask(raised_by=key.actor)
    with pytest.raises(NotFoundError):
        await desk.requests.time_out(foreign.id, key)
    done = await desk.requests.time_out(view.id, key)
    assert (done.status, done.resolution, done.resolved_at is not None) == ("unresolved", "timed_out", True)
    assert ("unresolved", (ada.id,)) in desk.told.heard
    for work in (
        desk.requests.time_out(view.id, key),
        desk.requests.answer(view.id, ada, Response(answer="Late.")),
        desk.requests.claim(view.id, ada),
        desk.requests.hand_back(view.id, ada, None),
        desk.requests.escalate(view.id, ada, None),
        desk.requests.reassign(view.id, ada, user_id=ada.id, group=None, note=None),
        desk.requests.edit(view.id, ada, {"priority": "low"}),
    ):
        refused = await conflict(work)
        assert (refused.code, refused.current["resolution"]) == ("already_ended", "timed_out")
    noted = await desk.requests.edit(view.id, ada, {"notes": "called back", "tags": ["late"]})
    assert (noted.notes, noted.tags, noted.status) == ("called back", ["late"], "unresolved")


async def test_an_answer_and_a_timeout_at_once_end_it_once(desk: Office) -> None:
    ada = await desk.person("ada")
    for number in range(5):
        view = await desk.ask(f"Question {number}?", session_id=await desk.call())
        found = await asyncio.gather(
            desk.requests.answer(view.id, ada, Response(answer="Yes.")),
            desk.requests.time_out(view.id, ada),
            return_exceptions=True,
        )
        assert sorted(isinstance(one, ConflictError) for one in found) == [False, True]
        ended = [action for action in actions(await desk.requests.get(view.id)) if action in ("answered", "timed_out")]
        assert len(ended) == 1
