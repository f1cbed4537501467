"""Whether a sentence stands in a passage. Strict: what cannot be found word by word counts as not supported.

Three things are asked. Do its words stand together somewhere in the passage? Is every number, name and address of it
there, and the number next to the same words? Does it say yes where the passage says yes?
"""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from pipeline.claims import (
    addresses,
    codes,
    content_words,
    contradict,
    leaves_out_condition,
    names,
    negations,
    numbers,
    promises_more,
    without_opener,
)
from pipeline.languages import told_by
from pipeline.sentences import Sentence, headings, sentences
from pipeline.types import Passage
from pipeline.words import content, plain, words

CLAUSE_SHARE = 0.6
"""Of a clause's words that must stand in one place of the passage, or in its title."""
BODY_SHARE = 0.5
"""Of those that are not in the title: equal titles stand over very different texts."""
_TOLD_MIN = 2
"""Words, numbers and addresses of a claim; "I can help with that" would stand nearly everywhere."""
_WINDOW_MAX = 3
"""Sentences that count as one place."""
_STEM_CHARS = 5
_STEM_SHARE = 0.7
_BREAK = re.compile(
    r"(?P<hard>;\s+|:\s+|,?\s+\b(?:but|while|whereas|although|though|however|unless|aber|sondern|während|pero|mientras"
    r"|mais|tandis)\b\s*|\s+\bwith(?=\s+no\b)|\s+(?=without\b))|,?\s+\b(?:and|or|und|oder|y|o|e|et|ou|then)\b\s+|,\s+",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:you|we|they|it|there|he|she|i|this|these|sie|wir|es|er|ich|ellos|nosotros|nous|vous|il|ils)\b", re.IGNORECASE
)
"""Begins a clause of its own."""


class Support(Struct, frozen=True, kw_only=True):
    """Where a sentence stands."""

    places: tuple[tuple[int, int], ...]
    """Offsets in the passage's text, in order, whole sentences."""
    share: float
    """Of the claim's words found there, (0, 1]."""


class _Unit(Struct, frozen=True, kw_only=True):
    """A clause of the passage."""

    sentence: int
    text: str
    held: frozenset[str]


class _Source(Struct, frozen=True, kw_only=True):
    """A passage, taken apart."""

    language: str
    sentences: tuple[Sentence, ...]
    held: tuple[frozenset[str], ...]
    """Words by sentence."""
    units: tuple[_Unit, ...]
    labels: str
    labelled: frozenset[str]
    vocabulary: frozenset[str]


_Wanted = tuple[frozenset[str], ...]
"""The words of a claim, each as its forms in the passage."""


def support(claim: str, passage: Passage, language: str = "en") -> Support | None:
    """None: the passage does not say that."""
    claim, source = without_opener(claim), _source(passage)
    if not source.sentences or not _has_all_marks(claim, passage, source, language):
        return None
    tag = source.language
    clauses = [clause for clause in clauses_of(claim, tag) if content_words(clause, tag) or numbers(clause)]
    told = content_words(claim, tag)
    marks = len(numbers(claim)) + len(codes(claim)) + len(addresses(claim))
    if not clauses or not told or len(told) + marks < _TOLD_MIN:
        return None
    found = [_clause_places(clause, claim, source) for clause in clauses]
    kept = [places for places in found if places is not None]
    if len(kept) < len(found):
        return None
    used = sorted({number for places in kept for number in places})
    if promises_more(claim, " ".join((source.labels, *(source.sentences[number].text for number in used)))):
        return None
    wanted = _wanted(told, source)
    body = source.labelled.union(*(source.held[number] for number in used))
    return Support(places=_merged(used, source), share=_count(wanted, body) / len(wanted))


def clauses_of(sentence: str, language: str = "en") -> tuple[str, ...]:
    """Parts that can be true or false by themselves. A bare "and address" stays with what comes before, and so does
    "or a bar" behind a "not"."""
    said = plain(sentence)
    parts: list[list[str]] = []
    begin, is_hard, negated = 0, True, False
    for stop in (*_BREAK.finditer(said), None):
        part = said[begin : stop.start() if stop else len(said)].strip()
        if part and (not parts or is_hard or _stands_alone(part, language, negated=negated)):
            parts.append([part])
            negated = False
        elif part:
            parts[-1].append(part)
        negated = negated or bool(part and negations(part))
        if stop:
            begin, is_hard = stop.end(), bool(stop["hard"])
    return tuple(" ".join(part) for part in parts)


def _stands_alone(part: str, language: str, *, negated: bool) -> bool:
    """Behind something negated only what has a subject of its own does."""
    if _SUBJECT.match(part):
        return True
    if negated:
        return False
    return len(content_words(part, language)) > 1 or bool(negations(part)) or bool(numbers(part))


