"""Bytes of unknown encoding into text."""

import codecs

from msgspec import Struct

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WINDOWS_NOTE = "It is not UTF-8 and was read as Windows-1252; check its special characters or save it as UTF-8."


class Decoded(Struct, frozen=True, kw_only=True):
    """Text, and what was odd about its encoding."""

    text: str
    note: str | None = None


class UndecodableError(Exception):
    """The bytes are no text in any encoding that is expected; the message is for people."""


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """UTF-8, or what a byte order mark or the document itself declares, or else Windows-1252.

    Raises:
        UndecodableError: none of them fits.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return Decoded(text=_strict(content[len(mark) :], encoding))
    if b"\0" in content:
        raise UndecodableError("It is not text. Save it as UTF-8 text.")
    for encoding in ("utf-8", declared or ""):
        text = _attempt(content, encoding)
        if text is not None:
            return Decoded(text=text)
    return Decoded(text=_strict(content, "cp1252"), note=WINDOWS_NOTE)


def _attempt(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding) if encoding else None
    except (UnicodeError, LookupError):
        return None


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        raise UndecodableError("Its encoding is not known. Save it as UTF-8.") from error
