"""The desk's reading side: the list of calls, and one call whole."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, get
from litestar.params import Parameter
from msgspec import Struct

from assist.errors import InvalidError
from assist.snapshots import Snapshot
from assist.views import CallView
from assist.web.authentication import caller, may_read, services_of
from assist.web.realtime import session_uuid


class CallsOut(Struct, frozen=True, kw_only=True):
    """A page of calls, newest first."""

    items: list[CallView]
    total: int
    next: str | None
    """Cursor of the next page."""


class CallsController(Controller):
    """Calls that the caller may see."""

    path = "/api/calls"
    tags = ("calls",)
    guards = (may_read,)

    @get("", operation_id="ListCalls")
    async def index(
        self,
        request: Request[Any, Any, Any],
        status: Literal["active", "ended"] | None = None,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> CallsOut:
        """Newest first; agents see the calls they are on."""
        page = await services_of(request).calls.page(
            caller(request), status=status, limit=limit, before=_decode(cursor) if cursor else None
        )
        return CallsOut(items=page.items, total=page.total, next=_encode(page.last) if page.last else None)

    @get("/{session_id:str}", operation_id="GetCall")
    async def snapshot(self, request: Request[Any, Any, Any], session_id: str) -> Snapshot:
        """A call with its transcript and suggestions; `seq` and `epoch` are where to follow it from."""
        services = services_of(request)
        identity = session_uuid(session_id)
        await services.calls.check_access(caller(request), identity)
        return await services.calls.snapshot(identity)


def _encode(place: tuple[datetime, UUID]) -> str:
    return f"{place[0].isoformat()}~{place[1]}"


def _decode(cursor: str) -> tuple[datetime, UUID]:
    moment, _, identity = cursor.partition("~")
    try:
        started_at = datetime.fromisoformat(moment)
        return started_at, UUID(identity)
    except ValueError:
        raise InvalidError("The cursor is not one that this server gave.", code="invalid_cursor") from None
