"""Files and folders of every format, good and broken, from a real disk."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.formats import READERS
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.parser_process import Limits
from knowledge_ingest.sources import read, source_of

NOBODY = 65534
_PARTS = st.sampled_from(
    [
        b"question,answer\n", b"a,b\n", b'"x', b"---\n", b"title: T\n", b"tags: [a\n", b"a: &x [*x]\n", b"# H\n", b"\n",
        b'{"question": "q", "answer": "a"}\n', b"[", b"{", b"]", b"}", b'"\\ud800"', b"<table><tr><td>", b"<ul><li>",
        b"<details><summary>s</summary>", b"<pre>", b"<!--", b"&#0;", b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\x81",
        "ü".encode(), "ü".encode("cp1252"), b"text ", b";", b"| a |\n", b"<h1>t</h1>", b"</table>", b"null", b"1e999",
    ]
)  # fmt: skip


def documents(path: Path, **options: object) -> list[Document]:
    found = list(read(path, **options))  # type: ignore[arg-type]
    assert [item for item in found if isinstance(item, Unreadable)] == []
    return [item for item in found if isinstance(item, Document)]


def unreadable(path: Path, **options: object) -> dict[str, Unreadable]:
    return {item.uri: item for item in read(path, **options) if isinstance(item, Unreadable)}  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(ending=st.sampled_from(sorted(READERS)), parts=st.lists(st.one_of(_PARTS, st.binary(max_size=40)), max_size=12))
def test_no_content_of_a_file_ends_an_ingest(ending: str, parts: list[bytes]) -> None:
    for item in READERS[ending](b"".join(parts), f"x{ending}", Defaults()):
        if isinstance(item, Document):
            assert item.uri.startswith(f"x{ending}")
            Splitter().split(item)
        else:
            assert item.reason


def test_a_folder_is_read_in_order_without_hidden_and_other_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/c.txt", "a/.hidden.md", ".git/x.md", "a/picture.png", "A.MD"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Text of it.")
    assert [item.uri for item in documents(tmp_path)] == ["A.MD", "b.md", "a/c.txt"]


def test_links_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "kb" / "sub").mkdir(parents=True)
    (tmp_path / "kb" / "a.md").write_text("A.")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.md").write_text("B.")
    (tmp_path / "kb" / "sub" / "loop").symlink_to(tmp_path / "kb")
    (tmp_path / "kb" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "kb" / "dangling.md").symlink_to(tmp_path / "nowhere.md")
    found = list(read(tmp_path / "kb"))
    assert [item.uri for item in found] == ["a.md", "dangling.md", "linked/b.md"]
    assert isinstance(found[1], Unreadable)


def test_a_single_file_has_its_name_as_uri(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Opening hours\n\nWe open at nine.")
    (made,) = documents(path)
    assert (made.uri, made.title, made.body) == ("notes.txt", "Opening hours", "Opening hours\n\nWe open at nine.")


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_bytes(b"")
    (tmp_path / "blank.md").write_bytes(b"---\ntitle: x\n---\n \n")
    (tmp_path / "binary.txt").write_bytes(b"ab\x00cd")
    (tmp_path / "big.txt").write_text("x" * 2000)
    (tmp_path / "manual.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "unknown.csv").write_text("name,phone\na,b\n")
    (tmp_path / "odd.json").write_text('{"name": "package"}')
    (tmp_path / "yaml.md").write_text("---\ntitle: [x\n---\nText.")
    (tmp_path / "bomb.md").write_text("---\na: &a [x, x]\nb: &b [*a, *a]\n---\nText.")
    (tmp_path / "unclosed.md").write_text("---\naudience: internal\n\nText.")
    (tmp_path / "good.md").write_text("Good text.")
    os.mkfifo(tmp_path / "pipe.md")
    found = unreadable(tmp_path, limits=Limits(text_bytes=1000))
    assert set(found) == {path.name for path in tmp_path.iterdir()} - {"good.md"}
    assert {uri for uri, item in found.items() if item.empty} == {"empty.md", "blank.md"}
    assert [item.uri for item in read(tmp_path) if isinstance(item, Document)] == ["big.txt", "good.md"]


@contextmanager
def ordinary_user() -> Iterator[None]:
    """root may open everything, so it becomes somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_closed_folder_is_told() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir(mode=0)
        with ordinary_user():
            assert set(unreadable(folder)) == {"closed"}


def test_a_path_that_is_not_there_stands_for_the_whole_source(tmp_path: Path) -> None:
    assert set(unreadable(tmp_path / "nowhere")) == {"."}


@pytest.mark.parametrize(
    ("content", "noted"),
    [
        ("Café".encode(), False),
        (b"\xef\xbb\xbf" + "Café".encode(), False),
        ("\ufeffCafé".encode("utf-16-le"), False),
        ("Café".encode("cp1252"), True),
    ],
)
def test_encodings_are_recognised(tmp_path: Path, content: bytes, noted: bool) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    (made,) = documents(tmp_path)
    assert made.body == "Café"
    assert (made.note is not None) == noted


def test_progress_counts_files(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.md").write_text("Text.")
    told: list[tuple[int, int]] = []
    documents(tmp_path, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_source_has_the_same_name_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kb").mkdir()
    monkeypatch.chdir(tmp_path)
    assert source_of(Path("kb")) == source_of(tmp_path / "kb" / ".." / "kb") == str(tmp_path / "kb")


def test_front_matter_describes_the_text_below_it(tmp_path: Path) -> None:
    (tmp_path / "refund-policy.md").write_text(
        "---\ntitle: Refunds: all of them\ntags:\n  - Billing\n  - no\nupdated: 2026-03-01\nversion: 1.10\n"
        "url: https://kb/refunds\naudience: agents\n---\n\n# Heading\n\nText.\n".replace(
            "Refunds: all of them", '"Refunds: all of them"'
        )
    )
    (made,) = documents(tmp_path)
    assert made.title == "Refunds: all of them"
    assert made.tags == ("Billing", "no")
    assert made.attributes == {"version": "1.10"}
    assert (made.audience, made.url) == ("agents", "https://kb/refunds")
    assert made.body == "\n# Heading\n\nText.\n"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("# The *only* one\n\n## Sub\n\nText.", "The only one"),
        ("## One\n\nText.\n\n## Two\n\nText.", "Refund policy"),
        ("Just text.", "Refund policy"),
        ("---\n\nA rule above.\n\n---\n\nText.", "Refund policy"),
    ],
)
def test_a_title_is_found(tmp_path: Path, body: str, title: str) -> None:
    (tmp_path / "refund-policy.md").write_text(body)
    (made,) = documents(tmp_path)
    assert (made.title, made.body) == (title, body)


def test_defaults_hold_where_a_document_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Text.")
    (tmp_path / "b.md").write_text("---\nlanguage: fr\n---\nTexte.")
    made = documents(tmp_path, defaults=Defaults(language="de", audience="agents"))
    assert [(item.language, item.audience) for item in made] == [("de", "agents"), ("fr", "agents")]
