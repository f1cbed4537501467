"""The audit log: what supervisors and administrators did, with before and after; entries are never changed."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import Struct

from assist.access import Person, Principal
from assist.db import audit
from assist.db.audit import AuditFilter
from assist.db.engine import Session, Sessions
from assist.db.models import AuditEntry
from assist.db.models.base import Json

_EXPORT_BATCH = 500
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class AuditEntryView(Struct, frozen=True, kw_only=True):
    """One thing that somebody did."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    target_type: str
    target_id: str
    before: Json | None
    after: Json | None


class AuditPage(Struct, frozen=True, kw_only=True):
    """Entries, newest first."""

    items: list[AuditEntryView]
    total: int
    next: str | None
    """Cursor of the next part; None at the end."""


_COLUMNS = AuditEntryView.__struct_fields__


@dataclass(frozen=True, kw_only=True)
class AuditLog:
    """Reads the log."""

    sessions: Sessions

    async def page(self, wanted: AuditFilter, *, limit: int, before: int | None) -> AuditPage:
        """Entries below the id `before`."""
        async with self.sessions() as session:
            total = await audit.count_entries(session, wanted)
            found = await audit.list_entries(session, wanted, limit=limit + 1, before=before)
        shown = found[:limit]
        following = str(shown[-1].id) if len(found) > limit else None
        return AuditPage(items=[_view(row) for row in shown], total=total, next=following)

    async def export(self, wanted: AuditFilter, kind: str) -> AsyncIterator[bytes]:
        """All matching entries as lines of CSV (the first names the columns) or JSON, newest first."""
        before: int | None = None
        if kind == "csv":
            yield _csv_line(_COLUMNS)
        while True:
            async with self.sessions() as session:
                found = await audit.list_entries(session, wanted, limit=_EXPORT_BATCH, before=before)
            for row in found:
                view = _view(row)
                yield _as_csv(view) if kind == "csv" else msgspec.json.encode(view) + b"\n"
            if len(found) < _EXPORT_BATCH:
                return
            before = found[-1].id


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


def _view(row: AuditEntry) -> AuditEntryView:
    return AuditEntryView(**{name: getattr(row, name) for name in _COLUMNS})


def _as_csv(view: AuditEntryView) -> bytes:
    return _csv_line([_cell(getattr(view, name)) for name in _COLUMNS])


def _cell(value: object) -> str:
    """As text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def _csv_line(cells: Iterable[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
