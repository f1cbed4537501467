"""A model's text on its way to be spoken: whole sentences, and whether each may be said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from assist.receptionist.memory import CallMemory, Fact
from assist.receptionist.phrases import Phrases, phrases
from pipeline.claims import without_opener
from pipeline.languages import folded
from pipeline.sentences import readable, spoken_sentences
from pipeline.support import support
from pipeline.words import content, words

_MARKERS = re.compile(r"\s*(?:\[[\d\s,;]{1,12}\]|【[^】\n]{0,24}】)")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+")
_END = re.compile(r"[.!?…][\"')*_”’]{0,4}(?:\s*(?:\[[\d\s,;]{1,12}\]|【[^】\n]{0,24}】))*\s|\n")
_SENTENCE_CHARS = 600
"""A longer one is no sentence to be spoken."""


class SentenceStream:
    """Cuts a text that is being written into its sentences."""

    def __init__(self) -> None:
        self._buffer = ""

    def feed(self, piece: str) -> list[str]:
        """Sentences that are complete now."""
        self._buffer += piece
        found, searched = [], 0
        while stop := _END.search(self._buffer, searched):
            head = self._buffer[: stop.end()]
            if stop[0] != "\n" and len(spoken_sentences(f"{head} Next")) == 1:
                searched = stop.end()  # behind "e.g."
                continue
            found.append(head)
            self._buffer, searched = self._buffer[stop.end() :], 0
        return _speakable(found)

    def rest(self) -> list[str]:
        """The last one, when the text has ended."""
        found, self._buffer = [self._buffer], ""
        return _speakable(found)


class Allowed(Struct, frozen=True, kw_only=True):
    """A sentence that may be said."""

    text: str
    facts: tuple[Fact, ...] = ()
    """In which it stands; empty: it claims nothing."""
    asks_back: bool = False
    """It asks for a detail of what the caller wants."""


@dataclass(frozen=True, kw_only=True)
class SpokenCheck:
    """What a model may say in a call."""

    memory: CallMemory
    house_words: frozenset[str]
    """Folded words of the company's name."""

    def allows(self, sentence: str) -> Allowed | None:
        """None: it claims something that nobody has found, or promises what was not done."""
        spoken, text = phrases(self.memory.language), without_opener(sentence)
        if not text or (text != sentence and set(words(folded(text))) <= spoken.social):
            return None  # a bare yes or no, perhaps a polite one
        if self._is_courtesy(text, spoken):
            return Allowed(text=text)
        if self._is_question_to_caller(text, spoken):
            return Allowed(text=text, asks_back=True)
        facts = self._facts_for(text)
        return Allowed(text=text, facts=facts) if facts else None

    def _facts_for(self, text: str) -> tuple[Fact, ...]:
        language = self.memory.language
        return tuple(fact for fact in self.memory.facts.values() if support(text, fact.passage, language))[:2]

    def _is_courtesy(self, text: str, spoken: Phrases) -> bool:
        said = folded(_without(text, self._own_number()))
        if any(char.isdigit() for char in said):
            return False
        told = set(words(said)) - self._names()
        if told <= spoken.social:
            return True
        is_about = bool(told & spoken.about) or bool(spoken.honest.search(said))
        is_closed = told <= spoken.about | spoken.beside | spoken.social
        return is_about and is_closed and self._is_true(text, said, spoken)

    def _is_true(self, text: str, said: str, spoken: Phrases) -> bool:
        """Nobody is said to be asked who is not; offers are no promises."""
        if text.rstrip().endswith("?"):
            return True
        if spoken.transfers.search(said):
            return False  # it is said where it is done
        return not spoken.promises.search(said) or bool(self.memory.waiting())

    def _is_question_to_caller(self, text: str, spoken: Phrases) -> bool:
        """Asks for a detail, in words that were used in this call already."""
        said = folded(text)
        if not text.rstrip().endswith("?") or not spoken.asking.search(said) or any(c.isdigit() for c in said):
            return False
        known = " ".join((*self.memory.caller_said(), *self._known_texts()))
        language = self.memory.language
        return {*content(text, language)} <= {*content(known, language)} | spoken.about | spoken.beside | _DETAILS

    def _known_texts(self) -> Sequence[str]:
        return [f"{fact.passage.title} {fact.passage.text}" for fact in self.memory.facts.values()]

    def _names(self) -> frozenset[str]:
        return self.house_words | frozenset(words(folded(self.memory.name or "")))

    def _own_number(self) -> str:
        return "".join(char for char in self.memory.number or "" if char.isdigit())


_DETAILS = frozenset(content("model version device product order plan account kind type exactly problem error message"))


def _without(text: str, digits: str) -> str:
    """The text without this number, however its digits are set apart."""
    if not digits:
        return text
    return re.sub(r"\+?\s*" + r"[\s,.()/-]*".join(digits) + r"(?!\d)", " ", text)


def _speakable(found: Sequence[str]) -> list[str]:
    """As they are read aloud: no markup, no markers."""
    plain = (readable(_LIST_MARK.sub("", _MARKERS.sub("", one))).strip() for one in found)
    return [one for one in plain if 0 < len(one) <= _SENTENCE_CHARS and any(char.isalnum() for char in one)]
