"""The OpenAPI document: who may call an operation, and which problems it answers with."""

from typing import Any

from litestar import MediaType, Response, Router
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    PathItem,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIFormat

from assist import __version__
from assist.web.problems import MEDIA_TYPE, TITLES, Problem, problem

ANYBODY: list[dict[str, list[str]]] = [{}]
PERSON: list[dict[str, list[str]]] = [{"session": []}]
PROBLEM = ResponseSpec(Problem, media_type=MEDIA_TYPE, description="Problem details", generate_examples=False)
"""For `responses=` of a route, where the rules below do not know the status."""


def _as_problem(response: Response[Any]) -> Response[Any]:
    """The framework answers unknown addresses below /schema with a page of its own."""
    return problem(404, "not_found", "There is nothing at this address.") if response.status_code == 404 else response


def described() -> OpenAPIConfig:
    """The document as it is served below /schema."""
    return OpenAPIConfig(
        title="Assist",
        version=__version__,
        description="Live support calls in, cited suggestions out. Every error is problem details with a `code`.",
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, after_request=_as_problem),
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"], media_type=MediaType.JSON)],
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="An API key."),
                "session": SecurityScheme(
                    type="apiKey",
                    name="assist_session",
                    security_scheme_in="cookie",
                    description="A signed-in browser. Unsafe requests carry X-CSRF-Token (GET /api/session).",
                ),
            }
        ),
        security=[{"key": []}, {"session": []}],
    )


def correct_schemas(document: OpenAPI) -> None:
    """Says of tuples and times what they are on the wire; the framework takes `...` for a type, and a time for a length
    of time.
    """
    for schema in (document.components.schemas or {}).values() if document.components else ():
        _correct(schema)


_CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"


def _correct(schema: Schema | Reference | None) -> None:
    if not isinstance(schema, Schema):
        return
    if schema.format == OpenAPIFormat.DURATION:
        schema.format, schema.pattern = None, _CLOCK
    if isinstance(schema.items, Schema) and schema.items.one_of:
        meant = [one for one in schema.items.one_of if one != Schema()]
        schema.items = meant[0] if len(meant) == 1 else schema.items
    for part in (*(schema.properties or {}).values(), schema.items, *(schema.one_of or ())):
        _correct(part if isinstance(part, Schema) else None)


def add_problems(document: OpenAPI) -> None:
    """Adds to every operation the problems that follow from what it takes; what it says itself stays."""
    for item in (document.paths or {}).values():
        for operation in _operations(item):
            responses = operation.responses or {}
            responses.pop("400", None)
            for status in sorted(_statuses(operation)):
                responses.setdefault(str(status), _PROBLEM_RESPONSES[status])
            operation.responses = dict(sorted(responses.items()))


def _operations(item: PathItem) -> list[Operation]:
    return [found for found in (item.get, item.post, item.put, item.patch, item.delete) if found is not None]


def _statuses(operation: Operation) -> set[int]:
    places = {one.param_in for one in operation.parameters or () if isinstance(one, Parameter)}
    found = {503}
    if operation.security != ANYBODY:
        found |= {401, 403}
    if operation.request_body is not None:
        found |= {400, 413, 415, 422}
    if "path" in places:
        found.add(404)
    if places - {"path"}:
        found.add(422)
    return found


_PROBLEM_RESPONSES = {
    status: OpenAPIResponse(
        description=title,
        content={MEDIA_TYPE: OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))},
    )
    for status, title in TITLES.items()
}
