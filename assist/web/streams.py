"""A call as a stream: WebSocket for desks, Server-Sent Events for everything that only listens. The same events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import anyio
import msgspec
from litestar import Request, WebSocket, get, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.types import ASGIApp, Receive, Scope, Send

from assist.access import Person, Principal
from assist.delivery import Cursor
from assist.errors import NotAuthenticatedError, NotPermittedError, RequestError
from assist.services import Services
from assist.views import Json
from assist.web.authentication import caller, origin_allowed, services_of, signed_in_or_key
from assist.web.desk_messages import Inbox, error_message
from assist.web.realtime import session_uuid

_SEND_TIMEOUT_S = 5.0
"""A reader that takes nothing for so long is cut off; it comes back with its cursor and has missed nothing."""
_FIRST_MESSAGE_S = 10.0
_RECHECK_S = 15.0
_CLOSE_CODES = {401: 4401, 403: 4403, 404: 4404, 429: 4013}
_TOO_SLOW = 4008


@websocket("/api/realtime/ws/{session_id:str}")
async def call_socket(socket: WebSocket[Any, Any, Any], session_id: str) -> None:
    """Events after `?after=` of `?epoch=`, then live; takes the agent's messages. See docs/api.md."""
    services = services_of(socket)
    identity = session_uuid(session_id)
    cursor = _cursor(socket.query_params.get("after"), socket.query_params.get("epoch"))
    known: Principal | None = socket.user
    if not origin_allowed(socket, required=socket.auth != "key"):
        raise NotPermittedError("Pages of this origin may not open sockets here.", code="foreign_origin")
    if socket.auth == "key" and known is not None:
        await services.calls.check_access(known, identity, follow=True)
    await socket.accept()
    try:
        principal = known if socket.auth == "key" and known is not None else await _by_ticket(socket, services)
        await services.calls.check_access(principal, identity, follow=True)
        conversation = Conversation(
            socket=socket, services=services, principal=principal, session_id=identity, cursor=cursor
        )
        await conversation.run()
    except RequestError as error:
        await _close(socket, _CLOSE_CODES.get(error.status, 1011), error.code)
    except TimeoutError:
        await _close(socket, _TOO_SLOW, "too_slow")
    except WebSocketDisconnect:
        return


@get(
    "/api/realtime/stream/{session_id:str}",
    guards=[signed_in_or_key],
    operation_id="StreamCall",
    tags=["realtime"],
    media_type="text/event-stream",
)
async def call_stream(request: Request[Any, Any, Any], session_id: str) -> ASGIApp:
    """The events of a call as Server-Sent Events; `Last-Event-ID` (or `?after=`) resumes."""
    services = services_of(request)
    identity = session_uuid(session_id)
    await services.calls.check_access(caller(request), identity, follow=True)
    last = request.headers.get("Last-Event-ID")
    if last is None:
        cursor = _cursor(request.query_params.get("after"), request.query_params.get("epoch"))
    else:
        epoch, _, after = last.rpartition(":")
        cursor = _cursor(after, epoch or None)
    return event_stream(_as_server_sent(services, identity, cursor))


@get(
    "/api/calls/stream",
    guards=[signed_in_or_key],
    operation_id="StreamCallList",
    tags=["calls"],
    media_type="text/event-stream",
)
async def call_list_stream(request: Request[Any, Any, Any]) -> ASGIApp:
    """Says `calls_changed` whenever the list of the caller's calls did."""
    return event_stream(_list_changes(services_of(request), caller(request)))


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
        await _until_one_ends(self._follow(), self._reply(), self._receive(), self._recheck())

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

    async def _recheck(self) -> None:
        while isinstance(self.principal, Person):
            await asyncio.sleep(_RECHECK_S)
            if not await self.services.accounts.still_signed_in(self.principal):
                raise NotAuthenticatedError("The session has ended.")
        await asyncio.Event().wait()


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
        first = msgspec.json.decode(text, type=dict[str, Any])
    except (TimeoutError, msgspec.DecodeError):
        raise NotAuthenticatedError("The first message must bring a ticket.") from None
    ticket = first.get("ticket")
    if first.get("type") != "auth" or not isinstance(ticket, str):
        raise NotAuthenticatedError("The first message must bring a ticket.")
    return await services.accounts.redeem_ticket(ticket)


async def _close(socket: WebSocket[Any, Any, Any], code: int, reason: str) -> None:
    try:
        with anyio.fail_after(_SEND_TIMEOUT_S):
            if code != _TOO_SLOW:
                await socket.send_json(error_message(reason, "The connection is closed."))
            await socket.close(code=code, reason=reason)
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return


def event_stream(lines: AsyncIterator[bytes]) -> ASGIApp:
    """A response that sends what the iterator yields, and cuts a reader off that does not take it."""

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
            await _until_one_ends(push(), gone())
        except TimeoutError:
            return

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
    quiet_s = 0
    while True:
        marker = await services.calls.list_marker(principal)
        if marker != seen:
            seen, quiet_s = marker, 0
            yield b'data: {"type":"calls_changed"}\n\n'
        elif quiet_s >= _RECHECK_S:
            quiet_s = 0
            yield b": ping\n\n"
        await asyncio.sleep(1)
        quiet_s += 1


def _cursor(after: str | None, epoch: str | None) -> Cursor:
    """A cursor that is no number starts from the beginning: repeating is harmless, a gap is not."""
    number = int(after) if after is not None and after.isascii() and after.isdigit() and len(after) < 10 else 0
    return Cursor(after=number, epoch=epoch or None)
