"""All data sets through the production parts, one after the other, with vectors that are kept between runs."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from assist.evaluation.dataset import DataSet
from assist.evaluation.system import Progress, System, open_system, open_workshop
from assist.evaluation.vectors import vector_file
from assist.settings import Settings
from assist.training.folds import groups_of
from assist.training.vectors import Vectors, turn_file

T = TypeVar("T")


class Opened(Struct, frozen=True, kw_only=True):
    """One data set with the pipeline that has learned its knowledge base."""

    dataset: DataSet
    groups: Sequence[int]
    """A number for each turn; turns of one group never stand on both sides of a fold."""
    system: System
    vectors: Vectors
    progress: Progress


async def collect(
    sets: Sequence[DataSet],
    settings: Settings,
    cache: Path | None,
    progress: Progress,
    take: Callable[[Opened], Awaitable[T]],
) -> tuple[list[T], str]:
    """What `take` makes of each data set, and the name of the embedding model.

    Raises:
        UpstreamError: the model or the index failed.
    """
    taken: list[T] = []
    async with open_workshop(settings, cache, progress) as workshop:
        model = workshop.model
        place = cache or workshop.directory / "vectors"
        for dataset, groups in zip(sets, groups_of(sets), strict=True):
            tick = _named(dataset.name, progress)
            async with open_system(workshop, dataset, tick) as system:
                # Opened only now: what the system has embedded is in the file already.
                files = [make(place, model.model, model.dimensions) for make in (turn_file, vector_file)]
                vectors = Vectors(model, files[0], files[1], _ignore)
                opened = Opened(dataset=dataset, groups=groups, system=system, vectors=vectors, progress=tick)
                taken.append(await take(opened))
        return taken, model.model


def _named(name: str, progress: Progress) -> Progress:
    return lambda what, done, total: progress(f"{name}: {what}", done, total)


def _ignore(what: str, done: int, total: int) -> None:
    """Vectors of single texts are not worth telling."""
