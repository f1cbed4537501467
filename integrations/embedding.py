"""Embeddings by a sentence-transformers model inside this process.

The library takes seconds to import (torch): the worker thread does that when the model is loaded, so that a server
can listen meanwhile.
"""

import asyncio
import importlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from integrations.embedding_queue import SERVICE, EmbeddingQueue, Kind, Limits
from integrations.packaged_model import PACKAGED_DIMENSIONS, PACKAGED_MODEL, packaged_directory, verify
from integrations.torch_threads import usual_threads
from pipeline.errors import UpstreamError
from pipeline.ports import Vector

if TYPE_CHECKING:
    from integrations.sentence_model import SentenceModel

_ALIASES = frozenset({PACKAGED_MODEL, f"sentence-transformers/{PACKAGED_MODEL}"})


class EmbedderInfo(Struct, frozen=True, kw_only=True):
    """What the embedder is, for people."""

    model: str
    dimensions: int
    device: str
    max_tokens: int | None
    """What a text has beyond is not looked at."""
    threads: int


class LocalEmbedder:
    """An `Embedder` that works in one thread of its own; one per process. Ends with `close`.

    Texts that arrive while a batch runs go together into the next one; queries go before passages.
    """

    def __init__(
        self,
        model: str = PACKAGED_MODEL,
        *,
        device: str | None = None,
        threads: int | None = None,
        cached_queries: int = 512,
        limits: Limits | None = None,
    ) -> None:
        """Loads nothing yet.

        Args:
            model: the packaged one (which needs no network), a directory, or a name to be fetched.
            device: "cpu", "cuda", …; None takes the best there is.
            threads: that torch may use; None takes half of the processors, at most four.
            cached_queries: how many embeddings of queries are remembered; 0 for none.
            limits: of the batches.
        """
        self.model = PACKAGED_MODEL if model in _ALIASES else model
        self._device = device
        self._threads = threads or usual_threads()
        self._cached_queries = cached_queries
        self._cache: OrderedDict[str, Vector] = OrderedDict()
        self._queue = EmbeddingQueue(self._encode, limits)
        self._loading = asyncio.Lock()
        self._loaded: SentenceModel | None = None

    @property
    def ready(self) -> bool:
        """The model is loaded and warm."""
        return self._loaded is not None

    @property
    def dimensions(self) -> int:
        """Length of every vector. Known before loading only for the packaged model.

        Raises:
            UpstreamError: the model is not loaded yet.
        """
        if self._loaded is None:
            if self.model == PACKAGED_MODEL:
                return PACKAGED_DIMENSIONS
            raise UpstreamError(SERVICE, f"the model {self.model!r} is not loaded yet", retryable=True)
        return self._loaded.dimensions

    async def load(self) -> None:
        """Loads and warms the model, once; takes about a second, or a download.

        Raises:
            WeightsError: the packaged weights are missing or not the published ones.
            UpstreamError: the model cannot be loaded.
        """
        async with self._loading:
            if self._loaded is None:
                self._loaded = await self._queue.run(self._load)

    async def embed(self, texts: Sequence[str], kind: Kind) -> list[Vector]:
        """See `pipeline.ports.Embedder`. Loads the model first when that was not done."""
        if self._loaded is None:
            await self.load()
        if kind == "passage":
            return await self._queue.submit(texts, kind)
        known = {text: self._cache[text] for text in texts if text in self._cache}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(missing, await self._queue.submit(missing, kind), strict=True))
        self._remember(known)
        return [known[text] for text in texts]

    async def describe(self) -> EmbedderInfo:
        """Loads the model if need be.

        Raises:
            UpstreamError: it cannot be loaded.
        """
        await self.load()
        model = self._model()
        return EmbedderInfo(
            model=self.model,
            dimensions=model.dimensions,
            device=model.device,
            max_tokens=model.max_tokens,
            threads=self._threads,
        )

    async def close(self) -> None:
        """Waits for the batch in progress; who still waits gets an UpstreamError. Closing twice is fine."""
        await self._queue.close()

    def _remember(self, vectors: dict[str, Vector]) -> None:
        for text, vector in vectors.items():
            self._cache[text] = vector
            self._cache.move_to_end(text)
        while len(self._cache) > self._cached_queries:
            self._cache.popitem(last=False)

    def _load(self) -> "SentenceModel":
        place = self.model
        if self.model == PACKAGED_MODEL:
            directory = packaged_directory()
            verify(directory)
            place = str(directory)
        try:
            library = importlib.import_module("integrations.sentence_model")
            model: SentenceModel = library.SentenceModel(place, device=self._device, threads=self._threads)
        except Exception as error:
            raise UpstreamError(
                SERVICE,
                f"the model {self.model!r} cannot be loaded ({type(error).__name__}: {error}). "
                "Give the directory of a sentence-transformers model, a name that can be fetched, "
                f"or {PACKAGED_MODEL!r}.",
                retryable=False,
            ) from error
        return model

    def _model(self) -> "SentenceModel":
        if self._loaded is None:
            raise UpstreamError(SERVICE, f"the model {self.model!r} is not loaded yet", retryable=True)
        return self._loaded

    def _encode(self, texts: Sequence[str], kind: Kind) -> Sequence[Vector]:
        return self._model().encode(texts, kind)
