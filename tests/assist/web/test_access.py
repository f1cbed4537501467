"""Who may do what: every route of the application against every kind of caller."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast
from uuid import uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus

from assist.services import Services
from assist.ui_bundle import UI_DIRECTORY
from assist.web.app import create_app
from tests.assist.web.clients import (
    PASSWORD,
    PATIENCE_S,
    UNKNOWN,
    Browser,
    Keys,
    assert_problem,
    opened,
    received,
    segment,
    start_call,
)
from tests.assist.web.conftest import address
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

KEYS = ("wrong key", "expired key", "revoked key", "ingest key", "read key", "admin key")
PEOPLE = ("agent", "other_agent", "supervisor", "analyst", "admin")
CALLERS = ("nobody", *KEYS, *PEOPLE)

#                                               wrong   revoked  read    agent  supervisor  admin
#                                         nobody   expired  ingest  admin    other   analyst
MATRIX = {
    "POST /api/realtime/call/start":               "401 401 401 401 200 403 200 403 403 403 403 200",
    "POST /api/realtime/transcription":            "401 401 401 401 200 403 200 403 403 403 403 200",
    "POST /api/realtime/call/end":                 "401 401 401 401 200 403 200 403 403 403 403 200",
    "GET /api/realtime/suggestions/{session_id}":  "401 401 401 401 403 200 200 200 404 200 200 200",
    "GET /api/realtime/stream/{session_id}":       "401 401 401 401 404 200 200 200 404 200 200 200",
    "WS /api/realtime/ws/{session_id}":            "401 401 401 401 404 101 101 101 4404 101 101 101",
    "POST /api/realtime/tickets":                  "401 401 401 401 403 403 403 201 201 201 201 201",
    "GET /api/calls":                              "401 401 401 401 403 200 200 200 200 200 200 200",
    "GET /api/calls/stream":                       "401 401 401 401 403 200 200 200 200 200 200 200",
    "GET /api/calls/{session_id}":                 "401 401 401 401 403 200 200 200 404 200 200 200",
    "POST /api/calls/{session_id}/whisper":        "401 401 401 401 403 403 201 403 403 201 403 201",
    "GET /api/floor":                              "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/floor/stream":                       "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/follow-ups":                         "401 401 401 401 403 200 200 403 403 200 200 200",
    "POST /api/follow-ups/{follow_up_id}/done":    "401 401 401 401 403 403 404 403 403 404 403 404",
    "GET /api/help-requests":                      "401 401 401 401 200 200 200 200 200 200 200 200",
    "POST /api/help-requests":                     "401 401 401 401 404 403 201 201 404 201 403 201",
    "GET /api/help-requests/{request_id}":         "401 401 401 401 404 200 200 200 404 200 200 200",
    "PATCH /api/help-requests/{request_id}":       "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/help-requests/{request_id}/claim":  "401 401 401 401 403 403 403 403 403 200 403 200",
    "POST /api/help-requests/{request_id}/hand-back": "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/help-requests/{request_id}/reassign": "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/help-requests/{request_id}/escalate": "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/help-requests/{request_id}/response": "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/help-requests/{request_id}/timeout": "401 401 401 401 404 403 200 403 403 200 403 200",
    "GET /api/help-requests/{request_id}/suggested": "401 401 401 401 403 403 200 403 403 200 403 200",
    "GET /api/knowledge-base":                     "401 401 401 401 403 200 200 200 200 200 200 200",
    "GET /api/knowledge-base/{article_id}":        "401 401 401 401 403 200 200 200 200 200 200 200",
    "POST /api/knowledge-base": "401 401 401 401 403 403 201 403 403 201 403 201",
    "PUT /api/knowledge-base/{article_id}": "401 401 401 401 403 403 200 403 403 200 403 200",
    "DELETE /api/knowledge-base/{article_id}": "401 401 401 401 403 403 200 403 403 200 403 200",
    "GET /api/knowledge-base/{article_id}/versions": "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/knowledge-base/{article_id}/diff": "401 401 401 401 403 200 200 403 403 200 200 200",
    "POST /api/knowledge-base/{article_id}/rollback": "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/knowledge-base/{article_id}/archive": "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/knowledge-base/{article_id}/restore": "401 401 401 401 403 403 200 403 403 200 403 200",
    "GET /api/knowledge-base/export": "401 401 401 401 403 403 200 403 403 200 403 200",
    "POST /api/knowledge-base/import": "401 401 401 401 403 403 422 403 403 422 403 422",
    "GET /api/knowledge-drafts": "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/knowledge-drafts/{draft_id}": "401 401 401 401 403 404 404 403 403 404 404 404",
    "PATCH /api/knowledge-drafts/{draft_id}": "401 401 401 401 403 403 404 403 403 404 403 404",
    "POST /api/knowledge-drafts/{draft_id}/approve": "401 401 401 401 403 403 404 403 403 404 403 404",
    "POST /api/knowledge-drafts/{draft_id}/discard": "401 401 401 401 403 403 404 403 403 404 403 404",
    "POST /api/knowledge-drafts/neighbours": "401 401 401 401 403 403 200 403 403 200 403 200",
    "GET /api/help-requests/{request_id}/notifications": "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/notifications":                      "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/notifications/channels":             "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/notifications/preferences":          "401 401 401 401 403 403 403 403 403 200 403 200",
    "PUT /api/notifications/preferences":          "401 401 401 401 403 403 403 403 403 200 403 200",
    "POST /api/notifications/test":                "401 401 401 401 403 403 403 403 403 201 403 201",
    "POST /api/notifications/{notification_id}/read": "401 401 401 401 403 403 403 403 403 404 404 404",
    "POST /api/notifications/{notification_id}/resend": "401 401 401 401 403 403 404 403 403 404 403 404",
    "POST /api/notifications/slack/interactions":  "401 401 401 401 401 401 401 401 401 401 401 401",
    "GET /api/supervision/team":                   "401 401 401 401 403 200 200 403 403 200 200 200",
    "PATCH /api/supervision/team/{user_id}":       "401 401 401 401 403 403 200 403 403 200 403 200",
    "PUT /api/supervision/availability":           "401 401 401 401 403 403 403 403 403 200 403 200",
    "GET /api/supervision/policy":                 "401 401 401 401 403 200 200 403 403 200 200 200",
    "PUT /api/supervision/policy":                 "401 401 401 401 403 403 200 403 403 403 403 200",
    "GET /api/supervision/statistics":             "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/supervision/audit":                  "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/supervision/audit/export":           "401 401 401 401 403 200 200 403 403 200 200 200",
    "GET /api/supervision/stream":                 "401 401 401 401 403 200 200 403 403 200 200 200",
    "POST /api/knowledge-base/answer":             "401 401 401 401 403 200 200 200 200 200 200 200",
    "GET /api/voice/settings":                     "200 200 200 200 200 200 200 200 200 200 200 200",
    "POST /api/voice/jobs":                        "401 401 401 401 200 403 200 403 403 403 403 200",
    "POST /api/voice/jobs/{session_id}/heartbeat": "401 401 401 401 200 403 200 403 403 403 403 200",
    "POST /api/voice/calls/{session_id}/gaps":     "401 401 401 401 200 403 200 403 403 403 403 200",
    "GET /api/voice/keyterms":                     "401 401 401 401 200 403 200 403 403 403 403 200",
    "POST /api/voice/calls":                       "401 401 401 401 403 403 403 409 409 409 403 409",
    "POST /api/voice/calls/{session_id}/join":     "401 401 401 401 403 403 403 409 409 409 403 409",
    "POST /api/voice/calls/{session_id}/listen":   "401 401 401 401 403 403 403 403 403 409 403 409",
    "POST /api/voice/calls/{session_id}/contact":  "401 401 401 401 200 403 200 403 403 403 403 200",
    "POST /api/voice/test-calls":                  "404 404 404 404 404 404 404 404 404 404 404 404",
    "GET /api/voice/call-backs/{follow_up_id}":    "401 401 401 401 404 403 404 403 403 403 403 404",
    "POST /api/voice/call-backs/{follow_up_id}/result": "401 401 401 401 404 403 404 403 403 403 403 404",
    "POST /api/voice/livekit/webhook":             "401 401 401 401 401 401 401 401 401 401 401 401",
    "GET /api/session":                            "200 401 401 401 200 200 200 200 200 200 200 200",
    "POST /api/session":                           "200 401 401 401 200 200 200 200 200 200 200 200",
    "DELETE /api/session":                         "401 401 401 401 403 403 403 204 204 204 204 204",
    "GET /":                                       "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /supervisor":                           "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /pending":                              "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /unresolved":                           "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /knowledge":                            "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /floor":                                "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /call":                                "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /articles/{article_id}":                  "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /assets/{file_path}":                     "200 200 200 200 200 200 200 200 200 200 200 200",
    "HEAD /assets/{file_path}":                    "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /health":                                 "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /metrics":                                "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /schema":                                 "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /schema/openapi.json":                    "200 200 200 200 200 200 200 200 200 200 200 200",
    "GET /schema/{path}":                          "404 404 404 404 404 404 404 404 404 404 404 404",
}  # fmt: skip
"""Status of each route for each caller; of a socket 101 when events flow, else the handshake's status or close code."""


