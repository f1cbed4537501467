"""Files and folders into documents."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.formats import BINARY, ISOLATED, READERS
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.parser_process import Limits, ParserProcess

Progress = Callable[[int, int], None]
"""Takes the number of files done and of all files."""

_KNOWN_DOCUMENTS = frozenset({".doc", ".odt", ".rtf", ".pptx", ".xlsx", ".epub"})


class _File(Struct, frozen=True, kw_only=True):
    """A file to read, and its place below the path that was asked for."""

    path: Path
    uri: str


def source_of(path: Path) -> str:
    """The name of a source: the path it was given by, absolute, so that it is the same from every folder."""
    return os.fsencode(path.resolve()).decode("utf-8", "replace")


def read(
    path: Path,
    *,
    defaults: Defaults | None = None,
    limits: Limits | None = None,
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
    with ParserProcess(limits) as parser:
        for done, file in enumerate(files, start=1):
            yield from _read_file(file, defaults or Defaults(), parser)
            if progress:
                progress(done, len(files))


def read_content(
    content: bytes, ending: str, uri: str, defaults: Defaults, parser: ParserProcess
) -> Iterator[Document | Unreadable]:
    """Documents of a file that is in memory already, within the parser's limits.

    Args:
        content: all of it, or at least one byte more than is allowed.
        ending: one of `READERS`.
        uri: what the documents are called.
        defaults: for what they do not say.
        parser: takes the formats that need it.
    """
    most = size_limit(ending, parser.limits)
    if len(content) > most:
        yield Unreadable(uri=uri, reason=f"It is larger than {most / 1_000_000:g} MB. Split it.")
    elif not content.strip():
        yield Unreadable(uri=uri, reason="It is empty.", empty=True)
    elif ending in ISOLATED:
        yield from parser.read(content, ending, uri, defaults)
    else:
        yield from _guarded(READERS[ending](content, uri, defaults), uri)


def _guarded(results: Iterator[Document | Unreadable], uri: str) -> Iterator[Document | Unreadable]:
    try:
        yield from results
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        yield Unreadable(uri=uri, reason=f"It cannot be parsed ({type(error).__name__}). Save it anew.")


def size_limit(ending: str, limits: Limits) -> int:
    """Bytes that a file of a format may have."""
    return limits.binary_bytes if ending in BINARY else limits.text_bytes


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
        for name in below:
            if Path(name).suffix.lower() in READERS:
                reason = "It is a folder, though it is named like a file. What is in it was read."
                yield Unreadable(uri=_uri(Path(folder, name), root), reason=reason)
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


def _read_file(file: _File, defaults: Defaults, parser: ParserProcess) -> Iterator[Document | Unreadable]:
    ending = file.path.suffix.lower()
    if ending not in READERS:
        known = ", ".join(sorted(READERS))
        yield Unreadable(uri=file.uri, reason=f"This format is not supported. Supported are {known}.")
        return
    try:
        content = _content(file.path, size_limit(ending, parser.limits))
    except OSError as error:
        yield Unreadable(uri=file.uri, reason=f"The file cannot be opened ({error.strerror}).")
        return
    if content is None:
        yield Unreadable(uri=file.uri, reason="It is no regular file.")
    else:
        yield from read_content(content, ending, file.uri, defaults, parser)


def _content(path: Path, max_bytes: int) -> bytes | None:
    if not stat.S_ISREG(path.stat().st_mode):
        return None
    with path.open("rb") as stream:
        return stream.read(max_bytes + 1)


def _uri(path: Path, root: Path) -> str:
    relative = path.relative_to(root).as_posix()
    return os.fsencode(relative).decode("utf-8", "replace")
