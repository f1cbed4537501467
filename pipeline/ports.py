"""What the pipeline needs from outside: a small Protocol each. Adapters satisfy them by shape."""

from collections.abc import Sequence
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from pipeline.types import Passage, Scope

Vector = Sequence[float]


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> list[Vector]:
        """One vector of length 1 for each text, in order.

        Raises:
            UpstreamError: service "embedding".
        """


class Probe(Struct, frozen=True, kw_only=True):
    """One search: the same question as a vector and as words."""

    vector: Vector
    text: str
    subjects: tuple[str, ...] = ()
    """Only passages about one of these; empty means any."""


class Scored(Struct, frozen=True, kw_only=True):
    """A passage with the engine's own score: cosine for dense, BM25 for words."""

    passage: Passage
    score: float


class Ranking(Struct, frozen=True, kw_only=True):
    """One engine list."""

    by: Literal["dense", "bm25"]
    probe: int
    """Position of the probe in the request."""
    hits: tuple[Scored, ...]
    """Best first."""


class Index(Protocol):
    """Where passages are found by meaning and by words. Derived from SQL; can be rebuilt."""

    async def search(self, probes: Sequence[Probe], scope: Scope, limit: int) -> list[Ranking]:
        """Two rankings a probe (dense, then bm25), each of at most `limit` passages inside `scope`.

        Raises:
            UpstreamError: service "qdrant".
        """

    async def put(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        """Stores passages durably; an id that exists is overwritten. Searchable on return.

        Raises:
            UpstreamError: service "qdrant".
        """

    async def remove(self, ids: Sequence[UUID]) -> None:
        """Forgets passages; unknown ids are ignored. Gone from searches on return."""

    async def clear(self) -> None:
        """Forgets everything."""

    async def count(self) -> int:
        """Number of passages held. Doubles as the health probe: raises UpstreamError when unreachable."""
