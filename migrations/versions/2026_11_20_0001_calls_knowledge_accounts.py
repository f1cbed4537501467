"""calls, knowledge, accounts

Revision: 20261120_0001, after ; 2026-11-20 15:44:55.716720
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "20261120_0001"
down_revision = None
branch_labels = None
depends_on = None


_DROP_JOBS = """
DO $$ DECLARE thing record; BEGIN
  FOR thing IN SELECT oid\\:\\:regclass AS name FROM pg_class
    WHERE relkind = 'r' AND relname LIKE 'procrastinate%' AND relnamespace = current_schema()\\:\\:regnamespace
  LOOP EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', thing.name); END LOOP;
  FOR thing IN SELECT oid\\:\\:regprocedure AS name FROM pg_proc
    WHERE proname LIKE 'procrastinate%' AND pronamespace = current_schema()\\:\\:regnamespace
  LOOP EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', thing.name); END LOOP;
  FOR thing IN SELECT oid\\:\\:regtype AS name FROM pg_type
    WHERE typname LIKE 'procrastinate%' AND typtype IN ('e', 'c') AND typnamespace = current_schema()\\:\\:regnamespace
  LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', thing.name); END LOOP;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_deployment_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "knowledge_articles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("tags", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("audience", sa.Text(), server_default="everyone", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("status", sa.Text(), server_default="approved", nullable=False),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("status IN ('draft', 'approved', 'archived')", name=op.f("ck_knowledge_articles_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_articles")),
        sa.UniqueConstraint("source", "uri", name=op.f("uq_knowledge_articles_source_uri")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("role IN ('agent', 'supervisor', 'analyst', 'admin')", name=op.f("ck_users_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("uq_users_agent_id", "users", ["agent_id"], unique=True)
    op.create_index("uq_users_email", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "call_sessions",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("agent_name", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("customer_phone", sa.Text(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("acd_metadata", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("crm_metadata", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("started_by_key", sa.Uuid(), nullable=True),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_status", sa.Text(), nullable=True),
        sa.Column("segment_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("event_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("event_floor", sa.Integer(), server_default="0", nullable=False),
        sa.Column("turn_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("analysed_through", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("status IN ('active', 'ended')", name=op.f("ck_call_sessions_status")),
        sa.ForeignKeyConstraint(
            ["started_by_key"],
            ["api_keys.id"],
            name=op.f("fk_call_sessions_started_by_key_api_keys"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_call_sessions")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_sessions_call_id")),
    )
    op.create_index("ix_call_sessions_agent_started", "call_sessions", ["agent_id", "started_at"], unique=False)
    op.create_index("ix_call_sessions_ended", "call_sessions", ["ended_at"], unique=False)
    op.create_index("ix_call_sessions_started", "call_sessions", ["started_at"], unique=False)
    op.create_index(
        "ix_call_sessions_unanalysed",
        "call_sessions",
        ["session_id"],
        unique=False,
        postgresql_where=sa.text("segment_seq > analysed_through"),
    )
    op.create_table(
        "knowledge_article_versions",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_articles.id"],
            name=op.f("fk_knowledge_article_versions_article_id_knowledge_articles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "version", name=op.f("pk_knowledge_article_versions")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_sessions")),
    )
    op.create_index("ix_user_sessions_expires", "user_sessions", ["expires_at"], unique=False)
    op.create_index("ix_user_sessions_user", "user_sessions", ["user_id"], unique=False)
    op.create_table(
        "agent_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("action_type", sa.Text(), nullable=False),
        sa.Column("processing_time_ms", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("timestamp", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_agent_actions_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_actions")),
    )
    op.create_index("ix_agent_actions_session", "agent_actions", ["session_id", "turn"], unique=False)
    op.create_index("ix_agent_actions_timestamp", "agent_actions", ["timestamp"], unique=False)
    op.create_table(
        "call_events",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_call_events_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_call_events")),
    )
    op.create_table(
        "call_turns",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_segment", sa.Integer(), nullable=False),
        sa.Column("last_segment", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("context", postgresql.JSONB(), nullable=True),
        sa.Column("suggestions_count", sa.Integer(), nullable=False),
        sa.Column("questions_count", sa.Integer(), nullable=False),
        sa.Column("processing_time_ms", sa.Double(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_call_turns_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_call_turns")),
    )
    op.create_index("ix_call_turns_last_segment", "call_turns", ["session_id", "last_segment"], unique=False)
    op.create_table(
        "clarifying_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_clarifying_questions_status")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_clarifying_questions_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarifying_questions")),
    )
    op.create_index(
        "ix_clarifying_questions_session", "clarifying_questions", ["session_id", "created_at"], unique=False
    )
    op.create_table(
        "help_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("customer_contact", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("normalised_question", sa.Text(), nullable=False),
        sa.Column("context_excerpt", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), server_default="medium", nullable=False),
        sa.Column("tags", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("priority IN ('low', 'medium', 'high', 'urgent')", name=op.f("ck_help_requests_priority")),
        sa.CheckConstraint(
            "status IN ('pending', 'in_progress', 'escalated', 'resolved', 'unresolved')",
            name=op.f("ck_help_requests_status"),
        ),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["users.id"], name=op.f("fk_help_requests_assigned_to_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_help_requests_session_id_call_sessions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_requests")),
        sa.UniqueConstraint(
            "session_id", "normalised_question", name=op.f("uq_help_requests_session_id_normalised_question")
        ),
    )
    op.create_index("ix_help_requests_status", "help_requests", ["status", "due_at"], unique=False)
    op.create_table(
        "knowledge_passages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_char", sa.Integer(), nullable=False),
        sa.Column("end_char", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.CheckConstraint("state IN ('pending', 'indexed', 'removing')", name=op.f("ck_knowledge_passages_state")),
        sa.ForeignKeyConstraint(
            ["article_id", "version"],
            ["knowledge_article_versions.article_id", "knowledge_article_versions.version"],
            name=op.f("fk_knowledge_passages_article_id_version_knowledge_article_versions"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_passages")),
    )
    op.create_index("ix_knowledge_passages_article", "knowledge_passages", ["article_id", "version"], unique=False)
    op.create_index(
        "ix_knowledge_passages_state",
        "knowledge_passages",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state <> 'indexed'"),
    )
    op.create_table(
        "participants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('agent', 'customer', 'supervisor')", name=op.f("ck_participants_role")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_participants_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
        sa.UniqueConstraint("session_id", "role", "identity", name=op.f("uq_participants_session_id_role_identity")),
    )
    op.create_index("ix_participants_identity", "participants", ["identity", "role"], unique=False)
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("suggestion_type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence_score", sa.Double(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("citations", postgresql.JSONB(), nullable=False),
        sa.Column("passage_ids", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("shown_to_agent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("agent_clicked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("agent_copied", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("dismissed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("agent_feedback", sa.Text(), nullable=True),
        sa.Column("feedback_reason", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "agent_feedback IN ('helpful', 'not_helpful', 'irrelevant')", name=op.f("ck_suggestions_feedback")
        ),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_suggestions_status")),
        sa.CheckConstraint("confidence_score BETWEEN 0 AND 1", name=op.f("ck_suggestions_confidence")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_suggestions_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    op.create_index("ix_suggestions_created", "suggestions", ["created_at"], unique=False)
    op.create_index("ix_suggestions_session_created", "suggestions", ["session_id", "created_at"], unique=False)
    op.create_table(
        "transcription_segments",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_time", sa.Double(), nullable=False),
        sa.Column("end_time", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("speaker IN ('customer', 'agent')", name=op.f("ck_transcription_segments_speaker")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["call_sessions.session_id"],
            name=op.f("fk_transcription_segments_session_id_call_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "segment_id", name=op.f("pk_transcription_segments")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_transcription_segments_session_id_number")),
    )
    op.create_table(
        "websocket_tickets",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("session_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_hash"],
            ["user_sessions.token_hash"],
            name=op.f("fk_websocket_tickets_session_hash_user_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_websocket_tickets")),
    )
    op.create_index("ix_websocket_tickets_expires", "websocket_tickets", ["expires_at"], unique=False)
    op.create_table(
        "suggestion_feedback",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestions.id"],
            name=op.f("fk_suggestion_feedback_suggestion_id_suggestions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_feedback")),
    )
    op.create_index("ix_suggestion_feedback_suggestion", "suggestion_feedback", ["suggestion_id"], unique=False)
    op.execute(sa.text(SchemaManager.get_schema().replace(":", "\\:")))
    deployment = sa.table("deployment", sa.column("id", sa.Integer), sa.column("epoch", sa.Uuid))
    op.bulk_insert(deployment, [{"id": 1, "epoch": uuid4()}])


def downgrade() -> None:
    op.execute(sa.text(_DROP_JOBS))
    op.drop_index("ix_suggestion_feedback_suggestion", table_name="suggestion_feedback")
    op.drop_table("suggestion_feedback")
    op.drop_index("ix_websocket_tickets_expires", table_name="websocket_tickets")
    op.drop_table("websocket_tickets")
    op.drop_table("transcription_segments")
    op.drop_index("ix_suggestions_session_created", table_name="suggestions")
    op.drop_index("ix_suggestions_created", table_name="suggestions")
    op.drop_table("suggestions")
    op.drop_index("ix_participants_identity", table_name="participants")
    op.drop_table("participants")
    op.drop_index(
        "ix_knowledge_passages_state", table_name="knowledge_passages", postgresql_where=sa.text("state <> 'indexed'")
    )
    op.drop_index("ix_knowledge_passages_article", table_name="knowledge_passages")
    op.drop_table("knowledge_passages")
    op.drop_index("ix_help_requests_status", table_name="help_requests")
    op.drop_table("help_requests")
    op.drop_index("ix_clarifying_questions_session", table_name="clarifying_questions")
    op.drop_table("clarifying_questions")
    op.drop_index("ix_call_turns_last_segment", table_name="call_turns")
    op.drop_table("call_turns")
    op.drop_table("call_events")
    op.drop_index("ix_agent_actions_timestamp", table_name="agent_actions")
    op.drop_index("ix_agent_actions_session", table_name="agent_actions")
    op.drop_table("agent_actions")
    op.drop_index("ix_user_sessions_user", table_name="user_sessions")
    op.drop_index("ix_user_sessions_expires", table_name="user_sessions")
    op.drop_table("user_sessions")
    op.drop_table("knowledge_article_versions")
    op.drop_index(
        "ix_call_sessions_unanalysed",
        table_name="call_sessions",
        postgresql_where=sa.text("segment_seq > analysed_through"),
    )
    op.drop_index("ix_call_sessions_ended", table_name="call_sessions")
    op.drop_index("ix_call_sessions_started", table_name="call_sessions")
    op.drop_index("ix_call_sessions_agent_started", table_name="call_sessions")
    op.drop_table("call_sessions")
    op.drop_index("uq_users_email", table_name="users")
    op.drop_index("uq_users_agent_id", table_name="users")
    op.drop_table("users")
    op.drop_table("knowledge_articles")
    op.drop_table("deployment")
    op.drop_table("api_keys")
