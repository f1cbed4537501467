"""Files and folders into documents. Each format is a reader of bytes, so that it can run anywhere."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from knowledge_ingest.decoding import Decoded, UndecodableError, decode
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.html import declared_encoding, read_html
from knowledge_ingest.markdown import read_markdown, read_text
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.tables import read_csv, read_json, read_jsonl

Reader = Callable[[bytes, str, Defaults], Iterator[Document | Unreadable]]
"""Takes a file's content and its uri. Never raises for what it finds in there."""

TextReader = Callable[[Decoded, str, Defaults], Iterator[Document | Unreadable]]

Progress = Callable[[int, int], None]
"""Takes the number of files done and of all files."""

_MAX_BYTES = 10_000_000
_KNOWN_DOCUMENTS = frozenset({".pdf", ".docx", ".doc", ".odt", ".rtf", ".pptx", ".xlsx", ".epub"})


class _File(Struct, frozen=True, kw_only=True):
    """A file to read, and its place below the path that was asked for."""

    path: Path
    uri: str


def _decoding(reader: TextReader, declared: Callable[[bytes], str | None] = lambda _: None) -> Reader:
    def read_bytes(content: bytes, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
        try:
            decoded = decode(content, declared(content))
        except UndecodableError as error:
            yield Unreadable(uri=uri, reason=str(error))
            return
        yield from reader(decoded, uri, defaults)

    return read_bytes


READERS: dict[str, Reader] = {
    ".md": _decoding(read_markdown),
    ".markdown": _decoding(read_markdown),
    ".html": _decoding(read_html, declared_encoding),
    ".htm": _decoding(read_html, declared_encoding),
    ".txt": _decoding(read_text),
    ".csv": _decoding(read_csv),
    ".tsv": _decoding(read_csv),
    ".jsonl": _decoding(read_jsonl),
    ".ndjson": _decoding(read_jsonl),
    ".json": _decoding(read_json),
}
"""By the ending of the file's name, lower case."""


def source_of(path: Path) -> str:
    """The name of a source: the path it was given by, absolute, so that it is the same from every folder."""
    return os.fsencode(path.resolve()).decode("utf-8", "replace")


def read(
    path: Path,
    *,
    defaults: Defaults | None = None,
    max_bytes: int = _MAX_BYTES,
    progress: Progress | None = None,
) -> Iterator[Document | Unreadable]:
    """Documents of a file, or of every readable file below a folder, in the order of their paths.

    Hidden files are left out; so are other formats, but for well-known kinds of documents, which are named
    as unreadable. Links are followed, each folder once. Files are read one by one as the iterator moves.
    """
    files: list[_File] = []
    for found in _find(path):
        if isinstance(found, Unreadable):
            yield found
        else:
            files.append(found)
    for done, file in enumerate(files, start=1):
        yield from _read_file(file, defaults or Defaults(), max_bytes)
        if progress:
            progress(done, len(files))


def _find(path: Path) -> Iterator[_File | Unreadable]:
    if path.is_dir():
        yield from _walk(path)
    elif path.exists():
        yield _File(path=path, uri=_uri(path, path.parent))
    else:
        yield Unreadable(uri=".", reason="There is no such file or folder.")


def _walk(root: Path) -> Iterator[_File | Unreadable]:
    failed: list[OSError] = []
    visited: set[str] = set()
    for folder, below, names in os.walk(root, followlinks=True, onerror=failed.append):
        real = os.path.realpath(folder)
        if real in visited:
            below.clear()
            continue
        visited.add(real)
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.suffix.lower() in READERS.keys() | _KNOWN_DOCUMENTS:
                yield _File(path=path, uri=_uri(path, root))
    for error in failed:
        where = Path(str(error.filename))
        yield Unreadable(
            uri="." if where == root else _uri(where, root),
            reason=f"The folder cannot be opened ({error.strerror}).",
        )


def _read_file(file: _File, defaults: Defaults, max_bytes: int) -> Iterator[Document | Unreadable]:
    reader = READERS.get(file.path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        yield Unreadable(uri=file.uri, reason=f"This format is not supported. Supported are {known}.")
        return
    try:
        content = _content(file.path, max_bytes)
    except OSError as error:
        yield Unreadable(uri=file.uri, reason=f"The file cannot be opened ({error.strerror}).")
        return
    if content is None:
        yield Unreadable(uri=file.uri, reason="It is no regular file.")
    elif len(content) > max_bytes:
        megabytes = max_bytes / 1_000_000
        yield Unreadable(uri=file.uri, reason=f"It is larger than {megabytes:g} MB. Split it.")
    elif not content.strip():
        yield Unreadable(uri=file.uri, reason="It is empty.", empty=True)
    else:
        yield from reader(content, file.uri, defaults)


def _content(path: Path, max_bytes: int) -> bytes | None:
    if not stat.S_ISREG(path.stat().st_mode):
        return None
    with path.open("rb") as stream:
        return stream.read(max_bytes + 1)


def _uri(path: Path, root: Path) -> str:
    relative = path.relative_to(root).as_posix()
    return os.fsencode(relative).decode("utf-8", "replace")
