"""Drafts of knowledge: what supervisors' answers may become."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, get, patch, post
from litestar.params import Parameter
from msgspec import Struct

from assist.errors import NotFoundError
from assist.learning.article_text import Body, Title
from assist.learning.drafts import Drafts
from assist.learning.views import DraftChange, DraftDecision, DraftDetail, DraftPage, DraftView, NeighbourList
from assist.web.authentication import caller, may_read_supervision, services_of, supervises


class Written(Struct, frozen=True, kw_only=True):
    """A text as it is being written."""

    title: Title
    body: Body


class KnowledgeDraftsController(Controller):
    """Supervisors decide; analysts read."""

    path = "/api/knowledge-drafts"
    tags = ("knowledge",)
    guards = (may_read_supervision,)

    @get("", operation_id="ListDrafts")
    async def index(
        self,
        request: Request[Any, Any, Any],
        wanted: Annotated[Literal["open", "approved", "discarded", "all"], Parameter(query="state")] = "open",
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
        cursor: str | None = None,
    ) -> DraftPage:
        """Newest first."""
        return await _drafts(request).page(None if wanted == "all" else wanted, limit=limit, cursor=cursor)

    @get("/{draft_id:str}", operation_id="GetDraft")
    async def draft(self, request: Request[Any, Any, Any], draft_id: str) -> DraftDetail:
        """One draft, with the articles and drafts that are near to it."""
        return await _drafts(request).get(_uuid(draft_id))

    @patch("/{draft_id:str}", operation_id="EditDraft", guards=[supervises])
    async def edit(self, request: Request[Any, Any, Any], draft_id: str, data: DraftChange) -> DraftView:
        """Changes an open draft. 409 `draft_decided`."""
        return await _drafts(request).edit(_uuid(draft_id), data, caller(request))

    @post("/{draft_id:str}/approve", operation_id="DecideDraft", guards=[supervises], status_code=200)
    async def approve(self, request: Request[Any, Any, Any], draft_id: str, data: DraftDecision) -> DraftView:
        """Makes it an article (`new`), part of one (`merge`), its new text (`replace`) or nothing (`one_off`)."""
        return await _drafts(request).decide(_uuid(draft_id), data, caller(request))

    @post("/{draft_id:str}/discard", operation_id="DiscardDraft", guards=[supervises], status_code=200)
    async def discard(self, request: Request[Any, Any, Any], draft_id: str) -> DraftView:
        """Not to be learned. 409 `draft_decided`."""
        return await _drafts(request).discard(_uuid(draft_id), caller(request))

    @post("/neighbours", operation_id="FindNeighbours", guards=[supervises], status_code=200)
    async def neighbours(self, request: Request[Any, Any, Any], data: Written) -> NeighbourList:
        """What is near to a text that is being written."""
        return NeighbourList(items=await _drafts(request).near(data.title, data.body))


def _drafts(request: Request[Any, Any, Any]) -> Drafts:
    return services_of(request).supervision.learning.drafts


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("draft_not_found", "There is no such draft.") from None
