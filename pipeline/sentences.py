"""Sentences with their places: of Markdown bodies, and of things said."""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from pipeline.stopwords import FILLERS, STOPWORDS, word_set

_ABBREVIATIONS = word_set(
    """
    e.g i.e etc vs mr mrs ms dr prof st no nr inc ltd co corp dept approx est fig vol min max incl excl p.m a.m u.s
    u.k jan feb mar apr jun jul aug sep sept oct nov dec tel ext
    z.b d.h bzw ca usw ggf inkl exkl zzgl evtl str u.a sr sra srta ud uds p.ej ej pág m mme mlle env p
    """
)
_MAY_CLOSE = word_set("p.m a.m etc inc ltd co corp u.s u.k usw ud uds")
"""Those with which a sentence may end too: it has when a capitalised word follows that names nothing, as in "The"."""
_OPENERS = STOPWORDS | FILLERS
_NEXT_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LINE = re.compile(r"[^\n]+")
_END = re.compile(r"[.!?…。！？](?:[\"')\]*_”’]{0,4})(?=\s|$)|[。！？]")
_LAST_WORD = re.compile(r"([\w.]{1,12})$")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_HEADING = re.compile(r"\s{0,3}#{1,6}(?:\s|$)")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)]|[a-zA-Z][.)])\s+(?:\[[ xX]\]\s+)?")
_QUOTE_MARK = re.compile(r"\s{0,3}>\s?")
_TABLE_RULE = re.compile(r"^[\s|:+=_*-]+$")
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,600}\)")
_LINKED = re.compile(r"\[([^\]\n]{1,300})\](?:\([^)\n]{0,600}\)|\[[^\]\n]{0,100}\])")
_TAG = re.compile(r"<!--.{0,2000}?-->|</?[a-zA-Z][^<>\n]{0,300}>")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,500})>")
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~|`{1,3})(?=\S)|(?<=\S)(\*{1,3}|_{2,3}|~~|`{1,3})")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_SPACE = re.compile(r"\s+")


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence and where it stands."""

    start: int
    end: int
    """The source is `text[start:end]`, markers of the line included, white space around it not."""
    text: str
    """As shown: no Markdown, single spaces."""
    block: int
    """Number of the paragraph or list item it belongs to."""
    is_item: bool
    """It opens a list item."""


@lru_cache(maxsize=4096)
def sentences(markdown: str) -> tuple[Sentence, ...]:
    """Sentences of a Markdown text in order; headings, rules and fences' marks are none."""
    found: list[Sentence] = []
    for number, (start, end) in enumerate(_blocks(markdown)):
        opening = _opening(markdown[start:end])
        for first, last in _split(markdown, start + opening, end):
            begin = start if first == start + opening else first
            shown = readable(markdown[first:last])
            if any(char.isalnum() for char in shown):
                is_item = begin == start and bool(_ITEM.match(markdown[start:end]))
                found.append(Sentence(start=begin, end=last, text=shown, block=number, is_item=is_item))
    return tuple(found)


@lru_cache(maxsize=65536)
def spoken_sentences(text: str) -> tuple[str, ...]:
    """Sentences of an utterance; without punctuation it is one."""
    return tuple(text[start:end] for start, end in _split(text, 0, len(text), cased=False) if start < end)


def headings(markdown: str) -> str:
    """The headings in a passage, for matching."""
    return " ".join(readable(line[0]) for line in _LINE.finditer(markdown) if _HEADING.match(line[0]))


def readable(source: str) -> str:
    """Source without Markdown markup, on one line."""
    text = _IMAGE.sub(r"\1", source)
    text = _LINKED.sub(r"\1", text)
    text = _TAG.sub("", _AUTOLINK.sub(r"\1", text))
    text = _EMPHASIS.sub("", _HEADING.sub("", text))
    text = _ESCAPED.sub(r"\1", text)
    if text.lstrip().startswith("|"):
        text = ", ".join(cell.strip() for cell in text.strip().strip("|").split("|") if cell.strip())
    return _SPACE.sub(" ", text).strip()


def _opening(block: str) -> int:
    """Length of list and quotation marks before the words."""
    quoted = _QUOTE_MARK.match(block)
    start = quoted.end() if quoted else 0
    item = _ITEM.match(block, start)
    return item.end() if item else start


def _blocks(markdown: str) -> Iterator[tuple[int, int]]:
    """Paragraphs, list items and table rows, without surrounding white space."""
    start: int | None = None
    end = fence_marks = 0
    for line in re.finditer(r"[^\n]*(?:\n|$)", markdown):
        source = line[0]
        alone = _stands_alone(source)
        fence_marks += bool(_FENCE.match(source))
        opens = alone or bool(_ITEM.match(source)) or source.lstrip().startswith("|") or fence_marks % 2 == 1
        if start is not None and (opens or not source.strip()):
            yield start, end
            start = None
        if not alone and source.strip():
            start = line.start() + len(source) - len(source.lstrip()) if start is None else start
            end = line.start() + len(source.rstrip())
    if start is not None:
        yield start, end


def _stands_alone(line: str) -> bool:
    """Headings, rules, table rules and fences: no sentence, and the end of the one before."""
    return bool(_HEADING.match(line) or _FENCE.match(line) or (line.strip() and _TABLE_RULE.match(line)))


def _split(text: str, start: int, end: int, *, cased: bool = True) -> Iterator[tuple[int, int]]:
    """Places of sentences inside one block; `cased`: a sentence does not begin with a small letter."""
    begin = start
    for stop in _END.finditer(text, start, end):
        if _is_end(text, begin, stop, end, cased=cased):
            yield _trimmed(text, begin, stop.end())
            begin = stop.end()
    if text[begin:end].strip():
        yield _trimmed(text, begin, end)


def _is_end(text: str, begin: int, stop: re.Match[str], end: int, *, cased: bool) -> bool:
    following = text[stop.end() : stop.end() + 40].lstrip()
    if text[stop.start()] not in ".…" or not following or stop.end() >= end:
        return True
    word = _LAST_WORD.search(text[max(begin, stop.start() - 14) : stop.start()])
    if word and word[1].lower() in _MAY_CLOSE:
        return _opens_a_sentence(following)
    if word and (word[1].lower() in _ABBREVIATIONS or (len(word[1]) == 1 and word[1].isalpha())):
        return False
    return not (cased and following[0].islower())


def _opens_a_sentence(following: str) -> bool:
    word = _NEXT_WORD.match(following)
    return word is not None and word[0][0].isupper() and word[0].lower().replace("’", "'") in _OPENERS


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))
