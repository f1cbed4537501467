"""The agent says what the call is not about, and the last question is asked again without it."""

import asyncio
from uuid import UUID

import pytest

from assist.db.engine import Sessions
from assist.errors import InvalidError, NotFoundError
from pipeline.errors import UpstreamError
from pipeline.events import Emit
from pipeline.types import Answer, Outcome, Query, Question, Speaker, Subject, Turn
from tests.assist.ledger import Ledger, ledger, settled, until
from tests.assist.screen import apply, snapshot
from tests.assist.scripted import Node, Script, answer_of, node

pytestmark = pytest.mark.db

HUB, APP = "HomeHub X200", "Norlight App"
QUESTION = "how do I reset it?"


def _subjects(turn: Turn) -> tuple[Subject, ...]:
    """The hub before the app, whatever is said; less sure with every segment."""
    sure = 1.0 / len(turn.transcript)
    return (Subject(name=HUB, kind="product", salience=sure), Subject(name=APP, kind="product", salience=sure / 2))


def _script() -> Script:
    return Script(subjects=_subjects)


async def _asked(one: Node, sessions: Sessions, *texts: str) -> UUID:
    call = await one.start_call()
    for text in texts or (QUESTION,):
        await one.say(call, text)
        await settled(sessions, call)
    return call


def _active(found: Ledger) -> list[str]:
    return [row.title for row in found.suggestions if row.status == "active"]


