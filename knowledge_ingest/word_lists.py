"""Lists of a Word document, which are paragraphs with numbers of their own."""

import re
from collections import Counter

from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError
from msgspec import Struct

from knowledge_ingest.html_blocks import Blocks
from knowledge_ingest.word_xml import Element, W, child, value_of

_LIST_STYLE = re.compile(r"list (bullet|number)(?: (\d))?", re.IGNORECASE)
_LEVEL_MAX = 8
_UNNUMBERED = "0"


class Place(Struct, frozen=True, kw_only=True):
    """Where an item stands."""

    list_id: str
    level: int
    """From 0."""


class Numbering(Struct, frozen=True, kw_only=True):
    """Which lists and levels have numbers rather than bullets."""

    numbered: frozenset[tuple[str, int]] = frozenset()
    """Id of the list, and level."""
    of_styles: dict[str, Place] = {}
    """Lists that come with a paragraph style, by the style's id."""

    @classmethod
    def of(cls, word: WordDocument) -> "Numbering":
        """Read from the document; empty when it has no lists."""
        try:
            root = word.part.numbering_part.element
        except (KeyError, NotImplementedError, PackageNotFoundError):
            return cls()
        kinds: dict[str, set[int]] = {}
        for abstract in root.iter(W + "abstractNum"):
            levels = abstract.iter(W + "lvl")
            kinds[abstract.get(W + "abstractNumId")] = {
                int(level.get(W + "ilvl")) for level in levels if value_of(level, "numFmt") not in ("bullet", "none")
            }
        numbered = {
            (str(number.get(W + "numId")), level)
            for number in root.iter(W + "num")
            for level in kinds.get(value_of(number, "abstractNumId") or "", ())
        }
        styles = {
            str(style.get(W + "styleId")): place
            for style in word.styles.element.iter(W + "style")
            if (place := _place(style)) is not None
        }
        return cls(numbered=frozenset(numbered), of_styles=styles)


class WordLists:
    """Opens and closes lists around paragraphs. A list that goes on after another paragraph goes on counting."""

    def __init__(self, blocks: Blocks, numbering: Numbering) -> None:
        self._blocks = blocks
        self._numbering = numbering
        self._open: list[Place] = []
        self._counted: Counter[Place] = Counter()

    def item(self, paragraph: Element, style: str) -> bool:
        """Begins an item where the paragraph is one."""
        place = _place(paragraph) or self._numbering.of_styles.get(value_of(paragraph, "pPr/pStyle") or "")
        named = _LIST_STYLE.fullmatch(style)
        if place is None and named is None:
            return False
        if place is None or place.list_id == _UNNUMBERED:
            if named is None:
                return False
            place = Place(list_id=named[1].casefold(), level=0)
        if named is not None and place.level == 0:
            place = Place(list_id=place.list_id, level=int(named[2] or 1) - 1)
        self._enter(place, ordered=self._is_ordered(place, named))
        return True

    def end(self) -> None:
        """What follows is no item."""
        self._close(0)

    def _is_ordered(self, place: Place, named: re.Match[str] | None) -> bool:
        if (place.list_id, place.level) in self._numbering.numbered:
            return True
        return place.list_id == "number" or (named is not None and named[1].casefold() == "number")

    def _enter(self, place: Place, *, ordered: bool) -> None:
        level = min(place.level, len(self._open), _LEVEL_MAX)
        self._close(level + 1)
        if len(self._open) > level and self._open[level].list_id != place.list_id:
            self._close(level)
        if len(self._open) > level:
            self._blocks.close()
        else:
            self._open.append(place)
            self._blocks.open_list(ordered=ordered, first=self._counted[place] + 1)
        self._counted[place] += 1
        for deeper in [held for held in self._counted if held.list_id == place.list_id and held.level > place.level]:
            del self._counted[deeper]
        self._blocks.open_item()

    def _close(self, depth: int) -> None:
        while len(self._open) > depth:
            self._open.pop()
            self._blocks.close()
            self._blocks.close()


def _place(element: Element) -> Place | None:
    properties = child(element, "pPr/numPr")
    list_id = None if properties is None else value_of(properties, "numId")
    if properties is None or list_id is None:
        return None
    level = value_of(properties, "ilvl") or "0"
    return Place(list_id=list_id, level=min(int(level), _LEVEL_MAX) if level.isdigit() else 0)
