"""The screens: the bundle of `assist/ui`, under a strict content security policy."""

from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.static_files import create_static_files_router

from assist.ui_bundle import UI_DIRECTORY

_HEADERS = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_CLOUD = ".livekit.cloud"
_NAME_CHARS_MAX = 200
_NOT_BUILT = (
    "<!doctype html><html lang=en><title>Assist</title><h1>The screens were not built</h1>"
    "<p>This installation has no bundle, because the npm registry could not be reached when it was installed. "
    "The API works. Reinstall with the registry in reach (ASSIST_UI=required makes a failure visible)."
)


@get("/", include_in_schema=False, exclude_from_auth=True)
async def desk() -> Response[str]:
    """The agent desk."""
    return _page("desk.html")


@get("/articles/{article_id:str}", include_in_schema=False, exclude_from_auth=True)
async def article(article_id: str) -> Response[str]:
    """An article, opened at a passage; the page itself asks for the text and needs a session for it."""
    return _page("article.html")


@get(["/supervisor", "/pending", "/unresolved"], include_in_schema=False, exclude_from_auth=True)
async def supervisor() -> Response[str]:
    """The supervisors' console; the path chooses the view it opens with."""
    return _page("supervisor.html")


@get("/knowledge", include_in_schema=False, exclude_from_auth=True)
async def knowledge() -> Response[str]:
    """Articles, and drafts to review."""
    return _page("knowledge.html")


@get("/call", include_in_schema=False, exclude_from_auth=True)
async def call() -> Response[str]:
    """Where a customer calls from a browser; the page itself asks whether that is switched on."""
    return _page("call.html")


@get("/floor", include_in_schema=False, exclude_from_auth=True)
async def floor() -> Response[str]:
    """All live calls."""
    return _page("floor.html")


def page_routes(livekit_url: str | None = None) -> list[Any]:
    """The pages, and their assets where they were built; those that call may reach the LiveKit server."""
    calling = Router("/", route_handlers=[desk, floor, call], response_headers=_headers(livekit_origins(livekit_url)))
    reading = Router("/", route_handlers=[article, supervisor, knowledge], response_headers=_headers(()))
    routes: list[Any] = [calling, reading]
    if UI_DIRECTORY.is_dir():
        assets: Router = create_static_files_router(
            path="/assets",
            directories=[UI_DIRECTORY],
            before_request=_refuse_impossible_names,
            opt={"exclude_from_auth": True},
        )
        routes.append(assets)
    return routes


def livekit_origins(url: str | None) -> tuple[str, ...]:
    """What a browser connects to for a LiveKit server: its socket, and the same host for what it asks first."""
    if url is None:
        return ()
    parts = urlsplit(url)
    secure = parts.scheme in {"wss", "https"}
    # LiveKit Cloud sends each caller on to a host of their region.
    host = f"*{_CLOUD}" if (parts.hostname or "").endswith(_CLOUD) else parts.netloc
    schemes = ("wss", "https") if secure else ("ws", "http")
    return tuple(f"{scheme}://{host}" for scheme in schemes)


def _headers(origins: tuple[str, ...]) -> dict[str, str]:
    return {**_HEADERS, "Content-Security-Policy": _policy(origins)}


def _policy(origins: tuple[str, ...]) -> str:
    connect = " ".join(("'self'", *origins))
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src {connect}; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; "
        "require-trusted-types-for 'script'; trusted-types lit-html"
    )


def _refuse_impossible_names(request: Request[Any, Any, Any]) -> None:
    """A name that no file system takes is unknown, not a failure."""
    name = str(request.path_params.get("file_path", ""))
    if "\0" in name or len(name) > _NAME_CHARS_MAX:
        raise NotFoundException


def _page(name: str) -> Response[str]:
    path = UI_DIRECTORY / name
    if not path.is_file():
        return Response(_NOT_BUILT, status_code=503, media_type=MediaType.HTML)
    return Response(path.read_text(encoding="utf-8"), media_type=MediaType.HTML)
