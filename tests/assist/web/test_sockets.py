"""Who opens a socket and what is taken from it: Origin, tickets, garbage, floods."""

import json

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.assist.web.clients import (
    PATIENCE_S,
    UNKNOWN,
    Browser,
    Json,
    Keys,
    assert_nothing_leaks,
    ended,
    of_type,
    opened,
    received,
    received_until,
    start_call,
)
from tests.assist.web.conftest import address
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

LIMIT_BYTES = 64 * 1024
LONG_REASON = json.dumps({"type": "feedback", "suggestion_id": UNKNOWN, "feedback": "helpful", "reason": "r" * 501})
NESTED = '{"a":' * 8000


@pytest.fixture(scope="module")
def session_id(client: httpx.Client) -> str:
    """A call of the agent's."""
    return start_call(client, agent_id=address("agent"))


def refused(server: ServerProcess, session_id: str, key: str | None = None, origin: str | None = None) -> Json:
    """The problem that a handshake is answered with."""
    with pytest.raises(InvalidStatus) as error:
        opened(server, session_id, key=key, origin=origin)
    response = error.value.response
    assert response.headers["Content-Type"] == "application/problem+json"
    body: Json = json.loads(response.body or b"")
    assert body["status"] == response.status_code
    return body


def reply(socket: ClientConnection, message: str | bytes) -> Json:
    """The error that a message is answered with."""
    socket.send(message)
    return received_until(socket, of_type("error"))[-1]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://", "garbage"])
@pytest.mark.parametrize("with_key", [False, True])
def test_pages_of_other_sites_cannot_open_a_socket(
    live_server: ServerProcess, keys: Keys, session_id: str, origin: str, *, with_key: bool
) -> None:
    problem = refused(live_server, session_id, keys.admin if with_key else None, origin)
    assert (problem["status"], problem["code"]) == (403, "foreign_origin")


def test_a_program_without_a_key_is_told_so_in_the_handshake(
    live_server: ServerProcess, keys: Keys, session_id: str
) -> None:
    codes = {key: refused(live_server, session_id, key)["code"] for key in (None, "ak_forged", keys.revoked)}
    assert codes == {None: "not_authenticated", "ak_forged": "invalid_key", keys.revoked: "invalid_key"}


def test_a_program_is_told_in_the_handshake_that_there_is_no_such_call(live_server: ServerProcess, keys: Keys) -> None:
    assert refused(live_server, UNKNOWN, keys.read) == refused(live_server, "nonsense", keys.read)
    assert refused(live_server, UNKNOWN, keys.read)["code"] == "unknown_session"


def test_a_session_cookie_alone_opens_no_socket(
    live_server: ServerProcess, people: dict[str, Browser], session_id: str
) -> None:
    with opened(live_server, session_id, origin=live_server.url) as socket:
        socket.send('{"type":"ask","text":"error 401"}')
        assert ended(socket)[1] == 4401
    assert people["agent"].http.get("/api/session").json()["user"]


def test_a_ticket_opens_one_socket_once(
    live_server: ServerProcess, people: dict[str, Browser], session_id: str
) -> None:
    first = json.dumps({"type": "auth", "ticket": people["agent"].ticket()})
    with opened(live_server, session_id, origin=live_server.url) as socket:
        socket.send(first)
        assert received(socket)["type"] == "hello"
    with opened(live_server, session_id, origin=live_server.url) as again:
        again.send(first)
        said, code = ended(again)
    assert ([message["code"] for message in said], code) == (["invalid_ticket"], 4401)


def test_a_ticket_is_good_for_thirty_seconds(
    live_server: ServerProcess, people: dict[str, Browser], session_id: str
) -> None:
    answer = people["agent"].http.post("/api/realtime/tickets").json()
    assert (set(answer), answer["expires_in"]) == ({"ticket", "expires_in"}, 30)
    assert answer["ticket"] not in str(live_server.sql("SELECT * FROM websocket_tickets"))
    older = "UPDATE websocket_tickets SET expires_at = expires_at - interval '31 seconds' RETURNING 1"
    assert live_server.sql(older)
    with opened(live_server, session_id, origin=live_server.url) as socket:
        socket.send(json.dumps({"type": "auth", "ticket": answer["ticket"]}))
        assert ended(socket)[1] == 4401


@pytest.mark.parametrize("wanted", ["foreign", "unknown", "nonsense"])
def test_another_agent_s_call_is_closed_like_one_that_does_not_exist(
    people: dict[str, Browser], session_id: str, wanted: str
) -> None:
    place = {"foreign": session_id, "unknown": UNKNOWN, "nonsense": "nonsense"}[wanted]
    with people["other_agent"].socket(place) as socket:
        said, code = ended(socket)
    assert code == 4404
    assert said == [{"type": "error", "code": "unknown_session", "detail": "The connection is closed."}]


