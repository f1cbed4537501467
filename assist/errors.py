"""The error root for callers: what they asked for cannot be done, and why."""

from collections.abc import Mapping
from typing import Any


class RequestError(Exception):
    """A request that is refused.

    Attributes:
        code: stable, for programs ("call_ended").
        status: HTTP status.
        detail: for people: what happened and what to do next. Never customer words.
        headers: to send with the answer (Retry-After).
        current: what is there instead, as JSON, where the caller may see it and needs it to go on.
    """

    def __init__(
        self,
        code: str,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        current: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.current = dict(current or {})


class NotFoundError(RequestError):
    """404; also for things that exist but not for this caller."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, 404, detail)


class ConflictError(RequestError):
    """409: the thing is in a state that does not allow it."""

    def __init__(self, code: str, detail: str, *, current: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, 409, detail, current=current)


class NotPermittedError(RequestError):
    """403: known caller, not allowed."""

    def __init__(self, detail: str, code: str = "not_permitted") -> None:
        super().__init__(code, 403, detail)


class NotAuthenticatedError(RequestError):
    """401: no caller, or one that could not be proved."""

    def __init__(self, detail: str, code: str = "not_authenticated") -> None:
        super().__init__(code, 401, detail, headers={"WWW-Authenticate": "Bearer"})


class InvalidError(RequestError):
    """422: understood, but a field is out of its range."""

    def __init__(self, detail: str, code: str = "invalid_field") -> None:
        super().__init__(code, 422, detail)
