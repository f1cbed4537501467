"""Lines as they are printed on pages into paragraphs of Markdown."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

_BULLET = re.compile(r"[•‣▪●○◦]\s+")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s")
_ENDS = (".", "!", "?", ":", ";", "…")
_HYPHEN = re.compile(r"[^\W\d_]{3}[-\u00ad\u2010]$")
_SPECIAL = re.compile(r"#{1,6}(?=\s|$)|>|[-=_*`~]{3,}|<|\||\[[^\]]{1,200}\]:")
_SETEXT = re.compile(r"[=-]+\s*$")
_DIGITS = re.compile(r"\d+")
_EDGE_LINES = 2
_REPEATED_PAGES_MIN = 3
_REPEATED_SHARE = 0.6
_FULL_SHARE = 0.6


def without_running_lines(pages: Sequence[list[str]]) -> list[list[str]]:
    """Pages without the heads, feet and page numbers that most of them repeat."""
    stripped = [[line.strip() for line in page if line.strip()] for page in pages]
    counts = Counter(key for page in stripped for key in {_key(page[at]) for at in _edges(page)})
    with_text = sum(map(bool, stripped))
    enough = max(_REPEATED_PAGES_MIN, with_text * _REPEATED_SHARE)
    kept = (
        [line for at, line in enumerate(page) if at not in _edges(page) or counts[_key(line)] < enough]
        for page in stripped
    )
    # Where nothing else is on a page, it is what the page is about.
    return [lines or page for lines, page in zip(kept, stripped, strict=True)]


def paragraphs(lines: Sequence[str], headings: Mapping[str, int]) -> Iterator[str]:
    """Paragraphs, list items and headings in order. A line goes on in the next one when it is full.

    Args:
        lines: of one page, stripped, none empty.
        headings: rank by text in lower case.
    """
    width = max(map(len, lines), default=0)
    current = ""
    last = ""
    for line in lines:
        rank = headings.get(" ".join(line.split()).casefold())
        text = _BULLET.sub("- ", line, count=1)
        if rank is None and current and _goes_on(last, text, width):
            current = _joined(current, text)
        else:
            if current:
                yield current
            current = f"{'#' * rank} {line}" if rank else _escaped(text)
        if rank:
            yield current
            current = ""
        last = line
    if current:
        yield current


def _edges(page: Sequence[str]) -> set[int]:
    count = len(page)
    return {at for at in range(count) if at < _EDGE_LINES or at >= count - _EDGE_LINES}


def _key(line: str) -> str:
    return _DIGITS.sub("0", line.casefold())


def _goes_on(line: str, following: str, width: int) -> bool:
    if _ITEM.match(following):
        return False
    if following[:1].islower():
        return True
    return len(line) >= _FULL_SHARE * width and not line.endswith(_ENDS)


def _joined(text: str, line: str) -> str:
    if _HYPHEN.search(text) and line[:1].islower():
        return text[:-1] + line
    return f"{text} {line}"


def _escaped(line: str) -> str:
    return f"\\{line}" if _SPECIAL.match(line) or _SETEXT.match(line) else line
