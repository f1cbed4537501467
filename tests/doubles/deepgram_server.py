"""A server that speaks Deepgram's /v1/listen and /v1/speak on a real socket, and misbehaves as it is told.

`deepgram_double` runs it in the test's own event loop, `deepgram_process` in a process of its own for tests that are
not asynchronous; that one is told and asked over /test/….
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import numpy as np
from aiohttp import WSMsgType, web
from msgspec import Struct

from tests.doubles import voices
from tests.doubles.deepgram_hearing import Ear, Heard

KEY = "dg-canary"
_CHUNK = 9600
_MODEL = {"name": "double", "version": "1", "arch": "double"}


class Faults(Struct, kw_only=True):
    """What goes wrong from now on, of one of the two services. May be changed while the server runs."""

    cut_after_s: float | None = None
    """Sockets are cut without a close frame after so much audio."""
    cut_into_speech_s: float | None = None
    """Sockets are cut so long after somebody began to speak."""
    cuts: int = 1
    """How many sockets are cut before all is well."""
    refuse: int = 0
    """So many requests and handshakes are answered 503; -1: all."""
    unauthorized: bool = False
    """All are answered 401."""
    final_copies: int = 1
    final_delay_s: float = 0.0
    hangs: bool = False
    """Takes everything and answers nothing."""


class Said(Struct, frozen=True, kw_only=True):
    """A final transcript that was told, once however many copies of it went out."""

    text: str
    start_s: float
    end_s: float
    connection: int
    """Place in `connections`."""


class Connection(Struct, frozen=True, kw_only=True):
    """An accepted request or handshake."""

    path: str
    query: dict[str, list[str]]


class Record(Struct, kw_only=True):
    """What has happened so far."""

    said: list[Said] = []
    spoken: list[str] = []
    """Texts that were turned into speech."""
    connections: list[Connection] = []
    refused: list[int] = []
    """Status codes of refusals."""
    messages: dict[str, int] = {}
    """How many messages of each type clients have sent."""
    ended: int = 0
    """Conversations of /v1/listen that are over: all that was told in them has been received, or the socket was cut."""

    def count(self, kind: str) -> None:
        """A message of the client's."""
        self.messages[kind] = self.messages.get(kind, 0) + 1


class Told(Struct, kw_only=True):
    """Body of /test/faults."""

    listen: Faults | None = None
    speak: Faults | None = None