def application_routes() -> list[str]:
    """Every route of the application, from its own table; a socket's method is WS."""
    app = create_app(cast("Services", None))
    found = [f"WS {route.path_format}" for route in app.routes if isinstance(route, WebSocketRoute)]
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found += [f"{method} {route.path_format}" for method in route.route_handler_map if method != "OPTIONS"]
    return sorted(found)


class Cell:
    """What a caller needs for one request: a call of the agent's, and a way in."""

    def __init__(self, server: ServerProcess, keys: Keys, people: dict[str, Browser]) -> None:
        self.server, self.people = server, people
        self.secrets = {
            "wrong key": "ak_forged",
            "expired key": keys.expired,
            "revoked key": keys.revoked,
            "ingest key": keys.ingest,
            "read key": keys.read,
            "admin key": keys.admin,
        }
        self.admin = server.client(keys.admin)
        article = self.admin.get("/api/knowledge-base?limit=1").json()["items"][0]["id"]
        supervisor = people["supervisor"].signed_in.json()["user"]["id"]
        self.admin.patch(f"/api/supervision/team/{supervisor}", json={"capacity": 1000})  # or all goes to the owners
        style = next(UI_DIRECTORY.glob("*.css")).name
        self.names = {
            "article_id": article,
            "draft_id": UNKNOWN,
            "file_path": style,
            "follow_up_id": UNKNOWN,
            "notification_id": UNKNOWN,
            "path": "nothing",
            "user_id": supervisor,
        }

    def status(self, route: str, caller: str) -> int:
        """The status that a caller gets for a route."""
        method, _, template = route.partition(" ")
        session_id = start_call(self.admin, agent_id=address("agent"))
        if method == "WS":
            return self._socket_status(session_id, caller)
        names = {**self.names, "session_id": session_id}
        if "{request_id}" in template:
            asked = self.admin.post("/api/help-requests", json={"question": "Why?", "session_id": session_id})
            names["request_id"] = asked.json()["id"]
        if "{article_id}" in template and method != "GET":
            names["article_id"] = self.admin.post("/api/knowledge-base", json=_ARTICLE).json()["id"]
        path = template.format(**names) + ("?from=1&to=1" if template.endswith("/diff") else "")
        body = self._body(path, session_id) if method in ("POST", "PUT", "PATCH") else None
        with self._client(caller, fresh=method == "DELETE") as client, client.stream(method, path, json=body) as answer:
            return answer.status_code

    def _body(self, path: str, session_id: str) -> object:
        plain: dict[str, object] = {
            "call/start": {"call_id": f"matrix-{uuid4()}"},
            "/transcription": segment(session_id),
            "call/end": {"session_id": session_id},
            "/whisper": {"text": "hello"},
            "/api/session": {"email": address("analyst"), "password": PASSWORD},
            "/notifications/test": {"channel": "web"},
            "/knowledge-base/answer": {"question": "error 401"},
            "/voice/jobs": {"session_id": session_id, "room": "r", "job_id": "J"},
            "/heartbeat": {"job_id": "J", "settled_s": 0.0},
            "/result": {"outcome": "told"},
            "/gaps": {"gaps": [{"id": "g", "start_time": 1.0, "end_time": 2.0, "reason": "stt_down"}]},
        }
        made: dict[str, Callable[[str], object]] = {
            "/knowledge-": _knowledge_body,
            "/help-requests": lambda path: _request_body(path, session_id),
            "/notifications": lambda _: {},
            "/supervision/": self._supervision_body,
            "/voice/": lambda _: {},
        }
        for ending, body in plain.items():
            if path.endswith(ending):
                return body
        return next((make(path) for part, make in made.items() if part in path), None)

    def _supervision_body(self, path: str) -> object:
        if path.endswith("/policy"):
            return self.admin.get(path).json()
        return {"availability": "available"} if path.endswith("/availability") else {}

    @contextmanager
    def _client(self, caller: str, *, fresh: bool) -> Iterator[httpx.Client]:
        """A client of the caller's; people's cookies are copied, so that signing in or out harms nobody."""
        with self.server.client(self.secrets.get(caller)) as client:
            if caller in PEOPLE:
                browser = Browser(self.server, address(caller)) if fresh else self.people[caller]
                client.cookies.update(browser.http.cookies)
                client.headers["X-CSRF-Token"] = browser.http.headers["X-CSRF-Token"]
            yield client

    def _socket_status(self, session_id: str, caller: str) -> int:
        try:
            if caller in PEOPLE:
                with self.people[caller].socket(session_id) as socket:
                    while received(socket)["type"] != "hello":
                        pass
            else:
                with opened(self.server, session_id, key=self.secrets.get(caller)) as socket:
                    received(socket)
        except InvalidStatus as refused:
            return refused.response.status_code
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        return 101


