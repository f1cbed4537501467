"""Reciprocal rank fusion (Cormack, Clarke & Büttcher 2009): what several rankings agree on comes first."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from pipeline.ports import Ranking
from pipeline.types import Formulation, Hit, Passage
from pipeline.words import words

RANK_CONSTANT = 60
"""The paper's k: dampens the lead of the very first ranks."""
BY_WEIGHT = {"dense": 1.0, "bm25": 0.75}
VOTE_SHARE = 0.6
"""A hit with less than this share of its list's best score has no say; few passages would else all look alike."""
_SAME_TEXT = 0.9


def fused(rankings: Sequence[Ranking], formulations: Sequence[Formulation]) -> list[Hit]:
    """All passages found, best first. Rankings of unknown probes are left out."""
    scores: dict[UUID, float] = {}
    best: dict[UUID, dict[str, float]] = {}
    passages: dict[UUID, Passage] = {}
    for ranking in rankings:
        if not 0 <= ranking.probe < len(formulations):
            continue
        weight = formulations[ranking.probe].weight * BY_WEIGHT[ranking.by]
        enough = VOTE_SHARE * ranking.hits[0].score if ranking.hits else 0.0
        for rank, scored in enumerate(ranking.hits, start=1):
            key = scored.passage.id
            passages.setdefault(key, scored.passage)
            vote = weight / (RANK_CONSTANT + rank) if scored.score >= enough else 0.0
            scores[key] = scores.get(key, 0.0) + vote
            own = best.setdefault(key, {})
            own[ranking.by] = max(own.get(ranking.by, scored.score), scored.score)
    hits = [
        Hit(
            passage=passage,
            score=scores[key],
            similarity=best[key].get("dense", 0.0),
            lexical=max(0.0, best[key].get("bm25", 0.0)),
        )
        for key, passage in passages.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.score, -hit.similarity, str(hit.passage.id)))


def about(hits: Sequence[Hit], subjects: Sequence[str], factor: float) -> list[Hit]:
    """Lifts passages whose title, heading or tags name a subject; `factor` is for the first, later ones get less."""
    lifted = [
        msgspec.structs.replace(hit, score=hit.score * _lift(hit.passage, subjects, factor)) if subjects else hit
        for hit in hits
    ]
    return sorted(lifted, key=lambda hit: (-hit.score, -hit.similarity, str(hit.passage.id)))


def _lift(passage: Passage, subjects: Sequence[str], factor: float) -> float:
    labels = " ".join(words(" ".join((passage.title, passage.heading or "", *passage.tags))))
    for place, subject in enumerate(subjects):
        if f" {' '.join(words(subject))} " in f" {labels} ":
            return 1.0 + (factor - 1.0) / (1.0 + place)
    return 1.0


def best_possible(formulations: Sequence[Formulation]) -> float:
    """The score of a passage that is first in every ranking."""
    return sum(formulation.weight for formulation in formulations) * sum(BY_WEIGHT.values()) / (RANK_CONSTANT + 1)


def distinct(hits: Sequence[Hit], limit: int, per_article: int) -> tuple[Hit, ...]:
    """The best hits without near copies of better ones, and not too many of one article."""
    kept: list[tuple[Hit, frozenset[str]]] = []
    articles: dict[UUID, int] = {}
    for hit in hits:
        if len(kept) >= limit:
            break
        said = frozenset(words(hit.passage.text))
        taken = articles.get(hit.passage.article_id, 0)
        if taken >= per_article or any(_is_copy(hit, said, other, others) for other, others in kept):
            continue
        articles[hit.passage.article_id] = taken + 1
        kept.append((hit, said))
    return tuple(hit for hit, _ in kept)


def _is_copy(hit: Hit, said: frozenset[str], other: Hit, others: frozenset[str]) -> bool:
    """Same words under the same title; equal texts about different things are both kept."""
    if hit.passage.title != other.passage.title and hit.passage.text != other.passage.text:
        return False
    union = len(said | others)
    return union > 0 and len(said & others) >= _SAME_TEXT * union
