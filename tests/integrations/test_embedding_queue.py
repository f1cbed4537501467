"""How requests are joined into batches, and what happens to them when something fails."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from integrations.embedding_queue import EmbeddingQueue, Kind, Limits
from pipeline.errors import UpstreamError
from pipeline.ports import Vector


class GatedModel:
    """Notes its batches; the first one waits until `gate` is opened. A vector tells its text's length."""

    def __init__(self) -> None:
        self.batches: list[tuple[Kind, list[str]]] = []
        self.started = threading.Event()
        self.gate = threading.Event()
        self.failing: set[str] = set()
        self.threads: set[int] = set()

    def encode(self, texts: Sequence[str], kind: Kind) -> Sequence[Vector]:
        self.threads.add(threading.get_ident())
        self.batches.append((kind, list(texts)))
        self.started.set()
        if not self.gate.wait(timeout=30):
            raise TimeoutError
        if self.failing & set(texts):
            raise RuntimeError("a customer's secret words")
        return [(float(len(text)),) for text in texts]

    def sizes(self) -> list[tuple[Kind, int]]:
        return [(kind, len(texts)) for kind, texts in self.batches]


async def held_up(model: GatedModel, queue: EmbeddingQueue) -> "asyncio.Task[list[Vector]]":
    """A request that keeps the model busy until the gate is opened."""
    first = asyncio.create_task(queue.submit(["first"], "passage"))
    await asyncio.to_thread(model.started.wait, 30)
    return first


async def waiting(
    queue: EmbeddingQueue, requests: Sequence[tuple[Sequence[str], Kind]]
) -> "list[asyncio.Task[list[Vector]]]":
    tasks = [asyncio.create_task(queue.submit(texts, kind)) for texts, kind in requests]
    await asyncio.sleep(0)
    return tasks


async def test_queries_that_wait_are_joined_into_one_batch() -> None:
    model = GatedModel()
    queue = EmbeddingQueue(model.encode)
    first = await held_up(model, queue)
    tasks = await waiting(queue, [([f"q{'x' * number}"], "query") for number in range(20)])
    model.gate.set()
    assert await asyncio.gather(*tasks) == [[(float(number + 1),)] for number in range(20)]
    assert await first == [(5.0,)]
    assert model.sizes() == [("passage", 1), ("query", 20)]
    assert len(model.threads) == 1
    await queue.close()


async def test_a_query_waits_for_one_small_batch_of_passages_only() -> None:
    model = GatedModel()
    queue = EmbeddingQueue(model.encode, Limits(passage_texts=4))
    first = await held_up(model, queue)
    passages, query = await waiting(queue, [(["p"] * 10, "passage"), (["q"], "query")])
    model.gate.set()
    await asyncio.gather(first, passages, query)
    assert model.sizes() == [("passage", 1), ("query", 1), ("passage", 4), ("passage", 4), ("passage", 2)]
    await queue.close()


async def test_passages_are_batched_by_length_and_come_back_in_order() -> None:
    model = GatedModel()
    model.gate.set()
    queue = EmbeddingQueue(model.encode, Limits(passage_texts=2, batch_chars=1000))
    texts = ["x" * length for length in (900, 1, 700, 2, 2000, 3)]
    vectors = await queue.submit(texts, "passage")
    assert vectors == [(900.0,), (1.0,), (700.0,), (2.0,), (2000.0,), (3.0,)]
    assert [[len(text) for text in batch] for _, batch in model.batches] == [[1, 2], [3, 700], [900], [2000]]
    await queue.close()


async def test_many_queries_are_split_into_batches_of_the_limit() -> None:
    model = GatedModel()
    model.gate.set()
    queue = EmbeddingQueue(model.encode, Limits(query_texts=8))
    assert len(await queue.submit(["q"] * 20, "query")) == 20
    assert model.sizes() == [("query", 8), ("query", 8), ("query", 4)]
    await queue.close()


async def test_a_failing_model_fails_its_batch_and_the_queue_lives_on() -> None:
    model = GatedModel()
    model.failing = {"bad"}
    queue = EmbeddingQueue(model.encode)
    first = await held_up(model, queue)
    bad, same_batch, other_kind = await waiting(queue, [(["bad"], "query"), (["good"], "query"), (["fine"], "passage")])
    model.gate.set()
    results = await asyncio.gather(first, bad, same_batch, other_kind, return_exceptions=True)
    for failure in results[1:3]:
        assert isinstance(failure, UpstreamError)
        assert (failure.service, failure.retryable) == ("embedding", True)
        assert "secret" not in str(failure)
    assert results[3] == [(4.0,)]
    assert await queue.submit(["again"], "query") == [(5.0,)]
    await queue.close()


async def test_a_model_that_loses_vectors_is_an_error() -> None:
    def encode(texts: Sequence[str], kind: Kind) -> Sequence[Vector]:
        return [(1.0,)] * (len(texts) - 1)

    queue = EmbeddingQueue(encode)
    with pytest.raises(UpstreamError, match="gave 1 vectors for 2 texts"):
        await queue.submit(["a", "b"], "query")
    await queue.close()


async def test_a_cancelled_request_harms_no_other_and_is_not_worked_on() -> None:
    model = GatedModel()
    queue = EmbeddingQueue(model.encode, Limits(passage_texts=4))
    first = await held_up(model, queue)
    gone, stays, passages = await waiting(queue, [(["gone"], "query"), (["stays"], "query"), (["p"] * 100, "passage")])
    gone.cancel()
    passages.cancel()
    first.cancel()
    await asyncio.gather(gone, passages, first, return_exceptions=True)
    model.gate.set()
    assert await stays == [(5.0,)]
    assert model.batches == [("passage", ["first"]), ("query", ["stays"])]
    await queue.close()


async def test_too_many_waiting_queries_are_refused_at_once() -> None:
    model = GatedModel()
    queue = EmbeddingQueue(model.encode, Limits(waiting_queries=3))
    first = await held_up(model, queue)
    tasks = await waiting(queue, [(["a", "b"], "query"), (["p"] * 10, "passage")])
    with pytest.raises(UpstreamError, match="2 queries are waiting") as caught:
        await queue.submit(["c", "d"], "query")
    assert caught.value.retryable
    tasks += await waiting(queue, [(["e"], "query")])
    model.gate.set()
    assert [len(vectors) for vectors in await asyncio.gather(first, *tasks)] == [1, 2, 10, 1]
    await queue.close()


async def test_closing_ends_the_batch_in_progress_and_refuses_the_rest() -> None:
    model = GatedModel()
    queue = EmbeddingQueue(model.encode)
    first = await held_up(model, queue)
    [late] = await waiting(queue, [(["late"], "query")])
    closing = asyncio.create_task(queue.close())
    await asyncio.sleep(0)
    model.gate.set()
    await closing
    assert await first == [(5.0,)]
    for refused in (late, queue.submit(["x"], "query"), queue.run(lambda: None)):
        with pytest.raises(UpstreamError, match="closed") as caught:
            await refused
        assert not caught.value.retryable
    await queue.close()
    assert model.sizes() == [("passage", 1)]


async def test_no_text_needs_no_model() -> None:
    model = GatedModel()
    queue = EmbeddingQueue(model.encode)
    assert await queue.submit([], "query") == []
    assert model.batches == []
    await queue.close()
