"""Drafts: a supervisor's answer on its way to becoming knowledge."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import msgspec
import structlog
from msgspec import UNSET

from assist import audit
from assist.access import Machine, Person, Principal, Role
from assist.db import curation as clock
from assist.db import drafts as rows
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest, KnowledgeDraft
from assist.db.models.base import Json
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.learning.article_text import ArticleText, author_of, text_of
from assist.learning.curation import Curation, Stored, edition_by
from assist.learning.neighbours import Neighbour, Neighbours
from assist.learning.views import (
    DraftChange,
    DraftDecision,
    DraftDetail,
    DraftPage,
    DraftView,
    draft_detail,
    draft_view,
)
from assist.learning.wording import body_of, title_of, wordings_of
from pipeline.errors import UpstreamError

_STATES = {"merge": "approved", "replace": "approved", "new": "approved", "one_off": "discarded"}
_ENDED_UNANSWERED = ("unresolved", "timed_out")

log = structlog.get_logger(__name__)


class LearningPolicy(Protocol):
    """What the installation's policy says about learning."""

    @property
    def auto_approve(self) -> tuple[Role, ...]:
        """Whose answers become articles without a review."""

    @property
    def review_after_days(self) -> int | None:
        """When a learned article should be read again."""


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """Takes answers in, shows what they are near to, and carries out what supervisors decide."""

    sessions: Sessions
    curation: Curation
    neighbours: Neighbours
    policy: Callable[[Session], Awaitable[LearningPolicy]]
    told: Callable[[], None] = lambda: None
    """After a commit: wakes the consoles."""

    async def take(self, session: Session, request: HelpRequest, learn: str, principal: Principal) -> None:
        """Makes an answered request a draft, in the caller's transaction; `approve` (or a role that the policy approves
        by itself) makes it an article at once, `none` nothing. A key's answer is always a draft. Taking the same
        request again changes nothing.
        """
        if learn == "none" or not (request.answer or "").strip() or request.resolution in _ENDED_UNANSWERED:
            return
        policy = await self.policy(session)
        draft_id = uuid4()
        if not await rows.insert_draft(session, await self._values(session, draft_id, request, principal, policy)):
            return
        if not _may_approve(principal, learn, policy):
            await audit.record(session, principal, "draft.created", ("draft", str(draft_id)))
            return
        draft = await self._held(session, draft_id)
        try:
            await self._carry_out(session, draft, DraftDecision(decision="new"), principal)
        except InvalidError as error:
            # The answer itself must not be lost over it; nothing but the draft has been written so far.
            log.warning("answer_not_learned", draft_id=str(draft_id), reason=error.detail)

    async def page(self, state: str | None, *, limit: int, cursor: str | None) -> DraftPage:
        """Newest first.

        Raises:
            InvalidError: the cursor is not one of ours.
        """
        after = _read_cursor(cursor) if cursor else None
        async with self.sessions() as session:
            found, total = await rows.list_drafts(session, state, after, limit + 1)
        following = _cursor(found[limit - 1]) if len(found) > limit else None
        return DraftPage(items=[draft_view(row) for row in found[:limit]], total=total, next=following)

    async def get(self, draft_id: UUID) -> DraftDetail:
        """With its neighbours; when the search fails, without.

        Raises:
            NotFoundError: there is no such draft.
        """
        async with self.sessions() as session:
            draft = await rows.get_draft(session, draft_id)
        if draft is None:
            raise _no_draft()
        try:
            found = await self.neighbours.of(draft.title, draft.body, without_draft=draft.id)
        except UpstreamError as error:
            log.warning("neighbours_not_searched", service=error.service)
            return draft_detail(draft, None)
        own = draft.article_id
        return draft_detail(draft, [it for it in found if own is None or it.article_id != own])

    async def near(self, title: str, body: str) -> list[Neighbour]:
        """What is near to a text that is being written.

        Raises:
            UpstreamError: the search does not answer.
        """
        return await self.neighbours.of(title, body)

    async def edit(self, draft_id: UUID, change: DraftChange, principal: Principal) -> DraftView:
        """Changes an open draft.

        Raises:
            ConflictError: `draft_decided`.
        """
        async with self.sessions.begin() as session:
            draft = await self._held(session, draft_id)
            values = _changes(change)
            if values:
                before = {name: msgspec.to_builtins(getattr(draft, name)) for name in values}
                await rows.change_draft(session, draft_id, **values)
                await self._record(session, principal, "draft.edited", draft, before, msgspec.to_builtins(values))
        return await self._told(draft_id)

    async def decide(self, draft_id: UUID, decision: DraftDecision, principal: Principal) -> DraftView:
        """Makes the draft an article, part of one, or nothing; one transaction.

        Raises:
            ConflictError: `draft_decided` or `article_changed`, with what is there.
            NotFoundError, InvalidError.
        """
        async with self.sessions.begin() as session:
            draft = await self._held(session, draft_id)
            await self._carry_out(session, draft, decision, principal)
        return await self._told(draft_id)

    async def discard(self, draft_id: UUID, principal: Principal) -> DraftView:
        """Not to be learned.

        Raises:
            ConflictError: `draft_decided`.
        """
        return await self.decide(draft_id, DraftDecision(decision="one_off"), principal)

    async def _values(
        self, session: Session, draft_id: UUID, request: HelpRequest, principal: Principal, policy: LearningPolicy
    ) -> Json:
        days = policy.review_after_days
        author = principal if isinstance(principal, Person) else None
        return {
            "id": draft_id,
            "request_id": request.id,
            "session_id": request.session_id,
            "author_id": author.id if author else None,
            "author_name": author_of(principal),
            "title": title_of(request.question, request.topic),
            "body": body_of(request.answer or ""),
            "tags": list(request.tags),
            "review_by": await clock.now(session) + timedelta(days=days) if days else None,
        }

    async def _carry_out(
        self, session: Session, draft: KnowledgeDraft, decision: DraftDecision, principal: Principal
    ) -> None:
        request = await rows.request_of(session, draft.request_id) if draft.request_id else None
        stored = await self._write(session, draft, request, decision, principal)
        ended: Json = {
            "state": _STATES[decision.decision],
            "decision": decision.decision,
            "article_id": stored.article_id if stored else None,
            "article_version": stored.version if stored else None,
            "decided_by_name": author_of(principal),
            "decided_at": await clock.now(session),
        }
        await rows.change_draft(session, draft.id, **_changes(decision), **ended)
        action = "draft.approved" if stored else "draft.discarded"
        after = msgspec.to_builtins({name: ended[name] for name in ("decision", "article_id", "article_version")})
        await self._record(session, principal, action, draft, {"state": draft.state}, after)
        if stored and draft.request_id:
            event: Json = {"actor": principal.actor, "actor_name": author_of(principal), "after": after}
            await rows.note_learned(session, draft.request_id, stored.article_id, event)

    async def _write(
        self,
        session: Session,
        draft: KnowledgeDraft,
        request: HelpRequest | None,
        decision: DraftDecision,
        principal: Principal,
    ) -> Stored | None:
        if decision.decision == "one_off":
            return None
        text, provenance = _text(draft, request, decision), _provenance(draft)
        if decision.decision == "new":
            stored = await self.curation.create_in(session, text, principal, provenance)
            await self.curation.record(session, principal, "article.created", stored, after={"title": text.title})
            return stored
        if decision.article_id is None:
            raise InvalidError(f"To {decision.decision}, say into which article (article_id).")
        held = await self.curation.hold(session, decision.article_id, decision.base_version)
        present = text_of(*held)
        is_merge = decision.decision == "merge"
        edition = edition_by(
            principal,
            _merged(present, text, decision) if is_merge else _replacing(present, text, decision),
            status="approved",
            change_note=f"{'Merged with' if is_merge else 'Replaced by'} the answer “{draft.title}”",
            provenance=provenance,
        )
        stored = await self.curation.write_in(session, held, edition)
        before: Json = {"version": held[1].version, "status": held[0].status}
        action = "article.merged" if is_merge else "article.replaced"
        await self.curation.record(session, principal, action, stored, before=before, after={"version": stored.version})
        return stored

    async def _held(self, session: Session, draft_id: UUID) -> KnowledgeDraft:
        """An open draft, for this transaction alone. The request is locked first, as whoever answers one does."""
        draft = await rows.get_draft(session, draft_id)
        if draft is not None and draft.request_id is not None:
            await rows.request_of(session, draft.request_id)
        draft = await rows.get_draft(session, draft_id, lock=True)
        if draft is None:
            raise _no_draft()
        if draft.state != "open":
            detail = f"{draft.decided_by_name or 'Somebody'} has decided about this draft already."
            raise ConflictError("draft_decided", detail, current=msgspec.to_builtins(draft_view(draft)))
        return draft

    async def _record(
        self, session: Session, principal: Principal, action: str, draft: KnowledgeDraft, before: Json, after: Json
    ) -> None:
        await audit.record(session, principal, action, ("draft", str(draft.id)), before=before, after=after)

    async def _told(self, draft_id: UUID) -> DraftView:
        self.told()
        async with self.sessions() as session:
            draft = await rows.get_draft(session, draft_id)
        if draft is None:
            raise _no_draft()
        return draft_view(draft)