_ARTICLE = {"title": "Matrix", "body": "Text of the matrix.", "status": "draft"}


def _knowledge_body(path: str) -> object:
    if path.endswith(("/knowledge-base", "/neighbours")):
        return {name: _ARTICLE[name] for name in ("title", "body")} | {"status": "draft"}
    if path.endswith("/approve"):
        return {"decision": "new"}
    return {"version": 1, "base_version": 1, "title": "Matrix", "body": "Text of the matrix."}


def _request_body(path: str, session_id: str) -> object:
    if path.endswith("/help-requests"):
        return {"question": "Where is it?", "session_id": session_id}
    if path.endswith("/reassign"):
        return {"group": "owners"}
    if path.endswith("/response"):
        return {"answer": "There.", "learn": "none"}
    return {} if path.endswith(("/hand-back", "/escalate")) else {"notes": "n"}


@pytest.fixture(scope="module")
def cell(live_server: ServerProcess, keys: Keys, people: dict[str, Browser]) -> Cell:
    return Cell(live_server, keys, people)


def test_every_route_of_the_application_has_a_row() -> None:
    assert application_routes() == sorted(MATRIX)


@pytest.mark.parametrize("route", list(MATRIX))
def test_a_route_lets_in_whom_it_should_and_nobody_else(cell: Cell, route: str) -> None:
    expected = dict(zip(CALLERS, map(int, MATRIX[route].split()), strict=True))
    assert {caller: cell.status(route, caller) for caller in CALLERS} == expected


