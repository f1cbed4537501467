"""Segments come in: stored once, numbered without gaps, refused after the end."""

import asyncio
from uuid import UUID, uuid4

import pytest

from assist.calls import Accepted, Heard, StartCall
from assist.db.engine import Sessions
from assist.errors import ConflictError, NotFoundError
from tests.assist.ledger import ledger, run_sql, settled
from tests.assist.scripted import Node, Script, node

pytestmark = pytest.mark.db


def _heard(session_id: UUID, *, segment_id: str | None = None, text: str = "hello there", start: float = 1.0) -> Heard:
    return Heard(
        session_id=session_id,
        speaker="customer",
        text=text,
        start_time=start,
        end_time=start + 1.5,
        confidence=0.9,
        segment_id=segment_id,
        language="en",
    )


@pytest.mark.parametrize("segment_id", ["provider-7", None])
async def test_a_repeat_is_answered_like_the_first_and_changes_nothing(
    sessions: Sessions, segment_id: str | None
) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        first = await one.calls.accept(_heard(call, segment_id=segment_id))
        before = await settled(sessions, call)
        again = await one.calls.accept(_heard(call, segment_id=segment_id))
        after = await settled(sessions, call)
    assert (again.segment_id, again.number) == (first.segment_id, first.number)
    assert again.repeated
    assert after.call.segment_seq == before.call.segment_seq == 1
    assert after.event_types() == before.event_types() == ["call", "segment"]
    assert len(after.turns) == 1


async def test_a_repeat_with_other_words_under_the_same_id_keeps_the_first(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        await one.calls.accept(_heard(call, segment_id="x", text="first"))
        assert (await one.calls.accept(_heard(call, segment_id="x", text="second"))).repeated
        assert [row.text for row in (await settled(sessions, call)).segments] == ["first"]


async def test_without_an_id_other_words_speakers_or_times_are_other_segments(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        for heard in (_heard(call), _heard(call, text="Hello there"), _heard(call, start=2.0)):
            assert not (await one.calls.accept(heard)).repeated
        assert (await settled(sessions, call)).call.segment_seq == 3


@pytest.mark.parametrize("segment_id", ["provider-7", None])
async def test_fifty_repeats_at_once_are_one_segment(sessions: Sessions, segment_id: str | None) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        answers = await asyncio.gather(*(one.calls.accept(_heard(call, segment_id=segment_id)) for _ in range(50)))
        found = await settled(sessions, call)
    assert [answer.repeated for answer in answers].count(False) == 1
    assert {(answer.segment_id, answer.number) for answer in answers} == {(answers[0].segment_id, 1)}
    assert found.event_types() == ["call", "segment"]


async def test_a_hundred_segments_at_once_get_consecutive_numbers(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        posts = (one.calls.accept(_heard(call, segment_id=f"s{n}", start=float(n))) for n in range(100))
        answers: list[Accepted] = await asyncio.gather(*posts)
        found = await settled(sessions, call)
    assert sorted(answer.number for answer in answers) == list(range(1, 101))
    assert {row.segment_id: row.number for row in found.segments} == {one.segment_id: one.number for one in answers}


async def test_late_segments_are_put_in_order_of_their_start(sessions: Sessions) -> None:
    script = Script()
    async with node(sessions, script) as one:
        call = await one.start_call()
        for place, text in ((9.0, "third"), (1.0, "first"), (5.0, "second"), (5.0, "second again")):
            await one.say(call, text, at=place)
            await settled(sessions, call)
        snapshot = await one.calls.snapshot(call)
    expected = ["first", "second", "second again", "third"]
    assert [segment.text for segment in script.turns[-1].transcript] == expected
    assert [segment.text for segment in snapshot.segments] == expected
    assert [segment.number for segment in snapshot.segments] == [2, 3, 4, 1]


async def test_the_new_segments_of_a_turn_are_in_order_of_their_start(sessions: Sessions) -> None:
    script = Script()
    async with (
        node(sessions, script, scanning=False) as idle,
        node(sessions, script, owner="two", scanning=False) as two,
    ):
        call = await idle.start_call()
        await run_sql(sessions, "UPDATE call_sessions SET owner = 'x', lease_until = now() + interval '1 hour'")
        for at in (30.0, 10.0, 20.0, 5.0, 25.0, 15.0, 12.0, 11.0, 40.0):
            await idle.say(call, f"at {at}", at=at)
        await run_sql(sessions, "UPDATE call_sessions SET owner = NULL, lease_until = NULL")
        await two.look()
        await settled(sessions, call)
    assert [one.start_s for one in script.turns[0].new] == sorted(one.start_s for one in script.turns[0].new)
    assert len(script.turns[0].new) == 9


async def test_an_ended_call_takes_no_more_segments_but_answers_repeats(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        await one.calls.accept(_heard(call, segment_id="kept"))
        await one.calls.end(call, "completed")
        await one.calls.end(call, "completed")
        with pytest.raises(ConflictError) as refused:
            await one.calls.accept(_heard(call, segment_id="late"))
        with pytest.raises(ConflictError):
            await one.calls.show_interim(_heard(call))
        assert (await one.calls.accept(_heard(call, segment_id="kept"))).repeated
        found = await settled(sessions, call)
    assert refused.value.code == "call_ended"
    assert found.event_types().count("call") == 2
    assert [row.segment_id for row in found.segments] == ["kept"]


async def test_segments_that_wait_when_a_call_ends_are_still_analysed(sessions: Sessions) -> None:
    held = asyncio.Event()

    async def hold(_: object) -> None:
        await held.wait()

    async with node(sessions, Script(before_context=hold), scanning=False) as one:
        call = await one.start_call()
        await one.say(call, "my router is broken")
        await one.say(call, "how do I reset it?")
        await one.calls.end(call, "completed")
    async with node(sessions, owner="two"):
        found = await settled(sessions, call)
    assert found.queries() == ["how do I reset it?"]
    assert [row.title for row in found.suggestions] == ["how do I reset it?"]


async def test_an_unknown_call_is_told_apart_from_an_ended_one(sessions: Sessions) -> None:
    async with node(sessions) as one:
        with pytest.raises(NotFoundError):
            await one.calls.accept(_heard(uuid4()))
        with pytest.raises(NotFoundError):
            await one.calls.end(uuid4(), "completed")


async def test_a_call_that_is_started_many_times_at_once_is_one_call(sessions: Sessions) -> None:
    async with node(sessions) as one:
        start = StartCall(call_id="acd-1", agent_id="Ada", customer_phone="+1555")
        ids = await asyncio.gather(*(one.calls.start(start, None) for _ in range(20)))
        assert len(set(ids)) == 1
        assert (await ledger(sessions, ids[0])).event_types() == ["call"]


async def test_a_sender_that_waits_is_told_the_counts_of_its_own_turn(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        numbers = [await one.say(call, text) for text in ("hello", "how do I pay?", "thanks")]
        counts = [await _counts(one, call, number) for number in numbers]
    assert counts == [0, 1, 0]


async def _counts(one: Node, call: UUID, number: int) -> int:
    analysed = await one.calls.analysed(call, number)
    assert analysed is not None
    return analysed.suggestions_count
