"""The knowledge base as a file: out, and in again."""

from typing import Any, Literal

from litestar import Controller, Request, Response, get, post

from assist.errors import InvalidError
from assist.learning.exchange import ImportReport
from assist.web.authentication import caller, services_of, supervises

MAX_FILE_BYTES = 5 * 1024 * 1024
_MEDIA = {
    "csv": ("text/csv", "knowledge-base.csv"),
    "markdown": ("application/zip", "knowledge-base.zip"),
}


class KnowledgeExchangeController(Controller):
    """For supervisors."""

    path = "/api/knowledge-base"
    tags = ("knowledge",)
    guards = (supervises,)

    @get("/export", operation_id="ExportArticles", media_type="*/*")
    async def export(
        self,
        request: Request[Any, Any, Any],
        format: Literal["csv", "markdown"] = "csv",
    ) -> Response[bytes]:
        """Every article: one CSV file, or a zip file of Markdown files with front matter."""
        content = await services_of(request).supervision.learning.exchange.written(format)
        media_type, name = _MEDIA[format]
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=media_type, headers=headers)

    @post("/import", operation_id="ImportArticles", status_code=200, request_max_body_size=MAX_FILE_BYTES)
    async def take(
        self,
        request: Request[Any, Any, Any],
        format: Literal["csv", "markdown"] = "csv",
        dry_run: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> ImportReport:
        """Takes a file as the body, at most 5 MB; reports on each row. With `dry_run` nothing is stored."""
        data = await request.body()
        if not data:
            raise InvalidError("Send the file as the body of the request.")
        exchange = services_of(request).supervision.learning.exchange
        return await exchange.take(data, format, caller(request), dry_run=dry_run)
