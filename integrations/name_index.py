"""Names taken apart for matching: what each word tells, and the forms under which a recogniser writes it."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import pairwise

from jellyfish import metaphone
from msgspec import Struct
from rapidfuzz.distance import Indel

from pipeline.stopwords import FILLERS, STOPWORDS
from pipeline.words import stem

NAME_WORDS_MAX = 10
NAMES_MAX = 50_000
JOINED_MAX = 3
"""Most words that the recogniser may have cut one name word into, and the other way round."""
_JOINED_CHARS = 24
_GENERIC_MIN = 8
_GENERIC_SHARE = 0.02
"""A word in more names than this tells nothing by itself: "hotel", "plan"."""
_UNKNOWN_BITS = 10.0
_STOP_BITS = 0.5
_LEAST_WEIGHT = 0.25
_SHARED_BITS = 2.0
"""A word in a quarter of the names tells nothing about which is meant."""
_HEAD_FACTOR = 1.5
"""People shorten a name to its beginning."""
_TAIL_FACTOR = 0.5
_TAIL = re.compile(r"(?: [-–—] |, | ?[(/])")
_LETTER_BITS = 2.0
_DIGIT_BITS = 1.5
_FREQUENT_RANK = 60.0
_RANK_OFFSET = 1995
"""Ranks below about this make little difference."""
_POSTINGS_MAX = 96
"""A form in more names starts no search."""
_FORMS_A_SOUND_MAX = 24
_SIMILAR_MAX = 6
_LENGTHS_APART = 4
_CACHE_FORMS = 16384
LIKE_MIN = 0.74
"""Least likeness at which a misheard word starts a search."""
_NEIGHBOUR_CHARS = 3
EMPTY_WORDS = STOPWORDS | FILLERS
"""Words that are no evidence for a name."""
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_APOSTROPHE = "'’‘ʼ`´"
_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = {
    word: str(20 + 10 * place)
    for place, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_NUMBERS = {word: str(value) for value, word in enumerate(_ONES + _TEENS)}


class Token(Struct, frozen=True, gc=False):
    """A word of a text as it is compared: lower case, without accents and apostrophes, numbers as digits."""

    text: str
    start: int
    end: int
    """Characters of the original text."""
    cased: bool
    """Written with a capital letter."""


class Name(Struct, frozen=True, gc=False):
    """A name taken apart."""

    name: str
    kind: str
    words: tuple[str, ...]
    weights: tuple[float, ...]
    """Bits by which each word tells this name from the others, > 0."""
    total: float


class Posting(Struct, frozen=True, gc=False):
    """Words `first` to `end` of a name, written as one."""

    name: int
    first: int
    end: int


@dataclass(frozen=True, eq=False, kw_only=True)
class NameIndex:
    """Where each form stands. Immutable."""

    names: tuple[Name, ...]
    postings: Mapping[str, tuple[Posting, ...]]
    """Form → places; words in too many names stand only inside joined forms."""
    by_sound: Mapping[str, tuple[str, ...]]
    """Sound, whole or with one letter left out → forms."""
    acronyms: Mapping[str, tuple[int, ...]]
    speech_bits: Mapping[str, float]
    """Words of names → how surprising they are in ordinary talk."""
    in_names: Mapping[str, int]
    """Word → number of names with it."""
    ranks: Mapping[str, int]
    frequent: frozenset[str]
    """Words that are common in the texts of the knowledge base."""

    @cached_property
    def similar(self) -> Callable[[str], tuple[tuple[str, float], ...]]:
        """Forms of names that sound like what was said, closest first, with their likeness; not the form itself."""
        return lru_cache(maxsize=_CACHE_FORMS)(partial(_similar, self))

    def bits(self, word: str) -> float:
        """How surprising a word is in ordinary talk, > 0."""
        known = self.speech_bits.get(word)
        return known if known is not None else _rank_bits(word, self.ranks)

    def is_word(self, said: str) -> bool:
        """A word of some name, or its plural or singular."""
        return said in self.speech_bits or said + "s" in self.speech_bits or said.removesuffix("s") in self.speech_bits

    def names_with(self, word: str) -> int:
        """How many names have the word."""
        return self.in_names.get(word, 0)

    def is_ordinary(self, word: str) -> bool:
        """A word that people say without meaning a name."""
        return word in EMPTY_WORDS or word in self.frequent or word in self.ranks


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words of a text in order."""
    found: list[Token] = []
    plain = _folded(text)
    for match in _TOKEN.finditer(plain):
        start, end = match.span()
        word = match[0].lower()
        if found and start - 1 == found[-1].end and plain[start - 1] == "'" and found[-1].text.isalpha():
            found[-1] = Token(found[-1].text + word, found[-1].start, end, found[-1].cased)
        else:
            found.append(Token(word, start, end, match[0][:1].isupper()))
    return tuple(_with_digits(found))


