"""What a sentence claims that can be checked word by word: numbers, names, addresses, and whether it says yes or no."""

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.claim_words import (
    ABSOLUTES,
    CONDITIONS,
    LIGHT_WORDS,
    NEGATIONS,
    NO_AMOUNT,
    NUMBER_WORDS,
    OPPOSITES,
    ORDINALS,
    PREFIXES,
)
from pipeline.spoken_numbers import with_digits
from pipeline.words import content, plain, words

_NUMBER = re.compile(
    r"(?P<money>[$€£¥]\s?)?(?<![\w.,])(?P<value>\d{1,15}(?:[.,:]\d{1,9}){0,5})(?P<ordinal>st|nd|rd|th)?"
    r"(?P<unit>\s?(?:%|percent\b|per cent\b|prozent\b|por ciento\b|pour cent\b|[$€£¥]|dollars?\b|euros?\b|pounds?\b"
    r"|usd\b|eur\b|gbp\b))?",
    re.IGNORECASE,
)
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.IGNORECASE)
_MEASURE = re.compile(r"(\d)\s+([ap]m|[kmgt]b|[kcm]?m|[km]?g|ml|[kmg]bps|[kmg]hz)\b", re.IGNORECASE)
"""Written apart or not."""
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"
    r"|(?<![\w.@-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,9}\.(?:com|org|net|io|example|info|biz|app|dev|co|de|fr|es|uk|eu|us|ru|cn"
    r"|xyz|link|site|online|shop)\b(?:/[^\s<>\"')\]]*)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][\w’'-]+\b|\b[A-Z]{2,}\b|\b[a-z]+[A-Z]\w*\b")
_CASED_LANGUAGES = frozenset({"en", "es", "fr", "it", "pt", "nl"})
"""Where a capital inside a sentence marks a name; German writes every noun with one."""
_FREE_OF = re.compile(r"\w-free\b", re.IGNORECASE)
_HYPHEN = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")
_OPENER = re.compile(
    r"^(?:yes|no|yeah|sure|certainly|absolutely|ja|nein|sí|si|oui|non)\b\s*[,.!:;–—-]\s*", re.IGNORECASE
)


class Number(NamedTuple):
    """An amount as compared: "$1,000.00" and "1000 dollars" are one."""

    value: str
    unit: str
    """% or money; empty: none, or one that is a word of its own ("days")."""

    def stands_in(self, others: frozenset["Number"]) -> bool:
        """One of the others has this value, with this unit or none said."""
        return any(self.value == other.value and self._fits(other) for other in others)

    def _fits(self, other: "Number") -> bool:
        return not self.unit or not other.unit or self.unit == other.unit


@lru_cache(maxsize=8192)
def numbers(text: str) -> frozenset[Number]:
    """Digits, and number words from two on."""
    spoken = " ".join(_as_digits(word) for word in with_digits(_spaced(text)).split(" "))
    return frozenset(
        Number(_value(match["value"]), _unit(f"{match['money'] or ''}{match['unit'] or ''}"))
        for match in _NUMBER.finditer(spoken)
    )


@lru_cache(maxsize=8192)
def codes(text: str) -> frozenset[str]:
    """Words of letters and digits: "E401", "IPv6", "9am"."""
    joined = _MEASURE.sub(r"\1\2", _without_addresses(text))
    found = (match[0].lower() for match in _CODE.finditer(joined))
    mixed = (code for code in found if not code.isalpha() and any(char.isalpha() for char in code))
    return frozenset(code.replace("-", "") for code in mixed if _is_code(code))


def _is_code(code: str) -> bool:
    return any(char.isdigit() for char in code) and not _ORDINAL.fullmatch(code)


@lru_cache(maxsize=8192)
def addresses(text: str) -> frozenset[str]:
    """Web and mail addresses, without scheme and trailing marks."""
    return frozenset(_bare_address(match[0]) for match in _ADDRESS.finditer(text))


def names(text: str, language: str) -> frozenset[str]:
    """Words written like names inside the sentence, lower case."""
    if language.partition("-")[0].lower() not in _CASED_LANGUAGES:
        return frozenset()
    return frozenset(word for match in _NAME.finditer(plain(text)) for word in words(match[0]) if len(word) > 1)


