"""What help requests look like on the wire: the field names that DESIGN and docs/api.md promise."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from assist.db.models import HelpRequest, HelpRequestEvent

Json = dict[str, Any]


class HistoryView(Struct, frozen=True, kw_only=True):
    """One line of a request's history."""

    at: datetime
    actor: str
    actor_name: str
    action: str
    before: Json | None
    after: Json | None
    note: str | None


class HelpRequestView(Struct, frozen=True, kw_only=True):
    """A question to a supervisor."""

    id: UUID
    session_id: UUID | None
    call_id: str | None
    call_active: bool
    """The customer is still on the line."""
    origin: str
    customer_name: str | None
    customer_contact: str | None
    channel: str
    queue: str | None
    question: str
    context_excerpt: str | None
    priority: str
    tags: list[str]
    metadata: Json
    status: str
    """pending, in_progress, resolved or unresolved."""
    escalated: bool
    level: int
    group: str | None
    assigned_to: UUID | None
    assigned_to_name: str | None
    answer: str | None
    topic: str | None
    resolution: str | None
    notes: str | None
    answered_by_name: str | None
    suggestion_id: UUID | None
    learned_article_id: UUID | None
    first_response_due_at: datetime | None
    due_at: datetime | None
    first_response_at: datetime | None
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    history: list[HistoryView] = []
    """Oldest first; empty in lists."""


class HelpRequestPage(Struct, frozen=True, kw_only=True):
    """Part of a list, what breaches first at the top; of ended ones the newest at the top."""

    items: list[HelpRequestView]
    total: int
    next: str | None
    """Cursor of the next part; None at the end."""


class EscalationView(Struct, frozen=True, kw_only=True):
    """A request as the agent's desk shows it: payload of the event `escalation`, and part of a call's snapshot."""

    id: UUID
    question: str
    status: str
    priority: str
    escalated: bool
    assigned_to_name: str | None
    due_at: datetime | None
    created_at: datetime
    resolved_at: datetime | None
    suggestion_id: UUID | None
    origin: str


class Participants(Struct, frozen=True, kw_only=True):
    """What a view takes from other tables."""

    call_id: str | None = None
    call_active: bool = False
    assignee_name: str | None = None


def request_view(row: HelpRequest, around: Participants, history: list[HistoryView] | None = None) -> HelpRequestView:
    """A request from its row."""
    same = (
        "id", "session_id", "origin", "customer_name", "customer_contact", "channel", "queue", "question",
        "context_excerpt", "priority", "tags", "level", "assigned_to", "answer", "topic", "resolution", "notes",
        "answered_by_name", "suggestion_id", "learned_article_id", "first_response_due_at", "due_at",
        "first_response_at", "created_at", "updated_at", "resolved_at",
    )  # fmt: skip
    return HelpRequestView(
        **{name: getattr(row, name) for name in same},
        call_id=around.call_id,
        call_active=around.call_active,
        metadata=row.attributes,
        status=row.status,
        escalated=row.level > 0,
        group=row.group_name,
        assigned_to_name=around.assignee_name,
        history=history or [],
    )


def history_view(row: HelpRequestEvent) -> HistoryView:
    """A line of history from its row."""
    return HistoryView(**{name: getattr(row, name) for name in HistoryView.__struct_fields__})


def escalation_view(row: HelpRequest, assignee_name: str | None) -> EscalationView:
    """A request from its row, for the desk."""
    same = ("id", "question", "status", "priority", "due_at", "created_at", "resolved_at", "suggestion_id", "origin")
    fields = {name: getattr(row, name) for name in same}
    return EscalationView(escalated=row.level > 0, assigned_to_name=assignee_name, **fields)
