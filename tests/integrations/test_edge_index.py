"""What only the index inside the process has: a directory, a crash, an owner."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from integrations.qdrant.edge import EdgeIndex, IndexInUseError
from integrations.qdrant.layout import IndexLayoutError, Layout
from pipeline.errors import UpstreamError
from pipeline.types import Scope
from tests.integrations.passages import LAYOUT, found, passage, passage_id, probe, unit

ROOT = Path(__file__).parents[2]

FILL_WITHOUT_FLUSH = """
import asyncio, pathlib, sys, time
from integrations.qdrant.edge import EdgeIndex
from tests.integrations.passages import LAYOUT, passage, unit

async def main():
    index = await EdgeIndex.open(pathlib.Path(sys.argv[1]), LAYOUT)
    await index.put([passage("flushed")], [unit(1.0)])
    for number in range(100):
        index._put([passage(f"p{number}", f"Text word{number}q")], [unit(number / 100)])
    print("written", flush=True)
    time.sleep(60)

asyncio.run(main())
"""

OPEN = """
import asyncio, pathlib, sys
from integrations.qdrant.edge import EdgeIndex
from tests.integrations.passages import LAYOUT

async def main():
    recreate = sys.argv[2] == "recreate"
    try:
        await EdgeIndex.open(pathlib.Path(sys.argv[1]), LAYOUT, recreate=recreate)
    except Exception as error:
        print(type(error).__name__, error, error.retryable)

asyncio.run(main())
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def test_what_was_put_survives_a_kill_without_flush(tmp_path: Path) -> None:
    process = start(FILL_WITHOUT_FLUSH, str(tmp_path))
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    index = await EdgeIndex.open(tmp_path, LAYOUT)
    assert await index.count() == 101
    rankings = await index.search([probe(0.42, "word42q")], Scope(language="en"), 1)
    assert found(rankings, "dense") == found(rankings, "bm25") == [passage_id("p42")]
    await index.close()


@pytest.mark.parametrize("how", ["open", "recreate"])
async def test_another_process_is_told_what_to_do(tmp_path: Path, how: str) -> None:
    index = await EdgeIndex.open(tmp_path, LAYOUT)
    await index.put([passage("a")], [unit(0.0)])
    said, _ = start(OPEN, str(tmp_path), how).communicate(timeout=60)
    assert said.startswith("IndexInUseError qdrant: The index directory")
    assert str(tmp_path) in said
    assert "QDRANT_URL" in said
    assert "False" in said
    await index.put([passage("b")], [unit(1.0)])
    assert found(await index.search([probe()], Scope(), 5), "dense") == [passage_id("a"), passage_id("b")]
    await index.close()
    reopened = await EdgeIndex.open(tmp_path, LAYOUT)
    assert await reopened.count() == 2
    await reopened.close()


async def test_a_second_opener_in_the_same_process_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    first = await EdgeIndex.open(tmp_path, LAYOUT)
    with pytest.raises(IndexInUseError, match="in use by another Assist process") as caught:
        await EdgeIndex.open(tmp_path, LAYOUT)
    assert (caught.value.service, caught.value.retryable) == ("qdrant", False)
    await first.close()
    second = await EdgeIndex.open(tmp_path, LAYOUT)
    assert await second.count() == 0
    await second.close()


async def test_reopening_finds_everything_again(tmp_path: Path) -> None:
    directory = tmp_path / "data" / "index"
    index = await EdgeIndex.open(directory, LAYOUT)
    await index.put([passage(f"p{number}") for number in range(300)], [unit(0.0)] * 300)
    await index.close()
    for _ in range(2):
        index = await EdgeIndex.open(directory, LAYOUT)
        assert await index.count() == 300
        assert len(found(await index.search([probe()], Scope(language="en"), 400), "bm25")) == 300
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
async def test_an_index_built_otherwise_is_refused_with_the_remedy(tmp_path: Path, other: Layout) -> None:
    index = await EdgeIndex.open(tmp_path, LAYOUT)
    await index.put([passage("a")], [unit(0.0)])
    await index.close()
    with pytest.raises(IndexLayoutError, match=r"'test-model' \(8 dimensions.*assist reindex") as caught:
        await EdgeIndex.open(tmp_path, other)
    assert not caught.value.retryable
    index = await EdgeIndex.open(tmp_path, LAYOUT)
    assert await index.count() == 1
    await index.close()
    index = await EdgeIndex.open(tmp_path, other, recreate=True)
    assert await index.count() == 0
    await index.close()


async def test_an_index_that_does_not_say_how_it_was_built_is_refused(tmp_path: Path) -> None:
    index = await EdgeIndex.open(tmp_path, LAYOUT)
    await index.put([passage("a")], [unit(0.0)])
    await index.close()
    (tmp_path / "layout.json").write_text("{")
    with pytest.raises(IndexLayoutError, match="assist reindex"):
        await EdgeIndex.open(tmp_path, LAYOUT)


async def test_a_damaged_index_is_refused_and_can_be_made_anew(tmp_path: Path) -> None:
    index = await EdgeIndex.open(tmp_path, LAYOUT)
    await index.put([passage("a")], [unit(0.0)])
    await index.close()
    (tmp_path / "keep.txt").write_text("not ours")
    for file in (tmp_path / "segments").rglob("*.json"):
        file.write_text("{")
    with pytest.raises(UpstreamError, match="assist reindex") as caught:
        await EdgeIndex.open(tmp_path, LAYOUT)
    assert not caught.value.retryable
    index = await EdgeIndex.open(tmp_path, LAYOUT, recreate=True)
    await index.put([passage("b")], [unit(0.0)])
    assert await index.count() == 1
    assert (tmp_path / "keep.txt").exists()
    await index.close()


async def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UpstreamError, match="file/index cannot be used: Not a directory"):
        await EdgeIndex.open(tmp_path / "file" / "index", LAYOUT)


async def test_an_optimised_index_finds_the_same(tmp_path: Path) -> None:
    index = await EdgeIndex.open(tmp_path, LAYOUT)
    held = [passage(f"p{number}") for number in range(500)]
    await index.put(held, [unit(number / 250) for number in range(500)])
    before = await index.search([probe(1.0)], Scope(language="en"), 10)
    await index.optimize()
    after = await index.search([probe(1.0)], Scope(language="en"), 10)
    assert found(after, "dense") == found(before, "dense")
    assert await index.count() == 500
    await index.close()
