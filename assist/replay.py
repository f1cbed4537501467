"""Plays a recorded call through the public API of a server, and measures how soon suggestions arrive.

A sender that is cut off sends the same segment again until it is accepted, and the listener comes back with its
cursor: what the numbers count is what a well-behaved telephone system would see.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import stamina
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from assist.recordings import RecordedSegment, Recording

_RETRY_FOR_S = 90.0
_TIMEOUT_S = 30.0
_END_WAIT_S = 30.0


class ReplayError(Exception):
    """The server refuses the replay; the message says why."""


class Latency(Struct, frozen=True, kw_only=True):
    """From the HTTP send of a segment to the arrival of its suggestions, in milliseconds; null without any."""

    samples: int
    p50: float | None
    p95: float | None
    p99: float | None


class Summary(Struct, frozen=True, kw_only=True):
    """What a replay saw."""

    calls: int
    segments_sent: int
    segments_accepted: int
    suggestions_received: int
    questions_received: int
    events_received: int
    reconnects: int
    duration_s: float
    latency_ms: Latency


@dataclass(kw_only=True)
class Tally:
    """Counts while replays run."""

    sent: int = 0
    accepted: int = 0
    suggestions: int = 0
    questions: int = 0
    events: int = 0
    reconnects: int = 0
    latencies_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Plays calls against one server."""

    url: str
    """Base URL, http or https."""
    key: str
    """API key with the scope `ingest`."""
    speed: float
    """1 is real time, 10 is ten times as fast."""
    tally: Tally = field(default_factory=Tally)

    async def run(self, recordings: Sequence[Recording], calls: int) -> Summary:
        """Plays `calls` calls side by side, going round the recordings.

        Raises:
            ReplayError: the server refuses the key or a request.
        """
        started = time.perf_counter()
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=_TIMEOUT_S) as client:
            try:
                async with asyncio.TaskGroup() as group:
                    for number in range(calls):
                        group.create_task(self.play(client, recordings[number % len(recordings)]))
            except* ReplayError as errors:
                raise errors.exceptions[0] from None
        return self._summary(calls, time.perf_counter() - started)

    async def play(self, client: httpx.AsyncClient, recording: Recording) -> None:
        """Plays one call under an id of its own."""
        call_id = f"{recording.call['call_id']}-{uuid4().hex[:8]}"
        session_id = (await self._post(client, "call/start", {**recording.call, "call_id": call_id}))["session_id"]
        sent_at: dict[str, float] = {}
        listening = asyncio.create_task(self._listen(session_id, sent_at))
        try:
            await self._speak(client, session_id, recording.segments, sent_at)
            await self._post(client, "call/end", {"session_id": session_id, "status": "completed"})
            async with asyncio.timeout(_END_WAIT_S):
                await listening
        except TimeoutError:
            raise ReplayError("The stream did not tell that the call had ended.") from None
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _speak(
        self,
        client: httpx.AsyncClient,
        session_id: str,
        segments: Sequence[RecordedSegment],
        sent_at: dict[str, float],
    ) -> None:
        begun = time.perf_counter()
        for number, segment in enumerate(segments, start=1):
            due_s = segment.end_time / self.speed - (time.perf_counter() - begun)
            await asyncio.sleep(max(0.0, due_s))
            identity = segment.segment_id or f"segment-{number}"
            body = {**msgspec.to_builtins(segment), "segment_id": identity, "session_id": session_id}
            # The last one waits for its analysis, so that the call ends after its last suggestion.
            headers = {} if number == len(segments) else {"Prefer": "respond-async"}
            sent_at[identity] = time.perf_counter()
            self.tally.sent += 1
            await self._post(client, "transcription", body, headers)
            self.tally.accepted += 1

    async def _post(
        self, client: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Sends until the server takes it; only what the server may accept later is sent again."""
        async for attempt in stamina.retry_context(
            on=_worth_another, attempts=None, timeout=_RETRY_FOR_S, wait_max=2.0
        ):
            with attempt:
                response = await client.post(f"/api/realtime/{path}", json=body, headers=headers)
                response.raise_for_status()
                answer: dict[str, Any] = response.json()
                return answer
        raise AssertionError("retry_context either returns or raises")

    async def _listen(self, session_id: str, sent_at: dict[str, float]) -> None:
        """Follows the stream until the call has ended, through any number of reconnects."""
        address = self.url.replace("http", "ws", 1).rstrip("/") + f"/api/realtime/ws/{session_id}"
        cursor: dict[str, Any] = {"after": 0, "epoch": ""}
        while True:
            with suppress(ConnectionClosed, InvalidHandshake, OSError):
                query = f"?after={cursor['after']}&epoch={cursor['epoch']}"
                headers = {"Authorization": f"Bearer {self.key}"}
                async with connect(address + query, additional_headers=headers, max_size=2**22) as socket:
                    if await self._read(socket, cursor, sent_at):
                        return
            self.tally.reconnects += 1
            await asyncio.sleep(0.2)

    async def _read(self, socket: ClientConnection, cursor: dict[str, Any], sent_at: dict[str, float]) -> bool:
        async for text in socket:
            arrived = time.perf_counter()
            message = msgspec.json.decode(text, type=dict[str, Any])
            cursor["epoch"] = message.get("epoch", cursor["epoch"])
            if message["type"] == "reset":
                cursor["after"] = 0
            seq = message.get("seq")
            if message["type"] == "hello" or seq is None or seq <= cursor["after"]:
                continue
            cursor["after"] = seq
            self._count(message, arrived, sent_at)
            if message["type"] == "call" and message["call"]["status"] == "ended":
                return True
        return False

    def _count(self, message: dict[str, Any], arrived: float, sent_at: dict[str, float]) -> None:
        self.tally.events += 1
        if message["type"] != "suggestions":
            return
        self.tally.suggestions += len(message["suggestions"])
        self.tally.questions += len(message["clarifying_questions"])
        spoken = [sent_at[identity] for identity in message.get("segment_ids", ()) if identity in sent_at]
        if message["suggestions"] and spoken:
            self.tally.latencies_ms.append((arrived - max(spoken)) * 1000.0)

    def _summary(self, calls: int, duration_s: float) -> Summary:
        tally = self.tally
        return Summary(
            calls=calls,
            segments_sent=tally.sent,
            segments_accepted=tally.accepted,
            suggestions_received=tally.suggestions,
            questions_received=tally.questions,
            events_received=tally.events,
            reconnects=tally.reconnects,
            duration_s=round(duration_s, 2),
            latency_ms=Latency(
                samples=len(tally.latencies_ms),
                p50=percentile(tally.latencies_ms, 0.50),
                p95=percentile(tally.latencies_ms, 0.95),
                p99=percentile(tally.latencies_ms, 0.99),
            ),
        )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of all do not exceed (nearest rank)."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[max(0, -int(-share * len(ordered) // 1) - 1)], 2)


def _worth_another(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        if status in (429, 503) or status >= 500:
            return True
        try:
            detail = error.response.json().get("detail", "")
        except ValueError:
            detail = error.response.text[:200]
        raise ReplayError(f"The server answered {status}: {detail}")
    return isinstance(error, httpx.TransportError)
