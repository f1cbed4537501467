"""Spoken calls: the room of each and the job that hears it, what nobody heard, LiveKit's messages, call-backs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, stamped

_SESSION = "call_sessions.session_id"


class VoiceRoom(Base):
    """The LiveKit room of a call, and how well it is heard."""

    __tablename__ = "voice_rooms"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(_SESSION, ondelete="CASCADE"), primary_key=True)
    room: Mapped[str]
    agent_name: Mapped[str]
    """Whose job must be there: assist (listens) or receptionist (speaks)."""
    purpose: Mapped[str] = mapped_column(server_default="listen")
    """listen, answer or callback: what a job is told when it is sent."""
    job_id: Mapped[str | None]
    """The job that reported last; None: none has yet."""
    state: Mapped[str] = mapped_column(server_default="waiting")
    """waiting (for the first job), listening or lost."""
    transcription: Mapped[str] = mapped_column(server_default="ok")
    detail: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    settled_s: Mapped[float] = mapped_column(server_default="0")
    """Second of the call up to which all that was said is on its way here."""
    dispatches: Mapped[int] = mapped_column(server_default="0")
    """Jobs asked for since one was last there."""
    next_dispatch_at: Mapped[datetime | None]
    """Not before; None: no job is missing."""
    empty_at: Mapped[datetime | None]
    """Since when nobody is in the room, as LiveKit says; None: somebody is, or was never looked at."""
    created_at: Mapped[datetime] = stamped()

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'listening', 'lost')", name="state"),
        CheckConstraint("transcription IN ('ok', 'degraded', 'unavailable')", name="transcription"),
        Index("ix_voice_rooms_room", "room"),
    )


class TranscriptGap(Base):
    """A stretch of a call that was not transcribed."""

    __tablename__ = "transcript_gaps"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(_SESSION, ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    """The reporter's name for it: a repeat changes nothing."""
    speaker: Mapped[str | None]
    """None: nobody was heard."""
    start_time: Mapped[float]
    end_time: Mapped[float]
    reason: Mapped[str]

    __table_args__ = (CheckConstraint("speaker IN ('customer', 'agent')", name="speaker"),)


class LiveKitEvent(Base):
    """A webhook of LiveKit's that was taken; kept for as long as it may be sent again."""

    __tablename__ = "livekit_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    room: Mapped[str | None]
    received_at: Mapped[datetime] = stamped()

    __table_args__ = (Index("ix_livekit_events_received", "received_at"),)


class CallBack(Base):
    """A follow-up that the receptionist tells by telephone."""

    __tablename__ = "call_backs"

    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("follow_ups.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey(_SESSION, ondelete="SET NULL"))
    """Of the last attempt's call."""
    state: Mapped[str] = mapped_column(server_default="waiting")
    """waiting (for next_attempt_at), ringing, talking, told or given_up (somebody has to ring)."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime] = stamped()
    last_status: Mapped[str | None]
    """Why the last attempt came to nothing: a SIP status, or a word."""
    updated_at: Mapped[datetime] = stamped()

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ringing', 'talking', 'told', 'given_up')", name="state"),
        Index(
            "ix_call_backs_due", "next_attempt_at", postgresql_where=text("state IN ('waiting', 'ringing', 'talking')")
        ),
    )
