"""How a passage lies in Qdrant: names, vectors, payload and filters, the same for both engines."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from pipeline.errors import UpstreamError
from pipeline.ports import Probe, Ranking, Scored, Vector
from pipeline.types import Passage, Scope

SERVICE = "qdrant"
COLLECTION = "assist_passages"
DENSE = "dense"
BM25 = "bm25"

LANGUAGE_TAG = "language_tag"
LANGUAGE_RANGES = "language_ranges"
TAGS = "tags"
AUDIENCE = "audience"
SUBJECTS = "subjects"
VALID_FROM = "valid_from_us"
VALID_UNTIL = "valid_until_us"
"""Microseconds since 1970, only in the payload of a passage that has such a date."""
KEYWORD_FIELDS = (LANGUAGE_TAG, LANGUAGE_RANGES, TAGS, AUDIENCE, SUBJECTS)
INTEGER_FIELDS = (VALID_FROM, VALID_UNTIL)
"""Payload fields that get an index of their kind: a filtered search without one reads every payload from disk."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IndexLayoutError(UpstreamError):
    """What the index holds was made with other settings; only a rebuild helps."""

    def __init__(self, message: str) -> None:
        super().__init__(SERVICE, message, retryable=False)


class Layout(Struct, frozen=True, kw_only=True):
    """What every vector in an index has in common."""

    dimensions: int
    model: str
    """Name of the embedding model; vectors of two models cannot be compared."""
    version: int = 2
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


class Barred(Struct, frozen=True, kw_only=True):
    """A payload field lies on the wrong side of a limit; a passage without the field passes."""

    field: str
    above: int | None = None
    """Barred are greater values."""
    up_to: int | None = None
    """Barred are this one and smaller ones."""


class Conditions(Struct, frozen=True, kw_only=True):
    """What a passage must fulfil to be found."""

    groups: tuple[tuple[AnyOf, ...], ...] = ()
    """Every group must hold; a group holds when one of its members does."""
    barred: tuple[Barred, ...] = ()
    """None may hold."""

    def __bool__(self) -> bool:
        """Whether there is anything to fulfil."""
        return bool(self.groups or self.barred)


def conditions_of(scope: Scope, probe: Probe) -> Conditions:
    """What a passage must fulfil to be found by `probe` within `scope`.

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
    named = ((TAGS, scope.tags), (AUDIENCE, scope.audience), (SUBJECTS, probe.subjects))
    groups += [(AnyOf(field=field, values=values),) for field, values in named if values]
    return Conditions(groups=tuple(groups), barred=_out_of_date(scope.at))


def _out_of_date(at: datetime | None) -> tuple[Barred, ...]:
    # As what must not be, because few passages have dates: asking that all others have none costs half as much again.
    if at is None:
        return ()
    moment = _microseconds(at)
    return Barred(field=VALID_FROM, above=moment), Barred(field=VALID_UNTIL, up_to=moment)


def to_payload(passage: Passage) -> dict[str, Any]:
    """The whole passage as JSON values, with the fields that only filters need."""
    fields: dict[str, Any] = msgspec.to_builtins(passage)
    ranges = _ranges(passage.language)
    dates = ((VALID_FROM, passage.valid_from), (VALID_UNTIL, passage.valid_until))
    return fields | {
        **{field: _microseconds(date) for field, date in dates if date is not None},
        TAGS: list(passage.tags),
        SUBJECTS: list(passage.subjects),
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


def _cosine(score: float) -> float:
    # Rounding lifts the score of a passage that is its own query a little over 1.
    return max(-1.0, min(1.0, score))


def _ranges(language: str) -> tuple[str, ...]:
    parts = language.casefold().replace("_", "-").split("-")
    return tuple("-".join(parts[: count + 1]) for count in range(len(parts)))


def _microseconds(at: datetime) -> int:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
