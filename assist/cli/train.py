"""`assist train`"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from assist.cli.running import run, settings
from assist.cli.training_tables import tell_ablations, tell_confidence, tell_ranking, tell_turns, tell_weights
from assist.evaluation.dataset import DataSet, DataSetError, find, load
from assist.evaluation.vectors import vector_file
from assist.settings import Settings
from assist.training.collecting import Opened, collect
from assist.training.confidence import Calibrated, calibrated
from assist.training.confidence_samples import Tried, tried_of
from assist.training.questions import QuestionSet, questions_of
from assist.training.ranking import Part, Ranking, fit_ranking
from assist.training.ranking_figures import FOLDS, RankingFigures, cross_rank, left_out
from assist.training.samples import EXAMPLES
from assist.training.train import Trained, Written, train
from assist.training.vectors import Vectors, turn_file
from assist.wiring import make_embedder
from integrations.query_projection import ProjectionInfo, TrainedProjection, save_projection
from integrations.turn_model import save_turn_model
from knowledge_ingest.metadata import Defaults

_TOLD_EVERY = 1024

_folders = click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
_cache = click.option(
    "--cache", type=click.Path(path_type=Path, file_okay=False), help="Keep vectors of texts here for later runs."
)


@click.group()
def command() -> None:
    """Make the trained weights anew, and measure them.

    A DIR holds kb.jsonl and turns.jsonl as for `assist eval`, or folders that do. The same inputs give the same
    weights; what is printed is measured on calls that the weights were not fitted on. Train turns first, then
    ranking, then confidence: each is learned with what was learned before in place.
    """


@command.command()
@_folders
@click.option("--examples", default=EXAMPLES, show_default=False, type=click.Path(path_type=Path, dir_okay=False),
              help="Written examples instead of those that come with Assist.")  # fmt: skip
@click.option("--out", default=Path("turn_model.safetensors"), show_default=True,
              type=click.Path(path_type=Path, dir_okay=False), help="Where the weights go.")  # fmt: skip
@_cache
def turns(folders: Sequence[Path], examples: Path, out: Path, cache: Path | None) -> None:
    """The model that tells turns that seek knowledge from others."""
    try:
        trained = run(_turns(settings(), folders, examples, cache))
    except DataSetError as error:
        raise click.ClickException(str(error)) from None
    try:
        save_turn_model(trained.model, out)
    except OSError as error:
        raise _unwritable(out, error) from None
    tell_turns(trained)
    click.echo(f"{out}: {out.stat().st_size // 1000} kB for {trained.model.info.embedding_model}.")


@command.command()
@_folders
@click.option("--out", default=Path("query_projection.safetensors"), show_default=True,
              type=click.Path(path_type=Path, dir_okay=False), help="Where the projection goes.")  # fmt: skip
@click.option("--ablations", is_flag=True, help="Measure also what each part is worth, by fitting without it.")
@_cache
def ranking(folders: Sequence[Path], out: Path, ablations: bool, cache: Path | None) -> None:
    """The projection of questions, and the weights that rank passages.

    The projection is written to a file; the weights are printed, as pipeline/fusion.py holds them.
    """
    try:
        sets, model = run(collect(_load(settings(), folders), settings(), cache, _progress, questions_of))
        folds = cross_rank(sets, _tick).folds
        tell_ranking(folds, left_out(sets, _tick))
        if ablations:
            tell_ablations(folds, _without_parts(sets))
        _tick("fitting the ranking")
        fitted = fit_ranking([asked for own in sets for asked in own.asked])
    except DataSetError as error:
        raise click.ClickException(str(error)) from None
    try:
        save_projection(_projection(fitted, model), out)
    except OSError as error:
        raise _unwritable(out, error) from None
    tell_weights(fitted)
    click.echo(f"{out}: {out.stat().st_size // 1000} kB for {model}.")


@command.command()
@_folders
@_cache
def confidence(folders: Sequence[Path], cache: Path | None) -> None:
    """The constants that turn what speaks for an answer into a probability.

    They are printed, as pipeline/confidence.py holds them. Answers are found with projections that were fitted
    without the call, and with the weights that pipeline/fusion.py holds now.
    """
    try:
        outcome = run(_confidence(settings(), folders, cache))
    except DataSetError as error:
        raise click.ClickException(str(error)) from None
    tell_confidence(outcome)


async def _turns(configured: Settings, folders: Sequence[Path], examples: Path, cache: Path | None) -> Trained:
    found, notes = find(folders)
    sets = [(load(folder), folder) for folder in found]
    _tell(notes)
    async with AsyncExitStack() as stack:
        embedder = make_embedder(configured)
        stack.push_async_callback(embedder.close)
        await embedder.load()
        place = cache or Path(stack.enter_context(TemporaryDirectory(prefix="assist-train-")))
        files = [make(place, embedder.model, embedder.dimensions) for make in (turn_file, vector_file)]
        vectors = Vectors(embedder, files[0], files[1], _progress)
        return await train(sets, Written(examples=examples), vectors, embedder.model, _progress)


async def _confidence(configured: Settings, folders: Sequence[Path], cache: Path | None) -> Calibrated:
    sets = _load(configured, folders)
    questions, model = await collect(sets, configured, cache, _progress, questions_of)
    projections = [_projection(own, model) for own in cross_rank(questions, _tick).rankings]

    async def take(opened: Opened) -> list[Tried]:
        return await tried_of(opened, projections)

    tried, _ = await collect(sets, configured, cache, _progress, take)
    return calibrated([it for own in tried for it in own], FOLDS)


def _load(configured: Settings, folders: Sequence[Path]) -> list[DataSet]:
    found, notes = find(folders)
    read = partial(load, defaults=Defaults(subject_fields=configured.ingest.subject_fields))
    sets = [read(folder) for folder in found]
    _tell([*notes, *(f"{own.name}: {note}" for own in sets for note in own.notes)])
    return sets


def _without_parts(sets: Sequence[QuestionSet]) -> dict[str, tuple[RankingFigures, ...]]:
    return {f"without {part.value}": cross_rank(sets, _tick, part).folds for part in Part}


def _projection(fitted: Ranking, embedding_model: str) -> TrainedProjection:
    return TrainedProjection(info=ProjectionInfo(embedding_model=embedding_model), matrix=fitted.matrix)


def _unwritable(out: Path, error: OSError) -> click.ClickException:
    return click.ClickException(f"{out} cannot be written ({error.strerror}).")


def _progress(what: str, done: int, total: int) -> None:
    if done % _TOLD_EVERY == 0 or done == total:
        click.echo(f"{what} {done}/{total}" if total > 1 else what, err=True)


def _tick(what: str) -> None:
    _progress(what, 0, 1)


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        click.echo(note, err=True)
