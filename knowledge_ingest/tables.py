"""Tables of question-answer pairs: CSV, JSON and JSON Lines. A row is a document."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from knowledge_ingest.decoding import Decoded
from knowledge_ingest.documents import Document, Unreadable, legible, one_line
from knowledge_ingest.metadata import Defaults, canonical, described, language_of

_QUESTION = ("question", "q", "query")
_ANSWER = ("answer", "a", "response", "body", "text", "content")
_DELIMITERS = ",;\t|"
_WANTED = "It needs the columns question and answer (or title and body)."
_SURPLUS = "surplus_cells"
_SLUG_CHARS_MAX = 60
_TITLE_CHARS_MAX = 80
_TOLD_BY = 40
_CELL_CHARS = 200
"""The language is told by so many rows and so much of each cell."""

Row = tuple[str, Mapping[str, Any]]
"""Where a person finds it ("Line 3"), and its cells by column."""


def read_csv(decoded: Decoded, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """Comma, semicolon, tab or bar between the columns; whichever gives the columns that are needed."""
    text = legible(decoded.text)
    above = re.match(r"(?:[^\S\n]*\n)*", text)
    start = above.end() if above else 0
    header = text[start:].partition("\n")[0]
    delimiter = next((mark for mark in _DELIMITERS if _is_faq(_header(header, mark))), None)
    if not header.strip():
        yield Unreadable(uri=uri, reason="It has no rows.", empty=True)
    elif delimiter is None:
        yield Unreadable(uri=uri, reason=f"{_WANTED} Name them in the first line.")
    else:
        rows, problem = _csv_rows(text, start, delimiter)
        yield from _Table(uri, defaults, decoded.note).documents(rows)
        if problem:
            yield Unreadable(uri=uri, reason=problem)


def read_jsonl(decoded: Decoded, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """One object a line."""
    rows: list[Row] = []
    for number, line in enumerate(legible(decoded.text).split("\n"), start=1):
        if not line.strip():
            continue
        value = _json(line)
        if isinstance(value, dict):
            rows.append((f"Line {number}", value))
        else:
            yield Unreadable(uri=f"{uri}#line-{number}", reason=f"Line {number} is not a JSON object.")
    yield from _Table(uri, defaults, decoded.note).documents(rows)


def read_json(decoded: Decoded, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """A list of objects, or one object that holds such a list."""
    value = _json(decoded.text)
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        value = lists[0] if len(lists) == 1 else None
    if not isinstance(value, list):
        yield Unreadable(uri=uri, reason=f"It is not a JSON list of objects. {_WANTED}")
        return
    rows: list[Row] = []
    for number, item in enumerate(value, start=1):
        if isinstance(item, dict):
            rows.append((f"Item {number}", item))
        else:
            yield Unreadable(uri=f"{uri}#item-{number}", reason=f"Item {number} is not a JSON object.")
    yield from _Table(uri, defaults, decoded.note).documents(rows)


class _Table:
    """Names the rows of one file: by id, else by question, so that moving a row changes nothing."""

    def __init__(self, uri: str, defaults: Defaults, note: str | None) -> None:
        self._uri = uri
        self._defaults = defaults
        self._note = note
        self._seen: Counter[str] = Counter()

    def documents(self, rows: list[Row]) -> Iterator[Document | Unreadable]:
        """One result a row, in order."""
        if not rows:
            yield Unreadable(uri=self._uri, reason="It has no rows.", empty=True)
        beginnings = (" ".join(_text(cell)[:_CELL_CHARS] for cell in cells.values()) for _, cells in rows[:_TOLD_BY])
        self._defaults = replace(self._defaults, language=language_of(beginnings, self._defaults))
        for place, cells in rows:
            if known := canonical(cells, self._defaults.subject_fields):
                yield self._document(place, known)

    def _document(self, place: str, cells: dict[str, Any]) -> Document | Unreadable:
        question, asked = _first(cells, _QUESTION)
        answer, answered = _first(cells, _ANSWER)
        title = asked or one_line(_text(cells.get("title")))
        id_ = one_line(_text(cells.get("id")))
        key = id_ or _slug(title or answered) or _slug(place)
        self._seen[key] += 1
        if id_ and self._seen[key] > 1:
            return Unreadable(
                uri=f"{self._uri}#{key}-{_slug(place)}",
                reason=f"{place} repeats the id {key[:40]!r}. Give every row its own.",
            )
        uri = f"{self._uri}#{key}" if self._seen[key] == 1 else f"{self._uri}#{key}-{self._seen[key]}"
        if _SURPLUS in cells:
            reason = f"{place} has more cells than there are columns. Put quotes around cells with commas."
            return Unreadable(uri=uri, reason=reason)
        if not answered.strip():
            return Unreadable(uri=uri, reason=f"{place} has no answer. {_WANTED}", empty=True)
        rest = {name: value for name, value in cells.items() if name not in (question, answer, "id")}
        note, self._note = self._note, None
        try:
            return described(uri, title or _opening(answered), answered, rest, self._defaults, note=note)
        except ValueError as error:
            return Unreadable(uri=uri, reason=f"{place} cannot be used ({error}).")


def _first(cells: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[str | None, str]:
    for column in columns:
        text = _text(cells.get(column))
        if text.strip():
            return column, text.strip()
    return None, ""


def _text(value: Any) -> str:
    return legible(str(value)) if isinstance(value, str | int | float) else ""


def _slug(text: str) -> str:
    return "-".join(re.findall(r"\w+", text.casefold()))[:_SLUG_CHARS_MAX].strip("-_")


def _opening(text: str) -> str:
    line = one_line(text)
    if len(line) <= _TITLE_CHARS_MAX:
        return line
    return line[:_TITLE_CHARS_MAX].rsplit(" ", 1)[0] + " …"


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _header(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _is_faq(columns: list[str]) -> bool:
    known = canonical(dict.fromkeys(columns, "given"))
    return any(name in known for name in (*_QUESTION, "title")) and any(name in known for name in _ANSWER)


def _csv_rows(text: str, start: int, delimiter: str) -> tuple[list[Row], str | None]:
    skipped = text.count("\n", 0, start)
    reader = csv.DictReader(io.StringIO(text[start:]), delimiter=delimiter, strict=True, restkey=_SURPLUS)
    rows: list[Row] = []
    try:
        rows.extend((f"Line {reader.line_num + skipped}", cells) for cells in reader)
    except csv.Error as error:
        return rows, f"Line {reader.line_num + skipped} is not valid CSV ({error}). The rows below it were not read."
    return rows, None
