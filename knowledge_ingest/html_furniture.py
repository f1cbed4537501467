"""What stands around the text of a page: menus, banners, side columns, lists of links."""

import re

from selectolax.lexbor import LexborNode

_DROPPED = re.compile(
    r"script|style|nav|footer|head|noscript|template|svg|iframe|object|canvas|audio|video|select|textarea|input"
)
_ROLES = frozenset(
    {
        "navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "toolbar", "dialog",
        "alertdialog",
    }
)  # fmt: skip
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_REMARK = re.compile(r"note|tip|hint|info|important|warning|caution|danger|admonition|callout|alert", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:cookie|consent|gdpr)s?-?(?:banner|bar|notice|popup|modal|dialog|overlay|consent|message|wall)|"
    r"onetrust.*|cybotcookie.*|breadcrumbs?|pagination|pager|skip-?(?:link|nav|to-content)|toc|table-of-contents|"
    r"(?:social|share|sharing)-?(?:links?|buttons?|bar|icons?|media)|sidebar|side-?(?:bar|nav|menu)|"
    r"(?:site|page|global|main|top)-?(?:footer|nav|navigation|menu|header)|nav-?(?:bar|menu)|related-?(?:posts|articles|links)|"
    r"newsletter-?(?:signup|form|box)|(?:popup|modal)-?(?:overlay|backdrop)|advert(?:isement)?s?",
    re.IGNORECASE,
)
_TEXT_ITSELF = "main, article, h1"
_LISTS = frozenset({"ul", "ol", "menu", "div", "section", "table", "p", "dl"})
_SECTIONS = frozenset({"main", "article", "section", "dialog", "details"})
_LINKS_MIN = 4
_LINKED_SHARE = 0.8
_LINK_CHARS_MAX = 60


class Furniture:
    """Judges the elements of one page."""

    def __init__(self, root: LexborNode, *, keep_links: bool = False) -> None:
        """Counts the links; with `keep_links` lists of links are text like any other."""
        self._linked = set() if keep_links else _lists_of_links(root)

    def holds(self, node: LexborNode) -> bool:
        """Whether the element, with everything in it, is not what people came to read."""
        tag = node.tag or ""
        if _DROPPED.fullmatch(tag) or node.mem_id in self._linked:
            return True
        if tag in ("header", "aside", "dialog") and _is_outside(node, tag):
            return True
        attributes = node.attributes
        return tag != "body" and bool(attributes) and _says_so(node, attributes)


def _is_outside(node: LexborNode, tag: str) -> bool:
    if tag == "aside":
        kind = f"{node.attributes.get('class') or ''} {node.attributes.get('role') or ''}"
        return not _REMARK.search(kind)
    if tag == "dialog":
        return "open" not in node.attributes
    above = node.parent
    while above is not None:
        if above.tag in _SECTIONS:
            return False
        above = above.parent
    return node.css_first(_TEXT_ITSELF) is None


def _says_so(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if _INVISIBLE.search(attributes.get("style") or ""):
        return True
    role = (attributes.get("role") or "").strip().lower()
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".replace("_", "-").split()
    if role in _ROLES or any(_NAMED.fullmatch(name) for name in named):
        return node.css_first(_TEXT_ITSELF) is None
    return False


def _lists_of_links(root: LexborNode) -> set[int]:
    """Elements that are little else than links: menus, however they are marked."""
    found: set[int] = set()
    counts: list[list[int]] = [[0, 0, 0]]
    stack: list[tuple[LexborNode, bool, bool]] = [(root, False, False)]
    while stack:
        node, leaving, in_link = stack.pop()
        if leaving:
            chars, linked, links = counts.pop()
            if _is_list_of_links(node.tag or "", chars, linked, links):
                found.add(node.mem_id)
            counts[-1] = [before + more for before, more in zip(counts[-1], (chars, linked, links), strict=True)]
        elif node.is_text_node:
            length = len((node.text_content or "").strip())
            counts[-1][0] += length
            counts[-1][1] += length * in_link
        elif node.is_element_node and not _DROPPED.fullmatch(node.tag or ""):
            is_link = node.tag == "a" and "href" in node.attributes
            counts.append([0, 0, int(is_link)])
            stack.append((node, True, in_link))
            stack.extend((child, False, in_link or is_link) for child in node.iter(include_text=True))
    return found


def _is_list_of_links(tag: str, chars: int, linked: int, links: int) -> bool:
    return (
        tag in _LISTS and links >= _LINKS_MIN and linked >= _LINKED_SHARE * chars and linked <= _LINK_CHARS_MAX * links
    )
