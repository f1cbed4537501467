"""The truth about knowledge: articles, their versions, and the passages that the index is derived from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, Json, stamped


class KnowledgeArticle(Base):
    """One article, whatever its version."""

    __tablename__ = "knowledge_articles"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    """Where it was read from: the path given to `assist ingest`, or "supervisor"."""
    uri: Mapped[str]
    """Unique within the source: relative path, with "#n" for a row of a table."""
    title: Mapped[str]
    url: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(server_default=sql("'[]'::jsonb"))
    audience: Mapped[str] = mapped_column(server_default="everyone")
    language: Mapped[str] = mapped_column(server_default="en")
    status: Mapped[str] = mapped_column(server_default="approved")
    current_version: Mapped[int]
    attributes: Mapped[Json] = mapped_column(server_default=sql("'{}'::jsonb"))
    """Further metadata of the source (product, plan, …)."""
    subjects: Mapped[list[Json]] = mapped_column(server_default=sql("'[]'::jsonb"))
    """What it is about: objects of `kind` (a metadata field) and `name`."""
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    """The first moment at which it no longer holds."""
    review_by: Mapped[datetime | None]
    """When somebody should read it again."""
    created_at: Mapped[datetime] = stamped()
    updated_at: Mapped[datetime] = stamped()

    __table_args__ = (
        UniqueConstraint("source", "uri"),
        CheckConstraint("status IN ('draft', 'approved', 'archived')", name="status"),
    )


class KnowledgeArticleVersion(Base):
    """The text as it was at one time; citations point into `body`. Never changed once stored."""

    __tablename__ = "knowledge_article_versions"

    article_id: Mapped[UUID] = mapped_column(ForeignKey("knowledge_articles.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    content_hash: Mapped[str]
    """Of title, body and metadata: equal hash, nothing to do."""
    author: Mapped[str | None]
    change_note: Mapped[str | None]
    """Why it was changed, for the list of versions."""
    provenance: Mapped[Json | None]
    """Of a learned answer: request_id, session_id, supervisor_id, draft_id."""
    source_updated_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = stamped()


class KnowledgePassage(Base):
    """A passage of an article's current version, and whether the index has it."""

    __tablename__ = "knowledge_passages"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """UUIDv5 of article, version and place: the same in SQL and in the index."""
    article_id: Mapped[UUID]
    version: Mapped[int]
    ordinal: Mapped[int]
    heading: Mapped[str | None]
    text: Mapped[str]
    start_char: Mapped[int]
    end_char: Mapped[int]
    page: Mapped[int | None]
    """Of the printed original, from 1."""
    state: Mapped[str] = mapped_column(server_default="pending")
    """pending (to be embedded), indexed, or removing (to leave the index, then deleted here)."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "version"],
            ["knowledge_article_versions.article_id", "knowledge_article_versions.version"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("state IN ('pending', 'indexed', 'removing')", name="state"),
        Index("ix_knowledge_passages_article", "article_id", "version"),
        Index("ix_knowledge_passages_state", "state", postgresql_where=sql("state <> 'indexed'")),
    )


class KnowledgeDraft(Base):
    """A supervisor's answer on its way to becoming knowledge."""

    __tablename__ = "knowledge_drafts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("help_requests.id", ondelete="SET NULL"), unique=True)
    session_id: Mapped[UUID | None]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str]
    title: Mapped[str]
    """The question, in words that stand alone."""
    body: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(server_default=sql("'[]'::jsonb"))
    audience: Mapped[str] = mapped_column(server_default="everyone")
    language: Mapped[str] = mapped_column(server_default="en")
    valid_until: Mapped[datetime | None]
    review_by: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default="open")
    decision: Mapped[str | None]
    """new, merge, replace or one_off."""
    article_id: Mapped[UUID | None] = mapped_column(ForeignKey("knowledge_articles.id", ondelete="SET NULL"))
    """The article that it became or went into."""
    article_version: Mapped[int | None]
    decided_by_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = stamped()
    updated_at: Mapped[datetime] = stamped()

    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'discarded')", name="state"),
        CheckConstraint("decision IN ('new', 'merge', 'replace', 'one_off')", name="decision"),
        Index("ix_knowledge_drafts_state", "state", "created_at"),
        Index("ix_knowledge_drafts_updated", "updated_at"),
    )
