"""Finds the names of a knowledge base in what people say: in part, misheard, cut apart, or as an acronym."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from integrations.name_index import (
    EMPTY_WORDS,
    JOINED_MAX,
    LIKE_MIN,
    Name,
    NameIndex,
    Posting,
    Token,
    index_of,
    likeness,
    tokens_of,
)
from pipeline.ports import Mention

_TEXT_WORDS_MAX = 400
_CACHE_TEXTS = 4096
_MENTIONS_MAX = 12
_SCORE_MIN = 0.05
_LIKE_BESIDE = 0.65
"""Least likeness beside words of the same name that were understood."""
_ORDINARY_COST = 0.12
"""Taken from the likeness of a word that people say without meaning a name."""
_INFLECTED = 0.95
"""Likeness of a plural, a possessive or a singular."""
_INFLECTED_CHARS = 3
_FUZZY_CHARS = 4
_EMPTY_COST = 0.03
_GAP_BITS = 2.0
_EVIDENCE_MIDDLE_BITS = 6.0
_EVIDENCE_SLOPE = 1.6
_COVERAGE_MIDDLE = 0.42
_COVERAGE_SLOPE = 0.11
_SPLIT_BITS = 2.0
"""Most that a name can tell beyond the words that were said for it."""
_WHOLE_BITS = 1.5
_ELSEWHERE = 0.5
_CASE_BITS = 2.5
_LOWER_BITS = 1.5
_ADDRESS_BITS = 4.0
_WHOLE = 0.93
"""Share of a name from which it counts as said completely."""
_ACRONYM_SCORE = 0.7
_BESIDE_WHOLE = 0.4
"""What is left of a partial name where the same words are a whole one."""
_NUMBER_MISSED = 0.4
"""What is left of a name whose number was not said."""


@dataclass(frozen=True, eq=False)
class _Found:
    """A name laid over the words of a text."""

    name: int
    words: Mapping[int, float]
    """Word of the name → likeness of what was said."""
    tokens: frozenset[int]
    evidence: float
    score: float
    whole: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class LearnedNameMatcher:
    """Immutable but for two bounded caches; make a new one with `name_matcher` when the knowledge base has changed."""

    index: NameIndex

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The names meant, best first; never raises."""
        return self._read(text)

    @cached_property
    def _read(self) -> Callable[[str], tuple[Mention, ...]]:
        return lru_cache(maxsize=_CACHE_TEXTS)(partial(_mentions, self.index))


def name_matcher(
    names: Iterable[tuple[str, str]], texts: Iterable[str] = (), ranks: Mapping[str, int] | None = None
) -> LearnedNameMatcher:
    """Learns (name, kind) pairs. Takes about a second for ten thousand texts: run it beside the event loop.

    `texts` of the knowledge base tell which words of names are also ordinary words there; `ranks` are the
    frequency ranks of ordinary words of the language, 1 the most frequent.
    """
    return LearnedNameMatcher(index=index_of(names, texts, ranks))


