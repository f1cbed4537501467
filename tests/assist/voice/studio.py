"""Spoken calls on real tables, with a LiveKit server that a test plays."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import text

from assist.access import Person, Role
from assist.calls import Calls, StartCall
from assist.db import calls
from assist.db.engine import Sessions
from assist.delivery import Hub
from assist.live import Runners
from assist.snapshots import Snapshot
from assist.voice.browser_calls import BrowserCalls
from assist.voice.call_backs import Attempts, CallBacks
from assist.voice.jobs import Arrival, Beat, Begun, VoiceJobs
from assist.voice.watchdog import Patience, Watchdog
from tests.doubles.livekit_rooms import RoomsDouble

Json = dict[str, Any]


class _Quiet:
    """Runs no pipeline."""

    refinements = type("Nothing", (), {"stop": staticmethod(lambda *_: None)})()

    def wake(self, session_id: UUID) -> None:
        """Nobody listens."""

    def announce(self) -> None:
        """Nobody else is there."""


@dataclass(frozen=True, kw_only=True)
class Studio:
    """The parts under test."""

    sessions: Sessions
    rooms: RoomsDouble
    calls: Calls
    jobs: VoiceJobs
    watchdog: Watchdog
    browser: BrowserCalls
    call_backs: CallBacks

    async def call(self, **fields: Any) -> UUID:
        """A call that goes on."""
        return await self.calls.start(StartCall(call_id=f"voice-{uuid4()}", **fields), None)

    async def job(self, session_id: UUID, job_id: str = "J1", room: str = "r1", kind: Any = "assist") -> Begun:
        """A job that begins to listen."""
        return await self.jobs.begin(Arrival(session_id=session_id, room=room, kind=kind, job_id=job_id))

    async def beat(self, session_id: UUID, job_id: str = "J1", **fields: Any) -> Any:
        """A heartbeat."""
        fields = {"settled_s": 0.0, **fields}
        return await self.jobs.beat(session_id, Beat(job_id=job_id, **fields))

    async def snapshot(self, session_id: UUID) -> Snapshot:
        """The call as screens see it."""
        return await self.calls.snapshot(session_id)

    async def events(self, session_id: UUID, kind: str) -> list[Json]:
        """Payloads of its events of a type."""
        async with self.sessions() as session:
            rows = await calls.events_after(session, session_id, 0, 1000)
        return [row.payload[kind] for row in rows if row.type == kind]

    async def sql(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        async with self.sessions.begin() as session:
            found = await (await session.connection()).execute(text(statement), parameters)
            return [tuple(row) for row in found] if found.returns_rows else []

    async def later(self, seconds: float) -> None:
        """As if time had passed: everything that was noted of rooms and call-backs lies further back."""
        for table, columns in _MOMENTS.items():
            moved = ", ".join(f"{column} = {column} - make_interval(secs => :seconds)" for column in columns)
            await self.sql(f"UPDATE {table} SET {moved}", seconds=seconds)


_MOMENTS = {
    "voice_rooms": ("heartbeat_at", "next_dispatch_at", "empty_at", "created_at"),
    "call_backs": ("next_attempt_at", "updated_at"),
}


def studio(sessions: Sessions) -> Studio:
    """Everything real but the LiveKit server and the pipeline."""
    rooms, hub = RoomsDouble(), Hub(sessions=sessions)
    of_calls = Calls(sessions=sessions, runners=cast("Runners", _Quiet()), hub=hub)
    jobs = VoiceJobs(sessions=sessions, hub=hub, announce=lambda: None)
    attempts = Attempts(pauses=(timedelta(minutes=5), timedelta(minutes=20)))
    return Studio(
        sessions=sessions,
        rooms=rooms,
        calls=of_calls,
        jobs=jobs,
        watchdog=Watchdog(sessions=sessions, rooms=rooms, calls=of_calls, told=jobs.told, patience=Patience()),
        browser=BrowserCalls(sessions=sessions, calls=of_calls, rooms=rooms, secret=b"s", test_calls=True),
        call_backs=CallBacks(
            sessions=sessions, rooms=rooms, calls=of_calls, hub=hub, announce=lambda: None, attempts=attempts
        ),
    )


def agent(name: str = "marcus", role: Role = Role.AGENT) -> Person:
    """Somebody signed in."""
    email = f"{name}@voice.example"
    return Person(id=uuid4(), email=email, name=name, role=role, agent_identities=(email,), session_hash="")
