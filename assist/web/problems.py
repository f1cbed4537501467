"""Every error as problem details (RFC 9457) with a stable code. Nothing of our insides gets out."""

import logging
from typing import Any, cast

import msgspec
import structlog
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap, Message, Send

from assist.db.errors import DatabaseError, DataError, IntegrityError, ProgrammingError
from assist.errors import RequestError
from pipeline.errors import UpstreamError

log = structlog.get_logger(__name__)

Connection = ASGIConnection[Any, Any, Any, Any]
_RETRY = {"Retry-After": "2"}

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Malformed request",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid request",
    429: "Too many requests",
    500: "Internal error",
    503: "Temporarily unavailable",
}
_CODES = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}
_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: "The body is larger than this address takes: 256 kB, for an import of articles 5 MB.",
    415: "Send the body as application/json.",
}


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] = []
    current: dict[str, Any] = {}
    """Of a conflict: what is there instead."""


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
    current: dict[str, Any] | None = None,
) -> Response[Problem]:
    """An error as a response."""
    body = Problem(
        type=f"urn:assist:problem:{code}",
        title=TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        code=code,
        errors=errors or [],
        current=current or {},
    )
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def refusal(error: Exception, connection: Connection) -> RequestError:
    """What the caller is told of an error. What is not the caller's doing is logged, under the route, not the path."""
    if isinstance(error, RequestError):
        return error
    if isinstance(error, DataError | UnicodeError):
        detail = "A value cannot be stored, for example because of a NUL character in a text."
        return RequestError("invalid_field", 422, detail)
    route, kind = connection.scope.get("path_template"), type(error).__name__
    if isinstance(error, UpstreamError):
        log.warning("upstream_unavailable", route=route, service=error.service)
        detail = f"A part of the service does not answer ({error.service}). Try again in a moment."
        return RequestError(f"{error.service}_unavailable", 503, detail, headers=_RETRY)
    if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError | ProgrammingError):
        log.warning("database_unavailable", route=route, error=kind)
        detail = "The database does not answer. Nothing was stored; send the same request again."
        return RequestError("database_unavailable", 503, detail, headers=_RETRY)
    log.error("request_failed", route=route, error=kind, exc_info=error)
    return RequestError("internal_error", 500, "Something went wrong on our side. It has been logged.")


class AnsweredHandshakes(logging.Filter):
    """Drops the server's complaint that a handshake was not completed: here it was answered with a problem."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log it."""
        return record.getMessage() != "ASGI callable returned without completing handshake."


async def refuse_handshake(connection: Connection, send: Send, error: Exception) -> None:
    """Answers a WebSocket's handshake with problem details instead of opening it."""
    told = refusal(error, connection)
    answer = problem(told.status, told.code, told.detail)
    headers = {"content-type": MEDIA_TYPE, **{name.lower(): text for name, text in told.headers.items()}}
    start = {
        "type": "websocket.http.response.start",
        "status": told.status,
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
    }
    body = {"type": "websocket.http.response.body", "body": msgspec.json.encode(answer.content), "more_body": False}
    for message in (start, body):
        await send(cast("Message", message))


def _any(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    told = refusal(error, request)
    return problem(told.status, told.code, told.detail, headers=told.headers, current=told.current)


def _invalid(_: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    fields = [_field(item) for item in error.extra or [] if isinstance(item, dict)]
    names = ", ".join(dict.fromkeys(item.field for item in fields)) or "body"
    return problem(422, "invalid_field", f"These fields are missing or wrong: {names}.", errors=fields)


def _field(item: dict[str, Any]) -> FieldProblem:
    name = item.get("key") or "body"
    if name == "data":
        return FieldProblem(field="body", message="The body is missing.")
    return FieldProblem(field=str(name), message=str(item.get("message", "")))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    status = error.status_code
    if status >= 500:
        return _any(request, error)
    code = _CODES.get(status, "request_refused")
    detail = _DETAILS.get(status, "The request could not be read. Check that the body is valid JSON in UTF-8.")
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() != "content-type"}
    return problem(status, code, detail, headers=headers)


HANDLERS: ExceptionHandlersMap = {ValidationException: _invalid, HTTPException: _http, Exception: _any}

__all__ = [
    "HANDLERS",
    "MEDIA_TYPE",
    "TITLES",
    "AnsweredHandshakes",
    "FieldProblem",
    "Problem",
    "problem",
    "refusal",
    "refuse_handshake",
]
