"""The audit log: what supervisors and administrators did, with before and after; entries are never changed."""

from assist.access import Person, Principal
from assist.db import audit
from assist.db.engine import Session
from assist.db.models.base import Json


async def record(
    session: Session,
    principal: Principal,
    action: str,
    target: tuple[str, str],
    *,
    before: Json | None = None,
    after: Json | None = None,
) -> None:
    """Writes one entry in the transaction of the action. `action`: "policy.changed"; `target`: type and id."""
    values: Json = {
        "actor": principal.actor,
        "actor_name": principal.email if isinstance(principal, Person) else principal.name,
        "action": action,
        "target_type": target[0],
        "target_id": target[1],
        "before": before,
        "after": after,
    }
    await audit.insert_entry(session, values)
