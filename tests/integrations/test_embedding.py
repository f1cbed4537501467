"""The packaged model itself."""

import asyncio
import math
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from integrations.embedding import LocalEmbedder
from integrations.embedding_queue import Kind
from integrations.packaged_model import WeightsError, packaged_directory, verify
from pipeline.errors import UpstreamError
from pipeline.ports import Embedder, Vector

pytestmark = pytest.mark.asyncio(loop_scope="module")

NETWORK: list[str] = []
WATCHING: set[str] = set()


def note_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in WATCHING:
        NETWORK.append(f"{event} {arguments}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def embedder() -> AsyncIterator[LocalEmbedder]:
    sys.addaudithook(note_network)
    WATCHING.update(("socket.getaddrinfo", "socket.connect"))
    made = LocalEmbedder()
    assert not made.ready
    assert made.dimensions == 384
    await made.load()
    yield made
    # An audit hook stays for good.
    WATCHING.clear()
    await made.close()


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_the_embedder_satisfies_the_port_and_describes_itself(embedder: LocalEmbedder) -> None:
    port: Embedder = embedder
    assert embedder.ready
    assert port.dimensions == 384
    info = await embedder.describe()
    assert (info.model, info.dimensions, info.max_tokens) == ("all-MiniLM-L6-v2", 384, 256)
    assert info.device


async def test_the_packaged_model_needs_no_network(embedder: LocalEmbedder) -> None:
    await embedder.embed(["without a network"], "query")
    assert NETWORK == []


@pytest.mark.parametrize("kind", ["query", "passage"])
async def test_every_vector_has_length_one(embedder: LocalEmbedder, kind: Kind) -> None:
    texts = [
        "I want my money back",
        "",
        "日本語 🎧",
        "word " * 5000,
        "\x00\ud800".encode("utf-8", "ignore").decode(),
    ]
    vectors = await embedder.embed(texts, kind)
    assert [len(vector) for vector in vectors] == [384] * len(texts)
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0] * len(texts), abs=1e-5)
    assert all(isinstance(value, float) for value in vectors[0])


async def test_meaning_decides_what_is_near(embedder: LocalEmbedder) -> None:
    [query] = await embedder.embed(["how do I get my money back"], "query")
    refund, router = await embedder.embed(["Refunds are paid within five days.", "Restart the router."], "passage")
    assert cosine(query, refund) > 0.4 > cosine(query, router)


async def test_the_same_text_gives_the_same_vector(embedder: LocalEmbedder) -> None:
    fresh = LocalEmbedder(cached_queries=0)
    [first] = await embedder.embed(["Where is my parcel?"], "query")
    [again] = await fresh.embed(["Where is my parcel?"], "query")
    [passage] = await embedder.embed(["Where is my parcel?"], "passage")
    await fresh.close()
    assert again == first
    assert cosine(first, passage) == pytest.approx(1.0, abs=1e-5)


async def test_order_is_kept_under_concurrent_requests(embedder: LocalEmbedder) -> None:
    subjects = [f"invoice number {number} of customer {number * 7}" for number in range(50)]
    expected = await embedder.embed(subjects, "passage")

    async def ask(number: int) -> float:
        [vector] = await embedder.embed([subjects[number]], "query")
        return cosine(vector, expected[number])

    async def ingest(offset: int) -> float:
        texts = [f"{subjects[number]} {'and more ' * (number % 5)}" for number in range(offset, offset + 20)]
        exact = [subjects[number] for number in range(offset, offset + 20)]
        vectors = await embedder.embed([*texts, *exact], "passage")
        return min(cosine(vectors[20 + number], expected[offset + number]) for number in range(20))

    results = await asyncio.gather(*(ask(number) for number in range(50)), *(ingest(start) for start in (0, 15, 30)))
    assert min(results) == pytest.approx(1.0, abs=1e-4)


async def test_a_remembered_query_is_not_computed_again() -> None:
    small = LocalEmbedder(cached_queries=2)
    [first] = await small.embed(["one"], "query")
    [_, second, repeated] = await small.embed(["two", "one", "one"], "query")
    assert second is first
    assert repeated is first
    await small.embed(["three"], "query")
    [newer] = await small.embed(["two"], "query")
    [one] = await small.embed(["one"], "query")
    assert one == pytest.approx(first)
    assert len(newer) == 384
    await small.close()


async def test_concurrent_first_requests_load_the_model_once() -> None:
    lazy = LocalEmbedder()
    vectors = await asyncio.gather(*(lazy.embed([f"text {number}"], "query") for number in range(5)))
    assert [len(vector) for [vector] in vectors] == [384] * 5
    assert lazy.ready
    await lazy.close()
    with pytest.raises(UpstreamError, match="closed"):
        await lazy.embed(["late"], "passage")


async def test_a_model_in_a_directory_is_used_as_it_is() -> None:
    other = LocalEmbedder(str(packaged_directory()), device="cpu", threads=1)
    with pytest.raises(UpstreamError, match="not loaded yet"):
        assert other.dimensions
    info = await other.describe()
    assert (other.dimensions, info.device, info.threads) == (384, "cpu", 1)
    await other.close()


async def test_a_directory_without_a_model_is_an_error_that_helps(tmp_path: Path) -> None:
    wrong = LocalEmbedder(str(tmp_path))
    with pytest.raises(UpstreamError, match=r"cannot be loaded.*all-MiniLM-L6-v2") as caught:
        await wrong.embed(["x"], "query")
    assert (caught.value.service, caught.value.retryable) == ("embedding", False)
    assert not wrong.ready
    await wrong.close()


async def test_the_packaged_weights_are_the_published_ones() -> None:
    verify(packaged_directory())


async def test_changed_weights_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    shutil.copy(packaged_directory() / "model.safetensors", weights)
    verify(tmp_path)
    with weights.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x01\x02\x03\x04")
    with pytest.raises(WeightsError, match=r"sha256.*pip install") as caught:
        verify(tmp_path)
    assert (caught.value.service, caught.value.retryable) == ("embedding", False)


async def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        verify(tmp_path)
