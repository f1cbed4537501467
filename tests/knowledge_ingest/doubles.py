"""An index and an embedding model that obey their ports, and fail where a test says so."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from pipeline.errors import UpstreamError
from pipeline.ports import Probe, Ranking, Vector
from pipeline.types import Passage, Scope


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs."""


@dataclass(kw_only=True)
class MemoryIndex:
    """Holds passages in a dictionary."""

    held: dict[UUID, Passage] = field(default_factory=dict)
    puts: Counter[UUID] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    """Called with the operation's name before it happens; may raise."""
    after: Callable[[str], None] = lambda _: None
    """Called with the operation's name after it happened; may raise."""

    async def search(self, probes: Sequence[Probe], scope: Scope, limit: int) -> list[Ranking]:
        """Finds nothing."""
        return []

    async def put(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        """Stores; one vector for each passage."""
        assert len(passages) == len(vectors)
        self.before("put")
        self.calls.append("put")
        for passage in passages:
            self.held[passage.id] = passage
            self.puts[passage.id] += 1
        self.after("put")

    async def remove(self, ids: Sequence[UUID]) -> None:
        """Forgets."""
        self.before("remove")
        self.calls.append("remove")
        for id_ in ids:
            self.held.pop(id_, None)
        self.after("remove")

    async def clear(self) -> None:
        """Forgets everything."""
        self.before("clear")
        self.held.clear()
        self.after("clear")

    async def count(self) -> int:
        """Number held."""
        return len(self.held)

    async def ids(self) -> AsyncIterator[UUID]:
        """All of them."""
        for id_ in list(self.held):
            yield id_

    def texts(self) -> list[str]:
        """Of what is held, sorted."""
        return sorted(passage.text for passage in self.held.values())


async def _nothing() -> None:
    """Takes no time."""


@dataclass(kw_only=True)
class LengthEmbedder:
    """Makes unit vectors; refuses some texts for good, or everything for a while."""

    refuses: str | None = None
    """Texts with this in them are refused for good."""
    failures: int = 0
    """So many calls fail, but may be repeated."""
    meanwhile: Callable[[], Awaitable[None]] = _nothing
    """Happens while a batch is being embedded."""
    texts: list[str] = field(default_factory=list)

    @property
    def dimensions(self) -> int:
        """Of every vector."""
        return 2

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> list[Vector]:
        """One vector a text."""
        await self.meanwhile()
        if self.failures:
            self.failures -= 1
            raise UpstreamError("embedding", "busy", retryable=True)
        if self.refuses is not None and any(self.refuses in text for text in texts):
            raise UpstreamError("embedding", "refused", retryable=False)
        self.texts += texts
        return [(1.0, 0.0) for _ in texts]