def _folded(text: str) -> str:
    """Of the same length: accents taken off, one kind of apostrophe."""
    if text.isascii():
        return text.replace("`", "'")
    return "".join("'" if char in _APOSTROPHE else (unicodedata.normalize("NFKD", char)[:1] or char) for char in text)


def _with_digits(found: Sequence[Token]) -> Iterable[Token]:
    """ "thirty nine" → "39"."""
    place = 0
    while place < len(found):
        token = found[place]
        following = found[place + 1].text if place + 1 < len(found) else ""
        if token.text in _TENS and following in _NUMBERS and 0 < int(_NUMBERS[following]) < 10:
            digits = str(int(_TENS[token.text]) + int(_NUMBERS[following]))
            yield Token(digits, token.start, found[place + 1].end, token.cased)
            place += 2
            continue
        digits = _NUMBERS.get(token.text) or _TENS.get(token.text) or token.text
        yield token if digits == token.text else Token(digits, token.start, token.end, token.cased)
        place += 1


@lru_cache(maxsize=65536)
def sound_of(form: str) -> str:
    """How it sounds, roughly; vowels at the beginning are one."""
    code = str(metaphone(form)).replace(" ", "") if form.isascii() else form
    return "A" + code[1:] if code[:1] in "AEIOU" and code else code or form


@lru_cache(maxsize=65536)
def likeness(said: str, form: str) -> float:
    """[0, 1] by letters and by sound."""
    if said == form:
        return 1.0
    if not (said.isalpha() and form.isalpha()):
        return 0.0
    letters = Indel.normalized_similarity(said, form)
    one, other = sound_of(said), sound_of(form)
    sound = 1.0 if one == other else Indel.normalized_similarity(one, other)
    alike = 0.5 * letters + 0.5 * sound
    return max(alike, 0.95) if stem(said) == stem(form) else alike


def sounds_near(form: str) -> Iterable[str]:
    """The sound, and the sound with one letter left out."""
    code = sound_of(form)
    yield code
    if len(code) >= _NEIGHBOUR_CHARS:
        for place in range(len(code)):
            yield f"{code[:place]}{code[place + 1 :]}~"


def _similar(index: NameIndex, said: str) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    for key in sounds_near(said):
        for form in index.by_sound.get(key, ()):
            if form != said and form not in found and abs(len(form) - len(said)) <= _LENGTHS_APART:
                found[form] = likeness(said, form)
    close = [(form, alike) for form, alike in found.items() if alike >= LIKE_MIN]
    return tuple(sorted(close, key=lambda it: (-it[1], it[0]))[:_SIMILAR_MAX])


def _rank_bits(word: str, ranks: Mapping[str, int]) -> float:
    if word in EMPTY_WORDS:
        return _STOP_BITS
    if word.isdecimal():
        return min(len(word) * _DIGIT_BITS, _UNKNOWN_BITS)
    if len(word) == 1:
        return _LETTER_BITS
    rank = ranks.get(word)
    if rank is None:
        return _UNKNOWN_BITS if ranks or len(word) > 3 else _UNKNOWN_BITS / 2
    return min(_UNKNOWN_BITS - 1.0, max(1.0, math.log2((rank + _RANK_OFFSET) / _FREQUENT_RANK)))


def index_of(
    names: Iterable[tuple[str, str]], texts: Iterable[str] = (), ranks: Mapping[str, int] | None = None
) -> NameIndex:
    """Takes (name, kind) pairs apart; `texts` and `ranks` tell which words are ordinary."""
    known = dict(ranks or {})
    taken = _taken_apart(names)
    in_names = Counter(word for _, _, words in taken for word in set(words))
    shares = _shares(texts, in_names, taken)
    speech = {word: _speech_bits(word, known, shares.get(word, 0.0)) for word in in_names}
    parts = tuple(_weighed(name, kind, words, in_names, speech, len(taken)) for name, kind, words in taken)
    generic_from = max(_GENERIC_MIN, len(taken) * _GENERIC_SHARE)
    generic = {word for word, count in in_names.items() if count > generic_from}
    postings = _postings(parts, generic)
    return NameIndex(
        names=parts,
        postings=postings,
        by_sound=_by_sound(postings, parts),
        acronyms=_acronyms(parts),
        speech_bits=speech,
        in_names=in_names,
        ranks=known,
        frequent=frozenset(word for word, share in shares.items() if share > 0.005),
    )


