"""The identity of this event log."""

import hashlib

from sqlalchemy import select, text

from assist.db.engine import Session
from assist.db.models import Deployment

_CLUSTER = text(
    "SELECT s.system_identifier::text || '/' || c.timeline_id::text "
    "FROM pg_control_system() s, pg_control_checkpoint() c"
)


async def epoch(session: Session) -> str:
    """Changes when the log's history did: a dump restored elsewhere, a point-in-time recovery, or by hand."""
    stored = (await session.execute(select(Deployment.epoch))).scalar_one()
    cluster = (await session.execute(_CLUSTER)).scalar_one()
    return hashlib.sha256(f"{stored}/{cluster}".encode()).hexdigest()[:16]
