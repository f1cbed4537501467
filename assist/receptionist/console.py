"""The receptionist in a terminal, or at the end of a pipe: one line is one turn of the caller."""

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from assist.receptionist.assist_server import AssistServer
from assist.receptionist.conversation import Conversation
from assist.receptionist.transcript import CallTranscript
from pipeline.conversation import Act, HandOver, HangUp, Say

_READ_BYTES = 65_536
_LINE_CHARS = 2_000
_LINES_AHEAD = 16
_SENT_WITHIN_S = 5.0


class InputLines:
    """Lines of a file descriptor, read in a thread that nobody has to wait for."""

    def __init__(self, descriptor: int) -> None:
        """Begins to read."""
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(maxsize=_LINES_AHEAD)
        threading.Thread(target=self._read, name="console-input", daemon=True).start()

    async def next(self) -> str | None:
        """The next line that is not blank; None at the end of the input."""
        while (line := await self._lines.get()) is not None:
            if line.strip():
                return line.strip()[:_LINE_CHARS]
        return None

    def _read(self) -> None:
        """Not by `sys.stdin`: a thread that waits in there keeps the interpreter from ending."""
        decoder, rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
        with suppress(RuntimeError, OSError):  # the loop is closed, or the descriptor
            while data := os.read(self._descriptor, _READ_BYTES):
                *lines, rest = (rest + decoder.decode(data)).split("\n")
                for line in lines:
                    self._put(line)
            self._put(rest)
            self._put(None)

    def _put(self, line: str | None) -> None:
        asyncio.run_coroutine_threadsafe(self._lines.put(line), self._loop).result()


@dataclass(kw_only=True)
class ConsoleCall:
    """One call, typed."""

    conversation: Conversation
    server: AssistServer
    transcript: CallTranscript
    lines: InputLines
    show: Callable[[str], None]
    """Prints a line."""
    prompt: Callable[[], None]
    """Invites the caller to type; again after a line has come in between."""
    wait_s: float = 0.0
    """How long open questions are waited for at the end of the input."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_listening: bool = False

    async def run(self, stop: asyncio.Event) -> int:
        """Until one side ends it, the input does, or `stop` is set; then the call is ended properly.

        Returns how many of the caller's questions could not be passed on.

        Raises:
            ServerError: the call could not be ended.
        """
        talking, stopping = asyncio.create_task(self._talk()), asyncio.create_task(stop.wait())
        beside = [asyncio.create_task(self._tell_news()), asyncio.create_task(self.transcript.send())]
        try:
            await asyncio.wait((talking, stopping, *beside), return_when=asyncio.FIRST_COMPLETED)
            for task in (talking, *beside):
                if task.done():
                    task.result()
        finally:
            await _cancelled(talking, stopping)
            lost = await self.conversation.finish("console_closed")
            await self.transcript.sent(_SENT_WITHIN_S)
            await _cancelled(*beside)
            await self.server.end_call(self.conversation.memory.session_id)
        return lost

    async def _talk(self) -> None:
        if await self._carry_out(self.conversation.greet()):
            return
        while (line := await self._listen()) is not None:
            self.transcript.add("customer", line)
            if await self._carry_out(self.conversation.hear(line)):
                return
        with suppress(TimeoutError):
            async with asyncio.timeout(self.wait_s):
                await self.conversation.all_answered()

    async def _listen(self) -> str | None:
        self._is_listening = True
        self.prompt()
        line = await self.lines.next()
        self._is_listening = False
        return line

    async def _carry_out(self, acts: AsyncIterator[Act]) -> bool:
        """Whether the call is over."""
        async with self._turn:
            async for act in acts:
                if self._do(act):
                    return True
        return False

    async def _tell_news(self) -> None:
        async for news in self.conversation.news():
            async with self._turn:
                for act in news.acts:
                    self._do(act)
                if news.suggestion_id is not None:
                    await self.conversation.told(news.suggestion_id)
                for act in news.then:
                    self._do(act)
                if self._is_listening:
                    self.prompt()

    def _do(self, act: Act) -> bool:
        match act:
            case Say():
                self.transcript.add("agent", act.text)
                self.show(f"Receptionist: {act.text}")
                return False
            case HandOver():
                self.show(f"(The call would be passed to {self.conversation.house.transfer_to} now.)")
                return True
            case HangUp():
                return True


async def _cancelled(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
