"""The job that finds somebody else for the requests of a person who was shut out."""

from uuid import UUID

from assist.db.engine import Session
from assist.escalation.timers import TIMER_QUEUE
from assist.jobs import enqueue

RELEASE_REQUESTS = "release_requests"


async def enqueue_release(session: Session, user_id: UUID) -> None:
    """After this transaction commits: a server that runs, or the next one to start, passes the requests on."""
    await enqueue(session, RELEASE_REQUESTS, queue=TIMER_QUEUE, user_id=str(user_id))
