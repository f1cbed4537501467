"""Spoken calls over HTTP: jobs that listen, browsers that join, LiveKit's webhooks, call-backs."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from msgspec import Meta, Struct

from assist.access import Role
from assist.errors import NotAuthenticatedError, NotFoundError, NotPermittedError
from assist.voice.browser_calls import CallTicket, Ticket
from assist.voice.call_backs import CallBacks, CallBackView
from assist.voice.jobs import Answer, Beat, Begun, Gap
from assist.voice.jobs import Arrival as NewJob
from assist.voice.service import Voice
from assist.web.api_document import ANYBODY, PERSON, PROBLEM
from assist.web.authentication import Connection, client_address, may_ingest, person, services_of, supervises
from assist.web.realtime import Name, session_uuid

Phone = Annotated[str, Meta(max_length=50)]
Word = Annotated[str, Meta(min_length=1, max_length=200)]


class JobIn(Struct, frozen=True, kw_only=True):
    """A job is in a call's room and listens."""

    session_id: str
    room: Word
    job_id: Word
    kind: Literal["assist", "receptionist"] = "assist"


class CallIn(Struct, frozen=True, kw_only=True):
    """An agent starts a call in the browser."""

    customer_name: Name | None = None
    customer_phone: Phone | None = None


class VisitIn(Struct, frozen=True, kw_only=True):
    """Somebody calls from the test page."""

    invite: Annotated[str, Meta(max_length=200)] | None = None
    """Of an agent's call; None: the receptionist answers."""
    name: Name | None = None


class GapsIn(Struct, frozen=True, kw_only=True):
    """What was not transcribed."""

    gaps: Annotated[list[Gap], Meta(min_length=1, max_length=100)]


class ContactIn(Struct, frozen=True, kw_only=True):
    """How a caller is reached."""

    customer_name: Name | None = None
    customer_contact: Annotated[str, Meta(max_length=300)] | None = None


class ResultIn(Struct, frozen=True, kw_only=True):
    """What came of a call-back that was answered."""

    outcome: Literal["told", "refused", "voicemail"]


class VoiceSettingsOut(Struct, frozen=True, kw_only=True):
    """What pages may offer."""

    enabled: bool
    """Calls can be made with the browser."""
    test_calls: bool
    """The page /call is switched on."""
    company: str | None = None
    """Whom visitors call, where it is named."""
    agent_name: str | None = None
    """Who has sent the invitation that was asked about."""


class KeytermsOut(Struct, frozen=True, kw_only=True):
    """Names that a recogniser should know."""

    keyterms: list[str]


class DoneOut(Struct, frozen=True, kw_only=True):
    """It was noted."""

    status: Literal["success"] = "success"


