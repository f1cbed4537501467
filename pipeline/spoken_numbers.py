"""Numbers as a speech recogniser writes them ("four oh one", "two point five") turned into digits."""

import re
from functools import lru_cache

_DIGITS = {
    word: str(value)
    for value, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
} | {"oh": "0", "o": "0"}
_TEENS = {
    word: str(value)
    for value, word in enumerate(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        start=10,
    )
}
_TENS = {
    word: str(value * 10)
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1000}
_REPEATS = {"double": 2, "triple": 3}
_STARTS = frozenset(_DIGITS) - {"oh", "o"} | frozenset(_TEENS) | frozenset(_TENS) | frozenset(_REPEATS)
_NUMBERED = re.compile(
    r"(?:number|code|error|version|ticket|case|order|release|firmware|hashtag|is|says|minus|dash|[b-hj-z])$"
)
_COUNTED = re.compile(r"(?:dollars?|bucks|euros?|pounds?|cents?|francs?|percent|quid|error)\b")
_TOKEN = re.compile(r"[^\s]+")
_HINT = re.compile(r"\b(?:" + "|".join((*_DIGITS, *_TEENS, *_TENS, *_REPEATS)) + r")\b|\d \d", re.IGNORECASE)
_DASHED = re.compile(r"\b([a-z]{1,4}) (?:dash|hyphen|minus) (?=\d)", re.IGNORECASE)


@lru_cache(maxsize=65536)
def with_digits(text: str) -> str:
    """The text with spoken numbers as digits. Single small numbers stay words unless something is counted in them."""
    if not _HINT.search(text):
        return text
    tokens = _TOKEN.findall(text)
    written: list[str] = []
    position = 0
    while position < len(tokens):
        end = _run_end(tokens, position)
        if end > position and _is_number(tokens, position, end):
            written.append(_digits(tokens[position:end]) + _trailing(tokens[end - 1]))
            position = end
        else:
            written.append(tokens[position])
            position += 1
    return _DASHED.sub(r"\1-", " ".join(written))


def _bare(token: str) -> str:
    return token.lower().rstrip(".,;:?!")


def _trailing(token: str) -> str:
    return token[len(token.rstrip(".,;:?!")) :]


def _is_part(word: str) -> bool:
    return word in _DIGITS or word in _TEENS or word in _TENS or (len(word) == 1 and word.isdecimal())


def _run_end(tokens: list[str], start: int) -> int:
    """Where the number that starts here ends; `start` itself when none does."""
    first = _bare(tokens[start])
    if first not in _STARTS and not (len(first) == 1 and first.isdecimal()):
        return start
    position = start
    while position < len(tokens) and _continues(tokens, start, position):
        position += 1
        if _trailing(tokens[position - 1]):
            break
    while position > start and not (_is_part(_bare(tokens[position - 1])) or _bare(tokens[position - 1]) in _SCALES):
        position -= 1
    return position


def _continues(tokens: list[str], start: int, position: int) -> bool:
    word = _bare(tokens[position])
    if _is_part(word) or word in _REPEATS:
        return True
    if position == start or position + 1 >= len(tokens):
        return word in _SCALES and position > start
    if word == "and":
        return _bare(tokens[position - 1]) in _SCALES and _is_part(_bare(tokens[position + 1]))
    if word in ("point", "dot"):
        return _is_part(_bare(tokens[position + 1]))
    return word in _SCALES


def _is_number(tokens: list[str], start: int, end: int) -> bool:
    """Two number words make a number; a single one only next to what it counts or names."""
    if end - start >= 2:
        decimals = all(_bare(token).isdecimal() for token in tokens[start:end])
        return not decimals or end - start >= 3
    before = start > 0 and _NUMBERED.match(_bare(tokens[start - 1]))
    after = end < len(tokens) and _COUNTED.match(tokens[end].lower())
    word = _bare(tokens[start])
    return not word.isdecimal() and bool(before or after) and (word != "one" or bool(after))


def _digits(tokens: list[str]) -> str:
    groups: list[str] = []
    repeat = 1
    open_tens = joined = False
    for token in tokens:
        word = _bare(token)
        if word in _REPEATS:
            repeat = _REPEATS[word]
        elif word in ("point", "dot"):
            groups.append(".")
        elif word == "and":
            joined = True
        elif word in _SCALES:
            groups, joined = _scaled(groups, _SCALES[word]), True
        else:
            value = _DIGITS.get(word) or _TEENS.get(word) or _TENS.get(word) or word
            if joined or (open_tens and word in _DIGITS and value != "0"):
                groups[-1] = str(int(groups[-1]) + int(value))
            else:
                groups.append(value * repeat)
            repeat, open_tens, joined = 1, word in _TENS, False
            continue
        open_tens = False
    return "".join(groups)


def _scaled(groups: list[str], scale: int) -> list[str]:
    if not groups or not groups[-1].isdecimal() or len(groups[-1]) > 6:
        return [*groups, str(scale)]
    return [*groups[:-1], str(int(groups[-1]) * scale)]
