"""Which subjects each utterance points to: by name, by place in a list ("the second one"), or by turning one down."""

import re
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from pipeline.ports import Mention, NameMatcher
from pipeline.types import Speaker
from pipeline.words import heard

WINDOW_UTTERANCES = 60
LIKELY = 0.5
"""From this score on a mention stands for itself."""
_LISTED = 0.35
_PICKED = 0.9
_ALL_PICKED = 0.75
_BEFORE_CHARS = 110
_AFTER_CHARS = 60
_LIST_HOLDS = 4
"""For so many utterances after a list "the second one" points into it."""
_ORDINALS = {"first": 0, "1st": 0, "former": 0, "second": 1, "secon": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3}
_COUNTED = r"(?:time|name|class|floor|day|night|week|month|year|of|street|avenue|thing|question|and foremost)"
_ORDINAL = re.compile(rf"\b(?:the|your|that|option) ({'|'.join(_ORDINALS)}|latter|last)\b(?! {_COUNTED}\b)")
_OPENING = r"(?:(?:um+|uh+|ok|okay|yes|yeah|maybe|let's) ){0,4}"
_BARE_ORDINAL = re.compile(rf"^\W*{_OPENING}({'|'.join(_ORDINALS)}|latter) (?:one|option|sounds)\b")
_ALL = re.compile(
    r"\b(?:both|all (?:of )?(?:them|these|those|three|four)|these (?:two|three|ones)|the two"
    r"|(?:either|any|each|which|one|none|neither) (?:one )?of (?:them|these|those|the (?:two|three))"
    r"|(?:these|those|all the|either) \w+s)\b"
)
_TURNED_DOWN = re.compile(
    r"(?:\bnot|\binstead of|\brather than|\bother than|\bbesides|\bdon't (?:want|like|need|care (?:about|for))"
    r"|\bforget(?: about)?|\bnever mind|\bexcept)"
    r"(?: (?:about|for|in|at|the|that|to|stay|go|book|a|so sure about)){0,4}\W*$"
)
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:in|near|around|from|off|within|leaving|next to|close to|nearby|towards?|heading to|across|opposite)"
    r"(?: the)?\W*|\b(?:address\w*(?: \w+){0,6}? is|located|situated)\b.{0,80})$"
)
"""What follows tells where something is."""
_PLACE_FACTOR = 0.4
_NOT_FREE_AFTER = re.compile(
    r"^\W*(?:hotel |restaurant )?(?:is|are|was|were|would)?(?: (?:currently|already|completely|fully|unfortunately))*"
    r" ?(?:unavailable|not available|booked (?:up|out)|fully booked|full\b|sold out|not work|n't available|n't work)"
)


class Said(Protocol):
    """A piece of talk: a `Segment`, or an `Utterance`."""

    @property
    def speaker(self) -> Speaker:
        """Who said it."""

    @property
    def text(self) -> str:
        """What was said."""


class Pointing(Struct, frozen=True, kw_only=True):
    """What one utterance points to."""

    speaker: Speaker
    text: str
    named: dict[str, float]
    """Name of a subject → score of its mention, (0, 1]."""
    turned_down: frozenset[str]


def pointings(talk: Sequence[Said], matcher: NameMatcher) -> tuple[Pointing, ...]:
    """One for each of the last utterances, in order."""
    found: list[Pointing] = []
    listed: tuple[str, ...] = ()
    age = 0
    for said in talk[-WINDOW_UTTERANCES:]:
        mentions = matcher.mentions(said.text)
        named, turned_down = _split(said.text, mentions)
        age += 1
        if listed and age <= _LIST_HOLDS and said.speaker is Speaker.CUSTOMER:
            picked = _picked(said.text, listed, named)
            named |= {name: max(score, named.get(name, 0.0)) for name, score in picked.items()}
        found.append(Pointing(speaker=said.speaker, text=said.text, named=named, turned_down=turned_down))
        in_list = _listed(mentions)
        if said.speaker is Speaker.AGENT and (len(in_list) > 1 or any(score >= LIKELY for score in named.values())):
            listed, age = in_list, 0
    return tuple(found)


def _split(text: str, mentions: Sequence[Mention]) -> tuple[dict[str, float], frozenset[str]]:
    """Those meant, and those turned down."""
    named: dict[str, float] = {}
    turned_down: set[str] = set()
    for mention in mentions:
        before = heard(text[max(0, mention.start - _BEFORE_CHARS) : mention.start])
        if _TURNED_DOWN.search(before) or _NOT_FREE_AFTER.search(heard(text[mention.end : mention.end + _AFTER_CHARS])):
            turned_down.add(mention.name)
        else:
            score = mention.score * (_PLACE_FACTOR if _PLACE_BEFORE.search(before) else 1.0)
            named[mention.name] = max(score, named.get(mention.name, 0.0))
    return named, frozenset(turned_down - set(named))


def _listed(mentions: Sequence[Mention]) -> tuple[str, ...]:
    """The names offered, in order of their places; of names for the same words only the best."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda it: -it.score):
        if mention.score >= _LISTED and all(mention.start >= it.end or mention.end <= it.start for it in kept):
            kept.append(mention)
    return tuple(dict.fromkeys(mention.name for mention in sorted(kept, key=lambda it: it.start)))


def _picked(text: str, listed: Sequence[str], named: dict[str, float]) -> dict[str, float]:
    if len(listed) < 2 or any(score >= LIKELY for score in named.values()):
        return {}
    said = heard(text)
    match = _ORDINAL.search(said) or _BARE_ORDINAL.search(said)
    if match:
        place = _ORDINALS.get(match[1], len(listed) - 1)
        return {listed[place]: _PICKED} if place < len(listed) else {}
    return dict.fromkeys(listed, _ALL_PICKED) if _ALL.search(said) else {}
