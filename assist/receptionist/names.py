"""The name that a caller gives."""

import re

from assist.receptionist.phrases import Phrases
from pipeline.languages import folded, language
from pipeline.words import plain

_WORDS_MAX = 4
_NAME_WORD = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?")
_STOP = re.compile(r"\s*(?:[,;!?]|\.(?=\s|$)|\band\b|\bund\b|\by\b|\bet\b|\bspeaking\b|\bhere\b|\bcalling\b|\d|\+)")
_FILLER = re.compile(
    r"^(?:(?:yes|yeah|sure|ok|okay|well|so|um+|uh+|hi|hello|of course|ja|si|sí|oui|no problem)\b[\s,.!]*)+", re.I
)


def introduced(words: str, phrases: Phrases) -> str | None:
    """The name in "my name is …", wherever it stands; None without such words."""
    said = _FILLER.sub("", plain(words))
    match = phrases.heard["name"].search(_folded(said))
    return _name(said[match.end() :], phrases) if match else None


def given_name(words: str, phrases: Phrases) -> str | None:
    """The name in an answer to "May I have your name?"; None when it is none."""
    said = _FILLER.sub("", plain(words))
    searched = _folded(said)
    match = phrases.heard["name"].search(searched) or phrases.heard["name_answer"].search(searched)
    name = _name(said[match.end() :] if match else said, phrases)
    is_chat = name is not None and language(phrases.code).social.issuperset(folded(name).split())
    return None if is_chat else name


def _folded(said: str) -> str:
    """Of the same length, so that places are the same."""
    lowered = folded(said)
    return lowered if len(lowered) == len(said) else said.lower()


def _name(rest: str, phrases: Phrases) -> str | None:
    text = rest.lstrip(" ,.:")
    stop = _STOP.search(text)
    words = _NAME_WORD.findall(text[: stop.start()] if stop else text)
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # spelled
    if not 1 <= len(words) <= _WORDS_MAX or len("".join(words)) < 2 or words[0] in language(phrases.code).stop:
        return None  # "not yours", "about my bill"
    written = " ".join(words)
    return written if written not in (written.lower(), written.upper()) else written.title()
