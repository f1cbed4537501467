"""What supersedes help in progress, and what comes of a turn on the agent's screen."""

import asyncio

import pytest
from sqlalchemy import text as sql

from assist.db.engine import Sessions
from pipeline.types import Query, Question
from tests.assist.ledger import ledger, settled, until
from tests.assist.scripted import Script, node

pytestmark = pytest.mark.db

_STAGES = sql("SELECT turn, agent_name FROM agent_actions WHERE session_id = :call ORDER BY id")


class Holding:
    """Holds the help of one query; the help of others runs through."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.interrupted = False

    async def __call__(self, query: Query) -> None:
        """As a hook of the script."""
        if query.text != self.text:
            return
        self.reached.set()
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.interrupted = True
            raise


async def test_a_newer_question_supersedes_the_one_in_progress(sessions: Sessions) -> None:
    holding = Holding("how do I pay?")
    async with node(sessions, Script(before_help=holding)) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await holding.reached.wait()
        await one.say(call, "or rather, what is E404?")
        found = await settled(sessions, call)
    assert holding.interrupted
    assert found.queries() == ["or rather, what is E404?"]
    assert [(turn.first_segment, turn.last_segment) for turn in found.turns] == [(1, 2)]
    assert [row.title for row in found.suggestions] == ["or rather, what is E404?"]


@pytest.mark.parametrize(("speaker", "text"), [("agent", "let me see?"), ("customer", "it has a red light")])
async def test_words_that_ask_nothing_do_not_interrupt_help(sessions: Sessions, speaker: str, text: str) -> None:
    holding = Holding("how do I pay?")
    script = Script(before_help=holding)
    async with node(sessions, script) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await holding.reached.wait()
        await one.say(call, text, speaker=speaker)
        await until(lambda: _peeked(script))
        holding.opened.set()
        found = await settled(sessions, call)
    assert not holding.interrupted
    assert script.helped == ["how do I pay?"]
    assert [(turn.first_segment, turn.last_segment, turn.outcome) for turn in found.turns] == [
        (1, 1, "answered"),
        (2, 2, "silent"),
    ]


async def test_the_same_question_again_does_not_interrupt_help(sessions: Sessions) -> None:
    holding = Holding("how do I pay?")
    script = Script(before_help=holding)
    async with node(sessions, script) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await holding.reached.wait()
        await one.say(call, "how do I pay?")
        await until(lambda: _peeked(script))
        holding.opened.set()
        found = await settled(sessions, call)
    assert not holding.interrupted
    assert len(found.suggestions) == 1


async def test_wake_ups_without_new_words_do_not_ask_again(sessions: Sessions) -> None:
    holding = Holding("how do I pay?")
    script = Script(before_help=holding)
    async with node(sessions, script, scanning=False) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await holding.reached.wait()
        await one.say(call, "hm", speaker="agent")
        await until(lambda: _peeked(script))
        for _ in range(10):
            await one.look()
            await asyncio.sleep(0.01)
        assert len(script.turns) == 2
        holding.opened.set()
        await settled(sessions, call)


async def test_a_card_is_withdrawn_when_the_call_has_moved_on_twice(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        for text in ("one?", "two?", "words", "three?", "four?"):
            await one.say(call, text)
            found = await settled(sessions, call)
    states = {row.title: (row.status, row.withdrawn_reason) for row in found.suggestions}
    gone = ("withdrawn", "call_moved_on")
    assert states == {"one?": gone, "two?": gone, "three?": ("active", None), "four?": ("active", None)}
    assert [payload["reason"] for payload in found.payloads("suggestion_withdrawn")] == ["call_moved_on"] * 2
    assert found.event_types()[-4:] == ["segment", "context", "suggestion_withdrawn", "suggestions"]


async def test_a_question_that_nothing_is_known_about_moves_nothing_away(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        for text in ("one?", "two?", "unknown thing?"):
            await one.say(call, text)
            found = await settled(sessions, call)
    assert {row.status for row in found.suggestions} == {"active"}
    assert [turn.outcome for turn in found.turns] == ["answered", "answered", "no_answer"]
    assert found.payloads("suggestions")[-1]["outcome"] == "no_answer"


async def test_what_is_on_the_screen_is_not_given_again_and_what_was_withdrawn_is(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        for text in ("one?", "one?", "two?", "three?", "one?"):
            await one.say(call, text)
            found = await settled(sessions, call)
    assert [row.title for row in found.suggestions] == ["one?", "two?", "three?", "one?"]
    assert [row.status for row in found.suggestions] == ["withdrawn", "withdrawn", "active", "active"]


def _ask_back(text: str) -> tuple[Question, ...]:
    if text.startswith("vague"):
        return (
            Question(text=f"Which code, {text}", purpose="error_message", priority=1),
            Question(text=f"Which version, {text}", purpose="version", priority=2),
        )
    return ()


async def test_questions_are_withdrawn_when_answered_and_when_superseded(sessions: Sessions) -> None:
    async with node(sessions, Script(ask_back=_ask_back)) as one:
        call = await one.start_call()
        await one.say(call, "vague?")
        asked = await settled(sessions, call)
        await one.say(call, "it says E404")
        answered = await settled(sessions, call)
        await one.say(call, "how do I pay?")
        superseded = await settled(sessions, call)
    code, version = sorted(asked.questions, key=lambda row: row.priority)
    assert asked.turns[0].outcome == "clarify"
    assert asked.turns[0].questions_count == 2
    assert answered.payloads("question_withdrawn") == [{"question_id": str(code.id), "reason": "answered"}]
    assert answered.turns[-1].outcome == "silent"
    withdrawn = superseded.payloads("question_withdrawn")
    assert withdrawn[1:] == [{"question_id": str(version.id), "reason": "superseded"}]
    assert {row.status for row in superseded.questions} == {"withdrawn"}
    assert superseded.event_types() == [
        *("call", "segment", "context", "suggestions"),
        *("segment", "context", "question_withdrawn"),
        *("segment", "context", "question_withdrawn", "suggestions"),
    ]


async def test_every_stage_leaves_its_time(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        await one.say(call, "how do I pay?")
        await one.say(call, "thanks")
        await settled(sessions, call)
        async with sessions() as session:
            rows = await session.execute(_STAGES, {"call": call})
            stages = [tuple(row) for row in rows]
    whole = ["context_analyzer", "query_formulation", "retrieval", "answer", "clarification"]
    assert stages == [*((1, name) for name in whole), (2, "context_analyzer"), (2, "query_formulation")]


async def test_an_agent_at_the_desk_and_the_call_do_not_lock_each_other_out(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        for number in range(12):
            await one.say(call, f"question {number}?")
            found = await settled(sessions, call)
            marks = [
                one.desk.mark(call, row.id, action=action, actor="user:ada")
                for row in found.suggestions
                for action in ("shown", "clicked")
            ]
            asked = one.desk.ask(call, f"by hand {number}?", f"request {number}")
            await asyncio.gather(one.say(call, f"next {number}?"), asked, *marks)
        found = await settled(sessions, call)
    assert found.event_types().count("suggestion_updated") == 2 * sum(row.agent_clicked for row in found.suggestions)


async def test_a_question_asked_by_hand_that_failed_may_be_asked_again(sessions: Sessions) -> None:
    failures = [RuntimeError()]

    async def once(_: Query) -> None:
        if failures:
            raise failures.pop()

    async with node(sessions, Script(before_help=once)) as one:
        call = await one.start_call()
        with pytest.raises(RuntimeError):
            await one.desk.ask(call, "how do I pay?", "r1")
        await one.desk.ask(call, "how do I pay?", "r1")
        await one.desk.ask(call, "how do I pay?", "r1")
        found = await ledger(sessions, call)
    assert [row.suggestion_type for row in found.suggestions] == ["manual_answer"]
    assert found.payloads("suggestions")[0]["origin"] == "ask"


async def _peeked(script: Script) -> bool:
    return len(script.turns) >= 2
