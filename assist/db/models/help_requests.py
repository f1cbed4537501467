"""Questions that the knowledge base could not answer, for a supervisor."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, Json, stamped


class HelpRequest(Base):
    """One question to a supervisor."""

    __tablename__ = "help_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_sessions.session_id", ondelete="SET NULL"))
    customer_name: Mapped[str | None]
    customer_contact: Mapped[str | None]
    channel: Mapped[str]
    question: Mapped[str]
    normalised_question: Mapped[str]
    """Lower case, punctuation folded: the same question in a call makes one request."""
    context_excerpt: Mapped[str | None]
    priority: Mapped[str] = mapped_column(server_default="medium")
    tags: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    attributes: Mapped[Json] = mapped_column(server_default=text("'{}'::jsonb"))
    status: Mapped[str] = mapped_column(server_default="pending")
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    answer: Mapped[str | None]
    notes: Mapped[str | None]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = stamped()
    updated_at: Mapped[datetime] = stamped()
    resolved_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("session_id", "normalised_question"),
        CheckConstraint("priority IN ('low', 'medium', 'high', 'urgent')", name="priority"),
        CheckConstraint("status IN ('pending', 'in_progress', 'escalated', 'resolved', 'unresolved')", name="status"),
        Index("ix_help_requests_status", "status", "due_at"),
    )
