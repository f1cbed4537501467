"""What only the index on a server has: a network, keys, a collection that others may change."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from qdrant_client import AsyncQdrantClient, models

from integrations.qdrant.layout import INTEGER_FIELDS, KEYWORD_FIELDS, IndexLayoutError, Layout
from integrations.qdrant.server import CollectionMissingError, ServerIndex
from pipeline.errors import UpstreamError
from pipeline.types import Scope
from tests.integrations.passages import LAYOUT, passage, probe, unit

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
    pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection"),
]

Respond = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


def connect(url: str, **changes: float) -> ServerIndex:
    return ServerIndex.connect(url, LAYOUT, api_key="secret", collection="c", **changes)


@asynccontextmanager
async def http_server(respond: Respond) -> AsyncIterator[str]:
    """Calls `respond` with the request's first line, one request a connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        await respond(head.partition("\r\n")[0], writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def answer(status: str, body: object = None, *headers: str) -> bytes:
    content = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


async def count_error(url: str, **changes: float) -> UpstreamError:
    index = connect(url, **changes)
    with pytest.raises(UpstreamError) as caught:
        await index.count()
    await index.close()
    return caught.value


async def test_a_server_that_does_not_run_is_worth_another_try() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        index = connect(url)
        for call in (
            index.count(),
            index.search([probe()], Scope(), 5),
            index.put([passage("a")], [unit(0.0)]),
            index.remove([passage("a").id]),
            index.clear(),
        ):
            with pytest.raises(UpstreamError, match=r"cannot be reached.*QDRANT_URL") as caught:
                await call
            assert (caught.value.service, caught.value.retryable) == ("qdrant", True)
        await index.close()


