"""The mind that needs no language model: by rules, and answers only in the knowledge base's own sentences."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from assist.receptionist.contact import ContactTalk
from assist.receptionist.errands import Errands
from assist.receptionist.memory import Question
from assist.receptionist.phrases import Sayings, phrases
from assist.receptionist.tickets import WANTS_PERSON
from assist.receptionist.understanding import MAX_QUESTION_CHARS, Intent, Understood, understand
from assist.voice_settings import ReceptionistSettings
from pipeline.conversation import Act, HandOver, HangUp, Say
from pipeline.sentences import spoken_sentences
from pipeline.speech_acts import points_back, telling_words
from pipeline.stopwords import POINTING_WORDS
from pipeline.words import content, heard, words

_SENTENCES_A_PIECE = 2
_NEAR_TURNS = 2
"""So far back a question may be that another one leans on."""
_UNCLEAR_MAX = 2
"""So often in a row the caller is asked to say it again; then supervisors get it as it was said."""


@dataclass(kw_only=True)
class ExtractiveMind:
    """See `Mind`; never fails."""

    errands: Errands
    contact: ContactTalk
    house: ReceptionistSettings
    _unclear: int = 0
    """So often in a row it was not clear what the caller wants."""

    async def reply(self, words: str) -> AsyncIterator[Act]:
        """See `Mind`."""
        spoken = phrases(self.errands.memory.language)
        given = understand(words, self.errands.memory.last_said(), spoken)
        async for act in self._respond(given):
            yield act

    async def put_through(self) -> AsyncIterator[Act]:
        """To a human; where nobody can be reached, somebody calls back."""
        if self.house.transfer_to:
            yield Say(text=self._say.connecting)
            yield HandOver(reason="asked_for_human")
            return
        async for act in self.call_back(self._say.nobody_to_connect, WANTS_PERSON):
            yield act

    async def call_back(self, first: str, ticket: str) -> AsyncIterator[Act]:
        """Says something, has a person call back, and asks how to reach the caller."""
        yield Say(text=first)
        if not await self.errands.pass_on(self.errands.memory.ask(ticket)):
            yield Say(text=self._say.not_passed_on)
        async for act in self.contact.go_on():
            yield act

    async def farewell(self) -> AsyncIterator[Act]:
        """Good-bye."""
        memory, say = self.errands.memory, self._say
        if memory.waiting() and memory.number:
            yield Say(text=say.call_back)
        yield Say(text=say.goodbye)
        yield HangUp(reason="goodbye")

    def _respond(self, given: Understood) -> AsyncIterator[Act]:
        if given.intent is Intent.HUMAN:
            return self.put_through()
        is_leaving = given.leaves or (given.intent is Intent.GOODBYE and self.contact.asked == "nothing")
        taken = None if is_leaving else self.contact.take(given)
        if taken is not None:
            return taken
        match given.intent:
            case Intent.QUESTION:
                return self._answer_all(given.questions)
            case Intent.MATTER:
                return self._look_into(given.questions[0])
            case _:
                return self._chat(given.intent)

    async def _answer_all(self, texts: Sequence[str]) -> AsyncIterator[Act]:
        self._unclear = 0
        asked = [await self._ask(text) for text in texts]
        for question in asked:
            async for act in self._answer(question):
                yield act
        left = [question for question in asked if not self._is_answered(question)]
        was_told = self.contact.is_complete and all(len(question.turns) > 1 for question in left)
        if left and not was_told:
            async for said in self.contact.go_on():
                yield said
        else:
            yield Say(text=self._say.anything_else)

    async def _ask(self, text: str) -> Question:
        """Notes it; "and how long does it take?" together with the question before it, "on weekends?" if that helps."""
        memory = self.errands.memory
        latest = max(reversed(memory.questions), key=lambda one: one.turns[-1:], default=None)
        is_near = latest is not None and bool(latest.turns) and latest.turns[-1] >= memory.turn - _NEAR_TURNS
        if latest is None or not is_near or not points_back(text):
            return memory.ask(text)
        if latest.is_same(text):
            return memory.ask(latest.text)
        joined = f"{latest.text} {text}"[:MAX_QUESTION_CHARS]
        if _has_a_subject(text) and not await self._is_answered_by(joined, text):
            return memory.ask(text)
        return memory.ask(joined, text)

    async def _is_answered_by(self, joined: str, text: str) -> bool:
        """Not by itself, but together with the question before it; what is said then speaks of its subject."""
        if (await self.errands.look_up(text)).answered:
            return False
        found = await self.errands.look_up(joined)
        spoken_of = (found.text or "", *(citation.title for citation in found.citations))
        return found.answered and not set(telling_words(text)).isdisjoint(content(" ".join(spoken_of)))

    def _is_answered(self, question: Question) -> bool:
        known = self.errands.memory.known(question.text)
        return known is not None and known.state in ("answered", "told")

    async def _answer(self, question: Question) -> AsyncIterator[Act]:
        say = self._say
        if question.answer:
            for piece in pieces(question.answer):
                yield piece
        elif question.state == "raised":
            is_again = len(question.turns) > 1
            yield Say(text=say.asked_already if is_again else f"{say.unknown} {say.asked_for_you}")
        elif question.state == "unresolved":
            yield Say(text=say.not_resolved)
        else:
            found = await self.errands.look_up(question.text)
            if found.answered and found.text:
                self.errands.memory.change(question, state="answered", answer=found.text)
                self.errands.answered(found.citations, "extractive")
                for piece in pieces(found.text):
                    yield piece
            else:
                yield Say(text=say.knowledge_unavailable if found.unavailable else say.unknown)
                yield await self._raised(question)

    async def _raised(self, question: Question) -> Say:
        is_raised = await self.errands.pass_on(question)
        return Say(text=self._say.asked_for_you if is_raised else self._say.not_passed_on)

    async def _look_into(self, text: str) -> AsyncIterator[Act]:
        """Something that may be a question: answered if it can be, else the caller is asked what they mean, once."""
        is_known = self.errands.memory.known(text) is not None
        found = None if is_known else await self.errands.look_up(text)
        self._unclear += 1
        if found is None or found.answered or found.unavailable or self._unclear >= _UNCLEAR_MAX:
            async for act in self._answer_all((text,)):
                yield act
        else:
            yield Say(text=self._say.not_understood)

    async def _chat(self, intent: Intent) -> AsyncIterator[Act]:
        was_asked_for_more = self.errands.memory.last_said() == self._say.anything_else
        if intent is Intent.GOODBYE or (intent is Intent.NO and was_asked_for_more):
            async for act in self.farewell():
                yield act
            return
        for sentence in self._small_talk(intent, was_asked_for_more=was_asked_for_more):
            yield Say(text=sentence)

    def _small_talk(self, intent: Intent, *, was_asked_for_more: bool) -> Sequence[str]:
        say = self._say
        answers: dict[Intent, Sequence[str]] = {
            Intent.REPEAT: self.errands.memory.last_turn(),
            Intent.WAIT: (say.take_your_time,),
            Intent.ROBOT: (say.automatic, say.how_can_i_help),
            Intent.THANKS: (say.welcome, say.anything_else),
            Intent.NO: (say.anything_else,),
            Intent.YES: (say.go_ahead,) if was_asked_for_more else (),
        }
        return answers.get(intent) or (say.how_can_i_help,)

    @property
    def _say(self) -> Sayings:
        return phrases(self.errands.memory.language).say


def _has_a_subject(text: str) -> bool:
    """It names something, and points to nothing."""
    return bool(telling_words(text)) and POINTING_WORDS.isdisjoint(words(heard(text)))


def pieces(text: str) -> tuple[Say, ...]:
    """A text as pieces of a sentence or two; put together it is the text."""
    sentences = spoken_sentences(" ".join(text.split()))
    starts = range(0, len(sentences), _SENTENCES_A_PIECE)
    return tuple(Say(text=" ".join(sentences[start : start + _SENTENCES_A_PIECE])) for start in starts)
