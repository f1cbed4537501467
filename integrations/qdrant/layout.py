"""How a passage lies in Qdrant: names, vectors, payload and filters, the same for both engines."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct
from qdrant_edge import Bm25, Bm25Config, SparseVector

from pipeline.errors import UpstreamError
from pipeline.ports import Ranking, Scored, Vector
from pipeline.types import Passage, Scope

SERVICE = "qdrant"
COLLECTION = "assist_passages"
DENSE = "dense"
BM25 = "bm25"

LANGUAGE_TAG = "language_tag"
LANGUAGE_RANGES = "language_ranges"
TAGS = "tags"
AUDIENCE = "audience"
FILTER_FIELDS = (LANGUAGE_TAG, LANGUAGE_RANGES, TAGS, AUDIENCE)
"""Payload fields that get a keyword index: a filtered search without one reads every payload from disk."""

_BM25_AVERAGE_TOKENS = 40.0
# Letters of codes are written apart from their digits as often as not: "P-104", "P 104", "P104".
_CODE = re.compile(r"\b(?:([A-Za-z]{1,5})-(\d{1,8})|([B-HJ-Zb-hj-z]) (\d{2,8}))\b")
# Kana, Han, Hangul, Thai, Lao, Burmese, Khmer: no blanks between words, or endings grown on to them. They are
# looked up by pairs of letters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")


class IndexLayoutError(UpstreamError):
    """What the index holds was made with other settings; only a rebuild helps."""

    def __init__(self, message: str) -> None:
        super().__init__(SERVICE, message, retryable=False)


class Layout(Struct, frozen=True, kw_only=True):
    """What every vector in an index has in common."""

    dimensions: int
    model: str
    """Name of the embedding model; vectors of two models cannot be compared."""
    version: int = 1
    """Counts up when payload, words or vectors are stored differently."""

    def check(self, held: "Layout", where: str) -> None:
        """Refuses an index that was built otherwise.

        Raises:
            IndexLayoutError: `held` differs.
        """
        if held != self:
            raise IndexLayoutError(
                f"{where} was built with {held._words()}, but Assist is set to {self._words()}. "
                "Run `assist reindex` to build it again, or go back to the former embedding model."
            )

    def check_vectors(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        """Refuses vectors that do not belong to these passages or to this index.

        Raises:
            ValueError: not one vector for each passage.
            IndexLayoutError: a vector has another length.
        """
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages came with {len(vectors)} vectors.")
        self.check_lengths(vectors)

    def check_lengths(self, vectors: Sequence[Vector]) -> None:
        """Refuses vectors of another length.

        Raises:
            IndexLayoutError: a vector has another length.
        """
        odd = next((len(vector) for vector in vectors if len(vector) != self.dimensions), None)
        if odd is not None:
            raise IndexLayoutError(
                f"got a vector of {odd} dimensions where the index holds {self.dimensions}. "
                "Run `assist reindex` after changing the embedding model."
            )

    def _words(self) -> str:
        return f"{self.model!r} ({self.dimensions} dimensions, layout {self.version})"


class AnyOf(Struct, frozen=True, kw_only=True):
    """A payload field holds at least one of these values."""

    field: str
    values: tuple[str, ...]


Conditions = tuple[tuple[AnyOf, ...], ...]
"""Every group must hold; a group holds when one of its members does."""


def conditions_of(scope: Scope) -> Conditions:
    """What a passage must fulfil to be seen within `scope`.

    A language sees its own variants ("en" sees "en-GB") and what is written for all of them ("en-US" sees
    "en"), but not a sister variant ("en-US" does not see "en-GB").
    """
    groups: list[tuple[AnyOf, ...]] = []
    if scope.language:
        *wider, tag = _ranges(scope.language)
        group = [AnyOf(field=LANGUAGE_RANGES, values=(tag,))]
        if wider:
            group.append(AnyOf(field=LANGUAGE_TAG, values=tuple(wider)))
        groups.append(tuple(group))
    if scope.tags:
        groups.append((AnyOf(field=TAGS, values=scope.tags),))
    if scope.audience:
        groups.append((AnyOf(field=AUDIENCE, values=scope.audience),))
    return tuple(groups)


def to_payload(passage: Passage) -> dict[str, Any]:
    """The whole passage as JSON values, with the fields that only filters need."""
    fields: dict[str, Any] = msgspec.to_builtins(passage)
    ranges = _ranges(passage.language)
    return fields | {
        TAGS: list(passage.tags),
        LANGUAGE_RANGES: list(ranges),
        LANGUAGE_TAG: ranges[-1],
    }


def to_passage(stored: Mapping[str, Any] | None) -> Passage:
    """The passage of a payload.

    Raises:
        IndexLayoutError: the payload is none of ours.
    """
    try:
        return msgspec.convert(stored, Passage)
    except msgspec.ValidationError as error:
        raise IndexLayoutError(
            f"holds a passage that this version of Assist cannot read ({error}). Run `assist reindex`."
        ) from error


class Found(Protocol):
    """A point as either engine returns it."""

    @property
    def payload(self) -> dict[str, Any] | None:
        """What was stored."""

    @property
    def score(self) -> float:
        """The engine's own."""


def to_rankings(dense: Sequence[Sequence[Found]], bm25: Sequence[Sequence[Found]]) -> list[Ranking]:
    """One list of each kind for each probe, in the order of the probes."""
    rankings: list[Ranking] = []
    for number, (near, worded) in enumerate(zip(dense, bm25, strict=True)):
        cosines = tuple(Scored(passage=to_passage(it.payload), score=_cosine(it.score)) for it in near)
        weights = tuple(Scored(passage=to_passage(it.payload), score=it.score) for it in worded)
        rankings += [
            Ranking(by="dense", probe=number, hits=cosines),
            Ranking(by="bm25", probe=number, hits=weights),
        ]
    return rankings


def to_id(value: object) -> UUID:
    """The passage's id out of an engine's point id."""
    return value if isinstance(value, UUID) else UUID(str(value))


class Words:
    """Makes the sparse vectors of passages and questions; the engine adds the rarity of each word."""

    def __init__(self) -> None:
        """Loads stop words and stemmer; cheap."""
        self._model = Bm25(Bm25Config(avg_len=_BM25_AVERAGE_TOKENS, ascii_folding=True))

    def of_passage(self, passage: Passage) -> SparseVector:
        """Title, headings and text together: the words people ask with are often only in the title."""
        text = "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)
        return self._model.embed_document(_spelled(text))

    def of_query(self, text: str) -> SparseVector:
        """Without any index when no word is left to look for."""
        return self._model.embed_query(_spelled(text))


def _cosine(score: float) -> float:
    # Rounding lifts the score of a passage that is its own query a little over 1.
    return max(-1.0, min(1.0, score))


def _ranges(language: str) -> tuple[str, ...]:
    parts = language.casefold().replace("_", "-").split("-")
    return tuple("-".join(parts[: count + 1]) for count in range(len(parts)))


def _spelled(text: str) -> str:
    codes = " ".join("".join(parts) for parts in _CODE.findall(text))
    return f"{_UNSPACED.sub(_in_pairs, text)} {codes}"


def _in_pairs(run: re.Match[str]) -> str:
    letters = run.group()
    if len(letters) == 1:
        return f" {letters} "
    return " " + " ".join(letters[start : start + 2] for start in range(len(letters) - 1)) + " "
