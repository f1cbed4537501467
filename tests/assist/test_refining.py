"""A model's better words for a card: after it, beside the call, and never instead of it unless they are whole."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text as sql

from assist.db.engine import Sessions
from assist.delivery import Cursor
from pipeline.events import AnswerDelta, Emit, ModelUsed
from pipeline.types import Answer, Outcome
from tests.assist.ledger import Ledger, ledger, run_sql, settled, until
from tests.assist.screen import Json, apply, numbers, read_through, snapshot
from tests.assist.scripted import Node, Script, answer_of, node

pytestmark = pytest.mark.db

QUESTION = "how do I pay?"
USED = ModelUsed(
    role="answer", model="small", outcome="done", prompt_tokens=100, completion_tokens=20, cost_usd=0.01, elapsed_ms=5.0
)


class Writer:
    """Writes two sentences about the first answer. Waits before the second until it is let go."""

    def __init__(self, *, held: bool = False, fails: Exception | None = None) -> None:
        self.begun: list[str] = []
        self.interrupted: list[str] = []
        self.reached = asyncio.Event()
        self.go = asyncio.Event()
        self._fails = fails
        if not held:
            self.go.set()

    async def __call__(self, given: Outcome, emit: Emit) -> Answer | None:
        """As a refiner."""
        query = given.draft.evidence.query.text
        self.begun.append(query)
        await emit(AnswerDelta(text="Pay online."))
        await emit(USED)
        self.reached.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.interrupted.append(query)
            raise
        if self._fails is not None:
            raise self._fails
        await emit(AnswerDelta(text="Pay online. It takes a day."))
        return answer_of("Paying", "Pay online. It takes a day.", 0.9)


async def _refined(sessions: Sessions, call: UUID, times: int = 1) -> Ledger:
    async def told() -> bool:
        return (await ledger(sessions, call)).event_types().count("suggestion_delta") == times

    await until(told)
    found = await ledger(sessions, call)
    found.check()
    return found


async def _idle(one: Node) -> bool:
    return not one.runners.refinements._running and not one.runners.refinements._accounting


def _is_as_quoted(found: Ledger) -> None:
    for row in found.suggestions:
        assert (row.text, row.answered_by, row.refined_at) == (f"Answer to {row.title}", "extractive", None)
    assert "suggestion_delta" not in found.event_types()


async def test_the_quoted_card_comes_first_and_is_refined_in_place(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer)) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        before = await settled(sessions, call)
        _is_as_quoted(before)
        await one.desk.give_feedback(call, before.suggestions[0].id, feedback="helpful", reason=None, actor="user:ada")
        writer.go.set()
        found = await _refined(sessions, call)
    (row,) = found.suggestions
    assert row.id == before.suggestions[0].id
    assert (row.text, row.confidence_score, row.answered_by) == ("Pay online. It takes a day.", 0.9, "small")
    assert row.refined_at is not None
    assert [one["title"] for one in row.citations] == ["Paying"]
    assert [one["page"] for one in row.citations] == [12]
    assert row.agent_feedback == "helpful"
    (payload,) = found.payloads("suggestion_delta")
    assert (payload["done"], payload["text"], payload["suggestion_id"]) == (True, row.text, str(row.id))
    assert payload["suggestion"]["agent_feedback"] == "helpful"


async def test_what_it_took_and_cost_is_stored(sessions: Sessions) -> None:
    async with node(sessions, Script(refiner=Writer())) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await _refined(sessions, call)
    columns = "turn, role, model, outcome, prompt_tokens, completion_tokens, cost_usd, elapsed_ms"
    assert await _rows(sessions, f"SELECT {columns} FROM model_calls WHERE session_id = :call", call) == [
        (1, "answer", "small", "done", 100, 20, 0.01, 5.0)
    ]
    actions = "SELECT turn, agent_name, confidence FROM agent_actions WHERE action_type = 'refine_answer'"
    assert await _rows(sessions, actions, call) == [(1, "answer", 0.9)]


async def test_followers_see_it_being_written_and_nothing_of_that_is_stored(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer)) as one:
        call = await one.start_call()
        async with aclosing(one.hub.follow(call, Cursor(after=0))) as messages:
            await one.say(call, QUESTION)
            heard = [await anext(messages)]
            while heard[-1]["type"] != "suggestion_delta":
                heard.append(await anext(messages))
            writer.go.set()
            while not heard[-1].get("done"):
                heard.append(await anext(messages))
    card = next(message for message in heard if message["type"] == "suggestions")["suggestions"][0]
    deltas = [message for message in heard if message["type"] == "suggestion_delta"]
    first = {"type": "suggestion_delta", "suggestion_id": card["id"], "text": "Pay online.", "done": False}
    assert deltas[0] == first
    assert all("seq" not in message for message in deltas[:-1])
    assert deltas[-1]["suggestion"]["text"] == "Pay online. It takes a day."
    assert numbers(heard) == list(range(1, deltas[-1]["seq"] + 1))


async def test_the_next_turns_do_not_wait_for_it(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer)) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await one.say(call, "it has a red light")
        await one.say(call, "let me see", speaker="agent")
        assert [turn.outcome for turn in (await settled(sessions, call)).turns] == ["answered", "silent", "silent"]
        writer.go.set()
        found = await _refined(sessions, call)
    assert writer.interrupted == []
    assert found.event_types()[-1] == "suggestion_delta"


async def test_a_newer_question_supersedes_it_before_its_own_help_begins(sessions: Sessions) -> None:
    writer = Writer(held=True)
    helped: list[list[str]] = []

    async def look(_: object) -> None:
        await asyncio.sleep(0)
        helped.append(list(writer.interrupted))

    async with node(sessions, Script(refiner=writer, before_help=look)) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await one.say(call, "what is E404?")
        await settled(sessions, call)
        await until(lambda: _begun(writer, 2))
        writer.go.set()
        found = await _refined(sessions, call)
    assert helped == [[], [QUESTION]]
    texts = {row.query: row.answered_by for row in found.suggestions}
    assert texts == {QUESTION: "extractive", "what is E404?": "small"}
    assert await _rows(sessions, "SELECT turn FROM model_calls WHERE session_id = :call ORDER BY turn", call) == [
        (1,),
        (2,),
    ]


async def _dismiss(one: Node, call: UUID, card: UUID) -> None:
    await one.desk.mark(call, card, action="dismissed", actor="user:ada")


async def _end(one: Node, call: UUID, _: UUID) -> None:
    await one.calls.end(call, "completed")


@pytest.mark.parametrize("deed", [_dismiss, _end])
@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_card_that_nobody_waits_for_stays_as_it_was(
    sessions: Sessions, deed: Callable[[Node, UUID, UUID], Awaitable[None]], elsewhere: bool
) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer)) as one, node(sessions, owner="two", scanning=False) as two:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        card = (await settled(sessions, call)).suggestions[0].id
        await deed(two if elsewhere else one, call, card)
        if elsewhere:
            writer.go.set()
        await until(lambda: _idle(one))
        found = await settled(sessions, call)
    assert writer.interrupted == ([] if elsewhere else [QUESTION])
    _is_as_quoted(found)


async def test_an_unfinished_text_is_taken_back_from_the_screens(sessions: Sessions) -> None:
    writer = Writer(held=True, fails=RuntimeError("broken"))
    async with node(sessions, Script(refiner=writer)) as one:
        call = await one.start_call()
        async with aclosing(one.hub.follow(call, Cursor(after=0))) as messages:
            await one.say(call, QUESTION)
            texts: list[str] = []
            async for message in messages:
                if message["type"] == "suggestion_delta":
                    texts.append(message["text"])
                    writer.go.set()
                if texts and not texts[-1]:
                    break
        _is_as_quoted(await settled(sessions, call))
    assert texts == ["Pay online.", ""]


async def test_a_refiner_that_hangs_is_given_up(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer), refinement_timeout_s=0.05) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await until(lambda: _idle(one))
        _is_as_quoted(await settled(sessions, call))
        writer.go.set()
        await one.say(call, "what is E404?")
        found = await _refined(sessions, call)
    assert writer.interrupted == [QUESTION]
    assert [row.answered_by for row in found.suggestions] == ["extractive", "small"]


@pytest.mark.parametrize("answer", [None, answer_of("Paying", " ")])
async def test_nothing_better_changes_nothing(sessions: Sessions, answer: Answer | None) -> None:
    async def refiner(_: Outcome, emit: Emit) -> Answer | None:
        await emit(USED)
        return answer

    async with node(sessions, Script(refiner=refiner)) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)

        async def accounted() -> bool:
            return len(await _rows(sessions, "SELECT id FROM model_calls WHERE session_id = :call", call)) == 1

        await until(accounted)
        _is_as_quoted(await settled(sessions, call))


async def test_an_answer_where_none_was_known_is_a_suggestion_like_any_other(sessions: Sessions) -> None:
    async with node(sessions, Script(refiner=Writer())) as one:
        call = await one.start_call()
        await one.say(call, "unknown thing?")
        await until(lambda: _suggested(sessions, call, 1))
        found = await settled(sessions, call)
        for text in ("one?", "two?"):
            await one.say(call, text)
            await settled(sessions, call)
        later = await settled(sessions, call)
    (row,) = found.suggestions
    assert (row.suggestion_type, row.text, row.turn) == ("answer", "Pay online. It takes a day.", 1)
    assert (row.answered_by, row.query) == ("small", "unknown thing?")
    assert [payload["outcome"] for payload in found.payloads("suggestions")] == ["no_answer", "answered"]
    assert found.payloads("suggestions")[1]["segment_ids"] == found.payloads("suggestions")[0]["segment_ids"]
    assert (found.turns[0].outcome, found.turns[0].suggestions_count) == ("answered", 1)
    assert next(one for one in later.suggestions if one.id == row.id).status == "withdrawn"


async def test_what_was_asked_by_hand_is_refined_too_and_outlives_a_question_of_the_call(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer), scanning=False) as one:
        call = await one.start_call()
        await one.desk.ask(call, "by hand?", None)
        await writer.reached.wait()
        await one.say(call, QUESTION)
        await until(lambda: _begun(writer, 2))
        writer.go.set()
        found = await _refined(sessions, call, times=2)
    assert {row.query: row.answered_by for row in found.suggestions} == {"by hand?": "small", QUESTION: "small"}
    assert writer.interrupted == []


async def test_a_process_that_stops_leaves_the_quoted_card(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer), scanning=False) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await settled(sessions, call)
    assert writer.interrupted == [QUESTION]
    found = await settled(sessions, call)
    _is_as_quoted(found)
    assert (found.call.owner, found.call.lease_until) == (None, None)
    assert await _rows(sessions, "SELECT turn FROM model_calls WHERE session_id = :call", call) == [(1,)]


async def test_a_call_that_another_process_has_taken_is_not_refined_here(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer), scanning=False) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await settled(sessions, call)
        await run_sql(sessions, "UPDATE call_sessions SET lease_until = clock_timestamp() - interval '1 second'")
        async with node(sessions, owner="two", scanning=False) as two:
            await two.say(call, "it has a red light")
            await settled(sessions, call)
            writer.go.set()
            await until(lambda: _idle(one))
            _is_as_quoted(await settled(sessions, call))


async def test_a_call_is_kept_while_its_answer_is_being_refined(sessions: Sessions) -> None:
    writer = Writer(held=True)
    other = Script()
    async with node(sessions, Script(refiner=writer)) as one, node(sessions, other, owner="two") as two:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await settled(sessions, call)
        before = (await ledger(sessions, call)).call.lease_until
        assert before is not None

        async def prolonged() -> bool:
            now = (await ledger(sessions, call)).call.lease_until
            return now is not None and now > before

        await until(prolonged)
        await two.say(call, "it has a red light")
        await settled(sessions, call)
        assert other.turns == []
        writer.go.set()
        await _refined(sessions, call)


async def test_a_connection_that_breaks_just_then_does_not_lose_the_text(sessions: Sessions, database_url: str) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer), scanning=False) as one:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await settled(sessions, call)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            await connection.execute(
                "CREATE SEQUENCE tries; CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF nextval('tries') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; "
                "RETURN NEW; END $$; "
                "CREATE TRIGGER break_off BEFORE UPDATE ON suggestions FOR EACH ROW EXECUTE FUNCTION break_off()"
            )
        writer.go.set()
        found = await _refined(sessions, call)
    assert [row.answered_by for row in found.suggestions] == ["small"]


async def test_a_desk_in_another_process_catches_up_from_the_log(sessions: Sessions) -> None:
    writer = Writer(held=True)
    async with node(sessions, Script(refiner=writer)) as one, node(sessions, owner="two") as two:
        call = await one.start_call()
        await one.say(call, QUESTION)
        await writer.reached.wait()
        await settled(sessions, call)
        screen = await snapshot(two.calls, call)
        async with aclosing(two.hub.follow(call, Cursor(after=screen["seq"]))) as messages:
            writer.go.set()
            found = await _refined(sessions, call)
            for event in _stored(await read_through(messages, found.call.event_seq)):
                screen = apply(screen, event)
        assert screen == await snapshot(one.calls, call)


def _stored(messages: list[Json]) -> list[Json]:
    return [message for message in messages if "seq" in message and message["type"] != "hello"]


async def _begun(writer: Writer, times: int) -> bool:
    return len(writer.begun) >= times


async def _suggested(sessions: Sessions, call: UUID, times: int) -> bool:
    return len((await ledger(sessions, call)).suggestions) == times


async def _rows(sessions: Sessions, query: str, call: UUID) -> list[tuple[object, ...]]:
    async with sessions() as session:
        return [tuple(row) for row in await session.execute(sql(query), {"call": call} if ":call" in query else {})]
