"""A server that takes calls as Assist does, on a real socket, and misbehaves as it is told."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web

Json = dict[str, Any]


@dataclass(kw_only=True)
class AssistDouble:
    """What arrived, and what the server does with what comes next."""

    key: str = "key"
    port: int = 0
    failing: int | None = None
    """Status of every answer; None: none fails."""
    refusing: int | None = None
    """Status of the answer to segments."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of answers that fail."""
    losing_answers: int = 0
    """So many segments are stored, but their sender is not told."""
    beat: Json = field(default_factory=lambda: {"ended": False, "replaced": False})
    keyterms: list[str] = field(default_factory=lambda: ["Nimbus"])
    elapsed_s: float | None = None
    """Of calls; None: since they were started here."""
    heartbeat_s: float = 0.1
    has_another_job: bool = False
    calls: dict[str, Json] = field(default_factory=dict)
    """What was told at the start, by session."""
    started: dict[str, float] = field(default_factory=dict)
    jobs: list[Json] = field(default_factory=list)
    beats: list[Json] = field(default_factory=list)
    segments: dict[str, Json] = field(default_factory=dict)
    """By segment_id, in order of arrival."""
    repeats: int = 0
    interims: list[Json] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)
    gaps: dict[str, Json] = field(default_factory=dict)
    asked: dict[str, Json] = field(default_factory=dict)
    """Help requests, by idempotency key."""
    """By id."""
    requests: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def texts(self) -> list[str]:
        """What was said, in order of arrival."""
        return [segment["text"] for segment in self.segments.values()]

    async def start(self) -> None:
        """Listens, on the same port again after a `stop`."""
        app = web.Application(middlewares=[self._faults])
        app.router.add_post("/api/realtime/call/start", self._start_call)
        app.router.add_post("/api/realtime/transcription", self._transcribe)
        app.router.add_post("/api/realtime/call/end", self._end_call)
        app.router.add_post("/api/voice/jobs", self._open_job)
        app.router.add_post("/api/voice/jobs/{session}/heartbeat", self._beat)
        app.router.add_post("/api/voice/calls/{session}/gaps", self._miss)
        app.router.add_get("/api/voice/keyterms", self._keyterms)
        app.router.add_post("/api/help-requests", self._ask)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Is down."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _faults(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests += 1
        if self.failing is not None:
            return web.json_response({"code": "failing"}, status=self.failing, headers=self.headers)
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"code": "not_signed_in"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _start_call(self, request: web.Request) -> web.Response:
        fields = await request.json()
        session_id = str(uuid5(NAMESPACE_URL, fields["call_id"]))
        self.calls.setdefault(session_id, fields)
        self.started.setdefault(session_id, time.monotonic())
        return web.json_response({"status": "success", "session_id": session_id, "call_id": fields["call_id"]})

    async def _open_job(self, request: web.Request) -> web.Response:
        if self.has_another_job:
            return web.json_response({"code": "job_present"}, status=409)
        fields = await request.json()
        session_id = fields["session_id"]
        resumed = any(job["session_id"] == session_id for job in self.jobs)
        self.jobs.append(fields)
        elapsed = time.monotonic() - self.started.setdefault(session_id, time.monotonic())
        return web.json_response(
            {
                "elapsed_s": elapsed if self.elapsed_s is None else self.elapsed_s,
                "heartbeat_s": self.heartbeat_s,
                "resumed": resumed,
                "keyterms": self.keyterms,
            }
        )

    async def _miss(self, request: web.Request) -> web.Response:
        self.gaps |= {gap["id"]: gap for gap in (await request.json())["gaps"]}
        return web.json_response({"status": "success"})

    async def _ask(self, request: web.Request) -> web.Response:
        fields = await request.json()
        self.asked.setdefault(request.headers["Idempotency-Key"], fields)
        return web.json_response({"id": str(uuid5(NAMESPACE_URL, fields["question"]))}, status=201)

    async def _beat(self, request: web.Request) -> web.Response:
        self.beats.append(await request.json())
        return web.json_response(self.beat)

    async def _keyterms(self, _: web.Request) -> web.Response:
        return web.json_response({"keyterms": self.keyterms})

    async def _transcribe(self, request: web.Request) -> web.Response:
        fields = await request.json()
        if not fields.get("is_final", True):
            self.interims.append(fields)
            return web.json_response({"status": "processed"})
        if self.refusing is not None:
            return web.json_response({"code": "refused"}, status=self.refusing)
        assert request.headers["Idempotency-Key"] == fields["segment_id"]
        assert request.headers["Prefer"] == "respond-async"
        self.repeats += fields["segment_id"] in self.segments
        self.segments.setdefault(fields["segment_id"], fields)
        if self.losing_answers:
            self.losing_answers -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"status": "accepted"}, status=202)

    async def _end_call(self, request: web.Request) -> web.Response:
        fields = await request.json()
        self.ended[fields["session_id"]] = fields["status"]
        return web.json_response({"status": "success"})


@asynccontextmanager
async def assist_double(**options: Any) -> AsyncIterator[AssistDouble]:
    """It runs for the duration of the block."""
    double = AssistDouble(**options)
    await double.start()
    try:
        yield double
    finally:
        await double.stop()
