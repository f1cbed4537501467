"""What was suggested, what the agent made of it, and how long each stage took."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from assist.db.models.base import Base, Json, stamped

_SESSION = "call_sessions.session_id"


class AgentAction(Base):
    """One stage of the pipeline in one turn, for latency and confidence analysis."""

    __tablename__ = "agent_actions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(_SESSION, ondelete="CASCADE"))
    turn: Mapped[int | None]
    """None for a question that the agent asked by hand."""
    agent_name: Mapped[str]
    """context_analyzer, query_formulation, retrieval, answer or clarification."""
    action_type: Mapped[str]
    processing_time_ms: Mapped[float]
    confidence: Mapped[float | None]
    timestamp: Mapped[datetime] = stamped()

    __table_args__ = (
        Index("ix_agent_actions_session", "session_id", "turn"),
        Index("ix_agent_actions_timestamp", "timestamp"),
    )


class Suggestion(Base):
    """One card on the agent's desk, with the latest state of what the agent did with it."""

    __tablename__ = "suggestions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(_SESSION, ondelete="CASCADE"))
    turn: Mapped[int | None]
    suggestion_type: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    confidence_score: Mapped[float]
    query: Mapped[str]
    citations: Mapped[list[Json]]
    passage_ids: Mapped[list[str]]
    answered_by: Mapped[str] = mapped_column(server_default="extractive")
    """"extractive" (quoted sentences) or the name of the model that wrote the text."""
    refined_at: Mapped[datetime | None]
    """When a model's text took the place of the quoted one."""
    status: Mapped[str] = mapped_column(server_default="active")
    withdrawn_reason: Mapped[str | None]
    shown_to_agent: Mapped[bool] = mapped_column(server_default=false())
    agent_clicked: Mapped[bool] = mapped_column(server_default=false())
    agent_copied: Mapped[bool] = mapped_column(server_default=false())
    dismissed: Mapped[bool] = mapped_column(server_default=false())
    agent_feedback: Mapped[str | None]
    feedback_reason: Mapped[str | None]
    created_at: Mapped[datetime] = stamped()

    __table_args__ = (
        CheckConstraint("status IN ('active', 'withdrawn')", name="status"),
        CheckConstraint("agent_feedback IN ('helpful', 'not_helpful', 'irrelevant')", name="feedback"),
        CheckConstraint("confidence_score BETWEEN 0 AND 1", name="confidence"),
        Index("ix_suggestions_session_created", "session_id", "created_at"),
        Index("ix_suggestions_created", "created_at"),
    )


class ClarifyingQuestion(Base):
    """A question that the agent may ask the customer."""

    __tablename__ = "clarifying_questions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(_SESSION, ondelete="CASCADE"))
    turn: Mapped[int | None]
    text: Mapped[str]
    purpose: Mapped[str]
    priority: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime] = stamped()

    __table_args__ = (
        CheckConstraint("status IN ('active', 'withdrawn')", name="status"),
        Index("ix_clarifying_questions_session", "session_id", "created_at"),
    )


class SuggestionFeedback(Base):
    """Append-only: everything anybody did with a suggestion."""

    __tablename__ = "suggestion_feedback"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    suggestion_id: Mapped[UUID] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    actor: Mapped[str]
    """"user:UUID" or "key:UUID"."""
    action: Mapped[str]
    """feedback, shown, clicked, copied or dismissed."""
    feedback: Mapped[str | None]
    reason: Mapped[str | None]
    created_at: Mapped[datetime] = stamped()

    __table_args__ = (Index("ix_suggestion_feedback_suggestion", "suggestion_id"),)


class ModelCall(Base):
    """One request to a language model: what it cost and how it ended. Never what was said."""

    __tablename__ = "model_calls"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey(_SESSION, ondelete="CASCADE"))
    turn: Mapped[int | None]
    role: Mapped[str]
    """rewrite, answer or summarise."""
    model: Mapped[str]
    outcome: Mapped[str]
    """done, cut_short, refused, timed_out, over_budget, failed or not_tried (circuit open)."""
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cost_usd: Mapped[float | None]
    """By the configured prices; None when the model has none."""
    elapsed_ms: Mapped[float]
    created_at: Mapped[datetime] = stamped()

    __table_args__ = (
        Index("ix_model_calls_session", "session_id"),
        Index("ix_model_calls_created", "created_at"),
    )
