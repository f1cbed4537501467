"""What supervisors' consoles watch: another value whenever something on them may have changed."""

from datetime import datetime

from sqlalchemy import func, select

from assist.db.engine import Session
from assist.db.models import AuditEntry, HelpRequestEvent, KnowledgeDraft, NotificationAttempt, SupervisorProfile

Marker = tuple[int | datetime | None, ...]


async def marker(session: Session) -> Marker:
    """Read from the ends of indexes, however many rows there are: whatever happens to a request is in its history, what
    people do is in the audit log, and what becomes of a message is an attempt.
    """
    statement = select(
        select(func.max(HelpRequestEvent.id)).scalar_subquery(),
        select(func.max(AuditEntry.id)).scalar_subquery(),
        select(func.max(NotificationAttempt.id)).scalar_subquery(),
        select(func.max(KnowledgeDraft.updated_at)).scalar_subquery(),
        select(func.max(SupervisorProfile.availability_changed_at)).scalar_subquery(),
    )
    return tuple((await session.execute(statement)).one())
