"""What is said on an occasion, before any channel has given it its form."""

from datetime import UTC, datetime
from uuid import UUID

from assist.db.models import HelpRequest
from assist.db.models.base import Json
from integrations.notify.message import Message

CALLS_FOR_ACTION = (
    "help_request.created",
    "help_request.assigned",
    "help_request.reminder",
    "help_request.escalated",
    "help_request.unattended",
)
"""Pointless once the request has ended."""
ENDS = ("help_request.answered", "help_request.unresolved")
TOLD_TO_ROOMS = (
    "help_request.created",
    "help_request.reminder",
    "help_request.escalated",
    "help_request.unattended",
    "help_request.unresolved",
)
"""What several people read in one place; the rest concerns single persons."""
DEAD = "notification.dead"
TEST = "notification.test"

_URGENT = "urgent"
_TITLES = {
    "help_request.created": "Question from {who}",
    "help_request.assigned": "Assigned to you: question from {who}",
    "help_request.reminder": "Still waiting: question from {who}",
    "help_request.escalated": "Passed on to you: question from {who}",
    "help_request.unattended": "Nobody is there for it: question from {who}",
    "help_request.answered": "Answered: question from {who}",
    "help_request.unresolved": "Unresolved: question from {who}",
}


def console_path(request_id: UUID) -> str:
    """The request on the supervisors' console."""
    return f"/supervisor#{request_id}"


def request_message(event: str, request: HelpRequest, public_url: str | None) -> Message:
    """About a request."""
    who = request.customer_name or "a customer"
    urgent = request.priority == _URGENT
    title = _TITLES.get(event, "Question from {who}").replace("{who}", who)
    return Message(
        event=event,
        title=f"Urgent. {title}" if urgent else title,
        body=_body(event, request),
        facts=_facts(request),
        url=f"{public_url}{console_path(request.id)}" if public_url else None,
        urgent=urgent,
        request_id=request.id,
        data={"request": _data(request)},
    )


def dead_message(channel: str, event: str, detail: str, request_id: UUID | None, public_url: str | None) -> Message:
    """Something could not be delivered, and will not be tried again by itself."""
    path = console_path(request_id) if request_id is not None else "/supervisor"
    return Message(
        event=DEAD,
        title=f"A message by {channel} could not be delivered",
        body=f"{detail} It can be sent again from the delivery history.",
        facts=(("Channel", channel), ("About", event)),
        url=f"{public_url}{path}" if public_url else None,
        request_id=request_id,
    )


def test_message(public_url: str | None) -> Message:
    """Shows that a channel works."""
    return Message(
        event=TEST,
        title="Test message from Assist",
        body="If you can read this, the channel works.",
        url=f"{public_url}/supervisor" if public_url else None,
    )


def _body(event: str, request: HelpRequest) -> str:
    parts = [request.question]
    if event in ENDS and request.answer:
        parts.append(f"Answer: {request.answer}")
    elif request.context_excerpt:
        parts.append(request.context_excerpt)
    return "\n\n".join(parts)


def _facts(request: HelpRequest) -> tuple[tuple[str, str], ...]:
    found = (
        ("Priority", request.priority),
        ("Customer", request.customer_name),
        ("Queue", request.queue),
        ("Group", request.group_name),
        ("Tags", ", ".join(request.tags or ())),
        ("Due", _moment(request.due_at)),
        ("Answered by", request.answered_by_name),
    )
    return tuple((label, value) for label, value in found if value)


def _moment(value: datetime | None) -> str | None:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if value is not None else None


def _data(request: HelpRequest) -> Json:
    """For programs: names as in the API."""
    same = (
        "id", "session_id", "question", "context_excerpt", "customer_name", "customer_contact", "channel", "queue",
        "priority", "tags", "status", "level", "assigned_to", "answer", "resolution", "answered_by_name", "due_at",
        "created_at",
    )  # fmt: skip
    return {**{name: getattr(request, name) for name in same}, "group": request.group_name}
