"""Opens the database that the settings name: the embedded PostgreSQL, or one's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from assist.db import deployment, embedded, migrate
from assist.db.engine import Sessions, create_engine, create_sessions
from assist.db.errors import OperationalError, ProgrammingError
from assist.settings import Settings, SettingsError


@dataclass(frozen=True, kw_only=True)
class Storage:
    """An open database."""

    url: str
    sessions: Sessions
    is_embedded: bool


async def database_url(settings: Settings) -> str:
    """The database's URL; starts the embedded PostgreSQL when none is configured.

    Raises:
        EmbeddedDatabaseError: it does not start.
    """
    configured = settings.database.url
    if configured is not None:
        return configured.get_secret_value()
    return await asyncio.to_thread(embedded.start, settings.database.directory)


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Storage]:
    """The database, its schema checked; in embedded mode migrated first.

    Raises:
        EmbeddedDatabaseError: the embedded PostgreSQL does not start.
        SettingsError: DATABASE_URL does not answer, or has not been migrated.
    """
    url = await database_url(settings)
    is_embedded = settings.database.url is None
    if is_embedded:
        await asyncio.to_thread(migrate.upgrade, url)
    engine = create_engine(url, pool_size=settings.database.pool_size)
    try:
        sessions = create_sessions(engine)
        await _check_schema(sessions)
        yield Storage(url=url, sessions=sessions, is_embedded=is_embedded)
    finally:
        await engine.dispose()


async def _check_schema(sessions: Sessions) -> None:
    try:
        async with sessions() as session:
            await deployment.epoch(session)
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
        raise SettingsError(f"The database of DATABASE_URL does not answer: {reason}") from None
    except ProgrammingError:
        raise SettingsError("The database has no tables yet. Run `assist migrate` first.") from None
