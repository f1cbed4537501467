"""Articles as Markdown files with front matter, many of them in a zip file."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from assist.learning.article_rows import COLUMNS, LISTS, RowError

_FILE_BYTES_MAX = 500_000
_ALL_BYTES_MAX = 20_000_000
_FILES_MAX = 5_000
_SLUG_CHARS_MAX = 60
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n(?P<front>.*?)^---[ \t]*(?:\n|\Z)\n?(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
_LEAD_HEADING = re.compile(r"\A\s*#\s+(?P<title>[^\n]+)\n")
_SET_DATE = (1980, 1, 1, 0, 0, 0)
"""In every entry, so that the same articles make the same file."""


def written_zip(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """One file an article."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            entry = zipfile.ZipInfo(f"{_slug(row['title'])}-{row['id'][:8]}-{row['id'][-4:]}.md", _SET_DATE)
            archive.writestr(entry, written_markdown(row), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def written_markdown(row: Mapping[str, Any]) -> str:
    """Front matter, an empty line, and the text exactly as it is."""
    front = {name: row[name] for name in COLUMNS if name != "body" and row[name] not in ("", [])}
    return f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)}---\n\n{row['body']}"


def read_markdown(data: bytes) -> Iterator[tuple[str, dict[str, Any] | RowError]]:
    """File name and fields of each article, or why it cannot be read: of a zip file, or of a single Markdown file.

    Raises:
        RowError: the zip file cannot be read, or is too large.
    """
    if not data.startswith(b"PK"):
        yield "article.md", _fields(data)
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise RowError("The zip file is damaged.") from None
    with archive:
        entries = [
            it for it in archive.infolist() if not it.is_dir() and it.filename.lower().endswith((".md", ".markdown"))
        ]
        if len(entries) > _FILES_MAX or sum(it.file_size for it in entries) > _ALL_BYTES_MAX:
            raise RowError("The zip file holds too much. Send it in parts.")
        for entry in entries:
            yield entry.filename, _entry(archive, entry)


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> dict[str, Any] | RowError:
    if entry.file_size > _FILE_BYTES_MAX:
        return RowError("The file is larger than an article may be.")
    try:
        with archive.open(entry) as file:
            return _fields(file.read(_FILE_BYTES_MAX + 1))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        return RowError(f"The file cannot be unpacked ({type(error).__name__}).")


def _fields(data: bytes) -> dict[str, Any] | RowError:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return RowError("The file is not in UTF-8.")
    match = _FRONT.match(text.replace("\r\n", "\n"))
    if match is None:
        heading = _LEAD_HEADING.match(text)
        return {"title": heading["title"].strip() if heading else "", "body": text}
    fields = _front(match["front"])
    return fields if isinstance(fields, RowError) else {**fields, "body": match["body"]}


def _front(text: str) -> dict[str, Any] | RowError:
    try:
        front = yaml.load(text, Loader=_TextLoader)  # noqa: S506 - a safe loader that leaves scalars alone
    except (yaml.YAMLError, RecursionError, ValueError):
        return RowError("The front matter between the lines of --- is not YAML.")
    if not isinstance(front, dict):
        return RowError("The front matter between the lines of --- has no fields.")
    fields = {str(name).strip().casefold(): value for name, value in front.items()}
    for name in LISTS:
        if isinstance(fields.get(name), str):
            fields[name] = [part.strip() for part in fields[name].split(",") if part.strip()]
    if any(isinstance(it, dict | list) for value in fields.values() for it in _items(value)):
        return RowError("A field of the front matter holds further fields.")
    return fields


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


class _TextLoader(yaml.SafeLoader):
    """Every scalar is text: a title like 007 or a date stays as it is written."""

    yaml_implicit_resolvers: dict[str, Any] = {}


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:_SLUG_CHARS_MAX] or "article"
