"""`assist ingest` as an operator uses it: its table, its report, and the web as a source."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integrations.web_site import Reply, Site, web_site
from tests.knowledge_ingest.office_files import drawing, pdf, word_of
from tests.serving import ServerProcess, server_process

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A data directory without a running server."""
    with server_process(tmp_path_factory.mktemp("cli-ingest"), ASSIST_SUBJECT_FIELDS="product,region") as process:
        yield process


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        yield made


def table(printed: str) -> dict[str, list[str]]:
    """Rows of the tab-separated table by file."""
    rows = [line.split("\t") for line in printed.splitlines() if "\t" in line]
    assert rows[0] == ["result", "file", "articles", "passages", "skipped", "why", "source"]
    return {row[1]: row for row in rows[1:]}


def test_every_file_is_reported(server: ServerProcess, tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "manual.pdf").write_bytes(pdf(["One."], ["Two."]))
    (folder / "policy.docx").write_bytes(word_of("Text."))
    (folder / "scan.pdf").write_bytes(pdf(drawing()))
    (folder / "bomb.docx").write_bytes(b"PK\x03\x04")
    (folder / "faq.csv").write_text("question,answer,region\nHow?,So.,Nord;West\nWhy?,,\n")
    report = tmp_path / "report.jsonl"
    rows = table(server.assist("ingest", str(folder), "--report", str(report)))
    assert {name: row[0] for name, row in rows.items()} == {
        "bomb.docx": "skipped",
        "faq.csv": "partly",
        "manual.pdf": "stored",
        "policy.docx": "stored",
        "scan.pdf": "skipped",
    }
    assert rows["manual.pdf"][2:5] == ["1", "2", "0"]
    assert "OCR" in rows["scan.pdf"][5]
    written = {row["file"]: row for row in map(json.loads, report.read_text().splitlines())}
    assert set(written) == set(rows)
    assert written["faq.csv"]["skipped"] == 1
    assert written["manual.pdf"]["passages"] == 2
    assert server.sql("SELECT page FROM knowledge_passages WHERE page IS NOT NULL ORDER BY page") == [(1,), (2,)]
    rows = table(server.assist("ingest", str(folder)))
    assert rows["manual.pdf"][0:4] == ["unchanged", "manual.pdf", "1", "2"]


def test_pages_sitemaps_and_lists_are_sources(server: ServerProcess, site: Site, tmp_path: Path) -> None:
    for path in ("/a", "/b", "/c"):
        site.page(path, f"Text of {path}.")
    site.sitemap("/sitemap.xml", "/a", "/b", "/none")
    listed = tmp_path / "pages.txt"
    listed.write_text(f"# ours\n{site.url}/c\n")
    printed = server.assist("ingest", f"{site.url}/sitemap.xml", "--urls", str(listed))
    assert {name.removeprefix(site.url): row[0] for name, row in table(printed).items()} == {
        "/a": "stored",
        "/b": "stored",
        "/none": "empty",
        "/c": "stored",
    }
    urls = server.sql("SELECT url FROM knowledge_articles WHERE url LIKE %s ORDER BY url", f"{site.url}%")
    assert urls == [(f"{site.url}/{name}",) for name in "abc"]
    site.replies["/c"] = Reply(status=410)
    assert "1 removed" in server.assist("ingest", "--urls", str(listed))


def test_files_are_reported_when_the_index_fails(server: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# One\n\nThe first of all texts.")
    server.assist("ingest", str(tmp_path / "one.md"))
    layout = server.data_dir / "qdrant" / "layout.json"
    built = layout.read_text()
    layout.write_text(json.dumps(json.loads(built) | {"version": 1}))
    (tmp_path / "two.md").write_text("# Two\n\nAnother text altogether.")
    report = tmp_path / "report.jsonl"
    with pytest.raises(AssertionError, match=r"stored\ttwo.md[^$]*Run `assist reindex`"):
        server.assist("ingest", str(tmp_path / "two.md"), "--report", str(report))
    assert json.loads(report.read_text())["result"] == "stored"
    assert server.assist("reindex").endswith("passages are indexed.")
    assert table(server.assist("ingest", str(tmp_path / "two.md")))["two.md"][0] == "unchanged"
