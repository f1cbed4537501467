"""HTML pages into readable Markdown: what people read of the page, without its furniture."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge_ingest.decoding import Decoded
from knowledge_ingest.documents import Document, Unreadable, legible, one_line
from knowledge_ingest.html_blocks import Blocks
from knowledge_ingest.html_furniture import Furniture
from knowledge_ingest.markdown import title_of_file
from knowledge_ingest.metadata import Defaults, described, field_name

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|form|"
    r"h[1-6r]|header|hgroup|li|main|menu|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_CODE = ("code", "kbd", "samp")
_HEADING = re.compile(r"h([1-6])")
# The parser's time grows with the square of the depth: 20,000 levels take seconds, 200,000 take minutes.
_DEPTH_MAX = 2_000
_NESTING = re.compile(
    r"<(/?)(?:div|span|section|article|blockquote|ul|ol|table|b|i|u|a|em|strong|font|small|q)\b",
    re.IGNORECASE,
)
_CONTAINERS: dict[str, Callable[[Blocks], None]] = {
    "ul": lambda blocks: blocks.open_list(ordered=False),
    "menu": lambda blocks: blocks.open_list(ordered=False),
    "ol": lambda blocks: blocks.open_list(ordered=True),
    "li": Blocks.open_item,
    "blockquote": Blocks.open_quote,
}
_META = {
    "keywords": "tags",
    "author": "author",
    "audience": "audience",
    "valid_from": "valid_from",
    "valid_until": "valid_until",
    "article:modified_time": "updated",
    "last-modified": "updated",
}


def declared_encoding(content: bytes) -> str | None:
    """The encoding that the page claims in its first kilobyte."""
    match = _DECLARED.search(content[:1024])
    return match[1].decode("ascii") if match else None


def read_html(decoded: Decoded, uri: str, defaults: Defaults) -> Iterator[Document | Unreadable]:
    """One document; its title from the only h1, else <title>, else the file's name."""
    text = legible(decoded.text)
    if _depth(text) > _DEPTH_MAX:
        yield Unreadable(uri=uri, reason="Its elements are nested too deeply. Save the page as Markdown or text.")
        return
    page = LexborHTMLParser(text)
    body = _text(_content(page))
    if not body:
        yield Unreadable(uri=uri, reason="It has no text.", empty=True)
        return
    try:
        yield described(
            uri, _title(page) or title_of_file(uri), body, _fields(page, defaults), defaults, note=decoded.note
        )
    except ValueError as error:
        yield Unreadable(uri=uri, reason=f"Its metadata is wrong ({error}). Correct it and ingest again.")


def markdown_of(root: LexborNode, furniture: Furniture) -> str:
    """Headings, paragraphs, lists, tables, quotes and code under `root`; links and emphasis as plain text."""
    blocks = Blocks()
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            _leave(blocks, node)
        elif node.is_text_node:
            blocks.text(node.text_content or "")
        elif node.is_element_node and not furniture.holds(node):
            stack.append((node, True))
            if _enter(blocks, node):
                stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))
    return blocks.markdown()


def _text(root: LexborNode | None) -> str:
    """The page without its furniture; where only headings are left then, lists of links were what it is about."""
    if root is None:
        return ""
    body = markdown_of(root, Furniture(root))
    if all(not line or line.startswith("#") for line in body.split("\n")):
        return markdown_of(root, Furniture(root, keep_links=True))
    return body


def _enter(blocks: Blocks, node: LexborNode) -> bool:
    """Whether the children are to be visited."""
    tag = node.tag or ""
    if _BLOCK.fullmatch(tag):
        blocks.flush()
    if heading := _HEADING.fullmatch(tag):
        blocks.heading(int(heading[1]))
    elif tag in ("summary", "dt"):
        blocks.subheading()
    elif tag in _CONTAINERS:
        _CONTAINERS[tag](blocks)
    elif tag in _CODE:
        blocks.mark("`")
    else:
        return not _whole(blocks, node, tag)
    return True


def _leave(blocks: Blocks, node: LexborNode) -> None:
    tag = node.tag or ""
    if _BLOCK.fullmatch(tag):
        blocks.flush()
    if tag in _CONTAINERS:
        blocks.close()
    elif tag in _CODE:
        blocks.mark("`")


def _whole(blocks: Blocks, node: LexborNode, tag: str) -> bool:
    """Takes an element with everything in it; False when it is not of that kind."""
    if tag == "br":
        blocks.line_break()
    elif tag == "pre":
        blocks.code(node.text())
    elif tag == "img":
        blocks.text(node.attributes.get("alt") or "")
    elif tag == "table" and (rows := _rows(node)):
        blocks.table(rows)
    else:
        return False
    return True


def _rows(table: LexborNode) -> list[list[str]]:
    """Cells of a table of data; empty when the table only lays out the page."""
    nested = len(table.css("table")) > 1
    if nested or table.css_first("ul, ol, h1, h2, h3, h4, h5, h6, pre, p + p"):
        return []
    rows = [
        [one_line(cell.text(separator=" ")) for cell in row.iter() if cell.tag in ("td", "th")]
        for row in table.css("tr")
        if "hidden" not in row.attributes
    ]
    filled = [row for row in rows if any(row)]
    return filled if max(map(len, filled), default=0) > 1 else []


def _content(page: LexborHTMLParser) -> LexborNode | None:
    for selector in ("main", "[role=main]", "article"):
        found = page.css(selector)
        if len(found) == 1 and found[0].text().strip():
            return found[0]
    return page.body


def _title(page: LexborHTMLParser) -> str:
    headings = page.css("h1")
    if len(headings) == 1 and (text := one_line(headings[0].text(separator=" "))):
        return text
    title = page.css_first("head title")
    return one_line(title.text()) if title else ""


def _fields(page: LexborHTMLParser, defaults: Defaults) -> dict[str, Any]:
    wanted = _META | {name: name for name in map(field_name, defaults.subject_fields)}
    fields: dict[str, Any] = {}
    for meta in page.css("head meta[content]"):
        attributes = meta.attributes
        name = (attributes.get("name") or attributes.get("property") or attributes.get("http-equiv") or "").lower()
        if name in wanted:
            fields.setdefault(wanted[name], attributes.get("content") or "")
    root = page.root
    language = root.attributes.get("lang") if root else None
    return fields | {"language": language, "url": _canonical(page) if defaults.url is None else defaults.url}


def _canonical(page: LexborHTMLParser) -> str:
    link = page.css_first("link[rel=canonical][href]")
    return (link.attributes.get("href") if link else None) or ""


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _NESTING.finditer(text):
        depth += -1 if match[1] else 1
        deepest = max(deepest, depth)
    return deepest
