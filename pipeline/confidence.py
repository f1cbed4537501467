"""How likely a passage answers a query: a logistic model over a few features."""

import math
import re
from collections.abc import Sequence

from msgspec import Struct

from pipeline.entities import is_said
from pipeline.lexicon import Lexicon
from pipeline.sentences import headings
from pipeline.spoken_numbers import with_digits
from pipeline.types import Context, Evidence, Hit, Passage, Query, QueryKind
from pipeline.words import content, words

DEFAULT_THRESHOLD = 0.5
"""From here on a suggestion is shown unasked."""
VAGUE_THRESHOLD = 0.85
"""The same while a detail is missing: the agent should rather ask for it."""
MANUAL_THRESHOLD = 0.2
"""The same when the agent typed the question."""


_NAME = re.compile(r"\b(?:[A-Za-z]{1,20}[A-Z0-9][A-Za-z0-9]{0,20})\b")


class Features(Struct, frozen=True, kw_only=True):
    """What the model looks at; each in about [-1, 1.5]."""

    similarity: float
    """Cosine to what is meant."""
    gap: float
    """How much closer it is, by cosine, than the next article; negative when another is closer."""
    lead: float
    """How far its score is from the best of the other articles."""
    prominence: float
    """How much closer it is, by cosine, than the usual hit of other articles."""
    coverage: float
    """Share of the query's words, by weight, that stand in the passage or above it."""
    lexical: float
    """The same as the index counts them, in the passage itself."""
    about: float
    """Salience of its subject; 1.0 where the knowledge base has no subjects."""
    named: float
    """1.0 when it is known what the talk is about."""
    code_missing: float
    """1.0 when the query names an error code that the passage does not."""
    unknown: float
    """1.0 when the question has a name or code ("IPv6") that no passage of the knowledge base has."""


_INTERCEPT = -6.05
_COEFFICIENTS = Features(
    similarity=2.58,
    gap=0.72,
    lead=2.95,
    prominence=3.26,
    coverage=1.59,
    lexical=-1.79,
    about=3.89,
    named=1.79,
    code_missing=-3.0,
    unknown=-1.0,
)
"""Fitted (logistic regression on first hits, found with projections that had not seen the call) on the development
halves of DSTC9, DSTC10, DSTC11 and MTRAG-UN; `code_missing` and `unknown` set by hand."""
_LEAD_SCALE = 5.0
_BACKGROUND = 0.3
"""Cosine to be expected of what is merely from the same trade; matters where few articles exist."""


def features(hit: Hit, evidence: Evidence, lexicon: Lexicon) -> Features:
    """Of one hit among all."""
    passage, query = hit.passage, evidence.query
    rivals = [other for other in evidence.hits if other.passage.article_id != passage.article_id]
    closeness = [other.similarity for other in rivals]
    usual = sum(closeness) / len(closeness) if closeness else 0.0
    held = set(content(f"{passage.title} {passage.heading or ''} {headings(passage.text)} {passage.text}"))
    focus = content(query.context.focus)
    lead = hit.score - max((other.score for other in rivals), default=hit.score)
    return Features(
        similarity=hit.similarity,
        gap=hit.similarity - max(closeness) if closeness else 0.0,
        lead=max(-1.0, min(1.0, lead / _LEAD_SCALE)),
        prominence=hit.similarity - max(usual, _BACKGROUND),
        coverage=max(_share(asked_words(query), held, lexicon), _share(focus, held, lexicon)),
        lexical=hit.lexical,
        about=_salience(passage, query.context),
        named=float(_is_named(query.context)),
        code_missing=float(_lacks_code(hit, query)),
        unknown=float(any(lexicon.is_unknown(word) for word in _names(query.context.focus))),
    )


def _is_named(context: Context) -> bool:
    return context.guided


def _salience(passage: Passage, context: Context) -> float:
    if not _is_named(context):
        return 1.0
    known = {subject.name: subject.salience for subject in context.subjects}
    return max((known.get(name, context.unmentioned) for name in passage.subjects), default=context.unnamed)


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
