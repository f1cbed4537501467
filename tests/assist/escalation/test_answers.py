"""The answer comes back: onto the desk while the call goes on, to the customer after it, and never neither."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text as sql

from assist.access import Role
from assist.db.engine import Sessions
from assist.db.models import FollowUp
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.escalation.contacts import address_of
from assist.escalation.raising import NewRequest
from tests.assist.escalation.live_side import LiveSide, live_side, person
from tests.assist.ledger import Ledger, ledger, run_sql, settled
from tests.assist.scripted import Script, passage_of

pytestmark = pytest.mark.db

_OPEN = "may an unknown dog come along?"
_ANSWER = "Yes, dogs below 10 kg may come along. <b>Bring a cage</b> & papers."
_PHONE = "+1 (555) 123-4567"


async def _call(one: LiveSide, **fields: object) -> tuple[UUID, UUID]:
    """A call and the request that it has raised."""
    call = await one.node.start_call(**{"customer_phone": _PHONE, **fields})
    await one.node.say(call, _OPEN)
    await settled(one.sessions, call)
    (request,) = await one.requests(call)
    return call, request.id


async def _shown(one: LiveSide, call: UUID) -> None:
    for row in (await ledger(one.sessions, call)).suggestions:
        await one.node.desk.mark(call, row.id, action="shown", actor="user:ada")


async def _raise(one: LiveSide, contact: str | None, channel: str = "web") -> UUID:
    """A request without a call."""
    async with one.sessions.begin() as session:
        new = NewRequest(question=f"Where is it? {uuid4()}", channel=channel, customer_contact=contact)
        return (await one.help_requests.raise_in(session, new)).request.id


async def test_an_answer_is_a_card_on_the_desk_while_the_call_goes_on(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        await one.answer(request_id, _ANSWER)
        found = await ledger(sessions, call)
        found.check()
        (row,) = found.suggestions
        event = found.payloads("suggestions")[-1]
        card = event["suggestions"][0]
        assert (event["origin"], event["outcome"], event["query"], event["turn"]) == (
            "supervisor",
            "answered",
            _OPEN,
            None,
        )
        assert (card["type"], card["title"], card["text"]) == ("supervisor_answer", _OPEN, _ANSWER)
        assert (card["citations"], card["confidence_score"], card["answered_by"]) == ([], 1.0, "Grace")
        assert card["id"] == str(row.id) == str((await one.requests(call))[0].suggestion_id)
        assert found.payloads("escalation")[-1]["escalation"]["suggestion_id"] == card["id"]
        assert "delivered" in await one.history(request_id)
        shown = await one.node.calls.snapshot(call)
        assert [(view.id, view.type) for view in shown.suggestions] == [(row.id, "supervisor_answer")]
        assert shown.latest is not None
        assert shown.latest.origin == "supervisor"
        assert await one.followed_up() == []


async def test_an_agent_may_judge_and_put_away_the_card_like_any_other(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        await one.answer(request_id, _ANSWER)
        (row,) = (await ledger(sessions, call)).suggestions
        await one.node.desk.give_feedback(call, row.id, feedback="helpful", reason=None, actor="user:ada")
        for action in ("shown", "clicked", "copied", "dismissed"):
            await one.node.desk.mark(call, row.id, action=action, actor="user:ada")
        (row,) = (await ledger(sessions, call)).suggestions
        assert (row.agent_feedback, row.agent_copied, row.dismissed) == ("helpful", True, True)


async def test_the_card_stays_when_the_call_moves_on(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        await one.answer(request_id, _ANSWER)
        for text in ("one?", "two?", "three?", "four?"):
            await one.node.say(call, text)
            found = await settled(sessions, call)
        states = {row.title: row.status for row in found.suggestions}
        assert states == {
            _OPEN: "active",
            "one?": "withdrawn",
            "two?": "withdrawn",
            "three?": "active",
            "four?": "active",
        }


async def test_what_the_card_says_is_not_given_again_once_it_is_knowledge(sessions: Sessions) -> None:
    learned = "what was learned?"
    async with live_side(sessions, Script()) as one:
        call, request_id = await _call(one)
        await one.answer(request_id, _ANSWER)
        await _learn(sessions, learned, request_id)
        await one.node.say(call, learned)
        found = await settled(sessions, call)
        assert [row.suggestion_type for row in found.suggestions] == ["supervisor_answer"]
        other = await one.node.start_call()
        await one.node.say(other, learned)
        assert len((await settled(sessions, other)).suggestions) == 1


async def _learn(sessions: Sessions, title: str, request_id: UUID) -> None:
    """As if the answer had become an article of that title."""
    passage = passage_of(title)
    article = (
        "INSERT INTO knowledge_articles (id, source, uri, title, current_version) "
        "VALUES (:id, 'supervisor', :uri, :uri, 1)"
    )
    version = (
        "INSERT INTO knowledge_article_versions (article_id, version, title, body, content_hash) "
        "VALUES (:id, 1, 'x', 'x', 'x')"
    )
    row = (
        "INSERT INTO knowledge_passages (id, article_id, version, ordinal, text, start_char, end_char) "
        "VALUES (:passage, :id, 1, 0, 'x', 0, 1)"
    )
    await run_sql(sessions, article, id=passage.article_id, uri=title)
    await run_sql(sessions, version, id=passage.article_id)
    await run_sql(sessions, row, id=passage.article_id, passage=passage.id)
    learned = "UPDATE help_requests SET learned_article_id = :article WHERE id = :request"
    await run_sql(sessions, learned, article=passage.article_id, request=request_id)


async def test_after_the_call_the_customer_gets_the_answer_by_sms(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        await one.node.calls.end(call, "completed")
        await one.answer(request_id, _ANSWER)
        (follow_up,) = await one.followed_up()
        assert (follow_up.channel, follow_up.address, follow_up.state) == ("sms", "+15551234567", "pending")
        assert follow_up.notification_id is not None
        (message,) = await one.sent()
        assert (message.event, message.title, message.body) == ("customer.follow_up", _OPEN, _ANSWER)
        assert (await ledger(sessions, call)).suggestions == []
        history = await one.history(request_id)
        assert ("followed_up" in history, "delivered" in history) == (True, False)


async def test_an_answer_that_no_agent_has_seen_goes_to_the_customer_when_the_call_ends(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        unseen, request_id = await _call(one)
        await one.answer(request_id, _ANSWER)
        seen, other_id = await _call(one)
        await one.answer(other_id, _ANSWER)
        await _shown(one, seen)
        for call in (unseen, seen, unseen):
            await one.node.calls.end(call, "completed")
        assert [row.request_id for row in await one.followed_up()] == [request_id]
        assert [action for action in await one.history(request_id) if action in ("delivered", "followed_up")] == [
            "delivered",
            "followed_up",
        ]


async def test_a_failing_outbox_keeps_no_call_from_ending_and_is_tried_again(sessions: Sessions) -> None:
    async with live_side(sessions, unsent=[RuntimeError("no")]) as one:
        call, request_id = await _call(one)
        await one.answer(request_id, _ANSWER)
        await one.node.calls.end(call, "completed")
        assert (await ledger(sessions, call)).call.status == "ended"
        assert await one.followed_up() == []
        async with sessions() as session:
            jobs = "SELECT args FROM procrastinate_jobs WHERE task_name = 'follow_up_call'"
            (job,) = (await session.execute(sql(jobs))).scalars()
        for _ in range(2):
            await one.follow_ups.job.body(**job)
        assert [row.request_id for row in await one.followed_up()] == [request_id]


@pytest.mark.parametrize("attempt", range(6))
async def test_a_call_that_ends_while_the_answer_is_given_leaves_it_to_the_customer_once(
    sessions: Sessions, attempt: int
) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        first, second = one.answer(request_id, _ANSWER), one.node.calls.end(call, "completed")
        await asyncio.gather(*((first, second) if attempt % 2 else (second, first)))
        assert [row.request_id for row in await one.followed_up()] == [request_id]
        cards = (await ledger(sessions, call)).suggestions
        assert [card.shown_to_agent for card in cards] in ([], [False])


@pytest.mark.parametrize(
    ("contact", "channel", "channels", "expected"),
    [
        ("ada@example.com", "web", ("sms", "email"), ("email", "ada@example.com", "pending")),
        ("+44 20 7946 0018", "web", ("sms", "email"), ("sms", "+442079460018", "pending")),
        ("0044 20 7946 0018", "web", ("sms",), ("sms", "+442079460018", "pending")),
        ("+44 20 7946 0018", "web", ("email",), ("callback", "+442079460018", "open")),
        ("ada@example.com", "web", ("sms",), ("callback", "ada@example.com", "open")),
        ("room 12", "web", ("sms", "email"), ("callback", "room 12", "open")),
        (None, "web", ("sms", "email"), ("callback", None, "open")),
    ],
)
async def test_a_customer_is_reached_by_the_way_that_there_is(
    sessions: Sessions, contact: str | None, channel: str, channels: tuple[str, ...], expected: tuple[object, ...]
) -> None:
    async with live_side(sessions, channels=channels) as one:
        await one.answer(await _raise(one, contact, channel), _ANSWER)
        (row,) = await one.followed_up()
        assert (row.channel, row.address, row.state) == expected
        assert len(await one.sent()) == (expected[2] == "pending")


async def test_what_the_crm_knows_helps_where_the_request_names_no_way(sessions: Sessions) -> None:
    async with live_side(sessions, channels=("email",)) as one:
        call, request_id = await _call(one, crm_metadata={"email": "ada@example.com"})
        await one.node.calls.end(call, "completed")
        await one.answer(request_id, _ANSWER)
        (row,) = await one.followed_up()
        assert (row.channel, row.address) == ("email", "ada@example.com")


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("tel:+1-555-123-4567", ("sms", "+15551234567")),
        ("mailto:ada@example.com", ("email", "ada@example.com")),
        ("12", None),
        ("call me", None),
        ("a@b", None),
        ("x" * 5000, None),
        ("1" * 5000, None),
    ],
)
def test_what_is_taken_for_an_address(contact: str, expected: tuple[str, str] | None) -> None:
    assert address_of(contact) == expected


async def test_what_a_supervisor_could_not_resolve_is_said_to_the_agent_or_by_a_person(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        await one.answer(request_id, "Nobody knows; offer a voucher.", unresolved=True)
        assert [row.text for row in (await ledger(sessions, call)).suggestions] == ["Nobody knows; offer a voucher."]
        await one.answer(await _raise(one, _PHONE), "Nobody knows.", unresolved=True)
        (row,) = await one.followed_up()
        assert (row.channel, row.address, await one.sent()) == ("callback", "+15551234567", [])


async def test_a_request_that_ends_without_an_answer_is_delivered_to_nobody(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        await one.help_requests.time_out(request_id, one.supervisor)
        await one.node.calls.end(call, "completed")
        found: Ledger = await ledger(sessions, call)
        assert found.suggestions == []
        assert await one.followed_up() == []


async def test_the_list_of_callbacks_says_who_waits_longest_and_is_worked_off(sessions: Sessions) -> None:
    async with live_side(sessions, channels=()) as one:
        for number in range(3):
            await one.answer(await _raise(one, f"+1555000000{number}"), _ANSWER)
        first = await one.follow_ups.page(["open"], limit=2, cursor=None)
        assert ([row.address for row in first.items], first.total) == (["+15550000000", "+15550000001"], 3)
        rest = await one.follow_ups.page(["open"], limit=2, cursor=first.next)
        assert ([row.address for row in rest.items], rest.next) == (["+15550000002"], None)
        done = await one.follow_ups.done(first.items[0].id, one.supervisor)
        assert (done.state, done.done_by) == ("done", "Grace")
        assert await one.follow_ups.done(first.items[0].id, one.supervisor) == done
        assert (await one.follow_ups.page(["open", "failed"], limit=9, cursor=None)).total == 2
        async with sessions() as session:
            audited = await session.execute(sql("SELECT action, target_id FROM audit_log WHERE action LIKE 'follow%'"))
            assert [tuple(row) for row in audited] == [("follow_up.done", str(done.id))]


async def test_a_message_that_could_not_be_sent_asks_for_a_call(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        await one.answer(await _raise(one, _PHONE), _ANSWER)
        (waiting,) = (await one.follow_ups.page([], limit=9, cursor=None)).items
        assert waiting.state == "pending"
        with pytest.raises(ConflictError) as refused:
            await one.follow_ups.done(waiting.id, one.supervisor)
        assert refused.value.current["state"] == "pending"
        for outbox, state in (("sent", "sent"), ("dead", "failed")):
            await run_sql(sessions, f"UPDATE notifications SET state = '{outbox}'")
            assert (await one.follow_ups.page([state], limit=9, cursor=None)).total == 1
        assert (await one.follow_ups.done(waiting.id, one.supervisor)).state == "done"


async def test_follow_ups_that_do_not_exist_and_wrong_filters_are_refused(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        with pytest.raises(NotFoundError):
            await one.follow_ups.done(uuid4(), await person(sessions, "hal", Role.ADMIN))
        for states, cursor in ((["nonsense"], None), ([], "garbage"), ([], "2026-01-01~garbage")):
            with pytest.raises(InvalidError):
                await one.follow_ups.page(states, limit=9, cursor=cursor)


async def test_a_request_has_one_follow_up_whatever_happens(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call, request_id = await _call(one)
        await one.answer(request_id, _ANSWER)
        for _ in range(2):
            async with sessions.begin() as session:
                await one.node.calls.answers.call_ended(session, call)  # type: ignore[union-attr]
        rows: list[FollowUp] = await one.followed_up()
        assert len(rows) == len(await one.sent()) == 1