def _taken_apart(names: Iterable[tuple[str, str]]) -> list[tuple[str, str, tuple[str, ...]]]:
    """The first spelling of a name wins."""
    kept: dict[tuple[str, ...], tuple[str, str]] = {}
    for name, kind in names:
        words = tuple(token.text for token in tokens_of(name))[:NAME_WORDS_MAX]
        if any(word not in STOPWORDS for word in words) or len("".join(words)) > 5:
            kept.setdefault(words, (name, kind))
        if len(kept) >= NAMES_MAX:
            break
    return [(name, kind, words) for words, (name, kind) in kept.items()]


def _shares(
    texts: Iterable[str], in_names: Counter[str], taken: Sequence[tuple[str, str, tuple[str, ...]]]
) -> dict[str, float]:
    """Word of a name → share of the texts that use it without its neighbours in any name."""
    neighbours: set[tuple[str, str]] = {pair for _, _, words in taken for pair in pairwise(words)}
    alone = {words[0] for _, _, words in taken if len(words) == 1}
    counts: Counter[str] = Counter()
    documents = 0
    for text in texts:
        documents += 1
        words = [token.text for token in tokens_of(text)]
        named = {word for pair in pairwise(words) if pair in neighbours for word in pair}
        counts.update({word for word in words if word in in_names and word not in named and word not in alone})
    return {word: count / documents for word, count in counts.items()}


def _speech_bits(word: str, ranks: Mapping[str, int], share: float) -> float:
    bits = _rank_bits(word, ranks)
    return max(_STOP_BITS, min(bits, -math.log2(share))) if share > 0 else bits


def _weighed(
    name: str,
    kind: str,
    words: tuple[str, ...],
    in_names: Counter[str],
    speech: Mapping[str, float],
    count: int,
) -> Name:
    weights = [_weight(word, in_names[word], speech[word], count) for word in words]
    head = next((place for place, word in enumerate(words) if word not in EMPTY_WORDS), 0)
    weights[head] *= _HEAD_FACTOR
    for place in range(max(1, _words_before_tail(name)), len(words)):
        weights[place] *= _TAIL_FACTOR
    return Name(name, kind, words, tuple(weights), sum(weights))


def _weight(word: str, names_with_it: int, bits: float, count: int) -> float:
    if word in EMPTY_WORDS:
        return _LEAST_WEIGHT
    rare = max(0.0, math.log2((count + 8) / (names_with_it + 1)) - _SHARED_BITS)
    return _LEAST_WEIGHT + rare * (0.5 + bits / (2 * _UNKNOWN_BITS)) * (0.4 if len(word) == 1 else 1.0)


def _words_before_tail(name: str) -> int:
    """What follows a dash, a comma or a bracket is often left out."""
    match = _TAIL.search(name)
    return len(tokens_of(name[: match.start()])) if match else NAME_WORDS_MAX


def _postings(names: Sequence[Name], generic: set[str]) -> dict[str, tuple[Posting, ...]]:
    found: dict[str, list[Posting]] = {}
    for number, name in enumerate(names):
        for first in range(len(name.words)):
            for end in range(first + 1, min(first + JOINED_MAX, len(name.words)) + 1):
                part = name.words[first:end]
                form = "".join(part)
                blank = all(word in EMPTY_WORDS or word in generic for word in part) and end - first < len(name.words)
                if blank or len(form) > _JOINED_CHARS or len(form) < 2 - (len(name.words) == 1):
                    continue
                found.setdefault(form, []).append(Posting(number, first, end))
    return {form: tuple(places) for form, places in found.items() if len(places) <= _POSTINGS_MAX}


def _by_sound(postings: Mapping[str, tuple[Posting, ...]], names: Sequence[Name]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for form, places in postings.items():
        if not form.isalpha() or len(form) < 3 or all(_has_letter(names[place.name], place) for place in places):
            continue
        whole = any(
            place.end - place.first == 1 or place.end - place.first == len(names[place.name].words) for place in places
        )
        for key in sounds_near(form) if whole else (sound_of(form),):
            found.setdefault(key, []).append(form)
    return {key: tuple(forms[:_FORMS_A_SOUND_MAX]) for key, forms in found.items()}


def _has_letter(name: Name, place: Posting) -> bool:
    """A single letter is lost in the sound of its neighbours."""
    return any(len(word) == 1 for word in name.words[place.first : place.end])


def _acronyms(names: Sequence[Name]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for number, name in enumerate(names):
        every = "".join(word[0] for word in name.words)
        telling = "".join(word[0] for word in name.words if word not in STOPWORDS)
        for letters in {every, telling}:
            if len(letters) >= 3 and letters.isalpha():
                found.setdefault(letters, set()).add(number)
    return {letters: tuple(sorted(numbers)) for letters, numbers in found.items()}
