"""Embeddings from any endpoint that speaks the OpenAI protocol."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from integrations.embedding import EmbedderInfo
from integrations.embedding_queue import SERVICE, Kind
from integrations.openai_errors import EndpointError, Trouble
from pipeline.errors import UpstreamError
from pipeline.ports import Vector

if TYPE_CHECKING:
    from integrations.openai import Endpoint

_QUERY_TIMEOUT_S = 3.0
_PASSAGE_TIMEOUT_S = 60.0
_TEXTS_A_REQUEST = 64
_REQUESTS_AT_ONCE = 4
_CHARS_MAX = 16_000
"""More than usual models read; a server that refuses long texts would else refuse a whole batch."""
_MENDABLE = frozenset({Trouble.UNREACHABLE, Trouble.SLOW, Trouble.BUSY})


class EndpointEmbedder:
    """An `Embedder`; stands where `LocalEmbedder` does. One per process; ends with `close`."""

    def __init__(self, endpoint: "Endpoint", model: str, *, cached_queries: int = 512) -> None:
        """Asks nothing yet. `model` is the endpoint's name for it."""
        self._endpoint = endpoint
        self._name = model
        self._dimensions: int | None = None
        self._cache: OrderedDict[str, Vector] = OrderedDict()
        self._cached_queries = cached_queries
        self._loading = asyncio.Lock()
        self._places = asyncio.Semaphore(_REQUESTS_AT_ONCE)

    @property
    def model(self) -> str:
        """The model's name; with a prefix, because a local model of that name may be another one."""
        return f"openai:{self._name}"

    @property
    def ready(self) -> bool:
        """The endpoint has answered once."""
        return self._dimensions is not None

    @property
    def dimensions(self) -> int:
        """Length of every vector; known from the first answer on.

        Raises:
            UpstreamError: there was none yet.
        """
        if self._dimensions is None:
            raise UpstreamError(SERVICE, f"the endpoint has not answered yet for {self._name!r}", retryable=True)
        return self._dimensions

    async def load(self) -> None:
        """Learns the length of the vectors, once.

        Raises:
            UpstreamError: the endpoint does not answer; says what to do.
        """
        async with self._loading:
            if self._dimensions is None:
                vector = (await self._asked(["warm up"], "query"))[0]
                self._dimensions = len(vector)

    async def embed(self, texts: Sequence[str], kind: Kind) -> list[Vector]:
        """See `pipeline.ports.Embedder`."""
        if self._dimensions is None:
            await self.load()
        if kind == "passage":
            return await self._in_batches(texts, kind)
        known = {text: self._cache[text] for text in texts if text in self._cache}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(missing, await self._in_batches(missing, kind), strict=True))
        self._remember(known)
        return [known[text] for text in texts]

    async def describe(self) -> EmbedderInfo:
        """Asks the endpoint if need be.

        Raises:
            UpstreamError: it does not answer.
        """
        await self.load()
        return EmbedderInfo(
            model=self.model, dimensions=self.dimensions, device=self._endpoint.host, max_tokens=None, threads=0
        )

    async def close(self) -> None:
        """Closes the connections; closing twice is fine."""
        await self._endpoint.close()

    async def _in_batches(self, texts: Sequence[str], kind: Kind) -> list[Vector]:
        vectors: list[Vector] = []
        for start in range(0, len(texts), _TEXTS_A_REQUEST):
            found = await self._asked(texts[start : start + _TEXTS_A_REQUEST], kind)
            if any(len(vector) != self._dimensions for vector in found):
                raise UpstreamError(SERVICE, "the endpoint's vectors have changed their length", retryable=False)
            vectors += found
        return vectors

    async def _asked(self, texts: Sequence[str], kind: Kind) -> list[Vector]:
        limit_s = _QUERY_TIMEOUT_S if kind == "query" else _PASSAGE_TIMEOUT_S
        # An empty text is refused by some servers, and then the texts beside it.
        sent = [text[:_CHARS_MAX] if text.strip() else "." for text in texts]
        try:
            async with asyncio.timeout(limit_s), self._places:
                return [unit(vector) for vector in await self._endpoint.embed(self._name, sent)]
        except TimeoutError:
            raise UpstreamError(
                SERVICE, f"{self._endpoint.host} took longer than {limit_s:g} s", retryable=True
            ) from None
        except EndpointError as error:
            raise UpstreamError(SERVICE, self._remedy(error), retryable=error.trouble in _MENDABLE) from error

    def _remedy(self, error: EndpointError) -> str:
        return (
            f"{self._endpoint.host} gave no embeddings by {self._name!r}: {error}. "
            "Check ASSIST_EMBEDDING_URL, ASSIST_EMBEDDING_MODEL and ASSIST_EMBEDDING_API_KEY with `assist doctor`."
        )

    def _remember(self, vectors: dict[str, Vector]) -> None:
        for text, vector in vectors.items():
            self._cache[text] = vector
            self._cache.move_to_end(text)
        while len(self._cache) > self._cached_queries:
            self._cache.popitem(last=False)


def unit(vector: Vector) -> Vector:
    """The same direction with length 1.

    Raises:
        EndpointError: it has no direction, or is made of something else than numbers.
    """
    length = math.sqrt(sum(value * value for value in vector))
    if not vector or not math.isfinite(length) or length == 0.0:
        raise EndpointError(Trouble.NONSENSE, "a vector has no direction")
    return tuple(value / length for value in vector)
