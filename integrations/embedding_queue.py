"""Feeds a model that works on one batch at a time: what arrives meanwhile waits and goes together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from msgspec import Struct

from pipeline.errors import UpstreamError
from pipeline.ports import Vector

SERVICE = "embedding"

Kind = Literal["query", "passage"]
Encode = Callable[[Sequence[str], Kind], Sequence[Vector]]
"""Blocks; called from one thread only. One vector for each text, in order."""

T = TypeVar("T")


class Limits(Struct, frozen=True, kw_only=True):
    """How much goes into one batch, and how much may wait."""

    query_texts: int = 32
    passage_texts: int = 16
    batch_chars: int = 2000
    """A batch ends before the text that would exceed it, but holds at least one."""
    waiting_queries: int = 512
    """Beyond, a query is refused at once: an answer that late helps nobody."""


@dataclass(kw_only=True)
class _Request:
    """Texts of one caller, on their way."""

    texts: Sequence[str]
    order: Sequence[int]
    """Positions in `texts`, in the order they are to be worked on."""
    answer: asyncio.Future[list[Vector]]
    vectors: dict[int, Vector] = field(default_factory=dict)
    taken: int = 0
    """How many of `order` have been put into batches."""

    def arrived(self, position: int, vector: Vector) -> None:
        """Keeps one vector; the last one answers the caller."""
        self.vectors[position] = vector
        if len(self.vectors) == len(self.texts) and not self.answer.done():
            self.answer.set_result([self.vectors[number] for number in range(len(self.texts))])

    def failed(self, error: UpstreamError) -> None:
        """Answers the caller with the error."""
        if not self.answer.done():
            self.answer.set_exception(error)


class EmbeddingQueue:
    """Runs `encode` in a thread of its own, batch by batch. Belongs to one event loop; ends with `close`.

    Queries go before passages, and a batch of passages is small, so a query waits for one such batch at most.
    """

    def __init__(self, encode: Encode, limits: Limits | None = None) -> None:
        """Starts nothing yet."""
        self._encode = encode
        self._limits = limits or Limits()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedding")
        self._waiting: dict[Kind, deque[_Request]] = {"query": deque(), "passage": deque()}
        self._closed = False
        self._pump: asyncio.Task[None] | None = None

    async def submit(self, texts: Sequence[str], kind: Kind) -> list[Vector]:
        """One vector for each text, in order. Cancelling takes back what is not being worked on.

        Raises:
            UpstreamError: the model failed, too many queries wait, or the queue is closed.
        """
        if self._closed:
            raise _closed()
        if not texts:
            return []
        self._admit(texts, kind)
        request = _Request(
            texts=texts,
            order=sorted(range(len(texts)), key=lambda position: len(texts[position])),
            answer=asyncio.get_running_loop().create_future(),
        )
        self._waiting[kind].append(request)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._work(), name="embedding-queue")
        return await request.answer

    async def run(self, work: Callable[[], T]) -> T:
        """Runs something else in the model's thread, after the batch in progress."""
        if self._closed:
            raise _closed()
        return await asyncio.wrap_future(self._thread.submit(work))

    async def close(self) -> None:
        """Waits for the batch in progress; who still waits gets an UpstreamError. Closing twice is fine."""
        self._closed = True
        if self._pump is not None and not self._pump.done():
            await asyncio.wait([self._pump])
        self._thread.shutdown(wait=False)

    def _admit(self, texts: Sequence[str], kind: Kind) -> None:
        if kind != "query":
            return
        waiting = sum(len(it.texts) - it.taken for it in self._waiting["query"] if not it.answer.done())
        if waiting + len(texts) > self._limits.waiting_queries:
            raise UpstreamError(SERVICE, f"overloaded: {waiting} queries are waiting", retryable=True)

    async def _work(self) -> None:
        try:
            while not self._closed:
                kind, batch = self._next_batch()
                if not batch:
                    return
                await self._run_batch(kind, batch)
        finally:
            for requests in self._waiting.values():
                while requests:
                    requests.popleft().failed(_closed())

    def _next_batch(self) -> tuple[Kind, list[tuple[_Request, int]]]:
        queries = self._take("query", self._limits.query_texts)
        if queries:
            return "query", queries
        return "passage", self._take("passage", self._limits.passage_texts)

    def _take(self, kind: Kind, texts: int) -> list[tuple[_Request, int]]:
        requests = self._waiting[kind]
        batch: list[tuple[_Request, int]] = []
        room_chars = self._limits.batch_chars
        while requests and len(batch) < texts:
            request = requests[0]
            if request.answer.done() or request.taken == len(request.order):
                requests.popleft()
                continue
            position = request.order[request.taken]
            room_chars -= len(request.texts[position])
            if batch and room_chars < 0:
                break
            batch.append((request, position))
            request.taken += 1
        return batch

    async def _run_batch(self, kind: Kind, batch: Sequence[tuple[_Request, int]]) -> None:
        texts = [request.texts[position] for request, position in batch]
        try:
            vectors = await asyncio.wrap_future(self._thread.submit(self._encoded, texts, kind))
        except UpstreamError as error:
            for request, _ in batch:
                request.failed(error)
            return
        for (request, position), vector in zip(batch, vectors, strict=True):
            request.arrived(position, vector)

    def _encoded(self, texts: Sequence[str], kind: Kind) -> Sequence[Vector]:
        try:
            vectors = self._encode(texts, kind)
        except UpstreamError:
            raise
        except Exception as error:
            # The model's own words may quote the text.
            message = f"the model failed on {len(texts)} texts ({type(error).__name__})"
            raise UpstreamError(SERVICE, message, retryable=True) from error
        if len(vectors) != len(texts):
            message = f"the model gave {len(vectors)} vectors for {len(texts)} texts"
            raise UpstreamError(SERVICE, message, retryable=False)
        return vectors


def _closed() -> UpstreamError:
    return UpstreamError(SERVICE, "the embedder is closed", retryable=False)
