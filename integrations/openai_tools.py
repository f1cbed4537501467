"""Chat completions with tools on any OpenAI-compatible server: streamed text, then whole tool calls, within seconds."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import openai
from msgspec import Struct

from integrations.hidden_thoughts import ThoughtFilter
from integrations.openai import endpoint_error, piece_of
from integrations.openai_dialect import Dialect, Request
from integrations.openai_errors import EndpointError, Trouble
from integrations.tool_calls import Json, ToolCall

_RETRIES = 1
"""Of a request of which nothing has come."""
_RETRY_WAIT_S = 0.3
_MAY_PASS = (Trouble.UNREACHABLE, Trouble.SLOW, Trouble.BUSY)
_CALLS_MAX = 8
_ARGUMENT_CHARS = 8_000


class ToolOptions(Struct, frozen=True, kw_only=True):
    """Which model, and how long it may take."""

    model: str
    first_token_s: float = 6.0
    """From the request to the first sign of an answer."""
    total_s: float = 8.0
    """From then to its end."""
    max_tokens: int = 300
    effort: str | None = None
    """Of a reasoning model; None: not said."""


class ToolEndpoint:
    """A `ToolModel`. Ends with `close`."""

    def __init__(self, base_url: str | None, api_key: str | None, options: ToolOptions) -> None:
        """Connects to nothing yet; no URL: OpenAI's own, no key: the server asks for none."""
        self._options = options
        self._dialect = Dialect.usual(official=base_url is None)
        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=api_key or "none", max_retries=0, timeout=options.total_s
        )
        for name in ("openai", "httpx2"):
            # At their debug level they write whole requests, and with them what customers said.
            logging.getLogger(name).setLevel(logging.WARNING)

    async def reply(self, messages: Sequence[Json], tools: Sequence[Json]) -> AsyncGenerator[str | ToolCall]:
        """See `ToolModel`. A request of which nothing has come is sent once more where that may help."""
        for retries_left in range(_RETRIES, -1, -1):
            has_begun = False
            try:
                async for piece in self._once(messages, tools):
                    has_begun = True
                    yield piece
                return
            except EndpointError as error:
                if has_begun or not retries_left or error.trouble not in _MAY_PASS:
                    raise
            await asyncio.sleep(_RETRY_WAIT_S)

    async def close(self) -> None:
        """See `ToolModel`."""
        await self._client.close()

    async def _once(self, messages: Sequence[Json], tools: Sequence[Json]) -> AsyncGenerator[str | ToolCall]:
        thoughts, calls = ThoughtFilter(), _Calls()
        async with aclosing(self._chunks(messages, tools)) as chunks:
            async for chunk in chunks:
                calls.take(chunk)
                if text := thoughts.feed(piece_of(chunk).text):
                    yield text
        if rest := thoughts.rest():
            yield rest
        for call in calls.whole():
            yield call

    async def _chunks(self, messages: Sequence[Json], tools: Sequence[Json]) -> AsyncGenerator[Any]:
        """The stream's events, each in time."""
        ends_at, has_sign = self._from_now(self._options.first_token_s), False
        stream: openai.AsyncStream[Any] | None = None
        try:
            async with asyncio.timeout_at(ends_at):
                stream = await self._opened(messages, tools)
            while True:
                async with asyncio.timeout_at(ends_at):
                    chunk = await anext(stream, None)
                if chunk is None:
                    return
                if not has_sign and _is_sign(chunk):
                    ends_at, has_sign = self._from_now(self._options.total_s), True
                yield chunk
        except TimeoutError:
            raise EndpointError(Trouble.SLOW, "no answer in time") from None
        except Exception as error:
            raise endpoint_error(error) from error
        finally:
            if stream is not None:
                await stream.close()

    def _from_now(self, seconds: float) -> float:
        return asyncio.get_running_loop().time() + seconds

    async def _opened(self, messages: Sequence[Json], tools: Sequence[Json]) -> "openai.AsyncStream[Any]":
        """Parameters that the server refuses are left out, and that is remembered."""
        options = self._options
        request = Request(model=options.model, messages=(), max_tokens=options.max_tokens, effort=options.effort)
        create: Any = self._client.chat.completions.create
        while True:
            given = self._dialect.parameters(request) | {"messages": list(messages), "tools": list(tools)}
            try:
                stream = await create(stream=True, **given)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                adapted = self._dialect.without(f"{error.param} {error.message}")
                if adapted == self._dialect:
                    raise
                self._dialect = adapted
                continue
            if not isinstance(stream, openai.AsyncStream):
                raise EndpointError(Trouble.NONSENSE, "the answer is no stream")
            return stream


class _Calls:
    """Puts tool calls together from their pieces; the SDK does not check what servers send."""

    def __init__(self) -> None:
        self._parts: dict[int, dict[str, str]] = {}

    def take(self, chunk: Any) -> None:
        """What one event brings."""
        for place, part in enumerate(_call_parts(chunk)):
            index = getattr(part, "index", None)
            self._add(index if isinstance(index, int) else place, part)

    def whole(self) -> list[ToolCall]:
        """Those that have a name, in order."""
        return [
            ToolCall(id=parts["id"] or f"call_{index}", name=parts["name"], arguments=parts["arguments"])
            for index, parts in sorted(self._parts.items())
            if parts["name"]
        ]

    def _add(self, index: int, part: Any) -> None:
        if index not in self._parts and len(self._parts) >= _CALLS_MAX:
            return
        parts = self._parts.setdefault(index, {"id": "", "name": "", "arguments": ""})
        function = getattr(part, "function", None)
        parts["id"] = parts["id"] or _text(part, "id")
        parts["name"] = parts["name"] or _text(function, "name")
        parts["arguments"] = (parts["arguments"] + _text(function, "arguments"))[:_ARGUMENT_CHARS]


def _is_sign(chunk: Any) -> bool:
    """The model is at work on its answer."""
    piece = piece_of(chunk)
    return bool(piece.text) or piece.is_thought or bool(_call_parts(chunk))


def _call_parts(chunk: Any) -> list[Any]:
    choices = getattr(chunk, "choices", None)
    delta = getattr(choices[0], "delta", None) if isinstance(choices, list) and choices else None
    found = getattr(delta, "tool_calls", None)
    return found if isinstance(found, list) else []


def _text(part: Any, name: str) -> str:
    value = getattr(part, name, None)
    return value if isinstance(value, str) else ""
