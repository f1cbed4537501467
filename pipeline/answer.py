"""Stage 4: exact sentences of the best passages, cited, with a calibrated confidence."""

from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from pipeline.confidence import (
    DEFAULT_THRESHOLD,
    MANUAL_THRESHOLD,
    VAGUE_THRESHOLD,
    features,
    is_manual,
    probability,
)
from pipeline.excerpts import excerpt
from pipeline.lexicon import Lexicon
from pipeline.sentences import Sentence
from pipeline.speech_acts import asks_again
from pipeline.types import Answer, Citation, Draft, Evidence, Hit, Passage, Query


@dataclass(frozen=True, kw_only=True)
class ExtractiveAnswerer:
    """Quotes; never writes a word of its own. No call to the outside."""

    threshold: float = DEFAULT_THRESHOLD
    """Least confidence of a suggestion that nobody asked for."""
    vague_threshold: float = VAGUE_THRESHOLD
    """Least confidence while a detail is missing."""
    manual_threshold: float = MANUAL_THRESHOLD
    """Least confidence when the agent typed the question."""
    limit: int = 3
    """Most answers, one an article."""
    lexicon: Lexicon = field(default_factory=Lexicon)

    async def __call__(self, given: Evidence) -> Draft:
        """What is still on the agent's screen is left out, but counts for the confidence of the draft.

        When the best passage is on the screen, only other passages of its article can add to it. An article that the
        call was given before comes again only as the first answer, never beside another one.
        """
        threshold, hidden, given_before = self._threshold(given.query), _hidden(given.query), _given(given.query)
        only = given.hits[0].passage.article_id if given.hits and given.hits[0].passage.id in hidden else None
        judged = [(hit, probability(features(hit, given, self.lexicon))) for hit in given.hits]
        answers: dict[UUID, Answer] = {}
        for hit, confidence in judged:
            shown = hit.passage.id in hidden or only not in (None, hit.passage.article_id)
            repeated = bool(answers) and hit.passage.article_id in given_before
            if shown or repeated or confidence < threshold or len(answers) >= self.limit:
                continue
            answer = self._answer(hit, confidence, given)
            if answer:
                answers.setdefault(hit.passage.article_id, answer)
        best = max((confidence for _, confidence in judged), default=0.0)
        return Draft(evidence=given, answers=tuple(answers.values()), confidence=best)

    def answered(self, hit: Hit, confidence: float, evidence: Evidence) -> Answer | None:
        """The answer that one passage gives; None: it is too unsure, or on the agent's screen."""
        query = evidence.query
        if confidence < self._threshold(query) or hit.passage.id in _hidden(query):
            return None
        return self._answer(hit, confidence, evidence)

    def _threshold(self, query: Query) -> float:
        if is_manual(query):
            return self.manual_threshold
        return self.threshold if query.context.sufficient else self.vague_threshold

    def _answer(self, hit: Hit, confidence: float, evidence: Evidence) -> Answer | None:
        quoted = excerpt(hit.passage, evidence.query, self.lexicon)
        if not quoted:
            return None
        return Answer(
            title=_title(hit.passage),
            text=_joined(quoted),
            citations=tuple(_citation(hit.passage, sentence) for sentence in quoted),
            confidence=confidence,
        )


def _hidden(query: Query) -> frozenset[UUID]:
    """What need not be shown once more."""
    asked_for = is_manual(query) or asks_again(query.context.focus)
    return frozenset() if asked_for else query.context.turn.history.shown_passages


def _given(query: Query) -> frozenset[UUID]:
    asked_for = is_manual(query) or asks_again(query.context.focus)
    return frozenset() if asked_for else query.context.turn.history.given_articles


def _title(passage: Passage) -> str:
    heading = (passage.heading or "").strip()
    if not heading or heading == passage.title or passage.title.endswith(heading):
        return passage.title
    return f"{passage.title} > {heading.removeprefix(f'{passage.title} > ')}"


def _joined(quoted: tuple[Sentence, ...]) -> str:
    """List items and paragraphs on lines of their own."""
    text = quoted[0].text
    for before, sentence in pairwise(quoted):
        text += (" " if before.block == sentence.block else "\n") + sentence.text
    return text


def _citation(passage: Passage, sentence: Sentence) -> Citation:
    return Citation(
        passage=passage,
        quote=passage.text[sentence.start : sentence.end],
        start=passage.start + sentence.start,
        end=passage.start + sentence.end,
    )
