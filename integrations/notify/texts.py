"""Texts cut to what a receiver takes."""

from collections.abc import Callable

ELLIPSIS = "…"


def one_line(text: str) -> str:
    """Without line breaks and other control characters, which could begin a header or another line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def headline(title: str) -> str:
    """A title in one line, and never nothing: receivers refuse empty ones."""
    return one_line(title) or "Assist"


def cut(text: str, most: int, size: Callable[[str], int] = len) -> str:
    """The text, or as much of its beginning as has at most `most` of whatever `size` counts, with an ellipsis."""
    if size(text) <= most:
        return text
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        if size(_shortened(text, middle)) <= most:
            low = middle
        else:
            high = middle - 1
    return _shortened(text, low)


def _shortened(text: str, chars: int) -> str:
    return text[:chars].rstrip() + ELLIPSIS
