"""`assist ingest`"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from assist.cli.running import run, settings
from assist.knowledge import Knowledge, StoreReport
from assist.settings import Settings
from assist.storage import Storage, open_storage
from assist.wiring import make_knowledge, open_indexer
from integrations.qdrant.edge import IndexInUseError
from knowledge_ingest.sources import read, source_of

_SERVER_QUIET_S = 30.0
"""A server that takes no passage for so long does not index."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--keep-missing", is_flag=True, help="Keep articles whose files have disappeared from PATHS.")
def command(paths: Sequence[Path], keep_missing: bool) -> None:  # noqa: FBT001
    """Read Markdown, HTML, plain text, and CSV or JSONL of question and answer from files and folders.

    Repeat it whenever the files have changed: what is the same is left alone, what has disappeared from PATHS is
    removed. It works beside a running server, which then indexes what is stored here.
    """
    run(_ingest(settings(), paths, prune=not keep_missing))


async def _ingest(configured: Settings, paths: Sequence[Path], *, prune: bool) -> None:
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    async with open_storage(configured) as storage:
        knowledge = make_knowledge(storage.sessions)
        with Progress(*columns, console=console) as bars:
            for path in paths:
                tick = _ticker(bars, bars.add_task(f"Reading {path.name}", total=None))
                documents = read(path, progress=tick)
                _tell(console, path, await knowledge.store(source_of(path), documents, prune=prune))
            await _index(configured, storage, knowledge, _ticker(bars, bars.add_task("Indexing", total=None)))


async def _index(
    configured: Settings, storage: Storage, knowledge: Knowledge, tick: Callable[[int, int], None]
) -> None:
    """Indexes here; where a server has the index, watches that do it."""
    waiting = await _waiting(knowledge)
    tick(0, waiting)
    if not waiting:
        return
    try:
        async with open_indexer(configured, storage.sessions) as indexer:
            await indexer.run(tick)
    except IndexInUseError:
        await _watch(knowledge, waiting, tick)


async def _watch(knowledge: Knowledge, total: int, tick: Callable[[int, int], None]) -> None:
    loop = asyncio.get_running_loop()
    left, moved_at = total, loop.time()
    while left:
        await asyncio.sleep(0.2)
        now = await _waiting(knowledge)
        if now != left:
            left, moved_at = now, loop.time()
        tick(max(total - left, 0), total)
        if loop.time() - moved_at > _SERVER_QUIET_S:
            raise click.ClickException(
                f"Everything is stored, but the server that holds the index has not taken {left} passages. "
                "Look at its log; it indexes them by itself when it is well."
            )


async def _waiting(knowledge: Knowledge) -> int:
    passages = (await knowledge.counts()).passages
    return passages["pending"] + passages["removing"]


def _ticker(bars: Progress, task: TaskID) -> Callable[[int, int], None]:
    def tick(done: int, total: int) -> None:
        bars.update(task, completed=done, total=total)

    return tick


def _tell(console: Console, path: Path, report: StoreReport) -> None:
    console.print(
        f"{path}: {report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.removed} removed; {report.passages} passages to index."
    )
    for note in report.notes:
        console.print(f"  note: {note}", markup=False)
    for item in report.unreadable:
        console.print(f"  skipped {item.uri}: {item.reason}", markup=False)
