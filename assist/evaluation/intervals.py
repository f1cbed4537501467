"""How far figures would move with other calls of the same kind: bootstrap over calls."""

import random
from collections.abc import Callable, Mapping, Sequence

from assist.evaluation.measures import Sums, percentile, total

RESAMPLES = 1000
_SEED = 20_261_120
_LOW, _HIGH = 0.025, 0.975

Interval = tuple[float, float]

Figures = Callable[[Sums], Mapping[str, float | None]]


def intervals(calls: Sequence[Sums], figures: Figures, resamples: int = RESAMPLES) -> dict[str, Interval]:
    """The 95 % interval of each figure by its name; `calls` holds the sums of each call.

    Calls are drawn with replacement, never single turns: those of one call stand and fall together. The seed is
    fixed, so the same results give the same intervals. Figures that are None have no interval.
    """
    if not calls:
        return {}
    names = [name for name, value in figures(total(calls)).items() if value is not None]
    draw = random.Random(_SEED)  # noqa: S311 - nothing is kept secret
    drawn: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(resamples):
        columns = zip(*draw.choices(calls, k=len(calls)), strict=True)
        seen = figures(Sums(*map(sum, columns)))
        for name in names:
            drawn[name].append(seen[name] or 0.0)
    return {name: (percentile(values, _LOW), percentile(values, _HIGH)) for name, values in drawn.items()}
