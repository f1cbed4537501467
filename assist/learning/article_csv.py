"""Articles as CSV that a spreadsheet may open: no cell is a formula there, and everything comes back as it was."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assist.learning.article_rows import COLUMNS, LISTS, RowError

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ITEM = re.compile(r"(?:[^;\\]|\\.)+", re.DOTALL)
_CELL_CHARS_MAX = 1_000_000
BOM = "\ufeff"
"""Tells spreadsheets that it is UTF-8."""


def written_csv(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Lines of a file, the first with the names of the columns."""
    yield BOM + _line(COLUMNS)
    for row in rows:
        yield _line([guarded(_joined(row[name]) if name in LISTS else str(row[name])) for name in COLUMNS])


def read_csv(text: str) -> Iterator[tuple[int, dict[str, Any] | RowError]]:
    """Line number and fields of each row, or why it cannot be read. Commas or semicolons between the cells.

    Raises:
        RowError: the first line does not name the columns.
    """
    csv.field_size_limit(_CELL_CHARS_MAX)
    text = text.removeprefix(BOM)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
    except csv.Error:
        names = []
    if "title" not in names or "body" not in names:
        raise RowError("The first line names the columns; at least title and body are needed.")
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, RowError(f"The line cannot be read ({error}). The rows behind it were not read.")
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, _fields(names, cells)


def _fields(names: list[str], cells: list[str]) -> dict[str, Any] | RowError:
    if len(cells) > len(names):
        return RowError(
            f"The row has {len(cells)} cells, the first line only {len(names)}. Is a quotation mark missing?"
        )
    fields: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        text = unguarded(cell)
        fields[name] = _parted(text) if name in LISTS else text
    return fields


def guarded(cell: str) -> str:
    """With an apostrophe in front where a spreadsheet would calculate."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Without the apostrophe that `guarded` set."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _joined(items: Iterable[str]) -> str:
    return "; ".join(item.replace("\\", "\\\\").replace(";", "\\;") for item in items)


def _parted(text: str) -> list[str]:
    found = (re.sub(r"\\(.)", r"\1", item.strip(), flags=re.DOTALL) for item in _ITEM.findall(text))
    return [item for item in found if item]


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
