"""How likely a passage answers a query: a logistic model over a few features."""

import math
import re
from collections.abc import Sequence

from msgspec import Struct

from pipeline.entities import is_said
from pipeline.fusion import best_possible
from pipeline.lexicon import Lexicon
from pipeline.sentences import headings
from pipeline.spoken_numbers import with_digits
from pipeline.types import Evidence, Hit, Query, QueryKind
from pipeline.words import content, words

DEFAULT_THRESHOLD = 0.45
"""From here on a suggestion is shown unasked."""
VAGUE_THRESHOLD = 0.85
"""The same while a detail is missing: the agent should rather ask for it."""
MANUAL_THRESHOLD = 0.2
"""The same when the agent typed the question."""


_NAME = re.compile(r"\b(?:[A-Za-z]{1,20}[A-Z0-9][A-Za-z0-9]{0,20})\b")


class Features(Struct, frozen=True, kw_only=True):
    """What the model looks at; each in about [-1, 1.5]."""

    similarity: float
    """Cosine of the best formulation."""
    gap: float
    """How much closer it is, by cosine, than the next article; negative when another is closer."""
    prominence: float
    """How much closer it is, by cosine, than the usual hit of other articles."""
    coverage: float
    """Share of the query's words, by weight, that stand in the passage or above it."""
    agreement: float
    """Fused rank score as a share of the best possible one."""
    code_missing: float
    """1.0 when the query names an error code that the passage does not."""
    unknown: float
    """1.0 when the question has a name or code ("IPv6") that no passage of the knowledge base has."""


_INTERCEPT = -3.5
_COEFFICIENTS = Features(
    similarity=0.5, gap=1.7, prominence=9.65, coverage=1.75, agreement=1.35, code_missing=-3.0, unknown=-1.0
)
"""Fitted (logistic regression, then Platt scaling of the first hits; a fifth of the questions without an answer)
on the development halves of DSTC9, DSTC11 and MTRAG-UN and on the sample calls, the last two counting most;
`code_missing` and `unknown` set by hand."""
_AGREEMENT_MAX = 1.5
_BACKGROUND = 0.3
"""Cosine to be expected of what is merely from the same trade; matters where few articles exist."""


def features(hit: Hit, evidence: Evidence, lexicon: Lexicon) -> Features:
    """Of one hit among all."""
    passage, query = hit.passage, evidence.query
    rivals = [other.similarity for other in evidence.hits if other.passage.article_id != passage.article_id]
    usual = sum(rivals) / len(rivals) if rivals else 0.0
    held = set(content(f"{passage.title} {passage.heading or ''} {headings(passage.text)} {passage.text}"))
    best = best_possible(query.formulations)
    focus = content(query.context.focus)
    return Features(
        similarity=hit.similarity,
        gap=hit.similarity - max(rivals, default=0.0) if rivals else 0.0,
        prominence=hit.similarity - max(usual, _BACKGROUND),
        coverage=max(_share(asked_words(query), held, lexicon), _share(focus, held, lexicon)),
        agreement=min(hit.score / best, _AGREEMENT_MAX) if best else 0.0,
        code_missing=float(_lacks_code(hit, query)),
        unknown=float(any(lexicon.is_unknown(word) for word in _names(query.context.focus))),
    )


def probability(given: Features) -> float:
    """[0, 1] that the passage answers the query."""
    score = _INTERCEPT + sum(getattr(_COEFFICIENTS, name) * getattr(given, name) for name in Features.__struct_fields__)
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


def _names(text: str) -> tuple[str, ...]:
    """Stems of words written like names or codes."""
    return content(" ".join(_NAME.findall(text)))


def _lacks_code(hit: Hit, query: Query) -> bool:
    said = with_digits(query.text).lower()
    asked = [entity.value for entity in query.context.entities if entity.type == "error_code" and is_said(entity, said)]
    held = f" {' '.join(words(f'{hit.passage.title} {hit.passage.heading or str()} {hit.passage.text}'))} "
    return bool(asked) and not any(f" {' '.join(words(code))} " in held for code in asked)
