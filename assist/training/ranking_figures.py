"""How well unseen questions are answered by what was fitted on others."""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

from assist.evaluation.measures import scores
from assist.training.folds import fold_of
from assist.training.questions import Asked, QuestionSet
from assist.training.ranking import Part, Ranking, fit_ranking, rows_of

FOLDS = 3

Tick = Callable[[str], None]


class RankingFigures(Struct, frozen=True, kw_only=True):
    """Of one set, by rows of the knowledge base; a question whose rows were not found at all counts as missed."""

    name: str
    questions: int
    reachable: float
    """Share of the questions with a right row among the passages to choose from."""
    r1: float
    r5: float
    mrr5: float
    ndcg10: float


class CrossRanked(Struct, frozen=True, kw_only=True, eq=False):
    """The outcome of cross-validation."""

    folds: tuple[RankingFigures, ...]
    rankings: tuple[Ranking, ...]
    """Fitted without the fold of that number."""


def cross_rank(sets: Sequence[QuestionSet], tick: Tick, without: Part | None = None) -> CrossRanked:
    """Folds by call.

    Raises:
        DataSetError: there are too few questions to have some in every fold.
    """
    rankings: list[Ranking] = []
    for fold in range(FOLDS):
        tick(f"fold {fold + 1} of {FOLDS}" + (f" without {without.value}" if without else ""))
        kept = [asked for own in sets for asked in own.asked if fold_of(asked.group, FOLDS) != fold]
        rankings.append(fit_ranking(kept, without=without))
    return CrossRanked(folds=tuple(figures(own, rankings) for own in sets), rankings=tuple(rankings))


def left_out(sets: Sequence[QuestionSet], tick: Tick) -> tuple[RankingFigures, ...]:
    """Each set ranked by what was fitted on the others, without the calls that they share with it."""
    if len(sets) < 2:
        return ()
    found: list[RankingFigures] = []
    for one in sets:
        tick(f"without {one.name}")
        shared = {asked.group for asked in one.asked}
        others = [asked for own in sets if own is not one for asked in own.asked if asked.group not in shared]
        if any(asked.is_named for asked in others):
            found.append(figures(one, [fit_ranking(others)]))
    return tuple(found)


def figures(questions: QuestionSet, rankings: Sequence[Ranking]) -> RankingFigures:
    """Each question ranked by the ranking of its fold; a single ranking ranks all."""
    judged = [scores(rows_of(asked, _own(asked, rankings)), asked.relevant) for asked in questions.asked]
    judged_count = max(questions.judged, 1)
    r1, r5, mrr5, ndcg10 = (float(value) / judged_count for value in np.array(judged).reshape(-1, 4).sum(axis=0))
    return RankingFigures(
        name=questions.name,
        questions=questions.judged,
        reachable=len(questions.asked) / judged_count,
        r1=r1,
        r5=r5,
        mrr5=mrr5,
        ndcg10=ndcg10,
    )


def _own(asked: Asked, rankings: Sequence[Ranking]) -> Ranking:
    return rankings[fold_of(asked.group, len(rankings))]
