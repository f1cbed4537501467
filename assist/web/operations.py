"""Is it well, and how is it doing."""

import asyncio
import time
from typing import Any, Literal

from litestar import Request, Response, get
from litestar.enums import ScopeType
from litestar.openapi import ResponseSpec
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from litestar.types.asgi_types import Message
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from assist import __version__
from assist.db.engine import ping
from assist.db.errors import DatabaseError
from assist.services import Services
from assist.web.api_document import ANYBODY
from assist.web.authentication import services_of
from pipeline.errors import UpstreamError

_CHECK_TIMEOUT_S = 3.0


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One dependency."""

    status: Literal["ok", "failed"]
    detail: str | None = None


class Health(Struct, frozen=True, kw_only=True):
    """`ok` when everything the main job needs answers."""

    status: Literal["ok", "degraded"]
    version: str
    checks: dict[str, Part]


@get(
    "/health",
    operation_id="Health",
    tags=["operations"],
    exclude_from_auth=True,
    security=ANYBODY,
    responses={503: ResponseSpec(Health, description="A part does not answer", generate_examples=False)},
)
async def health(request: Request[Any, Any, Any]) -> Response[Health]:
    """200 when process, database, index and model answer, else 503 with the one that does not."""
    services = services_of(request)
    database, index = await asyncio.gather(_database(services), _index(services))
    checks = {
        "process": Part(status="ok"),
        "database": database,
        "index": index,
        "model": _model(services),
    }
    healthy = all(part.status == "ok" for part in checks.values())
    body = Health(status="ok" if healthy else "degraded", version=__version__, checks=checks)
    return Response(body, status_code=200 if healthy else 503)


async def _database(services: Services) -> Part:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            await ping(services.sessions)
    except (DatabaseError, TimeoutError, OSError) as error:
        return Part(status="failed", detail=f"PostgreSQL does not answer ({type(error).__name__}).")
    return Part(status="ok")


async def _index(services: Services) -> Part:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            passages = await services.index.count()
    except (UpstreamError, TimeoutError) as error:
        return Part(status="failed", detail=f"Qdrant does not answer ({type(error).__name__}).")
    return Part(status="ok", detail=f"{passages} passages")


def _model(services: Services) -> Part:
    if services.model_ready():
        return Part(status="ok")
    return Part(status="failed", detail="The embedding model is not loaded.")


class RequestMetrics:
    """Counts and times requests; one registry an application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("assist_http_requests", "HTTP requests.", labels, registry=self.registry)
        self._seconds = Histogram(
            "assist_http_request_seconds",
            "Time from request to the first byte of the answer.",
            ("method", "route"),
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0),
        )

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Measures every HTTP request under its route, never under its path: ids would make endless labels."""

        async def measured(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            started, http = time.perf_counter(), scope

            async def observe(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._observe(http, message["status"], time.perf_counter() - started)
                await send(message)

            await app(scope, receive, observe)

        return measured

    def _observe(self, scope: HTTPScope, status: int, elapsed_s: float) -> None:
        route = scope.get("path_template") or "unknown"
        self._requests.labels(scope["method"], route, status).inc()
        self._seconds.labels(scope["method"], route).observe(elapsed_s)


@get(
    "/metrics",
    operation_id="Metrics",
    tags=["operations"],
    exclude_from_auth=True,
    security=ANYBODY,
    media_type="text/plain",
)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus text format."""
    requests: CollectorRegistry = request.app.state.metrics.registry
    live = services_of(request).metrics.registry
    return Response(generate_latest(requests) + generate_latest(live), media_type=CONTENT_TYPE_LATEST)
