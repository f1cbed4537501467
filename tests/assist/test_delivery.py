"""The event log as followers see it: resumed anywhere without a gap or a repeat, and never a silent loss."""

import asyncio
import random
from contextlib import aclosing
from uuid import UUID, uuid4

import pytest

from assist.calls import Heard
from assist.db.engine import Sessions
from assist.delivery import Cursor, Hub
from assist.errors import NotFoundError
from pipeline.types import Question
from tests.assist.ledger import run_sql, settled
from tests.assist.screen import Json, apply, numbers, read_through, snapshot
from tests.assist.scripted import Node, Script, node

pytestmark = pytest.mark.db

_MANY = """
    WITH taken AS (UPDATE call_sessions SET event_seq = event_seq + :many WHERE session_id = :call RETURNING event_seq)
    INSERT INTO call_events (session_id, seq, type, payload)
    SELECT :call, event_seq - :many + n, 'error', jsonb_build_object('code', 'test', 'detail', n::text)
    FROM taken, generate_series(1, :many) AS n
"""


async def _call_with_events(sessions: Sessions, many: int) -> UUID:
    async with node(sessions) as one:
        call = await one.start_call()
    await run_sql(sessions, _MANY, call=call, many=many - 1)
    return call


async def _read(hub: Hub, call: UUID, cursor: Cursor, through: int) -> list[Json]:
    async with aclosing(hub.follow(call, cursor)) as messages:
        return await read_through(messages, through)


async def _epoch(hub: Hub, call: UUID) -> str:
    hello = (await _read(hub, call, Cursor(after=0), 1))[0]
    return str(hello["epoch"])


async def test_a_follower_resumes_at_every_cursor_without_gap_or_repeat(sessions: Sessions) -> None:
    call, hub = await _call_with_events(sessions, 12), Hub(sessions=sessions)
    epoch = await _epoch(hub, call)
    for after in range(12):
        messages = await _read(hub, call, Cursor(after=after, epoch=epoch), 12)
        assert messages[0] == {"type": "hello", "session_id": str(call), "epoch": epoch, "seq": 12}
        assert numbers(messages) == list(range(after + 1, 13))
        assert "reset" not in {message["type"] for message in messages}


async def test_a_long_log_comes_whole_and_in_order(sessions: Sessions) -> None:
    call, hub = await _call_with_events(sessions, 650), Hub(sessions=sessions)
    assert numbers(await _read(hub, call, Cursor(after=0), 650)) == list(range(1, 651))


async def test_a_cursor_that_does_not_fit_is_reset_and_everything_kept_follows(sessions: Sessions) -> None:
    call, hub = await _call_with_events(sessions, 12), Hub(sessions=sessions)
    epoch = await _epoch(hub, call)
    await run_sql(sessions, "DELETE FROM call_events WHERE seq <= 5")
    await run_sql(sessions, "UPDATE call_sessions SET event_floor = 5")
    wrong = {
        "unknown_epoch": Cursor(after=7, epoch="of a restored copy"),
        "cursor_ahead": Cursor(after=13, epoch=epoch),
        "cursor_too_old": Cursor(after=4, epoch=epoch),
    }
    for reason, cursor in wrong.items():
        messages = await _read(hub, call, cursor, 12)
        assert messages[1] == {"type": "reset", "epoch": epoch, "reason": reason}
        assert numbers(messages) == list(range(6, 13))
    assert numbers(await _read(hub, call, Cursor(after=5, epoch=epoch), 12)) == list(range(6, 13))


async def test_the_epoch_changes_when_the_log_has_another_history(sessions: Sessions) -> None:
    call, hub = await _call_with_events(sessions, 3), Hub(sessions=sessions)
    before = await _epoch(hub, call)
    assert await _epoch(hub, call) == before
    await run_sql(sessions, "UPDATE deployment SET epoch = :other", other=uuid4())
    messages = await _read(hub, call, Cursor(after=2, epoch=before), 3)
    assert messages[1]["reason"] == "unknown_epoch"
    assert numbers(messages) == [1, 2, 3]


async def test_events_that_are_removed_before_they_were_read_are_no_silent_gap(sessions: Sessions) -> None:
    call, hub = await _call_with_events(sessions, 3), Hub(sessions=sessions)
    async with aclosing(hub.follow(call, Cursor(after=0))) as messages:
        await read_through(messages, 3)
        await run_sql(sessions, _MANY, call=call, many=4)
        await run_sql(sessions, "DELETE FROM call_events WHERE seq <= 5")
        await run_sql(sessions, "UPDATE call_sessions SET event_floor = 5")
        hub.wake(call)
        rest = await read_through(messages, 7)
    assert [message["type"] for message in rest] == ["reset", "error", "error"]
    assert numbers(rest) == [6, 7]


