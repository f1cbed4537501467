"""The schema: made by the migrations alone, there and back, by several processes at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from alembic import command

from assist.db import migrate

pytestmark = pytest.mark.db

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
    "WHERE table_schema = 'public' ORDER BY 1, 2"
)
_LEFTOVERS = (
    "SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace "
    "WHERE nspname = 'public' AND typtype IN ('e', 'c') AND typname <> 'alembic_version' "
    "UNION SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
)


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """An empty database."""
    name = f"empty_{uuid4().hex}"
    base = postgres_url.replace("/assist?", "/postgres?")
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgres_url.replace("/assist?", f"/{name}?")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def test_the_models_and_the_migrations_agree(database_url: str) -> None:
    command.check(migrate.alembic_config(database_url))


def test_the_schema_goes_away_and_comes_back_the_same(database_url: str) -> None:
    config = migrate.alembic_config(database_url)
    before = _rows(database_url, _COLUMNS)
    command.downgrade(config, "base")
    assert _rows(database_url, _TABLES) == [("alembic_version",)]
    assert _rows(database_url, _LEFTOVERS) == []
    migrate.upgrade(database_url)
    assert _rows(database_url, _COLUMNS) == before
    command.check(config)


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    before = _rows(database_url, _COLUMNS)
    assert migrate.upgrade(database_url) == migrate.upgrade(database_url)
    assert _rows(database_url, _COLUMNS) == before


def test_processes_that_start_at_once_migrate_one_after_the_other(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        reached = list(pool.map(migrate.upgrade, [empty_url] * 4))
    assert len(set(reached)) == 1
    assert _rows(empty_url, "SELECT version_num FROM alembic_version") == [(reached[0],)]
    command.check(migrate.alembic_config(empty_url))
