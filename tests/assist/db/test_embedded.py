"""The embedded PostgreSQL: joined where it runs, started where it does not, whatever a killed process left behind."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from assist.background import cancelled
from assist.db import embedded

pytestmark = pytest.mark.db

_PATIENCE_S = 60.0
_USER = """
import os, signal, sys
from pathlib import Path
from assist.db import embedded
embedded.start(Path(sys.argv[1]))
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A data directory with a PostgreSQL in it, which each test leaves in its own state."""
    made = Path(tempfile.mkdtemp(prefix="assist-test-embedded-"))
    yield made
    _stop(made)
    shutil.rmtree(made, ignore_errors=True)


def _postmaster(directory: Path) -> psutil.Process:
    return psutil.Process(int((directory / "postmaster.pid").read_text().splitlines()[0]))


def _stop(directory: Path) -> None:
    if (directory / "postmaster.pid").exists():
        process = _postmaster(directory)
        process.send_signal(signal.SIGINT)
        process.wait(_PATIENCE_S)


def _answer(url: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_database()").fetchone()
    assert row is not None
    return row[0]


def _use_in_another_process(directory: Path, end: str) -> int:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _USER, str(directory), end], check=False, timeout=_PATIENCE_S
    ).returncode


def test_a_running_postgres_is_joined(directory: Path) -> None:
    url = embedded.start(directory)
    running = _postmaster(directory)
    assert embedded.start(directory) == url
    assert _use_in_another_process(directory, "orderly") == 0
    assert _postmaster(directory) == running
    assert _answer(url) == "assist"


def test_a_postgres_that_was_killed_is_started_again_with_its_rows(directory: Path) -> None:
    url = embedded.start(directory)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS one")
        _postmaster(directory).kill()
    with psycopg.connect(embedded.start(directory)) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


@pytest.mark.parametrize("whose", ["nobody's", "a stranger's", "another PostgreSQL's", "torn"])
def test_a_pid_file_that_was_left_behind_does_not_mislead(directory: Path, postgres_url: str, whose: str) -> None:
    embedded.start(directory)
    pid_file = directory / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    _stop(directory)
    with psycopg.connect(postgres_url) as connection:
        foreign = connection.info.backend_pid
    pids = {"nobody's": 2**22 - 1, "a stranger's": os.getpid(), "another PostgreSQL's": foreign}
    pid_file.write_text("" if whose == "torn" else "\n".join([str(pids[whose]), *lines[1:]]) + "\n")
    shutil.copystat(directory / "PG_VERSION", pid_file)
    assert _answer(embedded.start(directory)) == "assist"
    assert _postmaster(directory).cwd() == str(directory)


def test_it_stops_with_its_last_user_though_an_earlier_one_was_killed(directory: Path) -> None:
    _stop(directory)
    (directory / ".handle_pids.json").unlink()
    assert _use_in_another_process(directory, "killed") == -signal.SIGKILL
    running = _postmaster(directory)
    assert _use_in_another_process(directory, "orderly") == 0
    assert not running.is_running() or running.status() == psutil.STATUS_ZOMBIE


async def test_it_is_started_again_when_it_dies_under_a_running_process(directory: Path) -> None:
    url = await asyncio.to_thread(embedded.start, directory)
    keeping = asyncio.create_task(embedded.keep_running(directory))
    dead = _postmaster(directory)
    dead.kill()
    async with asyncio.timeout(_PATIENCE_S):
        while not await asyncio.to_thread(_answers, url):
            assert not keeping.done()
            await asyncio.sleep(0.1)
    assert _postmaster(directory) != dead
    await cancelled(keeping)


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedDatabaseError, match="DATABASE_URL") as refused:
        embedded.start(tmp_path)
    assert str(tmp_path) in str(refused.value)


def _answers(url: str) -> bool:
    try:
        return _answer(url) == "assist"
    except psycopg.OperationalError:
        return False
