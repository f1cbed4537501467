"""The server of Assist as the receptionist sees it, on a real socket: what it knows, whom it asks, and how it fails."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from aiohttp import WSMsgType, web

from assist.escalation.questions import normalised_question
from assist.receptionist.same_question import asks_the_same

KEY = "key-of-the-receptionist"
Json = dict[str, Any]


@dataclass(kw_only=True)
class ReceptionServer:
    """The running server, with one knowledge base and any number of calls."""

    url: str = ""
    known: dict[str, Json] = field(default_factory=dict)
    """Answers by question; a question that asks the same gets it."""
    calls: dict[str, Json] = field(default_factory=dict)
    requests: list[Json] = field(default_factory=list)
    """Help requests, oldest first."""
    segments: list[Json] = field(default_factory=list)
    contacts: list[Json] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """Ids of suggestions, as often as it was told."""
    suggestions: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Questions to the knowledge base."""
    posted: list[tuple[str, Json, Mapping[str, str]]] = field(default_factory=list)
    """Path, body and headers of every POST."""
    unavailable: bool = False
    """The knowledge base does not answer."""
    failing: dict[str, int] = field(default_factory=dict)
    """How many requests to a path still get 503."""
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Requests to a path wait for it, once they have been stored."""
    events: list[Json] = field(default_factory=list)
    owed: Json | None = None
    """What is to be told on call-backs."""
    connections: int = 0
    _happened: asyncio.Condition = field(default_factory=asyncio.Condition)

    def knows(self, question: str, text: str, *, title: str = "Article", version: int = 1) -> str:
        """The knowledge base answers it; the id of the article."""
        article_id = str(uuid4())
        quoted = {"article_id": article_id, "version": version, "title": title, "quote": text, "heading": None}
        citation = {**quoted, "url": None, "start": 0, "end": len(text), "page": None}
        self.known[question] = {
            "answered": True,
            "text": text,
            "confidence": 0.9,
            "citations": [citation],
            "unavailable": False,
        }
        return article_id

    async def answer(self, request: Json, text: str, *, unresolved: bool = False) -> str:
        """A supervisor answers, or says why it cannot be; the id of the suggestion."""
        card = {"id": str(uuid4()), "type": "supervisor_answer", "title": request["question"], "text": text}
        card["shown_to_agent"] = False
        request |= {"status": "unresolved" if unresolved else "resolved", "answer": text, "suggestion_id": card["id"]}
        self.suggestions.append(card)
        told = {"origin": "supervisor", "request_id": request["id"], "suggestions": [card]}
        await self.happens({"type": "suggestions", "outcome": "answered", "clarifying_questions": [], **told})
        await self.happens({"type": "escalation", "escalation": _escalation(request)})
        return str(card["id"])

    async def give_up(self, request: Json) -> None:
        """Nobody answers in time."""
        request["status"] = "unresolved"
        await self.happens({"type": "escalation", "escalation": _escalation(request)})

    async def happens(self, event: Json) -> None:
        """Something is stored on the call's log."""
        async with self._happened:
            self.events.append({**event, "seq": len(self.events) + 1})
            self._happened.notify_all()

    async def cut(self) -> None:
        """Every socket breaks."""
        async with self._happened:
            self.connections += 1
            self._happened.notify_all()

    def open_call(self, **facts: Any) -> str:
        """A call that has begun; its session."""
        session_id = str(uuid4())
        self.calls[session_id] = {
            "session_id": session_id,
            "call_id": f"call-{session_id[:8]}",
            "status": "active",
            "started_at": datetime.now(UTC).isoformat(),
            "customer_name": None,
            "customer_phone": None,
            **facts,
        }
        return session_id

    def posts(self, path: str) -> list[Json]:
        """Bodies that came to a path."""
        return [body for where, body, _ in self.posted if where == path]


