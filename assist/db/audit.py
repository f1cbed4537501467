"""The audit log's rows."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import AuditEntry
from assist.db.models.base import Json


class AuditFilter(Struct, frozen=True, kw_only=True):
    """Which entries to list."""

    actor: str = ""
    """Part of the person's address or the key's name."""
    action: str = ""
    """Beginning: "help_request." finds all about requests."""
    target: str = ""
    """Id of what was acted on."""
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As WHERE clauses."""
        found: list[ColumnElement[bool]] = []
        if self.actor:
            found.append(AuditEntry.actor_name.icontains(self.actor, autoescape=True))
        if self.action:
            found.append(AuditEntry.action.istartswith(self.action, autoescape=True))
        if self.target:
            found.append(AuditEntry.target_id == self.target)
        if self.since is not None:
            found.append(AuditEntry.at >= self.since)
        if self.until is not None:
            found.append(AuditEntry.at < self.until)
        return found


async def insert_entry(session: Session, values: Json) -> None:
    """Appends; a trigger refuses everything else."""
    await session.execute(insert(AuditEntry).values(**values))


async def count_entries(session: Session, wanted: AuditFilter) -> int:
    """How many match."""
    statement = select(func.count()).select_from(AuditEntry).where(*wanted.conditions())
    return (await session.execute(statement)).scalar_one()


async def list_entries(
    session: Session, wanted: AuditFilter, *, limit: int, before: int | None = None
) -> Sequence[AuditEntry]:
    """Newest first, below the id `before`."""
    conditions = wanted.conditions()
    if before is not None:
        conditions.append(AuditEntry.id < before)
    statement = select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc()).limit(limit)
    return (await session.execute(statement)).scalars().all()
