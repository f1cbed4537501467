"""Knowledge: takes documents in, keeps the index in step with the tables, and lets people read articles."""

import asyncio
import base64
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from assist.db import articles as reads
from assist.db import knowledge as rows
from assist.db.articles import ArticleFilter, Learned
from assist.db.engine import Session, Sessions
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.ingest_reports import StoreReport, Tally
from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document, Unreadable, one_line
from knowledge_ingest.load import article_id, passage_id

_BATCH_CHARS = 1_000_000
_PAGE_MAX = 100
_SEARCH_CHARS_MAX = 200
_SEARCH_WORDS_MAX = 8

Documents = Iterable[Document | Unreadable] | AsyncIterable[Document | Unreadable]
"""What a source gives, in order."""

log = structlog.get_logger(__name__)


class ArticleView(Struct, frozen=True, kw_only=True):
    """An article in a list."""

    id: UUID
    title: str
    version: int
    url: str | None
    tags: list[str]
    language: str
    updated_at: datetime
    status: str
    audience: str
    source: str
    """"supervisor", or what it was ingested from."""
    valid_from: datetime | None
    valid_until: datetime | None
    review_by: datetime | None
    author: str | None
    searchable: bool
    """Approved, and the index has all of it."""


class ArticleTextView(Struct, frozen=True, kw_only=True):
    """An article to read."""

    id: UUID
    title: str
    version: int
    url: str | None
    tags: list[str]
    language: str
    updated_at: datetime
    status: str
    audience: str
    source: str
    """"supervisor", or what it was ingested from."""
    valid_from: datetime | None
    valid_until: datetime | None
    """The first moment at which it no longer holds."""
    review_by: datetime | None
    author: str | None
    """Of this version."""
    current_version: int
    """The base of a change; `version` is what was asked for."""
    searchable: bool
    """Approved, and the index has all of the current version."""
    asked_as: list[str]
    """Other wordings of the question that it answers; they help to find it."""
    change_note: str | None
    provenance: dict[str, Any] | None
    """Of what was written here: request_id, session_id, supervisor_id, draft_id, or by whom it was edited."""
    body: str
    """Markdown. Offsets of citations count its characters (code points)."""


class ArticlePage(Struct, frozen=True, kw_only=True):
    """Part of a list."""

    items: list[ArticleView]
    total: int
    next: str | None
    """Cursor of the next part; None at the end."""


