"""What the database holds of a call, and the promises that it must keep whatever happened."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, text

from assist.db.engine import Sessions
from assist.db.models import (
    CallEvent,
    CallSession,
    CallTurn,
    ClarifyingQuestion,
    Suggestion,
    TranscriptionSegment,
)

PATIENCE_S = 40.0
"""How long a test waits for what must happen; far above what it takes."""


class Ledger(Struct, frozen=True, kw_only=True):
    """All rows of a call, in order."""

    call: CallSession
    segments: list[TranscriptionSegment]
    turns: list[CallTurn]
    events: list[CallEvent]
    suggestions: list[Suggestion]
    questions: list[ClarifyingQuestion]

    def event_types(self) -> list[str]:
        """In order."""
        return [event.type for event in self.events]

    def payloads(self, kind: str) -> list[dict[str, Any]]:
        """Of the events of one type, in order."""
        return [event.payload for event in self.events if event.type == kind]

    def queries(self) -> list[str]:
        """Helped with, in order."""
        return [turn.query for turn in self.turns if turn.query is not None]

    def check(self) -> None:
        """Numbers have no gaps, every segment is covered by exactly one turn, and events tell what is stored."""
        assert [row.number for row in self.segments] == list(range(1, self.call.segment_seq + 1))
        assert [row.seq for row in self.events] == list(range(1, self.call.event_seq + 1))
        assert [row.number for row in self.turns] == list(range(1, self.call.turn_seq + 1))
        covered = [n for turn in self.turns for n in range(turn.first_segment, turn.last_segment + 1)]
        assert covered == list(range(1, self.call.analysed_through + 1))
        told = [payload["segment"]["segment_id"] for payload in self.payloads("segment")]
        assert told == [row.segment_id for row in self.segments]
        self._check_suggestions()

    def _check_suggestions(self) -> None:
        told = self.payloads("suggestions")
        cards = [card["id"] for payload in told for card in payload["suggestions"]]
        assert sorted(cards) == sorted(str(row.id) for row in self.suggestions)
        asked = [one["id"] for payload in told for one in payload["clarifying_questions"]]
        assert sorted(asked) == sorted(str(row.id) for row in self.questions)
        given = Counter(row.turn for row in self.suggestions)
        proposed = Counter(row.turn for row in self.questions)
        for turn in self.turns:
            assert turn.suggestions_count == given[turn.number]
            assert turn.questions_count == proposed[turn.number]
        gone = {payload["suggestion_id"] for payload in self.payloads("suggestion_withdrawn")}
        assert gone == {str(row.id) for row in self.suggestions if row.status == "withdrawn"}


async def ledger(sessions: Sessions, session_id: UUID) -> Ledger:
    """Everything of a call, as of one moment."""

    async def rows(model: Any, order: Any) -> list[Any]:
        statement = select(model).where(model.session_id == session_id).order_by(order)
        return list((await session.execute(statement)).scalars())

    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return Ledger(
            call=(await session.execute(select(CallSession).where(CallSession.session_id == session_id))).scalar_one(),
            segments=await rows(TranscriptionSegment, TranscriptionSegment.number),
            turns=await rows(CallTurn, CallTurn.number),
            events=await rows(CallEvent, CallEvent.seq),
            suggestions=await rows(Suggestion, Suggestion.created_at),
            questions=await rows(ClarifyingQuestion, ClarifyingQuestion.created_at),
        )


async def settled(sessions: Sessions, session_id: UUID) -> Ledger:
    """The call once all its segments are analysed; its promises are checked."""

    async def analysed() -> bool:
        async with sessions() as session:
            call = (await session.execute(select(CallSession).where(CallSession.session_id == session_id))).scalar_one()
        return call.segment_seq == call.analysed_through

    await until(analysed)
    found = await ledger(sessions, session_id)
    found.check()
    return found


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not await holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


async def run_sql(sessions: Sessions, statement: str, **parameters: Any) -> None:
    """One statement, committed."""
    async with sessions.begin() as session:
        await session.execute(text(statement), parameters)


async def expire_lease(sessions: Sessions, session_id: UUID) -> None:
    """As if the owner had been silent for the time of a lease."""
    late = "UPDATE call_sessions SET lease_until = clock_timestamp() - interval '1 second' WHERE session_id = :call"
    await run_sql(sessions, late, call=session_id)
