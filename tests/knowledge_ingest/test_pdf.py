"""PDF files: their text, and the page on which it stands."""

import pytest

from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.formats import READERS
from knowledge_ingest.metadata import Defaults
from tests.knowledge_ingest.office_files import drawing, pdf


def read(content: bytes) -> Document | Unreadable:
    (found,) = READERS[".pdf"](content, "manuals/router-guide.pdf", Defaults())
    return found


def document(content: bytes) -> Document:
    found = read(content)
    assert isinstance(found, Document), found
    return found


def refused(content: bytes) -> Unreadable:
    found = read(content)
    assert isinstance(found, Unreadable), found
    return found


def test_every_passage_knows_its_page() -> None:
    made = document(pdf(["Open the lid."], ["Press reset for ten seconds.", "Then wait."], [], ["Call us."]))
    chunks = Splitter().split(made)
    assert [(chunk.page, chunk.text) for chunk in chunks] == [
        (1, "Open the lid."),
        (2, "Press reset for ten seconds.\n\nThen wait."),
        (4, "Call us."),
    ]
    for chunk in chunks:
        assert made.body[chunk.start : chunk.end] == chunk.text


def test_pages_are_known_by_their_place_in_the_one_text() -> None:
    pages = [[f"Page {number} says something about the number {number}."] for number in range(1, 30)]
    made = document(pdf(*pages))
    ends = [*made.page_starts[1:], len(made.body)]
    assert [made.body[start:end].strip() for start, end in zip(made.page_starts, ends, strict=True)] == [
        lines[0] for lines in pages
    ]


def test_lines_of_a_paragraph_are_put_together_and_words_made_whole() -> None:
    lines = [
        "The warranty covers every part of the machine that fails in ordinary use within infor-",
        "mation given here, for two years from the day on which the machine was delivered.",
        "It does not cover batteries.",
    ]
    body = document(pdf(lines)).body
    assert body.startswith(
        "The warranty covers every part of the machine that fails in ordinary use within information"
    )
    assert body.endswith("was delivered.\n\nIt does not cover batteries.")


def test_lists_stay_lists_and_odd_lines_are_no_headings() -> None:
    body = document(pdf(["# 5 is a number", "1. Open it", "2. Close it", "• Wait", "-----", "<b>"])).body
    assert body.split("\n\n") == ["\\# 5 is a number", "1. Open it", "2. Close it", "- Wait", "\\-----", "\\<b>"]


def test_bookmarks_are_the_headings_where_the_page_has_their_words() -> None:
    content = pdf(
        ["Getting started", "Plug it in."],
        ["Reset", "Hold the button."],
        outline={"Getting Started": 0, "Reset": 1, "Not on the page": 1},
    )
    chunks = Splitter().split(document(content))
    assert [(chunk.heading, chunk.text, chunk.page) for chunk in chunks] == [
        ("Getting started", "Plug it in.", 1),
        ("Reset", "Hold the button.", 2),
    ]


def test_heads_feet_and_page_numbers_are_left_out() -> None:
    pages = [
        ["Router guide 2026", f"Paragraph {word} explains it.", "It is easy.", f"Page {number} of 4"]
        for number, word in enumerate(("one", "two", "three", "four"), start=1)
    ]
    body = document(pdf(*pages)).body
    assert "Router guide" not in body
    assert "Page" not in body
    assert "Paragraph three explains it." in body


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Router guide, second edition", "Router guide, second edition"),
        ("Microsoft Word - x.doc", "Router guide"),
        ("final_v3.indd", "Router guide"),
        ("42", "Router guide"),
        (None, "Router guide"),
    ],
)
def test_the_title_is_that_of_the_properties_where_it_is_one(title: str | None, expected: str) -> None:
    assert document(pdf(["Text."], title=title)).title == expected


def test_the_language_of_the_file_is_kept() -> None:
    assert document(pdf(["Ein Text."], language="de-AT")).language == "de-AT"


def test_a_scan_is_reported_and_not_taken_for_empty() -> None:
    found = refused(pdf(drawing(), drawing()))
    assert "scan" in found.reason
    assert "2 pages" in found.reason
    assert not found.empty


def test_a_scanned_page_among_others_is_noted() -> None:
    made = document(pdf(["Text."], drawing(), ["More."]))
    assert made.note is not None
    assert made.note.endswith("page 2.")
    assert [chunk.page for chunk in Splitter().split(made)] == [1, 3]


def test_signs_without_meaning_are_no_text() -> None:
    assert "scan" in refused(pdf(["§$%&/()=?*+~#|<>{}[]^°!§$%"])).reason


def test_a_password_is_asked_for_only_where_there_is_one() -> None:
    assert "password" in refused(pdf(["Secret."], password="x")).reason
    assert document(pdf(["Not so secret."], password="")).body == "Not so secret."


def test_a_pdf_without_anything_is_empty() -> None:
    assert refused(pdf(b"")).empty


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7",
        b"not a pdf at all",
        pdf(["Text."])[:200],
        pdf(["Text."]).replace(b"/Kids", b"/Kods"),
        pdf(["Text."]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"),
        b"%PDF-1.4\n1 0 obj\n" + b"<<" * 5000,
    ],
    ids=["head only", "no pdf", "cut off", "no pages", "pages in a circle", "nested"],
)
def test_a_broken_pdf_is_reported(content: bytes) -> None:
    assert refused(content).reason
