"""Writes Markdown block by block, inside any nesting of lists and quotes."""

import re
from dataclasses import dataclass, field

_SPACE = re.compile(r"[ \t\n\f\u00a0]+")
# What would turn a paragraph into a heading, list, quote, code, rule or HTML.
_SPECIAL = re.compile(r"(?:#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|[-=_*`~]{3,}|<|\d{1,9}[.)](?=\s|$)|\|)")
_INDENT_MAX = 12


@dataclass(kw_only=True)
class _Container:
    """A list, an item or a quote that is open."""

    kind: str
    marker: str = ""
    """Written before the first line of an item, then gone."""
    indent: str = ""
    """Written before every other line."""
    number: int = 0
    """Of the last item of an ordered list."""


@dataclass(kw_only=True)
class Blocks:
    """Takes events in reading order; a new object for every page."""

    _done: list[tuple[str, bool]] = field(default_factory=list)
    """Finished blocks, and whether each is a line of a list."""
    _open: list[_Container] = field(default_factory=list)
    _line: list[str] = field(default_factory=list)
    _heading: int = 0
    """Rank of the heading that is being written, 0 outside one."""

    def text(self, text: str) -> None:
        """Running text; white space collapses."""
        self._line.append(_SPACE.sub(" ", text))

    def line_break(self) -> None:
        """A new line in the same paragraph."""
        self._line.append(" " if self._heading else "\n")

    def mark(self, mark: str) -> None:
        """Markup around running text, written as it is."""
        self._line.append(mark)

    def heading(self, rank: int) -> None:
        """The text up to the next flush is a heading."""
        self._heading = rank

    def subheading(self) -> None:
        """The text up to the next flush is a heading below any other."""
        self._heading = 6

    def open_list(self, *, ordered: bool, first: int = 1) -> None:
        """A list begins; `first` is the number of its first item."""
        self._open.append(_Container(kind="ordered" if ordered else "bullets", number=first - 1))

    def open_item(self) -> None:
        """An item of the innermost list begins."""
        parent = self._open[-1] if self._open else None
        ordered = parent is not None and parent.kind == "ordered"
        if parent is not None:
            parent.number += 1
        marker = f"{parent.number}. " if parent is not None and ordered else "- "
        self._open.append(_Container(kind="item", marker=marker, indent=" " * len(marker)))

    def open_quote(self) -> None:
        """A quotation begins."""
        self._open.append(_Container(kind="quote", indent="> "))

    def close(self) -> None:
        """The innermost list, item or quote ends."""
        if self._open:
            self._open.pop()

    def code(self, text: str) -> None:
        """Preformatted lines."""
        body = text.strip("\n")
        if body.strip():
            longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
            fence = "`" * max(3, longest + 1)
            self._write([fence, *body.split("\n"), fence])

    def table(self, rows: list[list[str]]) -> None:
        """A table; its first row is the header."""
        width = max(map(len, rows))
        lines = [_row(row + [""] * (width - len(row))) for row in rows]
        self._write([lines[0], "|" + " --- |" * width, *lines[1:]])

    def flush(self) -> None:
        """Ends the paragraph or heading."""
        rank, self._heading = self._heading, 0
        lines = [line.strip() for line in "".join(self._line).split("\n")]
        self._line.clear()
        text = "\n".join(line for line in lines if line and line.strip("`"))
        if not text:
            return
        if rank:
            self._write([f"{'#' * rank} {' '.join(text.split())}"])
        else:
            self._write([_escaped(line) for line in text.split("\n")])

    def markdown(self) -> str:
        """Everything written."""
        self.flush()
        parts: list[str] = []
        for position, (block, in_list) in enumerate(self._done):
            tight = in_list and position > 0 and self._done[position - 1][1]
            parts.append(block if position == 0 else f"\n{block}" if tight else f"\n\n{block}")
        return "".join(parts)

    def _write(self, lines: list[str]) -> None:
        in_list = any(it.kind == "item" for it in self._open) and len(lines) == 1
        written = [self._prefix() + line for line in lines]
        self._done.append(("\n".join(line.rstrip() for line in written), in_list))

    def _prefix(self) -> str:
        parts: list[str] = []
        for container in self._open[:_INDENT_MAX]:
            parts.append(container.marker or container.indent)
            container.marker = ""
        return "".join(parts)


def _escaped(line: str) -> str:
    match = _SPECIAL.match(line)
    if match is None:
        return line
    at = match.end() - 1 if line[0].isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
