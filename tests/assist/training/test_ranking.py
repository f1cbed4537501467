"""Fitting of the ranking on made-up vectors, where it is known what there is to learn."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from assist.evaluation.dataset import DataSetError
from assist.training.folds import fold_of
from assist.training.questions import Asked, QuestionSet, small_set_scale
from assist.training.ranking import Doubles, Material, Part, Ranking, fit_ranking, order_of, rows_of
from assist.training.ranking_figures import FOLDS, cross_rank, figures, left_out
from integrations.query_projection import Floats
from pipeline.fusion import Weights

_SIZE = 6
_CHOICES = 5
_NEARNESS_ALONE = Weights(nearness=10.0, projection=1.0, talk=0.0, words=0.0, subject=0.0, shelf=0.0)
_UNTRAINED = Ranking(matrix=np.eye(_SIZE, dtype=np.float32), named=_NEARNESS_ALONE, plain=_NEARNESS_ALONE)


def _unit(values: Doubles) -> Floats:
    unit: Floats = (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)
    return unit


def _questions(count: int, *, seed: int = 1, named: bool = True) -> list[Asked]:
    """The answer to a question always lies a quarter turn away from it; the question itself tells nothing."""
    draw = np.random.default_rng(seed)
    turned = np.kron(np.eye(_SIZE // 2), np.array([[0.0, 1.0], [-1.0, 0.0]]))
    found: list[Asked] = []
    for number in range(count):
        vector = _unit(draw.normal(size=_SIZE))
        passages = _unit(draw.normal(size=(_CHOICES, _SIZE)))
        place = int(draw.integers(_CHOICES))
        passages[place] = _unit(vector @ turned + 0.1 * draw.normal(size=_SIZE))
        signs = draw.random((_CHOICES, 3)).astype(np.float32)
        signs[:, 1] = -signs[:, 1] if named else 0.0
        rows = tuple(f"{number}/{choice}" for choice in range(_CHOICES))
        found.append(
            Asked(
                group=1000 * seed + number,
                vector=vector,
                talk=0.5 * _unit(draw.normal(size=_SIZE)),
                passages=passages,
                signs=signs,
                rows=rows,
                relevant=(rows[place],),
                right=np.arange(_CHOICES) == place,
            )
        )
    return found


def _set(name: str, asked: Sequence[Asked], *, missed: int = 0) -> QuestionSet:
    return QuestionSet(name=name, judged=len(asked) + missed, asked=tuple(asked))


def _ignore(what: str) -> None:
    return None


def test_the_projection_brings_the_answers_of_unseen_questions_up() -> None:
    unseen = _set("unseen", _questions(100, seed=2))
    before = figures(unseen, [_UNTRAINED])
    after = figures(unseen, [fit_ranking(_questions(300))])
    assert before.r1 < 0.4
    assert after.r1 > 0.9
    assert after.mrr5 > after.r1


def test_the_same_questions_give_the_same_ranking() -> None:
    questions = _questions(60) + _questions(20, seed=3, named=False)
    one, two = fit_ranking(questions), fit_ranking(questions)
    assert one.matrix.tobytes() == two.matrix.tobytes()
    assert (one.named, one.plain) == (two.named, two.plain)


@pytest.mark.parametrize("with_matrix", [True, False])
def test_slopes_are_those_of_the_loss(with_matrix: bool) -> None:
    questions = [*_questions(12), msgspec.structs.replace(_questions(1, seed=4)[0], weight=3.0)]
    shorter = _questions(1, seed=5)[0]
    cut = {"passages": shorter.passages[:3], "signs": shorter.signs[:3], "right": np.array([True, False, True])}
    material = Material([*questions, msgspec.structs.replace(shorter, **cut)])
    draw = np.random.default_rng(9)
    matrix: Floats | None = draw.normal(size=(_SIZE, _SIZE)).astype(np.float32) if with_matrix else None
    others = np.array([3.0, 2.0, 1.0, 0.5, -0.5])
    _, turned, slopes = material.slopes(matrix, others)
    step = 1e-2
    for place in range(len(others)):
        shift = step * np.eye(len(others))[place]
        rise = material.slopes(matrix, others + shift)[0] - material.slopes(matrix, others - shift)[0]
        assert rise / (2 * step) == pytest.approx(slopes[place], rel=0.01, abs=0.01)
    if matrix is None:
        return
    for row, column in ((0, 0), (1, 4), (5, 2)):
        up, down = matrix.copy(), matrix.copy()
        up[row, column] += step
        down[row, column] -= step
        rise = material.slopes(up, others)[0] - material.slopes(down, others)[0]
        assert rise / (2 * step) == pytest.approx(turned[row, column], rel=0.01, abs=0.01)


def test_a_set_that_is_too_easy_drives_no_weight_beyond_bounds() -> None:
    asked = _questions(30)
    easy = [msgspec.structs.replace(it, passages=np.where(it.right[:, None], it.vector, -it.vector)) for it in asked]
    fitted = fit_ranking(easy)
    assert max(abs(getattr(fitted.named, name)) for name in Weights.__struct_fields__) < 30.0
    assert np.abs(fitted.matrix - np.eye(_SIZE)).max() > 1e-3


@pytest.mark.parametrize("part", list(Part))
def test_a_part_that_is_left_out_counts_nothing(part: Part) -> None:
    fitted = fit_ranking(_questions(40) + _questions(20, seed=3, named=False), without=part)
    assert getattr(fitted.named, part.value) == getattr(fitted.plain, part.value) == 0.0
    if part is Part.PROJECTION:
        assert np.array_equal(fitted.matrix, np.eye(_SIZE, dtype=np.float32))
    else:
        assert fitted.named.projection == 1.0


def test_each_row_stands_once_where_its_best_passage_does() -> None:
    asked = _questions(1)[0]
    nearest = np.argsort(-(asked.passages @ asked.vector), kind="stable")
    names = {int(place): name for place, name in zip(nearest, ("b", "a", "b", "c", "a"), strict=True)}
    split = msgspec.structs.replace(asked, rows=tuple(names[place] for place in range(_CHOICES)))
    assert order_of(split, _UNTRAINED).tolist() == nearest.tolist()
    assert rows_of(split, _UNTRAINED) == ("b", "a", "c")


def test_questions_about_known_subjects_are_ranked_by_the_weights_for_them() -> None:
    by_words = msgspec.structs.replace(_NEARNESS_ALONE, nearness=0.0, words=1.0)
    by_shelf = msgspec.structs.replace(_NEARNESS_ALONE, nearness=0.0, shelf=1.0)
    ranking = Ranking(matrix=_UNTRAINED.matrix, named=by_words, plain=by_shelf)
    for column, named in ((0, True), (2, False)):
        asked = _questions(1, named=named)[0]
        assert order_of(asked, ranking).tolist() == np.argsort(-asked.signs[:, column], kind="stable").tolist()


def test_questions_whose_answer_was_not_found_count_as_missed() -> None:
    questions = _questions(20)
    ranking = fit_ranking(questions)
    whole, half = (figures(_set("it", questions, missed=missed), [ranking]) for missed in (0, 20))
    assert (whole.questions, whole.reachable) == (20, 1.0)
    assert (half.questions, half.reachable) == (40, 0.5)
    for key in ("r1", "r5", "mrr5", "ndcg10"):
        assert getattr(half, key) == pytest.approx(getattr(whole, key) / 2)


def test_all_rows_that_answer_count() -> None:
    asked = _questions(1)[0]
    first, second = rows_of(asked, _UNTRAINED)[:2]
    both = msgspec.structs.replace(asked, relevant=(first, second, "not among the passages"))
    found = figures(_set("it", [both]), [_UNTRAINED])
    assert (found.r1, found.r5, found.mrr5) == pytest.approx((1 / 3, 2 / 3, 1.0))


def test_every_fold_is_ranked_by_what_was_fitted_on_the_others() -> None:
    questions = _questions(40)
    crossed = cross_rank([_set("one", questions[:25]), _set("two", questions[25:])], _ignore)
    for fold, ranking in enumerate(crossed.rankings):
        kept = [asked for asked in questions if fold_of(asked.group, FOLDS) != fold]
        assert 0 < len(kept) < len(questions)
        assert np.array_equal(fit_ranking(kept).matrix, ranking.matrix)
    assert [it.name for it in crossed.folds] == ["one", "two"]
    assert crossed.folds[0] == figures(_set("one", questions[:25]), crossed.rankings)


def test_a_set_is_left_out_with_the_calls_that_others_share_with_it() -> None:
    own, others = _questions(20), _questions(40, seed=2)
    shared = [msgspec.structs.replace(asked, group=own[0].group) for asked in _questions(5, seed=3)]
    found = left_out([_set("own", own), _set("others", others + shared)], _ignore)
    assert found[0] == figures(_set("own", own), [fit_ranking(others)])
    assert left_out([_set("own", own)], _ignore) == ()


def test_without_known_subjects_there_is_nothing_to_fit() -> None:
    with pytest.raises(DataSetError, match="subject"):
        fit_ranking(_questions(5, named=False))


def test_where_nothing_is_known_to_be_talked_about_subjects_count_nothing() -> None:
    for plain in ([], _questions(20, seed=3, named=False)):
        assert fit_ranking(_questions(20) + plain).plain.subject == 0.0


def test_small_sets_are_given_more_say_within_bounds() -> None:
    assert [small_set_scale(count) for count in (0, 60, 250, 1000)] == [4.0, 4.0, 3.0, 1.0]
