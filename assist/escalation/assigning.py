"""The job that gives requests which nobody has to somebody; who brings that about enqueues it."""

from assist.db.engine import Session
from assist.escalation.timers import TIMER_QUEUE
from assist.jobs import enqueue

ASSIGN_WAITING = "assign_waiting"


async def enqueue_assigning(session: Session) -> None:
    """Somebody is there, or has room: after this transaction commits, requests that nobody has are given away."""
    await enqueue(session, ASSIGN_WAITING, queue=TIMER_QUEUE, once=ASSIGN_WAITING)
