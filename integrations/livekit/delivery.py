"""Spools are worked off: what a call owes the server is delivered in order, each thing once."""

import asyncio
from pathlib import Path

import structlog

from integrations.livekit.ingress import Ingress, NotNowError, RefusedError
from integrations.livekit.spool import Asked, Missed, Owed, Placed, Segment, Spool, left_behind

LOOK_S = 5.0

log = structlog.get_logger(__name__)


class Delivery:
    """One spool's."""

    def __init__(self, ingress: Ingress, spool: Spool) -> None:
        self.refused = 0
        """Records that the server will never take: its call has ended, or it does not know it."""
        self._ingress = ingress
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
            await self._ingress.transcribe(segment_fields(record, placed), key=record.id)
        elif isinstance(record, Missed):
            await self._ingress.miss(placed.session_id, _gap_fields(record, placed))
        elif isinstance(record, Asked):
            await self._ingress.ask(_request_fields(record, placed), key=record.id)
        else:
            await self._ingress.end_call(placed.session_id, record.status)


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


def _request_fields(asked: Asked, placed: Placed) -> dict[str, object]:
    fields = {
        "session_id": placed.session_id,
        "question": asked.question,
        "customer_name": asked.customer_name,
        "customer_contact": asked.customer_contact,
        "metadata": {"origin": "receptionist"},
    }
    return {name: value for name, value in fields.items() if value is not None}


def seconds(wall: float, placed: Placed) -> float:
    """Of the call; what was said before the server knew of it was said at its beginning."""
    return max(0.0, round(wall - placed.zero, 3))


async def deliver_left_behind(directory: Path, ingress: Ingress) -> None:
    """Takes over every spool that no living process works on, for ever."""
    while True:
        try:
            for path in left_behind(directory):
                await _take_over(path, ingress)
        except NotNowError as error:
            log.info("left_behind_waits", status=error.status)
        except Exception:
            log.exception("left_behind_failed")
        await asyncio.sleep(LOOK_S)


async def _take_over(path: Path, ingress: Ingress) -> None:
    spool = Spool.take_over(path)
    if spool is None:
        return
    owed = len(spool.owed)
    delivery = Delivery(ingress, spool)
    try:
        if owed and await _is_placed(spool, ingress):
            await delivery.run()
            log.info("left_behind_delivered", job_id=path.stem, records=owed, refused=delivery.refused)
    finally:
        spool.close()


async def _is_placed(spool: Spool, ingress: Ingress) -> bool:
    """Places a call that its job could not place itself; False: the server does not take it."""
    if spool.placed is not None:
        return True
    if spool.call is None:
        log.error("left_behind_unreadable", file=spool.path.name)
        spool.owed.clear()
        return False
    try:
        session_id = spool.call.session_id or await ingress.start_call(spool.call.fields)
    except RefusedError as error:
        log.warning("left_behind_refused", file=spool.path.name, status=error.status, records=len(spool.owed))
        spool.owed.clear()
        return False
    spool.add(Placed(session_id=session_id, zero=spool.call.started))
    return True
