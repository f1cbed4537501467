"""The audit log: appended to, read, exported, and never changed."""

import csv
import io
import json
from uuid import uuid4

import pytest
from sqlalchemy import text

from assist.access import Machine, Person, Principal, Role
from assist.audit import AuditLog, record
from assist.db.audit import AuditFilter
from assist.db.engine import Sessions
from assist.db.errors import DatabaseError

pytestmark = pytest.mark.db

HELENA = Person(
    id=uuid4(), email="helena@x.example", name="Helena", role=Role.SUPERVISOR, agent_identities=(), session_hash=""
)
ROBOT = Machine(id=uuid4(), name="=cmd()", scopes=frozenset())
EVERYTHING = AuditFilter()


async def _write(sessions: Sessions, who: Principal, action: str, target: str = "1") -> None:
    async with sessions.begin() as session:
        await record(
            session, who, action, ("help_request", target), before={"status": "pending"}, after={"answer": "x"}
        )


async def test_entries_tell_who_did_what_with_before_and_after_newest_first(sessions: Sessions) -> None:
    await _write(sessions, HELENA, "help_request.claimed")
    await _write(sessions, ROBOT, "help_request.answered")
    page = await AuditLog(sessions=sessions).page(EVERYTHING, limit=10, before=None)
    assert [(one.actor, one.actor_name, one.action) for one in page.items] == [
        (f"key:{ROBOT.id}", "=cmd()", "help_request.answered"),
        (f"user:{HELENA.id}", "helena@x.example", "help_request.claimed"),
    ]
    assert (page.items[0].before, page.items[0].after) == ({"status": "pending"}, {"answer": "x"})


@pytest.mark.parametrize("change", ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"])
async def test_nobody_changes_the_past(sessions: Sessions, change: str) -> None:
    await _write(sessions, HELENA, "policy.changed")
    with pytest.raises(DatabaseError):
        async with sessions.begin() as session:
            await session.execute(text(change))
    assert (await AuditLog(sessions=sessions).page(EVERYTHING, limit=10, before=None)).total == 1


async def test_pages_have_every_entry_once_and_filters_narrow_them(sessions: Sessions) -> None:
    for place in range(5):
        await _write(sessions, HELENA if place % 2 else ROBOT, f"article.step{place}", str(place))
    log, seen, cursor = AuditLog(sessions=sessions), [], None
    while True:
        page = await log.page(EVERYTHING, limit=2, before=cursor)
        seen += [one.target_id for one in page.items]
        if page.next is None:
            break
        cursor = int(page.next)
    assert seen == ["4", "3", "2", "1", "0"]
    assert (await log.page(AuditFilter(actor="helena"), limit=9, before=None)).total == 2
    assert (await log.page(AuditFilter(action="article.step3"), limit=9, before=None)).total == 1
    assert (await log.page(AuditFilter(target="4"), limit=9, before=None)).total == 1


async def test_exports_hold_everything_and_nothing_that_a_spreadsheet_runs(sessions: Sessions) -> None:
    for place in range(3):
        await _write(sessions, ROBOT, "article.archived", str(place))
    log = AuditLog(sessions=sessions)
    sheet = b"".join([chunk async for chunk in log.export(EVERYTHING, "csv")]).decode()
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [row["target_id"] for row in rows] == ["2", "1", "0"]
    assert rows[0]["actor_name"] == "'=cmd()"
    assert json.loads(rows[0]["before"]) == {"status": "pending"}
    lines = b"".join([chunk async for chunk in log.export(EVERYTHING, "jsonl")]).splitlines()
    assert [json.loads(line)["actor_name"] for line in lines] == ["=cmd()"] * 3
