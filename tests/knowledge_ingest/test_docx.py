"""Word documents become what people read of them."""

from textwrap import dedent

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.formats import READERS
from knowledge_ingest.metadata import Defaults
from tests.knowledge_ingest.office_files import pdf, saved, word_of, xml_bomb, zip_bomb


def read(content: bytes) -> Document | Unreadable:
    (found,) = READERS[".docx"](content, "policies/refund-policy.docx", Defaults())
    return found


def document(content: bytes) -> Document:
    found = read(content)
    assert isinstance(found, Document), found
    return found


def test_headings_lists_and_tables_keep_their_structure() -> None:
    word = docx.Document()
    word.add_heading("Refund policy", 0)
    word.add_paragraph("How refunds work.")
    word.add_heading("Timing", 1)
    word.add_paragraph("Ask us", style="List Number")
    word.add_paragraph("Send it back", style="List Number")
    word.add_paragraph("in the box", style="List Bullet 2")
    word.add_paragraph("A picture shows how.")
    word.add_paragraph("Wait", style="List Number")
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("Plan", "Fee", "Gold|Pro", "0"), strict=True):
        cell.text = text
    word.add_heading("By card", 2)
    word.add_paragraph("# 1 is not a heading")
    made = document(saved(word))
    assert made.title == "Refund policy"
    assert made.body == dedent(
        """\
        # Refund policy

        How refunds work.

        # Timing

        1. Ask us
        2. Send it back
           - in the box

        A picture shows how.

        3. Wait

        | Plan | Fee |
        | --- | --- |
        | Gold\\|Pro | 0 |

        ## By card

        \\# 1 is not a heading"""
    )
    headings = [chunk.heading for chunk in Splitter().split(made)]
    assert headings == [None, "Timing", "Timing > By card"]


def test_merged_cells_repeat_what_holds_for_them() -> None:
    word = docx.Document()
    table = word.add_table(rows=3, cols=3)
    for row, texts in enumerate((("Plan", "Fee", "Note"), ("Gold", "0", "a"), ("", "5", "b"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    lines = document(saved(word)).body.split("\n")
    assert lines[2:] == ["| Gold | 0 | a |", "| Gold | 5 | b |"]


def test_a_table_that_is_only_a_frame_is_read_as_text() -> None:
    word = docx.Document()
    table = word.add_table(rows=1, cols=1)
    table.cell(0, 0).paragraphs[0].text = "First."
    table.cell(0, 0).add_paragraph("Second.")
    assert document(saved(word)).body == "First.\n\nSecond."


def test_tracked_changes_and_content_controls_are_read_as_they_will_be() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("It takes ")
    for xml in (
        f"<w:del {nsdecls('w')}><w:r><w:delText>nine</w:delText></w:r></w:del>",
        f"<w:ins {nsdecls('w')}><w:r><w:t>five</w:t></w:r></w:ins>",
        f'<w:hyperlink {nsdecls("w")}><w:r><w:t xml:space="preserve"> days</w:t></w:r></w:hyperlink>',
    ):
        paragraph._p.append(parse_xml(xml))
    control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Kept.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    word.element.body.insert(0, parse_xml(control))
    assert document(saved(word)).body == "Kept.\n\nIt takes five days"


def test_properties_become_metadata() -> None:
    word = docx.Document()
    word.add_paragraph("Text.")
    properties = word.core_properties
    properties.author, properties.keywords, properties.language = "Ana", "billing; returns", "de-DE"
    properties.title = "Refunds"
    made = document(saved(word))
    assert (made.author, made.tags, made.language, made.title) == ("Ana", ("billing", "returns"), "de-DE", "Refunds")


def test_a_document_without_title_is_called_by_its_heading_or_file() -> None:
    word = docx.Document()
    word.add_heading("Only heading", 1)
    word.add_paragraph("Text.")
    assert document(saved(word)).title == "Only heading"
    assert document(word_of("Text.")).title == "Refund policy"


def test_a_document_without_text_is_empty() -> None:
    found = read(word_of())
    assert isinstance(found, Unreadable)
    assert found.empty


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"not a zip", "damaged"),
        (word_of("x")[:500], "damaged"),
        (pdf(["x"]), "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (zip_bomb(300), "300 MB"),
        (xml_bomb(), "damaged"),
    ],
    ids=["no zip", "cut off", "another format", "encrypted", "zip bomb", "xml bomb"],
)
def test_broken_and_hostile_documents_are_reported(content: bytes, told: str) -> None:
    found = read(content)
    assert isinstance(found, Unreadable)
    assert told in found.reason
    assert not found.empty
