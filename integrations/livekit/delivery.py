"""Spools are worked off: what a call owes the server is delivered in order, each thing once."""

import asyncio
from pathlib import Path

import structlog

from integrations.livekit.assist_server import AssistServer, NotNowError, RefusedError
from integrations.livekit.spool import Missed, Owed, Placed, Segment, Spool, left_behind

LOOK_S = 5.0

log = structlog.get_logger(__name__)


class Delivery:
    """One spool's."""

    def __init__(self, server: AssistServer, spool: Spool) -> None:
        self.refused = 0
        """Records that the server will never take: its call has ended, or it does not know it."""
        self._server = server
        self._spool = spool

    async def run(self) -> None:
        """Delivers all that is owed to where the call was placed.

        Raises:
            NotNowError: the rest must wait.
        """
        placed, owed = self._spool.placed, self._spool.owed
        assert placed is not None
        while owed:
            record = owed[0]
            try:
                await self._deliver(record, placed)
            except RefusedError as error:
                if not self.refused:
                    log.warning("delivery_refused", session_id=placed.session_id, status=error.status)
                self.refused += 1
            self._spool.delivered(record)

    async def _deliver(self, record: Owed, placed: Placed) -> None:
        if isinstance(record, Segment):
            await self._server.transcribe(segment_fields(record, placed), key=record.id)
        elif isinstance(record, Missed):
            await self._server.miss(placed.session_id, _gap_fields(record, placed))
        else:
            await self._server.end_call(placed.session_id, record.status)


def segment_fields(segment: Segment, placed: Placed) -> dict[str, object]:
    """As the public ingress takes it, in seconds of the call."""
    start = seconds(segment.start, placed)
    return {
        "session_id": placed.session_id,
        "segment_id": segment.id,
        "speaker": segment.speaker,
        "text": segment.text,
        "start_time": start,
        "end_time": max(start, seconds(segment.end, placed)),
        "confidence": segment.confidence,
        "language": segment.language,
    }


def _gap_fields(gap: Missed, placed: Placed) -> dict[str, object]:
    return {
        "id": gap.id,
        "speaker": gap.speaker,
        "start_time": seconds(gap.start, placed),
        "end_time": seconds(gap.end, placed),
        "reason": gap.reason,
    }


def seconds(wall: float, placed: Placed) -> float:
    """Of the call; what was said before the server knew of it was said at its beginning."""
    return max(0.0, round(wall - placed.zero, 3))


async def deliver_left_behind(directory: Path, server: AssistServer) -> None:
    """Takes over every spool that no living process works on, for ever."""
    while True:
        try:
            for path in left_behind(directory):
                await _take_over(path, server)
        except NotNowError as error:
            log.info("left_behind_waits", status=error.status)
        except Exception:
            log.exception("left_behind_failed")
        await asyncio.sleep(LOOK_S)


async def _take_over(path: Path, server: AssistServer) -> None:
    spool = Spool.take_over(path)
    if spool is None:
        return
    owed = len(spool.owed)
    delivery = Delivery(server, spool)
    try:
        if owed and await _is_placed(spool, server):
            await delivery.run()
            log.info("left_behind_delivered", job_id=path.stem, records=owed, refused=delivery.refused)
    finally:
        spool.close()


async def _is_placed(spool: Spool, server: AssistServer) -> bool:
    """Places a call that its job could not place itself; False: the server does not take it."""
    if spool.placed is not None:
        return True
    if spool.call is None:
        log.error("left_behind_unreadable", file=spool.path.name)
        spool.owed.clear()
        return False
    try:
        session_id = spool.call.session_id or await server.start_call(spool.call.fields)
    except RefusedError as error:
        log.warning("left_behind_refused", file=spool.path.name, status=error.status, records=len(spool.owed))
        spool.owed.clear()
        return False
    spool.add(Placed(session_id=session_id, zero=spool.call.started))
    return True