@pytest.mark.parametrize("path", ["/api/calls/", "/api/realtime/suggestions/", "/api/realtime/stream/"])
def test_another_agent_s_call_is_answered_like_one_that_does_not_exist(
    client: httpx.Client, people: dict[str, Browser], path: str
) -> None:
    session_id = start_call(client, agent_id=address("agent"))
    foreign = people["other_agent"].http.get(path + session_id)
    unknown = people["other_agent"].http.get(path + UNKNOWN)
    assert_problem(foreign, 404, "unknown_session")
    assert foreign.content == unknown.content


def test_an_ingest_key_follows_the_calls_it_started_and_no_others(
    client: httpx.Client, live_server: ServerProcess, keys: Keys
) -> None:
    with live_server.client(keys.ingest) as own:
        mine, foreign = start_call(own), start_call(client)
        with own.stream("GET", f"/api/realtime/stream/{mine}") as stream:
            assert stream.status_code == 200
        assert own.get(f"/api/realtime/stream/{foreign}").content == own.get(f"/api/realtime/stream/{UNKNOWN}").content
        for session_id in (mine, foreign, UNKNOWN):
            assert_problem(own.get(f"/api/calls/{session_id}"), 403, "missing_scope")
    with opened(live_server, mine, key=keys.ingest) as socket:
        assert received(socket)["type"] == "hello"


def test_the_lists_hold_an_agent_s_own_calls_and_a_supervisor_s_all(
    client: httpx.Client, people: dict[str, Browser]
) -> None:
    mine = start_call(client, agent_id=address("agent").upper())
    foreign = start_call(client, agent_id=address("other_agent"))
    pages = {name: people[name].http.get("/api/calls").json() for name in PEOPLE}
    seen = {name: {call["session_id"] for call in page["items"]} & {mine, foreign} for name, page in pages.items()}
    everything = {mine, foreign}
    assert seen == {
        "agent": {mine},
        "other_agent": {foreign},
        "supervisor": everything,
        "analyst": everything,
        "admin": everything,
    }
    assert pages["agent"]["total"] < pages["supervisor"]["total"]


def test_an_analyst_watches_a_call_and_may_not_act_on_it(client: httpx.Client, people: dict[str, Browser]) -> None:
    session_id = start_call(client)
    with people["analyst"].socket(session_id) as socket:
        socket.send(json.dumps({"type": "ask", "text": "error 401"}))
        message = received(socket)
        while message["type"] != "error":
            message = received(socket)
    assert message["code"] == "not_permitted"
    assert client.get(f"/api/realtime/suggestions/{session_id}").json()["suggestions"] == []


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "Token x", "Bearer a b", "bearer ak_x"])
def test_a_malformed_authorization_header_is_401(live_server: ServerProcess, header: str) -> None:
    answer = httpx.get(f"{live_server.url}/api/calls", headers={"Authorization": header}, timeout=PATIENCE_S)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] in ("not_authenticated", "invalid_key")
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["key", "api_key", "token", "access_token", "ticket", "authorization"])
def test_a_key_in_the_address_is_no_key(live_server: ServerProcess, keys: Keys, name: str) -> None:
    with live_server.client() as anybody:
        assert_problem(anybody.get("/api/calls", params={name: keys.admin}), 401, "not_authenticated")
    with pytest.raises(InvalidStatus) as refused:
        opened(live_server, UNKNOWN, f"?{name}={keys.admin}")
    assert refused.value.response.status_code == 401
