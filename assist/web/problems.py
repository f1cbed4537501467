"""Every error as problem details (RFC 9457) with a stable code. Nothing of our insides gets out."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from assist.db.errors import DatabaseError, DataError, IntegrityError, ProgrammingError
from assist.errors import RequestError
from pipeline.errors import UpstreamError

log = structlog.get_logger(__name__)

_TITLES = {
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
    413: "The body is larger than the limit of 256 kB.",
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


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Problem]:
    """An error as a response."""
    body = Problem(
        type=f"urn:assist:problem:{code}",
        title=_TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        code=code,
        errors=errors or [],
    )
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)


def _refused(_: Request[Any, Any, Any], error: RequestError) -> Response[Problem]:
    return problem(error.status, error.code, error.detail, headers=error.headers)


def _invalid(_: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    fields = [
        FieldProblem(field=str(item.get("key") or "body"), message=str(item.get("message", "")))
        for item in error.extra or []
        if isinstance(item, dict)
    ]
    names = ", ".join(dict.fromkeys(item.field for item in fields)) or "body"
    return problem(422, "invalid_field", f"These fields are missing or wrong: {names}.", errors=fields)


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    status = error.status_code
    if status >= 500:
        return _unexpected(_, error)
    code = _CODES.get(status, "request_refused")
    detail = _DETAILS.get(status, "The request could not be read. Check that the body is valid JSON in UTF-8.")
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() != "content-type"}
    return problem(status, code, detail, headers=headers)


def _bad_value(_: Request[Any, Any, Any], __: Exception) -> Response[Problem]:
    return problem(422, "invalid_field", "A value cannot be stored, for example because of a NUL character in a text.")


def _database(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    if isinstance(error, DataError):
        return _bad_value(request, error)
    if isinstance(error, IntegrityError | ProgrammingError):
        return _unexpected(request, error)
    log.warning("database_unavailable", path=request.url.path, error=type(error).__name__)
    detail = "The database does not answer. Nothing was stored; send the same request again."
    return problem(503, "database_unavailable", detail, headers={"Retry-After": "2"})


def _upstream(request: Request[Any, Any, Any], error: UpstreamError) -> Response[Problem]:
    log.warning("upstream_unavailable", path=request.url.path, service=error.service)
    detail = f"A part of the service does not answer ({error.service}). Try again in a moment."
    return problem(503, f"{error.service}_unavailable", detail, headers={"Retry-After": "2"})


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    log.error(
        "request_failed", method=request.method, path=request.url.path, error=type(error).__name__, exc_info=error
    )
    return problem(500, "internal_error", "Something went wrong on our side. It has been logged.")


HANDLERS: ExceptionHandlersMap = {
    RequestError: _refused,
    ValidationException: _invalid,
    HTTPException: _http,
    DatabaseError: _database,
    UnicodeError: _bad_value,
    RecursionError: lambda request, error: problem(400, "malformed_request", "The JSON is nested too deeply."),
    UpstreamError: _upstream,
    Exception: _unexpected,
}

__all__ = ["HANDLERS", "FieldProblem", "Problem", "problem"]