async def test_the_context_tells_what_the_call_is_about(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        call = await _asked(one, sessions, QUESTION, "words", "more words")
        found = await settled(sessions, call)
    told = found.payloads("context")
    assert told[0]["context"]["subjects"] == [
        {"name": HUB, "kind": "product", "salience": 1.0},
        {"name": APP, "kind": "product", "salience": 0.5},
    ]
    assert told[0]["context"]["dismissed_subjects"] == []
    assert len(told) == 2  # the question, and that it is none any more; not every change of salience


async def test_a_subject_that_is_taken_off_has_the_question_asked_again(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        call = await _asked(one, sessions)
        before = await settled(sessions, call)
        await one.desk.set_subject(call, HUB, dismissed=True)
        found = await settled(sessions, call)
        await one.say(call, "and now?")
        later = await settled(sessions, call)
    assert _active(before) == [f"{QUESTION} ({HUB})"]
    assert _active(found) == [f"{QUESTION} ({APP})"]
    assert found.event_types()[-3:] == ["context", "suggestion_withdrawn", "suggestions"]
    assert found.payloads("suggestion_withdrawn")[0]["reason"] == "superseded"
    context = found.payloads("context")[-1]["context"]
    assert ([one["name"] for one in context["subjects"]], context["dismissed_subjects"]) == ([APP], [HUB])
    assert found.call.dismissed_subjects == [HUB]
    assert found.payloads("suggestions")[-1]["turn"] == before.turns[0].number
    assert one.script.turns[-1].history.dismissed_subjects == {HUB}
    assert one.script.turns[-1].history.queries == (f"{QUESTION} ({APP})",)
    assert _active(later) == [f"{QUESTION} ({APP})", f"and now? ({APP})"]


async def test_a_subject_that_is_put_back_brings_back_its_answer(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        call = await _asked(one, sessions)
        await one.desk.set_subject(call, HUB, dismissed=True)
        await one.desk.set_subject(call, HUB, dismissed=True)
        await one.desk.set_subject(call, HUB, dismissed=False)
        found = await settled(sessions, call)
    assert _active(found) == [f"{QUESTION} ({HUB})"]
    assert len(found.payloads("context")) == 3
    assert found.payloads("context")[-1]["context"]["dismissed_subjects"] == []
    assert [one["reason"] for one in found.payloads("suggestion_withdrawn")] == ["superseded"] * 2


async def test_a_card_that_is_still_right_stays_and_a_question_too(sessions: Sessions) -> None:
    def ask_back(_: str) -> tuple[Question, ...]:
        return (Question(text="Which code?", purpose="error_message", priority=1),)

    async with node(sessions, Script(subjects=_subjects, ask_back=ask_back)) as one:
        call = await _asked(one, sessions)
        await one.desk.set_subject(call, APP, dismissed=True)
        found = await settled(sessions, call)
    assert _active(found) == [f"{QUESTION} ({HUB})"]
    assert [row.status for row in found.questions] == ["active"]
    assert found.event_types()[-1] == "context"


async def test_an_earlier_question_s_card_is_left_alone(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        call = await _asked(one, sessions, "one?", "two?", "words")
        await one.desk.set_subject(call, HUB, dismissed=True)
        found = await settled(sessions, call)
    assert _active(found) == [f"one? ({HUB})", f"two? ({APP})"]


async def test_the_new_answer_is_refined_while_the_call_goes_on(sessions: Sessions) -> None:
    go, begun = asyncio.Event(), asyncio.Event()

    async def refiner(given: Outcome, _: Emit) -> Answer | None:
        if HUB in given.draft.evidence.query.text:
            await asyncio.Event().wait()
        begun.set()
        await go.wait()
        return answer_of("App", "In better words.")

    async def refined() -> bool:
        return "suggestion_delta" in (await ledger(sessions, call)).event_types()

    async with node(sessions, Script(subjects=_subjects, refiner=refiner)) as one:
        call = await _asked(one, sessions)
        await one.desk.set_subject(call, HUB, dismissed=True)
        await begun.wait()
        await one.say(call, "hm")
        await settled(sessions, call)
        go.set()
        await until(refined)
        found = await settled(sessions, call)
    assert [(row.text, row.status) for row in found.suggestions] == [
        (f"Answer to {QUESTION} ({HUB})", "withdrawn"),
        ("In better words.", "active"),
    ]


async def test_a_turn_that_began_without_knowing_runs_again(sessions: Sessions) -> None:
    reached, go = asyncio.Event(), asyncio.Event()

    async def hold(query: Query) -> None:
        if query.text == f"two? ({HUB})":
            reached.set()
            await go.wait()

    script = Script(subjects=_subjects, before_help=hold)
    async with node(sessions, script) as one, node(sessions, _script(), owner="two", scanning=False) as desk:
        call = await _asked(one, sessions, "one?")
        await one.say(call, "two?")
        await reached.wait()
        await desk.desk.set_subject(call, HUB, dismissed=True)
        go.set()
        found = await settled(sessions, call)
    assert _active(found) == [f"one? ({APP})", f"two? ({APP})"]
    assert [turn.outcome for turn in found.turns] == ["answered", "answered"]


async def test_a_knowledge_base_that_is_down_does_not_lose_the_correction(sessions: Sessions) -> None:
    down = [False]

    async def fail(_: Query) -> None:
        if down[0]:
            raise UpstreamError("qdrant", "down", retryable=True)

    async with node(sessions, Script(subjects=_subjects, before_help=fail)) as one:
        call = await _asked(one, sessions)
        down[0] = True
        await one.desk.set_subject(call, HUB, dismissed=True)
        found = await settled(sessions, call)
    assert found.call.dismissed_subjects == [HUB]
    assert _active(found) == [f"{QUESTION} ({HUB})"]
    context = found.payloads("context")[-1]["context"]
    assert ([one["name"] for one in context["subjects"]], context["dismissed_subjects"]) == ([APP], [HUB])


async def test_a_call_that_has_asked_nothing_keeps_the_correction_for_later(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        call = await one.start_call()
        await one.desk.set_subject(call, HUB, dismissed=True)
        await one.say(call, QUESTION)
        found = await settled(sessions, call)
    assert _active(found) == [f"{QUESTION} ({APP})"]


async def test_two_agents_who_correct_at_once_lose_nothing(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one, node(sessions, _script(), owner="two", scanning=False) as two:
        call = await _asked(one, sessions)
        await asyncio.gather(
            one.desk.set_subject(call, HUB, dismissed=True), two.desk.set_subject(call, APP, dismissed=True)
        )
        found = await settled(sessions, call)
        assert sorted(found.call.dismissed_subjects) == [HUB, APP]
        assert _active(found) == [QUESTION]
        screen = await snapshot(one.calls, call)
    assert screen["context"]["dismissed_subjects"] == [HUB, APP]


async def test_events_of_a_correction_are_what_a_snapshot_says(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        call = await _asked(one, sessions)
        screen = await snapshot(one.calls, call)
        await one.desk.set_subject(call, HUB, dismissed=True)
        for event in (await ledger(sessions, call)).events[screen["seq"] :]:
            screen = apply(screen, {"type": event.type, "seq": event.seq, **event.payload})
        assert screen == await snapshot(one.calls, call)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
async def test_what_is_no_name_is_refused(sessions: Sessions, name: str) -> None:
    async with node(sessions, _script()) as one:
        call = await one.start_call()
        with pytest.raises(InvalidError):
            await one.desk.set_subject(call, name, dismissed=True)


async def test_an_unknown_call_is_refused(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        with pytest.raises(NotFoundError):
            await one.desk.set_subject(UUID(int=5), HUB, dismissed=True)


async def test_the_last_question_is_asked_with_what_was_said_since(sessions: Sessions) -> None:
    async with node(sessions, _script()) as one:
        call = await _asked(one, sessions, "one?", QUESTION)
        await one.say(call, "it is the white one")
        await one.say(call, "I see", speaker="agent")
        await settled(sessions, call)
        await one.desk.set_subject(call, HUB, dismissed=True)
        again = one.script.turns[-1]
    assert [segment.text for segment in again.new] == [QUESTION, "it is the white one", "I see"]
    assert [segment.speaker for segment in again.new][-1] is Speaker.AGENT
    assert again.history.queries == (f"one? ({HUB})",)
    await until(lambda: _settled(sessions, call))


async def _settled(sessions: Sessions, call: UUID) -> bool:
    found = await ledger(sessions, call)
    return found.call.segment_seq == found.call.analysed_through
