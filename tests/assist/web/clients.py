"""What the HTTP tests share: callers, and the few requests that every test begins with."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.serving import ServerProcess

UNKNOWN = "00000000-0000-4000-8000-000000000000"
PASSWORD = "correct-horse-battery"
PATIENCE_S = 30.0
"""No test measures time; this only keeps a broken server from hanging them."""

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Keys:
    """API keys of the running server, by what they may do."""

    admin: str
    ingest: str
    read: str
    expired: str
    revoked: str


class Browser:
    """A browser that is signed in: the cookie, and the CSRF token on every request."""

    def __init__(self, server: ServerProcess, email: str) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=PATIENCE_S)
        self.signed_in = self.http.post("/api/session", json={"email": email, "password": PASSWORD})
        assert self.signed_in.status_code == 200, self.signed_in.text
        self.http.headers["X-CSRF-Token"] = self.signed_in.json()["csrf_token"]

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.http.close()

    def ticket(self) -> str:
        """A new ticket for a socket."""
        ticket: str = self.http.post("/api/realtime/tickets").json()["ticket"]
        return ticket

    @contextmanager
    def socket(self, session_id: str, query: str = "") -> Iterator[ClientConnection]:
        """A socket as the desk opens it, authenticated."""
        with opened(self.server, session_id, query, origin=self.server.url) as socket:
            socket.send(json.dumps({"type": "auth", "ticket": self.ticket()}))
            yield socket


def start_call(client: httpx.Client, **fields: Any) -> str:
    """A new call's session id."""
    answer = client.post("/api/realtime/call/start", json={"call_id": f"web-{uuid4()}", **fields})
    assert answer.status_code == 200, answer.text
    session_id: str = answer.json()["session_id"]
    return session_id


def segment(session_id: str, text: str = "Hello, who am I speaking to?", **fields: Any) -> Json:
    """A body for /transcription."""
    plain = {"speaker": "customer", "start_time": 0.0, "end_time": 2.0, "confidence": 0.9}
    return {"session_id": session_id, "text": text, **plain, **fields}


def say(client: httpx.Client, session_id: str, text: str, **fields: Any) -> Json:
    """Sends a segment and waits for what came of it."""
    answer = client.post("/api/realtime/transcription", json=segment(session_id, text, **fields))
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def opened(
    server: ServerProcess, session_id: str, query: str = "", *, key: str | None = None, origin: str | None = None
) -> ClientConnection:
    """A socket on a call; with a key as programs open it."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"ws{server.url.removeprefix('http')}/api/realtime/ws/{session_id}{query}"
    return connect(url, additional_headers=headers, origin=origin, open_timeout=PATIENCE_S)  # type: ignore[arg-type]


def received(socket: ClientConnection) -> Json:
    """The next message."""
    message: Json = json.loads(socket.recv(timeout=PATIENCE_S))
    return message


def received_until(socket: ClientConnection, wanted: Callable[[Json], bool]) -> list[Json]:
    """Messages up to and including the first one that is wanted."""
    messages = [received(socket)]
    while not wanted(messages[-1]):
        messages.append(received(socket))
    return messages


def ended(socket: ClientConnection) -> tuple[list[Json], int]:
    """What is still said, and the close code."""
    said: list[Json] = []
    try:
        while True:
            said.append(received(socket))
    except ConnectionClosed as closed:
        for message in said:
            assert_nothing_leaks(json.dumps(message))
        return said, closed.rcvd.code if closed.rcvd else 1006


def of_type(kind: str) -> Callable[[Json], bool]:
    """Whether a message is of a type."""
    return lambda message: message["type"] == kind


def server_sent(client: httpx.Client, path: str, count: int, headers: dict[str, str] | None = None) -> list[Json]:
    """The first messages of an event stream; each with its `id` where it has one."""
    found: list[Json] = []
    identity = None
    with client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("id: "):
                identity = line.removeprefix("id: ")
            elif line.startswith("data: "):
                found.append({"id": identity, **json.loads(line.removeprefix("data: "))})
                identity = None
                if len(found) == count:
                    break
    return found


def assert_problem(response: httpx.Response, status: int, code: str) -> Json:
    """An error is problem details with exactly these names, and nothing of the program's insides."""
    assert (response.status_code, response.headers.get("Content-Type")) == (status, "application/problem+json")
    body: Json = response.json()
    assert body["code"] == code, body
    assert set(body) - {"errors", "current"} == {"type", "title", "status", "detail", "code"}
    assert body["status"] == status
    assert all(body[name] for name in ("type", "title", "detail"))
    for field in body.get("errors", ()):
        assert set(field) == {"field", "message"}
    assert_nothing_leaks(response.text)
    return body


def assert_nothing_leaks(text: str) -> None:
    """No stack trace, no path of a file, no name of a library's error."""
    for trace in ("Traceback", 'File "', ".py", "site-packages", "sqlalchemy", "psycopg", "msgspec", "litestar"):
        assert trace not in text
