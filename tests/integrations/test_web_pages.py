"""Fetching from a real server: politely, within limits, and telling gone from failed."""

import gzip
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from msgspec.structs import asdict

from integrations.web_pages import Missing, Page, WebPages, is_web_address, read_sitemap
from tests.integrations.web_site import Reply, Site, web_site


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        yield made


@pytest.fixture
async def pages() -> AsyncIterator[WebPages]:
    async with WebPages.open(max_bytes=100_000, concurrency=3) as opened:
        yield WebPages(
            client=opened.client,
            max_bytes=opened.max_bytes,
            concurrency=opened.concurrency,
            retry_wait_s=0.001,
            page_s=1.0,
        )


async def missing(pages: WebPages, url: str) -> Missing:
    found = await pages.fetch(url)
    assert isinstance(found, Missing), asdict(found)
    return found


async def page(pages: WebPages, url: str) -> Page:
    found = await pages.fetch(url)
    assert isinstance(found, Page), found
    return found


async def test_a_page_comes_with_its_type_and_where_it_was_found(site: Site, pages: WebPages) -> None:
    site.page("/new", "Moved here.")
    site.replies["/old"] = Reply(status=301, headers={"Location": "/new"})
    found = await page(pages, f"{site.url}/old#part")
    assert (found.url, found.address) == (f"{site.url}/old", f"{site.url}/new")
    assert (found.media_type, found.charset) == ("text/html", "utf-8")
    assert b"Moved here." in found.content


async def test_packed_pages_are_unpacked_and_large_ones_cut_off(site: Site, pages: WebPages) -> None:
    site.replies["/packed"] = Reply.packed(b"text " * 100)
    site.replies["/bomb"] = Reply.packed(b"0" * 50_000_000)
    assert (await page(pages, f"{site.url}/packed")).content == b"text " * 100
    assert len((await page(pages, f"{site.url}/bomb")).content) == 100_001


@pytest.mark.parametrize(("status", "gone"), [(404, True), (410, True), (401, False), (403, False), (451, False)])
async def test_a_refusal_is_final_and_says_whether_the_page_is_gone(
    site: Site, pages: WebPages, status: int, gone: bool
) -> None:
    site.replies["/x"] = Reply(status=status)
    found = await missing(pages, f"{site.url}/x")
    assert (found.gone, str(status) in found.reason) == (gone, True)
    assert site.asked["/x"] == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_a_failing_server_is_asked_again_and_the_page_is_not_gone(
    site: Site, pages: WebPages, status: int
) -> None:
    site.replies["/x"] = Reply(status=status)
    found = await missing(pages, f"{site.url}/x")
    assert not found.gone
    assert str(status) in found.reason
    assert site.asked["/x"] == 3


async def test_a_slow_page_is_given_up(site: Site, pages: WebPages) -> None:
    site.page("/ok", "Fine.")
    site.replies["/slow"] = Reply(delay_s=1.5)
    await page(pages, f"{site.url}/ok")
    found = await missing(pages, f"{site.url}/slow")
    assert "within 1 s" in found.reason
    assert not found.gone


async def test_a_server_that_fails_again_and_again_is_left_alone(site: Site, pages: WebPages) -> None:
    paths = [f"/p{number}" for number in range(30)]
    for path in paths:
        site.replies[path] = Reply(status=500)
    found = [it async for it in pages.fetch_all([site.url + path for path in paths])]
    assert [isinstance(it, Missing) and not it.gone for it in found] == [True] * 30
    assert site.asked["/p0"] == 3
    assert site.asked["/p29"] == 0


async def test_a_site_that_is_down_is_told(pages: WebPages) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/x"
        found = await missing(pages, url)
    assert not found.gone


async def test_robots_txt_is_asked_once_and_obeyed(site: Site, pages: WebPages) -> None:
    site.replies["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /private/\n", media_type="text/plain")
    site.page("/private/x", "Secret.")
    site.page("/public", "Open.")
    assert "robots.txt" in (await missing(pages, f"{site.url}/private/x")).reason
    await page(pages, f"{site.url}/public")
    assert site.asked == {"/robots.txt": 1, "/public": 1}


async def test_a_redirect_does_not_lead_around_robots_txt(site: Site, pages: WebPages) -> None:
    site.replies["/robots.txt"] = Reply(body=b"User-agent: AssistIngest\nDisallow: /private/\n")
    site.replies["/open"] = Reply(status=302, headers={"Location": "/private/x"})
    site.page("/private/x", "Secret.")
    assert "robots.txt" in (await missing(pages, f"{site.url}/open")).reason
    assert site.asked["/private/x"] == 0


async def test_a_site_that_cannot_give_its_robots_txt_is_left_alone(site: Site, pages: WebPages) -> None:
    site.replies["/robots.txt"] = Reply(status=503)
    site.page("/x", "Text.")
    found = await missing(pages, f"{site.url}/x")
    assert not found.gone
    assert site.asked["/x"] == 0


@pytest.mark.parametrize(
    "target", ["/round", "file:///etc/passwd", "http://user:secret@127.0.0.1/x", "ftp://x/y", "http://"]
)
async def test_redirects_end_and_stay_on_the_web(site: Site, pages: WebPages, target: str) -> None:
    site.replies["/round"] = Reply(status=302, headers={"Location": target})
    assert not (await missing(pages, f"{site.url}/round")).gone
    assert site.asked["/round"] <= 6


@pytest.mark.parametrize("url", ["http://[bad", "http://", "http://\ud800/", "x", "", "file:///etc/passwd"])
async def test_what_is_no_address_is_told(pages: WebPages, url: str) -> None:
    assert not is_web_address(url) or "ud800" in ascii(url)
    assert not (await missing(pages, url)).gone


async def test_many_pages_come_in_order_a_few_at_a_time(site: Site, pages: WebPages) -> None:
    paths = [f"/p{number}" for number in range(12)]
    for path in paths:
        site.page(path, "Text.")
        site.replies[path].delay_s = 0.02
    found = [it async for it in pages.fetch_all([site.url + path for path in [*paths, "/none"]])]
    assert [it.url for it in found] == [site.url + path for path in [*paths, "/none"]]
    assert [type(it) for it in found] == [Page] * 12 + [Missing]
    assert 2 <= site.at_once <= 3


def test_a_sitemap_names_its_pages() -> None:
    text = (
        b'<?xml version="1.0"?>\n<urlset xmlns="x" xmlns:image="y">'
        b"<url><loc> https://a.example/x?b=1&amp;c=2 </loc><image:loc>https://a.example/i.png</image:loc></url>"
        b"<url><loc><![CDATA[https://a.example/y]]></loc></url><url><loc>https://a.example/y#part</loc></url></urlset>"
    )
    for content in (text, gzip.compress(text)):
        found = read_sitemap(content, 10_000)
        assert found is not None
        assert (found.locations, found.is_index) == (("https://a.example/x?b=1&c=2", "https://a.example/y"), False)


@pytest.mark.parametrize("content", [b"<html><body>urlset</body>", b"", b"\x1f\x8bbroken", b"%PDF"])
def test_what_is_no_sitemap_is_none(content: bytes) -> None:
    assert read_sitemap(content, 10_000) is None


def test_a_packed_sitemap_is_unpacked_only_so_far() -> None:
    head = b"<urlset><url><loc>http://a/</loc></url>"
    found = read_sitemap(gzip.compress(head + b" " * 50_000_000), 1000)
    assert found is not None
    assert found.locations == ("http://a/",)
