"""Bootstrap over calls."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.evaluation.intervals import intervals
from assist.evaluation.measures import Sums, selection, total


def first_place(sums: Sums) -> Mapping[str, float | None]:
    return {"r1": selection(sums).r1, "unlabelled": None}


def test_calls_that_are_all_alike_leave_no_doubt() -> None:
    calls = [Sums(answerable=2, r1=1)] * 20
    assert intervals(calls, first_place) == {"r1": (0.5, 0.5)}


def test_few_calls_leave_more_doubt_than_many() -> None:
    def width(count: int) -> float:
        low, high = intervals([Sums(answerable=1, r1=place % 2) for place in range(count)], first_place)["r1"]
        return high - low

    assert width(400) == pytest.approx(0.1, abs=0.03)
    assert width(16) > 2 * width(400)


def test_turns_of_one_call_stand_and_fall_together() -> None:
    one_by_one = [Sums(answerable=1, r1=place % 2) for place in range(100)]
    by_call = [Sums(answerable=10, r1=10 * (place % 2)) for place in range(10)]
    loose, tied = (intervals(calls, first_place)["r1"] for calls in (one_by_one, by_call))
    assert tied[1] - tied[0] > 2 * (loose[1] - loose[0])


def test_no_calls_have_no_intervals() -> None:
    assert intervals([], first_place) == {}


@settings(max_examples=25, deadline=None)
@given(right=st.lists(st.booleans(), min_size=1, max_size=30))
def test_an_interval_holds_its_figure_and_is_the_same_every_time(right: list[bool]) -> None:
    calls = [Sums(answerable=1, r1=float(it)) for it in right]
    first = intervals(calls, first_place, resamples=200)
    assert first == intervals(calls, first_place, resamples=200)
    low, high = first["r1"]
    assert low <= (selection(total(calls)).r1 or 0.0) <= high