def speaks_with_customers(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: agents, supervisors and administrators."""
    if person(connection).role is Role.ANALYST:
        raise NotPermittedError("This is for people who speak with customers.")


def people_who_supervise(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: supervisors and administrators who are signed in."""
    person(connection)
    supervises(connection, handler)


class VoiceController(Controller):
    """LiveKit calls."""

    path = "/api/voice"
    tags = ("voice",)

    @get("/settings", operation_id="GetVoiceSettings", exclude_from_auth=True, security=ANYBODY)
    async def settings(
        self, request: Request[Any, Any, Any], invite: Annotated[str, Parameter(max_length=200)] = ""
    ) -> VoiceSettingsOut:
        """Whether there are browser calls, and who is called."""
        browser = _voice(request).browser
        may_visit = browser.enabled and browser.test_calls
        return VoiceSettingsOut(
            enabled=browser.enabled,
            test_calls=may_visit,
            company=browser.company if may_visit else None,
            agent_name=await browser.host(invite) if may_visit and invite else None,
        )

    @post("/jobs", operation_id="BeginVoiceJob", status_code=200, guards=[may_ingest],
          responses={404: PROBLEM, 409: PROBLEM})  # fmt: skip
    async def begin(self, request: Request[Any, Any, Any], data: JobIn) -> Begun:
        """A job listens from now on; what nobody heard since the last one is marked as a gap."""
        arrival = NewJob(session_id=session_uuid(data.session_id), room=data.room, kind=data.kind, job_id=data.job_id)
        return await _voice(request).jobs.begin(arrival)

    @post("/jobs/{session_id:str}/heartbeat", operation_id="BeatVoiceJob", status_code=200, guards=[may_ingest],
          responses={404: PROBLEM})  # fmt: skip
    async def beat(self, request: Request[Any, Any, Any], session_id: str, data: Beat) -> Answer:
        """A job lives, and says who is there and how well it hears."""
        return await _voice(request).jobs.beat(session_uuid(session_id), data)

    @post("/calls/{session_id:str}/gaps", operation_id="AddTranscriptGaps", status_code=200, guards=[may_ingest],
          responses={404: PROBLEM})  # fmt: skip
    async def gaps(self, request: Request[Any, Any, Any], session_id: str, data: GapsIn) -> DoneOut:
        """Marks stretches that nobody could write down. Known ones, by their id, change nothing."""
        await _voice(request).jobs.miss(session_uuid(session_id), data.gaps)
        return DoneOut()

    @get("/keyterms", operation_id="ListKeyterms", guards=[may_ingest])
    async def keyterms(self, request: Request[Any, Any, Any]) -> KeytermsOut:
        """Product names of the knowledge base, for recognisers."""
        return KeytermsOut(keyterms=await _voice(request).jobs.keyterms())

    @post("/calls", operation_id="StartBrowserCall", status_code=201, security=PERSON,
          guards=[speaks_with_customers], responses={409: PROBLEM})  # fmt: skip
    async def start(self, request: Request[Any, Any, Any], data: CallIn) -> CallTicket:
        """Opens a call of the caller's, with a token to join its room. 409 `voice_not_configured`."""
        return await _voice(request).browser.start(person(request), data.customer_name, data.customer_phone)

    @post("/calls/{session_id:str}/join", operation_id="JoinBrowserCall", status_code=200, security=PERSON,
          guards=[speaks_with_customers], responses={404: PROBLEM, 409: PROBLEM})  # fmt: skip
    async def join(self, request: Request[Any, Any, Any], session_id: str) -> CallTicket:
        """The call's agent again, with a fresh token."""
        return await _voice(request).browser.rejoin(person(request), session_uuid(session_id))

    @post("/calls/{session_id:str}/listen", operation_id="ListenIn", status_code=200, security=PERSON,
          guards=[people_who_supervise], responses={404: PROBLEM, 409: PROBLEM})  # fmt: skip
    async def listen(self, request: Request[Any, Any, Any], session_id: str) -> Ticket:
        """A token that hears both sides, unheard and unseen. Every use is audited."""
        return await _voice(request).browser.listen_in(person(request), session_uuid(session_id))

    @post("/calls/{session_id:str}/contact", operation_id="NoteContact", status_code=200, guards=[may_ingest],
          responses={404: PROBLEM})  # fmt: skip
    async def contact(self, request: Request[Any, Any, Any], session_id: str, data: ContactIn) -> DoneOut:
        """How the caller is reached, on the call and on its open help requests."""
        identity = session_uuid(session_id)
        await _voice(request).jobs.contact(identity, data.customer_name, data.customer_contact)
        return DoneOut()

    @post("/test-calls", operation_id="StartTestCall", status_code=201, exclude_from_auth=True, security=ANYBODY,
          responses={404: PROBLEM, 409: PROBLEM, 410: PROBLEM, 429: PROBLEM})  # fmt: skip
    async def visit(self, request: Request[Any, Any, Any], data: VisitIn) -> Ticket:
        """A customer's place, from the page /call. 404 `feature_off`, 410 `invite_expired`, 429."""
        return await _voice(request).browser.visit(data.invite, data.name, client_address(request))

    @get("/call-backs/{follow_up_id:str}", operation_id="GetCallBack", guards=[may_ingest], responses={404: PROBLEM})
    async def call_back(self, request: Request[Any, Any, Any], follow_up_id: str) -> CallBackView:
        """What the receptionist tells a customer whom it rings."""
        return await _call_backs(request).view(_identity(follow_up_id))

    @post("/call-backs/{follow_up_id:str}/result", operation_id="FinishCallBack", status_code=200,
          guards=[may_ingest], responses={404: PROBLEM})  # fmt: skip
    async def call_back_result(self, request: Request[Any, Any, Any], follow_up_id: str, data: ResultIn) -> DoneOut:
        """What came of it."""
        await _call_backs(request).result(_identity(follow_up_id), data.outcome)
        return DoneOut()

    @post("/livekit/webhook", operation_id="LiveKitWebhook", status_code=200, exclude_from_auth=True,
          security=ANYBODY, responses={401: PROBLEM})  # fmt: skip
    async def webhook(self, request: Request[Any, Any, Any]) -> DoneOut:
        """LiveKit says what happens in a room, proved by its signature over the raw body. 401 for anything else."""
        voice = _voice(request)
        body = await request.body()
        event = voice.rooms.genuine(body, request.headers.get("Authorization")) if voice.rooms else None
        if event is None or voice.watchdog is None:
            raise NotAuthenticatedError("This webhook is not signed with the key of the configured LiveKit server.")
        await voice.watchdog.heard(event)
        return DoneOut()


def _voice(connection: Connection) -> Voice:
    return services_of(connection).voice


def _call_backs(connection: Connection) -> CallBacks:
    call_backs = _voice(connection).call_backs
    if call_backs is None:
        raise NotFoundError("unknown_call_back", "There is no such call-back.")
    return call_backs


def _identity(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("unknown_call_back", "There is no such call-back.") from None
