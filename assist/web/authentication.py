"""Who is calling: a bearer key, or the session cookie of a page of ours. Routes ask `person`, `caller` or a guard."""

from secrets import compare_digest
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp, Receive, Scope, Send

from assist.access import KeyScope, Machine, Person, Principal, Role, is_supervisor, require_scope
from assist.accounts import csrf_token
from assist.errors import NotAuthenticatedError, NotPermittedError
from assist.services import Services
from assist.web.problems import refuse_handshake

SESSION_COOKIE = "assist_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the principal, or None, on the connection. A wrong key is refused at once."""

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """Reads the caller from the headers."""
        accounts = services_of(connection).accounts
        header = connection.headers.get("Authorization")
        if header is not None:
            scheme, _, secret = header.partition(" ")
            if scheme.lower() != "bearer" or not secret.strip():
                raise NotAuthenticatedError("Send the key as “Authorization: Bearer KEY”.")
            machine: Principal = await accounts.machine(secret.strip())
            return AuthenticationResult(user=machine, auth="key")
        token = connection.cookies.get(SESSION_COOKIE)
        person = await accounts.person(token) if token else None
        if person is not None and token is not None:
            _check_csrf(connection, token)
        return AuthenticationResult(user=person, auth="session" if person else None)


def handshakes_refused_as_problems(app: ASGIApp) -> ASGIApp:
    """Middleware around `Authentication`: a socket that may not open is told why, as HTTP."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.WEBSOCKET:
            await app(scope, receive, send)
            return
        try:
            await app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the edge of the handshake: it is logged and answered
            await refuse_handshake(ASGIConnection(scope), send, error)

    return guarded


def services_of(connection: Connection) -> Services:
    """The wired application."""
    services: Services = connection.app.state.services
    return services


def caller(connection: Connection) -> Principal:
    """Whoever calls.

    Raises:
        NotAuthenticatedError: nobody proved who they are.
    """
    principal: Principal | None = connection.user
    if principal is None:
        raise NotAuthenticatedError("Sign in, or send an API key as “Authorization: Bearer KEY”.")
    return principal


def person(connection: Connection) -> Person:
    """The signed-in person.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotPermittedError: it is a key.
    """
    principal = caller(connection)
    if isinstance(principal, Machine):
        raise NotPermittedError("This is for people who are signed in, not for keys.")
    return principal


def signed_in_or_key(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: any known caller."""
    caller(connection)


def may_ingest(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: may start, feed and end calls."""
    require_scope(caller(connection), KeyScope.INGEST)


def may_read(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: people, and keys with the scope `read`."""
    principal = caller(connection)
    if isinstance(principal, Machine):
        require_scope(principal, KeyScope.READ)


def is_admin(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: administrators, and keys with the scope `admin`."""
    principal = caller(connection)
    if isinstance(principal, Machine):
        require_scope(principal, KeyScope.ADMIN)
    elif principal.role is not Role.ADMIN:
        raise NotPermittedError("This is for administrators.")


def supervises(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: supervisors and administrators, and keys with the scope `admin`."""
    principal = caller(connection)
    if isinstance(principal, Machine):
        require_scope(principal, KeyScope.ADMIN)
    elif not is_supervisor(principal):
        raise NotPermittedError("This is for supervisors.")


def may_read_supervision(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: supervisors, administrators and analysts, and keys with the scope `read`."""
    principal = caller(connection)
    if isinstance(principal, Machine):
        require_scope(principal, KeyScope.READ)
    elif principal.role is Role.AGENT:
        raise NotPermittedError("This is for supervisors and analysts.")


def client_address(request: Connection) -> str:
    """Where a request comes from, as the server sees it."""
    return request.client.host if request.client else "unknown"


def origin_allowed(connection: Connection) -> bool:
    """Whether the page that sends this is ours. Programs send no Origin and pass."""
    origin = connection.headers.get("Origin")
    if origin is None or origin.rstrip("/") in services_of(connection).settings.allowed_origins:
        return True
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == connection.headers.get("Host")


def _check_csrf(connection: Connection, token: str) -> None:
    """An unsafe request with the cookie must prove that a page of ours sent it."""
    if connection.scope.get("method", "GET") in _SAFE_METHODS:
        return
    sent = connection.headers.get(CSRF_HEADER, "")
    if not compare_digest(sent.encode(), csrf_token(token).encode()):
        detail = f"The header {CSRF_HEADER} is missing or wrong. Read it from GET /api/session and send it along."
        raise NotPermittedError(detail, code="csrf_failed")
