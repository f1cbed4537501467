"""Drafts: supervisors' answers that wait for somebody to decide whether they become knowledge."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import HelpRequest, HelpRequestEvent, KnowledgeDraft
from assist.db.models.base import Json

_draft = KnowledgeDraft


class DraftKey(Struct, frozen=True, kw_only=True, array_like=True):
    """Place of a draft in a list, newest first."""

    created_at: datetime
    id: UUID


async def insert_draft(session: Session, values: Json) -> bool:
    """False: the request has one already."""
    statement = insert(_draft).values(**values).on_conflict_do_nothing(index_elements=["request_id"])
    return (await session.execute(statement.returning(_draft.id))).scalar_one_or_none() is not None


async def get_draft(session: Session, draft_id: UUID, *, lock: bool = False) -> KnowledgeDraft | None:
    """One draft; with `lock`, for this transaction alone."""
    statement = select(_draft).where(_draft.id == draft_id).execution_options(populate_existing=True)
    return (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()


async def list_drafts(
    session: Session, state: str | None, after: DraftKey | None, limit: int
) -> tuple[list[KnowledgeDraft], int]:
    """Newest first, those behind `after`, and the number of all."""
    found = select(_draft)
    if state is not None:
        found = found.where(_draft.state == state)
    total = await session.scalar(select(func.count()).select_from(found.subquery()))
    page = found.order_by(_draft.created_at.desc(), _draft.id.desc()).limit(limit)
    if after is not None:
        page = page.where(tuple_(_draft.created_at, _draft.id) < (after.created_at, after.id))
    return list(await session.scalars(page)), total or 0


async def open_drafts(session: Session, limit: int) -> list[KnowledgeDraft]:
    """The newest ones that wait for a decision."""
    return (await list_drafts(session, "open", None, limit))[0]


async def change_draft(session: Session, draft_id: UUID, **values: Any) -> None:
    """Sets fields."""
    await session.execute(
        update(_draft).where(_draft.id == draft_id).values(**values, updated_at=func.clock_timestamp())
    )


async def request_of(session: Session, request_id: UUID) -> HelpRequest | None:
    """The request that a draft came from, for this transaction alone."""
    statement = select(HelpRequest).where(HelpRequest.id == request_id).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def note_learned(session: Session, request_id: UUID, article_id: UUID, event: Json) -> None:
    """Says in a request that, and as what, its answer was learned; `event`: actor, actor_name, after and note."""
    await session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == request_id)
        .values(learned_article_id=article_id, updated_at=func.clock_timestamp())
    )
    await session.execute(insert(HelpRequestEvent).values(request_id=request_id, action="learned", **event))