class KnowledgeCounts(Struct, frozen=True, kw_only=True):
    """Sizes, for health checks."""

    articles: dict[str, int]
    """By status: draft, approved, archived."""
    passages: dict[str, int]
    """By state: pending, indexed, removing."""


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The tables about knowledge. Never touches the index: whoever runs the `Indexer` does that."""

    sessions: Sessions
    indexing: Callable[[Session], Awaitable[None]]
    """Has the index brought up to date once the given session's transaction is committed."""
    splitter: Splitter = field(default_factory=Splitter)
    batch_documents: int = 50
    """Documents of one transaction."""
    lock_wait_s: float = 60.0
    """How long to wait for another ingest of the same source."""

    async def store(self, source: str, documents: Documents, *, prune: bool = True) -> StoreReport:
        """Takes over what a source has now; with `prune`, what it has no more is archived.

        A document that was stored before with the same content is left alone. The documents are drawn one
        batch at a time, in a thread unless they come asynchronously. An ingest that breaks off has stored
        its first batches and removed nothing; the next one completes it.

        Raises:
            ConflictError: another ingest of the source is still running.
        """
        tally = Tally()
        try:
            async with rows.exclusive(self.sessions, f"source\n{source}", self.lock_wait_s):
                async for batch in _batches(documents, self.batch_documents):
                    await self._store_batch(source, tally.take(batch), tally)
                if prune:
                    await self._prune(source, tally)
        except rows.HeldElsewhereError:
            detail = "Another ingest of this source is running. Try again when it has ended."
            raise ConflictError("ingest_running", detail) from None
        counts = {name: getattr(tally, name) for name in ("added", "updated", "unchanged", "removed", "passages")}
        log.info("knowledge_stored", unreadable=tally.refused, **counts)
        return tally.report()

    async def article(self, id_: UUID, version: int | None = None) -> ArticleTextView:
        """The current version or an older one; also of archived articles, which citations still point to.

        Raises:
            NotFoundError: no such article or version.
        """
        async with self.sessions() as session:
            row = await reads.article(session, id_, version)
        if row is None:
            detail = "There is no such article, or not in this version. It may never have been stored here."
            raise NotFoundError("article_not_found", detail)
        return msgspec.convert(row, ArticleTextView, from_attributes=True)

    async def articles(
        self, text: str = "", limit: int = 20, cursor: str | None = None, *, among: ArticleFilter | None = None
    ) -> ArticlePage:
        """Articles that have every word of `text`, of those in force or `among` others; at most 100 at a time.

        Raises:
            InvalidError: the cursor is not one of ours.
        """
        words = tuple(one_line(text)[:_SEARCH_CHARS_MAX].split()[:_SEARCH_WORDS_MAX])
        wanted = msgspec.structs.replace(among or ArticleFilter(), words=words)
        limit = max(1, min(limit, _PAGE_MAX))
        after = _read_cursor(cursor) if cursor else None
        async with self.sessions() as session:
            found, total = await reads.articles(session, wanted, after, limit + 1)
        items = [msgspec.convert(row, ArticleView, from_attributes=True) for row in found[:limit]]
        following = _cursor(found[limit - 1]) if len(found) > limit else None
        return ArticlePage(items=items, total=total, next=following)

    async def counts(self) -> KnowledgeCounts:
        """How much there is, and how much the index is behind."""
        async with self.sessions() as session:
            return KnowledgeCounts(
                articles={"draft": 0, "approved": 0, "archived": 0} | await reads.counts_by(session, "status"),
                passages={"pending": 0, "indexed": 0, "removing": 0} | await reads.counts_by(session, "state"),
            )

    async def learned(self) -> Learned:
        """What a pipeline learns: names, texts and subjects of the articles in force."""
        async with self.sessions() as session:
            return await reads.learned(session)

    async def revision(self) -> str:
        """Another value whenever an article has changed; cheap enough to ask every few seconds."""
        async with self.sessions() as session:
            number, changed_at = await reads.last_change(session)
        return f"{number}@{changed_at.isoformat() if changed_at else ''}"

    async def _store_batch(self, source: str, documents: Sequence[Document], tally: Tally) -> None:
        async with self.sessions() as session:
            known = await rows.known_articles(session, source, [document.uri for document in documents])
        kept = _kept_as_edited(documents, known, tally)
        given = [document for document in documents if document.uri not in kept]
        revisions = await asyncio.to_thread(self._revisions, source, given, known)
        if revisions:
            async with self.sessions.begin() as session:
                await rows.write_revisions(session, revisions)
                await self.indexing(session)
        for revision in revisions:
            uri, before = revision.document.uri, known.get(revision.document.uri)
            was_approved = before is not None and before.status == "approved"
            tally.updated += was_approved
            tally.added += not was_approved
            tally.passages += len(revision.chunks)
            tally.stored(uri, len(revision.chunks), changed=True)
            if not revision.chunks:
                tally.note(uri, "It has only headings, so nothing of it can be found.")
        changed = {revision.document.uri for revision in revisions}
        for document in documents:
            if document.uri not in changed:
                tally.unchanged += 1
                tally.stored(document.uri, known[document.uri].passages, changed=False)

    def _revisions(
        self, source: str, documents: Sequence[Document], known: dict[str, rows.KnownArticle]
    ) -> list[rows.Revision]:
        revisions: list[rows.Revision] = []
        for document in documents:
            before = known.get(document.uri)
            same = before is not None and before.content_hash == document.content_hash
            if before is not None and same and before.status == "approved":
                continue
            id_ = before.id if before else article_id(source, document.uri)
            version = before.version + (not same) if before else 1
            chunks = ((passage_id(id_, version, chunk), chunk) for chunk in self.splitter.split(document))
            revisions.append(
                rows.Revision(article_id=id_, version=version, source=source, document=document, chunks=tuple(chunks))
            )
        return revisions

    async def _prune(self, source: str, tally: Tally) -> None:
        async with self.sessions() as session:
            gone = tally.gone(await rows.approved_uris(session, source))
            edited = await rows.approved_uris(session, source, by_hand=True)
        left = set(tally.gone(edited))
        for uri, id_ in edited.items():
            if id_ in left:
                tally.note(uri, "Its source has it no more; it was edited here, so it stays. Archive it by hand.")
        for start in range(0, len(gone), self.batch_documents):
            batch = gone[start : start + self.batch_documents]
            async with self.sessions.begin() as session:
                await rows.archive(session, batch)
                await self.indexing(session)
            tally.removed += len(batch)


def _kept_as_edited(documents: Sequence[Document], known: dict[str, rows.KnownArticle], tally: Tally) -> frozenset[str]:
    """Uris of articles that people changed or archived here: what they did stays, and the report says so."""
    kept: set[str] = set()
    for document in documents:
        before = known.get(document.uri)
        if before is None or not (before.is_by_hand or before.is_put_away):
            continue
        kept.add(document.uri)
        if before.is_put_away:
            tally.note(document.uri, "It was archived here, so it stays archived. Restore it by hand to have it back.")
        elif document.content_hash not in (before.source_hash, before.content_hash):
            tally.note(
                document.uri,
                "It was edited here and has changed in its source as well: the edited text stays. Roll it back to a "
                "version of the source to follow the source again.",
            )
    return frozenset(kept)


async def _batches(documents: Documents, limit: int) -> AsyncIterator[list[Document | Unreadable]]:
    if isinstance(documents, AsyncIterable):
        batch: list[Document | Unreadable] = []
        async for item in documents:
            batch.append(item)
            if _is_full(batch, limit):
                yield batch
                batch = []
        if batch:
            yield batch
        return
    iterator = iter(documents)
    while drawn := await asyncio.to_thread(_draw, iterator, limit):
        yield drawn


def _draw(iterator: Iterator[Document | Unreadable], limit: int) -> list[Document | Unreadable]:
    batch: list[Document | Unreadable] = []
    for item in iterator:
        batch.append(item)
        if _is_full(batch, limit):
            break
    return batch


def _is_full(batch: Sequence[Document | Unreadable], limit: int) -> bool:
    chars = sum(len(item.body) for item in batch if isinstance(item, Document))
    return len(batch) >= limit or chars >= _BATCH_CHARS


def _cursor(row: reads.ArticleRow) -> str:
    key = reads.ArticleKey(rank=row.rank, title=row.title, id=row.id)
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode("ascii").rstrip("=")


def _read_cursor(cursor: str) -> reads.ArticleKey:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded.encode("ascii")), type=reads.ArticleKey)
    except (ValueError, msgspec.MsgspecError) as error:
        raise InvalidError("The cursor is not one that this server gave.", code="invalid_cursor") from error
