"""What a call still owes the server, kept in a file so that it outlives the process.

One file a job, one line a record, only ever appended to. Whoever works on it holds its lock (flock): a file without one
was left behind.
"""

import fcntl
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import msgspec
import structlog
from msgspec import Struct

from integrations.livekit.ingress import Kind
from integrations.livekit.spoken import GapReason, Speaker

_SUFFIX = ".jsonl"
_NOT_IN_NAMES = re.compile(r"[^\w-]")
_MEMORY_ONLY = 2000
"""Records that are kept while the disk takes none."""

log = structlog.get_logger(__name__)


class Call(Struct, frozen=True, kw_only=True, tag="call"):
    """Of which call this is; the first record."""

    room: str
    job_id: str
    kind: Kind
    started: float
    """Wall second at which the job began to listen."""
    session_id: str | None = None
    """None: the server learns of the call from `fields`."""
    fields: Mapping[str, Any] = {}
    """What `call/start` is given."""

    @property
    def key(self) -> str:
        """Names the call in the ids of its segments."""
        return self.session_id or str(self.fields.get("call_id", self.room))


class Placed(Struct, frozen=True, kw_only=True, tag="placed"):
    """Where the server has the call."""

    session_id: str
    zero: float
    """Wall second at which the call's clock began."""


class Segment(Struct, frozen=True, kw_only=True, tag="segment"):
    """Words to deliver; times are wall seconds."""

    id: str
    speaker: Speaker
    text: str
    start: float
    end: float
    confidence: float | None = None
    language: str | None = None


class Missed(Struct, frozen=True, kw_only=True, tag="missed"):
    """A gap to deliver; times are wall seconds."""

    id: str
    speaker: Speaker
    start: float
    end: float
    reason: GapReason


class Asked(Struct, frozen=True, kw_only=True, tag="asked"):
    """A question for supervisors, to deliver."""

    id: str
    question: str
    customer_name: str | None = None
    customer_contact: str | None = None


class Ended(Struct, frozen=True, kw_only=True, tag="ended"):
    """The call's end, to deliver."""

    status: str
    id: str = "end"


class Delivered(Struct, frozen=True, kw_only=True, tag="delivered"):
    """The server has it, or will never take it."""

    id: str


Owed = Segment | Missed | Asked | Ended
Record = Call | Placed | Segment | Missed | Asked | Ended | Delivered

_DECODER: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class Spool:
    """One job's. `close` it, and the file goes if nothing is owed."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self.call: Call | None = None
        self.placed: Placed | None = None
        self.owed: deque[Owed] = deque()
        """In the order in which they must be delivered."""
        self.dropped = 0
        """Records that neither disk nor memory could keep."""
        self._descriptor = descriptor
        self._memory_only: set[str] = set()
        self._is_torn = False
        """The last line of the file has no end."""

    @classmethod
    def create(cls, directory: Path, call: Call) -> Self:
        """A new one. Where no file can be made, it lives in memory."""
        path = directory / f"{_NOT_IN_NAMES.sub('_', call.job_id)}{_SUFFIX}"
        spool = cls(path, _make(path))
        spool.call = call
        spool._write(call)
        return spool

    @classmethod
    def take_over(cls, path: Path) -> Self | None:
        """A file that was left behind. None: somebody works on it, or it has gone."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError:
            return None
        if not _lock(descriptor) or not path.exists():
            os.close(descriptor)
            return None
        content = path.read_bytes()
        records = list(_records(content))
        done = {record.id for record in records if isinstance(record, Delivered)}
        spool = cls(path, descriptor)
        spool.call = next((record for record in records if isinstance(record, Call)), None)
        spool.placed = next((record for record in records if isinstance(record, Placed)), None)
        spool.owed = deque(record for record in records if isinstance(record, Owed) and record.id not in done)
        spool._is_torn = not content.endswith(b"\n")
        return spool

    def add(self, record: Owed | Placed) -> None:
        """Keeps it."""
        is_kept = self._write(record)
        if isinstance(record, Placed):
            self.placed = record
            return
        self.owed.append(record)
        if not is_kept:
            self._memory_only.add(record.id)
            self._drop_beyond_memory()

    def delivered(self, record: Owed) -> None:
        """The record is owed no longer."""
        with suppress(ValueError):
            self.owed.remove(record)
        self._memory_only.discard(record.id)
        self._write(Delivered(id=record.id))

    def forget(self) -> None:
        """Nothing is owed any more: the server will never take it, or has it from another job."""
        self.dropped += len(self.owed)
        self.owed.clear()

    def close(self) -> None:
        """Lets go of the file."""
        if self._descriptor is None:
            return
        if not self.owed:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def _write(self, record: Record) -> bool:
        if self._descriptor is None:
            return False
        line = (b"\n" if self._is_torn else b"") + msgspec.json.encode(record) + b"\n"
        try:
            self._is_torn = os.write(self._descriptor, line) < len(line)
        except OSError as error:
            self._is_torn = True
            log.warning("spool_not_written", file=self.path.name, error=error.strerror)
        return not self._is_torn

    def _drop_beyond_memory(self) -> None:
        if len(self._memory_only) <= _MEMORY_ONLY:
            return
        oldest = next(record for record in self.owed if record.id in self._memory_only)
        self.owed.remove(oldest)
        self._memory_only.discard(oldest.id)
        self.dropped += 1


def _records(content: bytes) -> Iterator[Record]:
    """All that can be read: a process may be killed, or a disk be full, in the middle of a line."""
    for line in content.splitlines():
        with suppress(msgspec.MsgspecError):
            yield _DECODER.decode(line)


def left_behind(directory: Path) -> list[Path]:
    """All spool files, those that are worked on included; oldest first."""
    return sorted(directory.glob(f"*{_SUFFIX}"), key=_written_at)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _make(path: Path) -> int | None:
    """A locked file. It gets its name when it is locked, so that nobody takes it for one that was left behind."""
    making = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(making, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        making.rename(path)
    except OSError as error:
        log.warning("spool_not_made", directory=str(path.parent), error=error.strerror)
        return None
    return descriptor


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
