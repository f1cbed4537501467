"""Signing in and out, and tickets for sockets."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import Cookie
from msgspec import Meta, Struct

from assist.access import Person
from assist.accounts import TICKET_LIFETIME, csrf_token
from assist.errors import NotPermittedError
from assist.web.api_document import ANYBODY, PERSON, PROBLEM
from assist.web.authentication import SESSION_COOKIE, client_address, origin_allowed, person, services_of


class UserOut(Struct, frozen=True, kw_only=True):
    """Somebody signed in."""

    id: str
    email: str
    name: str
    role: str
    agent_id: str


class SessionOut(Struct, frozen=True, kw_only=True):
    """Who is signed in, and what unsafe requests must carry."""

    user: UserOut | None
    csrf_token: str


class SignIn(Struct, frozen=True, kw_only=True):
    """Credentials."""

    email: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=1000)]


class TicketOut(Struct, frozen=True, kw_only=True):
    """A single-use ticket for one socket."""

    ticket: str
    expires_in: int
    """Seconds."""


class SessionController(Controller):
    """The browser's session."""

    path = "/api"
    tags = ("session",)

    @get("/session", operation_id="GetSession", security=ANYBODY, responses={401: PROBLEM})
    async def current(self, request: Request[Any, Any, Any]) -> SessionOut:
        """Who is signed in; `user` is null when nobody is."""
        signed_in = request.user if isinstance(request.user, Person) else None
        token = request.cookies.get(SESSION_COOKIE, "") if signed_in else ""
        return SessionOut(user=_user(signed_in) if signed_in else None, csrf_token=csrf_token(token))

    @post(
        "/session",
        operation_id="SignIn",
        status_code=200,
        security=ANYBODY,
        responses={401: PROBLEM, 403: PROBLEM, 429: PROBLEM},
    )
    async def sign_in(self, request: Request[Any, Any, Any], data: SignIn) -> Response[SessionOut]:
        """Signs in. 401 `invalid_credentials`; 429 `too_many_attempts` after ten failures within a minute."""
        if not origin_allowed(request):
            raise NotPermittedError("Sign-ins from pages of other sites are refused.", code="foreign_origin")
        services = services_of(request)
        email, address = data.email.strip(), client_address(request)
        token, signed_in = await services.accounts.sign_in(email, data.password, address)
        cookie = Cookie(
            key=SESSION_COOKIE,
            value=token,
            httponly=True,
            secure=services.settings.cookie_secure,
            samesite="lax",
            max_age=int(services.accounts.session_lifetime.total_seconds()),
        )
        return Response(SessionOut(user=_user(signed_in), csrf_token=csrf_token(token)), cookies=[cookie])

    @delete("/session", operation_id="SignOut", security=PERSON)
    async def sign_out(self, request: Request[Any, Any, Any]) -> Response[None]:
        """Ends this browser's session."""
        await services_of(request).accounts.sign_out(person(request))
        answer = Response(None)
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    @post("/realtime/tickets", operation_id="IssueTicket", status_code=201, security=PERSON)
    async def ticket(self, request: Request[Any, Any, Any]) -> TicketOut:
        """A ticket to send as the first message of a socket."""
        ticket = await services_of(request).accounts.issue_ticket(person(request))
        return TicketOut(ticket=ticket, expires_in=int(TICKET_LIFETIME.total_seconds()))


def _user(who: Person) -> UserOut:
    return UserOut(
        id=str(who.id), email=who.email, name=who.name, role=who.role.value, agent_id=who.agent_identities[-1]
    )
