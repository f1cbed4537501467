"""How a request is made: the same question once a call, judged by the rules, routed, timed and told of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import msgspec
from msgspec import Struct

from assist.db import call_requests, calls
from assist.db import help_requests as rows
from assist.db import timers as clock
from assist.db.engine import Session
from assist.db.models import CallSession, HelpRequest, TranscriptionSegment
from assist.db.models.base import Json
from assist.errors import InvalidError, NotFoundError
from assist.escalation import timers
from assist.escalation.alerts import Alerts
from assist.escalation.policies import Policies
from assist.escalation.policy import Policy
from assist.escalation.questions import MAX_QUESTION_CHARS, normalised_question
from assist.escalation.repeats import is_same_question
from assist.escalation.routing import Router
from assist.escalation.rules import facts_of, judge, merged_tags
from assist.escalation.steps import ROUTING, Actor, Step, Taken, show, take, write

MAX_CUSTOMER_CHARS = 300
MAX_CHANNEL_CHARS = 50
_EXCERPT_SEGMENTS = 8
_EXCERPT_CHARS = 2_000


class NewRequest(Struct, frozen=True, kw_only=True):
    """A question that is to reach a supervisor."""

    question: str
    channel: str = "call"
    origin: str = "api"
    """pipeline, agent, receptionist or api."""
    raised_by: str | None = None
    """Actor; None: the pipeline."""
    raised_by_name: str = "Assist"
    session_id: UUID | None = None
    turn: int | None = None
    customer_name: str | None = None
    customer_contact: str | None = None
    queue: str | None = None
    context_excerpt: str | None = None
    """None: the last words of the call."""
    priority: str | None = None
    """None: by the policy's rules."""
    tags: tuple[str, ...] = ()
    """Added to those of the rules."""
    metadata: Json = {}
    client_key: str | None = None
    """The sender's own name for it: outside a call, the same question under the same key is the same request."""


class Raised(Struct, frozen=True, kw_only=True):
    """A request, and whether it is new."""

    request: HelpRequest
    created: bool


@dataclass(frozen=True, kw_only=True)
class Raising:
    """Raises requests in the caller's transaction."""

    policies: Policies
    router: Router
    alerts: Alerts

    async def __call__(self, session: Session, new: NewRequest) -> Raised:
        """The request for a question; one that was raised before is left as it is.

        Raises:
            InvalidError: the question is empty or too long, or a field is.
            NotFoundError: there is no such call.
        """
        new = _checked(new)
        call = await _locked_call(session, new.session_id)
        if call is not None:
            new = await _with_call(session, new, call)
            repeated = await _in_other_words(session, call.session_id, new)
            if repeated is not None:
                return Raised(request=repeated, created=False)
        identity, key = _identity(new), normalised_question(new.question)
        policy, now = await self.policies.current(session), await clock.now(session)
        values = _values(new, policy, call.crm_metadata if call else {})
        values |= {"id": identity, "normalised_question": key, "created_at": now, "updated_at": now}
        row = await rows.insert_request(session, values)
        if row is None:
            return Raised(request=await _existing(session, new, identity, key), created=False)
        return Raised(request=await self._introduce(session, row, new, policy, now), created=True)

    async def _introduce(
        self, session: Session, row: HelpRequest, new: NewRequest, policy: Policy, now: datetime
    ) -> HelpRequest:
        by = Actor(id=new.raised_by or "pipeline", name=new.raised_by_name)
        noted = {"status": row.status, "priority": row.priority, "tags": row.tags}
        number = await write(session, row, by, "created", after=noted)
        route = await self.router.route(session, row, policy, now)
        placed = {"group_name": route.group, "assigned_to": route.assignee}
        if route.assignee is not None:
            taken = await take(session, row, Step(actor=ROUTING, action="assigned", values=placed))
        else:
            queued = await rows.change(session, row.id, placed)
            taken = Taken(request=queued, number=number) if queued is not None else None
        assert taken is not None  # nobody else has seen it yet
        await timers.schedule(session, taken.request, policy, self.policies.timeout_minutes)
        await self.alerts.tell(session, "created", taken, policy)
        if route.unattended:
            await self.alerts.unattended(session, taken, policy)
        await show(session, taken.request)
        return taken.request


