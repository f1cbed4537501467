"""When two questions are the same question."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.escalation.questions import folded_words, mentions, normalised_question

TEXTS = st.text(max_size=300)
QUESTIONS = TEXTS.filter(lambda text: bool(text.strip()))
WORDS = st.lists(st.text(alphabet="abcdeéüßñ0123456789", min_size=1, max_size=8), min_size=1, max_size=12)
PUNCTUATION = st.sampled_from([" ", "  ", ", ", "? ", "! ", " - ", "… ", "\n", "\t", " “", "” ", ": "])
INDEXED_BYTES = 2_700
"""An index of PostgreSQL takes no longer keys."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Do you ship to Norway?", "do you ship to norway"),
        ("Do you ship to Norway?", "  Do  you\tship – to NORWAY ?! "),
        ("What's the fee?", "What’s the fee"),
        ("Wie heißt das?", "WIE HEISST DAS"),
        ("caf\u00e9", "cafe\u0301"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("zero\u200bwidth", "zerowidth"),
        ("???", " ??? "),
    ],
)
def test_ways_to_write_a_question_are_the_same_question(one: str, other: str) -> None:
    assert normalised_question(one) == normalised_question(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("resume", "résumé"),
        ("Is it 4.5?", "Is it 45?"),
        ("Is it 50 €?", "Is it 50?"),
        ("Do you do C++?", "Do you do C?"),
        ("???", "!!!"),
        ("x" * 1_999 + "a", "x" * 1_999 + "b"),
    ],
)
def test_other_questions_are_other_questions(one: str, other: str) -> None:
    assert normalised_question(one) != normalised_question(other)


@given(WORDS, st.lists(PUNCTUATION, min_size=13, max_size=13))
def test_punctuation_space_and_case_make_no_difference(words: list[str], marks: list[str]) -> None:
    written = marks[0] + "".join(word.upper() + mark for word, mark in zip(words, marks[1:], strict=False))
    assert normalised_question(written) == normalised_question(" ".join(words))


@given(TEXTS)
def test_folding_again_changes_nothing(text: str) -> None:
    assert folded_words(folded_words(text)) == folded_words(text)


@given(QUESTIONS)
def test_composed_and_decomposed_letters_are_the_same(question: str) -> None:
    one, other = (normalised_question(unicodedata.normalize(form, question)) for form in ("NFC", "NFD"))
    assert one == other


@given(st.text(min_size=1, max_size=2_000))
def test_what_identifies_a_question_fits_into_an_index(question: str) -> None:
    assert len(normalised_question(question).encode()) <= INDEXED_BYTES


@given(QUESTIONS)
def test_a_question_that_is_not_blank_has_an_identity(question: str) -> None:
    visible = [one for one in question if unicodedata.category(one) not in ("Cf", "Cc", "Zs", "Zl", "Zp")]
    assert bool(normalised_question(question)) or not visible


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("I want a REFUND now", "refund", True),
        ("I was refunded", "refund", False),
        ("There's a gas-leak here", "gas leak", True),
        ("There is gas, no leak", "gas leak", False),
        ("they hacked me", "HACKED", True),
        ("anything", "?!", False),
    ],
)
def test_keywords_are_whole_words_whatever_their_case(text: str, phrase: str, *, found: bool) -> None:
    assert mentions(folded_words(text), phrase) is found


@given(WORDS, st.data())
def test_every_run_of_words_is_found(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    assert mentions(folded_words(", ".join(words)), " ".join(words[first:last]).title())
