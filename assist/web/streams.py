"""A call as a stream: WebSocket for desks, Server-Sent Events for everything that only listens. The same events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import anyio
import msgspec
from litestar import Request, WebSocket, get, websocket
from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketDisconnect
from litestar.params import Parameter
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from assist.access import Machine, Person, Principal
from assist.db.errors import DatabaseError
from assist.delivery import CALL_LIST, PING_S, Cursor
from assist.errors import NotAuthenticatedError, NotPermittedError
from assist.services import Services
from assist.views import Json
from assist.web.authentication import caller, may_read, origin_allowed, services_of, signed_in_or_key
from assist.web.desk_messages import Inbox, error_message
from assist.web.problems import refusal, refuse_handshake
from assist.web.realtime import session_uuid

_SEND_TIMEOUT_S = 5.0
"""A reader that takes nothing for so long is cut off; it comes back with its cursor and has missed nothing."""
_FIRST_MESSAGE_S = 10.0
_RECHECK_S = 15.0
_CLOSE_CODES = {401: 4401, 403: 4403, 404: 4404, 429: 4013}
_TOO_SLOW = 4008
_FAILED = 1011


class _FirstMessage(Struct, frozen=True, kw_only=True, tag="auth"):
    """How a browser's socket says whose it is."""

    ticket: str


@websocket("/api/realtime/ws/{session_id:str}")
async def call_socket(socket: WebSocket[Any, Any, Any], session_id: str) -> None:
    """Events after `?after=` of `?epoch=`, then live; takes the agent's messages. See docs/api.md."""
    try:
        known = await _before_opening(socket, session_id)
    except Exception as error:  # noqa: BLE001 - the edge of the handshake: it is logged and answered
        await refuse_handshake(socket, socket.send, error)
        return
    await socket.accept()
    services = services_of(socket)
    cursor = _cursor(socket.query_params.get("after"), socket.query_params.get("epoch"))
    try:
        principal = known or await _by_ticket(socket, services)
        identity = session_uuid(session_id)
        await services.calls.check_access(principal, identity, follow=True)
        conversation = Conversation(
            socket=socket, services=services, principal=principal, session_id=identity, cursor=cursor
        )
        await conversation.run()
    except TimeoutError:
        await _close(socket, _TOO_SLOW, "too_slow")
    except WebSocketDisconnect:
        return
    except Exception as error:  # noqa: BLE001 - the edge of the socket: it is logged and the reader comes back
        told = refusal(error, socket)
        await _close(socket, _CLOSE_CODES.get(told.status, _FAILED), told.code)


async def _before_opening(socket: WebSocket[Any, Any, Any], session_id: str) -> Machine | None:
    """What is checked before a socket opens: the page's origin, and a key. People prove themselves afterwards.

    Raises:
        NotAuthenticatedError: neither a page nor a program with a key.
        NotPermittedError: a page of another site, or a key without the scope.
        NotFoundError: there is no such call for this key.
    """
    machine = socket.user if isinstance(socket.user, Machine) else None
    if machine is None and "Origin" not in socket.headers:
        raise NotAuthenticatedError("A program sends its key as “Authorization: Bearer KEY”.")
    if not origin_allowed(socket):
        raise NotPermittedError("Pages of this origin may not open sockets here.", code="foreign_origin")
    if machine is not None:
        await services_of(socket).calls.check_access(machine, session_uuid(session_id), follow=True)
    return machine


@get(
    "/api/realtime/stream/{session_id:str}",
    guards=[signed_in_or_key],
    operation_id="StreamCall",
    tags=["realtime"],
    media_type="text/event-stream",
)
async def call_stream(
    request: Request[Any, Any, Any],
    session_id: str,
    after: str | None = None,
    epoch: str | None = None,
    last_event_id: Annotated[str | None, Parameter(header="Last-Event-ID")] = None,
) -> ASGIApp:
    """The events of a call as Server-Sent Events; `Last-Event-ID` (or `?after=`) resumes."""
    services = services_of(request)
    identity = session_uuid(session_id)
    await services.calls.check_access(caller(request), identity, follow=True)
    if last_event_id is not None:
        epoch, _, after = last_event_id.rpartition(":")
    return event_stream(_as_server_sent(services, identity, _cursor(after, epoch)), services, caller(request))


