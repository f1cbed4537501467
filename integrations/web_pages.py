"""Pages and files from web servers, fetched politely: within limits, and as robots.txt allows."""

import asyncio
import re
import zlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Self
from urllib.parse import urldefrag, urlsplit
from urllib.robotparser import RobotFileParser

import httpx
import stamina
from msgspec import Struct

USER_AGENT = "AssistIngest/1.0"

_CONNECT_S = 10.0
_SILENCE_S = 20.0
_GONE = frozenset({404, 410})
_RETRYABLE = frozenset({408, 425, 429})
_CLIENT_ERROR = 400
_SERVER_ERROR = 500
_ROBOTS_BYTES_MAX = 500_000
_LOCATION = re.compile(rb"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s][^<\]]{0,4000}?)\s*(?:\]\]>)?\s*</loc>")
_INDEX = re.compile(rb"<sitemapindex[\s>]")
_SITEMAP = re.compile(rb"<(?:sitemapindex|urlset)[\s>]")
_SITEMAP_HEAD_BYTES = 4096
_FAILED_MAX = 10
_GZIP = b"\x1f\x8b"


class Page(Struct, frozen=True, kw_only=True):
    """What a URL gave."""

    url: str
    """As it was asked for, without a fragment."""
    address: str
    """Where it was found in the end, after redirects."""
    content: bytes
    media_type: str
    """In lower case without parameters, "text/html"; empty when the server does not say."""
    charset: str | None


class Missing(Struct, frozen=True, kw_only=True):
    """A URL that gave nothing."""

    url: str
    reason: str
    """For people: what is wrong and what to do."""
    gone: bool = False
    """The server says that there is nothing any more, rather than having failed."""


class Sitemap(Struct, frozen=True, kw_only=True):
    """What a sitemap lists."""

    locations: tuple[str, ...]
    is_index: bool
    """The locations are further sitemaps, not pages."""


class _TransientError(Exception):
    """Another attempt may help; the message is for people."""