async def test_an_unknown_call_cannot_be_followed(sessions: Sessions) -> None:
    hub = Hub(sessions=sessions)
    with pytest.raises(NotFoundError):
        await _read(hub, uuid4(), Cursor(after=0), 1)
    assert not hub._watchers


async def test_followers_that_are_cut_off_at_random_miss_and_repeat_nothing(sessions: Sessions) -> None:
    dice = random.Random(3)
    last = asyncio.get_running_loop().create_future()

    async def follower(hub: Hub, call: UUID) -> list[int]:
        seen: list[int] = []
        while not last.done() or len(seen) < last.result():
            after = seen[-1] if seen else 0
            bite = after + dice.randrange(1, 9)
            until = min(bite, last.result()) if last.done() else bite
            try:
                async with (
                    asyncio.timeout(dice.uniform(0.005, 0.1)),
                    aclosing(hub.follow(call, Cursor(after=after))) as messages,
                ):
                    async for message in messages:
                        seen += numbers([message])
                        if seen and seen[-1] >= until:
                            break
            except TimeoutError:
                continue
        return seen

    async with node(sessions) as one, node(sessions, owner="two") as two:
        call = await one.start_call()
        followers = [asyncio.create_task(follower(hub, call)) for hub in (one.hub, two.hub) for _ in range(4)]
        for number in range(30):
            await dice.choice((one, two)).say(call, f"question {number}?")
        last.set_result((await settled(sessions, call)).call.event_seq)
        for seen in await asyncio.gather(*followers):
            assert seen == list(range(1, last.result() + 1))
    assert not one.hub._watchers


async def test_followers_of_another_process_hear_of_it_by_looking(sessions: Sessions) -> None:
    async with node(sessions, scanning=False) as one, node(sessions, owner="two", scanning=False) as two:
        call = await one.start_call()
        async with aclosing(two.hub.follow(call, Cursor(after=0))) as messages:
            await read_through(messages, 1)
            await two.look()
            await one.say(call, "how do I pay?")
            found = await settled(sessions, call)
            await two.look()
            assert numbers(await read_through(messages, found.call.event_seq)) == [2, 3, 4]
        await two.look()
        assert not two.hub._seen


async def test_interim_words_are_shown_newest_only_and_never_stored(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        async with aclosing(one.hub.follow(call, Cursor(after=0))) as messages:
            await read_through(messages, 1)
            for text in ("my rou", "my router"):
                heard = Heard(session_id=call, speaker="customer", text=text, start_time=0.0, end_time=1.0)
                await one.calls.show_interim(heard)
            message = await anext(messages)
        found = await settled(sessions, call)
    assert (message["type"], message["text"]) == ("interim", "my router")
    assert "seq" not in message
    assert found.event_types() == ["call"]


def _vague(text: str) -> tuple[Question, ...]:
    return (Question(text=f"Which code, {text}", purpose="error_message", priority=1),) if "vague" in text else ()


@pytest.mark.parametrize("seed", range(4))
async def test_a_snapshot_and_the_events_after_it_are_the_later_snapshot(sessions: Sessions, seed: int) -> None:
    dice = random.Random(seed)
    async with node(sessions, Script(ask_back=_vague)) as one:
        call = await one.start_call()
        screens = [await snapshot(one.calls, call)]
        for number in range(25):
            await _something(one, call, dice, number)
            screens.append(await snapshot(one.calls, call))
        await one.calls.end(call, "completed")
        await settled(sessions, call)
        screens.append(await snapshot(one.calls, call))
        events = await _read(one.hub, call, Cursor(after=0), screens[-1]["seq"])
    by_number = {event["seq"]: event for event in events if event["type"] != "hello"}
    for start in range(0, len(screens), 5):
        screen = screens[start]
        later = {one["seq"]: one for one in screens[start:]}
        for seq in range(screen["seq"] + 1, screens[-1]["seq"] + 1):
            screen = apply(screen, by_number[seq])
            if seq in later:
                assert screen == later[seq]


async def _something(one: Node, call: UUID, dice: random.Random, number: int) -> None:
    """One of the things that happen in a call; does not wait for what comes of it."""
    cards = (await one.calls.suggested(call))[0]
    deed = dice.choice(("say", "say", "say", "mark", "feedback", "ask"))
    if deed == "say" or not cards:
        text = dice.choice(("one?", "two?", "three?", "vague?", "it says E404", "unknown?", "thanks"))
        await one.say(call, text, speaker=dice.choice(("customer", "customer", "agent")), at=dice.uniform(0, 99))
    elif deed == "mark":
        action = dice.choice(("shown", "clicked", "copied", "dismissed"))
        await one.desk.mark(call, dice.choice(cards).id, action=action, actor="user:ada")
    elif deed == "feedback":
        await one.desk.give_feedback(
            call, dice.choice(cards).id, feedback="helpful", reason=f"reason {number}", actor="user:ada"
        )
    else:
        await one.desk.ask(call, f"by hand {number % 3}?", None)
