"""The ingress of calls: start, transcription, end, and what was suggested."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from msgspec import Meta, Struct, structs

from assist.access import Machine
from assist.calls import Heard, StartCall, unknown_session
from assist.errors import InvalidError
from assist.views import Json, QuestionView, SuggestionView
from assist.web.api_document import PROBLEM
from assist.web.authentication import caller, may_ingest, services_of, signed_in_or_key

Identifier = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(max_length=300)]
Seconds = Annotated[float, Meta(ge=0.0, le=1_000_000.0)]
MAX_TEXT_CHARS = 10_000
METADATA_LEVELS = 32
"""Whatever is stored must be readable later, wherever in the program that happens: recursion has an end."""


class CallStartIn(Struct, frozen=True, kw_only=True):
    """A call begins."""

    call_id: Identifier
    agent_id: Identifier | None = None
    agent_name: Name | None = None
    customer_id: Identifier | None = None
    customer_phone: Annotated[str, Meta(max_length=50)] | None = None
    customer_name: Name | None = None
    acd_metadata: Json | None = None
    crm_metadata: Json | None = None


class CallStartOut(Struct, frozen=True, kw_only=True):
    """The call is open."""

    status: Literal["success"]
    session_id: UUID
    call_id: str


class CallEndIn(Struct, frozen=True, kw_only=True):
    """A call is over."""

    session_id: str
    status: Annotated[str, Meta(min_length=1, max_length=100)] = "completed"


class CallEndOut(Struct, frozen=True, kw_only=True):
    """The call is closed."""

    status: Literal["success"]


class TranscriptionIn(Struct, frozen=True, kw_only=True):
    """A piece of transcript; times in seconds from the start of the call."""

    session_id: str
    speaker: Literal["customer", "agent"]
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
    start_time: Seconds
    end_time: Seconds
    confidence: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    segment_id: Identifier | None = None
    is_final: bool = True
    language: Annotated[str, Meta(min_length=2, max_length=35)] | None = None


class TranscriptionOut(Struct, frozen=True, kw_only=True):
    """The segment is stored (`accepted`), or stored and analysed (`processed`)."""

    status: Literal["processed", "accepted"]
    segment_id: str
    suggestions_count: int
    questions_count: int
    processing_time_ms: float


_STORED = ResponseSpec(TranscriptionOut, description="Stored; the analysis goes on", generate_examples=False)


class SuggestionsOut(Struct, frozen=True, kw_only=True):
    """All that was suggested in a call, newest first."""

    suggestions: list[SuggestionView]
    clarifying_questions: list[QuestionView]


class RealtimeController(Controller):
    """Live calls."""

    path = "/api/realtime"
    tags = ("realtime",)

    @post("/call/start", operation_id="StartCall", status_code=200, guards=[may_ingest])
    async def start(self, request: Request[Any, Any, Any], data: CallStartIn) -> CallStartOut:
        """Opens a call. The same `call_id` again returns the first session."""
        if deeper_than(METADATA_LEVELS, data.acd_metadata) or deeper_than(METADATA_LEVELS, data.crm_metadata):
            raise InvalidError(f"Metadata is nested at most {METADATA_LEVELS} levels deep.")
        principal = caller(request)
        fields = {name: value for name, value in structs.asdict(data).items() if value is not None}
        machine_id = principal.id if isinstance(principal, Machine) else None
        session_id = await services_of(request).calls.start(StartCall(**fields), machine_id)
        return CallStartOut(status="success", session_id=session_id, call_id=data.call_id)

    @post(
        "/transcription",
        operation_id="AddTranscription",
        status_code=200,
        guards=[may_ingest],
        responses={202: _STORED, 404: PROBLEM, 409: PROBLEM},
    )
    async def transcription(
        self,
        request: Request[Any, Any, Any],
        data: TranscriptionIn,
        prefer: Annotated[str, Parameter(header="Prefer")] = "",
    ) -> Response[TranscriptionOut]:
        """Stores a segment and waits for its analysis; with `Prefer: respond-async` answers 202 once it is stored."""
        calls = services_of(request).calls
        heard = _heard(data)
        if not data.is_final:
            await calls.show_interim(heard)
            return _answer(200, "processed", heard.identity)
        accepted = await calls.accept(heard)
        if "respond-async" in prefer.lower():
            return _answer(202, "accepted", accepted.segment_id, headers={"Preference-Applied": "respond-async"})
        analysed = await calls.analysed(heard.session_id, accepted.number)
        if analysed is None:
            return _answer(202, "accepted", accepted.segment_id)
        return Response(
            TranscriptionOut(
                status="processed",
                segment_id=accepted.segment_id,
                suggestions_count=analysed.suggestions_count,
                questions_count=analysed.questions_count,
                processing_time_ms=round(analysed.processing_time_ms, 3),
            )
        )

    @post("/call/end", operation_id="EndCall", status_code=200, guards=[may_ingest], responses={404: PROBLEM})
    async def end(self, request: Request[Any, Any, Any], data: CallEndIn) -> CallEndOut:
        """Closes a call. Closing it again changes nothing."""
        await services_of(request).calls.end(session_uuid(data.session_id), data.status)
        return CallEndOut(status="success")

    @get("/suggestions/{session_id:str}", operation_id="ListSuggestions", guards=[signed_in_or_key])
    async def suggestions(self, request: Request[Any, Any, Any], session_id: str) -> SuggestionsOut:
        """What was suggested in a call, newest first, withdrawn ones included with their status."""
        services = services_of(request)
        identity = session_uuid(session_id)
        await services.calls.check_access(caller(request), identity)
        given, questions = await services.calls.suggested(identity)
        return SuggestionsOut(suggestions=given, clarifying_questions=questions)


def session_uuid(text: str) -> UUID:
    """The session's id; anything else is a session that does not exist.

    Raises:
        NotFoundError: not an id of ours.
    """
    try:
        return UUID(text)
    except ValueError:
        raise unknown_session() from None


def deeper_than(levels: int, value: Any) -> bool:
    """Whether JSON is nested in more levels."""
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(deeper_than(levels - 1, part) for part in parts)


def _heard(data: TranscriptionIn) -> Heard:
    session_id = session_uuid(data.session_id)
    if data.end_time < data.start_time:
        raise InvalidError("end_time lies before start_time.")
    if data.is_final and not data.text.strip():
        raise InvalidError("text is empty.")
    if "\0" in data.text:
        raise InvalidError("text holds a NUL character.")
    return Heard(
        session_id=session_id,
        speaker=data.speaker,
        text=data.text.strip(),
        start_time=data.start_time,
        end_time=data.end_time,
        confidence=data.confidence,
        segment_id=data.segment_id,
        language=data.language,
    )


def _answer(
    status_code: int,
    status: Literal["processed", "accepted"],
    segment_id: str,
    *,
    headers: dict[str, str] | None = None,
) -> Response[TranscriptionOut]:
    body = TranscriptionOut(
        status=status, segment_id=segment_id, suggestions_count=0, questions_count=0, processing_time_ms=0.0
    )
    return Response(body, status_code=status_code, headers=headers)
