"""Questions of calls on their way to supervisors: what knowledge does not answer, and what agents raise by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from msgspec import Struct

from assist import audit
from assist.access import Principal
from assist.db import call_requests, calls, timers
from assist.db.engine import Session, Sessions
from assist.db.models import CallSession, CallTurn, HelpRequest, TranscriptionSegment
from assist.db.models.base import Json
from assist.errors import InvalidError, NotFoundError
from assist.escalation.policies import Policies
from assist.escalation.policy import Raising
from assist.escalation.questions import MAX_QUESTION_CHARS
from assist.escalation.repeats import is_same_question
from assist.escalation.requests import HelpRequests, NewRequest
from assist.escalation.steps import show
from assist.jobs import Job, enqueue
from pipeline.confidence import DEFAULT_THRESHOLD
from pipeline.languages import ENGLISH, told_by
from pipeline.sentiment import sentiment_of
from pipeline.speech_acts import RuleSpeechActs
from pipeline.speech_languages import acts_in
from pipeline.types import Outcome, OutcomeKind

RAISE_QUESTION = "raise_question"
QUESTIONS_QUEUE = "questions"
OFFER = "escalation_offer"
_EXCERPT_LINES = 6
_LINE_CHARS = 500
_READ_SEGMENTS = 24
"""Enough to hear how the customer sounds."""
_AGAIN_S = 2.0

log = structlog.get_logger(__name__)


class ByHand(Struct, frozen=True, kw_only=True):
    """What an agent wants to ask a supervisor."""

    question: str
    """As the agent has edited it."""
    turn: int | None = None
    """The turn that the question comes from."""
    request_id: str | None = None
    """The desk's own id of it: a message repeated after a reconnect raises nothing new."""


@dataclass(frozen=True, kw_only=True)
class CallQuestions:
    """Raises the questions of live calls as their queue's policy says; each one once."""

    sessions: Sessions
    help_requests: HelpRequests
    policies: Policies
    threshold: float = DEFAULT_THRESHOLD
    """Confidence from which a passage counts as the answer."""
    refining_s: float = 45.0
    """After so long a language model that looks for an answer has ended, or its process has."""

    @property
    def job(self) -> Job:
        """What is left over by a process that died, or could not be stored at once."""
        return Job(name=RAISE_QUESTION, queue=QUESTIONS_QUEUE, body=self._raise_later)

    async def left_open(
        self, session: Session, session_id: UUID, turn: int, outcome: Outcome, *, refining: bool
    ) -> bool:
        """After a turn was stored, in its transaction: raises its question, or offers that, where knowledge has no
        answer. True: `told` is due after the commit. `refining`: a language model looks for an answer first;
        `settle` decides when that has ended, a job if nobody does. A failure costs no turn: the job tries again.
        """
        if not is_unanswered(outcome, self.threshold):
            return False
        if refining:
            await self._enqueue(session, session_id, turn, self.refining_s)
            return False
        try:
            async with session.begin_nested():
                return await self._pass_on(session, session_id, turn)
        except Exception as error:
            log.exception("question_not_raised", session_id=str(session_id), turn=turn, error=type(error).__name__)
        await self._enqueue(session, session_id, turn, _AGAIN_S)
        return False

    async def settle(self, session_id: UUID, turn: int, outcome: Outcome | None = None) -> None:
        """Raises a turn's question, or offers that, if it is still without an answer; again is as good as once.
        `outcome`: of the turn, where it is known; without it somebody has found before that it is unanswered.
        """
        if outcome is not None and not is_unanswered(outcome, self.threshold):
            return
        async with self.sessions.begin() as session:
            passed_on = await self._pass_on(session, session_id, turn)
        if passed_on:
            self.told(session_id)

    async def raise_by_hand(self, session_id: UUID, asked: ByHand, principal: Principal) -> None:
        """Raises what an agent asks.

        Raises:
            InvalidError: an empty or too long question.
            NotFoundError: no such call.
        """
        question = asked.question.strip()
        if not question or len(question) > MAX_QUESTION_CHARS:
            raise InvalidError(f"A question to a supervisor has 1 to {MAX_QUESTION_CHARS} characters.")
        async with self.sessions.begin() as session:
            call = await call_requests.lock_call(session, session_id)
            if call is None:
                raise NotFoundError("unknown_session", "There is no such call session.")
            if await self._was_raised(session, session_id, asked.request_id):
                return
            turn = await call_requests.turn_numbered(session, session_id, asked.turn) if asked.turn else None
            said = await call_requests.segments_through(session, session_id, call.segment_seq, _READ_SEGMENTS)
            metadata = _metadata(call, turn, question, said) | (
                {"desk_id": asked.request_id} if asked.request_id else {}
            )
            new = NewRequest(
                question=question,
                origin="agent",
                raised_by=principal.actor,
                raised_by_name=principal.name,
                turn=turn.number if turn else None,
                context_excerpt=_excerpt(said),
                metadata=metadata,
                **_of_call(call),
            )
            raised = await self.help_requests.raise_in(session, new)
            if raised.created:
                target, after = ("help_request", str(raised.request.id)), {"channel": new.channel, "question": question}
                await audit.record(session, principal, "help_request.created", target, after=after)
            else:
                await show(session, raised.request)  # the desk waits to hear of its question
        self.told(session_id)

    def told(self, session_id: UUID) -> None:
        """After the commit: wakes whoever shows the call or its requests."""
        self.help_requests.told(session_id)

    async def _raise_later(self, *, session_id: str, turn: int) -> None:
        await self.settle(UUID(session_id), turn)

    async def _enqueue(self, session: Session, session_id: UUID, turn: int, after_s: float) -> None:
        try:
            async with session.begin_nested():
                at = await timers.now(session) + timedelta(seconds=after_s)
                await enqueue(
                    session, RAISE_QUESTION, queue=QUESTIONS_QUEUE, at=at, session_id=str(session_id), turn=turn
                )
        except Exception as error:
            log.exception("question_lost", session_id=str(session_id), turn=turn, error=type(error).__name__)

    async def _pass_on(self, session: Session, session_id: UUID, number: int) -> bool:
        """Whether something was raised or offered."""
        call = await call_requests.lock_call(session, session_id)
        turn = await call_requests.turn_numbered(session, session_id, number)
        if call is None or turn is None or turn.query is None or turn.outcome != OutcomeKind.NO_ANSWER.value:
            return False
        if is_with_receptionist(call):
            return False
        raising = (await self.policies.current(session)).raising_in(queue_of(call))
        if raising is Raising.OFF or await self._was_asked(session, session_id, turn.query):
            return False
        if raising is Raising.OFFER:
            return await _offer(session, turn, turn.query)
        said = await call_requests.segments_through(session, session_id, turn.last_segment, _READ_SEGMENTS)
        new = NewRequest(
            question=turn.query[:MAX_QUESTION_CHARS],
            origin="pipeline",
            turn=turn.number,
            context_excerpt=_excerpt(said),
            metadata=_metadata(call, turn, turn.query, said),
            **_of_call(call),
        )
        return (await self.help_requests.raise_in(session, new)).created

    async def _was_asked(self, session: Session, session_id: UUID, question: str) -> bool:
        asked = await call_requests.requests_of(session, session_id)
        return any(is_same_question(one.request.question, question) for one in asked)

    async def _was_raised(self, session: Session, session_id: UUID, desk_id: str | None) -> bool:
        if desk_id is None:
            return False
        asked = await call_requests.requests_of(session, session_id)
        return any(one.request.attributes.get("desk_id") == desk_id for one in asked)


