"""Help requests over HTTP: raised by programs, agents and supervisors; worked on by supervisors."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, Response, get, patch, post
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from assist.access import KeyScope, Machine, Principal, Role, require_scope
from assist.errors import InvalidError
from assist.escalation import changes, requests
from assist.escalation.listing import Wanted
from assist.escalation.questions import MAX_QUESTION_CHARS
from assist.escalation.raising import MAX_CHANNEL_CHARS, MAX_CUSTOMER_CHARS, NewRequest
from assist.escalation.rules import MAX_TAGS
from assist.escalation.steps import unknown_request
from assist.escalation.suggested import SuggestedAnswer, suggested_answer
from assist.escalation.views import HelpRequestPage, HelpRequestView
from assist.views import Json
from assist.web.api_document import PROBLEM
from assist.web.authentication import Connection, caller, services_of, signed_in_or_key, supervises
from assist.web.realtime import METADATA_LEVELS, deeper_than, session_uuid

Customer = Annotated[str, Meta(max_length=MAX_CUSTOMER_CHARS)]
Question = Annotated[str, Meta(min_length=1, max_length=MAX_QUESTION_CHARS)]
Priority = Literal["low", "medium", "high", "urgent"]
Tag = Annotated[str, Meta(min_length=1, max_length=changes.MAX_TAG_CHARS)]
Tags = Annotated[list[Tag], Meta(max_length=MAX_TAGS)]
Note = Annotated[str, Meta(max_length=changes.MAX_NOTES_CHARS)]
Topic = Annotated[str, Meta(max_length=changes.MAX_TOPIC_CHARS)]
Word = Annotated[str, Parameter(max_length=200)]


class HelpRequestIn(Struct, frozen=True, kw_only=True):
    """A question for a supervisor."""

    question: Question
    customer_name: Customer | None = None
    customer_contact: Customer | None = None
    channel: Annotated[str, Meta(min_length=1, max_length=MAX_CHANNEL_CHARS)] = "call"
    session_id: str | None = None
    """The call that it comes from."""
    priority: Priority | None = None
    """Left out: by the rules of the policy."""
    tags: Tags = []
    metadata: Json = {}
    """`intent`, `sentiment` and `customer_tier` are read by the rules; `request_id` tells repeats outside a call."""


class HelpRequestChangesIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed."""

    priority: Priority | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    notes: Note | UnsetType | None = UNSET
    question: Question | UnsetType = UNSET


class ResponseIn(Struct, frozen=True, kw_only=True):
    """The answer, or with `unresolved` why there is none."""

    answer: Annotated[str, Meta(min_length=1, max_length=changes.MAX_ANSWER_CHARS)]
    topic: Topic | None = None
    notes: Note | None = None
    unresolved: bool = False
    learn: Literal["draft", "approve", "none"] = "draft"


class NoteIn(Struct, frozen=True, kw_only=True):
    """A remark for the history."""

    note: Note | None = None


class ReassignIn(Struct, frozen=True, kw_only=True):
    """To a person or a group."""

    user_id: UUID | None = None
    group: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    note: Note | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The query of a list."""

    status: Word = ""
    priority: Word = ""
    tag: Word = ""
    group: Word = ""
    assigned_to: Word = ""
    session_id: Word = ""
    q: Word = ""
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50
    cursor: Word = ""

    def wanted(self, principal: Principal) -> Wanted:
        """What it asks for."""
        return Wanted(
            status=_several(self.status),
            priority=_several(self.priority),
            tag=self.tag or None,
            group=self.group or None,
            assigned_to=_assignee(self.assigned_to, principal),
            unassigned=self.assigned_to == "none",
            session_id=_call_of(self.session_id),
            text=self.q,
        )


def may_time_out(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: supervisors and administrators, and keys with the scope `ingest`."""
    principal = caller(connection)
    if isinstance(principal, Machine):
        require_scope(principal, KeyScope.INGEST)
    else:
        supervises(connection, handler)


_EXISTING = ResponseSpec(HelpRequestView, description="The same request as before", generate_examples=False)
_CONFLICTING = {409: PROBLEM}