@dataclass(frozen=True, kw_only=True)
class WebPages:
    """Fetches pages. Made by `open`."""

    client: httpx.AsyncClient
    max_bytes: int = 50_000_000
    """Of one page, unpacked; one byte more is fetched, so that the reader can tell."""
    concurrency: int = 4
    redirects_max: int = 5
    attempts: int = 3
    retry_wait_s: float = 0.5
    """Before the second attempt; doubles."""
    page_s: float = 60.0
    """For one attempt, whole."""
    failed: Counter[str] = field(default_factory=Counter)
    """Pages in a row that a host did not give."""
    robots: dict[str, asyncio.Task[RobotFileParser | None]] = field(default_factory=dict)
    """By scheme and host, fetched once; None where the server failed to give it."""

    @classmethod
    @asynccontextmanager
    async def open(cls, *, max_bytes: int, concurrency: int = 4) -> AsyncIterator[Self]:
        """With connections of its own, which are closed in the end."""
        client = httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            timeout=httpx.Timeout(_SILENCE_S, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=concurrency),
        )
        async with client:
            pages = cls(client=client, max_bytes=max_bytes, concurrency=concurrency)
            try:
                yield pages
            finally:
                for task in pages.robots.values():
                    task.cancel()

    async def fetch(self, url: str) -> Page | Missing:
        """The page at a URL; never raises for what the server does."""
        url = urldefrag(url).url
        host = _host(url)
        if self.failed[host] >= _FAILED_MAX:
            return Missing(
                url=url, reason=f"The server has failed {_FAILED_MAX} times in a row and is not asked again."
            )
        try:
            found = await self._with_retries(url)
        except _TransientError as error:
            self.failed[host] += 1
            return Missing(url=url, reason=f"{error} What was known of it stays.")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
            return Missing(url=url, reason=f"It cannot be fetched ({type(error).__name__}). Check the address.")
        self.failed[host] = 0
        return found

    async def fetch_all(self, urls: Iterable[str]) -> AsyncIterator[Page | Missing]:
        """Every page, in the order of the URLs; a few are under way at the same time."""
        waiting: deque[asyncio.Task[Page | Missing]] = deque()
        try:
            for url in urls:
                waiting.append(asyncio.create_task(self.fetch(url)))
                if len(waiting) >= self.concurrency:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()

    async def _with_retries(self, url: str) -> Page | Missing:
        attempts = stamina.retry_context(
            on=_TransientError,
            attempts=self.attempts,
            timeout=None,
            wait_initial=self.retry_wait_s,
            wait_jitter=self.retry_wait_s,
        )
        async for attempt in attempts:
            with attempt:
                return await self._attempt(url)
        raise AssertionError("an attempt ends one way or the other")

    async def _attempt(self, url: str) -> Page | Missing:
        try:
            async with asyncio.timeout(self.page_s):
                return await self._follow(url)
        except TimeoutError:
            raise _TransientError(f"The server did not answer within {self.page_s:g} s.") from None
        except httpx.TimeoutException:
            raise _TransientError("The server did not answer in time.") from None
        except httpx.UnsupportedProtocol:
            raise
        except httpx.TransportError as error:
            raise _TransientError(f"The server cannot be reached ({type(error).__name__}).") from error

    async def _follow(self, url: str) -> Page | Missing:
        address = httpx.URL(url)
        for _ in range(self.redirects_max + 1):
            if refused := _unusable(address) or await self._forbidden(address):
                return Missing(url=url, reason=refused)
            async with self.client.stream("GET", address) as response:
                if response.next_request is None:
                    return await self._taken(url, response)
                address = response.next_request.url
        return Missing(url=url, reason=f"It redirects more than {self.redirects_max} times.")

    async def _taken(self, url: str, response: httpx.Response) -> Page | Missing:
        status = response.status_code
        if status in _RETRYABLE or status >= _SERVER_ERROR:
            raise _TransientError(f"The server answered {status}.")
        if status >= _CLIENT_ERROR:
            gone = status in _GONE
            advice = "What was known of it is removed." if gone else "Check that it can be read without signing in."
            return Missing(url=url, reason=f"The server answered {status}. {advice}", gone=gone)
        return Page(
            url=url,
            address=str(response.url.copy_with(fragment=None)),
            content=await _body(response, self.max_bytes),
            media_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
            charset=response.charset_encoding,
        )

    async def _forbidden(self, address: httpx.URL) -> str | None:
        site = str(address.copy_with(path="/", query=None, fragment=None))
        if site not in self.robots:
            self.robots[site] = asyncio.create_task(self._rules(site))
        rules = await asyncio.shield(self.robots[site])
        if rules is None:
            self.robots.pop(site, None)
            raise _TransientError("The server does not give its robots.txt, so nothing may be fetched.")
        if rules.can_fetch(USER_AGENT, str(address)):
            return None
        return "The site's robots.txt forbids to fetch it."

    async def _rules(self, site: str) -> RobotFileParser | None:
        rules = RobotFileParser()
        try:
            async with asyncio.timeout(_SILENCE_S):
                async with self.client.stream("GET", f"{site}robots.txt", follow_redirects=True) as response:
                    if response.status_code >= _SERVER_ERROR:
                        return None
                    text = (
                        ""
                        if response.is_error
                        else (await _body(response, _ROBOTS_BYTES_MAX)).decode("utf-8", "replace")
                    )
        except (httpx.HTTPError, TimeoutError):
            return None
        rules.parse(text.splitlines())
        return rules


def read_sitemap(content: bytes, max_bytes: int) -> Sitemap | None:
    """The locations that a sitemap names, packed or not; None when it is none.

    Only its tags are looked at: there are no entities that could grow.
    """
    if content.startswith(_GZIP):
        try:
            content = zlib.decompressobj(wbits=31).decompress(content, max_bytes)
        except zlib.error:
            return None
    if not _SITEMAP.search(content[:_SITEMAP_HEAD_BYTES]):
        return None
    found = (unescape(match.decode("utf-8", "replace")).strip() for match in _LOCATION.findall(content))
    locations = dict.fromkeys(urldefrag(location).url for location in found)
    return Sitemap(locations=tuple(locations), is_index=bool(_INDEX.search(content[:_SITEMAP_HEAD_BYTES])))


def same_site(one: str, other: str) -> bool:
    """Whether both are on one host, with or without www."""
    return _host(one) == _host(other)


def is_web_address(text: str) -> bool:
    """Whether it can be fetched: http or https, with a host, without a password in it."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _unusable(address: httpx.URL) -> str | None:
    if address.scheme not in ("http", "https") or not address.host:
        return "It is no http or https address."
    return (
        "It has a user name or password in it, which would be shown with every citation." if address.userinfo else None
    )


async def _body(response: httpx.Response, most: int) -> bytes:
    """At most one byte more than allowed."""
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > most:
            break
    return b"".join(parts)[: most + 1]
