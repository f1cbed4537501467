"""Articles, versions and passages: what an ingest writes, and what the index is made from."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from assist.db.engine import Session, Sessions
from assist.db.models import KnowledgeArticle, KnowledgeArticleVersion, KnowledgePassage
from assist.db.models.base import Json
from knowledge_ingest.chunk import Chunk
from knowledge_ingest.documents import ASKED_AS, Document
from pipeline.types import Passage

SUPERVISOR = "supervisor"
"""Source of articles that people here wrote, rather than a file or a page."""
FOLLOWS_SOURCE = "follows_source"
"""In the provenance of a version written by hand: its article is the source's again."""
ARCHIVED_BY = "archived_by"
"""In the attributes of an article that a person, or its expiry, took out of force: no ingest brings it back."""
_LOCK_POLL_S = 0.1
_REPLACED = (
    "title",
    "url",
    "tags",
    "audience",
    "language",
    "status",
    "current_version",
    "attributes",
    "subjects",
    "valid_from",
    "valid_until",
)
"""What a new version of an article says anew."""

_article = KnowledgeArticle
_version = KnowledgeArticleVersion
_passage = KnowledgePassage


class KnownArticle(Struct, frozen=True, kw_only=True):
    """What the tables have under a uri."""

    id: UUID
    version: int
    content_hash: str
    status: str
    passages: int
    """Of the current version, in the index or on the way to it."""
    is_by_hand: bool = False
    """The current version was written here, not by its source."""
    source_hash: str | None = None
    """Content of the newest version that its source gave."""
    is_put_away: bool = False
    """A person archived it."""


class Revision(Struct, frozen=True, kw_only=True):
    """A version of an article that is to become the current one."""

    article_id: UUID
    version: int
    source: str
    document: Document
    chunks: tuple[tuple[UUID, Chunk], ...]
    """With the ids of the passages they become."""
    status: str = "approved"
    change_note: str | None = None
    provenance: Json | None = None
    """Set for whatever is written here rather than read from a source."""


class HeldElsewhereError(Exception):
    """Somebody else holds a lock for longer than was to be waited."""


