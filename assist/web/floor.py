"""The floor over HTTP: all live calls, a stream that says when they have changed, and whispers."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.types import ASGIApp
from msgspec import Meta, Struct

from assist.delivery import FLOOR, PING_S, Hub
from assist.floor import MAX_WHISPER_CHARS, FloorView, WhisperView
from assist.web.api_document import PROBLEM
from assist.web.authentication import caller, may_read_supervision, services_of, supervises
from assist.web.realtime import session_uuid
from assist.web.streams import event_stream

_EVERY_S = 1.0
"""Followers are told at most this often; words come faster than anybody can look."""


class WhisperIn(Struct, frozen=True, kw_only=True):
    """What a supervisor says to an agent."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_WHISPER_CHARS)]


class FloorController(Controller):
    """Live calls at a glance."""

    path = "/api"
    tags = ("supervision",)

    @get("/floor", operation_id="GetFloor", guards=[may_read_supervision])
    async def live(self, request: Request[Any, Any, Any]) -> FloorView:
        """All calls that go on, at most 200, the longest first."""
        return await services_of(request).supervision.floor.live()

    @get(
        "/floor/stream",
        operation_id="StreamFloor",
        guards=[may_read_supervision],
        media_type="text/event-stream",
    )
    async def stream(self, request: Request[Any, Any, Any]) -> ASGIApp:
        """Says `floor_changed`, at most once a second, whenever a live call has new words, or starts, or ends."""
        services = services_of(request)
        return event_stream(floor_changes(services.hub), services, caller(request))

    @post(
        "/calls/{session_id:str}/whisper",
        operation_id="Whisper",
        status_code=201,
        guards=[supervises],
        responses={404: PROBLEM, 409: PROBLEM},
    )
    async def whisper(self, request: Request[Any, Any, Any], session_id: str, data: WhisperIn) -> WhisperView:
        """Shows a text on the agent's desk; the customer hears nothing of it."""
        floor = services_of(request).supervision.floor
        return await floor.whisper(session_uuid(session_id), data.text, caller(request))


async def floor_changes(hub: Hub, every_s: float = _EVERY_S) -> AsyncGenerator[bytes]:
    """As Server-Sent Events; the first one at once."""
    with hub.watch(FLOOR) as watcher:
        watcher.ring()
        while True:
            if await watcher.rings(PING_S):
                watcher.take()
                yield b'data: {"type":"floor_changed"}\n\n'
                await asyncio.sleep(every_s)
            else:
                yield b": ping\n\n"
