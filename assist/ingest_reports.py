"""What an ingest did, as a whole and file by file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from msgspec import Struct

from knowledge_ingest.documents import Document, Unreadable


class FileReport(Struct, frozen=True, kw_only=True):
    """What became of one file or page."""

    file: str
    """Path within the source, or URL; "." for the source as a whole."""
    result: str
    """stored, unchanged, partly (some of it is missing), skipped (nothing of it was taken) or empty."""
    documents: int
    """Articles that it has now."""
    passages: int
    """Of these articles."""
    skipped: int
    """Parts that were not taken, or 1 for all of it."""
    reasons: tuple[str, ...]
    """Why, and what was odd about the rest; for people."""


class StoreReport(Struct, frozen=True, kw_only=True):
    """What an ingest changed."""

    added: int
    """Articles that are new, or back after they had disappeared."""
    updated: int
    unchanged: int
    removed: int
    passages: int
    """Passages written, which now wait for the index."""
    unreadable: tuple[Unreadable, ...]
    notes: tuple[str, ...]
    """What was odd about documents that were taken in, each with its uri."""
    files: tuple[FileReport, ...]
    """In the order in which they were read."""


@dataclass(kw_only=True)
class _File:
    """Counts up for one file."""

    documents: int = 0
    changed: int = 0
    passages: int = 0
    skipped: int = 0
    emptied: bool = False
    reasons: list[str] = field(default_factory=list)

    def report(self, name: str) -> FileReport:
        """As it stands."""
        return FileReport(
            file=name,
            result=self._result(),
            documents=self.documents,
            passages=self.passages,
            skipped=self.skipped,
            reasons=tuple(dict.fromkeys(self.reasons)),
        )

    def _result(self) -> str:
        if self.documents:
            return "partly" if self.skipped else "stored" if self.changed else "unchanged"
        return "empty" if self.emptied else "skipped"


@dataclass(kw_only=True)
class Tally:
    """Counts up during one ingest."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    passages: int = 0
    _seen: set[str] = field(default_factory=set)
    _unreadable: list[Unreadable] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _files: dict[str, _File] = field(default_factory=dict)

    def take(self, batch: Iterable[Document | Unreadable]) -> list[Document]:
        """The documents of a batch, each uri once; the rest is remembered."""
        documents: list[Document] = []
        for item in batch:
            if isinstance(item, Unreadable):
                self._refuse(item)
            elif item.uri in self._seen:
                reason = "Another document has the same name in this source. Give it another name."
                self._refuse(Unreadable(uri=item.uri, reason=reason))
            else:
                self._seen.add(item.uri)
                documents.append(item)
                if item.note:
                    self.note(item.uri, item.note)
        return documents

    def note(self, uri: str, text: str) -> None:
        """Something odd about a document that was taken in."""
        self._notes.append(f"{uri}: {text}")
        self._file(uri).reasons.append(text)

    def stored(self, uri: str, passages: int, *, changed: bool) -> None:
        """A document is in the tables now, with so many passages."""
        file = self._file(uri)
        file.documents += 1
        file.changed += changed
        file.passages += passages

    def gone(self, approved: dict[str, UUID]) -> list[UUID]:
        """Articles that the source does not have any more; what merely could not be read is kept."""
        kept = {item.uri for item in self._unreadable if not item.empty}
        return [
            id_
            for uri, id_ in approved.items()
            if uri not in self._seen and not any(place in kept for place in _places(uri))
        ]

    @property
    def refused(self) -> int:
        """How much was not taken."""
        return len(self._unreadable)

    def report(self) -> StoreReport:
        """As it stands."""
        return StoreReport(
            added=self.added,
            updated=self.updated,
            unchanged=self.unchanged,
            removed=self.removed,
            passages=self.passages,
            unreadable=tuple(self._unreadable),
            notes=tuple(self._notes),
            files=tuple(file.report(name) for name, file in self._files.items()),
        )

    def _refuse(self, item: Unreadable) -> None:
        self._unreadable.append(item)
        file = self._file(item.uri)
        file.skipped += 1
        file.emptied = item.empty
        file.reasons.append(item.reason)

    def _file(self, uri: str) -> _File:
        return self._files.setdefault(uri.partition("#")[0], _File())


def _places(uri: str) -> Iterator[str]:
    """The document itself, its file, the folders above it, and the whole source."""
    yield uri
    file = uri.partition("#")[0]
    parts = file.split("/")
    for count in range(len(parts), 0, -1):
        yield "/".join(parts[:count])
    yield "."
