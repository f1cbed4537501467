"""The events of one call as they are stored, from wherever the receptionist left off; and what it tells back."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlencode

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from assist.receptionist.assist_server import AssistServer, Json

_OPEN_S = 5.0
_FIRST_WAIT_S = 0.25
_LONGEST_WAIT_S = 10.0
_STEADY_S = 20.0
"""A connection that held so long was a good one: the next wait is short again."""

log = structlog.get_logger(__name__)


class CallStream:
    """Follows a call until it is cancelled, over any number of connections."""

    def __init__(self, server: AssistServer, session_id: str, after: int, epoch: str) -> None:
        """Connects to nothing yet; begins behind event `after`."""
        self._server = server
        self._session_id = session_id
        self._cursor: dict[str, Any] = {"after": after, "epoch": epoch}
        self._untold: dict[str, None] = {}
        """Suggestions that were shown, until the server says that it knows."""
        self._connection: ClientConnection | None = None
        self._all_known = asyncio.Event()
        self._all_known.set()

    async def shown(self, suggestion_id: str) -> None:
        """Tells that a suggestion was spoken: now, or as soon as there is a connection; until the server knows it."""
        self._untold[suggestion_id] = None
        self._all_known.clear()
        if self._connection is not None:
            await _tell(self._connection, suggestion_id)

    async def all_known(self, timeout_s: float) -> bool:
        """Waits until the server knows everything that was shown. False: not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._all_known.wait()
        except TimeoutError:
            return False

    async def events(self) -> AsyncGenerator[Json]:
        """Stored events, each once and in order, without end."""
        wait_s, loop = _FIRST_WAIT_S, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                async with connect(
                    self._address(), additional_headers=self._server.headers, open_timeout=_OPEN_S
                ) as on:
                    self._connection = on
                    for suggestion_id in list(self._untold):
                        await _tell(on, suggestion_id)
                    async for message in on:
                        event = self._read(message)
                        if event is not None:
                            yield event
            except (OSError, TimeoutError, WebSocketException, InvalidHandshake, InvalidURI) as error:
                log.warning("receptionist_stream_cut", session_id=self._session_id, error=type(error).__name__)
            finally:
                self._connection = None
            wait_s = _FIRST_WAIT_S if loop.time() - began > _STEADY_S else min(wait_s * 2, _LONGEST_WAIT_S)
            await asyncio.sleep(wait_s)

    def _address(self) -> str:
        base = self._server.url.replace("http", "ws", 1)
        given = {name: value for name, value in self._cursor.items() if value != ""}
        return f"{base}/api/realtime/ws/{self._session_id}?{urlencode(given)}"

    def _read(self, message: str | bytes) -> Json | None:
        """None: nothing that is kept."""
        event = msgspec.json.decode(message, type=Json)
        if event.get("type") in ("hello", "reset"):
            self._cursor["epoch"] = event.get("epoch", "")
            return None
        if event.get("type") == "suggestion_updated" and event.get("shown_to_agent"):
            self._untold.pop(str(event.get("suggestion_id")), None)
            if not self._untold:
                self._all_known.set()
        if "seq" not in event:
            return None
        self._cursor["after"] = event["seq"]
        return event


async def _tell(connection: ClientConnection, suggestion_id: str) -> None:
    """A connection that breaks meanwhile is made again, and told then."""
    try:
        await connection.send(msgspec.json.encode({"type": "shown", "suggestion_id": suggestion_id}).decode())
    except WebSocketException:
        return
