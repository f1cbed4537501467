"""What an agent does at the desk: marks suggestions, and asks the knowledge base by hand."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from assist.access import Principal
from assist.corrections import Corrections
from assist.db import calls, suggestions
from assist.db.engine import Session, Sessions
from assist.db.models import Suggestion
from assist.db.models.base import Json
from assist.db.turns import of_call
from assist.errors import InvalidError, NotFoundError, RequestError
from assist.escalation.call_questions import ByHand, CallQuestions
from assist.live import Runners
from assist.refining import Helped
from assist.turn_results import Trace, given_by, suggestions_payload
from pipeline.errors import UpstreamError
from pipeline.query import manual_query
from pipeline.run import Pipeline
from pipeline.types import Scope, Segment, Speaker, Turn

MAX_QUESTION_CHARS = 500
MAX_REASON_CHARS = 500
_FEEDBACK = ("helpful", "not_helpful", "irrelevant")
_MARKS = {
    "shown": "shown_to_agent",
    "clicked": "agent_clicked",
    "copied": "agent_copied",
    "dismissed": "dismissed",
}
_STATE = ("shown_to_agent", "agent_clicked", "agent_copied", "dismissed", "agent_feedback", "feedback_reason")
_REMEMBERED_REQUESTS = 1000
_ANSWER_TIMEOUT_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Actions on a call that is open to the caller; the route has checked that."""

    sessions: Sessions
    pipeline: Callable[[], Pipeline]
    runners: Runners
    questions: CallQuestions | None = None
    """To supervisors; None: there are none."""
    _asked: OrderedDict[tuple[UUID, str], None] = field(default_factory=OrderedDict)
    """Request ids of questions asked by hand: a message repeated after a reconnect is asked once."""

    async def give_feedback(
        self, session_id: UUID, suggestion_id: UUID, *, feedback: str, reason: str | None, actor: str
    ) -> None:
        """Stores what the agent thinks of a suggestion; the latest word counts.

        Raises:
            InvalidError: an unknown kind of feedback.
            NotFoundError: the suggestion is not of this call.
        """
        if feedback not in _FEEDBACK:
            raise InvalidError(f"Feedback is one of {', '.join(_FEEDBACK)}.")
        if reason is not None and len(reason) > MAX_REASON_CHARS:
            raise InvalidError(f"A reason has at most {MAX_REASON_CHARS} characters.")
        values: Json = {"agent_feedback": feedback, "feedback_reason": reason}
        log: Json = {"action": "feedback", "feedback": feedback, "reason": reason, "actor": actor}
        await self._change(session_id, suggestion_id, values, log)

    async def mark(self, session_id: UUID, suggestion_id: UUID, *, action: str, actor: str) -> None:
        """Notes that a suggestion was shown, clicked, copied or dismissed.

        Raises:
            NotFoundError: the suggestion is not of this call.
        """
        await self._change(session_id, suggestion_id, {_MARKS[action]: True}, {"action": action, "actor": actor})
        if action == "dismissed":
            self.runners.refinements.stop(session_id, suggestion_id)

    async def ask(self, session_id: UUID, text: str, request_id: str | None) -> None:
        """Asks the knowledge base; the answer goes to everybody on the call. A failed question may be asked again.

        Raises:
            InvalidError: an empty or too long question.
            RequestError: 503, the knowledge base does not answer.
        """
        question = text.strip()
        if not question or len(question) > MAX_QUESTION_CHARS:
            raise InvalidError(f"A question has 1 to {MAX_QUESTION_CHARS} characters.")
        if request_id is not None and not self._first_time(session_id, request_id):
            return
        try:
            await self._answer(session_id, question)
        except BaseException:
            self._asked.pop(_request_key(session_id, request_id or ""), None)
            raise

    async def escalate(self, session_id: UUID, asked: ByHand, principal: Principal) -> None:
        """Asks a supervisor; the same question of a call is asked once.

        Raises:
            InvalidError: an empty or too long question.
            RequestError: 503, nobody can be asked here.
        """
        if self.questions is None:
            raise RequestError("no_supervisors", 503, "Nobody can be asked here.")
        await self.questions.raise_by_hand(session_id, asked, principal)

    async def set_subject(self, session_id: UUID, name: str, *, dismissed: bool) -> None:
        """Takes a subject off the desk, or puts it back; the last question of the call is asked again.

        Raises:
            InvalidError: not a name, or too many.
        """
        corrections = Corrections(sessions=self.sessions, pipeline=self.pipeline, runners=self.runners)
        await corrections.set_subject(session_id, name, dismissed=dismissed)

    async def _answer(self, session_id: UUID, question: str) -> None:
        trace = Trace()
        try:
            query = manual_query(self._turn(session_id, question), question)
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                outcome = await self.pipeline().help(query, trace)
        except (UpstreamError, TimeoutError) as error:
            detail = "The knowledge base does not answer just now. Try again in a moment."
            raise RequestError("knowledge_unavailable", 503, detail) from error
        given = given_by(outcome, kinds=("manual_answer", "article"), turn=None, now=datetime.now(UTC))
        payload = suggestions_payload(given, query=question, outcome=outcome.kind.value)
        async with self.sessions.begin() as session:
            await suggestions.insert_suggestions(session, of_call(session_id, given.suggestion_rows))
            await suggestions.insert_actions(session, of_call(session_id, trace.actions(None)))
            await suggestions.insert_model_calls(session, of_call(session_id, trace.model_calls(None)))
            await _append_event(session, session_id, "suggestions", payload)
        self._stored(session_id)
        cards = tuple(card.id for card in given.suggestions)
        self.runners.refinements.begin(Helped(session_id=session_id, turn=None, outcome=outcome, cards=cards))

    def _turn(self, session_id: UUID, question: str) -> Turn:
        """A turn that holds nothing but the question: what was typed stands alone."""
        segment = Segment(id="manual", number=1, speaker=Speaker.AGENT, text=question, start_s=0.0, end_s=0.0)
        scope = Scope(at=datetime.now(UTC))
        return Turn(call_id=session_id, number=1, transcript=(segment,), new=(segment,), scope=scope)

    def _first_time(self, session_id: UUID, request_id: str) -> bool:
        key = _request_key(session_id, request_id)
        if key in self._asked:
            return False
        self._asked[key] = None
        while len(self._asked) > _REMEMBERED_REQUESTS:
            self._asked.popitem(last=False)
        return True

    async def _change(self, session_id: UUID, suggestion_id: UUID, values: Json, log: Json) -> None:
        async with self.sessions.begin() as session:
            await calls.lock_call(session, session_id)
            row = await suggestions.lock_suggestion(session, session_id, suggestion_id)
            if row is None:
                raise NotFoundError("unknown_suggestion", "This call has no such suggestion.")
            if all(getattr(row, name) == value for name, value in values.items()):
                return
            await suggestions.change_suggestion(session, suggestion_id, values)
            await suggestions.record(session, suggestion_id=suggestion_id, **log)
            await _append_event(session, session_id, "suggestion_updated", _state(row, values))
        self._stored(session_id)

    def _stored(self, session_id: UUID) -> None:
        self.runners.hub.wake(session_id)
        self.runners.announce()


def _request_key(session_id: UUID, request_id: str) -> tuple[UUID, str]:
    return session_id, request_id[:100]


def _state(row: Suggestion, values: Json) -> Json:
    state = {name: values.get(name, getattr(row, name)) for name in _STATE}
    return {"suggestion_id": str(row.id), **state}


async def _append_event(session: Session, session_id: UUID, kind: str, payload: Json) -> None:
    if not await calls.append_event(session, session_id, kind, payload):
        raise NotFoundError("unknown_session", "There is no such call session.")
