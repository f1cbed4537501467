"""Suggestions, clarifying questions, and what agents did with them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, insert

from assist.db.call_requests import learned_passages
from assist.db.engine import Session
from assist.db.models import AgentAction, ClarifyingQuestion, ModelCall, Suggestion, SuggestionFeedback
from assist.db.models.base import Json


class GivenRow(Struct, frozen=True, kw_only=True):
    """A suggestion of a call without its text."""

    id: UUID
    turn: int | None
    query: str
    status: str
    dismissed: bool
    passage_ids: list[str]
    article_ids: list[str]
    """Of its citations."""
    learned_ids: list[UUID] | None = None
    """Passages of the article that a supervisor's answer has become."""


async def suggestions_of(session: Session, session_id: UUID) -> Sequence[Suggestion]:
    """Newest first."""
    statement = (
        select(Suggestion)
        .where(Suggestion.session_id == session_id)
        .order_by(Suggestion.created_at.desc(), Suggestion.confidence_score.desc(), Suggestion.id)
    )
    return (await session.execute(statement)).scalars().all()


async def given_in(session: Session, session_id: UUID) -> list[GivenRow]:
    """Every suggestion of a call in short, oldest first."""
    articles = func.jsonb_path_query_array(Suggestion.citations, cast("$[*].article_id", JSONPATH), type_=JSONB)
    statement = (
        select(
            Suggestion.id,
            Suggestion.turn,
            Suggestion.query,
            Suggestion.status,
            Suggestion.dismissed,
            Suggestion.passage_ids,
            articles.label("article_ids"),
            learned_passages().label("learned_ids"),
        )
        .where(Suggestion.session_id == session_id)
        .order_by(Suggestion.created_at, Suggestion.id)
    )
    return [GivenRow(**row._mapping) for row in await session.execute(statement)]


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


async def insert_model_calls(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Stores what requests to language models cost."""
    if rows:
        await session.execute(insert(ModelCall), list(rows))


async def withdraw(session: Session, ids: Sequence[UUID], reason: str) -> None:
    """Takes suggestions off the screen."""
    if ids:
        values = {"status": "withdrawn", "withdrawn_reason": reason}
        await session.execute(update(Suggestion).where(Suggestion.id.in_(ids)).values(**values))


async def insert_questions(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Stores clarifying questions."""
    if rows:
        await session.execute(insert(ClarifyingQuestion), list(rows))


async def withdraw_questions(session: Session, ids: Sequence[UUID]) -> None:
    """Takes clarifying questions off the screen."""
    if ids:
        statement = update(ClarifyingQuestion).where(ClarifyingQuestion.id.in_(ids))
        await session.execute(statement.values(status="withdrawn"))


async def record(session: Session, **values: Any) -> None:
    """Appends to the feedback log."""
    await session.execute(insert(SuggestionFeedback).values(**values))
