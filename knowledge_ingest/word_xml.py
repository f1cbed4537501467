"""The XML inside a Word document: what stands where, and the text of a paragraph."""

from collections.abc import Iterator
from typing import Any

# The parser's elements have no types of their own.
Element = Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BLOCKS = frozenset({W + "p", W + "tbl"})
_TRANSPARENT = frozenset({W + "sdt", W + "sdtContent", W + "customXml", W + "ins", W + "moveTo"})
_UNREAD = frozenset({_FALLBACK, W + "pPr", W + "rPr", W + "del", W + "moveFrom", W + "txbxContent"})
_SIGNS = {W + "br": "\n", W + "cr": "\n", W + "tab": " ", W + "noBreakHyphen": "-"}


def block_elements(container: Element) -> Iterator[Element]:
    """Paragraphs and tables of a body or cell in order, also those inside content controls."""
    stack = list(reversed(container))
    while stack:
        element = stack.pop()
        if element.tag in _BLOCKS:
            yield element
        elif element.tag in _TRANSPARENT:
            stack.extend(reversed(element))


def text_of(paragraph: Element) -> str:
    """As people read it: with tracked insertions, without deletions, field codes and text boxes."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        if element.tag == W + "t":
            parts.append(element.text or "")
        elif element.tag in _SIGNS:
            parts.append(_SIGNS[element.tag])
        elif element.tag not in _UNREAD:
            stack.extend(reversed(element))
    return "".join(parts)


def child(element: Element, path: str) -> Element | None:
    """The first element at a path of local names."""
    return element.find("/".join(W + name for name in path.split("/")))


def value_of(element: Element, path: str) -> str | None:
    """The `w:val` of the element at a path of local names."""
    found = child(element, path)
    return None if found is None else found.get(W + "val")
