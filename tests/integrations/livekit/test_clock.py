"""Seconds of audio as times of the wall, across pauses, bursts and repetitions."""

import pytest

from integrations.livekit.clock import Clock


def test_continuous_audio_keeps_its_first_anchor() -> None:
    clock = Clock()
    for number in range(100):
        clock.push(0.05, 1000.0 + number * 0.05 + 0.01 * (number % 3))
    assert clock.wall(2.5) == pytest.approx(1002.5)


def test_a_pause_in_which_nothing_came_moves_later_audio() -> None:
    clock = Clock()
    clock.push(1.0, 100.0)
    clock.push(1.0, 130.0)
    assert clock.wall(0.5) == pytest.approx(100.5)
    assert clock.wall(1.5) == pytest.approx(130.5)


def test_frames_that_came_in_a_burst_do_not_move_what_comes_after() -> None:
    clock = Clock()
    for number in range(20):
        clock.push(0.05, 10.0 + number * 0.05)
    for _ in range(10):
        clock.push(0.05, 11.5)
    for number in range(20):
        clock.push(0.05, 11.5 + number * 0.05)
    assert clock.wall(2.0) == pytest.approx(12.0, abs=0.1)


def test_audio_that_is_given_again_has_its_own_time() -> None:
    clock = Clock()
    clock.push(1.0, 50.0)
    clock.push(1.0, 40.0)
    assert clock.wall(1.25) == pytest.approx(40.25)


def test_before_any_audio_the_position_stands_for_itself() -> None:
    assert Clock().wall(3.0) == 3.0


def test_a_long_call_with_many_pauses_keeps_a_bounded_number_of_anchors() -> None:
    clock = Clock()
    for number in range(5000):
        clock.push(0.05, number * 10.0)
    assert clock.wall(clock.position) == pytest.approx(4999 * 10.0 + 0.05)
