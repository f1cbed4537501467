"""People, their browser sessions, and the keys of machines. Secrets are stored as digests only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, stamped


class User(Base):
    """A person who signs in."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    agent_id: Mapped[str | None]
    """The person's id in the telephone system, lower case, where it is not the e-mail address."""
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = stamped()

    __table_args__ = (
        CheckConstraint("role IN ('agent', 'supervisor', 'analyst', 'admin')", name="role"),
        Index("uq_users_email", func.lower(text("email")), unique=True),
        Index("uq_users_agent_id", "agent_id", unique=True),
    )


class UserSession(Base):
    """A signed-in browser. Deleting the row signs it out."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = stamped()
    expires_at: Mapped[datetime]

    __table_args__ = (Index("ix_user_sessions_user", "user_id"), Index("ix_user_sessions_expires", "expires_at"))


class WebSocketTicket(Base):
    """Single-use proof for one socket. Redeeming deletes it."""

    __tablename__ = "websocket_tickets"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    session_hash: Mapped[str] = mapped_column(ForeignKey("user_sessions.token_hash", ondelete="CASCADE"))
    expires_at: Mapped[datetime]

    __table_args__ = (Index("ix_websocket_tickets_expires", "expires_at"),)


class ApiKey(Base):
    """A machine's key. Shown once when made."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str]
    """First characters, to tell keys apart in lists."""
    key_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = stamped()
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
