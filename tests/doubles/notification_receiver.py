"""Receivers of notifications on a real socket: Slack, Teams, Discord, Twilio or any webhook, well or badly behaved.

Plain HTTP/1.1 on asyncio streams, so that a connection can be cut or left hanging. One `Reply` is used up a request,
the last one again and again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What one request gets."""

    status: int = 200
    body: bytes = b"ok"
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    """Nothing is answered, and the connection stays open."""
    closes: bool = False
    """The connection is cut before an answer."""
    raw: bytes | None = None
    """Sent instead of an answer."""
    endless: bool = False
    """The body never ends."""


SLACK_OK = Reply(body=b"ok", headers={"Content-Type": "text/html"})
SLACK_NO_SERVICE = Reply(status=404, body=b"no_service")
TEAMS_ACCEPTED = Reply(status=202, body=b"")
DISCORD_OK = Reply(body=b'{"id": "1300000000000000001", "type": 0, "content": "x"}')
DISCORD_BUSY = Reply(
    status=429, body=b'{"message": "You are being rate limited.", "retry_after": 0.35, "global": false}'
)
TWILIO_QUEUED = Reply(status=201, body=b'{"sid": "SM0123456789abcdef0123456789abcdef", "status": "queued"}')
TWILIO_REFUSES = Reply(
    status=400, body=b'{"code": 21211, "message": "Invalid To: canary", "more_info": "https://x", "status": 400}'
)
BROKEN = Reply(status=500, body=b"<html>canary: something went wrong</html>")
GARBAGE = Reply(raw=b"\x00\x01what is this\r\n\r\n")
HANGS = Reply(hangs=True)
CLOSES = Reply(closes=True)


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, where it is JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body, where it is a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(kw_only=True)
class Receiver:
    """The running server."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    by_path: dict[str, list[Reply]] = field(default_factory=dict)
    """For paths that start so, instead of `replies`."""
    requests: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by every request."""

    def script(self, *replies: Reply, path: str | None = None) -> None:
        """What happens from now on."""
        if path is None:
            self.replies[:] = replies
        else:
            self.by_path[path] = list(replies)

    def next_reply(self, path: str) -> Reply:
        """Uses up one, unless it is the last."""
        found = next((queue for start, queue in self.by_path.items() if path.startswith(start)), self.replies)
        return found.pop(0) if len(found) > 1 else found[0]


@asynccontextmanager
async def notification_receiver(*replies: Reply) -> AsyncIterator[Receiver]:
    """A receiver for the time of a test."""
    receiver = Receiver(replies=list(replies) or [Reply()])
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            while await _serve_one(receiver, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            connections.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _serve_one(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether the connection can serve another request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    receiver.requests.append(Received(method=method, path=path, headers=headers, body=body))
    reply = receiver.next_reply(path)
    receiver.arrived.set()
    if reply.hangs:
        await asyncio.Event().wait()
    if reply.closes:
        return False
    if reply.raw is not None:
        writer.write(reply.raw)
        await writer.drain()
        return False
    await _answer(writer, reply)
    return not reply.endless


async def _answer(writer: asyncio.StreamWriter, reply: Reply) -> None:
    length = "" if reply.endless else f"Content-Length: {len(reply.body)}\r\n"
    extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Status\r\n{length}{extra}\r\n".encode() + reply.body)
    await writer.drain()
    while reply.endless:
        writer.write(b"x" * 65536)
        await writer.drain()
