"""Whether two texts claim different things of the same subject: other amounts, dates or times, a yes against a no."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from pipeline.claim_words import NO_AMOUNT, NUMBER_WORDS
from pipeline.claims import content_words, contradict
from pipeline.sentences import Sentence, sentences
from pipeline.spoken_numbers import with_digits
from pipeline.stopwords import word_set
from pipeline.words import content, plain, words

SAME_QUESTION = 0.75
"""Cosine of two texts, or share of their words that titles must have in common, to be taken for one question."""
_ALIKE_MIN = 0.6
_ALIKE_MIN_SAME_QUESTION = 0.3
_FLIPPED_MIN = 0.65
_FLIPPED_MIN_SAME_QUESTION = 0.5
_SENTENCES_MAX = 60
_HOURS = {"minute": 1 / 60, "min": 1 / 60, "hour": 1, "hr": 1, "day": 24, "week": 168, "month": 730, "year": 8760}
_MONEY = word_set("$ € £ dollar euro pound usd eur gbp cent")
_PERCENT = word_set("% percent")
_DATA = {"kb": 1e-6, "mb": 1e-3, "gb": 1, "tb": 1e3, "mbps": 1e-3, "gbps": 1}
_AMOUNT = re.compile(
    r"(?P<sign>[$€£])?\s?(?<![\w.,])(?P<value>\d{1,12}(?:[.,]\d{1,6})*)(?P<mark>\s?%)?"
    r"(?:\s?-?(?:(?:business|working|calendar|full|more)\s)?(?P<unit>[a-z]+))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?<=\d)\s?(?:–|-|to|and|or)\s?(?=\d)", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1)
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>{_MONTH})\b"
    rf"|\b(?P<month_first>{_MONTH})\s(?P<day_behind>\d{{1,2}})(?:st|nd|rd|th)?\b|\b\d{{4}}-(?P<iso>\d{{2}}-\d{{2}})\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s?(?P<half>[ap])\.?m\b\.?|\b(?P<h24>\d{1,2}:\d{2})\b", re.I
)
_NO_UNIT = word_set("and or to of in on at for the a an per each every is are was if when with from by then not you")
_YES = re.compile(r"^\W*(?:yes|yeah|certainly|of course|sure)\b", re.IGNORECASE)
_NO = re.compile(r"^\W*(?:no|nope|unfortunately not|sorry, no)\b", re.IGNORECASE)


class Conflict(Struct, frozen=True, kw_only=True):
    """Two sentences that cannot both hold."""

    own: str
    other: str
    about: str
    """For people: what differs."""


def conflict(own: tuple[str, str], other: tuple[str, str], similarity: float = 0.0) -> Conflict | None:
    """The plainest one between two texts, each with its title; None: none found. `similarity` is the texts' cosine."""
    same = similarity >= SAME_QUESTION or _share(content(own[0]), content(other[0])) >= SAME_QUESTION
    if similarity < SAME_QUESTION and _names_more(own, other) and _names_more(other, own):
        return None
    mine, theirs = sentences(own[1])[:_SENTENCES_MAX], sentences(other[1])[:_SENTENCES_MAX]
    if not mine or not theirs:
        return None
    if same and _answers_differ(own[1], other[1]):
        return Conflict(own=mine[0].text, other=theirs[0].text, about="One says yes, the other no.")
    found = [it for one in mine for another in theirs if (it := _between(one, another, same_question=same))]
    return max(found, key=lambda it: it[0])[1] if found else None


def _names_more(own: tuple[str, str], other: tuple[str, str]) -> bool:
    """The title has a word that the other text has nowhere: "rented", where the other is about what was bought."""
    return bool(set(content(own[0])) - set(content(f"{other[0]} {other[1]}")))


def _answers_differ(own: str, other: str) -> bool:
    return bool((_YES.match(own) and _NO.match(other)) or (_NO.match(own) and _YES.match(other)))


def _between(one: Sentence, other: Sentence, *, same_question: bool) -> tuple[float, Conflict] | None:
    alike = _share(_telling(one.text), _telling(other.text))
    differs = None
    if alike >= (_ALIKE_MIN_SAME_QUESTION if same_question else _ALIKE_MIN):
        differs = _different_amounts(one.text, other.text)
    if differs is None and alike >= (_FLIPPED_MIN_SAME_QUESTION if same_question else _FLIPPED_MIN):
        differs = "One says the opposite of the other." if contradict(one.text, other.text) else None
    return (alike, Conflict(own=one.text, other=other.text, about=differs)) if differs else None


