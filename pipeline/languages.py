"""What is known about each language: its function words, the questions asked in it, and how to tell it from others.

The data lie in `pipeline/phrases/<code>.toml`. English is the language of the rules themselves (`stopwords`,
`speech_patterns`); the files of the others also hold what those modules say for English.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources

from msgspec import Struct

from pipeline.stopwords import SOCIAL_WORDS, STOPWORDS, word_set

ENGLISH = "en"
LANGUAGES = (ENGLISH, "de", "es", "fr")
"""Primary subtags of those that have a data file."""

_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNS = {"ß": "de", "ä": "de", "ö": "de", "ü": "de"} | dict.fromkeys("ñ¿¡óíáú", "es") | dict.fromkeys("çœêèàîôû", "fr")
_SIGN_WEIGHT = 0.75
_ENGLISH_COMMON = word_set(
    """
    account app bill card charged change connection delivery error internet light money month number one two three four
    five order parcel password phone refund red green working work works year week yesterday
    """
)
_ENOUGH = 1.4
"""Least weight of function words by which a language is told."""
_LEAD = 1.5
"""How many times the weight of the next language."""
_SHARE = 0.3
"""Least share of the words; keeps out languages that are none of these."""
_FOLDED_BY_HAND = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "’": "'"})


class Language(Struct, frozen=True, kw_only=True):
    """One language's data. All words are folded."""

    code: str
    stop: frozenset[str] = frozenset()
    """Carry no subject."""
    social: frozenset[str] = frozenset()
    """An utterance made of these alone is a greeting, a thank-you or a sign of listening."""
    pointing: frozenset[str] = frozenset()
    dangling: frozenset[str] = frozenset()
    vague: frozenset[str] = frozenset()
    """Say that something is wrong or wanted, but not what."""
    common: frozenset[str] = frozenset()
    """Frequent words, only to tell the language by."""
    questions: Mapping[str, str] = {}
    """Purpose → question; `{choices}` and `{thing}` are filled in. "or" joins the last two choices."""
    asked: Mapping[str, str] = {}
    """Purpose → pattern (lower case) by which an agent asks for it."""
    speech: Mapping[str, tuple[str, ...]] = {}
    """Kind of phrase → alternatives of a pattern, lower case."""


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """Lower case, without accents: recognisers and hurried typists leave them out."""
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", text.lower().translate(_FOLDED_BY_HAND))
    return "".join(char for char in split if not unicodedata.combining(char))


def primary(tag: str | None) -> str | None:
    """ "de-AT" → "de"; None for None and for what is no tag."""
    subtag = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0] if tag else ""
    return subtag if subtag.isalpha() else None


def language(code: str | None) -> Language:
    """The data of a language by its tag; English when it has none."""
    return _DATA.get(primary(code) or ENGLISH, _DATA[ENGLISH])


def told_by(texts: Iterable[str]) -> str | None:
    """The language that texts of one speaker are in, None when that cannot be told or it is none of `LANGUAGES`."""
    totals = dict.fromkeys(LANGUAGES, 0.0)
    words = 0
    for text in texts:
        weights, count = _weights(text)
        words += count
        for code, weight in zip(LANGUAGES, weights, strict=True):
            totals[code] += weight
    ranked = sorted(LANGUAGES, key=lambda code: -totals[code])
    best, next_best = totals[ranked[0]], totals[ranked[1]]
    return ranked[0] if best >= max(_ENOUGH, _LEAD * next_best, _SHARE * words) else None


@lru_cache(maxsize=16384)
def _weights(text: str) -> tuple[tuple[float, ...], int]:
    """Weight of each language's function words and letters in a text, and its number of words."""
    lowered = text.lower()
    words = _LETTERS.findall(lowered)
    weights = [0.0] * len(LANGUAGES)
    for word in words:
        for place, weight in _KNOWN.get(folded(word), ()):
            weights[place] += weight
    for sign in _SIGNS.keys() & set(lowered):
        weights[LANGUAGES.index(_SIGNS[sign])] += _SIGN_WEIGHT
    return tuple(weights), len(words)


def _loaded(code: str) -> Language:
    source = resources.files("pipeline").joinpath("phrases", f"{code}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(source)
    words = {name: _word_set(listed) for name, listed in data.get("words", {}).items()}
    if code == ENGLISH:
        words = {"stop": STOPWORDS, "social": SOCIAL_WORDS, "common": _ENGLISH_COMMON}
    return Language(
        code=code,
        stop=words["stop"] | words.get("fillers", frozenset()),
        social=words["social"] | words.get("fillers", frozenset()),
        pointing=words.get("pointing", frozenset()),
        dangling=words.get("dangling", frozenset()),
        vague=words.get("vague", frozenset()),
        common=words.get("common", frozenset()),
        questions=data["questions"],
        asked=data["asked"],
        speech={kind: tuple(phrases) for kind, phrases in data.get("speech", {}).items()},
    )


def _word_set(listed: str) -> frozenset[str]:
    return frozenset(folded(listed).split())


def _known(data: Sequence[Language]) -> dict[str, tuple[tuple[int, float], ...]]:
    """Function word → (place of the language, weight); what several languages share tells little."""
    owners: dict[str, set[int]] = {}
    for place, one in enumerate(data):
        for listed in one.stop | one.social | one.vague | one.common:
            for word in _LETTERS.findall(listed):
                owners.setdefault(word, set()).add(place)
    return {word: tuple((place, 1.0 / len(places)) for place in sorted(places)) for word, places in owners.items()}


_DATA = {code: _loaded(code) for code in LANGUAGES}
_KNOWN = _known([_DATA[code] for code in LANGUAGES])
