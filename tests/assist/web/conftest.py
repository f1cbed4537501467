"""Callers of the shared server: a key of each kind, and a person of each role."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

import httpx
import pytest

from assist.access import KeyScope, Role
from assist.accounts import Accounts, NewUser
from assist.db.engine import create_engine, create_sessions
from tests.assist.web.clients import PASSWORD, Browser, Keys
from tests.serving import ServerProcess

T = TypeVar("T")
PEOPLE = {
    "agent": Role.AGENT,
    "other_agent": Role.AGENT,
    "supervisor": Role.SUPERVISOR,
    "analyst": Role.ANALYST,
    "admin": Role.ADMIN,
}


@asynccontextmanager
async def _accounts(server: ServerProcess) -> AsyncIterator[Accounts]:
    engine = create_engine(f"postgresql://postgres:@/assist?host={server.data_dir / 'postgres'}", pool_size=2)
    try:
        yield Accounts(sessions=create_sessions(engine), session_lifetime=timedelta(hours=1))
    finally:
        await engine.dispose()


def on_accounts(server: ServerProcess, work: Callable[[Accounts], Awaitable[T]]) -> T:
    """Does what the commands `users` and `keys` do, without their start-up time."""

    async def run() -> T:
        async with _accounts(server) as accounts:
            return await work(accounts)

    return asyncio.run(run())


def address(name: str) -> str:
    """A test person's e-mail address, which is also the agent id."""
    return f"{name}@web.example"


def add_person(server: ServerProcess, name: str, role: Role) -> str:
    """Adds somebody and returns the address."""
    new = NewUser(email=address(name), name=name, role=role)
    on_accounts(server, lambda accounts: accounts.add_user(new, PASSWORD))
    return new.email


async def _make_keys(accounts: Accounts) -> Keys:
    made = {scope: await accounts.create_key("web", [scope]) for scope in KeyScope}
    expired = await accounts.create_key("web", [KeyScope.ADMIN], timedelta(microseconds=1))
    revoked = await accounts.create_key("web", [KeyScope.ADMIN])
    await accounts.revoke_key(revoked.prefix)
    return Keys(
        admin=made[KeyScope.ADMIN].secret,
        ingest=made[KeyScope.INGEST].secret,
        read=made[KeyScope.READ].secret,
        expired=expired.secret,
        revoked=revoked.secret,
    )


@pytest.fixture(scope="session")
def keys(live_server: ServerProcess) -> Keys:
    """API keys."""
    return on_accounts(live_server, _make_keys)


@pytest.fixture(scope="session")
def people(live_server: ServerProcess) -> dict[str, Browser]:
    """A signed-in browser by role; `other_agent` is on no call."""
    return {name: Browser(live_server, add_person(live_server, name, role)) for name, role in PEOPLE.items()}


@pytest.fixture(scope="session")
def client(live_server: ServerProcess, keys: Keys) -> Iterator[httpx.Client]:
    """Requests with an admin key."""
    with live_server.client(keys.admin) as opened:
        yield opened
