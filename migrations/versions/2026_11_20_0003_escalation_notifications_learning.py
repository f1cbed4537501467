"""escalation, notifications, learning

Revision: 20261120_0003, after 20261120_0002; 2026-11-20 22:06:19.139584
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261120_0003"
down_revision = "20261120_0002"
branch_labels = None
depends_on = None


_APPEND_ONLY = """
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'The audit log takes new entries only.'; END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_index("ix_audit_log_target", "audit_log", ["target_type", "target_id"], unique=False)
    op.create_table(
        "escalation_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_escalation_policy_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_policy")),
    )
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notification_preferences_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_preferences")),
    )
    op.create_table(
        "supervisor_profiles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("groups", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("skills", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("capacity", sa.Double(), server_default="5", nullable=False),
        sa.Column("availability", sa.Text(), server_default="available", nullable=False),
        sa.Column(
            "availability_changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("availability IN ('available', 'away')", name=op.f("ck_supervisor_profiles_availability")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_supervisor_profiles_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_supervisor_profiles")),
    )
    op.create_table(
        "help_request_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_request_events_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request_events")),
    )
    op.create_index("ix_help_request_events_request", "help_request_events", ["request_id", "id"], unique=False)
    op.create_table(
        "help_request_timers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('reminder', 'first_response', 'resolution')", name=op.f("ck_help_request_timers_kind")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_request_timers_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request_timers")),
        sa.UniqueConstraint(
            "request_id", "kind", "ordinal", name=op.f("uq_help_request_timers_request_id_kind_ordinal")
        ),
    )
    op.create_index(
        "ix_help_request_timers_due",
        "help_request_timers",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "knowledge_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("audience", sa.Text(), server_default="everyone", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("article_id", sa.Uuid(), nullable=True),
        sa.Column("article_version", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "decision IN ('new', 'merge', 'replace', 'one_off')", name=op.f("ck_knowledge_drafts_decision")
        ),
        sa.CheckConstraint("state IN ('open', 'approved', 'discarded')", name=op.f("ck_knowledge_drafts_state")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["knowledge_articles.id"],
            name=op.f("fk_knowledge_drafts_article_id_knowledge_articles"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_knowledge_drafts_author_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_knowledge_drafts_request_id_help_requests"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_drafts")),
        sa.UniqueConstraint("request_id", name=op.f("uq_knowledge_drafts_request_id")),
    )
    op.create_index("ix_knowledge_drafts_state", "knowledge_drafts", ["state", "created_at"], unique=False)
    op.create_index("ix_knowledge_drafts_updated", "knowledge_drafts", ["updated_at"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("message", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'sent', 'dead', 'cancelled')", name=op.f("ck_notifications_state")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_notifications_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notifications_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("key", name=op.f("uq_notifications_key")),
    )
    op.create_index("ix_notifications_request", "notifications", ["request_id"], unique=False)
    op.create_index(
        "ix_notifications_state",
        "notifications",
        ["state", "created_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'sent'"),
    )
    op.create_index("ix_notifications_user", "notifications", ["user_id", "created_at"], unique=False)
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('sms', 'email', 'callback')", name=op.f("ck_follow_ups_channel")),
        sa.CheckConstraint("state IN ('pending', 'sent', 'failed', 'open', 'done')", name=op.f("ck_follow_ups_state")),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_follow_ups_notification_id_notifications"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_follow_ups_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint("request_id", name=op.f("uq_follow_ups_request_id")),
    )
    op.create_index("ix_follow_ups_state", "follow_ups", ["state", "created_at"], unique=False)
    op.create_table(
        "notification_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("elapsed_ms", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_attempts_notification_id_notifications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_attempts")),
    )
    op.create_index("ix_notification_attempts_notification", "notification_attempts", ["notification_id"], unique=False)
    op.add_column("help_requests", sa.Column("turn", sa.Integer(), nullable=True))
    op.add_column("help_requests", sa.Column("origin", sa.Text(), server_default="api", nullable=False))
    op.add_column("help_requests", sa.Column("raised_by", sa.Text(), nullable=True))
    op.add_column("help_requests", sa.Column("queue", sa.Text(), nullable=True))
    op.add_column("help_requests", sa.Column("level", sa.Integer(), server_default="0", nullable=False))
    op.add_column("help_requests", sa.Column("group_name", sa.Text(), nullable=True))
    op.add_column("help_requests", sa.Column("topic", sa.Text(), nullable=True))
    op.add_column("help_requests", sa.Column("resolution", sa.Text(), nullable=True))
    op.add_column("help_requests", sa.Column("answered_by", sa.Uuid(), nullable=True))
    op.add_column("help_requests", sa.Column("answered_by_name", sa.Text(), nullable=True))
    op.add_column("help_requests", sa.Column("suggestion_id", sa.Uuid(), nullable=True))
    op.add_column("help_requests", sa.Column("learned_article_id", sa.Uuid(), nullable=True))
    op.add_column("help_requests", sa.Column("first_response_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("help_requests", sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_help_requests_assigned", "help_requests", ["assigned_to", "status"], unique=False)
    op.create_index("ix_help_requests_created", "help_requests", ["created_at"], unique=False)
    op.create_index("ix_help_requests_updated", "help_requests", ["updated_at"], unique=False)
    op.create_foreign_key(
        op.f("fk_help_requests_learned_article_id_knowledge_articles"),
        "help_requests",
        "knowledge_articles",
        ["learned_article_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_help_requests_answered_by_users"),
        "help_requests",
        "users",
        ["answered_by"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("knowledge_article_versions", sa.Column("change_note", sa.Text(), nullable=True))
    op.add_column("knowledge_article_versions", sa.Column("provenance", postgresql.JSONB(), nullable=True))
    op.add_column("knowledge_articles", sa.Column("review_by", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_help_requests_origin"), "help_requests", "origin IN ('pipeline', 'agent', 'receptionist', 'api')"
    )
    op.execute(_APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_help_requests_origin"), "help_requests", type_="check")
    op.drop_column("knowledge_articles", "review_by")
    op.drop_column("knowledge_article_versions", "provenance")
    op.drop_column("knowledge_article_versions", "change_note")
    op.drop_constraint(op.f("fk_help_requests_answered_by_users"), "help_requests", type_="foreignkey")
    op.drop_constraint(
        op.f("fk_help_requests_learned_article_id_knowledge_articles"), "help_requests", type_="foreignkey"
    )
    op.drop_index("ix_help_requests_updated", table_name="help_requests")
    op.drop_index("ix_help_requests_created", table_name="help_requests")
    op.drop_index("ix_help_requests_assigned", table_name="help_requests")
    op.drop_column("help_requests", "first_response_at")
    op.drop_column("help_requests", "first_response_due_at")
    op.drop_column("help_requests", "learned_article_id")
    op.drop_column("help_requests", "suggestion_id")
    op.drop_column("help_requests", "answered_by_name")
    op.drop_column("help_requests", "answered_by")
    op.drop_column("help_requests", "resolution")
    op.drop_column("help_requests", "topic")
    op.drop_column("help_requests", "group_name")
    op.drop_column("help_requests", "level")
    op.drop_column("help_requests", "queue")
    op.drop_column("help_requests", "raised_by")
    op.drop_column("help_requests", "origin")
    op.drop_column("help_requests", "turn")
    op.drop_index("ix_notification_attempts_notification", table_name="notification_attempts")
    op.drop_table("notification_attempts")
    op.drop_index("ix_follow_ups_state", table_name="follow_ups")
    op.drop_table("follow_ups")
    op.drop_index("ix_notifications_user", table_name="notifications")
    op.drop_index("ix_notifications_state", table_name="notifications", postgresql_where=sa.text("state <> 'sent'"))
    op.drop_index("ix_notifications_request", table_name="notifications")
    op.drop_table("notifications")
    op.drop_index("ix_knowledge_drafts_updated", table_name="knowledge_drafts")
    op.drop_index("ix_knowledge_drafts_state", table_name="knowledge_drafts")
    op.drop_table("knowledge_drafts")
    op.drop_index(
        "ix_help_request_timers_due",
        table_name="help_request_timers",
        postgresql_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL"),
    )
    op.drop_table("help_request_timers")
    op.drop_index("ix_help_request_events_request", table_name="help_request_events")
    op.drop_table("help_request_events")
    op.drop_table("supervisor_profiles")
    op.drop_table("notification_preferences")
    op.drop_table("escalation_policy")
    op.drop_index("ix_audit_log_target", table_name="audit_log")
    op.drop_index("ix_audit_log_at", table_name="audit_log")
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION audit_log_is_append_only()")
