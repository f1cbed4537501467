"""A server that speaks the OpenAI protocol on a real socket, and misbehaves as it is told.

Plain HTTP/1.1 on asyncio streams, so that a connection can be cut anywhere. One `Reply` is used up a request, the last
one again and again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

_STATUS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_ARGUMENT_PIECES = 3


class CutError(Exception):
    """The connection is to be cut here."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server does with one chat completion."""

    pieces: Sequence[str] = ()
    """Texts of the stream's events."""
    finish: str | None = "stop"
    """None: the stream ends without a reason."""
    usage: tuple[int, int] | None = (100, 20)
    """Prompt and completion tokens, sent when they are asked for; None: never."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)
    """Of a status that is not 200: message, param, code."""
    wait_before: asyncio.Event | None = None
    """The first piece waits for it."""
    wait_between: asyncio.Event | None = None
    """Every piece after the first waits for it."""
    cut_after: int | None = None
    """The connection breaks after so many pieces, in the middle of a chunk."""
    raw: Sequence[bytes] = ()
    """Sent as the events' bytes instead of pieces."""
    delta: Mapping[str, Any] | None = None
    """A first event of this kind: a tool call, a refusal, a thought."""
    needs: Callable[[Mapping[str, Any]], str | None] | None = None
    """Given the request: the name of a parameter to complain about by a 400."""
    answer: Callable[[Mapping[str, Any]], Sequence[str]] | None = None
    """Pieces made from the request; a model that obeys."""
    has_done: bool = True
    """The stream ends with [DONE]."""
    calls: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """Names and arguments of tools that the model calls, after its words."""
    choose: Callable[[Sequence[Mapping[str, Any]]], "Reply"] | None = None
    """Given the request's messages: what to do instead."""
    hangs: bool = False
    """Not even a status is sent."""


TOOL_CALL: Mapping[str, Any] = {
    "tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": "transfer", "arguments": "{}"}}]
}
BROKEN_JSON = b'data: {"choices": [{"delta": {"content": "Hal\n\n'
NOT_THE_PROTOCOL = (
    b'data: ["what", "is", "this"]\n\ndata: 17\n\ndata: {"choices": "none"}\n\ndata: {"choices": [null]}\n\n'
)


def says(*pieces: str) -> Reply:
    """A model that behaves."""
    return Reply(pieces=pieces)


def calls(name: str, **arguments: Any) -> Reply:
    """A model that calls a tool; as the last reply of a script, again and again."""
    return Reply(calls=((name, arguments),), finish="tool_calls")


def together(*replies: Reply) -> Reply:
    """The tool calls of several replies in one."""
    return Reply(calls=tuple(call for reply in replies for call in reply.calls), finish="tool_calls")


def decides(choose: Callable[[Sequence[Mapping[str, Any]]], Reply]) -> Reply:
    """A model that looks at the messages; as the last reply of a script, again and again."""
    return Reply(choose=choose)


def fails(status: int = 500) -> Reply:
    """A server with an error of its own."""
    return Reply(status=status, error={"message": "The double was told to fail."})


def hangs() -> Reply:
    """A server that says nothing until the client goes away."""
    return Reply(hangs=True)


