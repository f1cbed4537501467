"""subjects and validity of articles, pages of passages, refined suggestions, calls of language models

Revision: 20261120_0002, after 20261120_0001; 2026-11-20 18:50:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261120_0002"
down_revision = "20261120_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call_sessions", _json_list("dismissed_subjects"))
    op.add_column("knowledge_articles", _json_list("subjects"))
    op.add_column("knowledge_articles", sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("knowledge_articles", sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("knowledge_passages", sa.Column("page", sa.Integer(), nullable=True))
    op.add_column(
        "suggestions", sa.Column("answered_by", sa.Text(), server_default=sa.text("'extractive'"), nullable=False)
    )
    op.add_column("suggestions", sa.Column("refined_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "model_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column("elapsed_ms", sa.Float(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_model_calls_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_calls")),
    )
    op.create_index("ix_model_calls_session", "model_calls", ["session_id"])
    op.create_index("ix_model_calls_created", "model_calls", ["created_at"])


def downgrade() -> None:
    op.drop_table("model_calls")
    op.drop_column("suggestions", "refined_at")
    op.drop_column("suggestions", "answered_by")
    op.drop_column("knowledge_passages", "page")
    op.drop_column("knowledge_articles", "valid_until")
    op.drop_column("knowledge_articles", "valid_from")
    op.drop_column("knowledge_articles", "subjects")
    op.drop_column("call_sessions", "dismissed_subjects")


def _json_list(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
