"""Vectors from an endpoint on a real socket."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from integrations.openai import Endpoint
from integrations.openai_embedding import EndpointEmbedder
from pipeline.errors import UpstreamError
from tests.doubles.openai_server import OpenAIDouble, Reply, openai_double


@asynccontextmanager
async def embedder_at(double: OpenAIDouble) -> AsyncIterator[EndpointEmbedder]:
    embedder = EndpointEmbedder(Endpoint(double.base_url, "sk-canary"), "tiny")
    try:
        yield embedder
    finally:
        await embedder.close()


async def test_vectors_have_length_one_and_the_order_of_the_texts() -> None:
    async with openai_double() as double, embedder_at(double) as embedder:
        texts = ["a", "bb", "ccc"]
        vectors = await embedder.embed(texts, "passage")
        assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0, 1.0, 1.0])
        assert [max(range(8), key=lambda place: vector[place]) for vector in vectors] == [1, 2, 3]
        assert embedder.ready
        assert embedder.dimensions == 8
        assert embedder.model == "openai:tiny"
        assert double.requests[-1]["model"] == "tiny"


async def test_the_length_is_learned_once_and_unknown_before() -> None:
    async with openai_double() as double, embedder_at(double) as embedder:
        assert not embedder.ready
        with pytest.raises(UpstreamError, match="not answered yet"):
            _ = embedder.dimensions
        await asyncio.gather(embedder.load(), embedder.load())
        assert len(double.requests) == 1
        assert (await embedder.describe()).dimensions == 8


async def test_queries_are_remembered_and_sent_once() -> None:
    async with openai_double() as double, embedder_at(double) as embedder:
        await embedder.load()
        first = await embedder.embed(["x", "yy", "x"], "query")
        assert first[0] == first[2]
        assert await embedder.embed(["yy"], "query") == [first[1]]
        assert [request["input"] for request in double.requests[1:]] == [["x", "yy"]]


async def test_many_passages_go_in_several_requests_and_empty_ones_are_no_trouble() -> None:
    async with openai_double() as double, embedder_at(double) as embedder:
        vectors = await embedder.embed(["text", " ", ""] * 50, "passage")
        assert len(vectors) == 150
        assert all(text.strip() for request in double.requests for text in request["input"])
        assert max(len(request["input"]) for request in double.requests) == 64
        assert await embedder.embed([], "passage") == []


@pytest.mark.parametrize(
    ("reply", "retryable"),
    [
        (Reply(status=401), False),
        (Reply(status=404), False),
        (Reply(status=400), False),
        (Reply(status=429), True),
        (Reply(status=500), True),
    ],
)
async def test_a_failure_says_what_to_check_and_whether_to_try_again(reply: Reply, retryable: bool) -> None:
    async with openai_double() as double, embedder_at(double) as embedder:
        double.embedding_error = reply
        with pytest.raises(UpstreamError, match="ASSIST_EMBEDDING_URL") as raised:
            await embedder.embed(["my secret diagnosis"], "query")
        assert raised.value.retryable is retryable
        assert "secret" not in str(raised.value)
        assert "sk-canary" not in str(raised.value)


async def test_vectors_without_direction_or_of_another_length_are_refused() -> None:
    async with openai_double() as double, embedder_at(double) as embedder:
        await embedder.load()
        double.embed = lambda text: [0.0] * 8
        with pytest.raises(UpstreamError, match="direction"):
            await embedder.embed(["x"], "query")
        double.embed = lambda text: [1.0] * 4
        with pytest.raises(UpstreamError, match="length"):
            await embedder.embed(["x"], "query")


async def test_an_endpoint_that_is_not_there_is_an_upstream_error() -> None:
    async with openai_double() as double:
        gone = double.base_url
    embedder = EndpointEmbedder(Endpoint(gone), "tiny")
    with pytest.raises(UpstreamError) as raised:
        await embedder.load()
    assert raised.value.retryable
    await embedder.close()
    await embedder.close()
