"""Questions that knowledge does not answer reach supervisors: once, with the turn, as the queue's policy says."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text as sql

from assist.access import Role
from assist.db.engine import Sessions
from assist.errors import InvalidError, NotFoundError
from assist.escalation.call_questions import ByHand, is_unanswered
from assist.escalation.policy import Policy, Raising
from assist.escalation.repeats import is_same_question
from pipeline.events import Emit
from pipeline.types import (
    Answer,
    Context,
    Draft,
    Evidence,
    Formulation,
    History,
    Hit,
    Outcome,
    OutcomeKind,
    Query,
    QueryKind,
    Question,
    Segment,
    Speaker,
    Turn,
)
from tests.assist.escalation.live_side import LiveSide, live_side, person
from tests.assist.ledger import ledger, run_sql, settled, until
from tests.assist.screen import Json, apply, snapshot
from tests.assist.scripted import Script, answer_of, passage_of

pytestmark = pytest.mark.db

_OPEN = "may an unknown dog come along?"


async def _asked(one: LiveSide, *texts: str, **call: object) -> UUID:
    """A call in which a customer says these things, analysed."""
    session_id = await one.node.start_call(**call)
    for said in texts:
        await one.node.say(session_id, said)
        await settled(one.sessions, session_id)
    return session_id


async def _waiting_jobs(sessions: Sessions) -> list[Json]:
    async with sessions() as session:
        jobs = "SELECT args FROM procrastinate_jobs WHERE task_name = 'raise_question' ORDER BY id"
        return list((await session.execute(sql(jobs))).scalars())


async def test_a_question_that_nothing_answers_reaches_a_supervisor_with_what_was_said(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await one.node.start_call(
            customer_name="Ada King",
            customer_phone="+15551234567",
            acd_metadata={"queue": "cruises", "intent": "booking"},
            crm_metadata={"tier": "VIP"},
        )
        await one.node.say(call, "Welcome, how can I help?", speaker="agent")
        await one.node.say(call, "This is outrageous, nobody helps.")
        await one.node.say(call, _OPEN)
        found = await settled(sessions, call)
        (request,) = await one.requests(call)
        history = await one.history(request.id)
    assert (request.question, request.origin, request.channel) == (_OPEN, "pipeline", "call")
    assert (request.customer_name, request.customer_contact, request.queue) == ("Ada King", "+15551234567", "cruises")
    assert request.turn == found.turns[-1].number
    assert request.context_excerpt == (
        f"Agent: Welcome, how can I help?\nCustomer: This is outrageous, nobody helps.\nCustomer: {_OPEN}"
    )
    assert request.attributes["sentiment"]["label"] == "negative"
    assert (request.attributes["intent"], request.attributes["customer_tier"]) == ("booking", "VIP")
    assert request.priority == "high"
    assert history[0] == "created"
    (event,) = found.payloads("escalation")
    assert event["escalation"]["id"] == str(request.id)
    assert found.event_types()[-2:] == ["suggestions", "escalation"]


async def test_what_is_answered_or_asked_back_reaches_nobody(sessions: Sessions) -> None:
    back = Question(text="Which one?", purpose="product", priority=1)
    script = Script(ask_back=lambda asked: (back,) if asked.startswith("vague") else ())
    async with live_side(sessions, script) as one:
        call = await _asked(one, "how do I pay?", "thanks", "vague unknown thing?")
        assert await one.requests(call) == []
        assert [turn.outcome for turn in (await ledger(sessions, call)).turns] == ["answered", "silent", "clarify"]


def test_an_insufficient_context_and_what_is_on_the_screen_raise_nothing() -> None:
    outcome = _outcome_of(sufficient=True)
    assert is_unanswered(outcome, 0.5)
    assert not is_unanswered(_outcome_of(sufficient=False), 0.5)
    shown = _outcome_of(sufficient=True, shown=True)
    assert not is_unanswered(shown, 0.5)
    assert is_unanswered(shown, 0.95), "what is on the screen, but is not the answer, answers nothing"


async def test_the_same_question_in_nearly_the_same_words_is_raised_once(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await _asked(
            one, _OPEN, _OPEN, "So — may an unknown dog come along, please?", "May an UNKNOWN dog come along?"
        )
        assert len(await one.requests(call)) == 1
        await _asked(one, _OPEN)
        assert len(await one.requests()) == 2, "another call is another question"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("and may my dog come on the cruise, please", True),
        ("May dogs come on a cruise?", True),
        ("May my dog not come on the cruise?", False),
        ("When may my dog come on the cruise?", False),
        ("May my cat come on the cruise?", False),
        ("", False),
    ],
)
def test_what_counts_as_the_same_question(other: str, same: bool) -> None:
    assert is_same_question("May my dog come on the cruise?", other) is same


def test_codes_and_switches_make_another_question() -> None:
    assert not is_same_question("What does error 401 mean?", "What does error 402 mean?")
    assert not is_same_question("How do I turn the light on?", "How do I turn the light off?")
    assert not is_same_question("Is there a fee?", "Is there no fee?")
    assert is_same_question("Was kostet das?", "Und was kostet das denn, bitte?")


@pytest.mark.parametrize("raising", [Raising.AUTO, Raising.OFFER, Raising.OFF])
async def test_the_queue_decides_whether_it_is_raised_offered_or_neither(sessions: Sessions, raising: Raising) -> None:
    others = Raising.OFF if raising is Raising.AUTO else Raising.AUTO
    policy = Policy(raising=others, raising_by_queue={"sales": raising})
    async with live_side(sessions, policy=policy) as one:
        call = await _asked(one, _OPEN, acd_metadata={"queue": "sales"})
        found = await ledger(sessions, call)
        assert len(await one.requests(call)) == (raising is Raising.AUTO)
        offers = [{"turn": 1, "question": _OPEN}] if raising is Raising.OFFER else []
        assert found.payloads("escalation_offer") == offers
        assert len(await one.requests(await _asked(one, _OPEN))) == (others is Raising.AUTO)


async def test_an_offer_stands_until_it_is_taken_up(sessions: Sessions) -> None:
    async with live_side(sessions, policy=Policy(raising=Raising.OFFER)) as one:
        call = await _asked(one, _OPEN, _OPEN, "how do I pay?", "is an unknown cat allowed?")
        agent = await person(sessions, "ada", Role.AGENT)
        assert len((await ledger(sessions, call)).payloads("escalation_offer")) == 2
        shown = await one.node.calls.snapshot(call)
        assert shown.offer is not None
        assert shown.offer.question == "is an unknown cat allowed?"
        await one.node.desk.escalate(call, ByHand(question="Are cats allowed at all?", turn=shown.offer.turn), agent)
        shown = await one.node.calls.snapshot(call)
        assert shown.offer is not None
        assert shown.offer.question == _OPEN
        await one.node.desk.escalate(call, ByHand(question=f" {_OPEN.upper()} "), agent)
        shown = await one.node.calls.snapshot(call)
        assert shown.offer is None
        assert [one.origin for one in shown.escalations] == ["agent", "agent"]


async def test_a_screen_that_follows_the_events_shows_what_the_snapshot_says(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await one.node.start_call()
        screen = await snapshot(one.node.calls, call)
        await one.node.say(call, _OPEN)
        await settled(sessions, call)
        (request,) = await one.requests(call)
        await one.floor.whisper(call, "I am on it.", one.supervisor)
        await one.answer(request.id, "Dogs may come along.")
        for event in (await ledger(sessions, call)).events:
            if event.seq > screen["seq"]:
                screen = apply(screen, {"type": event.type, "seq": event.seq, **event.payload})
        assert screen == await snapshot(one.node.calls, call)
        assert [one["status"] for one in screen["escalations"]] == ["resolved"]


async def test_a_turn_that_runs_again_raises_nothing_again(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await _asked(one, _OPEN)
        await run_sql(sessions, "DELETE FROM call_turns")
        await run_sql(sessions, "UPDATE call_sessions SET analysed_through = 0, turn_seq = 0")
        await until(lambda: _analysed(sessions, call))
        assert len(await one.requests(call)) == 1
        assert len((await ledger(sessions, call)).payloads("suggestions")) == 2


async def test_a_failure_to_raise_costs_no_turn_and_is_tried_again(sessions: Sessions) -> None:
    async with live_side(sessions, failures=[RuntimeError("no")]) as one:
        call = await _asked(one, _OPEN)
        found = await ledger(sessions, call)
        assert [turn.outcome for turn in found.turns] == ["no_answer"]
        assert found.payloads("suggestions")[-1]["outcome"] == "no_answer"
        assert await one.requests(call) == []
        (job,) = await _waiting_jobs(sessions)
        await one.questions.job.body(**job)
        await one.questions.job.body(**job)
        assert len(await one.requests(call)) == 1
        (await ledger(sessions, call)).check()


class Model:
    """A refiner that waits, and then has an answer or none."""

    def __init__(self, answer: Answer | None) -> None:
        self.answer = answer
        self.begun = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, given: Outcome, emit: Emit) -> Answer | None:
        self.begun.set()
        await self.opened.wait()
        return self.answer


async def test_a_model_is_asked_before_a_supervisor(sessions: Sessions) -> None:
    model = Model(answer_of("dogs", "They may."))
    async with live_side(sessions, Script(refiner=model)) as one:
        call = await _asked(one, _OPEN)
        await model.begun.wait()
        assert await one.requests(call) == []
        model.opened.set()
        await until(lambda: _outcome(sessions, call, "answered"))
        (job,) = await _waiting_jobs(sessions)
        await one.questions.job.body(**job)
        assert await one.requests(call) == []


async def test_what_the_model_does_not_know_either_goes_to_a_supervisor(sessions: Sessions) -> None:
    model = Model(None)
    async with live_side(sessions, Script(refiner=model)) as one:
        call = await _asked(one, _OPEN)
        model.opened.set()
        await until(lambda: _raised(one, call, 1))
        (job,) = await _waiting_jobs(sessions)
        await one.questions.job.body(**job)
        assert len(await one.requests(call)) == 1


async def test_a_question_that_a_newer_one_pushed_aside_is_raised_all_the_same(sessions: Sessions) -> None:
    model = Model(None)
    async with live_side(sessions, Script(refiner=model)) as one:
        call = await _asked(one, _OPEN)
        await model.begun.wait()
        await one.node.say(call, "how do I pay?")
        await until(lambda: _raised(one, call, 1))
        assert [request.question for request in await one.requests(call)] == [_OPEN]


async def test_what_a_killed_process_left_undecided_is_raised_by_the_job(sessions: Sessions) -> None:
    async with live_side(sessions, Script(refiner=Model(None))) as one:
        call = await _asked(one, _OPEN)
        (job,) = await _waiting_jobs(sessions)
        assert job == {"session_id": str(call), "turn": 1}
        await one.questions.job.body(**job)
        assert len(await one.requests(call)) == 1


async def test_an_agent_s_own_question_is_raised_once_whatever_is_repeated(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await _asked(one, "hello there", "how do I pay?")
        agent = await person(sessions, "ada", Role.AGENT)
        asked = ByHand(question="  May she pay in stamps?  ", request_id="r1", turn=99)
        for _ in range(3):
            await one.node.desk.escalate(call, asked, agent)
        await one.node.desk.escalate(call, ByHand(question="May she pay in STAMPS"), agent)
        (request,) = await one.requests(call)
        assert (request.question, request.origin, request.turn) == ("May she pay in stamps?", "agent", None)
        assert request.raised_by == agent.actor
        assert request.context_excerpt == "Customer: hello there\nCustomer: how do I pay?"
        await one.help_requests.edit(request.id, one.supervisor, {"question": "Stamps?"})
        await one.node.desk.escalate(call, asked, agent)
        assert len(await one.requests(call)) == 1


@pytest.mark.parametrize("question", ["", "   ", "q" * 2001])
async def test_an_empty_or_endless_question_is_refused(sessions: Sessions, question: str) -> None:
    async with live_side(sessions) as one:
        call = await one.node.start_call()
        with pytest.raises(InvalidError):
            await one.node.desk.escalate(call, ByHand(question=question), one.supervisor)
        with pytest.raises(NotFoundError):
            await one.node.desk.escalate(one.supervisor.id, ByHand(question="why?"), one.supervisor)
        assert await one.requests() == []


async def test_agents_and_the_call_asking_the_same_at_once_raise_one_request(sessions: Sessions) -> None:
    async with live_side(sessions) as one:
        call = await one.node.start_call()
        agent = await person(sessions, "ada", Role.AGENT)
        await asyncio.gather(
            one.node.say(call, _OPEN),
            *(one.node.desk.escalate(call, ByHand(question=_OPEN, request_id=str(n)), agent) for n in range(6)),
        )
        await settled(sessions, call)
        assert len(await one.requests(call)) == 1


async def _analysed(sessions: Sessions, call: UUID) -> bool:
    return (await ledger(sessions, call)).call.analysed_through > 0


async def _outcome(sessions: Sessions, call: UUID, wanted: str) -> bool:
    return [turn.outcome for turn in (await ledger(sessions, call)).turns] == [wanted]


async def _raised(one: LiveSide, call: UUID, count: int) -> bool:
    return len(await one.requests(call)) == count


def _outcome_of(*, sufficient: bool, shown: bool = False) -> Outcome:
    """Nothing was answered, although something fits well."""
    passage = passage_of("dogs on board")
    said = Segment(id="s", number=1, speaker=Speaker.CUSTOMER, text=_OPEN, start_s=0.0, end_s=1.0)
    history = History(shown_passages=frozenset({passage.id}) if shown else frozenset())
    turn = Turn(call_id=uuid4(), number=1, transcript=(said,), new=(said,), history=history)
    context = Context(turn=turn, focus=_OPEN, seeking=True, detected_issue=_OPEN, sufficient=sufficient)
    formulation = Formulation(kind=QueryKind.CONVERSATION, text=_OPEN)
    query = Query(context=context, text=_OPEN, formulations=(formulation,))
    hits = (Hit(passage=passage, score=1.0, similarity=0.9, lexical=0.9),)
    draft = Draft(evidence=Evidence(query=query, hits=hits), answers=(), confidence=0.9)
    return Outcome(draft=draft, kind=OutcomeKind.NO_ANSWER)