@lru_cache(maxsize=8192)
def negations(text: str) -> int:
    """How many words turn it into its opposite."""
    said = words(text)
    french = "pas" in said or "jamais" in said
    return sum(word in NEGATIONS and not (word == "ne" and french) for word in said)


def contradict(claim: str, source: str) -> bool:
    """One says no where the other does not, or before where the other says after."""
    said, held = set(words(claim)), set(words(source))
    flips = sum(_is_flipped(word, held) for word in said) + sum(_is_flipped(word, said) for word in held)
    flips += _frees(source, claim) + _frees(claim, source)
    apart = abs(negations(claim) - negations(source))
    return apart > flips or (apart + flips) % 2 == 1 or _has_opposites(said, held)


def promises_more(claim: str, source: str) -> bool:
    """Always, only, free, guaranteed: where the source does not say so."""
    said, held = set(words(claim)), set(words(source))
    return any(said & line and not held & line for line in ABSOLUTES)


def leaves_out_condition(claim: str, source: str) -> bool:
    """ "Parking is free", where the source says "free for two hours" or "free if you stay"."""
    said, held = set(words(claim)), set(words(source))
    if not any(said & held & line for line in ABSOLUTES):
        return False
    return not numbers(source) <= numbers(claim) or bool((held & CONDITIONS) - said)


def without_opener(text: str) -> str:
    """ "Yes, it takes ten days." → "It takes ten days."; whether the yes is right is not in the source."""
    rest = _OPENER.sub("", text)
    return rest[:1].upper() + rest[1:] if rest != text else text


def _frees(text: str, other: str) -> int:
    """ "smoke-free", where the other speaks of smoke but not of free."""
    return bool(_FREE_OF.search(text)) and "free" not in words(other)


def _is_flipped(word: str, others: set[str]) -> bool:
    """ "unavailable", where the other says "available"."""
    if len(word) < 6 or word in others:
        return False
    return any(word.startswith(prefix) and word[len(prefix) :] in others for prefix in PREFIXES)


def _has_opposites(said: set[str], held: set[str]) -> bool:
    for pair in OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if said & one and not said & other and held & other and not held & one:
                return True
    return False


def _as_digits(token: str) -> str:
    bare = token.lower().strip(".,;:!?()\"'")
    digits = ORDINALS.get(bare) or ("" if bare in NO_AMOUNT else NUMBER_WORDS.get(bare, ""))
    return token.lower().replace(bare, digits) if digits else token


def _value(digits: str) -> str:
    """ "1,000.50" → "1000.5"; times and versions as they are."""
    if ":" in digits or digits.count(".") > 1:
        return digits
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits):
        digits = digits.replace(".", "")
    whole, point, rest = digits.replace(",", ".").partition(".")
    rest = rest.rstrip("0")
    return f"{whole.lstrip('0') or '0'}.{rest}" if point and rest else whole.lstrip("0") or "0"


def _unit(marks: str) -> str:
    bare = marks.strip().lower()
    if not bare:
        return ""
    return "%" if bare in {"%", "percent", "per cent", "prozent", "por ciento", "pour cent"} else "money"


def _spaced(text: str) -> str:
    return _HYPHEN.sub(" ", plain(_without_addresses(text)))


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub(" ", text)


def _bare_address(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address.lower()).rstrip(".,;:!?/)")


def content_words(text: str, language: str = "en") -> tuple[str, ...]:
    """Stems that carry the claim, without its numbers, codes and addresses."""
    marked = {number.value for number in numbers(text)} | codes(text)
    weightless = _weightless(language)
    return tuple(
        word
        for word in content(without_opener(_without_addresses(text)), language)
        if word not in marked and not word[0].isdigit() and word not in weightless
    )


@lru_cache(maxsize=64)
def _weightless(language: str) -> frozenset[str]:
    """Words that are checked in another way, or prove nothing, as they are and as stems."""
    listed = frozenset(NUMBER_WORDS) | NEGATIONS | LIGHT_WORDS
    return listed | frozenset(content(" ".join(listed), language))
