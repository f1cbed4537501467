"""The connection to PostgreSQL: one engine a process, short transactions, one driver."""

from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Session = AsyncSession
Sessions = async_sessionmaker[AsyncSession]


def driver_url(database_url: str) -> str:
    """The URL with psycopg 3 as its driver, whatever spelling was given (`postgres://`, `postgresql://`)."""
    url = make_url(database_url.replace("postgres://", "postgresql://", 1))
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_url(database_url: str) -> str:
    """The URL as libpq and psycopg themselves take it."""
    url = make_url(driver_url(database_url))
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def create_engine(database_url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine whose statements end by themselves: nothing may hang a live call."""
    return create_async_engine(
        driver_url(database_url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,  # errors are logged, and parameters are customers' words
        connect_args={
            "connect_timeout": 5,
            "application_name": "assist",
            "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000",
        },
    )


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def ping(sessions: Sessions) -> None:
    """Raises the driver's error when the database does not answer."""
    async with sessions() as session:
        await session.execute(text("SELECT 1"))


async def driver_connection(session: AsyncSession) -> Any:
    """psycopg's own connection under a session, inside its transaction."""
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
