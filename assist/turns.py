"""One turn of a live call: gather what is new, let the pipeline think, and store what came of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import structlog
from msgspec import Struct

from assist.background import cancelled
from assist.db import turns
from assist.db.engine import Sessions
from assist.db.errors import DatabaseError
from assist.escalation.call_questions import CallQuestions
from assist.live_call import LiveCall, Memory, read_memory, refresh
from assist.metrics import LiveMetrics
from assist.turn_results import Thought, Trace, failed_rows, remember, rows_of
from pipeline.errors import UpstreamError
from pipeline.events import Emit, Event
from pipeline.run import Pipeline
from pipeline.types import Context, Outcome, Query, Turn

_TURN_TIMEOUT_S = 20.0
_MAX_ATTEMPTS = 3
"""A turn that was started this often without an end is given up, so that a poisoned one cannot stop its call."""
_UPSTREAM_RETRY_S = (0.2, 1.0)

log = structlog.get_logger(__name__)


class Asked(Struct, frozen=True, kw_only=True):
    """What the cheap half of the pipeline made of a turn."""

    turn: Turn
    context: Context
    query: Query | None


class TurnEnd(Struct, frozen=True, kw_only=True):
    """A turn that was worked out."""

    stored: bool
    """False: the lease was lost, nothing is stored."""
    rows: turns.TurnRows
    outcome: Outcome | None
    """None: nothing was asked, or the turn failed."""


@dataclass(frozen=True, kw_only=True)
class TurnRunner:
    """Runs turns of any call; keeps no state of its own."""

    sessions: Sessions
    pipeline: Callable[[], Pipeline]
    ready: Callable[[], Awaitable[None]]
    """Waits for what the pipeline needs (the model, just after a start); this time is no part of a turn's."""
    metrics: LiveMetrics = field(default_factory=LiveMetrics)
    questions: CallQuestions | None = None
    """Passes on to supervisors what knowledge does not answer; None: nobody is asked."""

    async def run(self, live: LiveCall, asked_anew: Callable[[UUID], None]) -> TurnEnd | None:
        """One turn of a call whose lease we have; `asked_anew` hears of a new question before help with it begins.
        None: nothing waits.

        Raises:
            DatabaseError: the database failed; nothing is stored.
        """
        assert live.lease is not None
        memory = await self._heard(live)
        turn = memory.next_turn(live.session_id, live.lease, everything=live.lease.attempts > _MAX_ATTEMPTS)
        if turn is None:
            return None
        started = time.perf_counter()
        thought = None if live.lease.attempts > _MAX_ATTEMPTS else await self._think(live, turn, asked_anew)
        elapsed_ms = (time.perf_counter() - started) * 1000.0
        now = datetime.now(UTC)
        if thought is None:
            rows = failed_rows(turn, live.lease, elapsed_ms=elapsed_ms)
        else:
            rows = rows_of(thought, memory, live.lease, elapsed_ms=elapsed_ms, now=now)
        outcome = thought.outcome if thought else None
        stored = await self._store(rows, outcome)
        if stored:
            remember(live, thought, rows)
            self.metrics.turn_stored(rows)
        return TurnEnd(stored=stored, rows=rows, outcome=outcome)

    async def _store(self, rows: turns.TurnRows, outcome: Outcome | None) -> bool:
        """One transaction: the turn's results, and the question to a supervisor where there is one."""
        passed_on = False
        async with self.sessions.begin() as session:
            stored = await turns.finish(session, rows)
            if stored and outcome is not None and self.questions is not None:
                refining = self.pipeline().refiner is not None
                turn = rows.turn["number"]
                passed_on = await self.questions.left_open(session, rows.session_id, turn, outcome, refining=refining)
        if passed_on and self.questions is not None:
            self.questions.told(rows.session_id)
        return stored

    async def _heard(self, live: LiveCall) -> Memory:
        """The call's memory with every stored segment in it."""
        async with self.sessions() as session:
            if live.memory is None:
                live.memory = await read_memory(session, live.session_id)
            else:
                await refresh(session, live.session_id, live.memory)
        return live.memory

    async def _think(self, live: LiveCall, turn: Turn, asked_anew: Callable[[UUID], None]) -> Thought | None:
        """None: the turn failed for good; the reason is logged."""
        for wait_s in (*_UPSTREAM_RETRY_S, None):
            try:
                await self.ready()
                async with asyncio.timeout(_TURN_TIMEOUT_S):
                    return await self._ask_and_help(live, turn, asked_anew)
            except UpstreamError as error:
                log.warning(
                    "turn_upstream_failed",
                    session_id=str(live.session_id),
                    turn=turn.number,
                    service=error.service,
                    retryable=error.retryable,
                )
                if wait_s is None or not error.retryable:
                    return None
                await asyncio.sleep(wait_s)
            except DatabaseError:
                raise
            except TimeoutError:
                log.warning("turn_timed_out", session_id=str(live.session_id), turn=turn.number)
                return None
            except Exception as error:
                log.exception(
                    "turn_failed", session_id=str(live.session_id), turn=turn.number, error=type(error).__name__
                )
                return None
        return None

    async def _ask_and_help(self, live: LiveCall, turn: Turn, asked_anew: Callable[[UUID], None]) -> Thought:
        trace = Trace()
        asked = await self._ask(turn, trace)
        outcome: Outcome | None = None
        while asked.query is not None and outcome is None:
            asked_anew(live.session_id)
            helping = asyncio.create_task(self.pipeline().help(asked.query, trace))
            try:
                newer = await self._newer_query(live, asked, helping)
                if newer is None:
                    outcome = await helping
                else:
                    asked = newer
            finally:
                await cancelled(helping)
        return Thought(turn=asked.turn, context=asked.context, query=asked.query, outcome=outcome, trace=trace)

    async def _ask(self, turn: Turn, emit: Emit) -> Asked:
        context, query = await self.pipeline().ask(turn, emit)
        return Asked(turn=turn, context=context, query=query)

    async def _newer_query(self, live: LiveCall, asked: Asked, helping: asyncio.Task[Outcome]) -> Asked | None:
        """Listens to the call while help is in progress. None: help is done; else what supersedes it."""
        seen = asked.turn.new
        while not helping.done():
            bell = asyncio.create_task(live.woken.wait())
            try:
                await asyncio.wait((helping, bell), return_when=asyncio.FIRST_COMPLETED)
            finally:
                await cancelled(bell)
            if helping.done() or not live.woken.is_set():
                continue
            live.woken.clear()
            memory = await self._heard(live)
            assert live.lease is not None
            turn = memory.next_turn(live.session_id, live.lease, everything=True)
            if turn is None or turn.new == seen:
                continue
            seen = turn.new
            peek = await self._ask(turn, _nobody)
            if peek.query is not None and asked.query is not None and peek.query.text != asked.query.text:
                return peek
        return None


async def _nobody(_: Event) -> None:
    """A peek is not measured: its turn has not begun."""
