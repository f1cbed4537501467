"""Durable jobs: whatever must happen later is enqueued in the transaction that decided it (procrastinate)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import procrastinate
from msgspec import Struct
from procrastinate.exceptions import AlreadyEnqueued

from assist.db.engine import Session, driver_connection

INDEX_KNOWLEDGE = "index_knowledge"
KNOWLEDGE_QUEUE = "knowledge"


class Job(Struct, frozen=True, kw_only=True):
    """What a worker runs under a name."""

    name: str
    queue: str
    """Every queue has workers of its own, so that one that hangs holds up no other."""
    body: Callable[..., Awaitable[None]]
    """Idempotent: a job of a killed process runs again. Takes the arguments that it was enqueued with."""


def job_app(conninfo: str) -> procrastinate.App:
    """The job library, on our own database."""
    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=6))


async def enqueue_indexing(session: Session) -> None:
    """Has the index brought up to date after this transaction commits; many requests make one job."""
    await enqueue(session, INDEX_KNOWLEDGE, queue=KNOWLEDGE_QUEUE, once=INDEX_KNOWLEDGE)


async def enqueue(
    session: Session, name: str, *, queue: str, once: str | None = None, at: datetime | None = None, **arguments: Any
) -> None:
    """Has a job run after this transaction commits, not before `at` on the database's clock. While a job waits under
    the name `once`, no other is added.
    """
    try:
        async with session.begin_nested():
            # The savepoint keeps the caller's transaction alive when the job is there already. It is set by the
            # first use of the connection inside this block, so the connection must be asked for here.
            connection = await driver_connection(session)
            task = _never_opened.configure_task(
                name, queue=queue, queueing_lock=once, schedule_at=at, connection=connection, allow_unknown=True
            )
            await task.defer_async(**arguments)
    except AlreadyEnqueued:
        return


_never_opened = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Jobs are inserted on the caller's connection."""
