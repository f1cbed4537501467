"""Pages become what people read of them."""

from textwrap import dedent

from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.sources import READERS


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
