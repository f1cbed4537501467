"""Word documents (.docx): headings, paragraphs, lists and tables in reading order."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as WordDocument

from knowledge_ingest.documents import Document, Unreadable, legible, one_line
from knowledge_ingest.html_blocks import Blocks
from knowledge_ingest.markdown import main_heading, title_of_file
from knowledge_ingest.metadata import Defaults, described
from knowledge_ingest.word_lists import Numbering, WordLists
from knowledge_ingest.word_xml import Element, W, block_elements, child, text_of, value_of

_UNPACKED_BYTES_MAX = 200_000_000
_PARTS_MAX = 5_000
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_HEADING = re.compile(r"heading ([1-6])", re.IGNORECASE)
_OUTLINE_RANKS = 6
_LEFT_OUT = re.compile(r"toc(?: \d| heading)|table of figures|header|footer", re.IGNORECASE)
_DAMAGED = "The Word document is damaged. Open it in Word and save it anew."


def read_docx(content: bytes, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """One document; its title from the paragraph styled as title, its only main heading, its properties, its name."""
    refused = _refused(content)
    if refused:
        yield Unreadable(uri=uri, reason=refused)
        return
    try:
        word = docx.Document(io.BytesIO(content))
        yield _document(word, uri, defaults)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - a parser of a hundred kinds of damage
        yield Unreadable(uri=uri, reason=_DAMAGED)


def _refused(content: bytes) -> str | None:
    """Why it should not even be opened."""
    if content.startswith(_OLD_WORD):
        return "It has a password, or is of an old Word format. Save it as .docx without a password."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return _DAMAGED
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _PARTS_MAX or unpacked > _UNPACKED_BYTES_MAX:
        return f"Unpacked it would have {unpacked // 1_000_000} MB in {len(parts)} parts, which is more than is read."
    return None


def _document(word: WordDocument, uri: str, defaults: Defaults) -> Document | Unreadable:
    writer = _Writer(word)
    writer.write(word.element.body)
    body = legible(writer.markdown())
    if not body.strip():
        return Unreadable(uri=uri, reason="It has no text.", empty=True)
    properties = word.core_properties
    named = one_line(writer.title) or main_heading(body) or one_line(properties.title or "")
    # Its dates are left out: they change whenever the file is saved, though the text is the same.
    fields: dict[str, Any] = {
        "author": properties.author if properties.author != "python-docx" else "",
        "tags": properties.keywords,
        "category": properties.category,
        "language": properties.language,
    }
    return described(uri, named or title_of_file(uri), body, fields, defaults)


class _Writer:
    """Goes through a document once."""

    def __init__(self, word: WordDocument) -> None:
        self.title = ""
        self._blocks = Blocks()
        self._styles = _styles(word)
        self._lists = WordLists(self._blocks, Numbering.of(word))

    def write(self, container: Element) -> None:
        """Everything directly inside, in order."""
        for element in block_elements(container):
            if element.tag == W + "p":
                self._paragraph(element)
            else:
                self._lists.end()
                self._table(element)
        self._lists.end()

    def markdown(self) -> str:
        """What was written."""
        return self._blocks.markdown()

    def _paragraph(self, element: Element) -> None:
        text = text_of(element)
        style = self._styles.get(value_of(element, "pPr/pStyle") or "", "")
        if not text.strip() or _LEFT_OUT.match(style):
            return
        rank = _rank(element, style)
        if rank:
            self._lists.end()
            self._blocks.heading(rank)
            if style.casefold() == "title":
                self.title = self.title or text
        elif not self._lists.item(element, style):
            self._lists.end()
        for number, line in enumerate(text.split("\n")):
            if number:
                self._blocks.line_break()
            self._blocks.text(line)
        self._blocks.flush()

    def _table(self, table: Element) -> None:
        rows = _rows(table)
        if max(map(len, rows), default=0) > 1:
            self._blocks.table([row for row in rows if any(row)] or rows)
            return
        for cell in table.iter(W + "tc"):
            self.write(cell)
            return


def _styles(word: WordDocument) -> dict[str, str]:
    """Names by id; the names of built-in styles are English in every language."""
    return {
        str(style.get(W + "styleId")): value_of(style, "name") or "" for style in word.styles.element.iter(W + "style")
    }


def _rank(element: Element, style: str) -> int:
    """Of a heading; 0 for other paragraphs."""
    if style.casefold() == "title":
        return 1
    if match := _HEADING.fullmatch(style):
        return int(match[1])
    level = value_of(element, "pPr/outlineLvl")
    return int(level) + 1 if level and level.isdigit() and int(level) < _OUTLINE_RANKS else 0


def _rows(table: Element) -> list[list[str]]:
    """Cells as text; one that is merged with those above it repeats their text, so that every row can be read alone."""
    rows: list[list[str]] = []
    for row in table.iter(W + "tr"):
        if next(row.iterancestors(W + "tbl")) is not table:
            continue
        cells: list[str] = []
        for cell in row.iter(W + "tc"):
            if next(cell.iterancestors(W + "tr")) is row:
                cells += _cell(cell, rows[-1] if rows else [], len(cells))
        rows.append(cells)
    return rows


def _cell(cell: Element, above: list[str], column: int) -> list[str]:
    properties = child(cell, "tcPr")
    text = one_line(" ".join(text_of(paragraph) for paragraph in cell.iter(W + "p")))
    if properties is not None:
        merged = child(properties, "vMerge")
        if merged is not None and merged.get(W + "val", "continue") == "continue" and column < len(above):
            text = above[column]
        span = value_of(properties, "gridSpan") or "1"
        return [text] + [""] * (min(int(span), 100) - 1 if span.isdigit() else 0)
    return [text]
