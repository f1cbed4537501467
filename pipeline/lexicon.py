"""What the knowledge base teaches about words: the names of products, and how rare each word is."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.stopwords import STOPWORDS
from pipeline.words import content, words

_NAME_WORDS_MAX = 8
_OFTEN_SHARE = 0.02
_OFTEN_MIN = 5
"""A word in more texts than this (or the share of all) tells one subject from another no longer."""
_CODE = re.compile(r"[A-Za-z]{0,3}-?\d+$")
_TOKEN = re.compile(r"[^\s,;:()\[\]|/]+")
_PROPER = re.compile(r"[^a-z]*[a-z]+[A-Z]|[A-Za-z]+-?\d")


@dataclass(frozen=True, eq=False, kw_only=True)
class Names:
    """Finds names in text by whole words, the longest at each place."""

    by_first_word: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    """First word → (words of the name, name as written), longest first."""

    def find(self, text_words: Sequence[str]) -> tuple[str, ...]:
        """Names in order of appearance; a name inside a longer one is not found."""
        return tuple(name for _, _, name in self.spans(text_words))

    def spans(self, text_words: Sequence[str]) -> list[tuple[int, int, str]]:
        """(first word, end word, name) in order of appearance."""
        found: list[tuple[int, int, str]] = []
        position = 0
        while position < len(text_words):
            match = self._at(text_words, position)
            if match:
                found.append((position, position + len(match[0]), match[1]))
            position += len(match[0]) if match else 1
        return found

    def _at(self, text_words: Sequence[str], position: int) -> tuple[tuple[str, ...], str] | None:
        for name_words, name in self.by_first_word.get(text_words[position], ()):
            if tuple(text_words[position : position + len(name_words)]) == name_words:
                return name_words, name
        return None


def names_of(names: Iterable[str]) -> Names:
    """The matcher for some names; the first spelling of a name wins."""
    by_words: dict[tuple[str, ...], str] = {}
    for name in names:
        name_words = words(name)
        if 0 < len(name_words) <= _NAME_WORDS_MAX:
            by_words.setdefault(name_words, name.strip())
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name_words, name in by_words.items():
        by_first.setdefault(name_words[0], []).append((name_words, name))
    return Names(
        by_first_word={
            first: tuple(sorted(entries, key=lambda entry: -len(entry[0]))) for first, entries in by_first.items()
        }
    )


_NO_NAMES = names_of(())


@dataclass(frozen=True, eq=False, kw_only=True)
class Lexicon:
    """Immutable; make a new one with `lexicon_of` when the knowledge base has changed."""

    products: Names = _NO_NAMES
    documents: int = 0
    """Number of texts the counts were taken from; 0 when none were given."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Stem → number of texts and titles that contain it."""

    def weight(self, stem: str) -> float:
        """How much a word tells, > 0: inverse document frequency, or a guess by its shape without counts."""
        if not self.documents:
            return 2.0 if any(char.isdigit() for char in stem) else 1.0
        return math.log(1.0 + self.documents / (1.0 + self.counts.get(stem, 0)))

    def is_unknown(self, stem: str) -> bool:
        """No text has the word; False as long as nothing was counted."""
        return self.documents > 0 and stem not in self.counts


def lexicon_of(products: Iterable[str] = (), texts: Iterable[str] = (), titles: Iterable[str] = ()) -> Lexicon:
    """Learns from a knowledge base.

    `products` are names known to be names. `texts` (one a passage) give the word counts. From `titles` only
    what looks like a proper name is taken, unless it is all over the texts, as the company's own name is.
    """
    counts: Counter[str] = Counter()
    documents = 0
    for text in texts:
        documents += 1
        counts.update(content(text))
    titles = tuple(titles)
    counts.update(word for title in titles for word in content(title))
    names = [name for name in products if not STOPWORDS.issuperset(words(name))]
    often = max(_OFTEN_MIN, documents * _OFTEN_SHARE)
    for title in titles:
        names.extend(name for name in proper_names(title) if any(counts[word] <= often for word in content(name)))
    return Lexicon(products=names_of(names), documents=documents, counts=counts)


@lru_cache(maxsize=4096)
def proper_names(title: str) -> tuple[str, ...]:
    """Runs of capitalised words inside a title, or words with inner capitals or digits ("HomeHub X200")."""
    tokens = _TOKEN.findall(title)
    cased = [token for token in tokens[1:] if token[:1].isalpha() and token.lower() not in STOPWORDS]
    title_case = bool(cased) and sum(token[:1].isupper() for token in cased) > len(cased) * 0.6
    runs: list[list[str]] = [[]]
    for place, token in enumerate(tokens):
        proper = bool(_PROPER.match(token)) or (not title_case and place > 0 and token[:1].isupper())
        if proper and token.lower() not in STOPWORDS and not _CODE.match(token):
            runs[-1].append(token.rstrip(".?!"))
        elif runs[-1]:
            runs.append([])
    return tuple(" ".join(run) for run in runs if run and len("".join(run)) > 2)
