"""Curation: articles written, changed, rolled back, archived and restored by people, through the one door that an
ingest uses as well."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from assist import audit
from assist.access import Principal
from assist.db import articles as reads
from assist.db import curation as fields
from assist.db import knowledge as rows
from assist.db.engine import Session, Sessions
from assist.db.models import KnowledgeArticle, KnowledgeArticleVersion
from assist.db.models.base import Json
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.jobs import KNOWLEDGE_QUEUE, enqueue
from assist.knowledge import ArticleTextView
from assist.learning.article_text import (
    ArticleChange,
    ArticleText,
    author_of,
    document_of,
    named_subjects,
    text_of,
)
from assist.learning.differences import DiffLine, difference
from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document, Topic
from knowledge_ingest.load import passage_id

EXPIRE_ARTICLES = "expire_articles"

Held = tuple[KnowledgeArticle, KnowledgeArticleVersion]
"""An article that this transaction has locked, and its current version."""


class VersionView(Struct, frozen=True, kw_only=True):
    """One version in an article's history."""

    version: int
    title: str
    author: str | None
    change_note: str | None
    provenance: Json | None
    created_at: datetime | None
    is_current: bool


class VersionList(Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[VersionView]
    total: int
    next: str | None = None


class DiffView(Struct, frozen=True, kw_only=True):
    """What changed between two versions."""

    from_version: int
    to_version: int
    title_before: str
    title_after: str
    lines: list[DiffLine]


class Stored(Struct, frozen=True, kw_only=True):
    """The version that something became."""

    article_id: UUID
    version: int


class Edition(Struct, frozen=True, kw_only=True):
    """What is to become the current version."""

    text: ArticleText
    author: str
    status: str | None = None
    """None: as it is."""
    change_note: str | None = None
    provenance: Json | None = None


def edition_by(
    principal: Principal,
    text: ArticleText,
    *,
    status: str | None = None,
    change_note: str | None = None,
    provenance: Json | None = None,
) -> Edition:
    """Written by a person here, which its provenance says."""
    return Edition(
        text=text,
        author=author_of(principal),
        status=status,
        change_note=change_note,
        provenance={**(provenance or {}), "edited_by": principal.actor},
    )


@dataclass(frozen=True, kw_only=True)
class Curation:
    """What people do to articles. One transaction each: version, audit entry and the job that indexes it."""

    sessions: Sessions
    indexing: Callable[[Session], Awaitable[None]]
    """Has the index brought up to date once the given session's transaction is committed."""
    splitter: Splitter = field(default_factory=Splitter)
    told: Callable[[], None] = lambda: None
    """After a commit: wakes the consoles."""

    async def create(self, text: ArticleText, principal: Principal) -> ArticleTextView:
        """A new article.

        Raises:
            InvalidError: a field does not make sense.
        """
        async with self.sessions.begin() as session:
            stored = await self.create_in(session, text, principal, {"created_by": principal.actor})
            await self.record(session, principal, "article.created", stored, after=_summary(text, stored.version))
        return await self._told(stored.article_id)

    async def edit(self, article_id: UUID, change: ArticleChange, principal: Principal) -> ArticleTextView:
        """A new version, unless nothing has changed.

        Raises:
            ConflictError: `article_changed`, somebody else was faster.
            NotFoundError, InvalidError.
        """
        async with self.sessions.begin() as session:
            held = await self.hold(session, article_id, change.base_version)
            before = text_of(*held)
            text = change.onto(before)
            edition = edition_by(principal, text, status=_status(change, held), change_note=change.change_note)
            stored = await self.write_in(session, held, edition)
            if stored.version != held[1].version or _status(change, held) != held[0].status:
                await self.record(
                    session,
                    principal,
                    "article.edited",
                    stored,
                    before=_summary(before, held[1].version),
                    after=_summary(text, stored.version),
                )
        return await self._told(article_id)

    async def archive(self, article_id: UUID, principal: Principal) -> ArticleTextView:
        """Out of force: found by nobody any more, and no ingest brings it back. Doing it again changes nothing."""
        async with self.sessions.begin() as session:
            held = await self.hold(session, article_id)
            if held[0].status != "archived":
                await self.archive_in(session, [article_id], principal.actor)
                await self._record_status(session, principal, "article.archived", held, "archived")
        return await self._told(article_id)

    async def restore(self, article_id: UUID, principal: Principal) -> ArticleTextView:
        """Archived or a draft: in force again. Doing it again changes nothing.

        Raises:
            ConflictError: `article_expired`, its validity is over.
        """
        async with self.sessions.begin() as session:
            held = await self.hold(session, article_id)
            if held[0].status != "approved":
                await _check_valid(session, held[0])
                edition = Edition(text=text_of(*held), author=held[1].author or "", status="approved")
                await self._revise(session, held, held[1].version, edition)
                await self._record_status(session, principal, "article.restored", held, "approved")
        return await self._told(article_id)

    async def rollback(self, article_id: UUID, version: int, principal: Principal) -> ArticleTextView:
        """A new version with the title and text of an old one. Back to a version of its source, an article follows
        that again.

        Raises:
            NotFoundError: there is no such version.
        """
        async with self.sessions.begin() as session:
            held = await self.hold(session, article_id)
            old = await self._version(session, article_id, version)
            text = msgspec.structs.replace(text_of(*held), title=old.title, body=old.body)
            provenance: Json = {"rolled_back_to": version}
            if held[0].source != rows.SUPERVISOR and old.provenance is None:
                provenance[rows.FOLLOWS_SOURCE] = True
            note = f"Rolled back to version {version}"
            edition = edition_by(principal, text, change_note=note, provenance=provenance)
            stored = await self.write_in(session, held, edition)
            if stored.version != held[1].version:
                await self.record(
                    session,
                    principal,
                    "article.rolled_back",
                    stored,
                    before={"version": held[1].version},
                    after={"version": stored.version, "content_of": version},
                )
        return await self._told(article_id)

    async def versions(self, article_id: UUID) -> VersionList:
        """Every version, newest first."""
        async with self.sessions() as session:
            found = await reads.versions(session, article_id)
        if not found:
            raise _no_article()
        items = [
            VersionView(
                version=row.version,
                title=row.title,
                author=row.author,
                change_note=row.change_note,
                provenance=row.provenance,
                created_at=row.created_at,
                is_current=row.version == row.current_version,
            )
            for row in found
        ]
        return VersionList(items=items, total=len(items))

    async def diff(self, article_id: UUID, from_version: int, to_version: int) -> DiffView:
        """What makes one version out of another."""
        async with self.sessions() as session:
            before = await self._version(session, article_id, from_version)
            after = await self._version(session, article_id, to_version)
        return DiffView(
            from_version=from_version,
            to_version=to_version,
            title_before=before.title,
            title_after=after.title,
            lines=difference(before.body, after.body),
        )

    async def expire(self, now: datetime | None = None) -> None:
        """Archives articles written here whose validity is over, as a job. Searches leave them out by themselves."""
        async with self.sessions.begin() as session:
            found = await fields.expired(session, now)
            if found:
                await self.archive_in(session, [id_ for id_, _ in found], "expiry")
        if found:
            self.told()

    async def hold(self, session: Session, article_id: UUID, base_version: int | None = None) -> Held:
        """Locks an article in the caller's transaction.

        Raises:
            ConflictError: it is not at `base_version` any more.
        """
        held = await rows.lock_article(session, article_id)
        if held is None:
            raise _no_article()
        if base_version is not None and held[0].current_version != base_version:
            current = await self._view(session, article_id)
            detail = "Somebody has changed this article meanwhile. Compare with the current version and save again."
            raise ConflictError("article_changed", detail, current=msgspec.to_builtins(current))
        return held

    async def create_in(
        self,
        session: Session,
        text: ArticleText,
        principal: Principal,
        provenance: Json,
        *,
        article_id: UUID | None = None,
    ) -> Stored:
        """A new article in the caller's transaction, which writes the audit entry."""
        text = text.checked()
        id_ = article_id or uuid4()
        subjects = named_subjects(f"{text.title}\n{text.body}", await fields.known_subjects(session))
        document = document_of(str(id_), text, author_of(principal), subjects)
        revision = self._revision(id_, 1, rows.SUPERVISOR, document, text.status)
        await rows.write_revisions(session, [msgspec.structs.replace(revision, provenance=provenance)])
        await self._after(session, id_, text)
        return Stored(article_id=id_, version=1)

    async def write_in(self, session: Session, held: Held, edition: Edition) -> Stored:
        """A new version in the caller's transaction, or only new dates and status where the content is the same."""
        article, version = held
        text, status = edition.text.checked(), edition.status or article.status
        same = _content(text) == _content(text_of(article, version).checked())
        number = version.version if same else await fields.newest_version(session, article.id) + 1
        if same and status == article.status:
            await fields.set_fields(session, article.id, review_by=text.review_by)
            return Stored(article_id=article.id, version=number)
        await self._revise(session, held, number, msgspec.structs.replace(edition, text=text, status=status))
        return Stored(article_id=article.id, version=number)

    async def record(
        self, session: Session, principal: Principal, action: str, stored: Stored, **sides: Json | None
    ) -> None:
        """The audit entry of something done to an article."""
        await audit.record(session, principal, action, ("article", str(stored.article_id)), **sides)

    async def _revise(self, session: Session, held: Held, number: int, edition: Edition) -> None:
        article, text = held[0], edition.text
        subjects = [Topic(kind=str(it["kind"]), name=str(it["name"])) for it in article.subjects]
        if article.source == rows.SUPERVISOR:
            known = await fields.known_subjects(session)
            subjects = list(named_subjects(f"{text.title}\n{text.body}", known))
        document = document_of(article.uri, text, edition.author, subjects, article)
        revision = self._revision(article.id, number, article.source, document, edition.status or article.status)
        revision = msgspec.structs.replace(revision, change_note=edition.change_note, provenance=edition.provenance)
        await rows.write_revisions(session, [revision])
        await self._after(session, article.id, text)

    def _revision(self, id_: UUID, number: int, source: str, document: Document, status: str) -> rows.Revision:
        chunks = [(passage_id(id_, number, chunk), chunk) for chunk in self.splitter.split(document)]
        if not chunks:
            raise InvalidError("The text has only headings, so nothing of it could be found. Write a sentence below.")
        return rows.Revision(
            article_id=id_,
            version=number,
            source=source,
            document=document,
            chunks=tuple(chunks) if status == "approved" else (),
            status=status,
        )

    async def _after(self, session: Session, id_: UUID, text: ArticleText) -> None:
        """What goes with every version that is written: review date, expiry, and the index."""
        await fields.set_fields(session, id_, review_by=text.review_by)
        if text.valid_until is not None:
            once = f"{EXPIRE_ARTICLES} {id_} {text.valid_until.isoformat()}"
            await enqueue(session, EXPIRE_ARTICLES, queue=KNOWLEDGE_QUEUE, once=once, at=text.valid_until)
        await self.indexing(session)

    async def archive_in(self, session: Session, article_ids: list[UUID], by: str) -> None:
        """Takes articles out of force in the caller's transaction; no ingest brings them back."""
        await rows.archive(session, article_ids)
        await fields.note_archived(session, article_ids, by)
        await self.indexing(session)

    async def _record_status(
        self, session: Session, principal: Principal, action: str, held: Held, status: str
    ) -> None:
        stored = Stored(article_id=held[0].id, version=held[1].version)
        await self.record(
            session, principal, action, stored, before={"status": held[0].status}, after={"status": status}
        )

    async def _version(self, session: Session, article_id: UUID, number: int) -> KnowledgeArticleVersion:
        found = await fields.version_of(session, article_id, number)
        if found is None:
            raise _no_article()
        return found

    async def _view(self, session: Session, article_id: UUID) -> ArticleTextView:
        return msgspec.convert(await reads.article(session, article_id, None), ArticleTextView, from_attributes=True)

    async def _told(self, article_id: UUID) -> ArticleTextView:
        self.told()
        async with self.sessions() as session:
            return await self._view(session, article_id)


def _status(change: ArticleChange, held: Held) -> str:
    return change.status if isinstance(change.status, str) else held[0].status


def _content(text: ArticleText) -> bytes:
    """Everything that a version tells apart; who wrote it and when to read it again are no content."""
    return msgspec.json.encode(msgspec.structs.replace(text, status="approved", review_by=None))


def _summary(text: ArticleText, version: int) -> Json:
    return {"title": text.title, "version": version, "tags": list(text.tags), "audience": text.audience}


def _no_article() -> NotFoundError:
    return NotFoundError("article_not_found", "There is no such article, or not in this version.")


async def _check_valid(session: Session, article: KnowledgeArticle) -> None:
    if article.valid_until is not None and article.valid_until <= await fields.now(session):
        detail = "Its validity is over. Set a later valid_until first, then restore it."
        raise ConflictError("article_expired", detail)
