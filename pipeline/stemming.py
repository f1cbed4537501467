"""Light stems of German, Spanish and French words: inflections fall together, unrelated words hardly ever.

They serve to compare a question with a passage, so they need not be words, only the same on both sides.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from pipeline.languages import folded


def _endings(listed: str) -> tuple[str, ...]:
    """In the order in which they are tried."""
    return tuple(listed.split())


_GERMAN_ENDINGS = _endings(
    """
    erinnen innen ungen ung est ern ten tet test en er es em et te st e n s t
    """
)
_GERMAN_PARTICIPLE = re.compile(
    r"^((?:ab|an|auf|aus|ein|vor|zu|um|nach|weg|los|mit)?)ge(\w*(?:ig|ch|ll|er|tz|hl|rr|ng|nk|[bgkm]))t$"
)
_SPANISH_ENDINGS = _endings(
    """
    amientos imientos amiento imiento aciones iciones acion icion cion iendo ando adas ados idas idos aron
    ieron ada ado ida ido aba aban ar er ir es an en as os o a e s
    """
)
_FRENCH_ENDINGS = _endings(
    """
    issements issement ements ations ement ation itions ition ions ion antes ante ants ant aient ait ees
    ent ee es er ez ir is it s x e
    """
)
_REST_MIN = 3


@lru_cache(maxsize=16384)
def german_stem(word: str) -> str:
    """ "gekündigt", "kündigen" and "Kündigung" → "kundig"; compounds stay whole."""
    plain = folded(word)
    participle = _GERMAN_PARTICIPLE.match(plain)
    if participle:
        plain = participle[1] + participle[2]
    return _cut(plain, _GERMAN_ENDINGS, _REST_MIN + 1)


@lru_cache(maxsize=16384)
def spanish_stem(word: str) -> str:
    """ "cancelación", "cancelar" and "cancelado" → "cancel"."""
    return _cut(folded(word), _SPANISH_ENDINGS, _REST_MIN)


@lru_cache(maxsize=16384)
def french_stem(word: str) -> str:
    """ "résiliation", "résilier" and "résiliée" → "resili"."""
    return _cut(folded(word), _FRENCH_ENDINGS, _REST_MIN)


def _cut(word: str, endings: tuple[str, ...], rest_min: int) -> str:
    """Without the first ending that leaves enough of the word; words with digits stay as they are."""
    if not word.isalpha():
        return word
    for ending in endings:
        if len(word) - len(ending) >= rest_min and word.endswith(ending):
            return word[: -len(ending)]
    return word


STEMMERS: Mapping[str, Callable[[str], str]] = {"de": german_stem, "es": spanish_stem, "fr": french_stem}
"""By primary subtag; English has its own in `words`."""
