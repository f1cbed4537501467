"""Which sentences of a passage answer a query."""

from pipeline.confidence import asked_words
from pipeline.expected_answers import gives_what_is_asked
from pipeline.lexicon import Lexicon
from pipeline.sentences import Sentence, sentences
from pipeline.types import Passage, Query
from pipeline.words import content, words

_SENTENCES_MAX = 3
_WORDS_MAX = 70
_FIRST_WORDS_MAX = 25
_ITEMS_MAX = 6
_WANTED_KIND = 0.4
"""What it counts that a sentence has a duration where one was asked for; half of all words asked for count 0.5."""


def excerpt(passage: Passage, query: Query, lexicon: Lexicon) -> tuple[Sentence, ...]:
    """The best run of sentences, in order; it starts with the answer. Empty when the passage has no sentence."""
    found = sentences(passage.text)
    if not found:
        return ()
    asked = asked_words(query)
    title = set(content(f"{passage.title} {passage.heading or ''}"))
    scores = [_score(sentence, place, asked, title, lexicon) for place, sentence in enumerate(found)]
    wanted = [gives_what_is_asked(query.context.focus, sentence.text) is True for sentence in found]
    scores = [score + _WANTED_KIND * fits for score, fits in zip(scores, wanted, strict=True)]
    start = max(range(len(found)), key=lambda place: scores[place])
    start = _list_opening(found, start)
    end = start + 1
    while end < len(found) and _belongs(found, scores, start, end):
        end += 1
    return found[start:end]


def _score(sentence: Sentence, place: int, asked: tuple[str, ...], title: set[str], lexicon: Lexicon) -> float:
    """Weight of the query's words in the sentence; those in the title tell the article, not the sentence."""
    held = set(content(sentence.text))
    matched = sum(lexicon.weight(word) * (0.4 if word in title else 1.0) for word in asked if word in held)
    total = sum(lexicon.weight(word) for word in asked) or 1.0
    length = len(words(sentence.text))
    score = matched / total + 0.25 / (1.0 + place)
    if length < 4 or sentence.text.endswith("?"):
        score -= 0.15
    return score - 0.004 * max(0, length - _FIRST_WORDS_MAX)


def _list_opening(found: tuple[Sentence, ...], start: int) -> int:
    """A step is not an answer without the first one: goes back to the sentence that opens the list, if it is near."""
    place = start
    while (
        place > 0
        and start - place < _ITEMS_MAX
        and found[place].block != found[place - 1].block
        and found[place].is_item
    ):
        place -= 1
    opens = place < start and not found[place].is_item and found[place].text.endswith(":")
    return place if opens else start


def _belongs(found: tuple[Sentence, ...], scores: list[float], start: int, end: int) -> bool:
    taken = sum(len(words(sentence.text)) for sentence in found[start : end + 1])
    is_list = found[end].is_item and (found[start].is_item or found[start].text.endswith(":"))
    if taken > _WORDS_MAX or end - start >= (_ITEMS_MAX if is_list else _SENTENCES_MAX):
        return False
    same_block = found[end].block == found[end - 1].block
    return is_list or (same_block and (end - start < 2 or scores[end] >= 0.5 * scores[start]))