def _different_amounts(one: str, other: str) -> str | None:
    """None: no kind of amount that both name, or one value in common."""
    mine, theirs = amounts(one), amounts(other)
    for kind, values in mine.items():
        if kind in theirs and not set(values) & set(theirs[kind]):
            return f"{values[next(iter(values))]} against {theirs[kind][next(iter(theirs[kind]))]}."
    return None


@lru_cache(maxsize=4096)
def amounts(text: str) -> dict[str, dict[float, str]]:
    """Kind of amount → its values → as written: hours, money, percent, dates, times, or the thing that is counted."""
    found: dict[str, dict[float, str]] = {}
    spoken = " ".join(_as_digits(word) for word in with_digits(plain(text)).split(" "))
    rest = spoken
    for kind, pattern, value_of in (("date", _DATE, _date_value), ("time", _CLOCK, _clock_value)):
        for match in pattern.finditer(rest):
            found.setdefault(kind, {})[value_of(match)] = match[0].strip()
        rest = pattern.sub(" ", rest)
    for kind, value, written in _counted(rest):
        found.setdefault(kind, {})[value] = written
    return found


def _counted(text: str) -> Iterator[tuple[str, float, str]]:
    matches = list(_AMOUNT.finditer(_RANGE.sub(" .. ", text)))
    behind: tuple[str, float] | None = None
    for match in reversed(matches):
        kind, factor = _kind_of(match)
        if not kind and behind is not None and (match["unit"] or "").lower() in ("", "to", "or", "and"):
            kind, factor = behind
        if kind:
            yield kind, round(_value(match["value"]) * factor, 6), match[0].strip()
            behind = (kind, factor)


def _kind_of(match: re.Match[str]) -> tuple[str, float]:
    """What is counted, and in how many of the usual units."""
    unit = (match["unit"] or "").lower()
    bare = unit.rstrip("s") if len(unit) > 2 else unit
    if match["sign"] or bare in _MONEY:
        return "money", 0.01 if bare == "cent" else 1.0
    if match["mark"] or bare in _PERCENT:
        return "percent", 1.0
    for kind, factors in (("duration", _HOURS), ("data", _DATA)):
        if bare in factors:
            return kind, factors[bare]
    return ("", 1.0) if not unit or unit in _NO_UNIT else (f"{bare}s", 1.0)


def _value(digits: str) -> float:
    """ "1,000.50" → 1000.5, "2,5" → 2.5."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    whole, *rest = re.split(r"[.,]", digits)
    return float(f"{whole}.{''.join(rest)}" if rest else whole)


def _date_value(match: re.Match[str]) -> float:
    if match["iso"]:
        month, day = match["iso"].split("-")
        return int(month) * 100.0 + int(day)
    month = _MONTHS[(match["month"] or match["month_first"]).lower()]
    return month * 100.0 + int(match["day"] or match["day_behind"])


def _clock_value(match: re.Match[str]) -> float:
    if match["h24"]:
        hour, minute = match["h24"].split(":")
        return int(hour) + int(minute) / 60
    return int(match["hour"]) % 12 + (12 if match["half"].lower() == "p" else 0) + int(match["minute"] or 0) / 60


def _as_digits(token: str) -> str:
    bare = token.lower().strip(".,;:!?()\"'")
    digits = "" if bare in NO_AMOUNT else NUMBER_WORDS.get(bare, "")
    return token.lower().replace(bare, digits) if digits else token


def _telling(text: str) -> tuple[str, ...]:
    units = set(_HOURS) | _MONEY | set(_DATA)
    return tuple(word for word in content_words(text) if word.rstrip("s") not in units)


def _share(one: Sequence[str], other: Sequence[str]) -> float:
    """Of the words of the shorter text that stand in the other."""
    first, second = set(one), set(other)
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def same_words(one: str, other: str) -> float:
    """Share of all words of two texts that both have, [0, 1]."""
    first, second = set(words(one)), set(words(other))
    union = first | second
    return len(first & second) / len(union) if union else 0.0
