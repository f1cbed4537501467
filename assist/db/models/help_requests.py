"""Questions that the knowledge base could not answer, for a supervisor: what is asked, its history and its timers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, Json, stamped


class HelpRequest(Base):
    """One question to a supervisor."""

    __tablename__ = "help_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_sessions.session_id", ondelete="SET NULL"))
    turn: Mapped[int | None]
    """The call's turn that raised it; None: raised by hand."""
    origin: Mapped[str] = mapped_column(server_default="api")
    """Who raised it: pipeline, agent, receptionist or api."""
    raised_by: Mapped[str | None]
    """Actor (user:…, key:…); None: the pipeline."""
    customer_name: Mapped[str | None]
    customer_contact: Mapped[str | None]
    """Telephone number or e-mail address for a follow-up."""
    channel: Mapped[str]
    """How the customer is reached: call, sms, email, chat, web, …"""
    queue: Mapped[str | None]
    question: Mapped[str]
    normalised_question: Mapped[str]
    """Lower case, punctuation folded: the same question in a call makes one request."""
    context_excerpt: Mapped[str | None]
    priority: Mapped[str] = mapped_column(server_default="medium")
    tags: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    attributes: Mapped[Json] = mapped_column(server_default=text("'{}'::jsonb"))
    """`metadata` on the wire."""
    status: Mapped[str] = mapped_column(server_default="pending")
    level: Mapped[int] = mapped_column(server_default="0")
    """How often it was passed on to the next group in the chain; above 0 it is `escalated` on the wire."""
    group_name: Mapped[str | None]
    """The group of the policy whose queue it is in."""
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    answer: Mapped[str | None]
    topic: Mapped[str | None]
    resolution: Mapped[str | None]
    """How it ended: answered, unresolved (a supervisor says so) or timed_out."""
    notes: Mapped[str | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    answered_by_name: Mapped[str | None]
    """As it was then; also of a key."""
    suggestion_id: Mapped[UUID | None]
    """The card that the answer became on the agent's desk."""
    learned_article_id: Mapped[UUID | None] = mapped_column(ForeignKey("knowledge_articles.id", ondelete="SET NULL"))
    first_response_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When it ends unresolved, unless it was answered."""
    first_response_at: Mapped[datetime | None]
    """When a person first took it in hand."""
    created_at: Mapped[datetime] = stamped()
    updated_at: Mapped[datetime] = stamped()
    resolved_at: Mapped[datetime | None]
    """When it was answered or ended unresolved."""

    __table_args__ = (
        UniqueConstraint("session_id", "normalised_question"),
        CheckConstraint("priority IN ('low', 'medium', 'high', 'urgent')", name="priority"),
        CheckConstraint("status IN ('pending', 'in_progress', 'escalated', 'resolved', 'unresolved')", name="status"),
        CheckConstraint("origin IN ('pipeline', 'agent', 'receptionist', 'api')", name="origin"),
        Index("ix_help_requests_status", "status", "due_at"),
        Index("ix_help_requests_created", "created_at"),
        Index("ix_help_requests_updated", "updated_at"),
        Index("ix_help_requests_assigned", "assigned_to", "status"),
    )


class HelpRequestEvent(Base):
    """One line of a request's history: who did what, when, from what to what. Never changed."""

    __tablename__ = "help_request_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    at: Mapped[datetime] = stamped()
    actor: Mapped[str]
    """user:…, key:…, pipeline or timer."""
    actor_name: Mapped[str]
    action: Mapped[str]
    """created, assigned, claimed, handed_back, reassigned, escalated, edited, reminded, answered, unresolved,
    timed_out, delivered, followed_up or learned."""
    before: Mapped[Json | None]
    after: Mapped[Json | None]
    note: Mapped[str | None]

    __table_args__ = (Index("ix_help_request_events_request", "request_id", "id"),)


class HelpRequestTimer(Base):
    """A moment at which something becomes due for a request; fires once, by whoever sees it first."""

    __tablename__ = "help_request_timers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    kind: Mapped[str]
    """reminder, first_response (the next level takes over) or resolution (unresolved)."""
    ordinal: Mapped[int] = mapped_column(server_default="0")
    """Tells timers of one kind apart: the level, or the number of the reminder."""
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("request_id", "kind", "ordinal"),
        CheckConstraint("kind IN ('reminder', 'first_response', 'resolution')", name="kind"),
        Index(
            "ix_help_request_timers_due",
            "due_at",
            postgresql_where=text("fired_at IS NULL AND cancelled_at IS NULL"),
        ),
    )


class FollowUp(Base):
    """An answer on its way to a customer whose call has ended: one a request."""

    __tablename__ = "follow_ups"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"), unique=True)
    channel: Mapped[str]
    """sms, email or callback (somebody has to ring)."""
    address: Mapped[str | None]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="pending")
    """pending (in the outbox), sent, failed; a callback is open until somebody says it is done."""
    notification_id: Mapped[UUID | None] = mapped_column(ForeignKey("notifications.id", ondelete="SET NULL"))
    done_by: Mapped[str | None]
    created_at: Mapped[datetime] = stamped()
    done_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("channel IN ('sms', 'email', 'callback')", name="channel"),
        CheckConstraint("state IN ('pending', 'sent', 'failed', 'open', 'done')", name="state"),
        Index("ix_follow_ups_state", "state", "created_at"),
    )
