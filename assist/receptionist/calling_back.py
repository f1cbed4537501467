"""A call that the receptionist makes: it tells an answer that came after the customer's call, and then goes on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from assist.receptionist.assist_server import AssistServer, OwedAnswer, ServerError
from assist.receptionist.conversation import Conversation, Part
from assist.receptionist.extractive import pieces
from assist.receptionist.phrases import phrases
from pipeline.conversation import Act, News, Say, Unraised

_OWED = "owed"
"""In place of a suggestion's id: no desk shows this answer."""


async def call_back(inner: Conversation, server: AssistServer, follow_up_id: str) -> "CallBack":
    """The conversation of a call-back.

    Raises:
        ServerError: there is nothing to tell.
    """
    owed = await server.owed_answer(follow_up_id)
    inner.memory.learn_answer(owed.question, owed.answer)
    return CallBack(inner=inner, server=server, follow_up_id=follow_up_id, owed=owed)


@dataclass(kw_only=True)
class CallBack:
    """A conversation that begins with what is owed. Told is what was heard to its end."""

    inner: Conversation
    server: AssistServer
    follow_up_id: str
    owed: OwedAnswer
    _is_told: bool = False
    """And the server does not know it yet."""

    async def greet(self) -> AsyncIterator[Act]:
        """Who calls, and why."""
        say = phrases(self.inner.memory.language).say
        opening = say.calling_back.format(company=self.inner.house.company, question=self.owed.question)
        self.inner.memory.say(opening)
        yield Say(text=opening)

    def hear(self, words: str) -> AsyncIterator[Act]:
        """See `Conversation`."""
        return self.inner.hear(words)

    async def news(self) -> AsyncIterator[News]:
        """The answer that is owed, then whatever else arrives."""
        if self.owed.state != "told":
            say = phrases(self.inner.memory.language).say
            answer, then = pieces(self.owed.answer), Say(text=say.anything_else)
            for piece in (*answer, then):
                self.inner.memory.say(piece.text)
            yield News(acts=answer, then=(then,), suggestion_id=_OWED)
        async for news in self.inner.news():
            yield news

    async def told(self, suggestion_id: str) -> None:
        """It was spoken: nobody has to ring again."""
        if suggestion_id != _OWED:
            await self.inner.told(suggestion_id)
            return
        self._is_told = True
        await self._note_told()

    def silence(self, times: int) -> AsyncIterator[Act]:
        """See `Conversation`."""
        return self.inner.silence(times)

    def too_long(self) -> AsyncIterator[Act]:
        """See `Conversation`."""
        return self.inner.too_long()

    def out_of_order(self, part: Part) -> AsyncIterator[Act]:
        """See `Conversation`."""
        return self.inner.out_of_order(part)

    def hand_over_failed(self, reason: str) -> AsyncIterator[Act]:
        """See `Conversation`."""
        return self.inner.hand_over_failed(reason)

    async def finish(self, reason: str) -> int:
        """See `Conversation`."""
        await self._note_told()
        return await self.inner.finish(reason)

    def unraised(self) -> tuple[Unraised, ...]:
        """See `Conversation`."""
        return self.inner.unraised()

    async def _note_told(self) -> None:
        if not self._is_told:
            return
        try:
            await self.server.call_back_told(self.follow_up_id)
        except ServerError as error:
            self.inner.errands.log("receptionist_call_back_not_noted", code=error.code)
        else:
            self._is_told = False
