"""Markdown and plain text files."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

import yaml
from markdown_it import MarkdownIt
from yaml.events import AliasEvent

from knowledge_ingest.decoding import Decoded
from knowledge_ingest.documents import Document, Unreadable, legible, one_line
from knowledge_ingest.metadata import Defaults, canonical, described

_FENCE = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_UNCLOSED = re.compile(r"---[ \t]*\n\w[\w -]*:")
_FRONT_MATTER_CHARS_MAX = 20_000
_FIRST_LINE_CHARS_MAX = 100
_INLINE = MarkdownIt("commonmark")
_BLOCKS = MarkdownIt("commonmark")
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])


class FrontMatterError(Exception):
    """The block above the text cannot be read; the message is for people."""


class _Loader(yaml.BaseLoader):
    """Leaves every scalar a string ("no", "1.10") and refuses aliases, which can explode."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(AliasEvent):
            raise FrontMatterError("its front matter uses YAML aliases, which are not supported")
        return super().compose_node(parent, index)


def read_markdown(decoded: Decoded, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """One document; its title from the front matter, else the main heading, else the file's name."""
    text = legible(decoded.text)
    try:
        fields, body = front_matter(text)
        if not body.strip():
            yield Unreadable(uri=uri, reason="It has no text.", empty=True)
            return
        title = one_line(str(canonical(fields).pop("title", ""))) or main_heading(body) or title_of_file(uri)
        rest = {name: value for name, value in fields.items() if name.casefold() != "title"}
        yield described(uri, title, body, rest, defaults, note=decoded.note)
    except (FrontMatterError, ValueError) as error:
        yield Unreadable(uri=uri, reason=f"Its front matter is wrong ({error}). Correct it and ingest again.")


def read_text(decoded: Decoded, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """One document; a short first line that stands alone is its title."""
    text = legible(decoded.text)
    if not text.strip():
        yield Unreadable(uri=uri, reason="It has no text.", empty=True)
        return
    first, _, rest = text.strip().partition("\n")
    alone = not rest.strip() or re.match(r"[ \t]*\n|[=-]{3,}[ \t]*\n", rest)
    title = first if alone and len(first) <= _FIRST_LINE_CHARS_MAX else title_of_file(uri)
    yield described(uri, one_line(title.lstrip("# ")) or title_of_file(uri), text, {}, defaults, note=decoded.note)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Fields of the YAML block that opens the text, and the text below it.

    Raises:
        FrontMatterError: it is no mapping, not YAML, or too long.
    """
    match = _FENCE.match(text)
    if match is None:
        if _UNCLOSED.match(text):
            raise FrontMatterError("it has no closing ---")
        return {}, text
    if len(match[1]) > _FRONT_MATTER_CHARS_MAX:
        raise FrontMatterError("it is too long")
    try:
        fields = _Loader(match[1]).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FrontMatterError("it is not valid YAML") from error
    if fields is None or fields == "":
        return {}, text[match.end() :]
    if not isinstance(fields, dict):
        if _looks_like_prose(match[1]):
            return {}, text
        raise FrontMatterError("it has no `name: value` lines")
    given = {key: "" if value in ("~", "null") else value for key, value in fields.items()}
    return given, text[match.end() :]


def main_heading(body: str) -> str | None:
    """Text of the highest heading if it is the only one of its rank, else None."""
    headings: list[tuple[str, str]] = []
    tokens = _BLOCKS.parse(body)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and inline.content.strip():
            headings.append((opening.tag, plain(inline.content)))
    highest = min((rank for rank, _ in headings), default=None)
    texts = [text for rank, text in headings if rank == highest]
    return texts[0] if len(texts) == 1 else None


def plain(inline: str) -> str:
    """One line of inline Markdown as people read it."""
    parts: list[str] = []
    for token in _INLINE.parseInline(inline)[0].children or ():
        if token.type in ("text", "code_inline", "image"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return one_line("".join(parts))


def title_of_file(uri: str) -> str:
    """A readable title out of a file's name: "refund-policy.md" becomes "Refund policy"."""
    name = PurePosixPath(uri).stem
    words = one_line(re.sub(r"[-_]+", " ", name)) or uri
    return words[:1].upper() + words[1:]


def _looks_like_prose(block: str) -> bool:
    # A text may open with a thematic break and have another one further down.
    return not re.search(r"^\w[\w -]*:", block, re.MULTILINE)
