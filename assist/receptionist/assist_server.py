"""The server as the receptionist uses it: calls, knowledge, help requests. Within seconds, and with clear errors."""

import hashlib
from datetime import datetime
from typing import Any, Literal, TypeVar

import httpx
import msgspec
import stamina
from msgspec import Struct

from assist.escalation.questions import normalised_question

_TIMEOUT_S = 4.0
"""Of one attempt: a caller waits, and a write has to be done while they hang up."""
_ANSWER_TIMEOUT_S = 7.0
"""The server gives a search six seconds."""
_ASKED_CHARS = 500
"""Of a question, as the knowledge base takes it."""
_RETRY_FOR_S = 6.0
_ATTEMPTS = 3
_SERVER_FAILURE = 500

Json = dict[str, Any]
T = TypeVar("T")


class ServerError(Exception):
    """The server cannot be asked, or refuses; the message says why and never quotes a customer.

    Attributes:
        code: of the problem details, "unreachable", or "unreadable".
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Citation(Struct, frozen=True, kw_only=True):
    """Where an answer stands."""

    article_id: str
    version: int
    title: str
    quote: str
    heading: str | None = None
    url: str | None = None


class KnownAnswer(Struct, frozen=True, kw_only=True):
    """What the knowledge base says to a question."""

    answered: bool
    text: str | None = None
    confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    unavailable: bool = False
    """It does not answer just now."""


class HelpRequest(Struct, frozen=True, kw_only=True):
    """A question to a supervisor."""

    id: str
    question: str
    status: str
    """pending, in_progress, resolved or unresolved."""
    suggestion_id: str | None = None


class SupervisorAnswer(Struct, frozen=True, kw_only=True):
    """A suggestion of the call; only those of `type` supervisor_answer were written by one."""

    id: str
    text: str
    type: str = "answer"
    shown_to_agent: bool = False


class CallFacts(Struct, frozen=True, kw_only=True):
    """A call."""

    session_id: str
    call_id: str
    status: str
    started_at: datetime
    customer_name: str | None = None
    customer_phone: str | None = None


class SpokenLine(Struct, frozen=True, kw_only=True):
    """A segment."""

    speaker: str
    text: str


class CallSnapshot(Struct, frozen=True, kw_only=True):
    """A call as it is after event `seq`."""

    call: CallFacts
    seq: int
    epoch: str = ""
    segments: tuple[SpokenLine, ...] = ()
    suggestions: tuple[SupervisorAnswer, ...] = ()
    escalations: tuple[HelpRequest, ...] = ()


CallBackOutcome = Literal["told", "refused", "voicemail"]
"""told: the customer knows the answer; refused: they do not want to be called; voicemail: a machine took the call."""


class OwedAnswer(Struct, frozen=True, kw_only=True):
    """What a customer is rung to be told."""

    question: str
    answer: str
    state: str
    """told: they know it."""
    customer_name: str | None = None


class _Started(Struct, frozen=True, kw_only=True):
    session_id: str


class AssistServer:
    """One server and one API key. Ends with `close`."""

    def __init__(self, url: str, key: str) -> None:
        """Connects to nothing yet. The key has the scopes ingest and read."""
        self.url = url.rstrip("/")
        self.headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.AsyncClient(base_url=self.url, headers=self.headers, timeout=_TIMEOUT_S)

    async def close(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def start_call(self, call: Json) -> str:
        """The session of a call; the same `call_id` again gives the same one."""
        return (await self._post("/api/realtime/call/start", call, _Started)).session_id

    async def end_call(self, session_id: str, status: str = "completed") -> None:
        """Ends a call; again is as good as once."""
        await self._post("/api/realtime/call/end", {"session_id": session_id, "status": status}, Json)

    async def call(self, session_id: str) -> CallSnapshot:
        """The call as it is now."""
        return await self._send("GET", f"/api/calls/{session_id}", CallSnapshot)

    async def add_segment(self, segment: Json) -> None:
        """Adds a piece of transcript; its `segment_id` makes a repeat harmless."""
        headers = {"Prefer": "respond-async"}
        await self._send("POST", "/api/realtime/transcription", Json, json=segment, headers=headers)

    async def answer(self, session_id: str, question: str, language: str) -> KnownAnswer:
        """What is known about a question."""
        body = {"session_id": session_id, "question": question[:_ASKED_CHARS], "language": language}
        return await self._send("POST", "/api/knowledge-base/answer", KnownAnswer, json=body, timeout=_ANSWER_TIMEOUT_S)

    async def request_help(self, session_id: str, question: str, **customer: str | None) -> HelpRequest:
        """Asks a supervisor. The same question of the same call is the same request."""
        body: Json = {"session_id": session_id, "question": question, "metadata": {"origin": "receptionist"}}
        body |= {name: value for name, value in customer.items() if value}
        headers = {"Idempotency-Key": ticket_key(session_id, question)}
        return await self._send("POST", "/api/help-requests", HelpRequest, json=body, headers=headers)

    async def note_contact(self, session_id: str, name: str | None, number: str | None) -> None:
        """Notes how the caller is reached, on the call and its open requests."""
        given = {"customer_name": name, "customer_contact": number}
        body = {field: value for field, value in given.items() if value}
        await self._post(f"/api/voice/calls/{session_id}/contact", body, Json)

    async def owed_answer(self, follow_up_id: str) -> OwedAnswer:
        """What is to be told on a call-back."""
        return await self._send("GET", f"/api/voice/call-backs/{follow_up_id}", OwedAnswer)

    async def finish_call_back(self, follow_up_id: str, outcome: CallBackOutcome) -> None:
        """What came of a call-back; again is as good as once."""
        await self._post(f"/api/voice/call-backs/{follow_up_id}/result", {"outcome": outcome}, Json)

    async def _post(self, path: str, body: Json, kind: type[T]) -> T:
        return await self._send("POST", path, kind, json=body)

    async def _send(self, method: str, path: str, kind: type[T], **options: Any) -> T:
        """Sends again what may succeed a moment later; everything here is safe to repeat.

        Raises:
            ServerError: it does not, or the server refuses.
        """
        try:
            async for attempt in stamina.retry_context(
                on=_may_pass, attempts=_ATTEMPTS, timeout=_RETRY_FOR_S, wait_initial=0.1, wait_max=1.0
            ):
                with attempt:
                    response = await self._http.request(method, path, **options)
                    if response.status_code >= _SERVER_FAILURE:
                        response.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from None
        if response.is_error:
            raise self._refused(response)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError:
            raise self._not_assist() from None

    def _refused(self, response: httpx.Response) -> ServerError:
        if response.status_code == 401:
            return ServerError("invalid_key", f"The server at {self.url} does not know this key. Check ASSIST_API_KEY.")
        if response.status_code == 403:
            detail = "lacks a scope: it needs ingest and read. Check ASSIST_API_KEY."
            return ServerError("missing_scope", f"The key {detail}")
        try:
            problem = msgspec.json.decode(response.content, type=Json)
        except msgspec.MsgspecError:
            return self._not_assist()
        detail = str(problem.get("detail") or f"The server answered {response.status_code}.")
        return ServerError(str(problem.get("code", "refused")), detail)

    def _unreachable(self, error: Exception) -> ServerError:
        what = (
            f"status {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else type(error).__name__
        )
        return ServerError("unreachable", f"The server at {self.url} does not answer ({what}). Check ASSIST_URL.")

    def _not_assist(self) -> ServerError:
        return ServerError("unreadable", f"What answers at {self.url} is not Assist. Check ASSIST_URL.")


def ticket_key(session_id: str, question: str) -> str:
    """The same for one question of one call, however it is written."""
    return hashlib.sha256(f"{session_id}|{normalised_question(question)}".encode()).hexdigest()


def _may_pass(error: Exception) -> bool:
    return isinstance(error, httpx.TransportError | httpx.HTTPStatusError)
