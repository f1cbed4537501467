"""What curating articles reads and writes beside whole versions: single fields, subjects, and what has expired."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, update

from assist.db.engine import Session
from assist.db.knowledge import ARCHIVED_BY, SUPERVISOR
from assist.db.models import KnowledgeArticle, KnowledgeArticleVersion

_article = KnowledgeArticle
_version = KnowledgeArticleVersion


async def version_of(session: Session, article_id: UUID, version: int) -> KnowledgeArticleVersion | None:
    """One version of an article."""
    return await session.get(_version, (article_id, version))


async def newest_version(session: Session, article_id: UUID) -> int:
    """Its number; 0: there is none."""
    return await session.scalar(select(func.max(_version.version)).where(_version.article_id == article_id)) or 0


async def set_fields(session: Session, article_id: UUID, **values: Any) -> None:
    """Changes fields of an article that no version holds."""
    await session.execute(
        update(_article).where(_article.id == article_id).values(**values, updated_at=func.clock_timestamp())
    )


async def note_archived(session: Session, article_ids: Sequence[UUID], by: str) -> None:
    """Remembers that a person, or its expiry, took articles out of force."""
    attributes = _article.attributes.concat({ARCHIVED_BY: by})
    await session.execute(update(_article).where(_article.id.in_(article_ids)).values(attributes=attributes))


async def expired(session: Session, now: datetime | None) -> list[tuple[UUID, str]]:
    """Id and title of articles written here that hold no more and are still in force; None: by the database's clock."""
    moment = func.clock_timestamp() if now is None else now
    statement = select(_article.id, _article.title).where(
        _article.source == SUPERVISOR, _article.status == "approved", _article.valid_until <= moment
    )
    return [(row.id, row.title) for row in await session.execute(statement)]


async def known_subjects(session: Session) -> list[tuple[str, str]]:
    """Kind and name of everything that articles in force are about."""
    subject = func.jsonb_array_elements(_article.subjects)
    found = await session.scalars(select(subject).where(_article.status == "approved").distinct())
    return sorted((str(it["kind"]), str(it["name"])) for it in found)


async def is_known(session: Session, article_id: UUID) -> bool:
    """Whether there is an article with this id, whatever its status."""
    return bool(await session.scalar(select(exists().where(_article.id == article_id))))


async def now(session: Session) -> datetime:
    """By the database's clock."""
    moment: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return moment
