"""The command line as an operator uses it: real processes on a data directory of their own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import ServerProcess, server_process

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A data directory; tests start and stop the server on it."""
    with server_process(tmp_path_factory.mktemp("cli")) as process:
        yield process


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A small knowledge base."""
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "refunds.md").write_text("# Refunds\n\nA refund takes five business days after we receive the parcel.\n")
    (folder / "hours.txt").write_text("Opening hours\n\nThe shop in Oslo opens at nine on weekdays.\n")
    (folder / "faq.csv").write_text("question,answer\nDo you ship abroad?,We ship to all of Europe for eight euros.\n")
    return folder


def test_several_scopes_may_be_repeated_or_separated_by_commas(server: ServerProcess) -> None:
    server.assist("keys", "create", "a", "--scope", "ingest", "--scope", "read")
    server.assist("keys", "create", "b", "--scope", "ingest,read")
    scopes = server.sql("SELECT scopes FROM api_keys WHERE name IN ('a', 'b')")
    assert scopes == [(["ingest", "read"],), (["ingest", "read"],)]


def test_keys_are_listed_without_secrets_and_can_be_revoked(server: ServerProcess) -> None:
    secret = server.assist("keys", "create", "short-lived", "--scope", "read")
    listed = server.assist("keys", "list")
    assert secret[:11] in listed
    assert secret not in listed
    server.assist("keys", "revoke", secret[:11])
    assert server.fails("keys", "revoke", secret[:11]).startswith("Error: No live key starts with")


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("users", "add", "nobody", "--role", "agent", "--password-stdin"), "long-enough", "not an e-mail address"),
        (("users", "add", "a@b.example", "--role", "agent", "--password-stdin"), "short", "8 to 200 characters"),
        (("users", "add", "a@b.example", "--role", "boss", "--password-stdin"), "long-enough", "not one of"),
        (("users", "disable", "ghost@b.example"), None, "no user ghost@b.example"),
        (("keys", "create", "x", "--scope", "write"), None, "write is none of"),
        (("ingest", "does-not-exist"), None, "does not exist"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    server: ServerProcess, arguments: tuple[str, ...], stdin: str | None, told: str
) -> None:
    message = server.fails(*arguments, stdin=stdin)
    assert told in " ".join(message.split())
    assert "Traceback" not in message


def test_a_user_is_added_once(server: ServerProcess) -> None:
    server.user("ana@desk.example", "agent", "a-long-password")
    arguments = ("users", "add", "ANA@desk.example", "--role", "agent", "--password-stdin")
    assert "already" in server.fails(*arguments, stdin="a-long-password")
    assert "ana@desk.example" in server.assist("users", "list")


def test_a_wrong_setting_is_named(server: ServerProcess) -> None:
    message = server.fails("doctor", ASSIST_PORT="many")
    assert "ASSIST_PORT: " in message
    message = server.fails("doctor", ASSIST_CONFIG="/nowhere.toml")
    assert "no such file" in message


def test_ingest_is_idempotent_and_removes_what_disappeared(server: ServerProcess, articles: Path) -> None:
    assert "3 added, 0 updated, 0 unchanged, 0 removed" in _line(server.assist("ingest", str(articles)))
    assert "0 added, 0 updated, 3 unchanged, 0 removed" in _line(server.assist("ingest", str(articles)))
    (articles / "refunds.md").write_text("# Refunds\n\nA refund takes three business days.\n")
    (articles / "hours.txt").unlink()
    (articles / "broken.pdf").write_bytes(b"%PDF-1.4")
    printed = _line(server.assist("ingest", str(articles)))
    assert "0 added, 1 updated, 1 unchanged, 1 removed" in printed
    assert "skipped broken.pdf" in printed
    states = server.sql("SELECT state, count(*) FROM knowledge_passages GROUP BY state")
    assert states == [("indexed", 2)]


def test_ingest_works_beside_a_running_server_and_reindex_says_what_to_do(
    server: ServerProcess, articles: Path
) -> None:
    server.start()
    try:
        (articles / "new.md").write_text("# Gift cards\n\nA gift card is valid for thirty-six months.\n")
        server.assist("ingest", str(articles))
        key = server.key("admin")
        with server.client(key) as client:
            session = client.post("/api/realtime/call/start", json={"call_id": "beside"}).json()["session_id"]
            segment = {"speaker": "customer", "text": "How long is a gift card valid?", "start_time": 0, "end_time": 2}
            client.post("/api/realtime/transcription", json={"session_id": session, **segment}).raise_for_status()
            given = client.get(f"/api/realtime/suggestions/{session}").json()["suggestions"]
        assert "thirty-six months" in given[0]["text"]
        assert "Stop the server" in " ".join(server.fails("reindex").split())
        assert "held by a running server" in " ".join(server.assist("doctor").split())
    finally:
        assert server.stop() == 0


def test_reindex_fills_the_index_again(server: ServerProcess, articles: Path) -> None:
    server.assist("ingest", str(articles))
    held = server.sql("SELECT count(*) FROM knowledge_passages")[0][0]
    assert f"{held} passages are indexed" in server.assist("reindex")


def test_doctor_lists_engines_and_settings(server: ServerProcess) -> None:
    printed = server.assist("doctor")
    for name in ("setting port", "database", "index", "embedding model", "package torch", "screens", "knowledge"):
        assert name in printed


def test_the_demo_tells_how_to_sign_in_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    environment = {**os.environ, "ASSIST_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-W", "ignore", "-m", "assist", "demo", "--port", "0", "--speed", "50"]
    demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    seen = ""
    while "Ctrl-C" not in seen:
        line = demo.stdout.readline()
        assert line, f"the demo ended: {seen}"
        seen += line
    assert "agent@norlight.example" in seen
    assert re.search(r"http://127\.0\.0\.1:\d+/", seen)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=60) == 0


def _line(printed: str) -> str:
    return " ".join(printed.split())
