"""A conversation with one caller, however it is heard: the receptionist's side of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from assist.receptionist.call_stream import CallStream
from assist.receptionist.errands import Errands
from assist.receptionist.extractive import ExtractiveMind, pieces
from assist.receptionist.memory import CallMemory
from assist.receptionist.mind import Mind, MindError
from assist.receptionist.phone_numbers import read_out
from assist.receptionist.phrases import Sayings, phrases
from assist.receptionist.supervisor_answers import SupervisorAnswers, SupervisorNews
from assist.receptionist.tickets import NOBODY_FREE, OUT_OF_ORDER, TOO_LONG, is_ticket
from assist.voice_settings import ReceptionistSettings
from pipeline.conversation import Act, HandOver, HangUp, News, Say, Unraised

_FAILURES_MAX = 3
"""In a row; after these the model is out of order."""
_SILENCES_MAX = 2
_KNOWN_WITHIN_S = 3.0
"""The server has so long to hear what was spoken before the call is ended."""
_QUOTED_CHARS = 120
_LAST_TURNS = 6
"""After the most turns, when nobody took the call: to find out how the caller is reached."""

Part = Literal["stt", "llm", "tts"]


@dataclass(kw_only=True)
class Conversation:
    """One call. Whoever carries the acts out calls one method at a time, except for `news`, which runs beside them.

    An iterator may be left or cancelled at any point: the caller has hung up, or interrupts. What had begun at the
    server is carried out all the same. `finish` comes last, whatever ended the call.
    """

    memory: CallMemory
    errands: Errands
    stream: CallStream | None
    """None: the server cannot be reached; what the caller says is taken down and raised later."""
    house: ReceptionistSettings
    rules: ExtractiveMind
    model: Mind | None
    """None: the rules alone answer."""
    answers: SupervisorAnswers
    _failures: int = 0
    _is_over: bool = False
    _nobody_came: bool = False
    """A human was sought, and nobody was free."""
    _cannot_talk: bool = False
    """Ears or voice are dead."""
    _announcement: asyncio.Event = field(default_factory=asyncio.Event)
    """There was news."""
    _finishing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def greet(self) -> AsyncIterator[Act]:
        """The first words; after a restart that we are back, and what is still open."""
        return self._noted(self._greet())

    def hear(self, words: str) -> AsyncIterator[Act]:
        """A turn of the caller, and what is said and done about it."""
        self.memory.hear(words)
        is_enough = self.memory.turn > self.house.max_turns + (_LAST_TURNS if self._nobody_came else 0)
        return self._noted(self._too_long() if is_enough else self._reply(words))

    async def news(self) -> AsyncIterator[News]:
        """What supervisors answer, as it arrives, without end. To be said between turns; see `told`."""
        for told in self.answers.waiting():
            yield await self._announced(told)
        if self.stream is None:
            await asyncio.Event().wait()
            return
        async with aclosing(self.stream.events()) as events:
            async for event in events:
                for told in self.answers.take(event):
                    yield await self._announced(told)

    async def all_answered(self) -> None:
        """Waits until supervisors have no question of this call any more; needs `news` to run."""
        while self.memory.waiting():
            self._announcement.clear()
            await self._announcement.wait()

    async def told(self, suggestion_id: str) -> None:
        """A supervisor's answer was spoken: nobody has to follow it up any more."""
        if self.stream is not None:
            await self.stream.shown(suggestion_id)
        self.errands.answered((), "supervisor")

    def silence(self, times: int) -> AsyncIterator[Act]:
        """Nothing was heard for a while, for so many times in a row (from 1); the second time is the end."""
        return self._noted(self._silence(times))

    def out_of_order(self, part: Part) -> AsyncIterator[Act]:
        """Something that the conversation needs has failed for good: an apology, a ticket, and a human if there is
        one. Without one the call ends, except where only the model has failed: the rules go on."""
        return self._noted(self._out_of_order(part))

    def hand_over_failed(self, reason: str) -> AsyncIterator[Act]:
        """Nobody took the call (`reason` for logs): somebody calls back, and the caller is asked on which number."""
        self.errands.log("receptionist_hand_over_failed", reason=reason)
        self._nobody_came = True
        if self._cannot_talk:
            return self._noted(self._leave("out_of_order"))
        return self._noted(self.rules.call_back(self._say.nobody_free, NOBODY_FREE))

    def too_long(self) -> AsyncIterator[Act]:
        """The call has had its minutes (or turns): a human takes over, or somebody calls back."""
        return self._noted(self._too_long())

    async def finish(self, reason: str) -> int:
        """Whatever ended the conversation (`reason` for logs): raises every question that came to nothing, and notes
        how the caller is reached. How many questions could not be raised; again is as good as once. Then the call
        may be ended at the server.
        """
        async with self._finishing:
            if self._is_over:
                return 0
            lost = await self.errands.settle()
            if self.stream is not None:
                await self.stream.all_known(_KNOWN_WITHIN_S)
            self._is_over = not lost
        self.errands.log("receptionist_call_finished", reason=reason, questions_lost=lost)
        return lost

    def unraised(self) -> tuple[Unraised, ...]:
        """What could not be raised so far."""
        return self.errands.unraised()

    async def _greet(self) -> AsyncIterator[Act]:
        say = self._say
        if self.stream is None:
            yield Say(text=say.out_of_order)
            if not self.house.transfer_to:
                yield Say(text=say.leave_message)
                return
            yield Say(text=say.connecting)
            yield HandOver(reason="no_server")
            return
        if not self.memory.resumed:
            yield Say(text=self.house.greeting or say.greeting.format(company=self.house.company))
            return
        yield Say(text=say.back)
        if self.memory.waiting():
            yield Say(text=say.still_waiting)
        yield Say(text=say.how_can_i_help)

    async def _reply(self, words: str) -> AsyncIterator[Act]:
        if self.model is None:
            async for act in self.rules.reply(words):
                yield act
            return
        try:
            async for act in self.model.reply(words):
                yield act
        except MindError as error:
            async for act in self._instead(words, error):
                yield act
        else:
            self._failures = 0
            self.rules.contact.asked = "nothing"  # the model has taken over what they talked about

    async def _instead(self, words: str, error: MindError) -> AsyncIterator[Act]:
        self._failures = self._failures + 1 if error.is_failure else 0
        self.errands.log("receptionist_model_passed", reason=str(error), failures=self._failures)
        if self._failures >= _FAILURES_MAX and self.house.transfer_to:
            async for act in self._out_of_order("llm"):
                yield act
            return
        if self._failures >= _FAILURES_MAX:
            self.model = None
        if not error.is_settled:
            async for act in self.rules.reply(words):
                yield act

    async def _silence(self, times: int) -> AsyncIterator[Act]:
        if times < _SILENCES_MAX:
            yield Say(text=self._say.still_there)
            return
        yield Say(text=self._say.nobody_there)
        yield HangUp(reason="idle")

    async def _out_of_order(self, part: Part) -> AsyncIterator[Act]:
        self.errands.log("receptionist_out_of_order", part=part)
        open_questions = self.memory.open()
        ticket = open_questions[-1] if open_questions else self.memory.ask(OUT_OF_ORDER.format(part=part))
        yield Say(text=self._say.out_of_order)
        await self.errands.pass_on(ticket)
        if part == "llm":
            self.model = None
        else:
            self._cannot_talk = True
        if self.house.transfer_to and not self._nobody_came:
            yield Say(text=self._say.connecting)
            yield HandOver(reason="out_of_order")
        elif part == "llm":
            async for said in self.rules.contact.go_on():
                yield said
        else:
            async for act in self._leave("out_of_order"):
                yield act

    async def _too_long(self) -> AsyncIterator[Act]:
        self.errands.log("receptionist_call_too_long")
        yield Say(text=self._say.too_long)
        if self.house.transfer_to and not self._nobody_came:
            yield Say(text=self._say.connecting)
            yield HandOver(reason="too_long")
            return
        if not self.memory.waiting():
            await self.errands.pass_on(self.memory.ask(TOO_LONG))
        async for act in self._leave("too_long"):
            yield act

    async def _leave(self, reason: str) -> AsyncIterator[Act]:
        """Tells what will happen, and hangs up."""
        yield Say(text=self._what_now())
        yield HangUp(reason=reason)

    async def _announced(self, news: SupervisorNews) -> News:
        """As it is spoken; from now on the question counts as told."""
        memory, say = self.memory, self._say
        question = memory.by_request(news.request_id)
        asked = question.text if question else news.question
        acts: list[Act] = []
        then: list[Act] = []
        if news.answer is None:
            if question:
                memory.change(question, state="unresolved")
            acts += [Say(text=say.not_resolved), *[act async for act in self.rules.contact.go_on()]]
        else:
            if question:
                memory.change(question, state="told", answer=news.answer)
            memory.learn_answer(asked, news.answer)
            is_quoted = 0 < len(asked) <= _QUOTED_CHARS and not is_ticket(asked)
            opening = say.answer_came.format(question=asked) if is_quoted else say.answer_came_unnamed
            acts += [Say(text=opening), *pieces(news.answer)]
            if self.rules.contact.asked == "nothing":
                then.append(Say(text=say.anything_else))
        for act in (*acts, *then):
            self._note(act)
        self._announcement.set()
        return News(acts=tuple(acts), then=tuple(then), suggestion_id=news.suggestion_id)

    def _what_now(self) -> str:
        number = self.memory.number
        return self._say.call_back_at.format(number=read_out(number)) if number else self._say.call_again

    async def _noted(self, acts: AsyncIterator[Act]) -> AsyncIterator[Act]:
        async for act in acts:
            self._note(act)
            yield act

    def _note(self, act: Act) -> None:
        if isinstance(act, Say):
            self.memory.say(act.text)

    @property
    def _say(self) -> Sayings:
        return phrases(self.memory.language).say
