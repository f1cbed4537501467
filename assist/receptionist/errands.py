"""What the receptionist does at the server for a caller: each thing once, and to its end even when they are gone."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import structlog

from assist.receptionist.assist_server import AssistServer, Citation, KnownAnswer, ServerError
from assist.receptionist.memory import CallMemory, Question
from pipeline.conversation import Unraised

T = TypeVar("T")
_UNAVAILABLE = KnownAnswer(answered=False, unavailable=True)

log = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class Errands:
    """Of one call."""

    server: AssistServer | None
    """None: it cannot be reached in this call."""
    memory: CallMemory
    _writes: set[asyncio.Task[Any]] = field(default_factory=set)
    _found: dict[str, KnownAnswer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What the call knows to begin with need not be noted."""
        self._noted = (self.memory.name, self.memory.number)

    async def look_up(self, question: str) -> KnownAnswer:
        """What the knowledge base says; the same words are asked once. Never raises: it may be `unavailable`."""
        if self.server is None:
            return _UNAVAILABLE
        if question in self._found:
            return self._found[question]
        try:
            found = await self.server.answer(self.memory.session_id, question, self.memory.language)
        except ServerError as error:
            self.log("receptionist_knowledge_unavailable", code=error.code)
            return _UNAVAILABLE
        if found.unavailable:
            return found
        self._found[question] = found
        for citation in found.citations:
            self.memory.learn(citation)
        return found

    async def pass_on(self, question: Question) -> bool:
        """Raises a question that has not been raised; False: that failed, and it stays open. It is carried out even
        when whoever waits for it is cancelled."""
        if question.state != "open":
            return True
        return await self._surely(self._raise(question))

    async def note_contact(self) -> None:
        """Tells the server how the caller is reached, when that has changed. A failure is tried again by `settle`."""
        await self._surely(self._note())

    def answered(self, citations: Iterable[Citation], by: Literal["extractive", "model", "supervisor"]) -> None:
        """Logs what an answer stood in; no customer's words."""
        cited = sorted({(citation.article_id, citation.version) for citation in citations})
        articles = [{"article_id": article_id, "version": version} for article_id, version in cited]
        self.log("receptionist_answered", by=by, articles=articles)

    async def settle(self) -> int:
        """Ends what is under way and raises what is still open; how many questions could not be raised."""
        if self._writes:
            await asyncio.gather(*self._writes, return_exceptions=True)
        raised = [await self.pass_on(question) for question in self.memory.open()]
        await self.note_contact()
        return raised.count(False)

    def unraised(self) -> tuple[Unraised, ...]:
        """Questions that the server has not taken so far, and how the caller is reached about them."""
        memory = self.memory
        return tuple(
            Unraised(question=question.text, customer_name=memory.name, customer_contact=memory.number)
            for question in memory.open()
        )

    async def _raise(self, question: Question) -> bool:
        memory = self.memory
        if self.server is None:
            return False
        try:
            request = await self.server.request_help(
                memory.session_id, question.text, customer_name=memory.name, customer_contact=memory.number
            )
        except ServerError as error:
            self.log("receptionist_question_not_raised", code=error.code)
            return False
        memory.change(question, state="raised", request_id=request.id)
        self.log("receptionist_question_raised", request_id=request.id)
        return True

    async def _note(self) -> None:
        contact = (self.memory.name, self.memory.number)
        if self.server is None or contact == self._noted:
            return
        try:
            await self.server.note_contact(self.memory.session_id, *contact)
        except ServerError as error:
            self.log("receptionist_contact_not_noted", code=error.code)
            return
        self._noted = contact

    async def _surely(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    def log(self, event: str, **fields: object) -> None:
        """Logs something about this call."""
        log.info(event, session_id=self.memory.session_id, turn=self.memory.turn, **fields)