@pytest.mark.parametrize(
    ("response", "retryable", "words"),
    [
        (answer("500 Internal Server Error"), True, "500"),
        (answer("503 Service Unavailable"), True, "503"),
        (answer("429 Too Many Requests", {"status": {"error": "x"}}, "Retry-After: 7"), True, "wait 7 s"),
        (answer("429 Too Many Requests", {"status": {"error": "x"}}), True, "429"),
        (answer("400 Bad Request"), False, "400"),
        (answer("401 Unauthorized"), False, "QDRANT_API_KEY"),
        (answer("403 Forbidden"), False, "QDRANT_API_KEY"),
        (answer("404 Not Found"), False, "QDRANT_URL"),
        (answer("200 OK", {"unexpected": True}), False, "request failed"),
    ],
)
async def test_an_error_of_the_server_says_whether_to_try_again(
    response: bytes,
    retryable: bool,
    words: str,
) -> None:
    async def respond(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(response)

    async with http_server(respond) as url:
        error = await count_error(url)
    assert (error.service, error.retryable) == ("qdrant", retryable)
    assert words in str(error)


async def test_a_silent_server_is_given_up_after_the_time_limit() -> None:
    async def respond(_: str, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        await asyncio.sleep(1.0)

    async with http_server(respond) as url:
        error = await count_error(url, timeout_s=0.02)
    assert error.retryable
    assert "did not answer within 0.12 s" in str(error)


async def test_a_broken_connection_is_tried_once_more() -> None:
    requests: list[str] = []

    async def respond(request: str, writer: asyncio.StreamWriter) -> None:
        requests.append(request)
        if len(requests) > 1:
            writer.write(answer("401 Unauthorized"))

    async with http_server(respond) as url:
        error = await count_error(url)
    assert "QDRANT_API_KEY" in str(error)
    assert requests == ["GET /collections/c/exists HTTP/1.1"] * 2


async def test_the_collection_is_made_with_the_shared_layout() -> None:
    client = AsyncQdrantClient(":memory:")
    index = ServerIndex(client=client, layout=LAYOUT, collection="mine")
    await index.put([passage("a")], [unit(0.0)])
    params = (await client.get_collection("mine")).config.params
    assert params.vectors == {"dense": models.VectorParams(size=8, distance=models.Distance.COSINE)}
    assert params.sparse_vectors == {"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)}
    second = ServerIndex(client=client, layout=LAYOUT, collection="mine")
    assert await second.count() == 1
    await index.close()


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(LAYOUT, dimensions=16),
        msgspec.structs.replace(LAYOUT, model="another-model"),
        msgspec.structs.replace(LAYOUT, version=99),
    ],
    ids=["dimensions", "model", "version"],
)
async def test_a_collection_built_otherwise_is_refused_until_it_is_made_anew(other: Layout) -> None:
    client = AsyncQdrantClient(":memory:")
    await ServerIndex(client=client, layout=LAYOUT).put([passage("a")], [unit(0.0)])
    index = ServerIndex(client=client, layout=other)
    for _ in range(2):
        with pytest.raises(IndexLayoutError, match=r"'test-model' \(8 dimensions.*assist reindex"):
            await index.count()
    await index.recreate()
    assert await index.count() == 0
    await index.close()


async def test_a_collection_without_metadata_is_judged_by_its_size() -> None:
    client = AsyncQdrantClient(":memory:")
    await client.create_collection(
        "old",
        vectors_config={"dense": models.VectorParams(size=8, distance=models.Distance.COSINE)},
        sparse_vectors_config={"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    assert await ServerIndex(client=client, layout=LAYOUT, collection="old").count() == 0
    larger = msgspec.structs.replace(LAYOUT, dimensions=16)
    with pytest.raises(IndexLayoutError, match="assist reindex"):
        await ServerIndex(client=client, layout=larger, collection="old").count()
    await client.close()


async def test_a_foreign_collection_is_left_alone() -> None:
    client = AsyncQdrantClient(":memory:")
    await client.create_collection(
        "theirs", vectors_config=models.VectorParams(size=8, distance=models.Distance.COSINE)
    )
    with pytest.raises(IndexLayoutError, match="QDRANT_COLLECTION"):
        await ServerIndex(client=client, layout=LAYOUT, collection="theirs").clear()
    await client.close()


async def test_two_processes_may_make_the_collection_at_the_same_time() -> None:
    client = AsyncQdrantClient(":memory:")
    indexes = [ServerIndex(client=client, layout=LAYOUT) for _ in range(5)]
    assert await asyncio.gather(*(index.count() for index in indexes)) == [0] * 5
    await client.close()


async def test_a_collection_dropped_while_in_use_is_made_again() -> None:
    requests: list[str] = []
    vectors = {"dense": {"size": 8, "distance": "Cosine"}}
    params = {"vectors": vectors, "sparse_vectors": {"bm25": {"modifier": "idf"}}}
    config = {
        "params": params,
        "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
        "optimizer_config": {
            "deleted_threshold": 0.2,
            "vacuum_min_vector_number": 1000,
            "default_segment_number": 0,
            "flush_interval_sec": 5,
        },
    }
    keyword, integer = ({"data_type": kind, "points": 0} for kind in ("keyword", "integer"))
    info = {
        "status": "green",
        "optimizer_status": "ok",
        "segments_count": 1,
        "config": config,
        "payload_schema": dict.fromkeys(KEYWORD_FIELDS, keyword) | dict.fromkeys(INTEGER_FIELDS, integer),
    }

    async def respond(request: str, writer: asyncio.StreamWriter) -> None:
        requests.append(request.rsplit(" ", 1)[0])
        if "/exists" in request:
            writer.write(answer("200 OK", {"result": {"exists": True}}))
        elif request.startswith("GET"):
            writer.write(answer("200 OK", {"result": info}))
        else:
            writer.write(answer("404 Not Found"))

    async with http_server(respond) as url:
        index = connect(url)
        for _ in range(2):
            with pytest.raises(CollectionMissingError, match="assist reindex") as caught:
                await index.count()
            assert caught.value.retryable
        await index.close()
    check = ["GET /collections/c/exists", "GET /collections/c", "POST /collections/c/points/count"]
    assert requests == check * 2