def _mentions(index: NameIndex, text: str) -> tuple[Mention, ...]:
    tokens = tokens_of(text)[:_TEXT_WORDS_MAX]
    if not tokens or not index.names:
        return ()
    spoken = _Spoken(
        index=index,
        tokens=tokens,
        cased=any(token.cased for token in tokens),
        said=frozenset(token.text for token in tokens),
    )
    best: dict[tuple[int, int], _Found] = {}
    for first, end, posting, alike in spoken.anchors():
        found = spoken.laid(posting, first, end, alike)
        key = (posting.name, min(found.tokens) // 4 if found.tokens else 0)
        if found.score >= _SCORE_MIN and (key not in best or best[key].score < found.score):
            best[key] = found
    mentions = [
        Mention(
            name=index.names[found.name].name,
            kind=index.names[found.name].kind,
            start=tokens[min(found.tokens)].start,
            end=tokens[max(found.tokens)].end,
            score=score,
        )
        for found, score in _settled(list(best.values()))
    ]
    mentions.extend(spoken.acronyms())
    return tuple(sorted(mentions, key=lambda mention: (-mention.score, mention.start, mention.name))[:_MENTIONS_MAX])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Spoken:
    """One text against the names."""

    index: NameIndex
    tokens: Sequence[Token]
    cased: bool
    """Capital letters mean something in this text."""
    said: frozenset[str]

    def anchors(self) -> Iterator[tuple[int, int, Posting, float]]:
        """Stretches of the text that look like a telling part of a name."""
        count = len(self.tokens)
        for first in range(count):
            form = ""
            for end in range(first + 1, min(first + JOINED_MAX, count) + 1):
                form += self.tokens[end - 1].text
                yield from self._anchors_at(form, first, end)

    def _anchors_at(self, form: str, first: int, end: int) -> Iterator[tuple[int, int, Posting, float]]:
        for other, alike in self._forms_like(form, first, end):
            for posting in self.index.postings.get(other, ()):
                yield first, end, posting, alike

    def _forms_like(self, form: str, first: int, end: int) -> Iterator[tuple[str, float]]:
        """Forms of names that may have been said, with their likeness."""
        single = end - first == 1
        yield form, 1.0
        if single and len(form) > _INFLECTED_CHARS:
            yield (form[:-1] if form.endswith("s") else form + "s"), _INFLECTED
        known = single and (form in EMPTY_WORDS or self.index.is_word(form))
        if len(form) < _FUZZY_CHARS or not form.isalpha() or known:
            return
        cost = self._fuzzy_cost(first, end)
        for other, alike in self.index.similar(form):
            if alike - cost >= LIKE_MIN:
                yield other, alike - cost

    def _fuzzy_cost(self, first: int, end: int) -> float:
        said = [self.tokens[place].text for place in range(first, end)]
        ordinary = sum(self.index.is_ordinary(word) for word in said) / len(said)
        return _ORDINARY_COST * ordinary + _EMPTY_COST * sum(word in EMPTY_WORDS for word in said)

    def laid(self, posting: Posting, first: int, end: int, alike: float) -> _Found:
        """The name with as many of its words as can be found around the anchor."""
        name = self.index.names[posting.name]
        words = dict.fromkeys(range(posting.first, posting.end), alike)
        tokens = set(range(first, end))
        gaps = self._extend(name, range(posting.first - 1, -1, -1), first - 1, -1, words, tokens)
        gaps += self._extend(name, range(posting.end, len(name.words)), end, 1, words, tokens)
        covered = self._covered(name, words)
        evidence = self._evidence(name, words, tokens) - _GAP_BITS * gaps
        score = _logistic((covered - _COVERAGE_MIDDLE) / _COVERAGE_SLOPE) * _logistic(
            (evidence - _EVIDENCE_MIDDLE_BITS) / _EVIDENCE_SLOPE
        )
        if any(word.isdecimal() and place not in words for place, word in enumerate(name.words)):
            score *= _NUMBER_MISSED
        whole = covered > _WHOLE
        if not whole:
            score /= math.sqrt(self._sharers(name, words))
        return _Found(posting.name, words, frozenset(tokens), evidence, score, whole)

    def _extend(
        self, name: Name, rest: Iterable[int], place: int, step: int, words: dict[int, float], tokens: set[int]
    ) -> int:
        """Adds words of the name that follow in one direction; says how many tokens were skipped between."""
        gaps = 0
        for word in rest:
            for skipped in (0, 1):
                at = place + step * skipped
                if not 0 <= at < len(self.tokens):
                    break
                alike, used = self._beside(name.words[word], at, step)
                if alike >= _LIKE_BESIDE and not (skipped and alike < 0.9):
                    words[word] = alike
                    tokens.update(range(min(at, at + step * (used - 1)), max(at, at + step * (used - 1)) + 1))
                    place = at + step * used
                    gaps += skipped
                    break
        return gaps

    def _beside(self, word: str, at: int, step: int) -> tuple[float, int]:
        """How much one or two tokens are like a word of the name, and how many they are."""
        said = self.tokens[at].text
        alike = likeness(said, word)
        if word in EMPTY_WORDS:
            return (alike if alike == 1.0 else 0.0), 1
        if alike < 0.95 and self.index.is_ordinary(said):
            alike = 0.0 if said in EMPTY_WORDS else alike - _ORDINARY_COST
        if alike < 0.9 and 0 <= at + step < len(self.tokens):
            other = self.tokens[at + step].text
            joined = likeness(said + other if step > 0 else other + said, word)
            if joined > max(alike, 0.8):
                return joined, 2
        return alike, 1

    def _covered(self, name: Name, words: Mapping[int, float]) -> float:
        """Share of the name that was said; words of it that stand elsewhere in the text count for a part."""
        said = sum(name.weights[word] * like for word, like in words.items())
        if len(words) < len(name.words):
            elsewhere = (word for word in range(len(name.words)) if word not in words)
            said += _ELSEWHERE * sum(name.weights[word] for word in elsewhere if name.words[word] in self.said)
        return said / name.total

    def _sharers(self, name: Name, words: Iterable[int]) -> int:
        """How many names have the rarest of the words."""
        telling = [name.words[word] for word in words if name.words[word] not in EMPTY_WORDS]
        return max(1, min((self.index.names_with(word) for word in telling), default=1))

    def _evidence(self, name: Name, words: Mapping[int, float], tokens: set[int]) -> float:
        """Bits against chance: rare words, said clearly, in a row, written like a name."""
        bits = sum(self.index.bits(name.words[word]) * max(0.0, 2.0 * like - 1.0) for word, like in words.items())
        bits = min(
            bits, sum(self.index.bits(self.tokens[place].text) for place in tokens) + _SPLIT_BITS * (len(tokens) - 1)
        )
        bits += _WHOLE_BITS * (len(words) == len(name.words) and len(tokens) > 1)
        bits -= _ADDRESS_BITS * self._is_address(min(tokens))
        if not self.cased:
            return bits
        telling = [place for place in tokens if self.tokens[place].text not in EMPTY_WORDS]
        written = sum(self.tokens[place].cased for place in telling if place > 0 or len(telling) > 1)
        if written:
            return bits + _CASE_BITS * written / len(telling) - _CASE_BITS * self._goes_on(max(tokens) + 1)
        return bits if 0 in tokens else bits - _LOWER_BITS

    def _is_address(self, place: int) -> bool:
        """A house number stands before it."""
        before = self.tokens[max(0, place - 2) : place]
        if not before or not before[-1].text.isdecimal():
            return False
        return len(before[-1].text) > 1 or (len(before) > 1 and before[0].text.isdecimal())

    def _goes_on(self, place: int) -> bool:
        """The next word is written like a part of the same, longer, name."""
        if place >= len(self.tokens):
            return False
        following = self.tokens[place]
        return following.cased and following.start == self.tokens[place - 1].end + 1

    def acronyms(self) -> Iterator[Mention]:
        """ "ABGH", or its letters one by one."""
        for first, token in enumerate(self.tokens):
            letters, end = token.text, first + 1
            if len(letters) == 1:
                while end < len(self.tokens) and len(self.tokens[end].text) == 1:
                    letters += self.tokens[end].text
                    end += 1
            if letters in self.index.acronyms and not (end == first + 1 and self.index.is_ordinary(letters)):
                numbers = self.index.acronyms[letters]
                for number in numbers[:4]:
                    name = self.index.names[number]
                    score = _ACRONYM_SCORE / math.sqrt(len(numbers))
                    yield Mention(
                        name=name.name, kind=name.kind, start=token.start, end=self.tokens[end - 1].end, score=score
                    )


def _settled(found: Sequence[_Found]) -> Iterator[tuple[_Found, float]]:
    """Without names whose words belong to a better one; names that share the same words share the score."""
    ordered = sorted(found, key=lambda it: (-it.score, -it.evidence))
    kept: list[_Found] = []
    for one in ordered:
        if not any(
            one.tokens < other.tokens or (one.tokens <= other.tokens and one.score < 0.5 * other.score)
            for other in kept
        ):
            kept.append(one)
    kept = [one for one in kept if not any(one.tokens < other.tokens and one.score <= other.score for other in kept)]
    for one in kept:
        beside = not one.whole and any(other.whole and other.tokens == one.tokens for other in kept)
        yield one, one.score * _BESIDE_WHOLE if beside else one.score


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))