def _may_approve(principal: Principal, learn: str, policy: LearningPolicy) -> bool:
    if isinstance(principal, Machine):
        return False
    asked = learn == "approve" and principal.role in (Role.SUPERVISOR, Role.ADMIN)
    return asked or principal.role in policy.auto_approve


def _changes(change: DraftChange) -> dict[str, Any]:
    """Texts for columns that are to be set."""
    names = DraftChange.__struct_fields__
    found = {name: getattr(change, name) for name in names if getattr(change, name) is not UNSET}
    for name in ("valid_until", "review_by"):
        moment: datetime | None = found.get(name)
        if moment is not None and moment.tzinfo is None:
            raise InvalidError(f"{name} needs a time zone, like 2027-01-31T00:00:00Z.")
    return found


def _text(draft: KnowledgeDraft, request: HelpRequest | None, decision: DraftDecision) -> ArticleText:
    """The draft as it is to be learned."""
    chosen = {name: getattr(draft, name) for name in DraftChange.__struct_fields__} | _changes(decision)
    asked = (draft.title, request.question, request.topic) if request else (draft.title,)
    return ArticleText(**chosen, asked_as=wordings_of(chosen["title"], *asked))


def _provenance(draft: KnowledgeDraft) -> Json:
    return {
        "draft_id": str(draft.id),
        "request_id": str(draft.request_id) if draft.request_id else None,
        "session_id": str(draft.session_id) if draft.session_id else None,
        "supervisor_id": str(draft.author_id) if draft.author_id else None,
    }


def _merged(present: ArticleText, text: ArticleText, decision: DraftDecision) -> ArticleText:
    """The article with the answer under a heading of its own, or with the text that the supervisor has edited."""
    edited = decision.body if isinstance(decision.body, str) else None
    body = edited or f"{present.body.rstrip()}\n\n## {text.title}\n\n{text.body}\n"
    return msgspec.structs.replace(
        present,
        title=decision.title if edited and isinstance(decision.title, str) else present.title,
        body=body,
        tags=list(dict.fromkeys([*present.tags, *text.tags])),
        asked_as=list(dict.fromkeys([*present.asked_as, text.title, *text.asked_as]))[-30:],
        **{name: getattr(text, name) for name in ("valid_until", "review_by") if getattr(decision, name) is not UNSET},
    )


def _replacing(present: ArticleText, text: ArticleText, decision: DraftDecision) -> ArticleText:
    """The answer in the place of the article's text; the title stays known as one wording of the question."""
    asked = list(dict.fromkeys([present.title, *present.asked_as, *text.asked_as]))[-30:]
    kept = {name: getattr(present, name) for name in ("audience", "language") if getattr(decision, name) is UNSET}
    return msgspec.structs.replace(
        text, url=present.url, asked_as=asked, tags=list(dict.fromkeys([*present.tags, *text.tags])), **kept
    )


def _no_draft() -> NotFoundError:
    return NotFoundError("draft_not_found", "There is no such draft.")


def _cursor(row: KnowledgeDraft) -> str:
    key = rows.DraftKey(created_at=row.created_at, id=row.id)
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode("ascii").rstrip("=")


def _read_cursor(cursor: str) -> rows.DraftKey:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded.encode("ascii")), type=rows.DraftKey)
    except (ValueError, msgspec.MsgspecError):
        raise InvalidError("The cursor is not one that this server gave.", code="invalid_cursor") from None
