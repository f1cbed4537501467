"""Suggestions, clarifying questions, and what agents did with them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import AgentAction, ClarifyingQuestion, Suggestion, SuggestionFeedback
from assist.db.models.base import Json


async def suggestions_of(session: Session, session_id: UUID) -> Sequence[Suggestion]:
    """Newest first."""
    statement = (
        select(Suggestion)
        .where(Suggestion.session_id == session_id)
        .order_by(Suggestion.created_at.desc(), Suggestion.confidence_score.desc(), Suggestion.id)
    )
    return (await session.execute(statement)).scalars().all()


async def questions_of(session: Session, session_id: UUID) -> Sequence[ClarifyingQuestion]:
    """Newest first."""
    statement = (
        select(ClarifyingQuestion)
        .where(ClarifyingQuestion.session_id == session_id)
        .order_by(ClarifyingQuestion.created_at.desc(), ClarifyingQuestion.priority, ClarifyingQuestion.id)
    )
    return (await session.execute(statement)).scalars().all()


async def lock_suggestion(session: Session, session_id: UUID, suggestion_id: UUID) -> Suggestion | None:
    """A call's suggestion, locked for a change."""
    statement = (
        select(Suggestion).where(Suggestion.id == suggestion_id, Suggestion.session_id == session_id).with_for_update()
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def change_suggestion(session: Session, suggestion_id: UUID, values: Json) -> None:
    """Sets columns of a suggestion."""
    await session.execute(update(Suggestion).where(Suggestion.id == suggestion_id).values(**values))


async def insert_suggestions(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Stores suggestions."""
    if rows:
        await session.execute(insert(Suggestion), list(rows))


async def insert_actions(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Stores what each stage took."""
    if rows:
        await session.execute(insert(AgentAction), list(rows))


async def record(session: Session, **values: Any) -> None:
    """Appends to the feedback log."""
    await session.execute(insert(SuggestionFeedback).values(**values))
