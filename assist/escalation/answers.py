"""The answer comes back: onto the agent's desk while the call goes on, to the customer after it has ended."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog

from assist.db import call_backs, call_requests, calls, follow_ups, suggestions
from assist.db import help_requests as rows
from assist.db.call_requests import SUPERVISOR_ANSWER
from assist.db.engine import Session
from assist.db.models import CallSession, HelpRequest
from assist.db.models.base import Json
from assist.escalation.contacts import CALLBACK, is_number, way_to_customer
from assist.escalation.steps import ROUTING, write
from assist.jobs import enqueue
from assist.notifications.notifier import Notifier
from assist.views import SuggestionView, builtins
from integrations.notify.message import Message

FOLLOW_UP = "customer.follow_up"
FOLLOW_UP_CALL = "follow_up_call"
FOLLOW_UP_QUEUE = "questions"
_TITLE_CHARS = 120
_BY = "Supervisor"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class AnswerDelivery:
    """Delivers in the transaction that ends a request."""

    notifier: Notifier
    rings: bool = False
    """The receptionist rings customers whom no message reaches; else somebody has to."""

    async def deliver(self, session: Session, request: HelpRequest) -> None:
        """A `supervisor_answer` suggestion for a call that goes on, else one follow-up to the customer. The call's row
        must be locked already where there is a call; sets `request.suggestion_id`. Nothing for a request that ended
        without an answer, or was delivered before.
        """
        if not (request.answer or "").strip() or request.suggestion_id is not None:
            return
        call = await call_requests.lock_call(session, request.session_id) if request.session_id else None
        if call is not None and call.status == "active":
            await _onto_the_desk(session, request)
        else:
            await self._follow_up(session, request, call)

    async def call_ended(self, session: Session, session_id: UUID) -> int:
        """In the transaction that ends a call: what no agent has seen of its answers goes to the customer. How many.
        A failure does not keep a call from ending: a job tries again.
        """
        try:
            async with session.begin_nested():
                return await self.follow_up_call(session, session_id)
        except Exception as error:
            log.exception("call_not_followed_up", session_id=str(session_id), error=type(error).__name__)
        await enqueue(session, FOLLOW_UP_CALL, queue=FOLLOW_UP_QUEUE, session_id=str(session_id))
        return 0

    async def follow_up_call(self, session: Session, session_id: UUID) -> int:
        """The same for a call that has ended; again is as good as once."""
        call = await call_requests.lock_call(session, session_id)
        unseen = await call_requests.unseen_answers(session, session_id)
        for request in unseen:
            await self._follow_up(session, request, call)
        return len(unseen)

    async def _follow_up(self, session: Session, request: HelpRequest, call: CallSession | None) -> None:
        """Puts the answer into the outbox. What a supervisor could not resolve is no text for a customer: somebody
        calls them."""
        is_answered = request.resolution != "unresolved"
        configured = self.notifier.customer_channels() if is_answered else ()
        way = way_to_customer(request, call, configured)
        follow_up_id, answer = uuid4(), request.answer or ""
        values: Json = {
            "id": follow_up_id,
            "request_id": request.id,
            "channel": way.channel,
            "address": way.address,
            "text": answer,
            "state": "open" if way.channel == CALLBACK else "pending",
        }
        if not await follow_ups.insert_follow_up(session, values):
            return
        if way.channel == CALLBACK and self.rings and is_answered and is_number(way.address):
            await call_backs.insert_call_back(session, follow_up_id)
        if way.channel != CALLBACK and way.address is not None:
            notification_id = await self.notifier.send_to_customer(
                session,
                key=f"follow_up:{request.id}",
                channel=way.channel,
                address=way.address,
                message=_message(request, answer),
                request_id=request.id,
            )
            await follow_ups.set_notification(session, follow_up_id, notification_id)
        told: Json = {"follow_up_id": str(follow_up_id), "channel": way.channel}
        await write(session, request, ROUTING, "followed_up", after=told)


async def _onto_the_desk(session: Session, request: HelpRequest) -> None:
    """Nothing of it is the pipeline's: it belongs to no turn and is not withdrawn when the call moves on."""
    assert request.session_id is not None
    card = SuggestionView(
        id=uuid4(),
        type=SUPERVISOR_ANSWER,
        title=short(request.question, _TITLE_CHARS),
        text=request.answer or "",
        confidence_score=1.0,
        citations=[],
        query=request.question,
        created_at=datetime.now(UTC),
        turn=None,
        answered_by=request.answered_by_name or _BY,
    )
    same = ("id", "title", "text", "confidence_score", "query", "created_at", "turn", "answered_by")
    row: Json = {name: getattr(card, name) for name in same}
    row |= {"session_id": request.session_id, "suggestion_type": card.type, "citations": [], "passage_ids": []}
    await suggestions.insert_suggestions(session, [row])
    await rows.change(session, request.id, {"suggestion_id": card.id})
    await session.refresh(request)
    await calls.append_event(session, request.session_id, "suggestions", _event(request, card))
    await write(session, request, ROUTING, "delivered", after={"suggestion_id": str(card.id)})


def _event(request: HelpRequest, card: SuggestionView) -> Json:
    return {
        "turn": None,
        "segment_ids": [],
        "query": request.question,
        "outcome": "answered",
        "origin": "supervisor",
        "request_id": str(request.id),
        "suggestions": [builtins(card)],
        "clarifying_questions": [],
    }


def _message(request: HelpRequest, answer: str) -> Message:
    """The customer's own question and its answer, and no word of ours: they may speak any language."""
    return Message(
        event=FOLLOW_UP,
        title=short(request.question, _TITLE_CHARS),
        body=answer,
        request_id=request.id,
        data={"request_id": str(request.id), "question": request.question, "answer": answer},
    )


def short(text: str, most_chars: int) -> str:
    """One line of at most so many characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= most_chars:
        return line
    cut = line[: most_chars - 1]
    return (cut.rsplit(" ", 1)[0] or cut).rstrip(" ,;:.-") + "…"
