"""Telephone numbers as people say, type and hear them."""

import re

from pipeline.languages import folded
from pipeline.stopwords import word_set
from pipeline.words import plain

LEAST_DIGITS = 7
"""Of a whole number; less is the beginning of one."""
MOST_DIGITS = 15

_UNIT_WORDS = (
    "zero oh o nought null cero", "one eins ein uno un", "two zwei zwo dos deux", "three drei tres trois",
    "four vier cuatro quatre", "five funf cinco cinq", "six sechs seis", "seven sieben siete sept",
    "eight acht ocho huit", "nine neun nueve neuf",
)  # fmt: skip
_TEEN_WORDS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TEN_WORDS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {word: str(value) for value, spoken in enumerate(_UNIT_WORDS) for word in spoken.split()}
_TEENS = {word: str(value) for value, word in enumerate(_TEEN_WORDS, start=10)}
_TENS = {word: str(value) for value, word in enumerate(_TEN_WORDS, start=2)}
_ROUND = {"hundred": "00", "thousand": "000"}
_REPEATED = {"double": 2, "doppel": 2, "doble": 2, "triple": 3, "treble": 3}
_PLUS = frozenset({"+", "plus", "mas"})
_BETWEEN = word_set("area code and then dash hyphen minus dot point space uh um er ah ok so und dann y et")
_TOKEN = re.compile(r"\+|\d+|[^\W\d_]+")
_ALSO_WORDS = ("0", "1")
""" "I don't have one" is no number."""
_GROUP = 3


def spoken_number(words: str) -> str | None:
    """The longest run of digits in an utterance, said or typed, perhaps with a leading "+". None: there is none.

    May be too short for a telephone number: somebody pauses in the middle of it.
    """
    runs: list[str] = [""]
    tokens = _TOKEN.findall(folded(plain(words)))
    place = 0
    while place < len(tokens):
        digits, used = _digits_at(tokens, place)
        if digits:
            runs[-1] += digits
        elif tokens[place] in _PLUS:
            runs.append("+")
        elif tokens[place] not in _BETWEEN:
            runs.append("")
        place += used
    found = max(runs, key=len)
    is_said = any(char.isdigit() for char in found)
    is_article = found in _ALSO_WORDS and not any(token.isdigit() for token in tokens)
    return found if is_said and not is_article else None


def is_whole(number: str) -> bool:
    """Whether it has the length of a telephone number."""
    return LEAST_DIGITS <= len(number.lstrip("+")) <= MOST_DIGITS


def read_out(number: str) -> str:
    """For reading aloud, digit by digit in small groups: "+4930123" → "plus 4 9 3, 0 1 2 3"."""
    digits = [char for char in number if char.isdigit()]
    groups = [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    said = ", ".join(" ".join(group) for group in groups)
    return f"plus {said}" if number.startswith("+") else said


def _digits_at(tokens: list[str], place: int) -> tuple[str, int]:
    """Digits that begin at a token, and how many tokens they take."""
    word, following = tokens[place], tokens[place + 1] if place + 1 < len(tokens) else ""
    if word in _REPEATED:
        unit = following if len(following) == 1 and following.isdigit() else _UNITS.get(following, "")
        return (unit * _REPEATED[word], 2) if unit else ("", 1)
    if word in _TENS:
        unit = _UNITS.get(following, "0")
        return (_TENS[word] + unit, 2) if unit != "0" else (_TENS[word] + "0", 1)
    if word in _ROUND:
        return (_ROUND[word] if place and _digits_at(tokens, place - 1)[0] else "", 1)
    digits = _UNITS.get(word) or _TEENS.get(word) or (word if word.isdigit() else "")
    return digits, 1
