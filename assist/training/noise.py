"""What speech recognition does to text: written sentences made to look like transcripts of a telephone line."""

import random
import re

_PUNCTUATION = re.compile(r"[^\w\s']+")
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_FILLERS = ("um", "uh", "umm", "uhh", "ah", "er", "oh", "you know", "like", "i mean", "hh", "u")
_OPENINGS = ("ok", "okay", "so", "oh", "great", "perfect", "yeah", "alright", "awesome", "well", "thanks", "got it")
_CONFUSED = (
    ("th", "t"),
    ("th", "d"),
    ("er", "a"),
    ("er", "or"),
    ("ou", "u"),
    ("ee", "i"),
    ("ea", "ee"),
    ("ing", "in"),
    ("igh", "y"),
    ("ck", "k"),
    ("ph", "f"),
    ("c", "k"),
    ("s", "z"),
    ("d", "t"),
    ("b", "p"),
    ("g", "k"),
    ("v", "f"),
    ("m", "n"),
    ("a", "e"),
    ("e", "a"),
    ("i", "e"),
    ("o", "a"),
    ("u", "o"),
)
"""Letters that a recogniser takes for each other."""
_SOUND_ALIKE = {
    "their": "there",
    "there": "their",
    "they": "day",
    "for": "four",
    "to": "two",
    "do": "to",
    "are": "all",
    "is": "as",
    "it": "at",
    "have": "of",
    "and": "in",
    "your": "you",
    "you": "u",
    "can": "could",
    "know": "no",
    "a": "the",
    "the": "a",
    "i": "a",
    "if": "of",
    "any": "an",
    "price": "prize",
    "my": "mine",
}


def spoken(text: str) -> str:
    """Lower case, no punctuation but apostrophes, digits said one by one."""
    said = _NUMBER.sub(lambda match: f" {' '.join(_DIGITS[int(digit)] for digit in match[0])} ", text.lower())
    return _SPACES.sub(" ", _PUNCTUATION.sub(" ", said)).strip()


def misheard(text: str, chance: random.Random, strength: float) -> str:
    """As a recogniser writes it; at strength 0 only `spoken`, at 1 hardly readable.

    A word of each kind of error falls on about a tenth of the words at strength 1, so several errors meet in one
    sentence. The same state of `chance` gives the same text.
    """
    heard: list[str] = []
    for word in spoken(text).split():
        heard.extend(_heard(word, chance, strength))
    if chance.random() < 0.4 * strength:
        heard.insert(0, chance.choice(_OPENINGS))
    if heard and chance.random() < 0.3 * strength:
        heard[0] = heard[0][chance.randint(0, len(heard[0]) // 2) :] or heard[0]
    return " ".join(heard) or spoken(text)


def _heard(word: str, chance: random.Random, strength: float) -> list[str]:
    """One word: itself, another, several or none, and perhaps a filler before it."""
    before = [chance.choice(_FILLERS)] if chance.random() < 0.12 * strength else []
    return [*before, *_mistaken(word, chance, chance.random() / max(strength, 1e-9))]


def _mistaken(word: str, chance: random.Random, error: float) -> list[str]:
    if error < 0.06:
        return []
    if error < 0.12:
        return [word, word]
    if error < 0.22:
        return [_SOUND_ALIKE.get(word, word)]
    if error < 0.45:
        return [_letters(word, chance)]
    cut = chance.randint(2, len(word) - 2) if error < 0.52 and len(word) > 5 else 0
    return [word[:cut], word[cut:]] if cut else [word]


def _letters(word: str, chance: random.Random) -> str:
    """Some letters of it taken for others, dropped or doubled."""
    possible = [pair for pair in _CONFUSED if pair[0] in word]
    if possible and chance.random() < 0.65:
        wrong, right = chance.choice(possible)
        places = [match.start() for match in re.finditer(wrong, word)]
        place = chance.choice(places)
        return word[:place] + right + word[place + len(wrong) :]
    place = chance.randrange(len(word))
    if len(word) > 3 and chance.random() < 0.7:
        return word[:place] + word[place + 1 :]
    return word[:place] + word[place] + word[place:]
