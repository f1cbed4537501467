"""Words as the pipeline compares them: lower case, one kind of apostrophe, light stems, no stop words."""

import re
from functools import lru_cache

from pipeline.languages import ENGLISH, folded, language, primary, told_by
from pipeline.stemming import STEMMERS
from pipeline.stopwords import CONTRACTIONS, FILLERS, STOPWORDS

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:'[^\W_]+)*")
_SPACE = re.compile(r"\s+")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
_CONTRACTED = re.compile(r"\b(?:" + "|".join(map(re.escape, CONTRACTIONS)) + r")\b")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'(?=\w)")
_VOWEL = re.compile("[aeiouy]")
_LONG_SUFFIXES = ("ations", "ation", "ings", "ing", "edly", "ers", "ed", "er", "ates", "ate")


def plain(text: str) -> str:
    """One line, single spaces, straight apostrophes; case is kept."""
    return _SPACE.sub(" ", text.translate(_APOSTROPHES)).strip()


def heard(text: str) -> str:
    """For matching: plain, lower case, with the apostrophes that the recogniser left out."""
    return _CONTRACTED.sub(lambda match: CONTRACTIONS[match[0]], plain(text).lower())


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[str, ...]:
    """All words in order, lower case. Codes fall apart at hyphens, decimal numbers don't."""
    return tuple(_WORD.findall(heard(text)))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A form shared by the inflections of an English word; other words come back as they are."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word.removesuffix("'s")
    return _ending_folded(_suffix_cut(_singular(word)))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _suffix_cut(word: str) -> str:
    for suffix in _LONG_SUFFIXES:
        rest = word.removesuffix(suffix)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            return rest
    return word


def _ending_folded(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    if len(word) > 4 and word.endswith("at"):
        return word[:-2]
    if len(word) > 3 and word.endswith("e"):
        return word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word


def content(text: str, tag: str | None = None) -> tuple[str, ...]:
    """Stems of the words that carry the subject, in order, without repeats.

    `tag` is the language of the text; None: it is told by its words, and taken for English when they don't tell it.
    """
    return _content(text, primary(tag) or told_by((text,)) or ENGLISH)


@lru_cache(maxsize=65536)
def _content(text: str, code: str) -> tuple[str, ...]:
    stemmed = STEMMERS.get(code)
    if stemmed is None:
        kept = [stem(word) for word in words(text) if word not in STOPWORDS and word not in FILLERS]
    else:
        stop = language(code).stop
        found = _WORD.findall(_ELIDED.sub("", folded(plain(text))))
        kept = [stemmed(word) for word in found if word not in stop]
    return tuple(dict.fromkeys(kept))
