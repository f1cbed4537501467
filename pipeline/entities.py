"""Entities: the things named in an utterance, in spoken or written form."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline import entity_patterns as patterns
from pipeline.lexicon import Lexicon, names_of
from pipeline.ports import Mention, NameMatcher
from pipeline.spoken_numbers import with_digits
from pipeline.support_words import GENERIC_PRODUCTS
from pipeline.types import Entity, Segment, Speaker
from pipeline.words import plain, words

_GENERIC = names_of(sorted(GENERIC_PRODUCTS))
_HINT = re.compile(r"\d|@|\bdot\b|\berr(?:or)?_|\b(?:" + "|".join(patterns.DAY_WORDS) + r")", re.IGNORECASE)
_SURE = 0.6
"""Score from which a mention counts as a thing named."""
_NOT_THE_THING = {
    "phone": frozenset({"number", "call", "calls", "line", "support", "conversation"}),
    "watch": frozenset({"a", "the", "it", "tv", "movies", "out", "this", "that"}),
    "extension": frozenset({"of", "to", "on"}),
    "site": frozenset({"visit"}),
    "program": frozenset({"fee"}),
    "credit card": frozenset({"number"}),
    "battery": frozenset(),
}
_ON_THE = frozenset({"on the phone", "over the phone", "by phone", "via phone", "a phone call", "to watch", "we watch"})


@dataclass(frozen=True, eq=False, kw_only=True)
class EntityFinder:
    """Finds entities; what the other speaker has just asked for decides what a bare number is."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    matcher: NameMatcher | None = None
    """Knows the names of the knowledge base's subjects; None: it has none, and the lexicon's names are looked for."""

    def in_text(self, text: str, asked: str = "") -> tuple[Entity, ...]:
        """Entities of one utterance in the order of their types; `asked` is the question it may answer."""
        return (*_patterned(text, _wanted(asked)), *self.products(text))

    def products(self, text: str) -> tuple[Entity, ...]:
        """Names from the knowledge base first, then kinds of things; no repeats."""
        if self.matcher is None:
            return _products(self.lexicon, text)
        return _with_subjects(text, self.matcher.mentions(text))

    def in_call(self, transcript: Iterable[Segment]) -> tuple[Entity, ...]:
        """Entities of a whole call, most recently mentioned first, without repeats."""
        found: list[tuple[Entity, ...]] = []
        asked = ""
        for segment in transcript:
            found.append(self.in_text(segment.text, asked if segment.speaker is Speaker.CUSTOMER else ""))
            if segment.speaker is Speaker.AGENT:
                asked = segment.text
            elif _has_words(segment.text):
                asked = ""
        seen: dict[tuple[str, str], Entity] = {}
        for entities in reversed(found):
            for entity in entities:
                seen.setdefault((entity.type, entity.value.lower()), entity)
        return tuple(seen.values())


def is_said(entity: Entity, text: str) -> bool:
    """The text names it; `text` is lower case with digits for numbers."""
    value = entity.value.lower()
    return value in text or re.sub(r"[ -]", "", value) in re.sub(r"[ -]", "", text)


@lru_cache(maxsize=32768)
def _has_words(text: str) -> bool:
    return len(words(text)) > 1 or any(char.isdigit() for char in text)


@lru_cache(maxsize=8192)
def _wanted(asked: str) -> str | None:
    """The entity type that a bare number would answer."""
    for entity_type, pattern in patterns.ASKED_FOR:
        if pattern.search(asked):
            return entity_type
    return None


@lru_cache(maxsize=32768)
def _products(lexicon: Lexicon, text: str) -> tuple[Entity, ...]:
    text_words = words(text)
    named = lexicon.products.spans(text_words)
    taken = {place for start, end, _ in named for place in range(start, end)}
    generic = [span for span in _GENERIC.spans(text_words) if span[0] not in taken and _is_thing(text_words, span)]
    values = dict.fromkeys(name for _, _, name in (*named, *generic))
    return tuple(Entity(type="product", value=value) for value in values)


def _with_subjects(text: str, mentions: Sequence[Mention]) -> tuple[Entity, ...]:
    """Subjects that are surely meant in the order of their places, then kinds of things that are no part of a name."""
    sure = sorted((it for it in mentions if it.score >= _SURE), key=lambda it: it.start)
    named = {word for it in sure for word in (*words(it.name), *words(text[it.start : it.end]))}
    text_words = words(text)
    generic = [
        span[2]
        for span in _GENERIC.spans(text_words)
        if not named & set(words(span[2])) and _is_thing(text_words, span)
    ]
    return tuple(Entity(type="product", value=value) for value in dict.fromkeys((*(it.name for it in sure), *generic)))


def _is_thing(text_words: tuple[str, ...], span: tuple[int, int, str]) -> bool:
    """False for "on the phone" and "phone number"."""
    start, end, name = span
    following = text_words[end] if end < len(text_words) else ""
    before = " ".join(text_words[max(0, start - 2) : end])
    return following not in _NOT_THE_THING.get(name, ()) and not before.endswith(tuple(_ON_THE))


@lru_cache(maxsize=32768)
def _patterned(text: str, wanted: str | None) -> tuple[Entity, ...]:
    """What can be told by its form. A stretch of text belongs to one entity only."""
    digits = with_digits(plain(text))
    if not _HINT.search(digits):
        return ()
    rest = digits
    found: list[Entity] = []
    for entity_type, pattern, value_of in patterns.IN_ORDER:
        rest, values = _claimed(rest, pattern, value_of)
        if entity_type:
            found.extend(Entity(type=entity_type, value=value) for value in values)
    if wanted and not any(entity.type == wanted for entity in found):
        found.extend(Entity(type=wanted, value=value) for value in patterns.bare_values(rest, wanted))
    return tuple(dict.fromkeys(found))


def _claimed(
    text: str, pattern: re.Pattern[str], value_of: Callable[[re.Match[str]], str | None]
) -> tuple[str, list[str]]:
    """The text with the matches blanked out, and their values; a value of None leaves the match as it was."""
    values: list[str] = []

    def claim(match: re.Match[str]) -> str:
        value = value_of(match)
        if value is None:
            return match[0]
        values.append(value)
        return " \x00 "

    return pattern.sub(claim, text), values
