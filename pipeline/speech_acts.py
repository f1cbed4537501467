"""What an utterance does: ask, report a problem, wish, inform, or keep the conversation going."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from pipeline import speech_patterns as patterns
from pipeline.sentences import spoken_sentences
from pipeline.stopwords import POINTING_WORDS, SOCIAL_WORDS
from pipeline.support_words import VAGUE_STEM_SOURCES
from pipeline.words import content, heard, plain, stem, words

_VAGUE = frozenset(stem(word) for word in VAGUE_STEM_SOURCES)
_YES = re.compile(
    r"^(?:yes|yeah|yep|yup|correct|exactly|right|that's (?:right|correct|it)|i do|i am|sure|please do|absolutely)\b"
)


_THERE_IS = re.compile(r"\b(?:(?:is|are|was|were) there|there(?:'s| is| are| was))\b")
_TIES = frozenset({"and", "but", "so", "then", "also", "or"})


class Act(Enum):
    """The strongest thing an utterance does."""

    QUESTION = "question"
    PROBLEM = "problem"
    WISH = "wish"
    STATEMENT = "statement"
    """Gives information, answers, or none of the others."""
    YES = "yes"
    SOCIAL = "social"
    """Greeting, thanks, small talk, sign of listening, good-bye."""
    RESOLVED = "resolved"


SEEKING = frozenset({Act.QUESTION, Act.PROBLEM, Act.WISH})


class Reading(Struct, frozen=True, kw_only=True):
    """How an utterance was understood."""

    act: Act
    focus: str
    """The part that does it, as said, without greeting and introduction."""
    confidence: float
    """[0, 1] that the act is right."""


class SpeechActs(Protocol):
    """Reads utterances; a trained classifier can take the place of the rules."""

    def read(self, text: str, asked: str) -> Reading:
        """`asked` is what the other speaker said just before, empty at the start of a call."""


@dataclass(frozen=True)
class RuleSpeechActs:
    """Reads by turns of phrase; works without punctuation and on any subject."""

    def read(self, text: str, asked: str) -> Reading:
        """Reads the utterance as its strongest sentence."""
        return _read(text, asked)


@lru_cache(maxsize=32768)
def _read(text: str, asked: str) -> Reading:
    parts = spoken_sentences(plain(text))
    acts = [_sentence_act(part, asked) for part in parts]
    seeking = [(act, confidence) for act, confidence in acts if act in SEEKING]
    if not seeking:
        act, confidence = _quiet_act([act for act, _ in acts])
        return Reading(act=act, focus="", confidence=confidence)
    act, confidence = max(seeking, key=lambda entry: entry[1])
    last = seeking[-1][0]
    return Reading(
        act=Act.QUESTION if last is Act.QUESTION else act,
        focus=_focus([(part, act) for part, (act, _) in zip(parts, acts, strict=True)]),
        confidence=confidence,
    )


def _quiet_act(acts: list[Act]) -> tuple[Act, float]:
    for act in (Act.RESOLVED, Act.STATEMENT, Act.YES):
        if act in acts:
            return act, 0.8
    return Act.SOCIAL, 0.95


def _focus(parts: list[tuple[str, Act]]) -> str:
    """The sentences that ask, and what was said just before when they are not understood without it."""
    kept: list[str] = []
    for place, (part, act) in enumerate(parts):
        if act not in SEEKING:
            continue
        before, act_before = parts[place - 1] if place else ("", Act.SOCIAL)
        if act_before is Act.STATEMENT and leans_back(part) and not _informs(before) and telling_words(before):
            kept.append(_without_lead(before))
        kept.append(_without_lead(part))
    return " ".join(kept)


def _sentence_act(sentence: str, asked: str) -> tuple[Act, float]:
    lowered = heard(sentence)
    core = _core(lowered)
    asks = _question_confidence(core) >= 0.9 and not patterns.SMALL_TALK.search(core)
    if not asks and all(word in SOCIAL_WORDS for word in words(core)):
        return (Act.YES, 0.9) if _YES.match(lowered) else (Act.SOCIAL, 0.97)
    if patterns.SMALL_TALK.search(core) and len(_telling(core)) < 3:
        return Act.SOCIAL, 0.9
    if patterns.RESOLVED.search(core) and not patterns.STILL_BROKEN.search(core) and not core.endswith("?"):
        return Act.RESOLVED, 0.85
    return _request_act(core, asked)


def _request_act(core: str, asked: str) -> tuple[Act, float]:
    if patterns.EMPTY_WISH.search(core):
        return Act.STATEMENT, 0.7
    question = _question_confidence(core)
    if question >= 0.8:
        return Act.QUESTION, question
    if patterns.INFORM.match(core) and not patterns.PROBLEM.search(core):
        return Act.STATEMENT, 0.85
    if patterns.PROBLEM.search(patterns.NO_PROBLEM.sub(" ", core)):
        return Act.PROBLEM, 0.85
    return _wish_act(core, asked)


def _wish_act(core: str, asked: str) -> tuple[Act, float]:
    if patterns.WISH.search(core) or patterns.IMPERATIVE.match(core):
        return Act.WISH, 0.8
    opened = asked and patterns.AGENT_OPENS.search(heard(asked)) and patterns.NOUN_START.match(core)
    if opened and len(telling_words(core)) >= 2:
        return Act.PROBLEM, 0.6
    return (Act.YES, 0.7) if _YES.match(core) and asked else (Act.STATEMENT, 0.7)


def _question_confidence(core: str) -> float:
    """0.0: not a question."""
    if patterns.TAG_ONLY.match(core):
        return 0.0
    if patterns.EMBEDDED_QUESTION.search(core):
        return 0.9
    starts = patterns.QUESTION_START.match(core) and not patterns.NOT_QUESTION_START.match(core)
    if core.endswith("?"):
        return 0.97 if starts else 0.85
    if starts:
        return 0.9
    return 0.8 if patterns.QUESTION_INSIDE.search(core) else 0.0


def _core(lowered: str) -> str:
    return patterns.LEAD_IN.sub("", lowered).strip(" ,.-")


def _without_lead(sentence: str) -> str:
    """Keeps an "and" or "so" that ties it to what was said before."""
    match = patterns.LEAD_IN.match(sentence.lower())
    if not match or len(words(sentence[match.end() :])) < 2:
        return sentence.strip(" ,-")
    bridge = patterns.BRIDGE.search(match[0])
    rest = sentence[match.end() :].strip(" ,-")
    return f"{bridge[1].capitalize()} {rest}" if bridge else rest


def _informs(sentence: str) -> bool:
    return bool(patterns.INFORM.match(_core(heard(sentence))))


def leans_back(focus: str) -> bool:
    """It may belong to what was said before: "and", or what `points_back`."""
    said = words(focus)
    return points_back(focus) or (said[0] in _TIES and len(content(focus)) <= 3)


def points_back(focus: str) -> bool:
    """It is not understood without what was said before: pronouns, ellipsis, or hardly any subject."""
    said, subject = words(_THERE_IS.sub(" ", heard(focus))), content(focus)
    if len(subject) <= 1:
        return True
    points = any(word in POINTING_WORDS for word in said)
    return (points and len(subject) <= 5) or (len(said) <= 4 and len(subject) <= 2)


def _telling(text: str) -> list[str]:
    return [word for word in content(text) if word not in SOCIAL_WORDS]


def telling_words(text: str) -> tuple[str, ...]:
    """Stems that say what it is about: no vague words such as "problem" or "doesn't work"."""
    return tuple(word for word in content(text) if word not in _VAGUE)


def confirmed(agent_text: str) -> str:
    """The sentence in which the agent sums up what the customer wants, "" when there is none."""
    for part in reversed(spoken_sentences(plain(agent_text))):
        if patterns.AGENT_CONFIRMS.match(_core(heard(part))):
            return part
    return ""


def asks_for_detail(agent_text: str) -> bool:
    """The agent asks about the problem itself, not about who the customer is."""
    lowered = heard(agent_text)
    return bool(patterns.AGENT_ASKS_DETAIL.search(lowered)) and not patterns.AGENT_ASKS_IDENTITY.search(lowered)


def asks_again(text: str) -> bool:
    """The customer asks to hear once more what has been said."""
    return bool(patterns.AGAIN.search(heard(text)))
