"""The way of one call to the server: words, gaps, heartbeats and the end. A server that is down stops nobody."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import structlog
from msgspec import Struct

from integrations.livekit.delivery import Delivery, seconds, segment_fields
from integrations.livekit.ingress import Ingress, JobOpened, NotNowError, RefusedError
from integrations.livekit.spoken import Gap, Utterance, gap_id, question_id, segment_id
from integrations.livekit.spool import Asked, Call, Ended, Missed, Owed, Placed, Segment, Spool
from pipeline.conversation import Unraised
from pipeline.errors import UpstreamError

_FIRST_RETRY_S = 0.25
_LONGEST_RETRY_S = 5.0
_LONGEST_RETRY_AFTER_S = 60.0
_INTERIM_S = 0.25
_UNKNOWN = 404
_FIRST_WORDS_S = 5.0
"""What was said so shortly before the server knew of the call does not move the call's clock."""

log = structlog.get_logger(__name__)


class Report(Struct, frozen=True, kw_only=True):
    """How it goes in the room, for a heartbeat."""

    settled: float
    """Wall second up to which all that was said has been given to the feed."""
    transcription: Literal["ok", "degraded", "unavailable"] = "ok"
    detail: str | None = None
    participants: tuple[Mapping[str, Any], ...] = ()