def is_unanswered(outcome: Outcome, threshold: float) -> bool:
    """Whether only a person can answer: what is asked is clear, and nothing that is known answers it. A question that
    is not clear is asked back first, and what is on the agent's screen already is an answer.
    """
    if outcome.kind is not OutcomeKind.NO_ANSWER:
        return False
    draft = outcome.draft
    context = draft.evidence.query.context
    shown = context.turn.history.shown_passages
    on_screen = draft.confidence >= threshold and any(hit.passage.id in shown for hit in draft.evidence.hits)
    return context.sufficient and not on_screen


def open_offer(offers: Sequence[Json], requests: Sequence[HelpRequest]) -> Json | None:
    """The newest of the offers (newest first) that no request has taken up."""
    for offer in offers:
        taken = any(one.turn == offer["turn"] or is_same_question(one.question, offer["question"]) for one in requests)
        if not taken:
            return offer
    return None


def queue_of(call: CallSession) -> str | None:
    """The queue that the telephone system put the call into."""
    queue = call.acd_metadata.get("queue")
    return queue if isinstance(queue, str) and queue else None


def is_with_receptionist(call: CallSession) -> bool:
    """Whether the receptionist has the call, who raises its questions itself, and no person yet."""
    return call.acd_metadata.get("answered_by") == "receptionist" and call.agent_id is None


def customer_email(call: CallSession) -> str | None:
    """As the CRM knows it."""
    return _text(call.crm_metadata, "customer_email", "email")


async def _offer(session: Session, turn: CallTurn, question: str) -> bool:
    """False: the desk offers it already."""
    standing = await call_requests.latest_events(session, turn.session_id, OFFER, 1)
    if any(is_same_question(event.payload["question"], question) for event in standing):
        return False
    return await calls.append_event(session, turn.session_id, OFFER, {"turn": turn.number, "question": question})


def _of_call(call: CallSession) -> Json:
    return {
        "session_id": call.session_id,
        "channel": "call",
        "customer_name": call.customer_name,
        "customer_contact": call.customer_phone or customer_email(call),
        "queue": queue_of(call),
    }


def _metadata(call: CallSession, turn: CallTurn | None, question: str, said: Sequence[TranscriptionSegment]) -> Json:
    """What rules and supervisors may want to know; nothing that is unknown."""
    customer = [one for one in said if one.speaker == "customer"]
    tag = next((one.language for one in reversed(customer) if one.language), None)
    language = tag or told_by(one.text for one in customer) or ENGLISH
    sentiment = sentiment_of([one.text for one in customer], language)
    intent = acts_in(language, RuleSpeechActs()).read(question, "").act.value
    found = {
        "turn": turn.number if turn else None,
        "issue": (turn.context or {}).get("detected_issue") if turn else None,
        "intent": _text(call.acd_metadata, "intent") or intent,
        "language": language,
        "sentiment": {"label": sentiment.label, "score": sentiment.score} if customer else None,
        "customer_tier": _text(call.crm_metadata, "customer_tier", "tier"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _excerpt(said: Sequence[TranscriptionSegment]) -> str | None:
    """The last lines as they were spoken."""
    names = {"customer": "Customer", "agent": "Agent"}
    lines = [f"{names[one.speaker]}: {_cut(one.text)}" for one in said[-_EXCERPT_LINES:]]
    return "\n".join(lines) or None


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINE_CHARS else line[: _LINE_CHARS - 1].rstrip() + "…"


def _text(metadata: Json, *names: str) -> str | None:
    found = (metadata.get(name) for name in names)
    return next((one.strip() for one in found if isinstance(one, str) and one.strip()), None)
