"""Passages are exact, small enough, and follow the document's structure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_ingest.chunk import Splitter, approximate_tokens
from knowledge_ingest.documents import Document, legible

_LINES = st.sampled_from(
    [
        "# One", "## Two", "### Two and a half", "Under\n===", "text here", "more text. And a sentence!", "- item",
        "  - inner item", "1. first", "10. tenth", "> quoted", "> > twice", "```", "~~~python", "    code", "| a | b |",
        "|---|---|", "| 1 | 2 |", "", "", "<!-- hidden -->", "<div>", "***", "[ref]: http://x", "#", "-", "|",
        "Żółć \N{GRINNING FACE} 世界世界世界", "word " * 30, "- " + "long item text " * 20, "x" * 400, "\t\ttabbed",
    ]
)  # fmt: skip
_MARKDOWN = st.one_of(
    st.lists(_LINES, max_size=40).map("\n".join),
    st.lists(st.one_of(_LINES, st.text(max_size=60)), max_size=20).map("\n".join),
    st.text(max_size=300),
    st.text(alphabet="#-*>|`~ \n\tab1.<!=[]()\\", max_size=200),
)


def document(body: str, title: str = "Title") -> Document:
    return Document(uri="a.md", title=title, body=body)


@settings(max_examples=400, deadline=None)
@given(body=_MARKDOWN, max_tokens=st.integers(min_value=8, max_value=120))
def test_passages_are_exact_slices_in_order_and_never_raise(body: str, max_tokens: int) -> None:
    if not legible(body).strip():
        return
    made = document(body)
    chunks = Splitter(max_tokens=max_tokens, min_tokens=8).split(made)
    position = 0
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert chunk.text == made.body[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip()
        assert any(char.isalnum() for char in chunk.text)
        assert chunk.start >= position
        assert approximate_tokens(chunk.text) <= max_tokens
        position = chunk.end


@settings(max_examples=100, deadline=None)
@given(
    paragraphs=st.lists(
        st.lists(st.sampled_from(["plain", "words", "make", "sentences.", "of", "a"]), min_size=1, max_size=90),
        min_size=1,
        max_size=8,
    )
)
def test_no_word_of_plain_paragraphs_is_lost(paragraphs: list[list[str]]) -> None:
    body = "\n\n".join(" ".join(words) for words in paragraphs)
    chunks = Splitter(max_tokens=40, min_tokens=8).split(document(body))
    assert " ".join(chunk.text for chunk in chunks).split() == body.split()


def test_sections_stay_whole_and_know_their_headings() -> None:
    body = (
        "# Refunds\n\nIn short.\n\n## Timing\n\nFive days.\n\n### By *card* [x](http://y)\n\nTwo.\n\nThree.\n\n"
        "## Fees\n\nNone."
    )
    chunks = Splitter().split(document(body, title="Refunds"))
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        (None, "In short."),
        ("Timing", "Five days."),
        ("Timing > By card x", "Two.\n\nThree."),
        ("Fees", "None."),
    ]


def test_the_first_heading_stays_in_the_path_when_it_is_not_the_title() -> None:
    chunks = Splitter().split(document("# Chapter\n\n## Part\n\nText.", title="Manual"))
    assert [chunk.heading for chunk in chunks] == ["Chapter > Part"]


@pytest.mark.parametrize("body", ["# Only\n\n## Headings", "---\n\n***", "<!-- for authors -->", "[x]: http://y"])
def test_there_is_no_passage_without_text(body: str) -> None:
    assert Splitter().split(document(body)) == []


def test_comments_for_authors_are_in_no_passage() -> None:
    chunks = Splitter().split(document("Before.\n\n<!-- never\n\nsay this -->\n\nAfter."))
    assert [chunk.text for chunk in chunks] == ["Before.", "After."]


def test_a_long_section_is_cut_between_paragraphs_into_even_parts() -> None:
    paragraph = "Eight plain words make up this short sentence."
    body = "\n\n".join([paragraph] * 9)
    chunks = Splitter(max_tokens=8 * approximate_tokens(paragraph)).split(document(body))
    assert [chunk.text.count("Eight") for chunk in chunks] == [5, 4]


def test_a_list_is_cut_between_items() -> None:
    body = "\n".join(f"- Step {number}: press the button and wait for the light" for number in range(30))
    chunks = Splitter(max_tokens=100).split(document(body))
    assert len(chunks) > 1
    assert all(chunk.text.startswith("- Step") and chunk.text.endswith("light") for chunk in chunks)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    body = " ".join(f"This is sentence number {number}." for number in range(60))
    chunks = Splitter(max_tokens=100).split(document(body))
    assert len(chunks) > 2
    assert all(chunk.text.startswith("This") and chunk.text.endswith(".") for chunk in chunks)


def test_a_long_table_keeps_its_header_with_the_first_rows_and_names_it_for_the_others() -> None:
    rows = "\n".join(f"| Plan {number} | {number} USD a month |" for number in range(40))
    chunks = Splitter(max_tokens=100).split(document(f"## Fees\n\n| Plan | Price |\n|---|---|\n{rows}"))
    assert chunks[0].text.startswith("| Plan | Price |\n|---|---|\n| Plan 0 |")
    assert chunks[0].heading == "Fees"
    assert {chunk.heading for chunk in chunks[1:]} == {"Fees (Plan | Price)"}
    assert all(chunk.text.startswith("| Plan") for chunk in chunks)
    assert sum(chunk.text.count("USD") for chunk in chunks) == 40


def test_a_question_with_a_short_answer_is_one_passage_without_heading() -> None:
    chunks = Splitter().split(document("Yes, on **weekdays**.", title="Are you open?"))
    assert [(chunk.heading, chunk.text, chunk.start) for chunk in chunks] == [(None, "Yes, on **weekdays**.", 0)]


def test_a_long_title_takes_room_from_the_passage() -> None:
    body = "word " * 400
    short, long = (Splitter(count_tokens=lambda text: len(text.split())).split(document(body, title)) for title in
                   ("T", "T " * 100))  # fmt: skip
    assert 200 < max(len(chunk.text.split()) for chunk in short) <= 220
    assert 100 < max(len(chunk.text.split()) for chunk in long) <= 150
