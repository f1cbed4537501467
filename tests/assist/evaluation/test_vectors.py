"""What is remembered of texts, and for how long."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from assist.evaluation.vectors import CallEmbedder, VectorFile, vector_file
from pipeline.ports import Vector


class CountingEmbedder:
    """Knows the length of a text, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def dimensions(self) -> int:
        return 2

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> list[Vector]:
        self.asked += texts
        return [(float(len(text)), 0.1) for text in texts]


async def test_passages_are_embedded_once_for_all_runs(tmp_path: Path) -> None:
    model = CountingEmbedder()
    first = await CallEmbedder(model, vector_file(tmp_path, "m", 2)).embed(["aa", "b", "aa"], "passage")
    again = await CallEmbedder(model, vector_file(tmp_path, "m", 2)).embed(["b", "ccc", "aa"], "passage")
    assert model.asked == ["aa", "b", "ccc"]
    assert [vector[0] for vector in first] == [2.0, 1.0, 2.0]
    assert [vector[0] for vector in again] == [1.0, 3.0, 2.0]


async def test_models_do_not_share_vectors(tmp_path: Path) -> None:
    model = CountingEmbedder()
    for name in ("m", "n"):
        await CallEmbedder(model, vector_file(tmp_path, name, 2)).embed(["aa"], "passage")
    assert model.asked == ["aa", "aa"]


def test_a_record_that_was_cut_short_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    VectorFile(path, 2).add({"a": (1.0, 2.0), "b": (3.0, 4.0)})
    path.write_bytes(path.read_bytes()[:-3])
    file = VectorFile(path, 2)
    assert file.get(["a", "b"]) == {"a": (1.0, 2.0)}
    file.add({"c": (5.0, 6.0)})
    assert file.get(["a", "c"]) == VectorFile(path, 2).get(["a", "b", "c"]) == {"a": (1.0, 2.0), "c": (5.0, 6.0)}


def test_two_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    one, other = (VectorFile(tmp_path / "vectors", 2) for _ in range(2))
    one.add({"a": (1.0, 0.0)})
    other.add({"b": (2.0, 0.0)})
    assert other.get(["b"]) == {"b": (2.0, 0.0)}
    assert set(VectorFile(tmp_path / "vectors", 2).get(["a", "b"])) == {"a", "b"}


async def test_queries_are_remembered_within_a_call_only(tmp_path: Path) -> None:
    model = CountingEmbedder()
    embedder = CallEmbedder(model, vector_file(tmp_path, "m", 2))
    assert await embedder.embed(["x", "y", "x"], "query") == [(1.0, 0.1)] * 3
    await embedder.embed(["x"], "query")
    assert model.asked == ["x", "y"]
    await embedder.plain("x")
    embedder.new_call()
    await embedder.embed(["x"], "query")
    assert model.asked == ["x", "y", "x", "x"]