@get(
    "/api/calls/stream",
    guards=[may_read],
    operation_id="StreamCallList",
    tags=["calls"],
    media_type="text/event-stream",
)
async def call_list_stream(request: Request[Any, Any, Any]) -> ASGIApp:
    """Says `calls_changed` whenever the list of the caller's calls did."""
    services, principal = services_of(request), caller(request)
    return event_stream(_list_changes(services, principal), services, principal)


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One socket: events go out, the agent's messages come in."""

    socket: WebSocket[Any, Any, Any]
    services: Services
    principal: Principal
    session_id: UUID
    cursor: Cursor
    _replies: asyncio.Queue[Json] = field(default_factory=lambda: asyncio.Queue(maxsize=100))

    async def run(self) -> None:
        """Sends and receives until one side ends it.

        Raises:
            TimeoutError: the reader takes nothing.
            RequestError: the caller may not go on.
        """
        known = _while_known(self.services, self.principal)
        await _until_one_ends(self._follow(), self._reply(), self._receive(), known)

    async def _send(self, message: Json) -> None:
        with anyio.fail_after(_SEND_TIMEOUT_S):
            await self.socket.send_data(msgspec.json.encode(message), mode="text", encoding="utf-8")

    async def _follow(self) -> None:
        async with aclosing(self.services.hub.follow(self.session_id, self.cursor)) as messages:
            async for message in messages:
                await self._send(message)

    async def _reply(self) -> None:
        while True:
            await self._send(await self._replies.get())

    async def _receive(self) -> None:
        inbox = Inbox(services=self.services, principal=self.principal, session_id=self.session_id)
        while True:
            answer = await inbox.take(await self.socket.receive_data(mode="text"))
            if answer is not None:
                await self._replies.put(answer)


async def _while_known(services: Services, principal: Principal) -> None:
    """Waits until the caller may no longer be here: signed out, disabled, or the key revoked.

    Raises:
        NotAuthenticatedError: that is so now.
    """
    while True:
        await asyncio.sleep(_RECHECK_S)
        if not await services.accounts.still_known(principal):
            raise NotAuthenticatedError("The session has ended, or the key was revoked.")


async def _until_one_ends(*parts: Any) -> None:
    """Runs coroutines side by side; the first error or return ends all, and comes out as itself."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _by_ticket(socket: WebSocket[Any, Any, Any], services: Services) -> Person:
    """The first message of a browser's socket: {"type":"auth","ticket":…}."""
    try:
        with anyio.fail_after(_FIRST_MESSAGE_S):
            text = await socket.receive_data(mode="text")
        first = msgspec.json.decode(text, type=_FirstMessage)
    except (TimeoutError, msgspec.DecodeError, UnicodeError, RecursionError):
        raise NotAuthenticatedError("The first message must bring a ticket.") from None
    return await services.accounts.redeem_ticket(first.ticket)


async def _close(socket: WebSocket[Any, Any, Any], code: int, reason: str) -> None:
    try:
        with anyio.fail_after(_SEND_TIMEOUT_S):
            if code != _TOO_SLOW:
                await socket.send_json(error_message(reason, "The connection is closed."))
            await socket.close(code=code, reason=reason)
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return


def event_stream(lines: AsyncIterator[bytes], services: Services, principal: Principal) -> ASGIApp:
    """A response that sends what the iterator yields, and cuts off a reader that does not take it or must not."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        async def push() -> None:
            headers = [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async for line in lines:
                with anyio.fail_after(_SEND_TIMEOUT_S):
                    await send({"type": "http.response.body", "body": line, "more_body": True})

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        try:
            await _until_one_ends(push(), gone(), _while_known(services, principal))
        except TimeoutError:
            return
        except (NotAuthenticatedError, DatabaseError) as error:
            refusal(error, ASGIConnection(scope))
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return respond


async def _as_server_sent(services: Services, session_id: UUID, cursor: Cursor) -> AsyncIterator[bytes]:
    epoch = ""
    async with aclosing(services.hub.follow(session_id, cursor)) as messages:
        async for message in messages:
            if message["type"] == "ping":
                yield b": ping\n\n"
                continue
            epoch = message.get("epoch", epoch)
            seq = message.get("seq") if message["type"] not in ("hello", "reset") else None
            identity = b"" if seq is None else f"id: {epoch}:{seq}\n".encode()
            yield identity + b"data: " + msgspec.json.encode(message) + b"\n\n"


async def _list_changes(services: Services, principal: Principal) -> AsyncIterator[bytes]:
    seen: object = None
    with services.hub.watch(CALL_LIST) as watcher:
        while True:
            watcher.take()
            marker = await services.calls.list_marker(principal)
            if marker != seen:
                seen = marker
                yield b'data: {"type":"calls_changed"}\n\n'
            if not await watcher.rings(PING_S):
                yield b": ping\n\n"


def _cursor(after: str | None, epoch: str | None) -> Cursor:
    """A cursor that is no number starts from the beginning: repeating is harmless, a gap is not."""
    number = int(after) if after is not None and after.isascii() and after.isdigit() and len(after) < 10 else 0
    return Cursor(after=number, epoch=epoch or None)