def _checked(new: NewRequest) -> NewRequest:
    question = new.question.strip()
    if new.origin == "pipeline":
        question = question[:MAX_QUESTION_CHARS]  # what was said in a call is never a reason to fail its turn
    if not question or len(question) > MAX_QUESTION_CHARS:
        raise InvalidError(f"question has 1 to {MAX_QUESTION_CHARS} characters.")
    for name in ("customer_name", "customer_contact"):
        if len(getattr(new, name) or "") > MAX_CUSTOMER_CHARS:
            raise InvalidError(f"{name} has at most {MAX_CUSTOMER_CHARS} characters.")
    if not new.channel.strip() or len(new.channel) > MAX_CHANNEL_CHARS:
        raise InvalidError(f"channel has 1 to {MAX_CHANNEL_CHARS} characters.")
    return msgspec.structs.replace(new, question=question, channel=new.channel.strip().lower())


async def _locked_call(session: Session, session_id: UUID | None) -> CallSession | None:
    if session_id is None:
        return None
    await calls.lock_call(session, session_id)
    call = await calls.by_session_id(session, session_id)
    if call is None:
        raise NotFoundError("unknown_session", "There is no such call session, or it is not yours.")
    return call


async def _in_other_words(session: Session, session_id: UUID, new: NewRequest) -> HelpRequest | None:
    """The call's request that a receptionist raises again: a model rarely says the same twice in the same words."""
    if new.origin != "receptionist":
        return None
    asked = await call_requests.requests_of(session, session_id)
    return next((one.request for one in asked if is_same_question(one.request.question, new.question)), None)


async def _with_call(session: Session, new: NewRequest, call: CallSession) -> NewRequest:
    """What the request does not say itself, as the call knows it."""
    queue = call.acd_metadata.get("queue")
    excerpt = new.context_excerpt
    if excerpt is None:
        excerpt = _excerpt(await rows.last_words(session, call.session_id, _EXCERPT_SEGMENTS))
    return msgspec.structs.replace(
        new,
        customer_name=new.customer_name or call.customer_name,
        customer_contact=new.customer_contact or call.customer_phone,
        queue=new.queue or (queue if isinstance(queue, str) else None),
        context_excerpt=excerpt,
    )


def _excerpt(segments: list[TranscriptionSegment]) -> str | None:
    lines = [f"{segment.speaker.capitalize()}: {segment.text}" for segment in segments]
    return "\n".join(lines)[-_EXCERPT_CHARS:] or None


def _identity(new: NewRequest) -> UUID:
    """Chosen so that a repeat outside a call finds the first request by it."""
    key = new.client_key or new.metadata.get("request_id")
    if new.session_id is not None or not isinstance(key, str | int) or not str(key).strip():
        return uuid4()
    named = msgspec.json.encode([new.raised_by, str(key), normalised_question(new.question)])
    return uuid5(NAMESPACE_URL, "help-request\n" + named.decode())


def _values(new: NewRequest, policy: Policy, crm: Json) -> Json:
    facts = facts_of(new.question, new.context_excerpt, new.queue, new.metadata, crm)
    judged = judge(policy, facts)
    same = (
        "question", "channel", "origin", "raised_by", "session_id", "turn", "customer_name", "customer_contact",
        "queue", "context_excerpt",
    )  # fmt: skip
    return {
        **{name: getattr(new, name) for name in same},
        "priority": new.priority or judged.priority.value,
        "tags": list(merged_tags(new.tags, judged.tags)),
        "attributes": new.metadata,
    }


async def _existing(session: Session, new: NewRequest, identity: UUID, key: str) -> HelpRequest:
    found = await rows.by_id(session, identity)
    if found is None and new.session_id is not None:
        found = await rows.by_question(session, new.session_id, key)
    assert found is not None  # requests are never deleted
    return found