@lru_cache(maxsize=512)
def _source(passage: Passage) -> _Source:
    found = sentences(passage.text)
    labels = " ".join(part for part in (passage.title, passage.heading or "", headings(passage.text)) if part)
    tag = told_by((passage.text,)) or passage.language
    held = tuple(frozenset(content_words(sentence.text, tag)) for sentence in found)
    return _Source(
        language=tag,
        sentences=found,
        held=held,
        vocabulary=frozenset(content(labels, tag)).union(*held),
        units=tuple(
            _Unit(sentence=number, text=clause, held=frozenset(content_words(clause, tag)))
            for number, sentence in enumerate(found)
            for clause in clauses_of(without_opener(sentence.text), tag)
        ),
        labels=labels,
        labelled=frozenset(content(labels, tag)),
    )


def _has_all_marks(claim: str, passage: Passage, source: _Source, language: str) -> bool:
    """Every address, code and name of the claim stands somewhere in the passage."""
    text = f"{source.labels} {passage.text}"
    own_address = f" {passage.url}" if passage.url else ""
    return (
        addresses(claim) <= addresses(text + own_address)
        and codes(claim) <= codes(text)
        and {_plural_cut(name) for name in names(claim, language)} <= {_plural_cut(word) for word in words(text)}
    )


def _clause_places(clause: str, claim: str, source: _Source) -> tuple[int, ...] | None:
    """Numbers of the sentences that say it; None when none does."""
    wanted = _wanted(content_words(clause, source.language) or content_words(claim, source.language), source)
    window = _window(wanted, source)
    if not _is_covered(wanted, window, source):
        return None
    by_numbers = _number_places(clause, wanted, source)
    if by_numbers is None:
        return None
    nearest = _nearest(wanted, source.units)
    if any(contradict(clause, unit.text) or leaves_out_condition(clause, unit.text) for unit in nearest):
        return None
    return tuple(sorted({*window, *by_numbers}))


def _is_covered(wanted: _Wanted, window: Sequence[int], source: _Source) -> bool:
    body = frozenset().union(*(source.held[number] for number in window))
    own = tuple(forms for forms in wanted if not forms & source.labelled)
    if own and _count(own, body) < BODY_SHARE * len(own):
        return False
    return _count(wanted, body | source.labelled) >= CLAUSE_SHARE * len(wanted)


def _number_places(clause: str, wanted: _Wanted, source: _Source) -> set[int] | None:
    """Where its numbers stand, each beside the claim's other words rather than beside different ones."""
    places: set[int] = set()
    for number in numbers(clause):
        if number.stands_in(numbers(source.labels)):
            continue
        rivals = [unit for unit in source.units if numbers(unit.text)]
        right = [unit for unit in _nearest(wanted, rivals) if number.stands_in(numbers(unit.text))]
        if not right:
            return None
        places.add(right[0].sentence)
    return places


def _nearest(wanted: _Wanted, units: Iterable[_Unit]) -> list[_Unit]:
    """The clauses that share most words; all of them where that is equal."""
    scored = [(_count(wanted, unit.held), unit) for unit in units]
    best = max((score for score, _ in scored), default=0)
    return [unit for score, unit in scored if score == best]


def _window(wanted: _Wanted, source: _Source) -> tuple[int, ...]:
    """The fewest neighbouring sentences that hold most of the words."""
    by_sentence = [frozenset(place for place, forms in enumerate(wanted) if forms & held) for held in source.held]
    best: tuple[float, tuple[int, ...]] = (-1.0, ())
    for size in range(1, min(_WINDOW_MAX, len(by_sentence)) + 1):
        for start in range(len(by_sentence) - size + 1):
            run = range(start, start + size)
            score = len(frozenset().union(*(by_sentence[number] for number in run))) - 0.5 * (size - 1)
            if score > best[0]:
                best = (score, tuple(run))
    return best[1]


def _wanted(claimed: Sequence[str], source: _Source) -> _Wanted:
    """For each word the forms in which the passage has it; empty where it has none."""
    return tuple(frozenset(form for form in source.vocabulary if _is_same(word, form)) for word in claimed)


def _count(wanted: _Wanted, held: frozenset[str]) -> int:
    return sum(bool(forms & held) for forms in wanted)


def _is_same(word: str, form: str) -> bool:
    """Equal, or the same long beginning: "cancel" and "cancellation"."""
    if word == form:
        return True
    if len(word) < _STEM_CHARS or not form.startswith(word[:_STEM_CHARS]):
        return False
    needed = math.ceil(_STEM_SHARE * min(len(word), len(form)))
    return form.startswith(word[:needed])


def _plural_cut(word: str) -> str:
    return word.removesuffix("'s").removesuffix("s")


def _merged(used: Sequence[int], source: _Source) -> tuple[tuple[int, int], ...]:
    """Neighbours of one paragraph become one quote."""
    places: list[tuple[int, int]] = []
    before: int | None = None
    for number in used:
        sentence = source.sentences[number]
        if before is not None and number == before + 1 and sentence.block == source.sentences[before].block:
            places[-1] = (places[-1][0], sentence.end)
        else:
            places.append((sentence.start, sentence.end))
        before = number
    return tuple(places)
