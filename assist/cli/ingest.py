"""`assist ingest`"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from assist.cli.running import run, settings
from assist.cli.tables import print_table
from assist.ingest_reports import FileReport, StoreReport
from assist.knowledge import Knowledge
from assist.settings import Settings
from assist.sources import WebReader, read_addresses, reading
from assist.storage import Storage, open_storage
from assist.wiring import make_knowledge, open_indexer
from integrations.qdrant.edge import IndexInUseError
from integrations.web_pages import is_web_address
from knowledge_ingest.sources import read, source_of

_SERVER_QUIET_S = 30.0
"""A server that takes no passage for so long does not index."""
_LISTED_MAX = 40
"""Files that a person is shown, when nothing is wrong with them."""

Tick = Callable[[int, int], None]


class Options(NamedTuple):
    """How to ingest."""

    prune: bool
    language: str | None
    report: BinaryIO | None


class _Place(click.ParamType[Path | str]):
    """A path that exists, or an address on the web."""

    name = "path or url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:
        """The address as text, anything else as a path."""
        if isinstance(value, str) and value.lower().startswith(("http://", "https://")):
            if not is_web_address(value):
                self.fail("This address cannot be fetched. It needs a host, and must not hold a password.", param, ctx)
            return value
        path: Path = click.Path(exists=True, path_type=Path).convert(value, param, ctx)
        return path


@click.command()
@click.argument("places", metavar="PATH_OR_URL...", nargs=-1, type=_Place())
@click.option(
    "--urls",
    "lists",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with addresses of pages, one a line.",
)
@click.option("--keep-missing", is_flag=True, help="Keep articles whose files or pages have disappeared.")
@click.option(
    "--language", help="Of articles that do not name theirs, such as de or en-GB. [default: told by the text]"
)
@click.option("--report", type=click.File("wb"), help="Write what became of every file here, as JSON lines.")
def command(
    places: Sequence[Path | str],
    lists: Sequence[Path],
    keep_missing: bool,
    language: str | None,
    report: BinaryIO | None,
) -> None:
    """Read articles from files, folders, web pages and sitemaps.

    Formats: Markdown, HTML, plain text, PDF, Word (.docx), and CSV or JSONL of question and answer.

    Repeat it whenever they have changed: what is the same is left alone, what has disappeared from PATH_OR_URL is
    removed. It works beside a running server, which then indexes what is stored here.
    """
    if not places and not lists:
        raise click.UsageError("Name a file, a folder, an address or a list of addresses (--urls).")
    options = Options(prune=not keep_missing, language=language, report=report)
    run(_ingest(settings(), [*places, *(_List(path) for path in lists)], options))


class _List(NamedTuple):
    """A file of addresses."""

    path: Path


async def _ingest(configured: Settings, places: Iterable[Path | str | _List], options: Options) -> None:
    console = Console()
    files: list[tuple[str, FileReport]] = []
    try:
        async with open_storage(configured) as storage:
            await _take(configured, storage, places, options, files)
    finally:  # what was stored is stored, also when the index then fails
        if options.report is not None:
            _write(options.report, files)
        _list(console, files)


async def _take(
    configured: Settings,
    storage: Storage,
    places: Iterable[Path | str | _List],
    options: Options,
    files: list[tuple[str, FileReport]],
) -> None:
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    knowledge = make_knowledge(storage.sessions)
    with Progress(*columns, console=console) as bars:
        for place in places:
            name = str(place.path if isinstance(place, _List) else place)
            tick = _ticker(bars, bars.add_task(f"Reading {name.rstrip('/').rpartition('/')[2]}", total=None))
            report = await _store(knowledge, configured, place, options, tick)
            _tell(console, name, report)
            files += [(name, file) for file in report.files]
        await _index(configured, storage, knowledge, _ticker(bars, bars.add_task("Indexing", total=None)))


async def _store(
    knowledge: Knowledge, configured: Settings, place: Path | str | _List, options: Options, tick: Tick
) -> StoreReport:
    if isinstance(place, Path):
        defaults, limits = reading(configured.ingest, options.language)
        documents = read(place, defaults=defaults, limits=limits, progress=tick)
        return await knowledge.store(source_of(place), documents, prune=options.prune)
    async with WebReader.open(configured.ingest, options.language) as web:
        if isinstance(place, _List):
            source, found = source_of(place.path), web.addresses(read_addresses(place.path), tick)
        else:
            source, found = place, web.address(place, tick)
        async with aclosing(found):
            return await knowledge.store(source, found, prune=options.prune)


async def _index(configured: Settings, storage: Storage, knowledge: Knowledge, tick: Tick) -> None:
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


async def _watch(knowledge: Knowledge, total: int, tick: Tick) -> None:
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


def _ticker(bars: Progress, task: TaskID) -> Tick:
    def tick(done: int, total: int) -> None:
        bars.update(task, completed=done, total=total)

    return tick


def _tell(console: Console, place: str, report: StoreReport) -> None:
    console.print(
        f"{place}: {report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.removed} removed; {report.passages} passages to index.",
        markup=False,
        soft_wrap=True,
    )


def _list(console: Console, files: Sequence[tuple[str, FileReport]]) -> None:
    """Everything behind a pipe; a person is spared the many files that are fine, and a source that is the only one."""
    shown = files
    if console.is_terminal and len(files) > _LISTED_MAX:
        shown = [(place, file) for place, file in files if file.reasons]
    headers = ("result", "file", "articles", "passages", "skipped", "why", "source")
    rows = [
        (
            *(file.result, file.file, str(file.documents), str(file.passages), str(file.skipped)),
            *(_cell(" ".join(file.reasons)), place),
        )
        for place, file in shown
    ]
    columns = len(headers) - (console.is_terminal and len({place for place, _ in files}) == 1)
    if rows:
        print_table(headers[:columns], [row[:columns] for row in rows])


def _cell(text: str) -> str:
    return " ".join(text.split())


def _write(stream: BinaryIO, files: Iterable[tuple[str, FileReport]]) -> None:
    for place, file in files:
        stream.write(msgspec.json.encode({"source": place} | msgspec.to_builtins(file)) + b"\n")
