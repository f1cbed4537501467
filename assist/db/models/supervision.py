"""Supervisors: who is in which group and there now, the policy by which questions reach them, and what they did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, Json, stamped


class SupervisorProfile(Base):
    """What routing knows of a supervisor. Without a row: in the first group, no skills, available."""

    __tablename__ = "supervisor_profiles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    groups: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    skills: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    capacity: Mapped[float] = mapped_column(server_default="5")
    """Weighted load that is too much for one person."""
    availability: Mapped[str] = mapped_column(server_default="available")
    availability_changed_at: Mapped[datetime] = stamped()

    __table_args__ = (CheckConstraint("availability IN ('available', 'away')", name="availability"),)


class EscalationPolicy(Base):
    """One row: the rules of escalation as `assist.escalation.policy.Policy`. Without it the defaults hold."""

    __tablename__ = "escalation_policy"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[Json]
    version: Mapped[int]
    """Counts the changes, so that of two people who edit at once the second is told."""
    updated_at: Mapped[datetime] = stamped()

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class AuditEntry(Base):
    """Something that a supervisor or administrator did. A trigger refuses changes and deletions."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = stamped()
    actor: Mapped[str]
    actor_name: Mapped[str]
    action: Mapped[str]
    """Subject and verb: help_request.answered, article.approved, policy.changed, …"""
    target_type: Mapped[str]
    target_id: Mapped[str]
    before: Mapped[Json | None]
    after: Mapped[Json | None]

    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_target", "target_type", "target_id"),
    )
