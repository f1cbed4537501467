"""What the pipeline needs from outside: a small Protocol each. Adapters satisfy them by shape."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from pipeline.events import ModelUsed
from pipeline.types import Passage, Scope

Vector = Sequence[float]


class Mention(Struct, frozen=True, kw_only=True):
    """A name found in an utterance."""

    name: str
    """As the knowledge base writes it."""
    kind: str
    """The metadata field that named it."""
    start: int
    """Character offset in the utterance."""
    end: int
    score: float
    """(0, 1]: how likely the name is meant; lower for a part, a mishearing, or a part that names share."""


class NameMatcher(Protocol):
    """Finds the names of the knowledge base's subjects in what was said."""

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Best first, a bounded number; never raises."""


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


class QueryProjection(Protocol):
    """Turns the vector of a question towards the vectors of what answers it. Trained; see `assist train`."""

    def project(self, vector: Vector) -> Vector:
        """As many dimensions; about as long."""


class Unprojected:
    """Leaves vectors as the embedding model made them."""

    def project(self, vector: Vector) -> Vector:
        """The same."""
        return vector


class Probe(Struct, frozen=True, kw_only=True):
    """One search: the same question as a vector and as words."""

    vector: Vector
    text: str
    """Empty: by the vector alone."""
    subjects: tuple[str, ...] = ()
    """Only passages about one of these; empty means any."""
    language: str = "en"
    """BCP 47 tag of `text`: whose word endings and stop words count. A language of the scope goes before it."""


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


class Reranker(Protocol):
    """Reads a question and a text together, which tells more than their vectors do, and takes longer."""

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers, in order: finite, unbounded (logits), higher is better.

        Raises:
            UpstreamError: service "reranker"; the message has no word of the question or the texts.
        """


ModelRole = Literal["rewrite", "answer", "summarise"]
"""What a language model is asked for; each may have a model of its own."""


class Message(Struct, frozen=True, kw_only=True):
    """One message of a request to a language model."""

    role: Literal["system", "user"]
    content: str


class WritingTask(Struct, frozen=True, kw_only=True):
    """What a language model is to write."""

    role: ModelRole
    messages: tuple[Message, ...]
    max_tokens: int | None = None
    """Of the text; None, or more than the model's own limit: that limit."""
    total_s: float | None = None
    """Time until the last word; None, or more than the model's own limit: that limit."""
    call_id: UUID | None = None
    """Whose budget pays; None: nobody's."""


class Writing(Protocol):
    """One request under way; ends with the block that opened it, and the connection is closed then."""

    def __aiter__(self) -> AsyncIterator[str]:
        """Pieces of text as they arrive. Ends without an error, whatever happens to the model; `used` says how."""

    @property
    def used(self) -> ModelUsed:
        """How it went; final once the block is left, also when it was cancelled."""

    @property
    def is_estimated(self) -> bool:
        """The endpoint gave no usage: the tokens in `used` are counted from the texts."""


class LanguageModel(Protocol):
    """Writes texts. Never raises for a model that fails: the text ends, and the outcome tells why."""

    def has(self, role: ModelRole) -> bool:
        """A model is configured for the role."""

    def write(self, task: WritingTask) -> AbstractAsyncContextManager[Writing]:
        """Opens a request; nothing is sent before the first piece is asked for."""