class HelpRequestsController(Controller):
    """Questions that the knowledge base could not answer."""

    path = "/api/help-requests"
    tags = ("help requests",)

    @post(
        "",
        operation_id="CreateHelpRequest",
        status_code=201,
        guards=[signed_in_or_key],
        responses={200: _EXISTING, 404: PROBLEM},
    )
    async def create(
        self,
        request: Request[Any, Any, Any],
        data: HelpRequestIn,
        idempotency_key: Annotated[str | None, Parameter(header="Idempotency-Key", max_length=200)] = None,
    ) -> Response[HelpRequestView]:
        """Raises a request. The same question in the same call again is the first request, with status 200; outside a
        call the header Idempotency-Key, or `metadata.request_id`, tells a repeat."""
        new = _new(data, caller(request), idempotency_key)
        view, created = await _requests(request).create(new, caller(request))
        return Response(view, status_code=201 if created else 200)

    @get(
        "",
        operation_id="ListHelpRequests",
        guards=[signed_in_or_key],
        dependencies={"asked": Provide(Asked, sync_to_thread=False)},
    )
    async def index(self, request: Request[Any, Any, Any], asked: Asked) -> HelpRequestPage:
        """What breaches first at the top, then ended ones, newest first. `status` (pending, in_progress, escalated,
        resolved, unresolved) and `priority` take several with commas; `assigned_to` is me, none or a user's id."""
        principal = caller(request)
        wanted = asked.wanted(principal)
        return await _requests(request).page(
            wanted, limit=asked.limit, cursor=asked.cursor or None, principal=principal
        )

    @get("/{request_id:str}", operation_id="GetHelpRequest", guards=[signed_in_or_key])
    async def one(self, request: Request[Any, Any, Any], request_id: str) -> HelpRequestView:
        """A request with its history."""
        return await _requests(request).get(_uuid(request_id), caller(request))

    @patch("/{request_id:str}", operation_id="ChangeHelpRequest", guards=[supervises], responses=_CONFLICTING)
    async def edit(
        self, request: Request[Any, Any, Any], request_id: str, data: HelpRequestChangesIn
    ) -> HelpRequestView:
        """Sets priority, tags, notes or question; of an ended request only tags and notes."""
        given = {name: value for name, value in structs.asdict(data).items() if value is not UNSET}
        return await _requests(request).edit(_uuid(request_id), caller(request), given)

    @post(
        "/{request_id:str}/claim",
        operation_id="ClaimHelpRequest",
        status_code=200,
        guards=[supervises],
        responses=_CONFLICTING,
    )
    async def claim(self, request: Request[Any, Any, Any], request_id: str) -> HelpRequestView:
        """The caller takes it in hand."""
        return await _requests(request).claim(_uuid(request_id), caller(request))

    @post(
        "/{request_id:str}/hand-back",
        operation_id="HandBackHelpRequest",
        status_code=200,
        guards=[supervises],
        responses=_CONFLICTING,
    )
    async def hand_back(
        self, request: Request[Any, Any, Any], request_id: str, data: NoteIn | None = None
    ) -> HelpRequestView:
        """It waits in its group's queue again."""
        note = data.note if data else None
        return await _requests(request).hand_back(_uuid(request_id), caller(request), note)

    @post(
        "/{request_id:str}/reassign",
        operation_id="ReassignHelpRequest",
        status_code=200,
        guards=[supervises],
        responses=_CONFLICTING,
    )
    async def reassign(self, request: Request[Any, Any, Any], request_id: str, data: ReassignIn) -> HelpRequestView:
        """To a supervisor, who has yet to claim it, or into the queue of a group: one of both."""
        return await _requests(request).reassign(
            _uuid(request_id), caller(request), user_id=data.user_id, group=data.group, note=data.note
        )

    @post(
        "/{request_id:str}/escalate",
        operation_id="EscalateHelpRequest",
        status_code=200,
        guards=[supervises],
        responses=_CONFLICTING,
    )
    async def escalate(
        self, request: Request[Any, Any, Any], request_id: str, data: NoteIn | None = None
    ) -> HelpRequestView:
        """To the next level."""
        note = data.note if data else None
        return await _requests(request).escalate(_uuid(request_id), caller(request), note)

    @post(
        "/{request_id:str}/response",
        operation_id="AnswerHelpRequest",
        status_code=200,
        guards=[supervises],
        responses=_CONFLICTING,
    )
    async def respond(self, request: Request[Any, Any, Any], request_id: str, data: ResponseIn) -> HelpRequestView:
        """Answers a request, and ends it. The first answer counts: another one gets 409 with the first as `current`;
        the same one sent again is answered like the first. `answer` is plain text."""
        response = requests.Response(**structs.asdict(data))
        return await _requests(request).answer(_uuid(request_id), caller(request), response)

    @post(
        "/{request_id:str}/timeout",
        operation_id="TimeOutHelpRequest",
        status_code=200,
        guards=[may_time_out],
        responses=_CONFLICTING,
    )
    async def time_out(self, request: Request[Any, Any, Any], request_id: str) -> HelpRequestView:
        """Nobody answered in time: it ends unresolved."""
        return await _requests(request).time_out(_uuid(request_id), caller(request))

    @get("/{request_id:str}/suggested", operation_id="SuggestAnswer", guards=[supervises])
    async def suggested(self, request: Request[Any, Any, Any], request_id: str) -> SuggestedAnswer:
        """What the knowledge base says to the question now, to start an answer from; nothing is stored."""
        view = await _requests(request).get(_uuid(request_id), caller(request))
        return await suggested_answer(services_of(request).desk.pipeline(), view.id, view.question)


def _requests(connection: Connection) -> requests.HelpRequests:
    return services_of(connection).supervision.help_requests


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise unknown_request() from None


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _call_of(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InvalidError("session_id is the id of a call session.") from None


def _assignee(text: str | None, principal: Principal) -> UUID | None:
    if not text or text == "none":
        return None
    if text == "me":
        return principal.id
    try:
        return UUID(text)
    except ValueError:
        raise InvalidError("assigned_to is me, none or the id of a user.") from None


def _new(data: HelpRequestIn, principal: Principal, idempotency_key: str | None) -> NewRequest:
    if deeper_than(METADATA_LEVELS, data.metadata):
        raise InvalidError(f"Metadata is nested at most {METADATA_LEVELS} levels deep.")
    given = structs.asdict(data)
    return NewRequest(
        **{name: given[name] for name in ("question", "customer_name", "customer_contact", "channel", "priority")},
        origin=_origin(data, principal),
        raised_by=principal.actor,
        raised_by_name=principal.name,
        session_id=session_uuid(data.session_id) if data.session_id else None,
        tags=tuple(data.tags),
        metadata=data.metadata,
        client_key=idempotency_key,
    )


def _origin(data: HelpRequestIn, principal: Principal) -> str:
    """A receptionist says in its metadata that it is one."""
    if isinstance(principal, Machine):
        return "receptionist" if data.metadata.get("origin") == "receptionist" else "api"
    return "agent" if principal.role is Role.AGENT else "api"
