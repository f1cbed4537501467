"""The HTTP application over wired services."""

from litestar import Litestar, MediaType
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from assist import __version__
from assist.services import Services
from assist.web.authentication import Authentication
from assist.web.calls import CallsController
from assist.web.knowledge import KnowledgeController
from assist.web.operations import Metrics, health, metrics
from assist.web.pages import page_routes
from assist.web.problems import HANDLERS
from assist.web.realtime import RealtimeController
from assist.web.session import SessionController
from assist.web.streams import call_list_stream, call_socket, call_stream

MAX_BODY_BYTES = 256 * 1024

_OPENAPI = OpenAPIConfig(
    title="Assist",
    version=__version__,
    description="Live support calls in, cited suggestions out. Every error is problem details with a stable `code`.",
    path="/schema",
    render_plugins=[
        JsonRenderPlugin(path=["/", "/openapi.json"], media_type=MediaType.JSON),
        YamlRenderPlugin(path="/openapi.yaml"),
    ],
    components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
    security=[{"key": []}],
)


def create_app(services: Services) -> Litestar:
    """Routes, errors and limits; whoever calls this owns the services and closes them."""
    measured = Metrics()
    return Litestar(
        route_handlers=[
            CallsController,
            KnowledgeController,
            RealtimeController,
            SessionController,
            call_list_stream,
            call_socket,
            call_stream,
            health,
            metrics,
            *page_routes(),
        ],
        middleware=[measured.middleware, DefineMiddleware(Authentication, exclude=["^/schema", "^/assets/"])],
        exception_handlers=HANDLERS,
        logging_config=None,
        openapi_config=_OPENAPI,
        request_max_body_size=MAX_BODY_BYTES,
        state=State({"services": services, "metrics": measured}),
    )