@asynccontextmanager
async def exclusive(sessions: Sessions, name: str, wait_s: float | None = None) -> AsyncIterator[None]:
    """Holds a lock that only one in the whole database can have. No transaction; a dead process frees it.

    Raises:
        HeldElsewhereError: after waiting for `wait_s`.
    """
    digest = hashlib.sha256(f"knowledge\n{name}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    deadline = None if wait_s is None else time.monotonic() + wait_s
    while True:
        async with sessions() as session:
            connection = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            taken: bool | None = None
            try:
                taken = bool(await session.scalar(select(func.pg_try_advisory_lock(key))))
                if taken:
                    yield
                    return
            finally:
                if taken is not False:
                    # Closing is the one way to let go that also works when this task is being cancelled.
                    await connection.invalidate()
        if deadline is not None and time.monotonic() >= deadline:
            raise HeldElsewhereError(name)
        await asyncio.sleep(_LOCK_POLL_S)


async def known_articles(session: Session, source: str, uris: Collection[str]) -> dict[str, KnownArticle]:
    """By uri; those that were never stored are missing."""
    of_it = and_(_passage.article_id == _article.id, _passage.version == _article.current_version)
    passages = select(func.count()).select_from(_passage).where(of_it).scalar_subquery()
    given = aliased(KnowledgeArticleVersion)
    newest_given = (
        select(given.content_hash)
        .where(given.article_id == _article.id, given.provenance.is_(None))
        .order_by(given.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(_article, _version.content_hash, passages, _by_hand(), newest_given)
        .join(_version, _is_current())
        .where(_article.source == source, _article.uri.in_(uris))
    )
    return {
        row.uri: KnownArticle(
            id=row.id,
            version=row.current_version,
            content_hash=content_hash,
            status=row.status,
            passages=count,
            is_by_hand=by_hand,
            source_hash=source_hash,
            is_put_away=row.status == "archived" and ARCHIVED_BY in row.attributes,
        )
        for row, content_hash, count, by_hand, source_hash in await session.execute(statement)
    }


async def write_revisions(session: Session, revisions: Sequence[Revision]) -> None:
    """Makes the revisions current: their passages are to be indexed, those of other versions removed."""
    if not revisions:
        return
    await _lock_passages(session, _passage.article_id.in_([it.article_id for it in revisions]))
    article = insert(_article)
    taken = article.excluded
    await session.execute(
        article.on_conflict_do_update(
            index_elements=["id"],
            set_={name: taken[name] for name in _REPLACED} | {"updated_at": func.clock_timestamp()},
        ),
        [_article_values(it) for it in revisions],
    )
    await session.execute(insert(_version).on_conflict_do_nothing(), [_version_values(it) for it in revisions])
    await session.execute(
        update(_passage)
        .where(_passage.article_id.in_([it.article_id for it in revisions]), _passage.state != "removing")
        .values(state="removing")
    )
    passages = [values for it in revisions for values in _passage_values(it)]
    if passages:
        again = insert(_passage).on_conflict_do_update(index_elements=["id"], set_={"state": "pending"})
        await session.execute(again, passages)


async def approved_uris(session: Session, source: str, *, by_hand: bool = False) -> dict[str, UUID]:
    """Every article of a source that is in force as the source gave it; with `by_hand`, as people changed it here."""
    statement = (
        select(_article.uri, _article.id)
        .join(_version, _is_current())
        .where(_article.source == source, _article.status == "approved", _by_hand() == by_hand)
    )
    return {row.uri: row.id for row in await session.execute(statement)}


async def archive(session: Session, article_ids: Collection[UUID]) -> None:
    """Takes articles out of force. Their versions stay readable, their passages wait to be removed."""
    await _lock_passages(session, _passage.article_id.in_(article_ids))
    await session.execute(
        update(_article)
        .where(_article.id.in_(article_ids))
        .values(status="archived", updated_at=func.clock_timestamp())
    )
    await session.execute(update(_passage).where(_passage.article_id.in_(article_ids)).values(state="removing"))


async def pending_passages(session: Session, limit: int, without: Collection[UUID]) -> list[Passage]:
    """Some of the passages that wait to be indexed, in no particular order."""
    # The limit inside keeps the joins to these few, whatever the planner believes about a table just filled.
    some = select(_passage.id).where(_passage.state == "pending", _passage.id.not_in(without)).limit(limit)
    statement = (
        select(_passage, _article, _version)
        .join(_article, _article.id == _passage.article_id)
        .join(_version, and_(_version.article_id == _passage.article_id, _version.version == _passage.version))
        .where(_passage.id.in_(some))
    )
    return [_to_passage(*row) for row in await session.execute(statement)]


async def wordings(session: Session, article_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """How else people asked what these articles answer."""
    statement = select(_article.id, _article.attributes[ASKED_AS]).where(_article.id.in_(article_ids))
    return {id_: [str(it) for it in asked or ()] for id_, asked in await session.execute(statement)}


async def mark_indexed(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Says that the index has these passages. Returns those that it should not have any more."""
    states = await _lock_passages(session, _passage.id.in_(ids))
    await session.execute(
        update(_passage).where(_passage.id.in_(ids), _passage.state == "pending").values(state="indexed")
    )
    return {id_ for id_ in ids if states.get(id_, "removing") == "removing"}


async def removable_passages(session: Session, limit: int, without: Collection[UUID]) -> list[UUID]:
    """Passages to be removed now: of articles whose new ones are in the index, but for those in `without`."""
    newer = aliased(KnowledgePassage)
    waiting = exists().where(
        newer.article_id == _passage.article_id, newer.state == "pending", newer.id.not_in(without)
    )
    statement = select(_passage.id).where(_passage.state == "removing", ~waiting).limit(limit)
    return list((await session.scalars(statement)).all())


async def forget_passages(session: Session, ids: Collection[UUID]) -> int:
    """Deletes the rows of passages that have left the index, unless they have been called back meanwhile."""
    condition = and_(_passage.id.in_(ids), _passage.state == "removing")
    gone = await _lock_passages(session, condition)
    await session.execute(delete(_passage).where(_passage.id.in_(gone)))
    return len(gone)


async def expect_all(session: Session) -> None:
    """Marks every passage by what the index should do with it, whatever it has now."""
    in_force = exists().where(
        _article.id == _passage.article_id,
        _article.current_version == _passage.version,
        _article.status == "approved",
    )
    await _lock_passages(session, true())
    await session.execute(update(_passage).values(state=case((in_force, "pending"), else_="removing")))


async def expect_again(session: Session, ids: Collection[UUID]) -> None:
    """Passages that the index has lost wait for it once more."""
    await _lock_passages(session, _passage.id.in_(ids))
    await session.execute(
        update(_passage).where(_passage.id.in_(ids), _passage.state == "indexed").values(state="pending")
    )


async def passage_states(session: Session) -> dict[UUID, str]:
    """Of every passage."""
    rows = await session.execute(select(_passage.id, _passage.state))
    return {row.id: row.state for row in rows}


async def waiting_passages(session: Session) -> int:
    """How many are to be indexed or removed."""
    statement = select(func.count()).select_from(_passage).where(_passage.state != "indexed")
    return (await session.scalar(statement)) or 0


async def lock_article(session: Session, article_id: UUID) -> tuple[KnowledgeArticle, KnowledgeArticleVersion] | None:
    """An article and its current version, for this transaction alone; its passages first, as an ingest locks them."""
    await _lock_passages(session, _passage.article_id == article_id)
    statement = (
        select(_article, _version)
        .join(_version, _is_current())
        .where(_article.id == article_id)
        .with_for_update(of=_article)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).one_or_none()
    return (row[0], row[1]) if row else None


async def _lock_passages(session: Session, condition: ColumnElement[bool]) -> dict[UUID, str]:
    """State by id. Everybody locks in the same order, so that nobody waits in a circle."""
    statement = select(_passage.id, _passage.state).where(condition).order_by(_passage.id).with_for_update()
    return {row.id: row.state for row in await session.execute(statement)}


def _is_current() -> ColumnElement[bool]:
    return and_(_version.article_id == _article.id, _version.version == _article.current_version)


def _by_hand() -> ColumnElement[bool]:
    follows = func.coalesce(_version.provenance[FOLLOWS_SOURCE].as_boolean(), false())
    return and_(_version.provenance.is_not(None), ~follows)


def _article_values(revision: Revision) -> dict[str, Any]:
    document = revision.document
    return {
        "id": revision.article_id,
        "source": revision.source,
        "uri": document.uri,
        "title": document.title,
        "url": document.url,
        "tags": list(document.tags),
        "audience": document.audience,
        "language": document.language,
        "status": revision.status,
        "current_version": revision.version,
        "attributes": dict(document.attributes),
        "subjects": [{"kind": topic.kind, "name": topic.name} for topic in document.subjects],
        "valid_from": document.valid_from,
        "valid_until": document.valid_until,
    }


def _version_values(revision: Revision) -> dict[str, Any]:
    document = revision.document
    return {
        "article_id": revision.article_id,
        "version": revision.version,
        "title": document.title,
        "body": document.body,
        "content_hash": document.content_hash,
        "author": document.author,
        "change_note": revision.change_note,
        "provenance": revision.provenance,
        "source_updated_at": document.updated_at,
    }


def _passage_values(revision: Revision) -> Iterable[dict[str, Any]]:
    for id_, chunk in revision.chunks:
        yield {
            "id": id_,
            "article_id": revision.article_id,
            "version": revision.version,
            "ordinal": chunk.ordinal,
            "heading": chunk.heading,
            "text": chunk.text,
            "start_char": chunk.start,
            "end_char": chunk.end,
            "page": chunk.page,
            "state": "pending",
        }


def _to_passage(row: KnowledgePassage, of: KnowledgeArticle, version: KnowledgeArticleVersion) -> Passage:
    return Passage(
        id=row.id,
        article_id=row.article_id,
        version=row.version,
        title=version.title,
        heading=row.heading,
        text=row.text,
        start=row.start_char,
        end=row.end_char,
        url=of.url,
        tags=tuple(of.tags),
        audience=of.audience,
        language=of.language,
        subjects=tuple(dict.fromkeys(str(subject["name"]) for subject in of.subjects)),
        page=row.page,
        valid_from=of.valid_from,
        valid_until=of.valid_until,
        updated_at=version.source_updated_at or version.created_at,
        is_answer=of.source == SUPERVISOR,
    )
