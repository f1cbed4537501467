"""Both sides' lines of a typed conversation, sent to the server as segments: in order, and behind the conversation."""

import asyncio
from typing import Literal
from uuid import uuid4

import structlog

from assist.receptionist.assist_server import AssistServer, Json, ServerError

_MAX_CHARS = 10_000
_QUEUED_MAX = 200
"""Lines that wait for a server that does not answer; further ones are left out."""
_APART_S = 0.01

log = structlog.get_logger(__name__)


class CallTranscript:
    """Of one call, from `began_s` seconds after its start."""

    def __init__(self, server: AssistServer, session_id: str, *, began_s: float = 0.0) -> None:
        """Sends nothing until `send` runs."""
        self._server = server
        self._session_id = session_id
        self._zero = asyncio.get_running_loop().time() - began_s
        self._last_s = began_s
        self._prefix = uuid4().hex[:12]
        self._number = 0
        self._queue: asyncio.Queue[Json] = asyncio.Queue(maxsize=_QUEUED_MAX)

    def add(self, speaker: Literal["customer", "agent"], text: str) -> None:
        """Something was said now; the receptionist is the agent."""
        self._number += 1
        self._last_s = max(self._last_s + _APART_S, asyncio.get_running_loop().time() - self._zero)
        segment = {
            "session_id": self._session_id,
            "segment_id": f"typed-{self._prefix}-{self._number}",
            "speaker": speaker,
            "text": text[:_MAX_CHARS],
            "start_time": round(self._last_s, 3),
            "end_time": round(self._last_s, 3),
        }
        try:
            self._queue.put_nowait(segment)
        except asyncio.QueueFull:
            log.warning("receptionist_line_dropped", session_id=self._session_id)

    async def send(self) -> None:
        """Sends without end. What the server refuses is left out; what it does not answer is tried again."""
        while True:
            segment = await self._queue.get()
            try:
                await self._send(segment)
            finally:
                self._queue.task_done()

    async def sent(self, timeout_s: float) -> None:
        """Waits until every line has been sent, but not for ever."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._queue.join()
        except TimeoutError:
            log.warning("receptionist_lines_not_sent", session_id=self._session_id, lines=self._queue.qsize())

    async def _send(self, segment: Json) -> None:
        while True:
            try:
                return await self._server.add_segment(segment)
            except ServerError as error:
                if error.code != "unreachable":
                    log.warning("receptionist_line_refused", session_id=self._session_id, code=error.code)
                    return None
            await asyncio.sleep(1.0)
