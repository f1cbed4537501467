"""A call that the receptionist makes: it tells an answer that came after the customer's call, and then goes on.

Machines are not talked to, and who does not want to be called is left alone.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from assist.receptionist.assist_server import AssistServer, CallBackOutcome, OwedAnswer, ServerError
from assist.receptionist.conversation import Conversation, Part
from assist.receptionist.extractive import pieces
from assist.receptionist.phrases import Sayings, all_phrases, phrases
from pipeline.conversation import Act, HangUp, News, Say, Unraised
from pipeline.languages import folded

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
    _outcome: CallBackOutcome | None = None
    """What came of it, until the server knows it."""
    _is_settled: bool = False
    """Something came of it."""

    async def greet(self) -> AsyncIterator[Act]:
        """Who calls, and why."""
        opening = self._say.calling_back.format(company=self.inner.house.company, question=self.owed.question)
        self.inner.memory.say(opening)
        yield Say(text=opening)

    def hear(self, words: str) -> AsyncIterator[Act]:
        """See `Conversation`. Before the answer was told, it may be a machine that speaks, or somebody who refuses."""
        outcome = None if self._is_settled else _outcome_of(words)
        return self.inner.hear(words) if outcome is None else self._give_up(outcome)

    async def news(self) -> AsyncIterator[News]:
        """The answer that is owed, then whatever else arrives."""
        if self.owed.state != "told":
            answer, then = pieces(self.owed.answer), Say(text=self._say.anything_else)
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
        await self._settle("told")

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
        await self._note_outcome()
        return await self.inner.finish(reason)

    def unraised(self) -> tuple[Unraised, ...]:
        """See `Conversation`."""
        return self.inner.unraised()

    async def _give_up(self, outcome: CallBackOutcome) -> AsyncIterator[Act]:
        await self._settle(outcome)
        if outcome == "refused":
            yield Say(text=self._say.not_wanted)
        yield HangUp(reason=outcome)

    async def _settle(self, outcome: CallBackOutcome) -> None:
        self._outcome, self._is_settled = outcome, True
        await self._note_outcome()

    async def _note_outcome(self) -> None:
        if self._outcome is None:
            return
        try:
            await self.server.finish_call_back(self.follow_up_id, self._outcome)
        except ServerError as error:
            self.inner.errands.log("receptionist_call_back_not_noted", code=error.code)
        else:
            self._outcome = None

    @property
    def _say(self) -> Sayings:
        return phrases(self.inner.memory.language).say


def _outcome_of(words: str) -> CallBackOutcome | None:
    """Of somebody whose language is not known yet; None: they talk."""
    said = folded(words)
    if any(spoken.hears("voicemail", said) for spoken in all_phrases()):
        return "voicemail"
    return "refused" if any(spoken.hears("refusal", said) for spoken in all_phrases()) else None
