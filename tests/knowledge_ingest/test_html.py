"""Pages become what people read of them."""

from textwrap import dedent

from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.formats import READERS
from knowledge_ingest.metadata import Defaults


def page(html: str | bytes) -> Document:
    data = html if isinstance(html, bytes) else html.encode()
    (found,) = READERS[".html"](data, "help/refund-policy.html", Defaults())
    assert isinstance(found, Document), found
    return found


def test_a_page_keeps_its_structure_and_loses_its_furniture() -> None:
    made = page(
        """<!doctype html><html lang="en-GB"><head><title>Refunds | Shop</title>
        <meta name="keywords" content="billing, returns"><link rel="canonical" href="https://shop/refunds">
        <style>p {color: red}</style></head><body><header>Shop</header><nav>Menu</nav>
        <main><h1>Refunds &amp; <em>returns</em></h1><p>It takes
        <a href="/days">five   days</a>.<br>Or six.</p>
        <h2>Steps</h2><ol><li>Ask</li><li><p>Send</p><ul><li>by post</li></ul></li></ol>
        <table><thead><tr><th>Plan</th><th>Fee</th></tr></thead><tr><td>Gold|Pro<td>0</tr></table>
        <blockquote><p>Quoted.</p></blockquote><pre>line 1
  line 2</pre><p hidden>hidden</p><script>evil()</script></main><footer>Imprint</footer></body></html>"""
    )
    assert made.body == dedent(
        """\
        # Refunds & returns

        It takes five days.
        Or six.

        ## Steps

        1. Ask
        2. Send
           - by post

        | Plan | Fee |
        | --- | --- |
        | Gold\\|Pro | 0 |

        > Quoted.

        ```
        line 1
          line 2
        ```"""
    )
    assert (made.title, made.url, made.language) == ("Refunds & returns", "https://shop/refunds", "en-GB")
    assert made.tags == ("billing", "returns")


def test_folded_questions_become_headings() -> None:
    made = page(
        "<h1>FAQ</h1><details><summary>How long?</summary>Five days.</details>"
        "<dl><dt>How much?</dt><dd>Nothing.</dd></dl><h3><button>Where?</button></h3><div>Here.</div>"
    )
    chunks = Splitter().split(made)
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        ("How long?", "Five days."),
        ("How much?", "Nothing."),
        ("Where?", "Here."),
    ]


def test_a_table_that_lays_out_the_page_is_read_as_text() -> None:
    made = page("<table><tr><td><h1>Title</h1><p>One.</p><td><table><tr><td>a<td>b</table></table>")
    assert made.body == "# Title\n\nOne.\n\n| a | b |\n| --- | --- |"


def test_text_that_looks_like_markup_stays_text() -> None:
    made = page("<p># 1 of all</p><p>1. really</p><p>- 5 degrees</p><p>&lt;b&gt; is a tag</p><p>| bar</p>")
    (chunk,) = Splitter().split(made)
    assert chunk.text.count("\\") == 5


def test_the_title_comes_from_h1_title_or_name() -> None:
    assert page("<title>A page</title><h1>One</h1><h1>Two</h1>x").title == "A page"
    assert page("<p>x").title == "Refund policy"


def test_a_declared_encoding_is_believed_when_it_is_not_utf8() -> None:
    made = page('<meta charset="iso-8859-2"><p>Łódź'.encode("iso-8859-2"))
    assert made.body == "Łódź"
    assert made.note is None


def test_a_page_nested_beyond_reason_is_refused() -> None:
    (found,) = READERS[".html"](b"<div>" * 100_000 + b"text", "x.html", Defaults())
    assert isinstance(found, Unreadable)


def test_deep_pages_are_read() -> None:
    assert page("<div><b>" * 900 + "text").body == "text"


def test_a_page_without_text_is_empty() -> None:
    (found,) = READERS[".html"](b"<nav>Menu</nav>", "x.html", Defaults())
    assert isinstance(found, Unreadable)
    assert found.empty


def test_what_stands_around_the_text_is_left_out() -> None:
    made = page(
        """<body><a class="skip-link" href="#c">Skip</a><header><a href="/">Shop</a> Hotline 555</header>
        <div role="banner">Sale</div><div id="cookie-banner"><p>We use cookies.</p><button>OK</button></div>
        <div class="onetrust-pc">Consent</div><ul class="breadcrumb"><li>Home</li></ul><dialog>Chat</dialog>
        <div class="layout"><div><a href="/1">One</a><a href="/2">Two</a><a href="/3">Six</a><a href="/4">Four</a></div>
        <div class="content"><h1>Refunds</h1><p>It takes <a href="/d">five days</a>.</p>
        <aside class="admonition warning"><p>Not on Sundays.</p></aside>
        <ul><li><a href="/a">Ask</a> us by <a href="/m">mail</a></li><li>Or call</li></ul>
        <h2>See also</h2><ul><li><a href="/x">Returns</a></li><li><a href="/y">Fees</a></li>
        <li><a href="/z">Plans</a></li><li><a href="/w">Shops</a></li></ul></div>
        <aside><p>Popular today</p></aside></div><div role="contentinfo">Imprint</div></body>"""
    )
    assert made.body == dedent(
        """\
        # Refunds

        It takes five days.

        Not on Sundays.

        - Ask us by mail
        - Or call

        ## See also"""
    )


def test_a_header_inside_the_text_belongs_to_it() -> None:
    assert page("<body><article><header><h1>A</h1><p>By Ana</p></header><p>Text.</article>").body == (
        "# A\n\nBy Ana\n\nText."
    )


def test_a_container_named_like_furniture_is_kept_when_it_holds_the_text() -> None:
    assert page('<div class="sidebar"><h1>A</h1><p>Text.</div>').body == "# A\n\nText."


def test_an_article_about_cookies_is_no_banner() -> None:
    made = page('<h1>Privacy</h1><section id="cookies"><p>We use cookies to count visits.</section>')
    assert made.body.endswith("visits.")


def test_a_page_of_links_alone_keeps_them() -> None:
    links = "".join(f'<li><a href="/{n}">Topic {n}</a></li>' for n in range(5))
    assert page(f"<h1>Help</h1><ul>{links}</ul>").body.count("Topic") == 5


def test_named_subjects_of_a_page_are_read() -> None:
    made = page('<head><meta name="Product" content="Router"><meta name="plan" content="Gold"></head><p>Text.')
    assert [(topic.kind, topic.name) for topic in made.subjects] == [("product", "Router"), ("plan", "Gold")]
