"""The mind with a language model: it decides what to do, and says only what stands in the knowledge base."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import msgspec

from assist.receptionist.memory import CallMemory, Fact
from assist.receptionist.mind import MindError
from assist.receptionist.phrases import phrases
from assist.receptionist.spoken_text import SentenceStream, SpokenCheck
from assist.receptionist.toolbox import TOOLS, Toolbox
from assist.receptionist.understanding import Intent, understand
from integrations.openai_errors import EndpointError
from integrations.token_counts import BYTES_A_TOKEN
from integrations.tool_calls import Json, ToolCall, ToolModel
from pipeline.conversation import Act, Say

_ROUNDS_MAX = 4
"""Of tools in one turn; a model that wants more is going round in circles."""
_LINES = 24
"""Of the conversation that the model is shown."""
_ANSWER_TOKENS = 150
"""About what one reply costs."""


@dataclass(kw_only=True)
class _Turn:
    """What has come of one turn so far."""

    question: str | None
    """What the caller asks; None: nothing."""
    messages: list[Json]
    has_searched: bool = False
    has_ticket: bool = False
    has_said: bool = False
    asks_back: bool = False
    is_over: bool = False
    """A tool has ended it."""
    facts: list[Fact] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        """The caller can be left with what was said."""
        if self.question is None or self.is_over:
            return self.has_said or self.is_over
        return bool(self.facts) or (self.has_said and (self.has_ticket or self.asks_back))


@dataclass(kw_only=True)
class ModelMind:
    """See `Mind`. What it cannot do or may not say is left to the rules, by a MindError."""

    model: ToolModel
    tools: Toolbox
    check: SpokenCheck
    company: str
    tokens_left: int | None = None
    """Of this call's budget; None: no limit."""
    _clarifying: set[int] = field(default_factory=set)
    """Turns just before, in which the caller was asked back."""

    async def reply(self, words: str) -> AsyncIterator[Act]:
        """See `Mind`."""
        turn = self._begin(words)
        try:
            for _ in range(_ROUNDS_MAX + 1):
                calls: list[ToolCall] = []
                async for said in self._listen(turn, calls):
                    yield said
                async for act in self._use_tools(turn, calls):
                    yield act
                if not calls or turn.is_over:
                    break
            else:
                self.tools.errands.log("receptionist_model_loops")
        except EndpointError as error:
            self._note_answered(turn)
            raise MindError(str(error), is_failure=True, is_settled=turn.is_settled) from error
        self._note_answered(turn)
        if not turn.is_settled:
            raise MindError("nothing came of the turn", is_failure=False, is_settled=False)

    def _begin(self, words: str) -> _Turn:
        memory = self._memory
        given = understand(words, memory.last_said(), phrases(memory.language))
        questions = given.questions if given.intent is Intent.QUESTION else ()
        for question in questions:
            memory.ask(question)
        return _Turn(question=" ".join(questions) or None, messages=self._messages())

    async def _listen(self, turn: _Turn, calls: list[ToolCall]) -> AsyncIterator[Say]:
        """One reply of the model: its sentences as far as they may be said; its tool calls are put into `calls`."""
        self._spend(turn)
        sentences, written = SentenceStream(), ""
        async with aclosing(self.model.reply(turn.messages, TOOLS)) as pieces:
            async for piece in pieces:
                if isinstance(piece, ToolCall):
                    calls.append(piece)
                    continue
                written += piece
                for sentence in sentences.feed(piece):
                    if said := await self._allowed(turn, sentence):
                        yield said
        for sentence in sentences.rest():
            if said := await self._allowed(turn, sentence):
                yield said
        turn.messages.append(_assistant(written, calls))

    async def _allowed(self, turn: _Turn, sentence: str) -> Say | None:
        """Of a model that answers without having searched we look up what it should have found."""
        allowed = self.check.allows(sentence)
        if allowed is None and turn.question and not turn.has_searched:
            turn.has_searched = True
            await self.tools.errands.look_up(turn.question)
            allowed = self.check.allows(sentence)
        if allowed is None:
            self.tools.errands.log("receptionist_sentence_dropped")
            return None
        turn.facts += allowed.facts
        turn.asks_back = turn.asks_back or allowed.asks_back
        turn.has_said = True
        return Say(text=allowed.text)

    async def _use_tools(self, turn: _Turn, calls: Sequence[ToolCall]) -> AsyncIterator[Act]:
        for call in calls:
            result = await self.tools.run(call)
            turn.has_searched = turn.has_searched or call.name == "search_knowledge"
            turn.has_ticket = turn.has_ticket or result.is_ticket
            if result.ending is not None:
                turn.is_over = True
                async for act in result.ending:
                    yield act
                return
            told = msgspec.json.encode(result.told).decode()
            turn.messages.append({"role": "tool", "tool_call_id": call.id, "content": told})

    def _note_answered(self, turn: _Turn) -> None:
        memory, errands = self._memory, self.tools.errands
        if not turn.facts:
            self._clarifying = self._clarifying | {memory.turn} if turn.asks_back else set()
            return
        cited = [fact.citation for fact in turn.facts if fact.citation is not None]
        errands.answered(cited, "model" if cited else "supervisor")
        answer = " ".join(dict.fromkeys(fact.passage.text for fact in turn.facts))
        for question in memory.open():
            if {memory.turn, *self._clarifying} & set(question.turns):
                memory.change(question, state="answered", answer=answer)
        self._clarifying = set()

    def _messages(self) -> list[Json]:
        memory = self._memory
        told = {"company": self.company, "language": memory.language, "state": _state(memory)}
        prompt = _prompt()
        for name, value in told.items():
            prompt = prompt.replace(f"{{{name}}}", value)
        lines: list[Json] = [
            {"role": "user" if line.is_caller else "assistant", "content": line.text} for line in memory.lines[-_LINES:]
        ]
        return [{"role": "system", "content": prompt}, *lines]

    def _spend(self, turn: _Turn) -> None:
        """Raises MindError when the call's budget is used up."""
        if self.tokens_left is None:
            return
        tokens = len(msgspec.json.encode(turn.messages)) // BYTES_A_TOKEN + _ANSWER_TOKENS
        if tokens > self.tokens_left:
            raise MindError("the call's budget is used up", is_failure=False, is_settled=turn.is_settled)
        self.tokens_left -= tokens

    @property
    def _memory(self) -> CallMemory:
        return self.tools.memory


def _assistant(written: str, calls: Sequence[ToolCall]) -> Json:
    message: Json = {"role": "assistant", "content": written}
    if calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
            for call in calls
        ]
    return message


def _state(memory: CallMemory) -> str:
    answers = (fact.passage for fact in memory.facts.values() if fact.citation is None)
    lines = [
        f"The caller's name: {memory.name or 'not known'}",
        f"Call-back number: {memory.number or 'not known'}",
        *(f"A supervisor has this question: {question.text}" for question in memory.waiting()),
        *(f"A supervisor has answered “{passage.title}”: {passage.text}" for passage in answers),
    ]
    return "\n".join(f"- {line}" for line in lines)


@cache
def _prompt() -> str:
    return resources.files("assist.receptionist").joinpath("prompt.md").read_text(encoding="utf-8").strip()
