"""What is said in one call: greeting, answers, news, apologies; and what is done when it was said."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Coroutine
from typing import Any, Protocol

import structlog
from livekit import rtc
from msgspec import Struct

from integrations.livekit.roles import Person
from integrations.livekit.spoken import Gap, Utterance
from integrations.livekit.transfers import Passed
from integrations.livekit.voice_line import DeadPart, Parts, VoiceLine
from pipeline.conversation import Act, Conversation, HandOver, HangUp, News

_TICK_S = 0.2
_NEWS_TRIES = 3
_ON_ITS_WAY_S = 0.4
"""The last words reach the caller so long after they were spoken."""
_AFTER_LIMIT_S = 120.0
"""A call that has lasted too long may go on for so long to find out how the caller is reached."""
_CALLERS_CHOICE = ("goodbye", "ended_by_model", "idle")
"""Reasons to hang up that do not hold when the caller goes on speaking."""
_NEWS, _GUARD = "news", "guard"

log = structlog.get_logger(__name__)


class Limits(Struct, frozen=True, kw_only=True):
    """How long a call may go on."""

    idle_s: float
    """Silence after which the caller is asked whether they are there."""
    max_s: float
    """Of the whole call."""


class House(Protocol):
    """Where a talk takes place."""

    @property
    def is_caller_there(self) -> bool:
        """And hears what is said."""
        ...

    @property
    def is_over(self) -> bool:
        """The call is, or somebody else has it."""
        ...

    def heard(self, utterance: Utterance) -> None:
        """Final words, of the caller or of the voice."""
        ...

    def hearing(self, utterance: Utterance) -> None:
        """The caller's words so far."""
        ...

    def missed(self, gap: Gap) -> None:
        """Words of the caller that will never be recognised."""
        ...

    def end(self, reason: str, *, leaves_call_open: bool = False) -> None:
        """Nothing more is to be said."""
        ...

    async def pass_on(self) -> Passed:
        """A human takes the call, or nobody does."""
        ...

    def apology(self) -> AsyncIterable[rtc.AudioFrame]:
        """Recorded, for when the voice is dead."""
        ...


