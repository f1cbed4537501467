"""Embeddings by a sentence-transformers model inside this process.

Importing this takes seconds (torch); only what serves or indexes should.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from msgspec import Struct
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from integrations.embedding_queue import SERVICE, EmbeddingQueue, Kind, Limits
from integrations.packaged_model import PACKAGED_DIMENSIONS, PACKAGED_MODEL, packaged_directory, verify
from pipeline.errors import UpstreamError
from pipeline.ports import Vector

_hide_progress: Callable[[], None] = disable_progress_bar

_ALIASES = frozenset({PACKAGED_MODEL, f"sentence-transformers/{PACKAGED_MODEL}"})
# More than a usual model reads (512 tokens). The tokenizer would spend seconds on a megabyte, only to cut it.
_MAX_CHARS = 16_000


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
        self._threads = threads or _usual_threads()
        self._cached_queries = cached_queries
        self._cache: OrderedDict[str, Vector] = OrderedDict()
        self._queue = EmbeddingQueue(self._encode, limits)
        self._loading = asyncio.Lock()
        self._loaded: SentenceTransformer | None = None

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
        return _dimensions(self._loaded)

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
            dimensions=_dimensions(model),
            device=str(model.device),
            max_tokens=model.max_seq_length,
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

    def _load(self) -> SentenceTransformer:
        _hide_progress()
        # OpenMP keeps the number per thread: it has to be set in the one that computes.
        torch.set_num_threads(self._threads)
        place = self.model
        if self.model == PACKAGED_MODEL:
            directory = packaged_directory()
            verify(directory)
            place = str(directory)
        try:
            model = SentenceTransformer(place, device=self._device, local_files_only=Path(place).is_dir())
            _vectors(model, ["warm up"], "query")
            _vectors(model, ["warm up " * 100], "passage")
        except Exception as error:
            raise UpstreamError(
                SERVICE,
                f"the model {self.model!r} cannot be loaded ({type(error).__name__}: {error}). "
                "Give the directory of a sentence-transformers model, a name that can be fetched, "
                f"or {PACKAGED_MODEL!r}.",
                retryable=False,
            ) from error
        return model

    def _model(self) -> SentenceTransformer:
        if self._loaded is None:
            raise UpstreamError(SERVICE, f"the model {self.model!r} is not loaded yet", retryable=True)
        return self._loaded

    def _encode(self, texts: Sequence[str], kind: Kind) -> Sequence[Vector]:
        return _vectors(self._model(), texts, kind)


def _vectors(model: SentenceTransformer, texts: Sequence[str], kind: Kind) -> list[Vector]:
    encode = model.encode_query if kind == "query" else model.encode_document
    rows = encode(
        [text[:_MAX_CHARS] for text in texts],
        batch_size=len(texts),
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    return [tuple(row) for row in rows.tolist()]


def _usual_threads() -> int:
    # Threads of torch spin while they wait for each other: with one on every processor, any other busy
    # process makes a query take ten times as long, and a short query is no faster on two.
    return max(1, min(4, (os.cpu_count() or 1) // 2))


def _dimensions(model: SentenceTransformer) -> int:
    found = model.get_embedding_dimension()
    if found is None:
        raise UpstreamError(SERVICE, "the model does not say how long its vectors are", retryable=False)
    return found
