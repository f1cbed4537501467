"""`assist eval`"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from assist.cli.running import run, settings
from assist.evaluation.dataset import DataSetError, find, load
from assist.evaluation.mistakes import Mistake, mistakes, to_jsonl, to_text
from assist.evaluation.report import Report, report, to_json
from assist.evaluation.run import judge
from assist.evaluation.system import Progress, Workshop, open_system, open_workshop
from assist.evaluation.tables import tables
from assist.settings import Settings
from knowledge_ingest.metadata import Defaults

_LINE_EVERY_S = 10.0


@click.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object for one data set, a list for several.")
@click.option("--errors", type=click.Path(path_type=Path, dir_okay=False), help="List the mistakes in this file.")
@click.option("--limit", type=click.IntRange(min=1), help="Judge only so many turns of each set, spread over it.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Keep vectors of passages here.")
def command(
    folders: Sequence[Path],
    as_json: bool,
    errors: Path | None,
    limit: int | None,
    cache: Path | None,
) -> None:
    """Measure detection, selection, confidence and time on judged data sets.

    A DIR holds kb.jsonl (id, title, body, …) and turns.jsonl (dialog_id, turns, knowledge_seeking, relevant_ids), or
    folders that do. The pipeline is the one that the server runs and is given the turns alone; your own knowledge
    base and index are not touched. A name in --errors that ends with .jsonl gives JSON lines, any other text.
    """
    try:
        reports, wrong, single = run(_evaluate(settings(), folders, limit, cache))
        if errors is not None:
            _write(errors, to_jsonl(wrong) if errors.suffix == ".jsonl" else to_text(wrong))
    except DataSetError as error:
        raise click.ClickException(str(error)) from None
    click.echo(to_json(reports, single=single) if as_json else tables(reports))


async def _evaluate(
    configured: Settings, folders: Sequence[Path], limit: int | None, cache: Path | None
) -> tuple[list[Report], list[Mistake], bool]:
    found, notes = find(folders)
    single = len(folders) == 1 and found == [folders[0].resolve()]
    _tell(notes)
    reports: list[Report] = []
    wrong: list[Mistake] = []
    with _progress() as tick:
        async with open_workshop(configured, cache, tick) as workshop:
            for folder in found:
                own, own_mistakes = await _evaluate_one(folder, limit, workshop, tick)
                _tell([f"{own.set}: {note}" for note in own.notes])
                reports.append(own)
                wrong += own_mistakes
    return reports, wrong, single


async def _evaluate_one(
    folder: Path, limit: int | None, workshop: Workshop, progress: Progress
) -> tuple[Report, list[Mistake]]:
    dataset = load(folder, limit, Defaults(subject_fields=workshop.settings.ingest.subject_fields))

    def tick(what: str, done: int, total: int) -> None:
        progress(f"{dataset.name}: {what}", done, total)

    async with open_system(workshop, dataset, tick) as system:
        judged = await judge(dataset, system, tick)
        return report(dataset, judged), mistakes(dataset, judged, system.rows)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Bars on a terminal, else a line now and then; on stderr, for stdout is for figures."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    with Bars(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def tick(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tick


class _Lines:
    """Tells the beginning and the end of a piece of work, and in between every few seconds how far it is."""

    def __init__(self) -> None:
        self._what = ""
        self._told_at = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self._what or done == total or now - self._told_at >= _LINE_EVERY_S:
            self._what, self._told_at = what, now
            _tell([f"{what}: {done} of {total}"])


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        print(note, file=sys.stderr)


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror}).") from None
