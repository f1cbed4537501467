"""voice: rooms, gaps, LiveKit's events, call-backs

Revision: 20261130_0004, after 20261120_0003; 2026-11-30 15:10:00
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0004"
down_revision = "20261120_0003"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_timestamp()")
_DUE = sa.text("state IN ('waiting', 'ringing', 'talking')")


def upgrade() -> None:
    op.create_table(
        "voice_rooms",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="listen", nullable=False),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("transcription", sa.Text(), server_default="ok", nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("dispatches", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_dispatch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("empty_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'listening', 'lost')", name=op.f("ck_voice_rooms_state")),
        sa.CheckConstraint(
            "transcription IN ('ok', 'degraded', 'unavailable')", name=op.f("ck_voice_rooms_transcription")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_voice_rooms_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_voice_rooms")),
    )
    op.create_index("ix_voice_rooms_room", "voice_rooms", ["room"], unique=False)
    op.create_table(
        "transcript_gaps",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("start_time", sa.Float(), nullable=False),
        sa.Column("end_time", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("speaker IN ('customer', 'agent')", name=op.f("ck_transcript_gaps_speaker")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_transcript_gaps_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "id", name=op.f("pk_transcript_gaps")),
    )
    op.create_table(
        "livekit_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_livekit_events")),
    )
    op.create_index("ix_livekit_events_received", "livekit_events", ["received_at"], unique=False)
    op.create_table(
        "call_backs",
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("last_status", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'ringing', 'talking', 'told', 'given_up')", name=op.f("ck_call_backs_state")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_ups.id"], name=op.f("fk_call_backs_follow_up_id_follow_ups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_call_backs_session_id_call_sessions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("follow_up_id", name=op.f("pk_call_backs")),
    )
    op.create_index("ix_call_backs_due", "call_backs", ["next_attempt_at"], unique=False, postgresql_where=_DUE)


def downgrade() -> None:
    op.drop_table("call_backs")
    op.drop_table("livekit_events")
    op.drop_table("transcript_gaps")
    op.drop_table("voice_rooms")
