"""How likely a passage answers a query: a logistic model over a few features."""

import math
from collections.abc import Sequence

from msgspec import Struct

from pipeline.fusion import best_possible
from pipeline.lexicon import Lexicon
from pipeline.sentences import headings
from pipeline.types import Evidence, Hit, Query, QueryKind
from pipeline.words import content, words

DEFAULT_THRESHOLD = 0.5
MANUAL_THRESHOLD = 0.25


class Features(Struct, frozen=True, kw_only=True):
    """What the model looks at; each in about [-1, 1]."""

    similarity: float
    """Cosine of the best formulation."""
    gap: float
    """How much closer it is than the next article; negative when another is closer."""
    prominence: float
    """How much closer it is than the usual hit of this query."""
    coverage: float
    """Share of the query's words, by weight, that stand in the passage or above it."""
    rarest_missing: float
    """Weight of the rarest word of the query that stands nowhere, as a share of the rarest of all."""
    title_match: float
    """Share of the query's words, by weight, that stand in the title or heading."""
    title_coverage: float
    """Share of the title's and heading's words that the query says."""
    agreement: float
    """Fused rank score as a share of the best possible one."""
    lead: float
    """How much the fused score is ahead of the next article's, as a share; negative when behind."""
    code_missing: float
    """1.0 when the query names an error code that the passage does not."""


_AGREEMENT_MAX = 1.5
_INTERCEPT = -5.0
_COEFFICIENTS = Features(
    similarity=6.0, gap=2.0, prominence=0.0, coverage=2.0, rarest_missing=0.0, title_match=0.0, title_coverage=0.5,
    agreement=1.0, lead=0.0, code_missing=-2.0,
)


def features(hit: Hit, evidence: Evidence, lexicon: Lexicon) -> Features:
    """Of one hit among all."""
    passage = hit.passage
    asked = asked_words(evidence.query)
    title = set(content(f"{passage.title} {passage.heading or ''} {headings(passage.text)}"))
    held = title | set(content(passage.text))
    rivals = [other for other in evidence.hits if other.passage.article_id != passage.article_id]
    usual = sum(other.similarity for other in evidence.hits) / len(evidence.hits)
    ahead = hit.score - max((other.score for other in rivals), default=0.0)
    return Features(
        similarity=hit.similarity,
        gap=hit.similarity - max((other.similarity for other in rivals), default=0.0),
        prominence=hit.similarity - usual,
        coverage=_share(asked, held, lexicon),
        rarest_missing=_rarest_missing(asked, held, lexicon),
        title_match=_share(asked, title, lexicon),
        title_coverage=_share(tuple(title), set(asked), lexicon),
        agreement=min(hit.score / max(best_possible(evidence.query.formulations), 1e-9), _AGREEMENT_MAX),
        lead=ahead / max(hit.score, 1e-9),
        code_missing=float(_lacks_code(hit, evidence.query)),
    )


def _rarest_missing(asked: Sequence[str], held: set[str], lexicon: Lexicon) -> float:
    rarest = max((lexicon.weight(word) for word in asked), default=0.0)
    missing = max((lexicon.weight(word) for word in asked if word not in held), default=0.0)
    return missing / rarest if rarest else 0.0


def probability(given: Features) -> float:
    """[0, 1] that the passage answers the query."""
    score = _INTERCEPT + sum(
        getattr(_COEFFICIENTS, name) * getattr(given, name) for name in Features.__struct_fields__
    )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


def is_manual(query: Query) -> bool:
    """The agent typed it."""
    return any(formulation.kind is QueryKind.MANUAL for formulation in query.formulations)


def asked_words(query: Query) -> tuple[str, ...]:
    """Stems that the query is about, topic and details included."""
    return content(query.text)


def _share(wanted: Sequence[str], held: set[str], lexicon: Lexicon) -> float:
    total = sum(lexicon.weight(word) for word in wanted)
    return sum(lexicon.weight(word) for word in wanted if word in held) / total if total else 0.0


def _lacks_code(hit: Hit, query: Query) -> bool:
    codes = [entity.value for entity in query.context.entities if entity.type == "error_code"]
    said = " ".join((query.text, query.context.focus)).lower()
    asked = [code for code in codes if code.lower() in said] or codes[:1]
    if not asked:
        return False
    held = " ".join(words(f"{hit.passage.title} {hit.passage.heading or ''} {hit.passage.text}"))
    return not any(f" {' '.join(words(code))} " in f" {held} " for code in asked)
