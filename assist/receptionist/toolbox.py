"""The tools that a model has in a conversation, and what each really does."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec
from msgspec import Struct

from assist.receptionist.errands import Errands
from assist.receptionist.extractive import ExtractiveMind
from assist.receptionist.memory import CallMemory, Question
from assist.receptionist.phone_numbers import is_whole, spoken_number
from assist.receptionist.phrases import phrases
from assist.receptionist.understanding import MAX_QUESTION_CHARS
from integrations.tool_calls import Json, ToolCall
from pipeline.conversation import Act, HangUp, Say
from pipeline.languages import folded
from pipeline.speech_acts import points_back
from pipeline.words import plain

_SAID_LATELY = 4
"""Utterances over which a number may be spread."""
_NAME_CHARS = 100


class ToolResult(Struct, frozen=True, kw_only=True):
    """What became of a call."""

    told: Json
    """For the model."""
    ending: AsyncIterator[Act] | None = None
    """The turn ends with this; the model has nothing more to say."""
    is_ticket: bool = False
    """A supervisor has the question of this turn."""


@dataclass(kw_only=True)
class Toolbox:
    """Of one call. The same call with the same arguments is answered as it was the first time."""

    errands: Errands
    rules: ExtractiveMind
    _done: dict[tuple[str, bytes], ToolResult] = field(default_factory=dict)

    async def run(self, call: ToolCall) -> ToolResult:
        """Carries a call out. What cannot be done is told to the model."""
        given = call.given()
        if given is None:
            return _refused("The arguments are no JSON object.")
        key = (call.name, msgspec.json.encode(given, order="deterministic"))
        if key in self._done:
            return self._done[key]
        result = await self._carry_out(call.name, given)
        if "error" not in result.told and result.ending is None:
            self._done[key] = result
        return result

    async def _carry_out(self, name: str, given: Json) -> ToolResult:
        match name:
            case "search_knowledge":
                result = await self._search(_text(given, "question"))
            case "request_help":
                result = await self._request_help(_text(given, "question"))
            case "note_contact":
                result = await self._note_contact(_text(given, "name"), _text(given, "number"))
            case "transfer_to_human":
                result = ToolResult(told={}, ending=self.rules.put_through())
            case "end_call":
                result = self._end()
            case _:
                result = _refused("There is no such tool.")
        return result

    async def _search(self, question: str) -> ToolResult:
        if not question:
            return _refused("Say what to search for.")
        found = await self.errands.look_up(question)
        if found.unavailable:
            return _refused("The knowledge base does not answer. Say so, and call request_help.")
        texts = [{"title": one.title, "text": one.quote} for one in found.citations]
        if not texts:
            return ToolResult(told={"found": False, "do": "Say that you do not know it, and call request_help."})
        return ToolResult(told={"found": True, "passages": texts})

    async def _request_help(self, question: str) -> ToolResult:
        if not question:
            return _refused("Say what the caller wants to know.")
        asked = self._question_of_turn(question)
        if not await self.errands.pass_on(asked):
            return _refused("No supervisor could be reached yet; it is tried again. Ask for a call-back number.")
        memory = self.memory
        known = {"name": memory.name, "call_back_number": memory.number}
        return ToolResult(told={"status": "A supervisor has the question.", **known}, is_ticket=True)

    def _question_of_turn(self, wording: str) -> Question:
        """The caller's own question where there is one: however a model words it, it is one question."""
        memory = self.memory
        now = [question for question in memory.questions if memory.turn in question.turns]
        known = memory.known(wording) or next((one for one in now if one.state == "open"), None)
        if known is None and (now or memory.waiting()):
            known = (now or memory.waiting())[-1]
        if known is None:
            return memory.ask(wording)
        if known.state != "open" or not points_back(known.text):
            return memory.change(known, wordings=(*known.wordings, wording))
        return memory.change(known, wordings=(wording, *known.wordings))

    async def _note_contact(self, name: str, number: str) -> ToolResult:
        """Only what the caller has said: models make up numbers."""
        memory = self.memory
        digits = spoken_number(number) or ""
        if digits and not (is_whole(digits) and _has_said_number(memory, digits)):
            return _refused("The caller has not said this number. Ask for it, digit by digit.")
        if name and folded(plain(name)) not in folded(plain(" ".join(memory.caller_said()))):
            return _refused("The caller has not said this name. Ask for it.")
        memory.name, memory.number = name[:_NAME_CHARS] or memory.name, digits or memory.number
        await self.errands.note_contact()
        return ToolResult(told={"noted": True, "missing": _missing(memory)})

    def _end(self) -> ToolResult:
        memory = self.memory
        if any(memory.turn in question.turns for question in memory.open()):
            return _refused("The caller's question is not answered yet.")
        return ToolResult(told={}, ending=self._goodbye())

    async def _goodbye(self) -> AsyncIterator[Act]:
        yield Say(text=phrases(self.memory.language).say.goodbye)
        yield HangUp(reason="ended_by_model")

    @property
    def memory(self) -> CallMemory:
        """Of the call."""
        return self.errands.memory


def _refused(reason: str) -> ToolResult:
    return ToolResult(told={"error": reason})


def _text(given: Json, name: str) -> str:
    value = given.get(name)
    return plain(value.replace("\0", " "))[:MAX_QUESTION_CHARS] if isinstance(value, str) else ""


def _missing(memory: CallMemory) -> list[str]:
    have = {"name": memory.name, "call-back number": memory.number}
    return [what for what, value in have.items() if not value]


def _has_said_number(memory: CallMemory, digits: str) -> bool:
    said = [spoken_number(line) or "" for line in memory.caller_said()]
    whole = digits.lstrip("+")
    return any(whole in one for one in said) or whole in "".join(said[-_SAID_LATELY:])


def _tool(tool: str, description: str, required: tuple[str, ...] = (), /, **parameters: str) -> Json:
    properties = {one: {"type": "string", "description": about} for one, about in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": tool, "description": description, "parameters": schema}}


TOOLS: tuple[Json, ...] = (
    _tool(
        "search_knowledge",
        "Look a question up in the knowledge base. The only source of facts.",
        ("question",),
        question="The caller's question in words that stand alone.",
    ),
    _tool(
        "request_help",
        "Ask a supervisor what the knowledge base does not know. Once for a question.",
        ("question",),
        question="The caller's question in words that stand alone.",
    ),
    _tool(
        "note_contact",
        "Note the caller's name or call-back number as they said it.",
        name="The caller's name.",
        number="The number, in digits.",
    ),
    _tool("transfer_to_human", "Pass the caller to a person.", ("reason",), reason="Why, in a few words."),
    _tool("end_call", "Say goodbye and end the call.", ("reason",), reason="Why, in a few words."),
)