class Talk:
    """A mind that thinks and a line that speaks. `begin` it, and `close` it however it ended."""

    def __init__(self, mind: Conversation, parts: Parts, caller: Person, house: House, limits: Limits) -> None:
        """`max_s` of the limits is counted from now."""
        self._mind, self._house, self._limits = mind, house, limits
        self._line = VoiceLine(parts, caller, self)
        self._until = time.monotonic() + limits.max_s
        self._dead: set[DeadPart] = set()
        self._apologising = asyncio.Lock()
        self._is_passing = False
        self._silences, self._noticed = 0, 0.0
        self._turn: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, room: rtc.Room) -> None:
        """Speaks and listens from now on."""
        await self._line.open(room)
        if not self._dead:
            self._start(self._say(self._mind.greet()), "greeting")
        self._start(self._tell_news(), _NEWS)
        self._start(self._guard(), _GUARD)

    async def close(self) -> None:
        """Ends what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._line.close()

    async def settle(self) -> None:
        """After the line is closed: what the caller said last, and nobody answered, is a question like any other."""
        words = " ".join(self._line.unanswered)
        if words and not self._is_passing:
            async for _ in self._mind.hear(words):
                pass

    @property
    def is_deaf(self) -> bool:
        """The caller is not understood any more."""
        return "stt" in self._dead

    def turn(self, words: str) -> None:
        """The caller has said something and waits."""
        if self._is_passing or self._house.is_over:
            return
        if self._turn is not None:
            self._turn.cancel()
        self._turn = self._start(self._say(self._mind.hear(words)), "turn")

    def heard(self, utterance: Utterance) -> None:
        """Final words, of the caller or of the voice."""
        self._house.heard(utterance)

    def hearing(self, utterance: Utterance) -> None:
        """The caller's words so far."""
        self._house.hearing(utterance)

    def missed(self, gap: Gap) -> None:
        """Words of the caller that will never be recognised."""
        self._house.missed(gap)

    def dead(self, part: DeadPart) -> None:
        """A part has failed for good; the caller is told once."""
        if part not in self._dead and not self._house.is_over:
            log.warning("reception_out_of_order", part=part)
            self._dead.add(part)
            self._start(self._apologise(part), "apology")

    async def _say(self, acts: AsyncIterator[Act]) -> bool:
        """Whether all of it was heard."""
        if "tts" in self._dead:
            async for act in acts:
                await self._do(act)
            return False
        said = await self._line.speak(acts)
        if not said.complete and "tts" in self._dead:
            return False  # the apology comes first, and has an ending of its own
        if said.ending is not None and (said.complete or not _is_callers_choice(said.ending)):
            await self._do(said.ending)
        return said.complete

    async def _do(self, act: Act) -> None:
        if isinstance(act, HangUp):
            self._house.end(act.reason)
        elif isinstance(act, HandOver):
            self._is_passing = True
            self._start(self._hand_over(act.reason), "hand-over")  # what the caller says meanwhile must not stop it

    async def _hand_over(self, reason: str) -> None:
        await asyncio.sleep(_ON_ITS_WAY_S)
        passed = await self._house.pass_on()
        log.info("handed_over", reason=reason, how=passed.how, status=passed.status)
        if passed.how is None and not self._house.is_over:
            self._is_passing = False
            await self._say(self._mind.hand_over_failed(passed.status))

    async def _apologise(self, part: DeadPart) -> None:
        async with self._apologising:  # a recording is heard to its end, whatever else dies
            if self._house.is_over:
                return
            if part == "tts":
                await self._line.play(self._house.apology())
            await self._say(self._mind.out_of_order(part))

    async def _tell_news(self) -> None:
        async for news in self._mind.news():
            await self._tell(news)

    async def _tell(self, news: News) -> None:
        """An answer counts as told when it was heard to its end, or interrupted again and again."""
        for _ in range(_NEWS_TRIES):
            await self._until_quiet()
            is_heard = await self._say(_all(news.acts))
            if "tts" in self._dead:
                return
            if is_heard and self._house.is_caller_there:
                break
        if news.suggestion_id is not None:
            await self._mind.told(news.suggestion_id)
        await self._say(_all(news.then))

    async def _until_quiet(self) -> None:
        """Until the caller is there and silent, and nothing is being said or sought for them."""
        # There is no one event for this moment.
        while self._is_engaged or not self._line.is_quiet or not self._house.is_caller_there:  # noqa: ASYNC110
            await asyncio.sleep(_TICK_S)

    async def _guard(self) -> None:
        """Notices silence, and calls without end."""
        while True:
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            if now > self._until and not self._is_passing:
                self._until = now + _AFTER_LIMIT_S
                self._start(self._say(self._mind.too_long()), "too-long")
            elif now - self._line.active_at > self._limits.idle_s and self._line.is_quiet and not self._is_engaged:
                self._start(self._notice_silence(), "silence")

    async def _notice_silence(self) -> None:
        self._silences = self._silences + 1 if self._line.active_at <= self._noticed else 1
        await self._say(self._mind.silence(self._silences))
        self._noticed = self._line.active_at

    @property
    def _is_engaged(self) -> bool:
        """The caller is being answered, or a human sought for them."""
        return any(task.get_name() not in (_NEWS, _GUARD) for task in self._tasks)

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._watched(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watched(self, work: Awaitable[object], name: str) -> None:
        try:
            await work
        except Exception:
            log.exception("talk_failed", work=name)
            self._house.end("failed", leaves_call_open=True)


def _is_callers_choice(act: Act) -> bool:
    return isinstance(act, HangUp) and act.reason in _CALLERS_CHOICE


async def _all(acts: tuple[Act, ...]) -> AsyncIterator[Act]:
    for act in acts:
        yield act