class Feed:
    """One job's. Nothing here waits for the server, except `beat` and `aclose`.

    Attributes:
        opened: the server has the call; its answer.
        over: the server wants the job to leave the room: the call has ended, or another job has it.
        call_ended: it is the former.
        refused: status with which the server did not take the call from this job; None: it has not.
    """

    def __init__(self, ingress: Ingress, directory: Path, call: Call, report: Callable[[], Report]) -> None:
        self.call = call
        self.opened: asyncio.Future[JobOpened] = asyncio.get_running_loop().create_future()
        self.over = asyncio.Event()
        self.call_ended = False
        self.refused: int | None = None
        self._ingress = ingress
        self._report = report
        self._spool = Spool.create(directory, call)
        self._delivery = Delivery(ingress, self._spool)
        self._latest: dict[str, Utterance] = {}
        self._showing: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._delivering = asyncio.create_task(self._deliver(), name="feed-delivery")
        self._beating = asyncio.create_task(self._beat_on(), name="feed-heartbeat")

    @property
    def session_id(self) -> str | None:
        """None: the server does not know of the call yet."""
        return self._spool.placed.session_id if self._spool.placed else self.call.session_id

    @property
    def owed(self) -> int:
        """Records that the server has not got yet."""
        return len(self._spool.owed)

    @property
    def dropped(self) -> int:
        """Records that the server refused, or that neither disk nor memory could keep."""
        return self._delivery.refused + self._spool.dropped

    def say(self, utterance: Utterance) -> None:
        """Final words. They are on the disk when this returns, and delivered in this order."""
        self._latest.pop(utterance.identity, None)
        self._owe(_segment(segment_id(self.call.key, utterance), utterance))

    def show(self, utterance: Utterance) -> None:
        """Words so far: the latest ones of each person, a few times a second, or never."""
        if self._spool.placed is None:
            return
        self._latest[utterance.identity] = utterance
        if utterance.identity not in self._showing:
            showing = self._show(utterance.identity, self._spool.placed)
            self._showing[utterance.identity] = asyncio.create_task(showing)

    def miss(self, gap: Gap) -> None:
        """Speech that nobody could write down; delivered like words."""
        self._spool.add(
            Missed(id=gap_id(self.call.key, gap), speaker=gap.speaker, start=gap.start, end=gap.end, reason=gap.reason)
        )
        self._news.set()

    def ask(self, unraised: Unraised) -> None:
        """A question for supervisors, who get it as soon as the server can be reached."""
        self._owe(
            Asked(
                id=question_id(self.call.key, unraised.question),
                question=unraised.question,
                customer_name=unraised.customer_name,
                customer_contact=unraised.customer_contact,
            )
        )

    def end(self, status: str = "completed") -> None:
        """The call is over; delivered after all its words."""
        self._owe(Ended(status=status))

    async def beat(self) -> None:
        """One heartbeat now; that it fails is harmless.

        Raises:
            UpstreamError: the server did not take it.
        """
        placed = self._spool.placed
        if placed is None:
            return
        report = self._report()
        fields = {
            "job_id": self.call.job_id,
            "settled_s": seconds(report.settled, placed),
            "transcription": report.transcription,
            "detail": report.detail,
            "participants": report.participants,
        }
        answer = await self._ingress.beat(placed.session_id, fields)
        self.call_ended = answer.ended
        if answer.ended or answer.replaced:
            self._leave("call_ended" if answer.ended else "job_replaced")

    async def aclose(self, timeout_s: float = 4.0) -> None:
        """Delivers what it can in that time. The rest stays in the spool, for whoever finds it."""
        self._closing.set()
        self._news.set()
        self._beating.cancel()
        await asyncio.wait((self._delivering,), timeout=timeout_s)
        tasks = [self._delivering, self._beating, *self._showing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._spool.close()
        log.info("feed_closed", session_id=self.session_id, owed=self.owed, dropped=self.dropped)

    def _owe(self, record: Owed) -> None:
        if self.refused is None:
            self._spool.add(record)
            self._news.set()

    async def _deliver(self) -> None:
        wait = _FIRST_RETRY_S
        while self.owed or not self._closing.is_set():
            self._news.clear()
            try:
                if self._spool.placed is None:
                    await self._place()
                await self._delivery.run()
            except NotNowError as error:
                if wait == _FIRST_RETRY_S:
                    log.warning("server_unreachable", room=self.call.room, status=error.status)
                await self._pause(min(error.retry_after_s or wait, _LONGEST_RETRY_AFTER_S))
                wait = min(wait * 2, _LONGEST_RETRY_S)
                continue
            except RefusedError as error:
                self.refused = error.status
                self._spool.forget()
                self._leave(f"refused_{error.status}")
                return
            wait = _FIRST_RETRY_S
            if not self._closing.is_set():
                await self._news.wait()

    async def _place(self) -> None:
        session_id = self.call.session_id or await self._ingress.start_call(self.call.fields)
        opened = await self._ingress.open_job(
            session_id, room=self.call.room, kind=self.call.kind, job_id=self.call.job_id
        )
        zero = time.time() - opened.elapsed_s
        first = min((owed.start for owed in self._spool.owed if isinstance(owed, Segment)), default=zero)
        if first < zero - _FIRST_WORDS_S:
            zero = first
        self._spool.add(Placed(session_id=session_id, zero=zero))
        self.opened.set_result(opened)
        log.info("call_placed", session_id=session_id, room=self.call.room, resumed=opened.resumed)

    async def _pause(self, seconds_: float) -> None:
        """Shorter when the feed closes: there is little time left."""
        try:
            async with asyncio.timeout(seconds_):
                await self._closing.wait()
                await asyncio.sleep(_FIRST_RETRY_S)
        except TimeoutError:
            return

    async def _beat_on(self) -> None:
        opened = await asyncio.shield(self.opened)
        while True:
            try:
                await self.beat()
            except NotNowError as error:
                log.debug("heartbeat_failed", session_id=self.session_id, status=error.status)
            except RefusedError as error:
                log.warning("heartbeat_refused", session_id=self.session_id, status=error.status)
                if error.status == _UNKNOWN:
                    self._leave("call_unknown")
                    return
            await asyncio.sleep(opened.heartbeat_s)

    async def _show(self, identity: str, placed: Placed) -> None:
        while (utterance := self._latest.pop(identity, None)) is not None:
            fields = segment_fields(_segment("", utterance), placed)
            try:
                await self._ingress.transcribe(fields | {"segment_id": None, "is_final": False})
            except UpstreamError as error:
                log.debug("interim_not_shown", session_id=placed.session_id, error=str(error))
            await asyncio.sleep(_INTERIM_S)
        del self._showing[identity]

    def _leave(self, why: str) -> None:
        if not self.over.is_set():
            log.info("job_dismissed", session_id=self.session_id, room=self.call.room, why=why)
        self.over.set()


def _segment(identity: str, utterance: Utterance) -> Segment:
    return Segment(
        id=identity,
        speaker=utterance.speaker,
        text=utterance.text,
        start=utterance.start,
        end=utterance.end,
        confidence=utterance.confidence,
        language=utterance.language,
    )
