"""Documents into passages along their own structure, each an exact slice of the body."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from msgspec import Struct
from semantic_text_splitter import TextSplitter

from knowledge_ingest.documents import Document
from knowledge_ingest.markdown import plain

# Long words count for several pieces, and scripts without blanks for one piece a character.
_PIECES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w{1,6}|[^\w\s]")
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_MARKDOWN.core.ruler.enableOnly(["normalize", "block"])
_CONTAINERS = frozenset({"bullet_list", "ordered_list", "list_item", "blockquote", "table", "thead", "tbody"})
_COLUMNS_CHARS_MAX = 120
_BALANCED_MIN = 2
_WINDOW_CHARS = 20_000


class Chunk(Struct, frozen=True, kw_only=True):
    """A passage of a document, before it has an id."""

    ordinal: int
    """From 0, in reading order; chunks do not overlap."""
    heading: str | None
    """Path of the headings above it without the document's title, "Refunds > Timing"; None without headings.

    The later parts of a long table have its column names behind, "Fees (Plan | Price)".
    """
    text: str
    """Exactly `body[start:end]`, without white space around it."""
    start: int
    end: int
    page: int | None = None
    """Of the original, from 1; a passage never goes on to the next page, but for a sentence that does."""


class _Span(Struct, frozen=True, kw_only=True):
    """A stretch of the body that stays in one piece."""

    start: int
    end: int
    columns: str | None = None
    """Column names, when it holds rows of a table that are parted from their header."""


class _Section(Struct, kw_only=True):
    """The blocks below one heading, up to the next."""

    path: tuple[str, ...]
    blocks: list[SyntaxTreeNode]


def approximate_tokens(text: str) -> int:
    """Word pieces of an English text, estimated on the high side."""
    return len(_PIECES.findall(text))


@dataclass(frozen=True, kw_only=True)
class Splitter:
    """Cuts documents to the size that the embedding model reads in full."""

    count_tokens: Callable[[str], int] = approximate_tokens
    """The embedding model's own tokenizer, without its special tokens."""
    window_tokens: int = 250
    """What the model reads of one text: 256 less special tokens and a margin. The rest would be ignored."""
    max_tokens: int = 220
    """Size of a passage; less where a long title and heading take up the window."""
    min_tokens: int = 80
    """Size that a passage may always have."""

    def split(self, document: Document) -> list[Chunk]:
        """Chunks in reading order. Headings alone give none; neither does text without a letter or digit."""
        body = document.body
        lines = _line_starts(body)
        chunks: list[Chunk] = []
        for section in _sections(body):
            heading = _path(section.path, document.title)
            limit = self._limit(document.title, heading)
            sized = _Body(body, lines, self.count_tokens, limit)
            for page, span in _by_page(sized, section.blocks, document.page_starts):
                text = body[span.start : span.end]
                if any(char.isalnum() for char in text):
                    chunks.append(
                        Chunk(
                            ordinal=len(chunks),
                            heading=_with_columns(heading, span.columns),
                            text=text,
                            start=span.start,
                            end=span.end,
                            page=page,
                        )
                    )
        return chunks

    def _limit(self, title: str, heading: str | None) -> int:
        left = self.window_tokens - self.count_tokens(f"{title}\n{heading or ''}")
        return max(min(left, self.max_tokens), self.min_tokens)


