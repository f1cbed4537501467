"""The one row of the escalation policy."""

from msgspec import Struct
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import EscalationPolicy
from assist.db.models.base import Json

_ID = 1


class StoredPolicy(Struct, frozen=True, kw_only=True):
    """A policy as it was stored, perhaps by another version of the code."""

    document: Json
    version: int


async def read(session: Session) -> StoredPolicy | None:
    """None: none was ever stored."""
    statement = select(EscalationPolicy.document, EscalationPolicy.version).where(EscalationPolicy.id == _ID)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else StoredPolicy(document=row.document, version=row.version)


async def replace(session: Session, document: Json, version: int) -> int | None:
    """Replaces that version (0: there is none yet) and returns the new number. None: it is not the current one."""
    if version == 0:
        first = insert(EscalationPolicy).values(id=_ID, document=document, version=1)
        added = first.on_conflict_do_nothing(index_elements=["id"]).returning(EscalationPolicy.version)
        return (await session.execute(added)).scalar_one_or_none()
    changed = (
        update(EscalationPolicy)
        .where(EscalationPolicy.id == _ID, EscalationPolicy.version == version)
        .values(document=document, version=EscalationPolicy.version + 1, updated_at=func.clock_timestamp())
        .returning(EscalationPolicy.version)
    )
    return (await session.execute(changed)).scalar_one_or_none()
