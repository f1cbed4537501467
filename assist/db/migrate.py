"""Brings a database's schema to this version of the code."""

from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from assist.db.engine import driver_url

_LOCK = 0x41737369
"""Advisory lock: two processes that start at once migrate one after the other."""


def alembic_config(database_url: str) -> Config:
    """Alembic, pointed at our revisions and a database."""
    config = Config()
    config.set_main_option("script_location", str(_revisions()))
    config.set_main_option("sqlalchemy.url", driver_url(database_url).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database_url: str, revision: str = "head") -> str | None:
    """Runs what is missing, and returns the revision reached. Safe to run in several processes at once."""
    config = alembic_config(database_url)
    engine = create_engine(driver_url(database_url))
    try:
        with engine.connect() as lock:
            lock.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            command.upgrade(config, revision)
            lock.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
    finally:
        engine.dispose()
    return ScriptDirectory.from_config(config).get_current_head()


def _revisions() -> Path:
    """Beside the package in a checkout, inside it when installed."""
    installed = Path(str(files("assist") / "_migrations"))
    return installed if installed.is_dir() else Path(__file__).parents[2] / "migrations"
