"""Figures about help requests, and the log of who did what: for supervisors and analysts, to read."""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, Request, get
from litestar.di import Provide
from litestar.params import Parameter
from litestar.response import Stream

from assist.audit import AuditPage
from assist.db.audit import AuditFilter
from assist.errors import InvalidError
from assist.statistics import Period, StatisticsView
from assist.web.authentication import may_read_supervision, services_of

_MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}
Text = Annotated[str, Parameter(max_length=200)]
Since = Annotated[datetime | None, Parameter(query="from")]
Until = Annotated[datetime | None, Parameter(query="to")]


def _wanted(
    actor: Text = "", action: Text = "", target: Text = "", since: Since = None, until: Until = None
) -> AuditFilter:
    if "\0" in actor + action + target:
        raise InvalidError("A filter cannot contain a NUL character.")
    return AuditFilter(actor=actor, action=action, target=target, since=since, until=until)


class StatisticsController(Controller):
    """Reading only."""

    path = "/api/supervision"
    tags = ("supervision",)
    guards = (may_read_supervision,)
    dependencies = {"wanted": Provide(_wanted, sync_to_thread=False)}

    @get("/statistics", operation_id="GetStatistics")
    async def statistics(
        self,
        request: Request[Any, Any, Any],
        since: Since = None,
        until: Until = None,
        bucket: Literal["hour", "day"] | None = None,
        time_zone: Text = "UTC",
    ) -> StatisticsView:
        """Requests created between `from` and `to` (the last seven days when not given)."""
        period = Period(since=since, until=until, bucket=bucket, time_zone=time_zone)
        return await services_of(request).supervision.statistics.of(period)

    @get("/audit", operation_id="ListAuditEntries")
    async def audit(
        self,
        request: Request[Any, Any, Any],
        wanted: AuditFilter,
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> AuditPage:
        """Newest first."""
        return await services_of(request).supervision.audit.page(wanted, limit=limit, before=_entry_id(cursor))

    @get("/audit/export", operation_id="ExportAuditEntries", media_type="text/csv")
    async def export(
        self,
        request: Request[Any, Any, Any],
        wanted: AuditFilter,
        format_: Annotated[Literal["csv", "jsonl"], Parameter(query="format")] = "csv",
    ) -> Stream:
        """Everything that matches, as a file."""
        lines = services_of(request).supervision.audit.export(wanted, format_)
        headers = {"Content-Disposition": f'attachment; filename="audit.{format_}"'}
        return Stream(lines, media_type=_MEDIA_TYPES[format_], headers=headers)


def _entry_id(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidError("The cursor is not one that this server gave.", code="invalid_cursor")
    return int(cursor)