@asynccontextmanager
async def reception_server() -> AsyncIterator[ReceptionServer]:
    """A server for the time of a test."""
    double = ReceptionServer()
    app = web.Application(middlewares=[_guarded(double)])
    app.add_routes(
        [
            web.post("/api/realtime/call/start", lambda request: _start(double, request)),
            web.post("/api/realtime/call/end", lambda request: _end(double, request)),
            web.post("/api/realtime/transcription", lambda request: _segment(double, request)),
            web.post("/api/knowledge-base/answer", lambda request: _answer(double, request)),
            web.post("/api/help-requests", lambda request: _help(double, request)),
            web.post("/api/voice/calls/{session_id}/contact", lambda request: _contact(double, request)),
            web.get("/api/voice/call-backs/{follow_up}", lambda request: _owed(double)),
            web.post("/api/voice/call-backs/{follow_up}/result", lambda request: _done()),
            web.get("/api/calls/{session_id}", lambda request: _call(double, request)),
            web.get("/api/realtime/ws/{session_id}", lambda request: _stream(double, request)),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    double.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
    try:
        yield double
    finally:
        await double.cut()
        await runner.cleanup()


def _guarded(double: ReceptionServer) -> Any:
    @web.middleware
    async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _problem(401, "invalid_key")
        if double.failing.get(request.path, 0) > 0:
            double.failing[request.path] -= 1
            return _problem(503, "database_unavailable")
        if request.method == "POST":
            double.posted.append((request.path, await request.json(), dict(request.headers)))
        response: web.StreamResponse = await handler(request)
        return response

    return guard


def _problem(status: int, code: str) -> web.Response:
    body = {"type": "about:blank", "title": code, "status": status, "detail": f"Refused: {code}.", "code": code}
    return web.json_response(body, status=status, content_type="application/problem+json")


async def _start(double: ReceptionServer, request: web.Request) -> web.Response:
    body = await request.json()
    known = next((one for one in double.calls.values() if one["call_id"] == body["call_id"]), None)
    facts = {name: body[name] for name in ("call_id", "customer_name", "customer_phone") if name in body}
    session_id = known["session_id"] if known else double.open_call(**facts)
    return web.json_response({"status": "success", "session_id": session_id, "call_id": body["call_id"]})


async def _end(double: ReceptionServer, request: web.Request) -> web.Response:
    double.calls[(await request.json())["session_id"]]["status"] = "ended"
    return web.json_response({"status": "success"})


async def _segment(double: ReceptionServer, request: web.Request) -> web.Response:
    body = await request.json()
    if body["segment_id"] not in {one["segment_id"] for one in double.segments}:
        double.segments.append(body)
    return web.json_response({"status": "accepted", "segment_id": body["segment_id"]}, status=202)


async def _answer(double: ReceptionServer, request: web.Request) -> web.Response:
    question = (await request.json())["question"]
    double.asked.append(question)
    nothing: Json = {"answered": False, "text": None, "confidence": 0.1, "unavailable": double.unavailable}
    if double.unavailable:
        return web.json_response(nothing)
    found = next((answer for known, answer in double.known.items() if asks_the_same(known, question)), nothing)
    return web.json_response(found)


async def _help(double: ReceptionServer, request: web.Request) -> web.Response:
    body = await request.json()
    key = (body["session_id"], normalised_question(body["question"]))
    known = next((one for one in double.requests if one["key"] == key), None)
    if known is None:
        known = {**body, "id": str(uuid4()), "status": "pending", "answer": None, "suggestion_id": None, "key": key}
        double.requests.append(known)
        await double.happens({"type": "escalation", "escalation": _escalation(known)})
        status = 201
    else:
        status = 200
    if request.path in double.held:
        await double.held[request.path].wait()
    return web.json_response({name: value for name, value in known.items() if name != "key"}, status=status)


def _escalation(request: Json) -> Json:
    return {name: request[name] for name in ("id", "question", "status", "suggestion_id")}


async def _contact(double: ReceptionServer, request: web.Request) -> web.Response:
    double.contacts.append(await request.json())
    return web.json_response({"status": "success"})


async def _owed(double: ReceptionServer) -> web.Response:
    return web.json_response(double.owed) if double.owed else _problem(404, "unknown_call_back")


async def _done() -> web.Response:
    return web.json_response({"status": "success"})


async def _call(double: ReceptionServer, request: web.Request) -> web.Response:
    call = double.calls.get(request.match_info["session_id"])
    if call is None:
        return _problem(404, "unknown_session")
    return web.json_response(
        {
            "call": call,
            "epoch": "one",
            "seq": len(double.events),
            "segments": double.segments,
            "suggestions": double.suggestions,
            "escalations": [_escalation(one) for one in double.requests],
        }
    )


async def _stream(double: ReceptionServer, request: web.Request) -> web.StreamResponse:
    UUID(request.match_info["session_id"])
    socket, sent = web.WebSocketResponse(), int(request.query.get("after", "0"))
    await socket.prepare(request)
    await socket.send_json({"type": "hello", "epoch": "one", "seq": len(double.events)})
    hearing, generation = asyncio.create_task(_hear(double, socket)), double.connections
    try:
        while not hearing.done() and double.connections == generation:
            for event in double.events[sent:]:
                await socket.send_json(event)
            sent = len(double.events)
            async with double._happened:
                while len(double.events) == sent and double.connections == generation and not hearing.done():
                    await double._happened.wait()
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await socket.close()
    return socket


async def _hear(double: ReceptionServer, socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT and message.json()["type"] == "shown":
            await _note_shown(double, message.json()["suggestion_id"])
    async with double._happened:
        double._happened.notify_all()


async def _note_shown(double: ReceptionServer, suggestion_id: str) -> None:
    double.shown.append(suggestion_id)
    for card in double.suggestions:
        if card["id"] == suggestion_id and not card["shown_to_agent"]:
            card["shown_to_agent"] = True
            told = {"suggestion_id": suggestion_id, "shown_to_agent": True}
            await double.happens({"type": "suggestion_updated", **told})
