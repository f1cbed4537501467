"""Keeps the index in step with the tables about knowledge."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from assist.db import knowledge as rows
from assist.db.engine import Sessions
from assist.db.errors import DatabaseError
from knowledge_ingest.load import answer_views, embedding_text
from pipeline.errors import UpstreamError
from pipeline.ports import Embedder, Index, Vector
from pipeline.types import Passage

_INDEX_LOCK = "index"
_LOOK_EVERY_S = 3.0
_LOOK_SELDOM_S = 60.0
"""While nothing but refused texts waits."""
_REFUSED_MAX = 5
"""After so many refusals in a row the model refuses everything, not single texts."""

log = structlog.get_logger(__name__)


class ListedIndex(Index, Protocol):
    """An index that can say what it holds."""

    def ids(self) -> AsyncIterator[UUID]:
        """Id of every passage held."""


class IndexReport(Struct, frozen=True, kw_only=True):
    """What a run did to the index."""

    indexed: int = 0
    removed: int = 0
    refused: int = 0
    """Passages that the embedding model does not take; they stay pending."""
    lost: int = 0
    """Passages that the index should have had, found by `reconcile`."""
    foreign: int = 0
    """Passages that the index should not have had, found by `reconcile`."""


_Sighted = tuple[Passage, tuple[tuple[str, float], ...]]
"""A passage, and the texts that its vector is made of with their shares."""
Progress = Callable[[int, int], None]
"""Takes the number of passages done and of all that this run knows of."""


@dataclass(kw_only=True)
class _Run:
    """Counts up during one run."""

    progress: Progress | None
    indexed: int = 0
    removed: int = 0
    refused: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Indexer:
    """Keeps the index in step with the tables.

    May be killed anywhere: a passage is marked only after the index has it, and its row is deleted only after
    the index has forgotten it, so the next run repeats what was in doubt. One run at a time in the database.
    """

    sessions: Sessions
    index: ListedIndex
    embedder: Embedder
    batch_passages: int = 64

    async def run(self, progress: Progress | None = None) -> IndexReport:
        """Embeds and puts what is pending, removes what is to go; of one article, the new before the old.

        Waits while another run is going on, so that whatever was committed before this call is in the index
        when it returns.

        Raises:
            UpstreamError: the embedding model or the index failed; what was done so far is kept.
        """
        async with rows.exclusive(self.sessions, _INDEX_LOCK):
            return await self._run(progress)

    async def index_pending(self) -> None:
        """`run`, as a job."""
        await self.run()

    async def keep_up(self) -> None:
        """Looks every few seconds whether something still waits, without end: for what no job does any more, or whose
        job was put off for long because the index was down."""
        pause_s = _LOOK_EVERY_S
        while True:
            await asyncio.sleep(pause_s)
            try:
                pause_s = _LOOK_EVERY_S if await self._caught_up() else min(2 * pause_s, _LOOK_SELDOM_S)
            except (UpstreamError, DatabaseError) as error:
                log.warning("index_behind", error=type(error).__name__)

    async def _caught_up(self) -> bool:
        async with self.sessions() as session:
            if not await rows.waiting_passages(session):
                return True
        try:
            async with rows.exclusive(self.sessions, _INDEX_LOCK, 0.0):
                report = await self._run(None)
        except rows.HeldElsewhereError:
            return True
        return bool(report.indexed or report.removed)

    async def rebuild(self, progress: Progress | None = None) -> IndexReport:
        """Empties the index and fills it from the tables. Searches find less until it is done."""
        async with rows.exclusive(self.sessions, _INDEX_LOCK):
            async with self.sessions.begin() as session:
                await rows.expect_all(session)
            await self.index.clear()
            return await self._run(progress)

    async def reconcile(self, progress: Progress | None = None) -> IndexReport:
        """Compares ids on both sides, puts what the index lacks and removes what it should not have."""
        async with rows.exclusive(self.sessions, _INDEX_LOCK):
            held = {id_ async for id_ in self.index.ids()}
            async with self.sessions() as session:
                states = await rows.passage_states(session)
            lost = [id_ for id_, state in states.items() if state == "indexed" and id_ not in held]
            foreign = [id_ for id_ in held if id_ not in states]
            for batch in _slices(foreign, self.batch_passages):
                await self.index.remove(batch)
            for batch in _slices(lost, self.batch_passages):
                async with self.sessions.begin() as session:
                    await rows.expect_again(session, batch)
            report = await self._run(progress)
        return msgspec.structs.replace(report, lost=len(lost), foreign=len(foreign))

    async def _run(self, progress: Progress | None) -> IndexReport:
        run = _Run(progress=progress)
        while await self._put_some(run) + await self._remove_some(run):
            await self._tell(run)
        report = IndexReport(indexed=run.indexed, removed=run.removed, refused=len(run.refused))
        if report != IndexReport():
            log.info("knowledge_indexed", **msgspec.structs.asdict(report))
        return report

    async def _put_some(self, run: _Run) -> int:
        async with self.sessions() as session:
            passages = await rows.pending_passages(session, self.batch_passages, run.refused)
        if not passages:
            return 0
        async with self.sessions() as session:
            asked = await rows.wordings(session, {passage.article_id for passage in passages if passage.is_answer})
        embedded = await self._embed([(passage, _texts(passage, asked)) for passage in passages], run)
        if embedded:
            await self.index.put([passage for passage, _ in embedded], [vector for _, vector in embedded])
        ids = [passage.id for passage, _ in embedded]
        async with self.sessions.begin() as session:
            outdated = await rows.mark_indexed(session, ids)
        if outdated:
            # They were called off while they were being embedded; their rows may be gone already.
            await self.index.remove(list(outdated))
        run.indexed += len(ids) - len(outdated)
        return len(passages)

    async def _remove_some(self, run: _Run) -> int:
        async with self.sessions() as session:
            ids = await rows.removable_passages(session, self.batch_passages, run.refused)
        if ids:
            await self.index.remove(ids)
            async with self.sessions.begin() as session:
                run.removed += await rows.forget_passages(session, ids)
        return len(ids)

    async def _embed(self, given: Sequence[_Sighted], run: _Run) -> list[tuple[Passage, Vector]]:
        try:
            return await self._vectors(given)
        except UpstreamError as error:
            if error.retryable:
                raise
            return await self._embed_singly(given, run)

    async def _vectors(self, given: Sequence[_Sighted]) -> list[tuple[Passage, Vector]]:
        vectors = await _embedded(self.embedder, [shares for _, shares in given])
        return list(zip((passage for passage, _ in given), vectors, strict=True))

    async def _embed_singly(self, given: Sequence[_Sighted], run: _Run) -> list[tuple[Passage, Vector]]:
        # One text that the model refuses must not keep all others out of the index.
        embedded: list[tuple[Passage, Vector]] = []
        refused: list[UUID] = []
        for passage, shares in given:
            try:
                embedded += await self._vectors([(passage, shares)])
            except UpstreamError as error:
                refused.append(passage.id)
                if error.retryable or (not embedded and len(refused) >= min(len(given), _REFUSED_MAX)):
                    raise
                log.warning("passage_refused", passage_id=str(passage.id), reason=str(error))
        run.refused.update(refused)
        return embedded

    async def _tell(self, run: _Run) -> None:
        if run.progress is None:
            return
        async with self.sessions() as session:
            waiting = await rows.waiting_passages(session)
        done = run.indexed + run.removed
        run.progress(done, done + max(waiting - len(run.refused), 0))


def _texts(passage: Passage, asked: Mapping[UUID, Sequence[str]]) -> tuple[tuple[str, float], ...]:
    if passage.is_answer:
        return answer_views(passage, asked.get(passage.article_id, ()))
    return ((embedding_text(passage), 1.0),)


async def answer_vectors(embedder: Embedder, passages: Sequence[Passage], wordings: Sequence[str]) -> list[Vector]:
    """Vectors of a written answer's passages, with further wordings of its question.

    Raises:
        UpstreamError: the embedding model failed.
    """
    return await _embedded(embedder, [answer_views(passage, wordings) for passage in passages])


async def _embedded(embedder: Embedder, shared: Sequence[Sequence[tuple[str, float]]]) -> list[Vector]:
    texts = [text for shares in shared for text, _ in shares]
    vectors = iter(await embedder.embed(texts, "passage"))
    return [_blended([(next(vectors), share) for _, share in shares]) for shares in shared]


def _blended(parts: Sequence[tuple[Vector, float]]) -> Vector:
    """The weighted sum as a unit vector."""
    if len(parts) == 1:
        return parts[0][0]
    total = [math.fsum(share * vector[place] for vector, share in parts) for place in range(len(parts[0][0]))]
    length = math.sqrt(math.fsum(value * value for value in total)) or 1.0
    return [value / length for value in total]


def _slices(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
