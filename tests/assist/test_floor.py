"""The floor: every live call at a glance, cheap however many there are, told of at most once a second; and whispers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from sqlalchemy import text as sql

from assist.db.engine import Sessions
from assist.delivery import FLOOR, Hub
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.floor import MAX_CALLS
from assist.web.floor import floor_changes
from tests.assist.escalation.live_side import LiveSide, live_side
from tests.assist.ledger import PATIENCE_S, ledger, run_sql, settled

pytestmark = pytest.mark.db

_MANY = """
    INSERT INTO call_sessions (session_id, call_id, segment_seq, analysed_through)
    SELECT gen_random_uuid(), 'many-' || n, 1, 1 FROM generate_series(1, :many) AS n
"""
_WORDS = """
    INSERT INTO transcription_segments (session_id, segment_id, number, speaker, text, start_time, end_time)
    SELECT session_id, 'one', 1, 'customer', 'this is ridiculous', 0, 1 FROM call_sessions WHERE call_id LIKE 'many-%'
"""


@contextmanager
def _counted(sessions: Sessions) -> Iterator[list[str]]:
    """Statements that are executed meanwhile."""
    engine, seen = sessions.kw["bind"].sync_engine, []

    def note(*parts: object) -> None:
        seen.append(str(parts[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def _call(one: LiveSide, *texts: str, **fields: object) -> UUID:
    call = await one.node.start_call(**fields)
    for text in texts:
        await one.node.say(call, text)
        await settled(one.sessions, call)
    return call


async def test_a_call_shows_its_last_words_how_the_customer_sounds_and_what_it_waits_for(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await _call(
            one,
            "hello",
            "I am really fed up with this",
            "is an unknown thing possible?",
            "and an unknown other one?",
            agent_name="Ada",
            customer_name="Bob",
            acd_metadata={"queue": "sales"},
        )
        ended = await _call(one, "hello")
        await one.node.calls.end(ended, "completed")
        (shown,) = (await one.floor.live()).items
        request = (await one.requests(call))[0]
        assert not shown.escalated
        await one.help_requests.escalate(request.id, one.supervisor, None)
        (passed_on,) = (await one.floor.live()).items
        await one.answer(request.id, "yes")
        (answered,) = (await one.floor.live()).items
    assert (shown.session_id, shown.agent_name, shown.customer_name, shown.queue) == (call, "Ada", "Bob", "sales")
    assert [line.text for line in shown.last_lines] == [
        "I am really fed up with this",
        "is an unknown thing possible?",
        "and an unknown other one?",
    ]
    assert {line.speaker for line in shown.last_lines} == {"customer"}
    assert (shown.sentiment.label, shown.open_requests, shown.status) == ("negative", 2, "active")
    assert passed_on.escalated
    assert (answered.open_requests, answered.escalated) == (1, False)


async def test_long_words_are_cut_and_no_call_is_an_empty_floor(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        assert (await one.floor.live()).items == []
        await _call(one, "x" * 9_000)
        (shown,) = (await one.floor.live()).items
        assert len(shown.last_lines[0].text) == 400


async def test_the_number_of_queries_does_not_grow_with_the_number_of_calls(sessions: Sessions) -> None:
    async with live_side(sessions, scanning=False) as one:
        await _call(one, "is an unknown thing possible?")
        with _counted(sessions) as few:
            await one.floor.live()
        await run_sql(sessions, _MANY, many=MAX_CALLS + 30)
        await run_sql(sessions, _WORDS)
        with _counted(sessions) as many:
            shown = await one.floor.live()
    assert len(few) == len(many) <= 8
    assert (len(shown.items), shown.total) == (MAX_CALLS, MAX_CALLS + 31)
    assert shown.items[0].open_requests == 1, "the longest call comes first"
    assert {call.sentiment.label for call in shown.items[1:]} == {"negative"}


async def test_a_whisper_is_an_event_of_the_call_and_is_audited(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await _call(one)
        for number in range(25):
            told = await one.floor.whisper(call, f" offer a voucher {number} ", one.supervisor)
        assert (told.text, told.from_name) == ("offer a voucher 24", "Grace")
        events = (await ledger(sessions, call)).payloads("whisper")
        assert (len(events), events[-1]["whisper"]["id"]) == (25, str(told.id))
        shown = await one.node.calls.snapshot(call)
        assert [whisper.text for whisper in shown.whispers] == [f"offer a voucher {n}" for n in range(5, 25)]
        async with sessions() as session:
            audited = (await session.execute(sql("SELECT action, target_id, after FROM audit_log ORDER BY id"))).all()
        assert tuple(audited[-1]) == ("call.whispered", str(call), {"text": "offer a voucher 24"})


async def test_nobody_whispers_into_an_ended_call_or_says_nothing(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await _call(one)
        for text in ("", "  ", "w" * 1001):
            with pytest.raises(InvalidError):
                await one.floor.whisper(call, text, one.supervisor)
        with pytest.raises(NotFoundError):
            await one.floor.whisper(uuid4(), "hello", one.supervisor)
        await one.node.calls.end(call, "completed")
        with pytest.raises(ConflictError):
            await one.floor.whisper(call, "hello", one.supervisor)
        assert (await ledger(sessions, call)).payloads("whisper") == []


async def test_followers_of_the_floor_are_told_at_once_and_then_together(sessions: Sessions) -> None:
    async with (
        live_side(sessions, scanning=False) as one,
        aclosing(floor_changes(one.node.hub, every_s=0.05)) as told,
    ):
        assert b"floor_changed" in await _next(told)
        call = await _call(one)
        for number in range(20):
            await one.node.say(call, f"words {number}")
        assert b"floor_changed" in await _next(told)
        waiting = asyncio.create_task(anext(told))
        done, _ = await asyncio.wait((waiting,), timeout=0.3)
        assert not done, "twenty words are told of together"
        await one.node.calls.end(call, "completed")
        assert b"floor_changed" in await asyncio.wait_for(waiting, PATIENCE_S)


async def test_what_another_process_has_stored_is_told_of(sessions: Sessions) -> None:
    elsewhere = Hub(sessions=sessions)
    async with live_side(sessions) as one:
        call = await _call(one)
        with elsewhere.watch(FLOOR) as watcher:
            await elsewhere.check()
            for change in ("words", "is an unknown thing possible?"):
                watcher.take()
                await one.node.say(call, change)
                await settled(sessions, call)
                await elsewhere.check()
                assert await watcher.rings(0.0)
            watcher.take()
            await one.node.calls.end(call, "completed")
            await elsewhere.check()
            assert await watcher.rings(0.0)
            watcher.take()
            await elsewhere.check()
            assert not await watcher.rings(0.0)


async def _next(told: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(told)
