"""The OpenAI protocol as spoken by any server: chat completions as a stream, embeddings, the list of models."""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
import openai

from integrations.openai_dialect import Dialect, Request
from integrations.openai_errors import EndpointError, Trouble
from pipeline.ports import Vector

_ADAPTATIONS_MAX = 3
_DEFAULT_URL = "https://api.openai.com/v1"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What one event of the stream tells."""

    text: str = ""
    is_thought: bool = False
    """The model is at work on something that it does not say."""
    finish: str | None = None
    """stop, length, content_filter, tool_calls, …; None: it goes on."""
    is_refusal: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Endpoint:
    """One server and one key. Retries nothing by itself; ends with `close`."""

    def __init__(self, base_url: str | None = None, api_key: str | None = None, *, timeout_s: float = 60.0) -> None:
        """Connects to nothing yet.

        Args:
            base_url: with its "/v1"; None: OpenAI's own.
            api_key: None: the server asks for none.
            timeout_s: of anything that has no narrower limit.
        """
        self.base_url = base_url or _DEFAULT_URL
        self._dialects: dict[str, Dialect] = {}
        self._client = openai.AsyncOpenAI(
            base_url=self.base_url, api_key=api_key or "none", max_retries=0, timeout=timeout_s
        )
        for name in ("openai", "httpx2"):
            # At their debug level they write whole requests, and with them what customers said.
            logging.getLogger(name).setLevel(logging.WARNING)

    @property
    def host(self) -> str:
        """For logs and people; the whole URL may hold a password."""
        return urlsplit(self.base_url).hostname or "?"

    async def stream(self, request: Request) -> AsyncIterator[Piece]:
        """Pieces until the server ends the stream. Closing the iterator closes the connection.

        Raises:
            EndpointError: at any point; what came before it stands.
        """
        try:
            stream = await self._opened(request)
            try:
                async for chunk in stream:
                    yield piece_of(chunk)
            finally:
                await stream.close()
        except EndpointError:
            raise
        except Exception as error:
            raise endpoint_error(error) from error

    async def embed(self, model: str, texts: Sequence[str]) -> list[Vector]:
        """A vector for each text, in order, of any length.

        Raises:
            EndpointError: it failed, or gave something else than numbers.
        """
        try:
            found = await self._client.embeddings.create(model=model, input=list(texts), encoding_format="float")
            rows = sorted(found.data, key=lambda row: row.index)
            vectors: list[Vector] = [tuple(float(value) for value in row.embedding) for row in rows]
        except Exception as error:
            raise endpoint_error(error) from error
        if len(vectors) != len(texts):
            raise EndpointError(Trouble.NONSENSE, f"{len(vectors)} vectors for {len(texts)} texts")
        return vectors

    async def models(self) -> tuple[str, ...]:
        """Names of the models that the server has.

        Raises:
            EndpointError: it failed; `Trouble.REJECTED` also when it has no such list.
        """
        try:
            return tuple([model.id async for model in self._client.models.list()])
        except Exception as error:
            raise endpoint_error(error) from error

    async def close(self) -> None:
        """Closes every connection."""
        await self._client.close()

    async def _opened(self, request: Request) -> "openai.AsyncStream[Any]":
        """Servers differ in the parameters they take: what one refuses is left out, and that is remembered."""
        dialect = self._dialects.get(request.model, Dialect.usual(official=self.base_url == _DEFAULT_URL))
        for _ in range(_ADAPTATIONS_MAX):
            try:
                return await self._sent(request, dialect)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                adapted = dialect.without(f"{error.param} {error.message}")
                if adapted == dialect:
                    raise
                dialect = self._dialects[request.model] = adapted
        return await self._sent(request, dialect)

    async def _sent(self, request: Request, dialect: Dialect) -> "openai.AsyncStream[Any]":
        create: Any = self._client.chat.completions.create
        stream: openai.AsyncStream[Any] = await create(stream=True, **dialect.parameters(request))
        if not isinstance(stream, openai.AsyncStream):
            raise EndpointError(Trouble.NONSENSE, "the answer is no stream")
        return stream


def piece_of(chunk: Any) -> Piece:
    """Takes what can be read; the SDK does not check what servers send."""
    usage = getattr(chunk, "usage", None)
    prompt_tokens, completion_tokens = (_count(usage, name) for name in ("prompt_tokens", "completion_tokens"))
    choices = getattr(chunk, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta, finish = getattr(choice, "delta", None), getattr(choice, "finish_reason", None)
    text = getattr(delta, "content", None)
    thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    return Piece(
        text=text if isinstance(text, str) else "",
        is_thought=bool(thought),
        finish=finish if isinstance(finish, str) else None,
        is_refusal=bool(getattr(delta, "refusal", None)),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
    )


def _count(usage: Any, name: str) -> int | None:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) and value >= 0 else None


def endpoint_error(error: Exception) -> EndpointError:
    """What a failure of the SDK means. The server's own words stay out of the message: they may quote the request."""
    if isinstance(error, EndpointError):
        return error
    if isinstance(error, openai.APIStatusError):
        return _status_error(error)
    if isinstance(error, openai.APITimeoutError):
        return EndpointError(Trouble.SLOW, "no answer in time")
    if isinstance(error, openai.APIConnectionError):
        return EndpointError(Trouble.UNREACHABLE, f"connection failed ({type(error.__cause__).__name__})")
    return EndpointError(Trouble.NONSENSE, f"the answer cannot be read ({type(error).__name__})")


def _status_error(error: openai.APIStatusError) -> EndpointError:
    status = error.status_code
    if status == 429 or (status == 503 and "retry-after" in error.response.headers):
        return EndpointError(Trouble.BUSY, f"status {status}", retry_after_s=_retry_after_s(error.response.headers))
    if status in (401, 403):
        return EndpointError(Trouble.DENIED, f"status {status}: the key is missing, wrong or not allowed to do this")
    if status == 404:
        return EndpointError(Trouble.DENIED, "status 404: no such model, or the base URL lacks its /v1")
    if 400 <= status < 500:
        return EndpointError(Trouble.REJECTED, f"status {status}: the request was not accepted")
    return EndpointError(Trouble.UNREACHABLE, f"status {status}")


def _retry_after_s(headers: Any) -> float | None:
    """Seconds; the date form counts as not given."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