@dataclass(kw_only=True)
class OpenAIDouble:
    """The running server."""

    base_url: str
    replies: list[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of the chat completions and embeddings, in order."""
    headers: list[dict[str, str]] = field(default_factory=list)
    closed_early: asyncio.Event = field(default_factory=asyncio.Event)
    """A client went away before its answer was complete."""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    """A chat completion has arrived."""
    models: Sequence[str] = ("small", "large")
    has_models: bool = True
    dimensions: int = 8
    embedding_error: Reply | None = None
    embed: Callable[[str], Sequence[float]] | None = None

    def script(self, *replies: Reply) -> None:
        """What happens from now on."""
        self.replies[:] = replies

    def next_reply(self) -> Reply:
        """Uses up one, unless it is the last."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def vector(self, text: str) -> Sequence[float]:
        """Not of length 1, as some servers give them."""
        if self.embed is not None:
            return self.embed(text)
        values = [0.5] * self.dimensions
        values[len(text) % self.dimensions] += 3.0
        return values


@asynccontextmanager
async def openai_double(*replies: Reply) -> AsyncIterator[OpenAIDouble]:
    """A server for the time of a test."""
    double = OpenAIDouble(base_url="", replies=list(replies) or [says("Hello.")])
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await _serve(double, reader, writer)
        except (CutError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            connections.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    double.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield double
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _serve(double: OpenAIDouble, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split("\r\n", 1)[0].split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:] if line)
        }
        body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))) or b"{}")
        double.headers.append(headers)
        if path.endswith("/chat/completions"):
            await _chat(double, body, reader, writer)
        elif path.endswith("/embeddings"):
            await _embeddings(double, body, writer)
        elif path.endswith("/models") and method == "GET" and double.has_models:
            names = [{"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in double.models]
            _plain(writer, 200, {"object": "list", "data": names})
        else:
            _plain(writer, 404, {"error": {"message": "no such path"}})
        await writer.drain()


def _plain(writer: asyncio.StreamWriter, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
    content = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} {_STATUS.get(status, 'Status')}", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    writer.write("\r\n".join([*lines, f"content-length: {len(content)}", "", ""]).encode() + content)


async def _embeddings(double: OpenAIDouble, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    double.requests.append(body)
    error = double.embedding_error
    if error is not None and error.status != 200:
        _plain(writer, error.status, {"error": dict(error.error)}, error.headers)
        return
    rows = [
        {"object": "embedding", "index": number, "embedding": list(double.vector(text))}
        for number, text in enumerate(body["input"])
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    _plain(writer, 200, {"object": "list", "data": rows[::-1], "model": body["model"], "usage": usage})


async def _chat(
    double: OpenAIDouble, body: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    double.requests.append(body)
    double.began.set()
    reply = double.next_reply()
    if reply.choose is not None:
        reply = reply.choose(body["messages"])
    complaint = reply.needs(body) if reply.needs else None
    if complaint is not None:
        double.replies.insert(0, reply)
        message = f"Unsupported parameter: '{complaint}' is not supported with this model."
        _plain(writer, 400, {"error": {"message": message, "param": complaint, "code": "unsupported_parameter"}})
        return
    if reply.status != 200:
        _plain(writer, reply.status, {"error": dict(reply.error)}, reply.headers)
        return
    leaving = asyncio.create_task(reader.read(1))
    streaming = asyncio.create_task(_respond(reply, body, writer))
    try:
        await asyncio.wait((leaving, streaming), return_when=asyncio.FIRST_COMPLETED)
        if not streaming.done():
            double.closed_early.set()
            raise CutError
        await streaming
    finally:
        for task in (leaving, streaming):
            task.cancel()
            with suppress(asyncio.CancelledError, CutError, ConnectionError):
                await task


async def _respond(reply: Reply, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    if reply.hangs:
        await asyncio.Event().wait()
    if body.get("stream"):
        await _stream(reply, body, writer)
    else:
        _plain(writer, 200, _completion(reply, body))


async def _stream(reply: Reply, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    await writer.drain()
    if reply.wait_before is not None:
        await reply.wait_before.wait()
    sent = 0
    async for event in _events(reply, body):
        if sent and reply.wait_between is not None:
            await reply.wait_between.wait()
        if reply.cut_after is not None and sent >= reply.cut_after:
            writer.write(b"ff\r\ndata: {")
            await writer.drain()
            raise CutError
        writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        await writer.drain()
        sent += 1
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _events(reply: Reply, body: dict[str, Any]) -> AsyncIterator[bytes]:
    for raw in reply.raw:
        yield raw
    if reply.delta is not None:
        yield _event(body, dict(reply.delta))
    for piece in reply.answer(body) if reply.answer else reply.pieces:
        yield _event(body, {"content": piece})
    for delta in _call_deltas(reply, body):
        yield _event(body, delta)
    if reply.finish is not None:
        yield _event(body, {}, finish=reply.finish)
    if reply.usage is not None and body.get("stream_options", {}).get("include_usage"):
        prompt, completion = reply.usage
        usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        yield _data({**_head(body), "choices": [], "usage": usage})
    if reply.has_done:
        yield b"data: [DONE]\n\n"


def _call_deltas(reply: Reply, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each call begins with its id and name; its arguments come in pieces."""
    for index, call in enumerate(_tool_calls(reply, body)):
        arguments = call["function"]["arguments"]
        size = -(-len(arguments) // _ARGUMENT_PIECES)
        head = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
        yield {"role": "assistant", "content": None, "tool_calls": [head]}
        for start in range(0, len(arguments), size):
            yield {"tool_calls": [{"index": index, "function": {"arguments": arguments[start : start + size]}}]}


def _tool_calls(reply: Reply, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ids differ within a conversation."""
    turn = len(body["messages"])
    return [
        {
            "id": f"call_{turn}_{index}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for index, (name, arguments) in enumerate(reply.calls)
    ]


def _event(body: Mapping[str, Any], delta: Mapping[str, Any], *, finish: str | None = None) -> bytes:
    return _data({**_head(body), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _head(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": body.get("model", "")}


def _data(value: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def _completion(reply: Reply, body: Mapping[str, Any]) -> dict[str, Any]:
    text = "".join(reply.answer(body) if reply.answer else reply.pieces)
    message = {"role": "assistant", "content": text, **(reply.delta or {})}
    if reply.calls:
        message |= {"content": text or None, "tool_calls": _tool_calls(reply, body)}
    prompt, completion = reply.usage or (0, 0)
    return {
        **_head(body),
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish or "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }
