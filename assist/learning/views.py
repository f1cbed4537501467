"""What drafts look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from assist.db.models import KnowledgeDraft
from assist.learning.article_text import Body, Short, Tags, Title
from assist.learning.neighbours import Neighbour

Decision = Literal["new", "merge", "replace", "one_off"]


class DraftView(Struct, frozen=True, kw_only=True):
    """A supervisor's answer on its way to becoming knowledge."""

    id: UUID
    request_id: UUID | None
    session_id: UUID | None
    author_name: str
    title: str
    body: str
    tags: list[str]
    audience: str
    language: str
    valid_until: datetime | None
    review_by: datetime | None
    state: str
    """open, approved or discarded."""
    decision: str | None
    article_id: UUID | None
    article_version: int | None
    decided_by_name: str | None
    decided_at: datetime | None
    created_at: datetime
    updated_at: datetime


class DraftDetail(DraftView, frozen=True, kw_only=True):
    """With what is known about much the same."""

    neighbours: list[Neighbour]
    neighbours_available: bool = True
    """False: the search does not answer just now, so there may be more."""


class DraftPage(Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[DraftView]
    total: int
    next: str | None


class NeighbourList(Struct, frozen=True, kw_only=True):
    """Contradictions first."""

    items: list[Neighbour]


class DraftChange(Struct, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    title: Title | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    audience: Short | UnsetType = UNSET
    language: Short | UnsetType = UNSET
    valid_until: datetime | UnsetType | None = UNSET
    review_by: datetime | UnsetType | None = UNSET


class DraftDecision(DraftChange, frozen=True, kw_only=True):
    """What becomes of a draft, with last changes to it. `merge` without a `body` appends the draft to the article
    under its title; with one, that is the article's whole new text."""

    decision: Decision
    article_id: UUID | None = None
    """To merge into, or to replace."""
    base_version: Annotated[int, Meta(ge=1, le=2_000_000_000)] | None = None
    """Of that article, as the supervisor saw it."""


_FIELDS = DraftView.__struct_fields__


def draft_view(row: KnowledgeDraft) -> DraftView:
    """From its row."""
    return DraftView(**{name: getattr(row, name) for name in _FIELDS})


def draft_detail(row: KnowledgeDraft, neighbours: list[Neighbour] | None) -> DraftDetail:
    """From its row; None: the search failed."""
    fields = {name: getattr(row, name) for name in _FIELDS}
    return DraftDetail(**fields, neighbours=neighbours or [], neighbours_available=neighbours is not None)
