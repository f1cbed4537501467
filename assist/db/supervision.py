"""What supervisors' consoles watch: another value whenever something on them may have changed."""

from datetime import datetime

from sqlalchemy import func, select

from assist.db.engine import Session
from assist.db.models import (
    EscalationPolicy,
    FollowUp,
    HelpRequestEvent,
    KnowledgeDraft,
    Notification,
    SupervisorProfile,
)

Marker = tuple[int | datetime | None, ...]


async def marker(session: Session) -> Marker:
    """Read from the ends of indexes, however many rows there are."""
    statement = select(
        select(func.max(HelpRequestEvent.id)).scalar_subquery(),
        select(func.max(KnowledgeDraft.updated_at)).scalar_subquery(),
        select(func.max(Notification.created_at)).scalar_subquery(),
        select(func.max(SupervisorProfile.availability_changed_at)).scalar_subquery(),
        select(func.max(func.coalesce(FollowUp.done_at, FollowUp.created_at))).scalar_subquery(),
        select(func.max(EscalationPolicy.version)).scalar_subquery(),
    )
    return tuple((await session.execute(statement)).one())
