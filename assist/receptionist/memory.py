"""What the receptionist knows of one call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec import Struct, structs

from assist.receptionist.assist_server import CallSnapshot, Citation, HelpRequest
from assist.receptionist.phone_numbers import is_whole, spoken_number
from assist.receptionist.same_question import asks_the_same
from pipeline.languages import ENGLISH, told_by
from pipeline.types import Passage

_LATEST = 8
"""Utterances of the caller by which the language is told."""

State = Literal["open", "answered", "raised", "told", "unresolved"]
"""open: nothing became of it yet; answered: from the knowledge base; raised: supervisors have it; told: a supervisor's
answer was spoken; unresolved: supervisors could not answer it."""
_STATES: dict[str, State] = {"resolved": "told", "unresolved": "unresolved"}


class Question(Struct, frozen=True, kw_only=True):
    """Something that was asked in the call."""

    wordings: tuple[str, ...]
    """In which it was asked, first one first; at least one."""
    state: State = "open"
    turns: tuple[int, ...] = ()
    """In which it was asked; 0: before a restart."""
    answer: str | None = None
    request_id: str | None = None

    @property
    def text(self) -> str:
        """As it was asked first."""
        return self.wordings[0]

    def is_same(self, question: str) -> bool:
        """Whether this asks for it too."""
        return any(asks_the_same(wording, question) for wording in self.wordings)


class Fact(Struct, frozen=True, kw_only=True):
    """Something that may be said: from the knowledge base, or from a supervisor."""

    passage: Passage
    citation: Citation | None = None
    """None: a supervisor wrote it."""


class Line(Struct, frozen=True, kw_only=True):
    """Something said."""

    is_caller: bool
    text: str


@dataclass(kw_only=True)
class CallMemory:
    """Grows while the call goes on; `remembered` makes it anew after a restart."""

    session_id: str
    name: str | None = None
    number: str | None = None
    """On which the caller is called back: their caller id, or what they said."""
    language: str = ENGLISH
    turn: int = 0
    """Of the caller, from 1; counted anew after a restart."""
    resumed: bool = False
    """Somebody has spoken for us in this call before."""
    questions: list[Question] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    facts: dict[UUID, Fact] = field(default_factory=dict)
    """By the id of the passage; all that was found in this call."""

    def known(self, question: str) -> Question | None:
        """The question that asks the same; None: it is new."""
        return next((known for known in self.questions if known.is_same(question)), None)

    def by_request(self, request_id: str) -> Question | None:
        """The one that supervisors have under this id."""
        return next((known for known in self.questions if known.request_id == request_id), None)

    def ask(self, question: str, *also: str) -> Question:
        """Notes that something was asked in this turn, perhaps in further words; the same again is the same."""
        known = self.known(question)
        if known is None:
            known = Question(wordings=(question,))
            self.questions.append(known)
        wordings, turns = dict.fromkeys((*known.wordings, question, *also)), dict.fromkeys((*known.turns, self.turn))
        return self.change(known, wordings=tuple(wordings), turns=tuple(turns))

    def change(self, question: Question, **values: object) -> Question:
        """The question with other values, in place of this one."""
        place = next(place for place, one in enumerate(self.questions) if question.text in one.wordings)
        self.questions[place] = structs.replace(self.questions[place], **values)
        return self.questions[place]

    def open(self) -> tuple[Question, ...]:
        """Neither answered nor raised, oldest first."""
        return tuple(question for question in self.questions if question.state == "open")

    def waiting(self) -> tuple[Question, ...]:
        """Those that supervisors have, oldest first."""
        return tuple(question for question in self.questions if question.state == "raised")

    def learn(self, citation: Citation) -> None:
        """A passage was found."""
        passage = _passage(citation.title, citation.quote, heading=citation.heading, url=citation.url)
        self.facts[passage.id] = Fact(passage=passage, citation=citation)

    def learn_answer(self, question: str, answer: str) -> None:
        """A supervisor has answered."""
        passage = _passage(question, answer)
        self.facts[passage.id] = Fact(passage=passage)

    def hear(self, words: str) -> None:
        """The caller has said something: a turn begins."""
        self.turn += 1
        self.lines.append(Line(is_caller=True, text=words))
        heard = [line.text for line in self.lines if line.is_caller][-_LATEST:]
        self.language = told_by(heard) or self.language

    def say(self, text: str) -> None:
        """We have said something."""
        self.lines.append(Line(is_caller=False, text=text))

    def last_said(self) -> str:
        """Our last words; empty at the beginning."""
        return next((line.text for line in reversed(self.lines) if not line.is_caller), "")

    def last_turn(self) -> tuple[str, ...]:
        """What we said before the caller spoke last."""
        said: list[str] = []
        for line in reversed(self.lines[: -1 if self.lines and self.lines[-1].is_caller else None]):
            if line.is_caller:
                break
            said.insert(0, line.text)
        return tuple(said)

    def caller_said(self) -> tuple[str, ...]:
        """All of the caller's words, oldest first."""
        return tuple(line.text for line in self.lines if line.is_caller)


def remembered(snapshot: CallSnapshot) -> CallMemory:
    """What a call's own record tells."""
    lines = [Line(is_caller=one.speaker == "customer", text=one.text) for one in snapshot.segments]
    said = [line.text for line in lines if line.is_caller]
    answers = {one.id: one.text for one in snapshot.suggestions}
    memory = CallMemory(
        session_id=snapshot.call.session_id,
        name=snapshot.call.customer_name or None,
        number=callable_number(snapshot.call.customer_phone),
        language=told_by(said[-_LATEST:]) or ENGLISH,
        resumed=bool(snapshot.escalations) or len(said) < len(lines),
        questions=[_asked(one, answers) for one in snapshot.escalations],
        lines=lines,
    )
    for question in memory.questions:
        if question.answer and question.state == "told":
            memory.learn_answer(question.text, question.answer)
    return memory


def callable_number(phone: str | None) -> str | None:
    """A caller id as a number that can be rung; None: it is none, as with callers by browser."""
    number = spoken_number(phone or "")
    return number if number and is_whole(number) else None


def _asked(request: HelpRequest, answers: Mapping[str, str]) -> Question:
    return Question(
        wordings=(request.question,),
        turns=(0,),
        state=_STATES.get(request.status, "raised"),
        answer=answers.get(request.suggestion_id or ""),
        request_id=request.id,
    )


def _passage(title: str, text: str, heading: str | None = None, url: str | None = None) -> Passage:
    """As the checks of the pipeline read it; its place in the article does not matter to them."""
    identity = uuid5(NAMESPACE_URL, f"{title}\n{heading}\n{text}")
    return Passage(
        id=identity,
        article_id=identity,
        version=1,
        title=title,
        heading=heading,
        text=text,
        start=0,
        end=len(text),
        url=url,
    )
