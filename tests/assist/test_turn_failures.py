"""What goes wrong in a turn stays in that turn: it is told, and the call lives on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from assist.db.engine import Sessions, create_sessions, driver_url
from pipeline.errors import UpstreamError
from tests.assist.ledger import Ledger, expire_lease, ledger, run_sql, settled, until
from tests.assist.scripted import Script, node

pytestmark = pytest.mark.db

Hook = Callable[[object], Awaitable[None]]


@pytest.fixture
async def onlooker(database_url: str) -> AsyncIterator[Sessions]:
    """Sees the same database on connections that `_break_connections` leaves alone."""
    engine = create_async_engine(driver_url(database_url))
    yield create_sessions(engine)
    await engine.dispose()


def _raising(*errors: Exception | None) -> Hook:
    """Raises one after the other, then never again."""
    left = list(errors)

    async def hook(_: object) -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error

    return hook


def _down(*, retryable: bool = True) -> UpstreamError:
    return UpstreamError("qdrant", "down", retryable=retryable)


def _told_as_failed(found: Ledger) -> None:
    assert [turn.outcome for turn in found.turns] == ["failed", "answered"]
    assert found.event_types() == ["call", "segment", "error", "segment", "context", "suggestions"]
    assert found.payloads("error")[0]["code"] == "turn_failed"
    assert found.call.attempts == 0


async def _asked_twice(sessions: Sessions, script: Script) -> Ledger:
    async with node(sessions, script) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await settled(sessions, call)
        await one.say(call, "what is E404?")
        return await settled(sessions, call)


async def test_a_service_that_comes_back_is_asked_again(sessions: Sessions) -> None:
    script = Script(before_help=_raising(_down(), _down()))
    async with node(sessions, script) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        found = await settled(sessions, call)
    assert [turn.outcome for turn in found.turns] == ["answered"]
    assert script.helped == ["how do I pay?"] * 3


@pytest.mark.parametrize("asking", [True, False])
async def test_a_service_that_stays_away_is_told_and_the_call_goes_on(sessions: Sessions, asking: bool) -> None:
    hook = _raising(_down(), _down(), _down())
    script = Script(before_context=hook) if asking else Script(before_help=hook)
    _told_as_failed(await _asked_twice(sessions, script))


async def test_what_no_repetition_can_mend_is_told_at_once(sessions: Sessions) -> None:
    script = Script(before_help=_raising(_down(retryable=False)))
    _told_as_failed(await _asked_twice(sessions, script))
    assert script.helped == ["how do I pay?", "what is E404?"]


async def test_a_turn_that_breaks_is_failed_and_the_call_goes_on(sessions: Sessions) -> None:
    _told_as_failed(await _asked_twice(sessions, Script(before_help=_raising(ZeroDivisionError()))))


async def test_a_result_that_cannot_be_stored_is_parked_after_three_tries(sessions: Sessions) -> None:
    script = Script()
    async with node(sessions, script) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await settled(sessions, call)
        await run_sql(sessions, "ALTER TABLE suggestions ADD CONSTRAINT poison CHECK (query <> 'what is E404?')")
        await one.say(call, "what is E404?")
        await settled(sessions, call)
        await one.say(call, "and now?")
        found = await settled(sessions, call)
    assert [turn.outcome for turn in found.turns] == ["answered", "failed", "answered"]
    assert script.helped.count("what is E404?") == 3


async def test_a_turn_that_kills_its_process_is_parked_after_three_tries(sessions: Sessions) -> None:
    deaths = 0
    for number in range(5):
        script = Script(before_context=_for_ever)
        async with node(sessions, script, owner=f"process {number}", scanning=False) as one:
            if number == 0:
                call = await one.start_call()
                await one.say(call, "how do I pay?")
            await one.look()
            await until(partial(_began_or_done, sessions, call, script))
            deaths += len(script.turns)
            await run_sql(sessions, "UPDATE call_sessions SET owner = 'a dead process'")
        await expire_lease(sessions, call)
    found = await settled(sessions, call)
    assert deaths == 3
    assert [turn.outcome for turn in found.turns] == ["failed"]
    assert found.event_types() == ["call", "segment", "error"]


async def test_a_turn_waits_for_the_model_and_keeps_its_call_meanwhile(sessions: Sessions) -> None:
    loaded, waiting = asyncio.Event(), asyncio.Event()

    async def ready() -> None:
        waiting.set()
        await loaded.wait()

    other = Script()
    async with node(sessions, Script(ready=ready)) as one, node(sessions, other, owner="two"):
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await waiting.wait()
        await one.say(call, "what is E404?")
        loaded.set()
        found = await settled(sessions, call)
    assert found.queries()[-1] == "what is E404?"
    assert other.turns == []


async def test_one_broken_call_does_not_hold_up_another(sessions: Sessions) -> None:
    async def hook(turn: object) -> None:
        if getattr(turn, "call_id", None) == broken:
            await _for_ever(turn)

    async with node(sessions, Script(before_context=hook)) as one:
        broken = await one.start_call()
        sound = await one.start_call()
        await one.say(broken, "how do I pay?")
        await one.say(sound, "how do I pay?")
        assert (await settled(sessions, sound)).queries() == ["how do I pay?"]


async def test_connections_that_break_all_the_time_lose_no_segment(
    sessions: Sessions, onlooker: Sessions, database_url: str
) -> None:
    async def work(_: object) -> None:
        await asyncio.sleep(0.02)

    async with node(sessions, Script(before_help=work)) as one:
        call = await one.start_call()
        breaking = asyncio.create_task(_break_connections(database_url, times=12))
        stored = 0
        for number in range(25):
            while not await _stored(one.say(call, f"question {number}?", at=float(number))):
                await asyncio.sleep(0.02)
            stored += 1
        await breaking
        found = await settled(onlooker, call)
    assert len(found.segments) == stored == 25
    assert "failed" not in {turn.outcome for turn in found.turns}
    assert "question 24?" in found.queries()


async def test_the_last_words_are_analysed_though_the_database_failed_just_then(
    sessions: Sessions, onlooker: Sessions, database_url: str
) -> None:
    async def cut(_: object) -> None:
        await _break_connections(database_url, times=1)

    async with node(sessions, Script(before_help=cut), scanning=False) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        found = await settled(onlooker, call)
    assert found.queries() == ["how do I pay?"]


async def test_a_database_that_fails_often_does_not_park_a_sound_turn(sessions: Sessions) -> None:
    """A trigger fails the statement as a full disk would, more often than a poisoned turn is tried."""
    await run_sql(sessions, "CREATE SEQUENCE tries")
    body = "BEGIN IF nextval('tries') <= 5 THEN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END IF; RETURN NEW; END"
    await run_sql(sessions, f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    await run_sql(
        sessions, "CREATE TRIGGER full_disk BEFORE INSERT ON call_turns FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )
    async with node(sessions) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        found = await settled(sessions, call)
    assert [turn.outcome for turn in found.turns] == ["answered"]


async def _for_ever(_: object) -> None:
    await asyncio.Event().wait()


async def _began_or_done(sessions: Sessions, call: UUID, script: Script) -> bool:
    found = await ledger(sessions, call)
    return bool(script.turns) or found.call.analysed_through == 1


async def _stored(saying: Awaitable[int]) -> bool:
    try:
        await saying
    except DBAPIError:
        return False
    return True


async def _break_connections(url: str, *, times: int) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for _ in range(times):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'assist'"
            )
            await asyncio.sleep(0.05)
