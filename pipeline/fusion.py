"""Weighted score fusion: nearness, words, subject and shelf of each passage found, added up.

Rank fusion was measured beside it (docs/quality.md): it forgets how far apart two passages are, and lost on every set.
"""

import math
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from pipeline.ports import Ranking, Scored
from pipeline.types import Hit, Passage
from pipeline.words import words

_SAME_TEXT = 0.9
_SALIENCE_MIN = 1e-3
"""Of what nobody has mentioned: names are misheard beyond recognition now and then."""


class Weights(Struct, frozen=True, kw_only=True):
    """What each sign of a passage counts; the sum is a log-odds among the passages found."""

    nearness: float
    projection: float
    """Share of the trained projection in the vector of the question, [0, 1]."""
    talk: float
    """What the conversation counts in what is meant, beside the question; 0.0 saves its embedding."""
    words: float
    subject: float
    shelf: float


NAMED = Weights(nearness=15.4, projection=0.6, talk=0.0, words=2.0, subject=1.07, shelf=11.8)
"""Where it is known what the talk is about. Fitted (`assist train ranking`) but for `words`, which is raised from 0.4
(the data have no error codes, and up to 3 it costs nothing), `talk`, which is lowered from 0.15 (it brings less than
half a point and costs an embedding), and `projection`, which is lowered from 1: talk that a recogniser wrote, and
knowledge bases that it was not trained on, are served better."""
PLAIN = Weights(nearness=5.05, projection=0.35, talk=1.24, words=4.0, subject=0.2, shelf=4.0)
"""Elsewhere: the words of the talk have to tell it. Fitted on MTRAG-UN but for `projection` and `shelf`, which are
lowered as far as costs it nothing: on the sample calls they do more harm than good."""


class Signs(Struct, frozen=True, kw_only=True):
    """What speaks for one passage."""

    passage: Passage
    cosine: float
    """To what is meant; the lowest known where only words matched."""
    nearness: float
    """The same times the length of what is meant, which grows with the agreement of its parts."""
    words: float
    """BM25 score as a share of the best possible one, [0, 1]."""
    subject: float
    """Natural logarithm of the salience of its subject, ≤ 0; 0 where no subjects are known."""
    shelf: float
    """How much nearer its shelf is to what the agent said than the last of the list, ≥ 0."""
    is_near: bool
    """False: only words matched."""


class Sought(Struct, frozen=True, kw_only=True):
    """What the rankings are read by."""

    length: float
    """Of the vector that is searched, before it was made a unit vector."""
    words_best: float
    """The BM25 score of a passage that has every word; > 0."""
    salience: Mapping[str, float]
    """Subject → how likely the question is about it, (0, 1]."""
    unnamed: float
    """How likely it is about articles that name no subject, [0, 1]."""
    unmentioned: float
    """How likely it is about any one subject that nobody has mentioned, [0, 1]."""
    heard: int | None
    """Probe that holds what the agent said; None without one."""


def fused(found: Sequence[Signs], weights: Weights) -> list[Hit]:
    """Best first."""
    hits = [
        Hit(
            passage=signs.passage,
            score=weights.nearness * signs.nearness
            + weights.words * signs.words
            + weights.subject * signs.subject
            + weights.shelf * signs.shelf,
            similarity=signs.cosine if signs.is_near else 0.0,
            lexical=signs.words,
        )
        for signs in found
    ]
    return sorted(hits, key=lambda hit: (-hit.score, -hit.similarity, str(hit.passage.id)))


def signs_of(rankings: Sequence[Ranking], sought: Sought) -> list[Signs]:
    """Of every passage that the question's own probes have found."""
    near = _best_scores(rankings, "dense", sought.heard)
    worded = _best_scores(rankings, "bm25", sought.heard)
    shelves = _shelves(rankings, sought.heard)
    floor = min((it.score for it in near.values()), default=0.0)
    unheard = min(shelves.values(), default=0.0)
    found: list[Signs] = []
    for key, scored in (near | worded).items():
        passage = scored.passage
        cosine = near[key].score if key in near else floor
        shelf = max((shelves.get(name, unheard) for name in _shelf_names(passage)), default=unheard)
        found.append(
            Signs(
                passage=passage,
                cosine=cosine,
                nearness=cosine * sought.length,
                words=min(max(0.0, worded[key].score) / sought.words_best, 1.0) if key in worded else 0.0,
                subject=_about(passage, sought),
                shelf=shelf - unheard,
                is_near=key in near,
            )
        )
    return found


def _about(passage: Passage, sought: Sought) -> float:
    if not sought.salience and not sought.unnamed:
        return 0.0
    of_names = (sought.salience.get(name, sought.unmentioned) for name in passage.subjects)
    return math.log(max(max(of_names, default=sought.unnamed), _SALIENCE_MIN))


def _best_scores(rankings: Sequence[Ranking], by: str, heard: int | None) -> dict[UUID, Scored]:
    best: dict[UUID, Scored] = {}
    for ranking in rankings:
        if ranking.by != by or ranking.probe == heard:
            continue
        for scored in ranking.hits:
            key = scored.passage.id
            if key not in best or scored.score > best[key].score:
                best[key] = scored
    return best


def _shelves(rankings: Sequence[Ranking], heard: int | None) -> dict[str, float]:
    """Shelf → cosine of its passage nearest to what the agent said: people read out what lies open before them."""
    nearest: dict[str, float] = {}
    for ranking in rankings:
        if ranking.by == "dense" and ranking.probe == heard:
            for scored in ranking.hits:
                for name in _shelf_names(scored.passage):
                    nearest[name] = max(nearest.get(name, scored.score), scored.score)
    return nearest


def _shelf_names(passage: Passage) -> tuple[str, ...]:
    """What stands together: the passages about one subject, or of one tag where articles have no subject."""
    return passage.subjects or passage.tags


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
    if hit.passage.subjects != other.passage.subjects:
        return False
    if hit.passage.title != other.passage.title and hit.passage.text != other.passage.text:
        return False
    union = len(said | others)
    return union > 0 and len(said & others) >= _SAME_TEXT * union
