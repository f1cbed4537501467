"""The index on a Qdrant server or cluster."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self, TypeVar
from uuid import UUID

import msgspec
from httpx import TransportError
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from integrations.qdrant.layout import (
    BM25,
    COLLECTION,
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

_PUT_BATCH = 64
_SCROLL_BATCH = 1000
# A write waits until the server has applied it, which takes longer than a search while it builds its graph.
_WRITE_TIMEOUT_FACTOR = 6
_RETRY_PAUSE_S = 0.1

_METADATA_KEY = "assist"
_RETRYABLE_STATUS = frozenset({408, 425, 429})
_SERVER_ERROR = 500

T = TypeVar("T")


class CollectionMissingError(UpstreamError):
    """The collection was dropped while in use; the next call makes an empty one."""

    def __init__(self) -> None:
        super().__init__(
            SERVICE,
            "the collection is gone from the server. Run `assist reindex` to fill it again.",
            retryable=True,
        )


@dataclass(frozen=True, kw_only=True)
class ServerIndex:
    """An `Index` in one collection of a Qdrant server, made on first use. Ends with `close`.

    A call whose connection broke is tried once more within its time; every call may be repeated safely.
    """

    client: AsyncQdrantClient
    layout: Layout
    collection: str = COLLECTION
    timeout_s: float = 5.0
    """Of a search or a count; a write may take six times as long."""
    words: Words = field(default_factory=Words)
    prepared: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the collection is known to exist and to fit."""
    preparing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def connect(cls, url: str, layout: Layout, *, api_key: str | None, collection: str, timeout_s: float = 5.0) -> Self:
        """Makes the client; nothing is sent yet.

        Args:
            url: without a port it means 6333, also with https.
            layout: of the vectors that will be put.
            api_key: None for a server without one.
            collection: made on first use when missing.
            timeout_s: of a search.
        """
        # The client's own limit only has to be the longer one; it takes whole seconds.
        client = AsyncQdrantClient(
            url=url,
            api_key=api_key,
            timeout=math.ceil(timeout_s * _WRITE_TIMEOUT_FACTOR) + 1,
            check_compatibility=False,
        )
        return cls(client=client, layout=layout, collection=collection, timeout_s=timeout_s)

    async def search(self, probes: Sequence[Probe], scope: Scope, limit: int) -> list[Ranking]:
        """See `pipeline.ports.Index`. One request for all probes."""
        self.layout.check_lengths([probe.vector for probe in probes])
        requests = self._requests(probes, scope, limit) if limit > 0 else {}
        found: dict[tuple[int, str], list[models.ScoredPoint]] = {}
        if requests:
            ask = partial(self.client.query_batch_points, self.collection, list(requests.values()))
            answers = await self._call(ask, self.timeout_s)
            found = {place: answer.points for place, answer in zip(requests, answers, strict=True)}
        return to_rankings(
            [found.get((number, DENSE), []) for number in range(len(probes))],
            [found.get((number, BM25), []) for number in range(len(probes))],
        )

    async def put(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        """See `pipeline.ports.Index`. Of two passages with one id the later one stays."""
        self.layout.check_vectors(passages, vectors)
        for start in range(0, len(passages), _PUT_BATCH):
            end = start + _PUT_BATCH
            points = [
                self._point(passage, vector)
                for passage, vector in zip(passages[start:end], vectors[start:end], strict=True)
            ]
            await self._write(partial(self.client.upsert, self.collection, points, wait=True))

    async def remove(self, ids: Sequence[UUID]) -> None:
        """See `pipeline.ports.Index`."""
        for start in range(0, len(ids), _SCROLL_BATCH):
            selector = models.PointIdsList(points=[*ids[start : start + _SCROLL_BATCH]])
            await self._write(partial(self.client.delete, self.collection, selector, wait=True))

    async def clear(self) -> None:
        """See `pipeline.ports.Index`."""
        everything = models.FilterSelector(filter=models.Filter())
        await self._write(partial(self.client.delete, self.collection, everything, wait=True))

    async def count(self) -> int:
        """See `pipeline.ports.Index`."""
        answer = await self._call(partial(self.client.count, self.collection, exact=True), self.timeout_s)
        return answer.count

    async def ids(self) -> AsyncIterator[UUID]:
        """Every id held, in the order of the ids. What is put or removed meanwhile may be missed."""
        offset: models.ExtendedPointId | None = None
        while True:
            records, offset = await self._page(offset)
            for record in records:
                yield to_id(record.id)
            if offset is None:
                return

    async def recreate(self) -> None:
        """Drops the collection, whatever its layout, and makes an empty one.

        Raises:
            UpstreamError: service "qdrant".
        """
        async with self.preparing:
            self.prepared.clear()
            drop = partial(self.client.delete_collection, self.collection)
            await _attempt(drop, self.timeout_s * _WRITE_TIMEOUT_FACTOR)
        await self._prepare()

    async def close(self) -> None:
        """Closes the connections; closing twice is fine."""
        await self.client.close()

    async def _write(self, work: Callable[[], Awaitable[T]]) -> T:
        return await self._call(work, self.timeout_s * _WRITE_TIMEOUT_FACTOR)

    async def _call(self, work: Callable[[], Awaitable[T]], timeout_s: float) -> T:
        await self._prepare()
        try:
            return await _attempt(work, timeout_s)
        except CollectionMissingError:
            self.prepared.clear()
            raise

    async def _page(self, offset: Any) -> tuple[list[models.Record], Any]:
        """The next points, and where the ones after them begin, as the server puts it; None: there are no more."""
        scroll = partial(self.client.scroll, self.collection, offset=offset, limit=_SCROLL_BATCH, with_payload=False)
        return await self._call(scroll, self.timeout_s)

    async def _prepare(self) -> None:
        if self.prepared.is_set():
            return
        async with self.preparing:
            if self.prepared.is_set():
                return
            try:
                await _attempt(self._make_and_check, self.timeout_s * _WRITE_TIMEOUT_FACTOR)
            except CollectionMissingError as error:
                message = "no Qdrant server answers at this address. Check QDRANT_URL."
                raise UpstreamError(SERVICE, message, retryable=False) from error
            self.prepared.set()

    async def _make_and_check(self) -> None:
        if not await self.client.collection_exists(self.collection):
            await self._create()
        info = await self.client.get_collection(self.collection)
        self.layout.check(_held(info, self.layout), f"The Qdrant collection {self.collection!r}")
        kinds = dict.fromkeys(KEYWORD_FIELDS, models.PayloadSchemaType.KEYWORD)
        kinds |= dict.fromkeys(INTEGER_FIELDS, models.PayloadSchemaType.INTEGER)
        for name, kind in kinds.items():
            if name not in info.payload_schema:
                await self.client.create_payload_index(self.collection, name, field_schema=kind, wait=True)

    async def _create(self) -> None:
        vectors = {DENSE: models.VectorParams(size=self.layout.dimensions, distance=models.Distance.COSINE)}
        try:
            await self.client.create_collection(
                self.collection,
                vectors_config=vectors,
                sparse_vectors_config={BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                metadata={_METADATA_KEY: msgspec.to_builtins(self.layout)},
            )
        except (UnexpectedResponse, ValueError):
            # Another process may have made it since.
            if not await self.client.collection_exists(self.collection):
                raise

    def _point(self, passage: Passage, vector: Vector) -> models.PointStruct:
        words = self.words.of_passage(passage)
        return models.PointStruct(
            id=passage.id,
            vector={
                DENSE: list(vector),
                BM25: models.SparseVector(indices=words.indices, values=words.values),
            },
            payload=to_payload(passage),
        )

    def _requests(
        self, probes: Sequence[Probe], scope: Scope, limit: int
    ) -> dict[tuple[int, str], models.QueryRequest]:
        requests: dict[tuple[int, str], models.QueryRequest] = {}
        for number, probe in enumerate(probes):
            ask = partial(models.QueryRequest, filter=_filter(scope, probe), limit=limit, with_payload=True)
            requests[number, DENSE] = ask(query=list(probe.vector), using=DENSE)
            words = self.words.of_query(probe.text, scope.language or probe.language)
            if words.indices:
                query = models.SparseVector(indices=words.indices, values=words.values)
                requests[number, BM25] = ask(query=query, using=BM25)
        return requests


def _filter(scope: Scope, probe: Probe) -> models.Filter | None:
    conditions = conditions_of(scope, probe)
    if not conditions:
        return None
    return models.Filter(
        must=[_group(group) for group in conditions.groups] or None,
        must_not=[_range(barred) for barred in conditions.barred] or None,
    )


def _range(barred: Barred) -> models.FieldCondition:
    return models.FieldCondition(key=barred.field, range=models.Range(gt=barred.above, lte=barred.up_to))


def _group(group: Sequence[AnyOf]) -> models.Condition:
    either: list[models.Condition] = [
        models.FieldCondition(key=member.field, match=models.MatchAny(any=list(member.values))) for member in group
    ]
    return either[0] if len(either) == 1 else models.Filter(should=either)


def _held(info: models.CollectionInfo, expected: Layout) -> Layout:
    """What the collection was built with; servers before 1.16 keep no metadata, only the size tells there."""
    vectors = info.config.params.vectors
    dense = vectors.get(DENSE) if isinstance(vectors, dict) else None
    if (
        dense is None
        or dense.distance != models.Distance.COSINE
        or BM25 not in (info.config.params.sparse_vectors or {})
    ):
        raise IndexLayoutError("The Qdrant collection was not made by Assist. Set QDRANT_COLLECTION to another name.")
    noted = (info.config.metadata or {}).get(_METADATA_KEY)
    if noted is None:
        return msgspec.structs.replace(expected, dimensions=dense.size)
    return msgspec.convert(noted, Layout)


async def _attempt(work: Callable[[], Awaitable[T]], timeout_s: float) -> T:
    """Runs it; a second time when the connection broke and time is left."""
    try:
        async with asyncio.timeout(timeout_s):
            try:
                return await work()
            except ResponseHandlingException as error:
                if not isinstance(error.source, TransportError):
                    raise
                await asyncio.sleep(_RETRY_PAUSE_S)
                return await work()
    except UpstreamError:
        raise
    except TimeoutError as error:
        raise UpstreamError(SERVICE, f"the server did not answer within {timeout_s:g} s", retryable=True) from error
    except Exception as error:
        raise _upstream(error) from error


def _upstream(error: Exception) -> UpstreamError:
    match error:
        case UnexpectedResponse(status_code=404):
            return CollectionMissingError()
        case UnexpectedResponse(status_code=401 | 403):
            message = "the server refused the API key. Set QDRANT_API_KEY to one that may read and write."
            retryable = False
        case UnexpectedResponse(status_code=int(status), reason_phrase=reason):
            message = f"the server answered {status} {reason}"
            retryable = status in _RETRYABLE_STATUS or status >= _SERVER_ERROR
        case ResourceExhaustedResponse(retry_after_s=wait_s):
            message, retryable = f"the server is overloaded and asks to wait {wait_s} s", True
        case ResponseHandlingException(source=TransportError() as source):
            kind = type(source).__name__
            message = f"the server cannot be reached ({kind}). Check QDRANT_URL and that the server runs."
            retryable = True
        case _:
            # The client's own words may quote what was sent, and that may be a customer's.
            message, retryable = f"the request failed ({type(error).__name__})", False
    return UpstreamError(SERVICE, message, retryable=retryable)
