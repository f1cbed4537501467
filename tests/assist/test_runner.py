"""One runner a call: leases, fences, takeovers, and every segment in exactly one turn."""

import asyncio
import random
from uuid import UUID

import pytest

from assist.background import cancelled
from assist.calls import Heard
from assist.db.engine import Sessions
from pipeline.types import Query, Turn
from tests.assist.ledger import expire_lease, ledger, run_sql, settled, until
from tests.assist.scripted import Node, Script, node

pytestmark = pytest.mark.db


class Gate:
    """Holds whoever comes until it is opened, and tells that somebody came."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, _: object) -> None:
        """As a hook of the script."""
        self.reached.set()
        await self.opened.wait()


async def _said_by_nobody(sessions: Sessions, one: Node, *texts: str) -> UUID:
    """A call with segments that no runner has seen."""
    call = await one.start_call()
    await run_sql(sessions, "UPDATE call_sessions SET owner = 'x', lease_until = now() + interval '1 hour'")
    for text in texts:
        await one.say(call, text)
    await run_sql(sessions, "UPDATE call_sessions SET owner = NULL, lease_until = NULL")
    return call


async def test_two_processes_that_fight_over_a_call_analyse_every_segment_once(sessions: Sessions) -> None:
    dice = random.Random(7)

    async def dawdle(_: object) -> None:
        await asyncio.sleep(dice.uniform(0.0, 0.02))

    async def starve(call: UUID) -> None:
        while True:
            await expire_lease(sessions, call)
            await dawdle(None)

    scripts = [Script(before_help=dawdle), Script(before_context=dawdle)]
    async with node(sessions, scripts[0]) as one, node(sessions, scripts[1], owner="two") as two:
        call = await one.start_call()
        starving = asyncio.create_task(starve(call))
        for number in range(40):
            await dice.choice((one, two)).say(call, f"question {number}?" if number % 3 == 0 else f"words {number}")
            await dawdle(None)
        await cancelled(starving)
        found = await settled(sessions, call)
    titles = [row.title for row in found.suggestions]
    assert len(titles) == len(set(titles))
    assert all(script.turns for script in scripts)


async def test_the_work_of_a_process_that_lost_its_lease_is_discarded(sessions: Sessions) -> None:
    gate = Gate()
    async with node(sessions, Script(before_help=gate), scanning=False) as slow:
        call = await slow.start_call()
        await slow.say(call, "how do I reset it?")
        await gate.reached.wait()
        await expire_lease(sessions, call)
        async with node(sessions, owner="two") as quick:
            taken_over = await settled(sessions, call)
            gate.opened.set()
            await until(lambda: _idle(slow))
            found = await settled(sessions, call)
            assert quick.script.helped == slow.script.helped == ["how do I reset it?"]
    assert [row.id for row in found.suggestions] == [row.id for row in taken_over.suggestions]
    assert len(found.turns) == 1


async def test_nobody_takes_a_call_whose_owner_is_alive(sessions: Sessions) -> None:
    gate = Gate()
    other = Script()
    async with node(sessions, Script(before_help=gate)) as one, node(sessions, other, owner="two") as two:
        call = await one.start_call()
        await one.say(call, "how do I reset it?")
        await gate.reached.wait()
        await two.say(call, "and then?")
        for _ in range(5):
            await two.look()
        assert other.turns == []
        gate.opened.set()
        await settled(sessions, call)
    assert other.turns == []


async def test_a_long_turn_keeps_its_lease(sessions: Sessions) -> None:
    gate = Gate()
    async with node(sessions, Script(before_help=gate)) as one:
        call = await one.start_call()
        await one.say(call, "how do I reset it?")
        await gate.reached.wait()
        before = (await ledger(sessions, call)).call.lease_until
        assert before is not None

        async def prolonged() -> bool:
            now = (await ledger(sessions, call)).call.lease_until
            return now is not None and now > before

        await until(prolonged)
        gate.opened.set()
        await settled(sessions, call)


async def test_a_call_of_a_process_that_died_goes_on_from_the_watermark(sessions: Sessions) -> None:
    async with node(sessions, owner="dead", scanning=False) as dead:
        call = await dead.start_call()
        await dead.say(call, "how do I pay?")
        await settled(sessions, call)
    dies = "UPDATE call_sessions SET owner = 'dead', lease_until = clock_timestamp() + interval '1 hour', fence = 9"
    await run_sql(sessions, dies)
    heir = Script()
    async with node(sessions, heir, owner="heir") as two:
        await two.say(call, "how do I pay?", at=90.0)
        await two.say(call, "what is E404?", at=91.0)
        await two.look()
        assert heir.turns == []
        await expire_lease(sessions, call)
        found = await settled(sessions, call)
    assert [turn.new[0].number for turn in heir.turns] == [2, 3]
    assert heir.turns[0].history.queries == ("how do I pay?",)
    assert [row.title for row in found.suggestions] == ["how do I pay?", "what is E404?"]


async def test_a_takeover_repeats_nothing_that_was_told(sessions: Sessions) -> None:
    async with node(sessions, scanning=False) as one:
        call = await one.start_call()
        await one.desk.ask(call, "asked by hand?", None)
        await one.say(call, "what is E404?")
        await settled(sessions, call)
    async with node(sessions, owner="two") as two:
        await two.say(call, "thanks a lot")
        await two.say(call, "what is E404?")
        await two.say(call, "how do I pay?")
        found = await settled(sessions, call)
    assert [payload["context"]["detected_issue"] for payload in found.payloads("context")] == [
        "what is E404?",
        None,
        "what is E404?",
        "how do I pay?",
    ]
    assert sorted(row.title for row in found.suggestions) == ["asked by hand?", "how do I pay?", "what is E404?"]
    assert {row.status for row in found.suggestions} == {"active"}


async def test_a_process_that_stops_gives_its_calls_to_the_others_at_once(sessions: Sessions) -> None:
    gate = Gate()
    async with node(sessions, Script(before_help=gate), scanning=False) as one:
        call = await one.start_call()
        await one.say(call, "how do I reset it?")
        await gate.reached.wait()
    left = (await ledger(sessions, call)).call
    assert (left.owner, left.lease_until, left.attempts) == (None, None, 0)
    async with node(sessions, owner="two"):
        assert (await settled(sessions, call)).queries() == ["how do I reset it?"]


async def test_a_long_backlog_is_one_turn(sessions: Sessions) -> None:
    async with node(sessions, scanning=False) as one:
        call = await _said_by_nobody(sessions, one, *(f"question {n}?" for n in range(30)))
        await one.look()
        found = await settled(sessions, call)
    assert [(turn.first_segment, turn.last_segment) for turn in found.turns] == [(1, 30)]
    assert found.queries() == ["question 29?"]


async def test_a_short_backlog_is_cut_after_each_customer(sessions: Sessions) -> None:
    async with node(sessions, scanning=False) as one:
        call = await _said_by_nobody(sessions, one, "how do I pay?", "and when?", "thanks")
        await one.look()
        found = await settled(sessions, call)
    assert [(turn.first_segment, turn.last_segment) for turn in found.turns][-1] == (3, 3)
    assert sum(turn.last_segment - turn.first_segment + 1 for turn in found.turns) == 3


@pytest.mark.parametrize("seed", range(6))
async def test_no_segment_is_skipped_whatever_the_pace(sessions: Sessions, seed: int) -> None:
    dice = random.Random(seed)
    pace_s = dice.choice((0.0, 0.003, 0.02))

    async def dawdle(_: Query | Turn) -> None:
        await asyncio.sleep(dice.choice((0.0, 0.0, 0.005, 0.03)))

    async def post(one: Node, call: UUID, number: int) -> None:
        await asyncio.sleep(dice.uniform(0.0, pace_s * 20))
        speaker = dice.choice(("customer", "agent"))
        text = f"question {dice.randrange(6)}?" if dice.random() < 0.5 else f"words {number}"
        heard = Heard(session_id=call, speaker=speaker, text=text, start_time=dice.uniform(0, 60), end_time=61.0)
        await one.calls.accept(heard)

    script = Script(before_context=dawdle, before_help=dawdle)
    async with node(sessions, script, scanning=False) as one:
        calls = [await one.start_call() for _ in range(2)]
        await asyncio.gather(*(post(one, dice.choice(calls), number) for number in range(60)))
        for call in calls:
            found = await settled(sessions, call)
            assert found.turns[-1].last_segment == len(found.segments)


async def test_a_call_that_was_forgotten_is_read_again(sessions: Sessions) -> None:
    async with node(sessions, kept_calls=2) as one:
        calls = [await one.start_call() for _ in range(5)]
        for text in ("how do I pay?", "words", "how do I pay?", "what is E404?"):
            for call in calls:
                await one.say(call, text)
                await settled(sessions, call)
        for call in calls:
            found = await settled(sessions, call)
            assert [row.title for row in found.suggestions] == ["how do I pay?", "what is E404?"]
        assert len(one.runners._calls) <= 3


async def _idle(one: Node) -> bool:
    return not one.runners._tasks
