"""The process that parses: whatever a file does to it, the next file is read."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.parser_process import Limits, ParserProcess
from tests.knowledge_ingest.office_files import pdf

ROOT = Path(__file__).parents[2]
GOOD = b"<h1>Good</h1><p>Text of it.</p>"
# 1.5 million elements: seconds of work and a gigabyte of nodes.
HUGE = b"<p><b>a</b>" * 750_000

START_AND_WAIT = """
import sys, time
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.parser_process import ParserProcess

parser = ParserProcess()
parser.read(b"<p>x", ".html", "x.html", Defaults())
print(parser.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def parser() -> Iterator[ParserProcess]:
    with ParserProcess(Limits(seconds=20.0)) as opened:
        yield opened


def read(parser: ParserProcess, content: bytes, ending: str = ".html") -> Document | Unreadable:
    (found,) = parser.read(content, ending, f"x{ending}", Defaults())
    return found


def is_read(parser: ParserProcess) -> bool:
    return isinstance(read(parser, GOOD), Document)


def reason(parser: ParserProcess, content: bytes) -> str:
    found = read(parser, content)
    assert isinstance(found, Unreadable)
    assert not found.empty
    return found.reason


def test_one_process_takes_many_files(parser: ParserProcess) -> None:
    assert parser.pid is None
    assert is_read(parser)
    first = parser.pid
    found = read(parser, pdf(["One."], ["Two."]), ".pdf")
    assert isinstance(found, Document)
    assert (found.body, found.page_starts) == ("One.\n\nTwo.", (0, 6))
    assert parser.pid == first


def test_what_is_odd_travels_with_the_document(parser: ParserProcess) -> None:
    defaults = Defaults(language="de", audience="agents", url="https://kb/x", subject_fields=("brand",))
    page = '<meta name="brand" content="Bon, Nene"><meta name="valid_until" content="2026-05-01"><p>Größe'
    (found,) = parser.read(page.encode("cp1252"), ".html", "x.html", defaults)
    assert isinstance(found, Document)
    assert [(topic.kind, topic.name) for topic in found.subjects] == [("brand", "Bon, Nene")]
    assert (found.language, found.audience, found.url) == ("de", "agents", "https://kb/x")
    assert found.valid_until is not None
    assert found.note is not None


def test_a_killed_process_is_replaced(parser: ParserProcess) -> None:
    assert is_read(parser)
    killed = parser.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert is_read(parser)
    assert parser.pid != killed


def test_a_process_killed_over_a_file_is_replaced_once_and_then_the_next_file_is_read(parser: ParserProcess) -> None:
    assert is_read(parser)
    told: list[str] = []
    busy = threading.Thread(target=lambda: told.append(reason(parser, HUGE)))
    busy.start()
    killed: set[int] = set()
    while busy.is_alive():
        if (pid := parser.pid) not in killed and pid is not None and _is_busy(pid):
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        time.sleep(0.01)
    assert "signal 9" in told[0]
    assert len(killed) == 2
    assert is_read(parser)


def test_a_file_that_takes_too_long_is_given_up() -> None:
    with ParserProcess(Limits(seconds=0.2)) as parser:
        assert is_read(parser)
        hung = parser.pid
        assert "longer than 0.2 s" in reason(parser, HUGE)
        assert is_read(parser)
        assert parser.pid != hung
        assert hung is not None
        assert not Path(f"/proc/{hung}").exists()


def test_a_stopped_process_is_given_up() -> None:
    with ParserProcess(Limits(seconds=0.3)) as parser:
        assert is_read(parser)
        assert parser.pid is not None
        os.kill(parser.pid, signal.SIGSTOP)
        assert "longer than 0.3 s" in reason(parser, b"x" * 5_000_000)
        assert is_read(parser)


def test_a_file_that_takes_too_much_memory_is_given_up() -> None:
    with ParserProcess(Limits(memory_bytes=400 << 20)) as parser:
        assert is_read(parser)
        assert reason(parser, HUGE)
        assert is_read(parser)


def test_more_text_than_is_allowed_is_refused() -> None:
    with ParserProcess(Limits(result_bytes=10_000)) as parser:
        assert "of text" in reason(parser, b"<p>" + b"word " * 10_000)
        assert is_read(parser)


def test_the_process_is_not_told_the_secrets_of_its_parent(
    parser: ParserProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDRANT_API_KEY", "very-secret")
    assert is_read(parser)
    assert b"very-secret" not in Path(f"/proc/{parser.pid}/environ").read_bytes()


def test_nothing_that_a_parser_writes_reaches_the_terminal(
    parser: ParserProcess, capfd: pytest.CaptureFixture[str]
) -> None:
    read(parser, b"%PDF-1.4 broken" * 50, ".pdf")
    assert capfd.readouterr() == ("", "")


def test_the_process_ends_with_the_one_that_started_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", START_AND_WAIT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def test_closing_ends_the_process(parser: ParserProcess) -> None:
    assert is_read(parser)
    pid = parser.pid
    parser.close()
    parser.close()
    assert pid is not None
    assert not _runs(pid)
    assert is_read(parser)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _is_busy(pid: int) -> bool:
    """It holds the whole file by now."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except FileNotFoundError:
        return False
    return pages * os.sysconf("SC_PAGESIZE") > 150_000_000
