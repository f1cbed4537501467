"""Stage 4: exact sentences of the best passages, cited, with a calibrated confidence."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from pipeline.confidence import DEFAULT_THRESHOLD, MANUAL_THRESHOLD, features, is_manual, probability
from pipeline.excerpts import excerpt
from pipeline.lexicon import Lexicon
from pipeline.sentences import Sentence
from pipeline.speech_acts import asks_again
from pipeline.types import Answer, Citation, Draft, Evidence, Hit, Passage


@dataclass(frozen=True, kw_only=True)
class ExtractiveAnswerer:
    """Quotes; never writes a word of its own. No call to the outside."""

    threshold: float = DEFAULT_THRESHOLD
    """Least confidence of a suggestion that nobody asked for."""
    manual_threshold: float = MANUAL_THRESHOLD
    """Least confidence when the agent typed the question."""
    limit: int = 3
    """Most answers, one an article."""
    lexicon: Lexicon = field(default_factory=Lexicon)

    async def __call__(self, given: Evidence) -> Draft:
        """Passages still on the agent's screen are left out, but count for the confidence of the draft."""
        judged = sorted(self._judged(given), key=lambda pair: -pair[0])
        manual = is_manual(given.query)
        threshold = self.manual_threshold if manual else self.threshold
        hidden = set() if manual or asks_again(given.query.context.focus) else given.query.context.turn.history.shown_passages
        answers: list[Answer] = []
        articles: set[UUID] = set()
        for confidence, hit in judged:
            if confidence < threshold or len(answers) >= self.limit:
                break
            if hit.passage.id in hidden or hit.passage.article_id in articles:
                continue
            answer = self._answer(hit, confidence, given)
            if answer:
                answers.append(answer)
                articles.add(hit.passage.article_id)
        return Draft(evidence=given, answers=tuple(answers), confidence=judged[0][0] if judged else 0.0)

    def _judged(self, evidence: Evidence) -> Iterable[tuple[float, Hit]]:
        for hit in evidence.hits:
            yield probability(features(hit, evidence, self.lexicon)), hit

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


def _title(passage: Passage) -> str:
    heading = (passage.heading or "").strip()
    if not heading or heading == passage.title or passage.title.endswith(heading):
        return passage.title
    return f"{passage.title} > {heading.removeprefix(f'{passage.title} > ')}"


def _joined(quoted: tuple[Sentence, ...]) -> str:
    """List items and paragraphs on lines of their own."""
    text = quoted[0].text
    for before, sentence in zip(quoted, quoted[1:], strict=False):
        text += (" " if before.block == sentence.block else "\n") + sentence.text
    return text


def _citation(passage: Passage, sentence: Sentence) -> Citation:
    return Citation(
        passage=passage,
        quote=passage.text[sentence.start : sentence.end],
        start=passage.start + sentence.start,
        end=passage.start + sentence.end,
    )
