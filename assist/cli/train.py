"""`assist train`"""

import hashlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click
from rich.console import Console
from rich.table import Table

from assist.cli.running import run, settings
from assist.evaluation.dataset import DataSetError, find, load
from assist.evaluation.vectors import VectorFile, vector_file
from assist.settings import Settings
from assist.training.measuring import Figures
from assist.training.samples import EXAMPLES
from assist.training.train import Trained, Vectors, Written, train
from assist.wiring import make_embedder
from integrations.turn_model import save_turn_model

_DEFAULT_OUT = Path("turn_model.safetensors")


@click.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--examples", default=EXAMPLES, show_default=False, type=click.Path(path_type=Path, dir_okay=False),
              help="Written examples instead of those that come with Assist.")  # fmt: skip
@click.option("--out", default=_DEFAULT_OUT, show_default=True, type=click.Path(path_type=Path, dir_okay=False),
              help="Where the weights go.")  # fmt: skip
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Keep vectors of texts here.")
def command(folders: Sequence[Path], examples: Path, out: Path, cache: Path | None) -> None:
    """Train the model that tells turns that seek knowledge from others, and measure it.

    A DIR holds kb.jsonl and turns.jsonl as for `assist eval`. The same inputs give the same weights; what is printed
    is measured on calls that the weights were not fitted on.
    """
    try:
        trained = run(_train(settings(), folders, examples, cache))
    except DataSetError as error:
        raise click.ClickException(str(error)) from None
    save_turn_model(trained.model, out)
    _tell(trained, out)


async def _train(configured: Settings, folders: Sequence[Path], examples: Path, cache: Path | None) -> Trained:
    found, notes = find(folders)
    sets = [(load(folder), folder) for folder in found]
    for note in notes:
        click.echo(note, err=True)
    async with AsyncExitStack() as stack:
        embedder = make_embedder(configured)
        stack.push_async_callback(embedder.close)
        await embedder.load()
        place = cache or Path(stack.enter_context(TemporaryDirectory(prefix="assist-train-")))
        vectors = Vectors(
            embedder,
            _query_file(place, embedder.model, embedder.dimensions),
            vector_file(place, embedder.model, embedder.dimensions),
            _progress,
        )
        return await train(sets, Written(examples=examples), vectors, embedder.model, _progress)


def _query_file(place: Path, model: str, dimensions: int) -> VectorFile:
    name = hashlib.sha256(model.encode()).hexdigest()[:12]
    return VectorFile(place / f"turns-{name}-{dimensions}.vectors", dimensions)


def _progress(what: str, done: int, total: int) -> None:
    if done % 1024 == 0 or done == total:
        click.echo(f"{what} {done}/{total}" if total > 1 else what, err=True)


def _tell(trained: Trained, out: Path) -> None:
    console = Console()
    if trained.judged:
        console.print(_table("Cross-validated, folds by call", trained.judged.folds))
        console.print(_table("Fitted without the set", trained.judged.left_out))
    info = trained.model.info
    console.print(
        f"{trained.samples} samples; temperature {info.temperature}, "
        f"thresholds {info.threshold_asking} (asking) and {info.threshold}; "
        f"{out}: {out.stat().st_size // 1000} kB for {info.embedding_model}."
    )


def _table(title: str, figures: Sequence[Figures]) -> Table:
    table = Table(title=title)
    for column in ("set", "turns", "precision", "recall", "F1", "calibration error", "kind right"):
        table.add_column(column, justify="left" if column == "set" else "right")
    for row in figures:
        kinds = "" if row.kinds_right is None else f"{row.kinds_right:.3f}"
        shares = (row.precision, row.recall, row.f1, row.calibration_error)
        table.add_row(row.source, str(row.turns), *(f"{share:.3f}" for share in shares), kinds)
    return table
