"""Judged data sets on disk: a folder with the knowledge base, `kb.jsonl`, and judged turns, `turns.jsonl`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from knowledge_ingest.decoding import UndecodableError, decode
from knowledge_ingest.documents import Document, one_line
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.tables import read_jsonl
from pipeline.types import Speaker

KNOWLEDGE_FILE = "kb.jsonl"
TURNS_FILE = "turns.jsonl"

_LINK_CHARS_MAX = 1000
_LINKS_MAX = 5
_NAMED_MAX = 5


class DataSetError(Exception):
    """A data set cannot be used; the message names the file, the line, and what is wrong."""


class Said(Struct, frozen=True, kw_only=True):
    """What one speaker said at a stretch."""

    speaker: Speaker
    text: str


class JudgedTurn(Struct, frozen=True, kw_only=True):
    """A call up to the turn that is judged, and the judgement. Other fields of the line are not even read."""

    dialog_id: str
    """What stands before a "#" names the call; several turns of one call are not independent."""
    turns: tuple[Said, ...]
    """The last one is the new one; only these are given to the system."""
    knowledge_seeking: bool | None = None
    relevant_ids: tuple[str, ...] = ()
    """Rows of the knowledge base that answer it."""

    @property
    def call(self) -> str:
        """Name of the call it was taken from."""
        return self.dialog_id.partition("#")[0]


class DataSet(Struct, frozen=True, kw_only=True):
    """A knowledge base and the turns to judge on it."""

    name: str
    documents: tuple[Document, ...]
    """In the order of the rows, as ingestion reads them; `row_id` gives back a row's id."""
    turns: tuple[JudgedTurn, ...]
    judges_detection: bool
    """False: every turn carries the same label, or none; nothing can be said about telling them apart."""
    notes: tuple[str, ...]
    """What was odd about the files."""


def row_id(document: Document) -> str:
    """The id of the row that a document was read from."""
    return document.uri.partition("#")[2]


def find(folders: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """Folders that hold a data set, in order and each once, and notes on those left out.

    A folder that is no data set stands for those directly below it.

    Raises:
        DataSetError: no such folder, or nothing to judge in it.
    """
    found: dict[Path, None] = {}
    notes: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            raise DataSetError(f"There is no folder {folder}. Give one that holds {KNOWLEDGE_FILE} and {TURNS_FILE}.")
        if (folder / KNOWLEDGE_FILE).exists() or (folder / TURNS_FILE).exists():
            found[folder.resolve()] = None
            continue
        below = [path for path in sorted(folder.iterdir()) if (path / KNOWLEDGE_FILE).exists()]
        judged = [path for path in below if (path / TURNS_FILE).exists()]
        if not judged:
            raise DataSetError(
                f"{folder} holds no data set: neither {KNOWLEDGE_FILE} and {TURNS_FILE} nor folders that do."
            )
        notes += [f"{path.name} has no {TURNS_FILE}; it was left out." for path in below if path not in judged]
        found |= dict.fromkeys(path.resolve() for path in judged)
    return list(found), notes


def load(folder: Path, limit: int | None = None, defaults: Defaults | None = None) -> DataSet:
    """Reads a data set; of its turns at most `limit`, spread evenly over the file.

    `defaults` are those of ingestion: which fields name subjects, and what holds for rows that do not say.

    Raises:
        DataSetError: a file is missing, empty or broken.
    """
    turns = _turns(folder / TURNS_FILE)
    documents, notes = _documents(folder / KNOWLEDGE_FILE, defaults or Defaults())
    labels = {turn.knowledge_seeking for turn in turns}
    chosen = _spread(turns, limit)
    known = {row_id(document) for document in documents}
    return DataSet(
        name=folder.resolve().name,
        documents=tuple(documents),
        turns=tuple(chosen),
        judges_detection=labels == {True, False},
        notes=(*notes, *_unknown_ids(chosen, known)),
    )


def _turns(path: Path) -> list[JudgedTurn]:
    turns: list[JudgedTurn] = []
    for number, line in enumerate(_content(path).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            turn = msgspec.json.decode(line, type=JudgedTurn)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise DataSetError(f"{path}, line {number}: {error}.") from None
        if not turn.turns:
            raise DataSetError(f"{path}, line {number}: it has no turns.")
        relevant = tuple(map(one_line, turn.relevant_ids))
        turns.append(msgspec.structs.replace(turn, relevant_ids=relevant))
    if not turns:
        raise DataSetError(f"{path} holds no turns.")
    return turns


def _documents(path: Path, defaults: Defaults) -> tuple[list[Document], list[str]]:
    content = _followed(path)
    try:
        items = list(read_jsonl(decode(content), KNOWLEDGE_FILE, defaults))
    except UndecodableError as error:
        raise DataSetError(f"{path}: {error}") from None
    documents = [item for item in items if isinstance(item, Document)]
    unreadable = [item for item in items if not isinstance(item, Document)]
    broken = [item.reason for item in unreadable if not item.empty]
    if broken:
        raise DataSetError(f"{path}: {broken[0]} ({len(broken)} such lines.)")
    if not documents:
        raise DataSetError(f"{path} holds no articles.")
    notes = [f"{len(unreadable)} rows of {path.name} have no text and were left out."] if unreadable else []
    return documents, notes


def _followed(path: Path) -> bytes:
    """The content; where a checkout has written a symbolic link as a file with a path in it, of what it names."""
    content = _content(path)
    for _ in range(_LINKS_MAX):
        line = content[:_LINK_CHARS_MAX].strip()
        if len(content) > _LINK_CHARS_MAX or line[:1] in (b"", b"{") or b"\n" in line:
            break
        path = path.parent / line.decode("utf-8", "replace")
        content = _content(path)
    return content


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataSetError(f"There is no file {path}.") from None
    except OSError as error:
        raise DataSetError(f"{path} cannot be read ({error.strerror}).") from None


def _spread(turns: Sequence[JudgedTurn], limit: int | None) -> Sequence[JudgedTurn]:
    if limit is None or limit >= len(turns):
        return turns
    return [turns[place * len(turns) // limit] for place in range(limit)]


def _unknown_ids(turns: Iterable[JudgedTurn], known: set[str]) -> list[str]:
    unknown = [[id_ for id_ in turn.relevant_ids if id_ not in known] for turn in turns]
    ids = list(dict.fromkeys(id_ for of_turn in unknown for id_ in of_turn))
    if not ids:
        return []
    named = ", ".join(ids[:_NAMED_MAX]) + (" …" if len(ids) > _NAMED_MAX else "")
    count = sum(map(bool, unknown))
    return [
        f"{len(ids)} relevant ids (of {count} turns) are not in {KNOWLEDGE_FILE}: {named}. They count as not found."
    ]