class _Body:
    """The body by lines, to cut blocks into spans of at most `limit` tokens."""

    def __init__(self, text: str, lines: Sequence[int], count_tokens: Callable[[str], int], limit: int) -> None:
        self._text = text
        self._lines = lines
        self._count_tokens = count_tokens
        self._limit = limit

    @property
    def limit(self) -> int:
        """Tokens of the longest span."""
        return self._limit

    def count(self, span: _Span) -> int:
        """Tokens of a span."""
        return self._count_tokens(self._text[span.start : span.end])

    def spans(self, blocks: list[SyntaxTreeNode]) -> Iterator[_Span]:
        """Whole blocks where they fit, else their items, rows, sentences or words."""
        for block in blocks:
            span = self._span(block)
            if span is None:
                continue
            if self.count(span) <= self._limit:
                yield span
            elif block.type == "table":
                yield from self._rows(block)
            elif block.type in _CONTAINERS and block.children:
                yield from self.spans(block.children)
            else:
                yield from self._sentences(span)

    def _span(self, block: SyntaxTreeNode) -> _Span | None:
        if block.type == "root" or block.map is None:
            return None
        start = self._lines[block.map[0]]
        end = min(self._lines[block.map[1]], len(self._text))
        text = self._text[start:end]
        start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
        return _Span(start=start, end=end) if start < end else None

    def _rows(self, table: SyntaxTreeNode) -> Iterator[_Span]:
        head = self._span(table.children[0])
        whole = self._span(table)
        rows = table.children[1].children if len(table.children) > 1 else []
        first = self._span(rows[0]) if rows else None
        if head is None or whole is None or first is None:
            return
        columns = " | ".join(cell.strip() for cell in self._text[head.start : head.end].strip("|").split("|"))
        columns = columns[:_COLUMNS_CHARS_MAX]
        yield from self._fitting(_Span(start=head.start, end=first.end), None)
        for row in rows[1:]:
            if span := self._span(row):
                yield from self._fitting(span, columns)

    def _fitting(self, span: _Span, columns: str | None) -> Iterator[_Span]:
        if self.count(span) <= self._limit:
            yield _Span(start=span.start, end=span.end, columns=columns)
        else:
            yield from self._sentences(span, columns)

    def _sentences(self, span: _Span, columns: str | None = None) -> Iterator[_Span]:
        # A tenth more than an even share: sentences do not end where it would be fairest.
        total = self.count(span)
        share = total * 11 // (10 * -(-total // self._limit)) + 1
        splitter = TextSplitter.from_callback(self._count_tokens, min(share, self._limit))
        for begin, end in _windows(self._text, span.start, span.end):
            for offset, text in splitter.chunk_indices(self._text[begin:end]):
                start = begin + offset
                yield _Span(start=start, end=start + len(text), columns=columns)


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A long stretch in parts: the time to cut one grows faster than its length."""
    while end - start > _WINDOW_CHARS:
        cut = max(text.rfind(blank, start, start + _WINDOW_CHARS) for blank in "\n ")
        cut = cut + 1 if cut > start else start + _WINDOW_CHARS
        yield start, cut
        start = cut
    yield start, end


def _line_starts(text: str) -> list[int]:
    """Offset of every line, and one behind the last."""
    return [0, *accumulate(len(line) + 1 for line in text.split("\n"))]


def _sections(body: str) -> list[_Section]:
    path: list[tuple[int, str]] = []
    sections = [_Section(path=(), blocks=[])]
    for block in SyntaxTreeNode(_MARKDOWN.parse(body)).children:
        if block.type == "heading":
            rank = int(block.tag[1])
            text = plain(block.children[0].content) if block.children else ""
            path = [(above, name) for above, name in path if above < rank] + [(rank, text)]
        elif not _is_comment(block):
            if block.type != "hr":
                sections[-1].blocks.append(block)
            continue
        # A comment is for authors: no passage may run across it.
        sections.append(_Section(path=tuple(name for _, name in path if name), blocks=[]))
    return [section for section in sections if section.blocks]


def _is_comment(block: SyntaxTreeNode) -> bool:
    return block.type == "html_block" and block.content.lstrip().startswith("<!--")


def _by_page(
    sized: _Body, blocks: list[SyntaxTreeNode], page_starts: Sequence[int]
) -> Iterator[tuple[int | None, _Span]]:
    """Spans as large as they may be, each with its page."""

    def page_of(span: _Span) -> int | None:
        return bisect_right(page_starts, span.start) or None

    for page, spans in groupby(sized.spans(blocks), page_of):
        for span in _packed(list(spans), sized.count, sized.limit):
            yield page, span


def _packed(pieces: list[_Span], count: Callable[[_Span], int], limit: int) -> list[_Span]:
    """Neighbours together while they fit: parts of about the same size, rather than full ones and a rest."""
    full = _joined(pieces, count, limit, enough=limit)
    if len(full) < _BALANCED_MIN:
        return full
    total = count(_Span(start=pieces[0].start, end=pieces[-1].end))
    return _joined(pieces, count, limit, enough=total // len(full))


def _joined(pieces: list[_Span], count: Callable[[_Span], int], limit: int, *, enough: int) -> list[_Span]:
    parts: list[_Span] = []
    for piece in pieces:
        if parts and count(parts[-1]) < enough:
            both = _Span(start=parts[-1].start, end=piece.end, columns=parts[-1].columns)
            if count(both) <= limit:
                parts[-1] = both
                continue
        parts.append(piece)
    return parts


def _path(path: tuple[str, ...], title: str) -> str | None:
    names = path[1:] if path and path[0].casefold() == title.casefold() else path
    return " > ".join(names) or None


def _with_columns(heading: str | None, columns: str | None) -> str | None:
    return f"{heading or ''} ({columns})".strip() if columns else heading
