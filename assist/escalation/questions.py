"""When two questions are the same question. Pure."""

import hashlib
import unicodedata

MAX_QUESTION_CHARS = 2_000
_MAX_KEY_BYTES = 1_000
"""An index takes no longer keys."""
_KEPT_CHARS = 200
_WORD_CLASSES = frozenset("LMNS")
"""Unicode's letters, marks, numbers and symbols; modifier symbols, which are typed for quotes, are none."""


def folded_words(text: str) -> str:
    """The words of a text: lower case, one space between them, punctuation left out, accents kept."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    folded = _composed(_composed(visible).casefold())
    return " ".join("".join(character if _in_a_word(character) else " " for character in folded).split())


def normalised_question(question: str) -> str:
    """Equal for two ways to write the same question; never empty unless the question is blank.

    A long one keeps its beginning and gets a digest of the whole.
    """
    key = folded_words(question) or " ".join(_composed(question).casefold().split())
    if len(key.encode()) <= _MAX_KEY_BYTES:
        return key
    return f"{key[:_KEPT_CHARS].rstrip()} {hashlib.sha256(key.encode()).hexdigest()}"


def mentions(words: str, phrase: str) -> bool:
    """Whether folded words contain a phrase: whole words only, whatever their case."""
    wanted = folded_words(phrase)
    return bool(wanted) and f" {wanted} " in f" {words} "


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _in_a_word(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] in _WORD_CLASSES and kind != "Sk"