@pytest.mark.parametrize(
    "first",
    [
        "garbage",
        "",
        "{}",
        "[]",
        "null",
        NESTED,
        "[" * 60_000,
        '{"type":"auth"}',
        '{"type":"auth","ticket":5}',
        '{"type":"auth","ticket":""}',
        '{"type":"auth","ticket":"\\u0000"}',
        '{"type":"auth","ticket":"a \\ud800 b"}',
        '{"type":"ping","ticket":"x"}',
        b"\x00\xff",
    ],
    ids=lambda first: repr(first[:30]),
)
def test_a_first_message_without_a_ticket_closes_the_socket(
    live_server: ServerProcess, session_id: str, first: str | bytes
) -> None:
    with opened(live_server, session_id, origin=live_server.url) as socket:
        socket.send(first)
        said, code = ended(socket)
    assert code == 4401
    assert [message["type"] for message in said] == ["error"]


def test_a_socket_that_never_says_whose_it_is_is_closed(live_server: ServerProcess, session_id: str) -> None:
    with opened(live_server, session_id, origin=live_server.url) as socket:
        said, code = ended(socket)
    assert ([message["code"] for message in said], code) == (["not_authenticated"], 4401)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("garbage", "invalid_message"),
        ("", "invalid_message"),
        ("[]", "invalid_message"),
        (NESTED, "invalid_message"),
        (b"\xff\xfe", "invalid_message"),
        ('{"type":"nonsense"}', "invalid_message"),
        ('{"type":"clicked"}', "invalid_message"),
        ('{"type":"clicked","suggestion_id":"5"}', "invalid_message"),
        (f'{{"type":"feedback","suggestion_id":"{UNKNOWN}","feedback":"great"}}', "invalid_message"),
        (f'{{"type":"clicked","suggestion_id":"{UNKNOWN}"}}', "unknown_suggestion"),
        (f'{{"type":"feedback","suggestion_id":"{UNKNOWN}","feedback":"helpful"}}', "unknown_suggestion"),
        (LONG_REASON, "invalid_field"),
        ('{"type":"ask","text":" "}', "invalid_field"),
        (json.dumps({"type": "ask", "text": "q" * 501}), "invalid_field"),
        ('{"type":"ask","text":"error 401 \\u0000"}', "invalid_field"),
        ('{"type":"ask","text":"a \\ud800 b"}', "invalid_message"),
        ('{"type":"dismiss_subject"}', "invalid_message"),
        ('{"type":"dismiss_subject","name":5}', "invalid_message"),
        ('{"type":"dismiss_subject","name":" "}', "invalid_field"),
        (json.dumps({"type": "restore_subject", "name": "n" * 201}), "invalid_field"),
        ('{"type":"dismiss_subject","name":"a \\u0000"}', "invalid_field"),
        ("x" * LIMIT_BYTES, "invalid_message"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_a_bad_message_is_answered_and_the_socket_goes_on(
    client: httpx.Client, live_server: ServerProcess, keys: Keys, session_id: str, message: str | bytes, code: str
) -> None:
    before = client.get(f"/api/calls/{session_id}").json()["seq"]
    with opened(live_server, session_id, key=keys.admin) as socket:
        answer = reply(socket, message)
        assert (set(answer), answer["code"]) == ({"type", "code", "detail"}, code)
        assert_nothing_leaks(answer["detail"])
        assert reply(socket, "{}")["code"] == "invalid_message"
    assert client.get(f"/api/calls/{session_id}").json()["seq"] == before


def test_a_message_above_64_kib_closes_the_socket(live_server: ServerProcess, keys: Keys, session_id: str) -> None:
    with opened(live_server, session_id, key=keys.admin) as socket:
        socket.send("x" * (LIMIT_BYTES + 1))
        assert ended(socket)[1] == 1009


def test_a_flood_of_messages_closes_the_socket(live_server: ServerProcess, keys: Keys, session_id: str) -> None:
    with opened(live_server, session_id, key=keys.admin) as socket:
        for _ in range(241):
            socket.send("{}")
        said, code = ended(socket)
    assert (said[-1]["code"], code) == ("too_many_messages", 4013)


@pytest.mark.parametrize("query", ["?after=-1", "?after=NaN", "?after=%00", "?after=" + "9" * 40, "?epoch=%ff"])
def test_a_cursor_that_is_none_loses_nothing(
    live_server: ServerProcess, keys: Keys, session_id: str, query: str
) -> None:
    with opened(live_server, session_id, query, key=keys.admin) as socket:
        messages = received_until(socket, lambda message: message.get("seq") == 1 and message["type"] != "hello")
    assert messages[-1]["type"] == "call"


def test_a_page_of_ours_has_strict_headers_and_needs_no_session(live_server: ServerProcess) -> None:
    with live_server.client() as anybody:
        for path in ("/", f"/articles/{UNKNOWN}?version=1&start=0&end=5"):
            page = anybody.get(path)
            assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
            policy = page.headers["Content-Security-Policy"]
            assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'self'"} <= set(policy.split("; "))
            assert "unsafe" not in policy
            assert (page.headers["X-Content-Type-Options"], page.headers["Referrer-Policy"]) == (
                "nosniff",
                "same-origin",
            )
            assert page.headers["Cache-Control"] == "no-cache"


def test_answers_with_customers_words_are_kept_by_no_cache(client: httpx.Client, session_id: str) -> None:
    for path in (f"/api/calls/{session_id}", f"/api/realtime/suggestions/{session_id}", "/api/calls"):
        answer = client.get(path, timeout=PATIENCE_S)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in answer.headers
