"""Help requests as a call has them: what it asked, what was offered, and answers that nobody has seen."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from assist.db.engine import Session
from assist.db.models import (
    CallEvent,
    CallSession,
    CallTurn,
    HelpRequest,
    KnowledgeArticle,
    KnowledgePassage,
    Suggestion,
    TranscriptionSegment,
    User,
)

SUPERVISOR_ANSWER = "supervisor_answer"
"""Type of the suggestion that an answer becomes."""


class CallRequest(NamedTuple):
    """A request and who has it in hand."""

    request: HelpRequest
    assignee_name: str | None


async def requests_of(session: Session, session_id: UUID) -> list[CallRequest]:
    """All requests of a call, oldest first."""
    statement = (
        select(HelpRequest, User.name)
        .outerjoin(User, User.id == HelpRequest.assigned_to)
        .where(HelpRequest.session_id == session_id)
        .order_by(HelpRequest.created_at, HelpRequest.id)
    )
    return [CallRequest(row[0], row[1]) for row in await session.execute(statement)]


async def lock_call(session: Session, session_id: UUID) -> CallSession | None:
    """The call as it is now, its row locked as by `take_numbers`. None: no such call."""
    statement = (
        select(CallSession)
        .where(CallSession.session_id == session_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def turn_numbered(session: Session, session_id: UUID, number: int) -> CallTurn | None:
    """A turn as it is now."""
    statement = select(CallTurn).where(CallTurn.session_id == session_id, CallTurn.number == number)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def segments_through(session: Session, session_id: UUID, number: int, limit: int) -> list[TranscriptionSegment]:
    """The latest segments up to a number, in the order they were said."""
    statement = (
        select(TranscriptionSegment)
        .where(TranscriptionSegment.session_id == session_id, TranscriptionSegment.number <= number)
        .order_by(TranscriptionSegment.number.desc())
        .limit(limit)
    )
    rows = (await session.execute(statement)).scalars()
    return sorted(rows, key=lambda row: (row.start_time, row.number))


async def latest_events(session: Session, session_id: UUID, kind: str, limit: int) -> Sequence[CallEvent]:
    """The latest events of a type, newest first."""
    statement = (
        select(CallEvent)
        .where(CallEvent.session_id == session_id, CallEvent.type == kind)
        .order_by(CallEvent.seq.desc())
        .limit(limit)
    )
    return (await session.execute(statement)).scalars().all()


async def unseen_answers(session: Session, session_id: UUID) -> Sequence[HelpRequest]:
    """Answered requests of a call whose card the agent has not seen, oldest first."""
    card = and_(Suggestion.id == HelpRequest.suggestion_id, Suggestion.shown_to_agent.is_(False))
    statement = (
        select(HelpRequest)
        .join(Suggestion, card)
        .where(HelpRequest.session_id == session_id, HelpRequest.answer.is_not(None))
        .order_by(HelpRequest.created_at, HelpRequest.id)
    )
    return (await session.execute(statement)).scalars().all()


def learned_passages() -> ColumnElement[list[str] | None]:
    """As a column of a suggestion: ids of the passages that a supervisor's answer has become, where it was learned as
    an article of its own; null for every other suggestion."""
    is_its = and_(HelpRequest.session_id == Suggestion.session_id, HelpRequest.suggestion_id == Suggestion.id)
    return (
        select(func.array_agg(KnowledgePassage.id))
        .select_from(HelpRequest)
        .join(KnowledgeArticle, KnowledgeArticle.id == HelpRequest.learned_article_id)
        .join(KnowledgePassage, KnowledgePassage.article_id == KnowledgeArticle.id)
        .where(is_its, KnowledgeArticle.source == "supervisor", Suggestion.suggestion_type == SUPERVISOR_ANSWER)
        .correlate(Suggestion)
        .scalar_subquery()
    )
