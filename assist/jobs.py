"""Durable jobs: whatever must happen later is enqueued in the transaction that decided it (procrastinate)."""

from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from assist.db.engine import Session, driver_connection

INDEX_KNOWLEDGE = "index_knowledge"
KNOWLEDGE_QUEUE = "knowledge"


def job_app(conninfo: str) -> procrastinate.App:
    """The job library, on our own database."""
    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4))


async def enqueue_indexing(session: Session) -> None:
    """Has the index brought up to date after this transaction commits; many requests make one job."""
    await _enqueue(session, INDEX_KNOWLEDGE, queue=KNOWLEDGE_QUEUE, queueing_lock=INDEX_KNOWLEDGE)


async def _enqueue(session: Session, name: str, *, queue: str, queueing_lock: str, **arguments: Any) -> None:
    try:
        async with session.begin_nested():
            # The savepoint keeps the caller's transaction alive when the job is there already. It is set by the
            # first use of the connection inside this block, so the connection must be asked for here.
            connection = await driver_connection(session)
            task = _never_opened.configure_task(
                name, queue=queue, queueing_lock=queueing_lock, connection=connection, allow_unknown=True
            )
            await task.defer_async(**arguments)
    except AlreadyEnqueued:
        return


_never_opened = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Jobs are inserted on the caller's connection."""
