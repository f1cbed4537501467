"""A folder full of broken and hostile files: every one is told, and the good ones among them are read."""

import os
from pathlib import Path

from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.parser_process import Limits
from knowledge_ingest.sources import read
from tests.knowledge_ingest.office_files import drawing, pdf, word_of, xml_bomb, zip_bomb
from tests.knowledge_ingest.test_parser_process import HUGE

GOOD = {"zz/good.csv#how", "zz/good.docx", "zz/good.html", "zz/good.md", "zz/good.pdf", "zz/good.txt"}


def _good(folder: Path) -> None:
    folder.mkdir()
    (folder / "good.md").write_text("# Good\n\nText.")
    (folder / "good.txt").write_text("Text.")
    (folder / "good.csv").write_text("question,answer\nHow?,So.\n")
    (folder / "good.html").write_text("<h1>Good</h1><p>Text.")
    (folder / "good.pdf").write_bytes(pdf(["Text."]))
    (folder / "good.docx").write_bytes(word_of("Text."))


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2_000_000_000)


def _broken(folder: Path) -> None:
    for name in ("sparse.pdf", "sparse.docx", "sparse.txt", "sparse.html"):
        _sparse(folder / name)
    (folder / "bomb.docx").write_bytes(zip_bomb(300))
    (folder / "entities.docx").write_bytes(xml_bomb())
    (folder / "endless.html").write_bytes(HUGE)
    (folder / "deep.html").write_bytes(b"<div>" * 50_000)
    (folder / "cut.pdf").write_bytes(pdf(["Text."])[:150])
    (folder / "noise.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 50)
    (folder / "scan.pdf").write_bytes(pdf(drawing()))
    (folder / "locked.pdf").write_bytes(pdf(["Text."], password="x"))
    (folder / "text.docx").write_text("I am no Word document.")
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "binary.md").write_bytes(b"\x00\x01\x02" * 100)
    (folder / "encoding.txt").write_bytes(b"caf\x81\x8d")
    (folder / "quote.csv").write_text('question,answer\nHow?,"So.')
    (folder / "null.json").write_text("null")
    (folder / "loop.pdf").symlink_to(folder / "loop.pdf")
    (folder / "nowhere.docx").symlink_to(folder / "not there")
    os.mkfifo(folder / "pipe.html")


def test_nothing_in_a_folder_ends_its_ingest(tmp_path: Path) -> None:
    _broken(tmp_path)
    broken = {path.name for path in tmp_path.iterdir()}
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "folder.pdf" / "inside.md").write_text("Inside.")
    (tmp_path / "again").symlink_to(tmp_path)
    _good(tmp_path / "zz")
    found = list(read(tmp_path, limits=Limits(seconds=1.0)))
    refused = {item.uri: item for item in found if isinstance(item, Unreadable)}
    assert set(refused) == broken | {"folder.pdf"}
    assert {item.uri for item in found if isinstance(item, Document)} == GOOD | {"folder.pdf/inside.md"}
    assert {uri for uri, item in refused.items() if item.empty} == set()
    assert all(item.reason.endswith(".") for item in refused.values())
    told = {uri: item.reason for uri, item in refused.items()}
    assert "larger than 50 MB" in told["sparse.pdf"]
    assert "larger than 10 MB" in told["sparse.html"]
    assert "longer than 1 s" in told["endless.html"]
    assert "password" in told["locked.pdf"]
    assert "OCR" in told["scan.pdf"]
