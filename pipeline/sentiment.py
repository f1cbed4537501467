"""How a customer sounds, by the words they use: for a glance at many calls at once, not for a judgement of one.

What this is not: it hears no voice, knows no irony, and does not know what the words are about. Words that only say
what is wrong ("error", "broken", "does not work") count for nothing, since that is why people call. It reads English,
German, Spanish and French; in any other language everything is neutral.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources

from msgspec import Struct

from pipeline.languages import ENGLISH, folded, primary, told_by
from pipeline.words import plain

LATEST = 8
"""So many of the customer's latest utterances count."""
_HALF_AFTER = 2.0
"""Utterances after which one counts half."""
_QUIET_WEIGHT = 0.3
"""What an utterance without any feeling counts against one with: moods fade, but not at once."""
_LABEL_FROM = 0.2
_CALM = 1.5
"""Sum of valences at which an utterance is at 0.7 of the scale; its end is never reached."""
_REACH = 3
"""Words between a negation, or what makes stronger or weaker, and the word that it belongs to."""
_VALENCES = {
    "negative": -1.0,
    "strong_negative": -2.0,
    "positive": 1.0,
    "strong_positive": 2.0,
    "polite": 0.4,
    "idle": 0.0,
}
_NOT_GOOD, _NOT_BAD = -0.8, -0.3
"""By what a negation multiplies what is good and what is bad: "not good" is bad, "not bad" hardly good."""
_STRONGER, _WEAKER = 1.5, 0.6
_BEFORE_TURNING = 0.4
"""What was said before a "but" counts so much."""
_CLAUSE = re.compile(r"[.,;:!?…]+(?:\s|$)|\s[–—-]\s")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


class Sentiment(Struct, frozen=True, kw_only=True):
    """How somebody sounds."""

    label: str
    """negative, neutral or positive."""
    score: float
    """[-1, 1]: from very negative to very positive."""


NEUTRAL = Sentiment(label="neutral", score=0.0)


class Feelings(Struct, frozen=True, kw_only=True):
    """What is known of one language. All words are folded."""

    valences: Mapping[tuple[str, ...], float]
    longest: int
    """Words of the longest phrase."""
    negation: frozenset[str]
    negation_after: frozenset[str]
    """Negate also what stands before them ("gefällt mir nicht")."""
    intensifier: frozenset[str]
    softener: frozenset[str]
    turning: frozenset[str]


def sentiment_of(said: Sequence[str], tag: str | None = None) -> Sentiment:
    """How the speaker of these utterances, oldest first, sounds now: later ones count more.

    `tag` is their language (BCP 47); None: it is told by the words, and taken for English when they don't tell it.
    """
    latest = [text for text in said if text.strip()][-LATEST:]
    code = primary(tag) or told_by(latest) or ENGLISH
    if code not in _FEELINGS:
        return NEUTRAL
    total = weights = 0.0
    for age, text in enumerate(reversed(latest)):
        felt = utterance_score(text, code)
        weight = 0.5 ** (age / _HALF_AFTER) * (1.0 if felt is not None else _QUIET_WEIGHT)
        total += weight * (felt or 0.0)
        weights += weight
    score = round(total / weights, 3) if weights else 0.0
    return Sentiment(label=_label(score), score=score)


@lru_cache(maxsize=16384)
def utterance_score(text: str, code: str) -> float | None:
    """(-1, 1); None: nothing in it says how the speaker feels."""
    feelings = _FEELINGS[code]
    found: list[float] = []
    for clause in _CLAUSE.split(folded(plain(text))):
        words = _WORD.findall(clause)
        turned = next((place for place, word in enumerate(words) if word in feelings.turning), None)
        if turned is not None:
            found = [value * _BEFORE_TURNING for value in found]
        felt = _felt(words, feelings)
        found += [value * (_BEFORE_TURNING if turned and place < turned else 1.0) for place, value in felt]
    if not found:
        return None
    total = sum(found)
    return float(total / (total * total + _CALM * _CALM) ** 0.5)


def _label(score: float) -> str:
    if score <= -_LABEL_FROM:
        return "negative"
    return "positive" if score >= _LABEL_FROM else "neutral"


def _felt(words: Sequence[str], feelings: Feelings) -> Iterator[tuple[int, float]]:
    """(place, valence) of each word or phrase of feeling in a clause, as it stands there."""
    place = 0
    while place < len(words):
        length, valence = _at(words, place, feelings)
        if valence:
            yield place, _in_place(words, (place, place + length), valence, feelings)
        place += length


def _at(words: Sequence[str], place: int, feelings: Feelings) -> tuple[int, float]:
    """Words taken, and their valence; the longest phrase wins."""
    for length in range(min(feelings.longest, len(words) - place), 0, -1):
        valence = feelings.valences.get(tuple(words[place : place + length]))
        if valence is not None:
            return length, valence
    return 1, 0.0


def _in_place(words: Sequence[str], span: tuple[int, int], valence: float, feelings: Feelings) -> float:
    before, after = words[max(0, span[0] - _REACH) : span[0]], words[span[1] : span[1] + _REACH]
    strength = 1.0
    if feelings.intensifier.intersection(before):
        strength *= _STRONGER
    if feelings.softener.intersection(before):
        strength *= _WEAKER
    negated = bool(feelings.negation.intersection(before)) or bool(feelings.negation_after.intersection(after))
    if negated:
        valence *= _NOT_GOOD if valence > 0.0 else _NOT_BAD
    return valence * strength


def _loaded(data: Mapping[str, Sequence[str]]) -> Feelings:
    valences = {
        tuple(_WORD.findall(folded(phrase))): valence for kind, valence in _VALENCES.items() for phrase in data[kind]
    }
    listed = {kind: frozenset(map(folded, data.get(kind, ()))) for kind in _KINDS}
    return Feelings(valences=valences, longest=max(map(len, valences)), **listed)


_KINDS = ("negation", "negation_after", "intensifier", "softener", "turning")
_SOURCE = resources.files("pipeline").joinpath("phrases", "sentiment.toml").read_text(encoding="utf-8")
_FEELINGS = {code: _loaded(data) for code, data in tomllib.loads(_SOURCE).items()}
