"""PDF files: the text of each page, with the headings that the file's own outline names."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from knowledge_ingest.documents import Document, Unreadable, legible, one_line
from knowledge_ingest.markdown import title_of_file
from knowledge_ingest.metadata import Defaults, described
from knowledge_ingest.printed_lines import paragraphs, without_running_lines

_PAGES_MAX = 5_000
_PAGE_CHARS_MAX = 200_000
_LISTED_MAX = 10
_READABLE_MIN = 0.4
_HEADING_CHARS_MAX = 120
_RANK_MAX = 6
_DEPTH_MAX = 20
_NO_TITLE = re.compile(r"microsoft (?:word|powerpoint)|untitled|\.(?:docx?|pptx?|odt|indd|tex|pdf)$", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")

Outline = Mapping[int, Mapping[str, int]]
"""By page from 0: ranks of the headings on it, by their text in lower case."""


class _Pages(Struct, frozen=True, kw_only=True):
    """What is on the pages, in order."""

    texts: tuple[str, ...]
    """Lines as they are printed; empty where a page has no text."""
    blank: tuple[int, ...]
    """Numbers, from 1, of pages with pictures or drawings but without text."""


def read_pdf(content: bytes, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """One document with its pages; its title from the file's properties, else the file's name.

    The file's dates are left out: exports carry a new one every time, though the text is the same.
    """
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            yield Unreadable(uri=uri, reason="It is protected by a password. Save it without one.")
            return
        yield _document(reader, uri, defaults)
    except DependencyError:
        yield Unreadable(uri=uri, reason="It is encrypted. Save it without encryption.")
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - a parser of a hundred kinds of damage
        kind = "is damaged" if isinstance(error, PyPdfError) else f"cannot be parsed ({type(error).__name__})"
        yield Unreadable(uri=uri, reason=f"The PDF {kind}. Open it in a PDF program and save or print it anew.")


def _document(reader: PdfReader, uri: str, defaults: Defaults) -> Document | Unreadable:
    count = len(reader.pages)
    if count > _PAGES_MAX:
        return Unreadable(uri=uri, reason=f"It has {count} pages, more than {_PAGES_MAX}. Split it.")
    pages = _pages(reader)
    if not any(pages.texts):
        if pages.blank:
            reason = f"Its {count} pages are pictures without text (a scan). Run text recognition (OCR) on it."
            return Unreadable(uri=uri, reason=reason)
        return Unreadable(uri=uri, reason="It has no text.", empty=True)
    body, starts = _body(pages.texts, _outline(reader))
    if not body.strip():
        return Unreadable(uri=uri, reason="It has no text.", empty=True)
    properties = _properties(reader)
    title = one_line(properties.pop("title", ""))
    usable = any(char.isalpha() for char in title) and not _NO_TITLE.search(title)
    document = described(
        uri, title if usable else title_of_file(uri), body, properties, defaults, note=_scanned(pages.blank)
    )
    return _with_pages(document, starts)


def _with_pages(document: Document, starts: tuple[int, ...]) -> Document:
    fields = {name: getattr(document, name) for name in document.__struct_fields__}
    return Document(**{**fields, "page_starts": starts})


def _pages(reader: PdfReader) -> _Pages:
    texts: list[str] = []
    blank: list[int] = []
    for number, page in enumerate(reader.pages, start=1):
        text = legible(page.extract_text() or "")[:_PAGE_CHARS_MAX].strip()
        if not _is_readable(text):
            text = ""
            if _has_content(page):
                blank.append(number)
        texts.append(text)
    return _Pages(texts=tuple(texts), blank=tuple(blank))


def _is_readable(text: str) -> bool:
    """Fonts without a table of characters give signs without meaning."""
    signs = [char for char in text if not char.isspace()]
    meant = sum(char.isalnum() for char in signs) - 2 * text.count("\N{REPLACEMENT CHARACTER}")
    return bool(signs) and meant >= _READABLE_MIN * len(signs)


def _has_content(page: PageObject) -> bool:
    contents = page.get_contents()
    return contents is not None and bool(contents.get_data().strip())


def _scanned(blank: Sequence[int]) -> str | None:
    if not blank:
        return None
    listed = ", ".join(map(str, blank[:_LISTED_MAX])) + (" …" if len(blank) > _LISTED_MAX else "")
    return f"Without readable text, perhaps scanned: page {listed}."


def _body(texts: Sequence[str], outline: Outline) -> tuple[str, tuple[int, ...]]:
    """One text, and where each page begins in it."""
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    for number, lines in enumerate(without_running_lines([text.split("\n") for text in texts])):
        text = "\n\n".join(paragraphs(lines, outline.get(number, {})))
        starts.append(at)
        if text:
            parts.append(text)
            at += len(text) + 2
    return "\n\n".join(parts), tuple(starts)


def _outline(reader: PdfReader) -> Outline:
    """A broken outline is no reason to refuse the text."""
    found: dict[int, dict[str, int]] = {}
    try:
        for title, page, depth in _entries(reader, reader.outline, 0):
            name = one_line(title)
            if page is not None and name and len(name) <= _HEADING_CHARS_MAX:
                found.setdefault(page, {}).setdefault(name.casefold(), min(depth + 1, _RANK_MAX))
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001
        return {}
    return found


def _entries(reader: PdfReader, entries: Any, depth: int) -> Iterator[tuple[str, int | None, int]]:
    for entry in entries:
        if isinstance(entry, list):
            if depth < _DEPTH_MAX:
                yield from _entries(reader, entry, depth + 1)
        else:
            yield str(entry.title or ""), reader.get_destination_page_number(entry), depth


def _properties(reader: PdfReader) -> dict[str, str]:
    """The file's own description; whoever made it may have written anything there."""
    try:
        info = reader.metadata
        given = {"title": info.title, "author": info.author, "keywords": info.keywords} if info else {}
        language = one_line(str(reader.root_object.get("/Lang", "")))
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001
        return {}
    if _LANGUAGE.fullmatch(language):
        given["language"] = language
    return {name: legible(str(value)) for name, value in given.items() if value}
