"""The audit log's rows."""

from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import AuditEntry
from assist.db.models.base import Json


async def insert_entry(session: Session, values: Json) -> None:
    """Appends; a trigger refuses everything else."""
    await session.execute(insert(AuditEntry).values(**values))
