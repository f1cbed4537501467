"""A conversation without the server: nothing can be looked up or written down, and the caller is told so."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from assist.receptionist.phrases import Sayings, phrases
from assist.voice_settings import ReceptionistSettings
from pipeline.conversation import Act, HandOver, HangUp, News, Part, Say
from pipeline.languages import ENGLISH

_REASON = "no_server"


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """See `Conversation`. A human takes the call, or it ends."""

    house: ReceptionistSettings

    async def greet(self) -> AsyncIterator[Act]:
        """An apology instead."""
        yield Say(text=self._say.out_of_order)
        if self.house.transfer_to:
            yield Say(text=self._say.connecting)
            yield HandOver(reason=_REASON)
            return
        async for act in self._leave():
            yield act

    def hear(self, words: str) -> AsyncIterator[Act]:
        """Whatever was said: the same."""
        return self._leave()

    async def news(self) -> AsyncIterator[News]:
        """There is none."""
        await asyncio.Event().wait()
        yield News(acts=())

    async def told(self, suggestion_id: str) -> None:
        """Nothing was."""

    def silence(self, times: int) -> AsyncIterator[Act]:
        """The end."""
        return self._leave()

    def too_long(self) -> AsyncIterator[Act]:
        """The end."""
        return self._leave()

    def out_of_order(self, part: Part) -> AsyncIterator[Act]:
        """The end."""
        return self._leave()

    def hand_over_failed(self, reason: str) -> AsyncIterator[Act]:
        """The end."""
        return self._leave()

    async def finish(self, reason: str) -> int:
        """Nothing could be asked."""
        return 0

    async def _leave(self) -> AsyncIterator[Act]:
        yield Say(text=self._say.call_again)
        yield HangUp(reason=_REASON)

    @property
    def _say(self) -> Sayings:
        return phrases(ENGLISH).say
