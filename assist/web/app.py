"""The HTTP application over wired services."""

import logging

from litestar import Litestar
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware

from assist.services import Services
from assist.web.api_document import add_problems, correct_schemas, described
from assist.web.authentication import Authentication, handshakes_refused_as_problems
from assist.web.calls import CallsController
from assist.web.floor import FloorController
from assist.web.follow_ups import FollowUpsController
from assist.web.help_requests import HelpRequestsController
from assist.web.json_bodies import JsonRequest
from assist.web.knowledge import KnowledgeController
from assist.web.knowledge_drafts import KnowledgeDraftsController
from assist.web.knowledge_exchange import KnowledgeExchangeController
from assist.web.notifications import NotificationsController, notifications_of_request
from assist.web.operations import RequestMetrics, health, metrics
from assist.web.pages import page_routes
from assist.web.problems import HANDLERS, AnsweredHandshakes
from assist.web.realtime import RealtimeController
from assist.web.session import SessionController
from assist.web.statistics import StatisticsController
from assist.web.streams import call_list_stream, call_socket, call_stream
from assist.web.supervision import SupervisionController, supervision_stream
from assist.web.voice import VoiceController

MAX_BODY_BYTES = 256 * 1024
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Of every answer that does not say otherwise: what is read of a call belongs into no cache."""
_ANSWERED = AnsweredHandshakes()


def create_app(services: Services, *, livekit_url: str | None = None) -> Litestar:
    """Routes, errors and limits; whoever calls this owns the services and closes them. `livekit_url`: the server that
    pages with calls may reach."""
    logging.getLogger("uvicorn.error").addFilter(_ANSWERED)
    measured = RequestMetrics()
    app = Litestar(
        route_handlers=[
            CallsController,
            FloorController,
            FollowUpsController,
            HelpRequestsController,
            KnowledgeController,
            KnowledgeDraftsController,
            KnowledgeExchangeController,
            NotificationsController,
            RealtimeController,
            SessionController,
            StatisticsController,
            SupervisionController,
            VoiceController,
            call_list_stream,
            call_socket,
            call_stream,
            health,
            supervision_stream,
            metrics,
            notifications_of_request,
            *page_routes(livekit_url),
        ],
        middleware=[
            measured.middleware,
            handshakes_refused_as_problems,
            DefineMiddleware(Authentication, exclude=["^/schema", "^/assets/"], exclude_http_methods=()),
        ],
        exception_handlers=HANDLERS,
        logging_config=None,
        openapi_config=described(),
        request_class=JsonRequest,
        request_max_body_size=MAX_BODY_BYTES,
        response_headers=_HEADERS,
        state=State({"services": services, "metrics": measured}),
    )
    add_problems(app.openapi_schema)
    correct_schemas(app.openapi_schema)
    return app
