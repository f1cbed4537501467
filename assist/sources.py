"""What `assist ingest` is given: files and folders, web pages, sitemaps, lists of addresses."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urldefrag, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from assist.settings import IngestSettings
from integrations.web_pages import Missing, Page, Sitemap, WebPages, is_web_address, read_sitemap, same_site
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.formats import BINARY, READERS
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.parser_process import Limits, ParserProcess
from knowledge_ingest.sources import Progress, read_content

_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
# Types that say nothing, or less than the name does.
_VAGUE = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/plain"})
_OPENINGS = ((b"<!doctype html", ".html"), (b"<html", ".html"), (b"%pdf-", ".pdf"))
_SITEMAPS_MAX = 500
_WHOLE = "."


class Found(Struct, frozen=True, kw_only=True):
    """Addresses to read, and what could not be found out."""

    urls: tuple[str, ...]
    problems: tuple[Unreadable, ...] = ()


def reading(settings: IngestSettings, language: str | None = None) -> tuple[Defaults, Limits]:
    """How files are read, as the settings say; `language` holds for those that do not name theirs."""
    defaults = Defaults(subject_fields=settings.subject_fields, language=language)
    limits = Limits(
        seconds=settings.parse_seconds,
        memory_bytes=settings.parse_memory_mb << 20,
        binary_bytes=settings.file_mb * 1_000_000,
    )
    return defaults, limits


@dataclass(frozen=True, kw_only=True)
class WebReader:
    """Reads what is on the web. Made by `open`."""

    pages: WebPages
    parser: ParserProcess
    defaults: Defaults
    pages_max: int

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: IngestSettings, language: str | None = None) -> AsyncIterator["WebReader"]:
        """With connections and a parser of its own, which end with it."""
        defaults, limits = reading(settings, language)
        with ParserProcess(limits) as parser:
            async with WebPages.open(max_bytes=limits.binary_bytes, concurrency=settings.fetch_concurrency) as pages:
                yield cls(pages=pages, parser=parser, defaults=defaults, pages_max=settings.pages_max)

    async def address(self, url: str, progress: Progress | None = None) -> AsyncGenerator[Document | Unreadable, None]:
        """A page; or every page that a sitemap lists, when the address is one."""
        first = await self.pages.fetch(url)
        if isinstance(first, Missing):
            # A sitemap that is gone says nothing about its pages.
            place = _WHOLE if _is_named_sitemap(first.url) else first.url
            yield Unreadable(uri=place, reason=first.reason, empty=first.gone and place != _WHOLE)
            return
        sitemap = read_sitemap(first.content, self.pages.max_bytes)
        if sitemap is None:
            for item in await self._documents(first):
                yield item
            return
        found = await self._listed(first.url, sitemap)
        for problem in found.problems:
            yield problem
        async for item in self._read_all(found.urls, progress):
            yield item

    async def addresses(
        self, lines: Iterable[str], progress: Progress | None = None
    ) -> AsyncGenerator[Document | Unreadable, None]:
        """Pages of a list: one address a line; lines that are empty or begin with # are left out."""
        wanted: dict[str, None] = {}
        for line in map(str.strip, lines):
            if is_web_address(line):
                wanted.setdefault(urldefrag(line).url)
            elif line and not line.startswith("#"):
                yield Unreadable(uri=line[:200], reason="It is no http or https address that can be fetched.")
        urls = list(wanted)
        if len(urls) > self.pages_max:
            yield _too_many(self.pages_max)
        async for item in self._read_all(urls[: self.pages_max], progress):
            yield item

    async def _read_all(self, urls: Sequence[str], progress: Progress | None) -> AsyncIterator[Document | Unreadable]:
        done = 0
        async for fetched in self.pages.fetch_all(urls):
            for item in await self._documents(fetched):
                yield item
            done += 1
            if progress:
                progress(done, len(urls))

    async def _documents(self, fetched: Page | Missing) -> list[Document | Unreadable]:
        if isinstance(fetched, Missing):
            return [Unreadable(uri=fetched.url, reason=fetched.reason, empty=fetched.gone)]
        ending = _ending(fetched)
        if ending is None:
            reason = f"This format ({fetched.media_type or 'unnamed'}) is not supported."
            return [Unreadable(uri=fetched.url, reason=reason)]
        content = fetched.content if ending in BINARY else _as_utf8(fetched)
        defaults = replace(self.defaults, url=fetched.address)
        results = read_content(content, ending, fetched.url, defaults, self.parser)
        return await asyncio.to_thread(list, results)

    async def _listed(self, url: str, sitemap: Sitemap) -> Found:
        """Pages of a sitemap and of those that it lists; on its own site only, and not without end."""
        urls: dict[str, None] = {}
        problems: list[Unreadable] = []
        if not sitemap.is_index:
            urls = dict.fromkeys(sitemap.locations)
        elif len(sitemap.locations) > _SITEMAPS_MAX:
            problems.append(Unreadable(uri=_WHOLE, reason=f"Only the first {_SITEMAPS_MAX} of its sitemaps are read."))
        nested = [it for it in sitemap.locations if same_site(it, url)][:_SITEMAPS_MAX] if sitemap.is_index else []
        async for fetched in self.pages.fetch_all(nested):
            below = read_sitemap(fetched.content, self.pages.max_bytes) if isinstance(fetched, Page) else None
            if below is None or below.is_index:
                reason = fetched.reason if isinstance(fetched, Missing) else "It is no list of pages."
                problems.append(Unreadable(uri=_WHOLE, reason=f"The sitemap {fetched.url} was not read: {reason}"))
            else:
                urls |= dict.fromkeys(below.locations)
            if len(urls) > self.pages_max:
                break
        if len(urls) > self.pages_max:
            problems.append(_too_many(self.pages_max))
        chosen = list(urls)[: self.pages_max]
        foreign = [it for it in chosen if not same_site(it, url)]
        problems += [Unreadable(uri=it, reason="It is not on the site of its sitemap.") for it in foreign]
        return Found(urls=tuple(it for it in chosen if same_site(it, url)), problems=tuple(problems))


def read_addresses(path: Path) -> list[str]:
    """Lines of a list of addresses.

    Raises:
        OSError: it cannot be opened.
    """
    return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()


def _too_many(most: int) -> Unreadable:
    reason = f"It lists more than {most} pages; only these are read (ASSIST_INGEST_PAGES_MAX). Nothing is removed."
    return Unreadable(uri=_WHOLE, reason=reason)


def _is_named_sitemap(url: str) -> bool:
    path = urlsplit(url).path.lower()
    return path.endswith((".xml", ".xml.gz")) or "sitemap" in path


def _ending(page: Page) -> str | None:
    """Of the format: what the server says, unless the name says more."""
    named = PurePosixPath(urlsplit(page.address).path).suffix.lower()
    if page.media_type in _VAGUE and named in READERS:
        return named
    if page.media_type == "text/plain":
        return ".txt"
    if page.media_type in _VAGUE:
        return next((ending for opening, ending in _OPENINGS if _opens(page.content, opening)), None)
    return _ENDINGS.get(page.media_type)


def _opens(content: bytes, opening: bytes) -> bool:
    return content[:1024].lstrip().lower().startswith(opening)


def _as_utf8(page: Page) -> bytes:
    """The server's word counts where the text is not UTF-8 anyway."""
    try:
        page.content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return page.content.decode(page.charset or "").encode("utf-8")
        except (UnicodeError, LookupError):
            return page.content
    return page.content
