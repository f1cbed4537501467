"""Two versions of a text side by side: line by line, and word by word within a line that was changed."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from msgspec import Struct

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_WORDWISE_CHARS_MAX = 4_000
_ALIKE_MIN = 0.4
"""Of two lines; below, telling their words apart shows nothing."""


class Span(Struct, frozen=True, kw_only=True):
    """A stretch of a line."""

    text: str
    changed: bool


class DiffLine(Struct, frozen=True, kw_only=True):
    """One line. Those that are `same` or `removed` make up the old text, those that are `same` or `added` the new."""

    kind: Literal["same", "added", "removed"]
    text: str
    spans: list[Span] = []
    """The whole line in stretches, where it stands for another one of which some words stayed; else empty."""


def difference(before: str, after: str) -> list[DiffLine]:
    """What makes `after` out of `before`, in reading order."""
    old, new = before.split("\n"), after.split("\n")
    lines: list[DiffLine] = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            lines += [DiffLine(kind="same", text=text) for text in old[old_start:old_end]]
        else:
            lines += _replaced(old[old_start:old_end], new[new_start:new_end])
    return lines


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    """What went, then what came; lines at the same place are compared word by word."""
    pairs = [_wordwise(one, other) for one, other in zip(old, new, strict=False)]
    for place, text in enumerate(old):
        yield DiffLine(kind="removed", text=text, spans=pairs[place][0] if place < len(pairs) else [])
    for place, text in enumerate(new):
        yield DiffLine(kind="added", text=text, spans=pairs[place][1] if place < len(pairs) else [])


def _wordwise(old: str, new: str) -> tuple[list[Span], list[Span]]:
    if max(len(old), len(new)) > _WORDWISE_CHARS_MAX:
        return [], []
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < _ALIKE_MIN:
        return [], []
    before: list[Span] = []
    after: list[Span] = []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        changed = kind != "equal"
        before += _span(one[old_start:old_end], changed=changed)
        after += _span(other[new_start:new_end], changed=changed)
    return before, after


def _span(words: Sequence[str], *, changed: bool) -> list[Span]:
    return [Span(text="".join(words), changed=changed)] if words else []
