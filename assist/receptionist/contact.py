"""Asks how the caller is called and called back: one thing at a time, nothing that is known, nothing a third time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from assist.receptionist.errands import Errands
from assist.receptionist.names import given_name, introduced
from assist.receptionist.phone_numbers import LEAST_DIGITS, is_whole, read_out, spoken_number
from assist.receptionist.phrases import Phrases, Sayings, phrases
from assist.receptionist.understanding import Intent, Understood
from pipeline.conversation import Say

_TRIES = 2
_ASIDE = (Intent.QUESTION, Intent.WAIT, Intent.REPEAT, Intent.ROBOT)
"""Answered before what was asked is asked again."""
_AGREE = (Intent.YES, Intent.THANKS, Intent.GOODBYE)


@dataclass(kw_only=True)
class ContactTalk:
    """Of one call."""

    errands: Errands
    asked: Literal["nothing", "name", "number", "number_ok"] = "nothing"
    """What the caller was asked last and has not answered."""
    _tries: int = 0
    _heard: str = ""
    """Digits so far; not confirmed."""
    _no_name: bool = False
    _no_number: bool = False
    """The caller did not give it, and is not asked again."""

    @property
    def is_complete(self) -> bool:
        """There is nothing left to ask."""
        memory = self.errands.memory
        return bool(memory.name or self._no_name) and bool(memory.number or self._no_number)

    async def go_on(self) -> AsyncIterator[Say]:
        """Asks for what is missing. When nothing is, notes it and tells what will happen."""
        memory, say = self.errands.memory, self._say
        if not memory.name and not self._no_name:
            yield self._ask("name", say.ask_name)
        elif is_whole(self._heard):
            yield self._ask("number_ok", say.confirm_number.format(number=read_out(self._heard)))
        elif not memory.number and not self._no_number:
            yield self._ask("number", say.ask_number)
        else:
            self.asked = "nothing"
            await self.errands.note_contact()
            yield Say(text=self.what_will_happen())
            yield Say(text=say.anything_else)

    def what_will_happen(self) -> str:
        """With the caller's questions."""
        memory, say = self.errands.memory, self._say
        number = read_out(memory.number) if memory.number else ""
        if memory.waiting():
            return say.promise.format(number=number) if number else say.promise_without_number
        return say.call_back_at.format(number=number) if number else say.call_back

    def take(self, given: Understood) -> AsyncIterator[Say] | None:
        """What an utterance brings to what was asked. None: it is about something else."""
        if self.asked == "nothing":
            return self._volunteered(given)
        number = spoken_number(given.words)
        if given.intent in _ASIDE and not number and introduced(given.words, self._phrases) is None:
            return None
        match self.asked:
            case "name":
                return self._take_name(given, number)
            case "number":
                return self._take_number(given, number)
            case _:
                return self._take_confirmation(given, number)

    def _volunteered(self, given: Understood) -> AsyncIterator[Say] | None:
        """A name or a number that nobody has asked for."""
        number, name = spoken_number(given.words), introduced(given.words, self._phrases)
        is_bare = not any(char.isalpha() for char in given.words)
        is_meant = is_bare or self._phrases.hears("call_me", given.words.lower())
        has_number = bool(number) and is_whole(number or "") and is_meant
        if (given.intent is Intent.QUESTION and not is_bare) or not (has_number or name):
            return None
        if has_number:
            self._heard, self._no_number = number or "", False
        return self._noted_name(name) if name else self.go_on()

    async def _noted_name(self, name: str) -> AsyncIterator[Say]:
        memory = self.errands.memory
        memory.name = name
        yield Say(text=self._say.name_noted.format(name=name))
        if self._heard or self.errands.memory.waiting():
            async for act in self.go_on():
                yield act
        else:
            await self.errands.note_contact()
            yield Say(text=self._say.how_can_i_help)

    async def _take_name(self, given: Understood, number: str | None) -> AsyncIterator[Say]:
        name = None if given.agrees is False else given_name(given.words, self._phrases)
        if number and is_whole(number):
            self._heard = number
        if name:
            self.errands.memory.name = name
            yield Say(text=self._say.name_noted.format(name=name))
        elif given.agrees is False or self._heard or self._is_last_try():
            self._no_name = True
        async for act in self.go_on():
            yield act

    async def _take_number(self, given: Understood, number: str | None) -> AsyncIterator[Say]:
        if number:
            self._heard = number if is_whole(number) else self._heard + number
        if number and len(self._heard) < LEAST_DIGITS:
            yield Say(text=self._say.number_so_far.format(number=read_out(self._heard)))
            return
        if not is_whole(self._heard):
            self._heard = ""
            if given.agrees is not False and not self._is_last_try():
                yield Say(text=self._say.ask_number_again)
                return
            self._no_number = True
        async for act in self.go_on():
            yield act

    async def _take_confirmation(self, given: Understood, number: str | None) -> AsyncIterator[Say]:
        if number and is_whole(number):
            self._heard = number
        elif given.agrees is False:
            self._heard, self._tries = "", 0
            self.errands.memory.number = None
        elif given.agrees or given.intent in _AGREE or self._is_last_try():
            self.errands.memory.number, self._heard = self._heard, ""
        async for act in self.go_on():
            yield act

    def _ask(self, what: Literal["name", "number", "number_ok"], words: str) -> Say:
        self._tries = 0 if what != self.asked else self._tries
        self.asked = what
        return Say(text=words)

    def _is_last_try(self) -> bool:
        self._tries += 1
        return self._tries >= _TRIES

    @property
    def _phrases(self) -> Phrases:
        return phrases(self.errands.memory.language)

    @property
    def _say(self) -> Sayings:
        return self._phrases.say
