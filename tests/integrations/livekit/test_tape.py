"""Audio is kept until final words cover it, and no longer than it must."""

import pytest
from livekit import rtc

from integrations.livekit.tape import Piece, Tape


def piece(wall: float, *, is_speech: bool = True) -> Piece:
    return Piece(rtc.AudioFrame(bytes(1600), 16_000, 1, 800), wall, is_speech)


def record(tape: Tape, start: float, seconds: float, *, is_speech: bool = True) -> None:
    for number in range(round(seconds / 0.05)):
        tape.add(piece(start + number * 0.05, is_speech=is_speech))


def walls(tape: Tape) -> list[float]:
    return [read.wall for read in tape.read()]


def lost(tape: Tape) -> tuple[float, float]:
    span = tape.take_lost()
    assert span is not None
    return span


def test_everything_is_read_once_and_again_after_rewinding() -> None:
    tape = Tape()
    record(tape, 0.0, 1.0)
    assert len(walls(tape)) == 20
    assert walls(tape) == []
    tape.rewind()
    assert walls(tape)[0] == 0.0


def test_what_final_words_cover_is_not_read_again() -> None:
    tape = Tape()
    record(tape, 0.0, 2.0)
    walls(tape)
    tape.settle(1.0)
    tape.rewind()
    assert walls(tape)[0] == pytest.approx(1.0)
    tape.settle(5.0)
    tape.rewind()
    assert walls(tape) == []
    assert tape.speech_since is None


def test_a_long_silence_does_not_stay_on_the_tape() -> None:
    tape = Tape()
    record(tape, 0.0, 300.0, is_speech=False)
    record(tape, 300.0, 1.0)
    tape.rewind()
    assert walls(tape)[0] == pytest.approx(299.5, abs=0.051)
    assert tape.dropped == 0
    assert tape.speech_since == 300.0


def test_silence_after_speech_stays_because_the_recogniser_needs_it() -> None:
    tape = Tape()
    record(tape, 0.0, 1.0)
    record(tape, 1.0, 1.0, is_speech=False)
    assert len(walls(tape)) == 40


def test_speech_that_nobody_read_falls_off_as_a_gap() -> None:
    tape = Tape(limit_s=10.0)
    record(tape, 0.0, 15.0)
    assert lost(tape) == pytest.approx((0.0, 5.0), abs=0.06)
    assert tape.dropped == pytest.approx(100, abs=1)
    assert tape.take_lost() is None


def test_speech_that_was_read_is_lost_only_if_the_connection_breaks_before_its_words_come() -> None:
    tape = Tape(limit_s=10.0)
    for second in range(15):
        record(tape, float(second), 1.0)
        walls(tape)
    assert tape.take_lost() is None
    tape.rewind()
    assert lost(tape) == pytest.approx((0.0, 5.0), abs=0.06)


def test_a_cough_of_which_no_words_came_is_not_lost_when_the_connection_breaks_later() -> None:
    tape = Tape(limit_s=10.0)
    record(tape, 0.0, 0.5)
    walls(tape)
    record(tape, 0.5, 30.0, is_speech=False)
    assert tape.speech_since is None
    tape.rewind()
    assert tape.take_lost() is None


def test_words_that_came_late_cover_what_fell_off() -> None:
    tape = Tape(limit_s=10.0)
    for second in range(15):
        record(tape, float(second), 1.0)
        walls(tape)
    tape.settle(6.0)
    tape.rewind()
    assert tape.take_lost() is None


def test_silence_that_falls_off_is_no_gap() -> None:
    tape = Tape(limit_s=1.0)
    record(tape, 0.0, 10.0, is_speech=False)
    assert tape.take_lost() is None


def test_giving_up_loses_the_speech_that_is_left() -> None:
    tape = Tape()
    record(tape, 7.0, 1.0)
    tape.give_up()
    assert lost(tape) == pytest.approx((7.0, 8.0))
