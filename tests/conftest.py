"""Real parts for every test: the embedded PostgreSQL with the schema made by the migrations."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from assist.db import embedded, migrate
from assist.db.engine import Sessions, create_engine, create_sessions
from assist.samples import KNOWLEDGE
from tests.serving import ServerProcess, server_process


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL for this test run, with a migrated template database."""
    directory = Path(tempfile.mkdtemp(prefix="assist-test-pg-"))
    url = embedded.start(directory)
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
