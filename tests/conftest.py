"""Real parts for every test: the embedded PostgreSQL with the schema made by the migrations."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from _pytest.nodeid import coerce_node_id
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from assist.db import embedded, migrate
from assist.db.engine import Sessions, create_engine, create_sessions
from assist.samples import KNOWLEDGE
from tests.serving import ServerProcess, server_process

_ROOT = Path(__file__).parent.parent
_SPOKEN = "spoken"
"""Marker of tests in which people speak, and the group they make."""
_MOST_WORKERS = 4
"""Each may have a PostgreSQL, several servers and a Chromium of its own: some 3 GB."""


class _SharedServerScheduling(LoadFileScheduling):  # type: ignore[misc]
    """A file is run by one worker. The files that use `live_server` are two groups, so that it is started twice, not
    once a file: those that drive a browser, and the others. Those in which somebody speaks are one group, which has the
    machine for itself: speech is heard in real time, and starved audio is heard wrong.
    """

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        super().mark_test_complete(node, item_index, duration)
        if self._split_scope(self.registered_collections[node][item_index]) == _SPOKEN and self._speaking() is None:
            for waiting in 2 * self.nodes:  # a worker runs a test when it knows the next one
                self._reschedule(waiting)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._speaking() in (None, node):
            super()._assign_work_unit(node)

    def _speaking(self) -> WorkerController | None:
        work = self.assigned_work.items()
        return next((node for node, units in work if False in units.get(_SPOKEN, {}).values()), None)

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if _is_spoken(file):
            return _SPOKEN
        if not _uses_live_server(file):
            return file
        return "live_server in browsers" if "/browser/" in file else "live_server"


@cache
def _uses_live_server(file: str) -> bool:
    return "live_server" in (_ROOT / file).read_text(encoding="utf-8")


@cache
def _is_spoken(file: str) -> bool:
    return "pytest.mark.spoken" in (_ROOT / file).read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What a test, or a library in it, sets in the environment is gone with it: `AgentServer.run` sets LIVEKIT_URL."""
    before = set(os.environ)
    yield
    for name in set(os.environ) - before:
        del os.environ[name]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _SharedServerScheduling:
    """How tests are dealt out."""
    return _SharedServerScheduling(config, log)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors, as tests wait a third of their time; none for a single file, which one worker
    would run anyway."""
    if len(config.args) == 1 and ".py" in config.args[0]:
        return 0
    return min((os.cpu_count() or 1) + 1, _MOST_WORKERS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers begin with what takes longest, so that none is left with it at the end."""
    for item in items:
        if not item.nodeid.endswith(item.name) and item.parent is not None:
            # The operations of the API that are fuzzed share an id, and workers run every id once.
            item._id = coerce_node_id(f"{item.parent.nodeid}::{item.name}")
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.get_closest_marker(_SPOKEN):
        return 0
    if _uses_live_server(item.nodeid.partition("::")[0]):
        return 1
    return 2 if item.get_closest_marker("server") else 3


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL for this test run, with a migrated template database."""
    directory = Path(tempfile.mkdtemp(prefix="assist-test-pg-"))
    url = embedded.start(directory)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # nobody needs these databases after a power cut
        connection.execute("SELECT pg_reload_conf()")
    migrate.upgrade(url)
    yield url
    embedded.stop(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A database of the test's own, copied from the migrated one."""
    name = f"test_{uuid4().hex}"
    base = postgres_url.replace("/assist?", "/postgres?")
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "assist"')
    yield postgres_url.replace("/assist?", f"/{name}?")
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    """Database sessions on the test's own database."""
    engine = create_engine(database_url, pool_size=10)
    yield create_sessions(engine)
    await engine.dispose()


@pytest.fixture(scope="session")
def live_server() -> Iterator[ServerProcess]:
    """A running server with the sample knowledge, shared by all tests that do not break it."""
    # Not below pytest's own folder: another pytest that starts meanwhile would close that to PostgreSQL's user.
    directory = Path(tempfile.mkdtemp(prefix="assist-test-live-"))
    with server_process(directory) as server:
        server.assist("ingest", str(KNOWLEDGE))
        server.start()
        yield server
    shutil.rmtree(directory, ignore_errors=True)
