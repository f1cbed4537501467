"""The index inside this process: Qdrant Edge in a directory."""

import asyncio
import fcntl
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self, TypeVar
from uuid import UUID

import msgspec
import qdrant_edge as qe

from integrations.qdrant.layout import (
    BM25,
    DENSE,
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    SERVICE,
    AnyOf,
    Barred,
    IndexLayoutError,
    Layout,
    conditions_of,
    to_id,
    to_payload,
    to_rankings,
)
from integrations.qdrant.words import Words
from pipeline.errors import UpstreamError
from pipeline.ports import Probe, Ranking, Vector
from pipeline.types import Passage, Scope

_LAYOUT_FILE = "layout.json"
_LOCK_FILE = "index.lock"
_REBUILT = (_LAYOUT_FILE, "edge_config.json", "segments", "wal")
# The engine holds the interpreter lock in every call: 64 points take about 4 ms, which a live call can bear.
_PUT_BATCH = 64
_SCROLL_BATCH = 1000

T = TypeVar("T")
PointId = int | UUID | str


class IndexInUseError(UpstreamError):
    """The directory belongs to another process, or to another EdgeIndex of this one."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            SERVICE,
            f"The index directory {directory} is in use by another Assist process. Stop that process, or "
            "send the work to it (a running server indexes what `assist ingest` stores), or use a Qdrant "
            "server with QDRANT_URL.",
            retryable=False,
        )


@dataclass(frozen=True, kw_only=True)
class EdgeIndex:
    """An `Index` in a directory that this process alone owns. Made by `open`; ends with `close`.

    What was put is on disk when the call returns.
    """

    shard: qe.EdgeShard
    lock: BinaryIO
    layout: Layout
    words: Words
    worker: ThreadPoolExecutor
    """One thread: the engine's calls hold the interpreter lock, so more would gain nothing."""

    @classmethod
    async def open(cls, directory: Path, layout: Layout, *, recreate: bool = False) -> Self:
        """Opens the index in `directory`, which is made when missing.

        Args:
            directory: on a local disk.
            layout: must be what the index was built with.
            recreate: forget what is there, readable or not, and start empty.

        Raises:
            IndexInUseError: somebody else has it open.
            IndexLayoutError: it was built with another model or layout.
            UpstreamError: the directory cannot be used.
        """
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="edge-index")
        opening = worker.submit(_guarded, partial(_open, directory, layout, recreate=recreate))
        try:
            shard, lock = await asyncio.wrap_future(opening)
        except BaseException:
            opening.add_done_callback(_close_unwanted)
            worker.shutdown(wait=False)
            raise
        return cls(shard=shard, lock=lock, layout=layout, words=Words(), worker=worker)

    async def search(self, probes: Sequence[Probe], scope: Scope, limit: int) -> list[Ranking]:
        """See `pipeline.ports.Index`."""
        self.layout.check_lengths([probe.vector for probe in probes])
        if not probes:
            return []
        return await self._call(lambda: self._search(probes, scope, max(limit, 0)))

    async def put(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        """See `pipeline.ports.Index`. Of two passages with one id the later one stays."""
        self.layout.check_vectors(passages, vectors)
        for start in range(0, len(passages), _PUT_BATCH):
            end = start + _PUT_BATCH
            await self._call(partial(self._put, passages[start:end], vectors[start:end]))
        if passages:
            await self._call(self.shard.flush)

    async def remove(self, ids: Sequence[UUID]) -> None:
        """See `pipeline.ports.Index`."""
        for start in range(0, len(ids), _SCROLL_BATCH):
            deletion = qe.UpdateOperation.delete_points([*ids[start : start + _SCROLL_BATCH]])
            await self._call(partial(self.shard.update, deletion))
        if ids:
            await self._call(self.shard.flush)

    async def clear(self) -> None:
        """See `pipeline.ports.Index`. In small steps, so that searches go on meanwhile."""
        while True:
            held, _ = await self._page(None)
            if not held:
                return
            await self.remove(held)

    async def count(self) -> int:
        """See `pipeline.ports.Index`."""
        return await self._call(lambda: self.shard.count(qe.CountRequest(exact=True)))

    async def ids(self) -> AsyncIterator[UUID]:
        """Every id held, in the order of the ids. What is put or removed meanwhile may be missed."""
        offset: PointId | None = None
        while True:
            held, offset = await self._page(offset)
            for id_ in held:
                yield id_
            if offset is None:
                return

    async def optimize(self) -> None:
        """Builds the graph that speeds up a large index. Freezes the whole process for seconds to minutes.

        Only for work that nobody waits for; never in a server.
        """
        await self._call(self.shard.optimize)

    async def close(self) -> None:
        """Gives the directory free. The index cannot be used any more; closing twice is fine."""
        try:
            future = self.worker.submit(_close, self.shard, self.lock)
        except RuntimeError:
            return
        self.worker.shutdown(wait=False)
        await asyncio.wrap_future(future)

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            future = self.worker.submit(_guarded, work)
        except RuntimeError as error:
            raise UpstreamError(SERVICE, "the index is closed", retryable=False) from error
        return await asyncio.wrap_future(future)

    async def _page(self, offset: PointId | None) -> tuple[list[UUID], PointId | None]:
        request = qe.ScrollRequest(offset=offset, limit=_SCROLL_BATCH, with_payload=False)
        records, following = await self._call(lambda: self.shard.scroll(request))
        return [to_id(record.id) for record in records], following

    def _put(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        points = [
            qe.Point(
                passage.id,
                {DENSE: list(vector), BM25: self.words.of_passage(passage)},
                to_payload(passage),
            )
            for passage, vector in zip(passages, vectors, strict=True)
        ]
        self.shard.update(qe.UpdateOperation.upsert_points(points))

    def _search(self, probes: Sequence[Probe], scope: Scope, limit: int) -> list[Ranking]:
        queries: list[qe.QueryRequest] = []
        for probe in probes:
            within = _filter(scope, probe)
            named = (
                qe.Query.Nearest(list(probe.vector), DENSE),
                qe.Query.Nearest(self.words.of_query(probe.text, scope.language or probe.language), BM25),
            )
            queries += [qe.QueryRequest(query=query, limit=limit, with_payload=True, filter=within) for query in named]
        found = self.shard.query_batch(qe.QueryBatchRequest(queries))
        return to_rankings(found[::2], found[1::2])


def _filter(scope: Scope, probe: Probe) -> qe.Filter | None:
    conditions = conditions_of(scope, probe)
    if not conditions:
        return None
    return qe.Filter(
        must=[_group(group) for group in conditions.groups] or None,
        must_not=[_range(barred) for barred in conditions.barred] or None,
    )


def _range(barred: Barred) -> qe.FieldCondition:
    return qe.FieldCondition(barred.field, range=qe.RangeFloat(gt=barred.above, lte=barred.up_to))


def _group(group: Sequence[AnyOf]) -> qe.FieldCondition | qe.Filter:
    either = [qe.FieldCondition(member.field, match=qe.MatchAny(list(member.values))) for member in group]
    return either[0] if len(either) == 1 else qe.Filter(should=[*either])


def _close_unwanted(opening: Future[tuple[qe.EdgeShard, BinaryIO]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        _close(*opening.result())


def _close(shard: qe.EdgeShard, lock: BinaryIO) -> None:
    with lock:
        shard.close()


def _guarded(work: Callable[[], T]) -> T:
    try:
        return work()
    except UpstreamError:
        raise
    except Exception as error:
        raise UpstreamError(SERVICE, f"the index refused: {error}", retryable=False) from error


def _open(directory: Path, layout: Layout, *, recreate: bool) -> tuple[qe.EdgeShard, BinaryIO]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = _locked(directory)
    except OSError as error:
        raise UpstreamError(
            SERVICE,
            f"the index directory {directory} cannot be used: {error.strerror}. "
            "Choose another one, or give Assist the right to write there.",
            retryable=False,
        ) from error
    try:
        if recreate:
            _wipe(directory)
        shard = _load(directory, layout)
        try:
            _agree(shard, directory, layout)
        except BaseException:
            shard.close()
            raise
    except BaseException:
        lock.close()
        raise
    return shard, lock


def _locked(directory: Path) -> BinaryIO:
    """Takes the directory. The engine's own lock comes too late: it has cut the owner's files by then."""
    lock = (directory / _LOCK_FILE).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise IndexInUseError(directory) from error
    except BaseException:
        lock.close()
        raise
    return lock


def _load(directory: Path, layout: Layout) -> qe.EdgeShard:
    config = qe.EdgeConfig(
        vectors={DENSE: qe.EdgeVectorParams(size=layout.dimensions, distance=qe.Distance.Cosine)},
        sparse_vectors={BM25: qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)},
    )
    try:
        return qe.EdgeShard.load(str(directory), config)
    except Exception as error:
        if "ncompatible" in str(error):
            held = _held(directory)
            if held is not None:
                layout.check(held, f"The index in {directory}")
            raise IndexLayoutError(
                f"The index in {directory} was built with another layout ({error}). Run `assist reindex`."
            ) from error
        raise UpstreamError(
            SERVICE,
            f"the index in {directory} cannot be opened ({error}). Run `assist reindex` to build it again.",
            retryable=False,
        ) from error


def _agree(shard: qe.EdgeShard, directory: Path, layout: Layout) -> None:
    info = shard.info()
    held = _held(directory)
    if held is None and info.points_count:
        raise IndexLayoutError(
            f"The index in {directory} does not say how it was built. Run `assist reindex` to build it again."
        )
    if held is not None:
        layout.check(held, f"The index in {directory}")
    else:
        (directory / _LAYOUT_FILE).write_bytes(msgspec.json.encode(layout))
    kinds = dict.fromkeys(KEYWORD_FIELDS, qe.PayloadSchemaType.Keyword)
    kinds |= dict.fromkeys(INTEGER_FIELDS, qe.PayloadSchemaType.Integer)
    for field, kind in kinds.items():
        if field not in info.payload_schema:
            shard.update(qe.UpdateOperation.create_field_index(field, kind))


def _held(directory: Path) -> Layout | None:
    try:
        return msgspec.json.decode((directory / _LAYOUT_FILE).read_bytes(), type=Layout)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _wipe(directory: Path) -> None:
    for name in _REBUILT:
        path = directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