@dataclass(kw_only=True)
class DeepgramDouble:
    """The running server."""

    url: str = ""
    """For DEEPGRAM_URL: with its /v1."""
    listen: Faults = field(default_factory=Faults)
    speak: Faults = field(default_factory=Faults)
    record: Record = field(default_factory=Record)

    @property
    def said(self) -> list[Said]:
        """Finals, over all sockets, in order."""
        return self.record.said

    def app(self) -> web.Application:
        """Both services, and what tests of other processes use."""
        app = web.Application()
        app.router.add_get("/v1/listen", self._guarded(lambda: self.listen, self._hear))
        app.router.add_get("/v1/speak", self._guarded(lambda: self.speak, self._speak))
        app.router.add_post("/v1/speak", self._guarded(lambda: self.speak, self._speak_once))
        app.router.add_get("/test/record", self._told_record)
        app.router.add_post("/test/faults", self._take_faults)
        return app

    def _guarded(
        self, faults: Callable[[], Faults], handle: Callable[[web.Request, int], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            told = faults()
            if told.unauthorized or request.headers.get("Authorization") != f"Token {KEY}":
                return self._refusal(401, "INVALID_AUTH", "Invalid credentials.")
            if told.refuse:
                told.refuse -= 1 if told.refuse > 0 else 0
                return self._refusal(503, "SERVICE_UNAVAILABLE", "Try again later.")
            query = {name: request.query.getall(name) for name in request.query}
            self.record.connections.append(Connection(path=request.path, query=query))
            return await handle(request, len(self.record.connections) - 1)

        return handler

    def _refusal(self, status: int, code: str, message: str) -> web.Response:
        self.record.refused.append(status)
        return web.json_response({"err_code": code, "err_msg": message, "request_id": str(uuid4())}, status=status)

    async def _hear(self, request: web.Request, connection: int) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hearing = _Hearing(double=self, socket=socket, connection=connection, ear=Ear(rate=_rate(request)))
        telling = asyncio.create_task(hearing.tell())
        try:
            async for message in socket:
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY) or not await hearing.take(message.data):
                    break
                if hearing.is_to_be_cut():
                    self.listen.cuts -= 1
                    _abort(request)
                    break
            await socket.close()
        finally:
            telling.cancel()
            self.record.ended += 1
        return socket

    async def _speak(self, request: web.Request, connection: int) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        identity = str(uuid4())
        names = {"model_name": "double", "model_version": "1", "model_uuid": identity}
        await socket.send_json({"type": "Metadata", "request_id": identity, **names})
        text, flushes = "", 0
        async for message in socket:
            told = json.loads(message.data)
            self.record.count(told["type"])
            if told["type"] == "Speak":
                text += told["text"]
            elif told["type"] == "Clear":
                text = ""
                await socket.send_json({"type": "Cleared", "sequence_id": flushes})
            elif told["type"] == "Close":
                break
            elif not self.speak.hangs:
                await self._send_speech(request, socket, text)
                await socket.send_json({"type": "Flushed", "sequence_id": flushes})
                text, flushes = "", flushes + 1
        return socket

    async def _send_speech(self, request: web.Request, socket: web.WebSocketResponse, text: str) -> None:
        rate = _rate(request)
        pcm, sent_s = await self._pcm(text, rate), 0.0
        for start in range(0, len(pcm), _CHUNK):
            await socket.send_bytes(pcm[start : start + _CHUNK])
            sent_s += _CHUNK / 2 / rate
            if self.speak.cut_after_s is not None and sent_s > self.speak.cut_after_s and self.speak.cuts > 0:
                self.speak.cuts -= 1
                _abort(request)
                raise ConnectionResetError("cut as told")

    async def _speak_once(self, request: web.Request, connection: int) -> web.StreamResponse:
        if self.speak.hangs:
            await asyncio.Event().wait()
        return web.Response(body=await self._pcm((await request.json())["text"], _rate(request)))

    async def _pcm(self, text: str, rate: int) -> bytes:
        """A marked utterance: whoever hears it can tell the text by `voices.texts`."""
        words = " ".join(text.split())
        if not words:
            return b""
        self.record.spoken.append(words)
        pcm = await asyncio.to_thread(lambda: voices.Utterance(words, voices.AGENT).pcm)
        return voices.resampled(pcm, rate).tobytes()

    async def _told_record(self, request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(self.record), content_type="application/json")

    async def _take_faults(self, request: web.Request) -> web.Response:
        told = msgspec.json.decode(await request.read(), type=Told)
        self.listen = told.listen or self.listen
        self.speak = told.speak or self.speak
        return web.Response(status=204)


@dataclass(kw_only=True)
class _Hearing:
    """One /v1/listen socket."""

    double: DeepgramDouble
    socket: web.WebSocketResponse
    connection: int
    ear: Ear
    identity: str = field(default_factory=lambda: str(uuid4()))
    _outbox: asyncio.Queue[tuple[float, dict[str, Any]]] = field(default_factory=asyncio.Queue)

    async def take(self, data: str | bytes) -> bool:
        """A message of the client's. False: the conversation is over."""
        if isinstance(data, bytes):
            self._tell(self.ear.take(data))
            return True
        kind = json.loads(data)["type"]
        self.double.record.count(kind)
        if kind == "Finalize":
            self._tell(self.ear.finish(), from_finalize=True)
        elif kind == "CloseStream":
            self._tell(self.ear.finish())
            self._outbox.put_nowait((0.0, self._metadata()))
            await self._outbox.join()
            return self.double.listen.hangs
        return True

    def is_to_be_cut(self) -> bool:
        """By the faults of now."""
        faults, ear = self.double.listen, self.ear
        if faults.cuts <= 0:
            return False
        into_s = ear.heard_s - ear.started_s if ear.started_s is not None else 0.0
        is_late = faults.cut_after_s is not None and ear.heard_s >= faults.cut_after_s
        return is_late or (faults.cut_into_speech_s is not None and into_s >= faults.cut_into_speech_s)

    async def tell(self) -> None:
        """Sends what is to be told, in order, late if so told."""
        while True:
            delay_s, message = await self._outbox.get()
            await asyncio.sleep(delay_s)
            if not self.double.listen.hangs and not self.socket.closed:
                await self.socket.send_json(message)
            self._outbox.task_done()

    def _tell(self, heard: list[Heard], *, from_finalize: bool = False) -> None:
        faults = self.double.listen
        for part in heard:
            if not part.words:
                self._outbox.put_nowait((0.0, {"type": "SpeechStarted", "channel": [0], "timestamp": part.start_s}))
                continue
            copies, delay_s = (faults.final_copies, faults.final_delay_s) if part.is_final else (1, 0.0)
            for _ in range(copies):
                self._outbox.put_nowait((delay_s, self._results(part, from_finalize)))
            if part.is_final:
                text = " ".join(part.words)
                said = Said(text=text, start_s=part.start_s, end_s=part.end_s, connection=self.connection)
                self.double.said.append(said)

    def _results(self, heard: Heard, from_finalize: bool) -> dict[str, Any]:
        bounds = np.linspace(heard.start_s, heard.end_s, len(heard.words) + 1).tolist()
        words = [
            {"word": word.lower().strip(".,?!"), "punctuated_word": word, "confidence": 0.9, "start": start, "end": end}
            for word, (start, end) in zip(heard.words, pairwise(bounds), strict=True)
        ]
        return {
            "type": "Results",
            "channel_index": [0, 1],
            "start": heard.start_s,
            "duration": heard.end_s - heard.start_s,
            "is_final": heard.is_final,
            "speech_final": heard.is_final,
            "from_finalize": from_finalize,
            "channel": {"alternatives": [{"transcript": " ".join(heard.words), "confidence": 0.93, "words": words}]},
            "metadata": {"request_id": self.identity, "model_info": _MODEL, "model_uuid": self.identity},
        }

    def _metadata(self) -> dict[str, Any]:
        return {
            "type": "Metadata",
            "transaction_key": "deprecated",
            "request_id": self.identity,
            "sha256": "0" * 64,
            "created": "2026-01-01T00:00:00Z",
            "duration": self.ear.heard_s,
            "channels": 1,
        }


def _rate(request: web.Request) -> int:
    assert request.query["encoding"] == "linear16"
    return int(request.query["sample_rate"])


def _abort(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()


@asynccontextmanager
async def deepgram_double() -> AsyncIterator[DeepgramDouble]:
    """A server for the time of a test."""
    double = DeepgramDouble()
    runner = web.AppRunner(double.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield double
    finally:
        await runner.cleanup()


@dataclass(frozen=True, kw_only=True)
class DeepgramProcess:
    """The server in a process of its own."""

    url: str

    @property
    def record(self) -> Record:
        """What has happened so far; asked for each time."""
        return msgspec.json.decode(httpx.get(f"{self._base}/test/record").raise_for_status().content, type=Record)

    def fail(self, *, listen: Faults | None = None, speak: Faults | None = None) -> None:
        """Faults from now on; None leaves a service as it is."""
        told = msgspec.json.encode(Told(listen=listen, speak=speak))
        httpx.post(f"{self._base}/test/faults", content=told).raise_for_status()

    @property
    def _base(self) -> str:
        return self.url.removesuffix("/v1")


@contextmanager
def deepgram_process() -> Iterator[DeepgramProcess]:
    """A server for the time of a test, in a process of its own."""
    command = [sys.executable, "-m", "tests.doubles.deepgram_server"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield DeepgramProcess(url=process.stdout.readline().strip())
        process.stdin.close()


async def _serve_until_input_ends() -> None:
    async with deepgram_double() as double:
        sys.stdout.write(f"{double.url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve_until_input_ends())
