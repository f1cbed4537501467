"""The outbox: what people are to be told by which channel, every attempt at it, and what each person wishes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, Json, stamped


class Notification(Base):
    """One message to one address. Its id stays the same over all attempts."""

    __tablename__ = "notifications"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """What it is about and for whom: the same is never enqueued twice."""
    event: Mapped[str]
    """help_request.created, help_request.reminder, customer.follow_up, …"""
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    """For whom; None: a customer, or an address of the installation (a Slack channel, a webhook)."""
    channel: Mapped[str]
    """web, sms, slack, teams, discord, email, webhook or console."""
    address: Mapped[str | None]
    """Telephone number, e-mail address or the name of a configured endpoint; never a URL, which may be a secret."""
    message: Mapped[Json]
    """Channel-neutral content, `integrations.notify.message.Message`."""
    state: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    not_before: Mapped[datetime | None]
    """Quiet hours, a pause between attempts, or the receiver's Retry-After."""
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = stamped()
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    """Web only: the person has seen it."""

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sent', 'dead', 'cancelled')", name="state"),
        Index("ix_notifications_request", "request_id"),
        Index("ix_notifications_user", "user_id", "created_at"),
        Index("ix_notifications_state", "state", "created_at", postgresql_where=text("state <> 'sent'")),
    )


class NotificationAttempt(Base):
    """One try at sending."""

    __tablename__ = "notification_attempts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"))
    at: Mapped[datetime] = stamped()
    outcome: Mapped[str]
    """sent, retry (tried again later) or dead."""
    status_code: Mapped[int | None]
    detail: Mapped[str | None]
    elapsed_ms: Mapped[float]

    __table_args__ = (Index("ix_notification_attempts_notification", "notification_id"),)


class NotificationPreference(Base):
    """What a person wishes to be told, how and when. Without a row: the web only, at any time."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[Json]
    """`assist.notifications.preferences.Preferences`."""
    updated_at: Mapped[datetime] = stamped()
