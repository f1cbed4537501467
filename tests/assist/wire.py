"""A telephone system and listeners, on the public addresses of a server."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
from msgspec import Struct
from websockets.asyncio.client import connect

from tests.assist.ledger import PATIENCE_S
from tests.serving import ServerProcess

Json = dict[str, Any]


class Line(Struct, frozen=True, kw_only=True):
    """One server, as a key sees it."""

    server: ServerProcess
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """Of every request."""
        return {"Authorization": f"Bearer {self.key}"}

    async def start_call(self) -> str:
        """A new call's session id."""
        answer = await self._post("call/start", {"call_id": f"wire-{uuid4()}"})
        session_id: str = answer["session_id"]
        return session_id

    async def say(self, session_id: str, text: str, at: float, **more: Any) -> Json:
        """Stores a customer's segment and does not wait for its analysis."""
        body = {"session_id": session_id, "speaker": "customer", "text": text, "start_time": at, "end_time": at + 1}
        return await self._post("transcription", {**body, **more})

    async def end(self, session_id: str) -> None:
        """Ends a call."""
        await self._post("call/end", {"session_id": session_id, "status": "completed"})

    async def _post(self, path: str, body: Json) -> Json:
        headers = {**self.headers, "Prefer": "respond-async"}
        async with httpx.AsyncClient(base_url=self.server.url, headers=headers, timeout=PATIENCE_S) as client:
            response = await client.post(f"/api/realtime/{path}", json=body)
            response.raise_for_status()
            answer: Json = response.json()
            return answer

    @asynccontextmanager
    async def socket(self, session_id: str, after: int = 0, epoch: str = "") -> AsyncIterator[AsyncGenerator[Json]]:
        """The messages of a call's WebSocket."""
        address = self.server.url.replace("http", "ws", 1) + f"/api/realtime/ws/{session_id}"
        query = f"?after={after}&epoch={epoch}"
        async with connect(address + query, additional_headers=self.headers, max_size=2**23) as socket:

            async def messages() -> AsyncGenerator[Json]:
                async for text in socket:
                    yield json.loads(text)

            yield messages()

    @asynccontextmanager
    async def stream(self, session_id: str, last_event_id: str | None = None) -> AsyncIterator[AsyncGenerator[Json]]:
        """The messages of a call's Server-Sent Events, each with its `id` where it has one."""
        headers = {**self.headers, **({"Last-Event-ID": last_event_id} if last_event_id else {})}
        async with (
            httpx.AsyncClient(base_url=self.server.url, headers=headers, timeout=PATIENCE_S) as client,
            client.stream("GET", f"/api/realtime/stream/{session_id}") as response,
        ):
            response.raise_for_status()

            async def messages() -> AsyncGenerator[Json]:
                event: Json = {}
                async for line in response.aiter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        event["id"] = value
                    elif name == "data":
                        event |= json.loads(value)
                    elif not line and event:
                        yield event
                        event = {}

            yield messages()


async def collect(messages: AsyncGenerator[Json], last: str) -> list[Json]:
    """Messages up to the first event of that type ("ended" for the end of the call)."""
    found: list[Json] = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in messages:
            found.append(message)
            ended = message["type"] == "call" and message["call"]["status"] == "ended"
            if message["type"] == last or (last == "ended" and ended):
                break
    return found
