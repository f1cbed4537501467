"""Live calls: the session with its lease and counters, who is on it, what was said, and the event log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, Json, stamped


class Deployment(Base):
    """One row: the identity of this event log. The epoch changes when its history did (a restore)."""

    __tablename__ = "deployment"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[UUID]

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class CallSession(Base):
    """One call. Its counters are only moved by `UPDATE … RETURNING` in the transaction that uses the number."""

    __tablename__ = "call_sessions"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(unique=True)
    """The telephone system's own id."""
    status: Mapped[str] = mapped_column(server_default="active")
    agent_id: Mapped[str | None]
    agent_name: Mapped[str | None]
    customer_id: Mapped[str | None]
    customer_phone: Mapped[str | None]
    customer_name: Mapped[str | None]
    acd_metadata: Mapped[Json] = mapped_column(server_default=text("'{}'::jsonb"))
    crm_metadata: Mapped[Json] = mapped_column(server_default=text("'{}'::jsonb"))
    dismissed_subjects: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    """Names that the agent has taken off the desk."""
    started_by_key: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"))
    """The API key that started it; that key may follow its stream."""
    started_at: Mapped[datetime] = stamped()
    ended_at: Mapped[datetime | None]
    end_status: Mapped[str | None]
    """The disposition given when the call was ended."""
    segment_seq: Mapped[int] = mapped_column(server_default="0")
    """Number of the last stored segment."""
    event_seq: Mapped[int] = mapped_column(server_default="0")
    """Number of the last stored event."""
    event_floor: Mapped[int] = mapped_column(server_default="0")
    """Events up to this number are no longer kept; 0 while all are."""
    turn_seq: Mapped[int] = mapped_column(server_default="0")
    analysed_through: Mapped[int] = mapped_column(server_default="0")
    """Watermark: segments up to this number have been analysed."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    """How often the turn after the watermark was started without an end; too often, and it is given up."""
    owner: Mapped[str | None]
    """Process that holds the lease."""
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    """Grows with every claim; results of an older fence are discarded."""

    __table_args__ = (
        CheckConstraint("status IN ('active', 'ended')", name="status"),
        Index("ix_call_sessions_agent_started", "agent_id", "started_at"),
        Index("ix_call_sessions_started", "started_at"),
        Index("ix_call_sessions_ended", "ended_at"),
        Index(
            "ix_call_sessions_unanalysed",
            "session_id",
            postgresql_where=text("segment_seq > analysed_through"),
        ),
    )


class Participant(Base):
    """A person on a call. An agent sees the calls they are a participant of."""

    __tablename__ = "participants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("call_sessions.session_id", ondelete="CASCADE"))
    role: Mapped[str]
    identity: Mapped[str]
    """The agent's or customer's id in the system that sent the call; lower case for agents."""
    name: Mapped[str | None]
    phone: Mapped[str | None]
    joined_at: Mapped[datetime] = stamped()
    left_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("role IN ('agent', 'customer', 'supervisor')", name="role"),
        UniqueConstraint("session_id", "role", "identity"),
        Index("ix_participants_identity", "identity", "role"),
    )


class TranscriptionSegment(Base):
    """A final piece of transcript. Never changed once stored."""

    __tablename__ = "transcription_segments"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("call_sessions.session_id", ondelete="CASCADE"), primary_key=True
    )
    segment_id: Mapped[str] = mapped_column(primary_key=True)
    """The provider's id, or a digest of speaker, times and text."""
    number: Mapped[int]
    """Order of arrival within the call, from 1, without gaps."""
    speaker: Mapped[str]
    text: Mapped[str]
    start_time: Mapped[float]
    """Seconds from the start of the call."""
    end_time: Mapped[float]
    confidence: Mapped[float | None]
    language: Mapped[str | None]
    received_at: Mapped[datetime] = stamped()

    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        CheckConstraint("speaker IN ('customer', 'agent')", name="speaker"),
    )


class CallEvent(Base):
    """One numbered event of a call: the log that screens follow. Number order is commit order."""

    __tablename__ = "call_events"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("call_sessions.session_id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    payload: Mapped[Json]
    created_at: Mapped[datetime] = stamped()


class CallTurn(Base):
    """One analysed turn: which segments it covered and what came of it."""

    __tablename__ = "call_turns"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("call_sessions.session_id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    first_segment: Mapped[int]
    last_segment: Mapped[int]
    outcome: Mapped[str]
    """silent, answered, clarify, no_answer or failed."""
    query: Mapped[str | None]
    context: Mapped[Json | None]
    suggestions_count: Mapped[int]
    questions_count: Mapped[int]
    processing_time_ms: Mapped[float]
    created_at: Mapped[datetime] = stamped()

    __table_args__ = (Index("ix_call_turns_last_segment", "session_id", "last_segment"),)
