"""Telephone numbers, however they are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.receptionist.phone_numbers import is_whole, read_out, spoken_number

DIGITS = st.text(alphabet="0123456789", min_size=7, max_size=15)
WORDS = {
    "0": ["zero", "oh", "0", "o"],
    "1": ["one", "1"],
    "2": ["two", "2"],
    "3": ["three", "3"],
    "4": ["four", "4"],
    "5": ["five", "5"],
    "6": ["six", "6"],
    "7": ["seven", "7"],
    "8": ["eight", "8"],
    "9": ["nine", "9"],
}
BREAKS = st.sampled_from([" ", ", ", " - ", "... ", " uh ", ". ", " and then ", "\n"])


@st.composite
def spoken(draw: st.DrawFn, digits: str) -> str:
    """These digits as somebody may say them."""
    said, place = "", 0
    while place < len(digits):
        digit = digits[place]
        run = len(digits[place:]) - len(digits[place:].lstrip(digit))
        word = draw(st.sampled_from(WORDS[digit]))
        if run >= 2 and draw(st.booleans()):
            times = 3 if run >= 3 and draw(st.booleans()) else 2
            word, place = f"{'double' if times == 2 else 'triple'} {word}", place + times - 1
        said += word + draw(BREAKS)
        place += 1
    return said


@given(st.data(), DIGITS, st.booleans())
def test_digits_are_understood_however_they_are_said(data: st.DataObject, digits: str, plus: bool) -> None:
    said = ("plus " if plus else "") + data.draw(spoken(digits))
    assert spoken_number(said) == ("+" if plus else "") + digits


@given(st.data(), DIGITS)
def test_words_around_a_number_are_no_part_of_it(data: st.DataObject, digits: str) -> None:
    said = data.draw(spoken(digits))
    assert spoken_number(f"Sure, you can reach me at {said} until late, thanks") == digits


@given(DIGITS, st.lists(st.integers(1, 14), max_size=4), st.sampled_from([" ", "-", ".", "/", ") (", " . "]))
def test_typed_numbers_are_understood_with_any_marks(digits: str, cuts: list[int], mark: str) -> None:
    typed = digits
    for cut in sorted(cuts, reverse=True):
        typed = typed[:cut] + mark + typed[cut:] if cut < len(digits) else typed
    assert spoken_number(typed) == digits
    assert spoken_number(f"+{typed}") == f"+{digits}"


@given(DIGITS, st.booleans())
def test_what_is_read_out_is_the_number(digits: str, plus: bool) -> None:
    number = f"+{digits}" if plus else digits
    assert spoken_number(read_out(number)) == number
    assert is_whole(number)


@given(st.text(max_size=200))
def test_nothing_that_can_be_said_breaks_it(words: str) -> None:
    number = spoken_number(words)
    assert number is None or any(char.isdigit() for char in number)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("one eight hundred five five five twelve twenty three", "18005551223"),
        ("It's 555-0100, call me after 5", "5550100"),
        ("acht neun null eins zwei drei vier", "8901234"),
        ("I don't have one", None),
        ("none of your business", None),
    ],
)
def test_numbers_of_other_kinds(said: str, number: str | None) -> None:
    assert spoken_number(said) == number


def test_a_number_has_seven_to_fifteen_digits() -> None:
    assert [is_whole(number) for number in ("123456", "1234567", "+123456789012345", "1234567890123456")] == [
        False,
        True,
        True,
        False,
    ]
