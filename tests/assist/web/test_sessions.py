"""Signing in and out of a browser: cookies, CSRF, lock-out, and what ends a session."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from assist.access import KeyScope, Role
from tests.assist.web.clients import (
    PASSWORD,
    PATIENCE_S,
    Browser,
    Keys,
    assert_problem,
    ended,
    opened,
    received,
    start_call,
)
from tests.assist.web.conftest import add_person, address, on_accounts
from tests.serving import ServerProcess

pytestmark = pytest.mark.server


def signed_in(server: ServerProcess, name: str) -> Browser:
    """A new person, at their desk."""
    return Browser(server, add_person(server, name, Role.AGENT))


def credentials(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"email": address(name), "password": password}


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(people: dict[str, Browser]) -> None:
    cookie = people["agent"].signed_in.headers["Set-Cookie"]
    assert re.fullmatch(
        r"assist_session=[\w-]{40,}; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax", cookie, re.IGNORECASE
    ), cookie


def test_signing_in_tells_who_it_is_and_the_csrf_token(people: dict[str, Browser]) -> None:
    body = people["agent"].signed_in.json()
    assert set(body) == {"user", "csrf_token"}
    assert set(body["user"]) == {"id", "email", "name", "role", "agent_id"}
    assert (body["user"]["email"], body["user"]["role"]) == (address("agent"), "agent")
    assert people["agent"].http.get("/api/session").json() == body


def test_nobody_signed_in_is_told_as_such(live_server: ServerProcess) -> None:
    with live_server.client() as anybody:
        assert anybody.get("/api/session").json()["user"] is None
        anybody.cookies.set("assist_session", "forged")
        assert anybody.get("/api/session").json()["user"] is None
        assert_problem(anybody.get("/api/calls"), 401, "not_authenticated")


def test_a_session_is_kept_as_a_digest(live_server: ServerProcess, people: dict[str, Browser]) -> None:
    token = people["agent"].http.cookies["assist_session"]
    kept = live_server.sql("SELECT token_hash FROM user_sessions")
    assert kept
    assert token not in str(kept)


@pytest.mark.parametrize("sent", ["missing", "empty", "wrong", "not ascii", "of another session"])
def test_an_unsafe_request_with_the_cookie_needs_the_session_s_own_csrf_token(
    people: dict[str, Browser], live_server: ServerProcess, sent: str
) -> None:
    tokens = {
        "empty": b"",
        "wrong": b"0" * 64,
        "not ascii": b"\xe9" * 64,
        "of another session": people["supervisor"].http.headers["X-CSRF-Token"].encode(),
    }
    headers = [(b"X-CSRF-Token", tokens[sent])] if sent in tokens else []
    with httpx.Client(base_url=live_server.url, cookies=people["admin"].http.cookies, timeout=PATIENCE_S) as page:
        for method, path in (
            ("POST", "/api/realtime/tickets"),
            ("POST", "/api/realtime/call/start"),
            ("POST", "/api/session"),
            ("DELETE", "/api/session"),
        ):
            body = {"call_id": "forged"} if method == "POST" else None
            assert_problem(page.request(method, path, json=body, headers=headers), 403, "csrf_failed")
        assert page.get("/api/session").json()["user"]["email"] == address("admin")
    assert live_server.sql("SELECT count(*) FROM call_sessions WHERE call_id = 'forged'") == [(0,)]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_pages_of_other_sites_cannot_sign_a_browser_in(live_server: ServerProcess, origin: str) -> None:
    with live_server.client() as page:
        answer = page.post("/api/session", json=credentials("agent"), headers={"Origin": origin})
    assert_problem(answer, 403, "foreign_origin")
    assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session_and_its_tickets(live_server: ServerProcess, client: httpx.Client) -> None:
    session_id = start_call(client, agent_id=address("leaver"))
    with signed_in(live_server, "leaver") as browser, Browser(live_server, address("leaver")) as elsewhere:
        cookies, ticket = dict(browser.http.cookies), browser.ticket()
        answer = browser.http.delete("/api/session")
        assert (answer.status_code, answer.content) == (204, b"")
        assert "assist_session" not in browser.http.cookies
        browser.http.cookies.update(cookies)
        assert_problem(browser.http.get(f"/api/calls/{session_id}"), 401, "not_authenticated")
        with opened(live_server, session_id, origin=live_server.url) as socket:
            socket.send(f'{{"type":"auth","ticket":"{ticket}"}}')
            assert received(socket)["code"] == "invalid_ticket"
        assert elsewhere.http.get(f"/api/calls/{session_id}").status_code == 200


def test_a_session_that_has_run_out_is_none(live_server: ServerProcess) -> None:
    with signed_in(live_server, "sleeper") as browser:
        ticket = browser.ticket()
        live_server.sql(
            "UPDATE user_sessions SET expires_at = clock_timestamp() - interval '1 second' "
            "WHERE user_id = (SELECT id FROM users WHERE email = %s) RETURNING 1",
            address("sleeper"),
        )
        assert_problem(browser.http.post("/api/realtime/tickets"), 401, "not_authenticated")
        assert ticket


def test_a_disabled_user_is_out_at_once_and_cannot_come_back(live_server: ServerProcess) -> None:
    with signed_in(live_server, "dismissed") as browser:
        on_accounts(live_server, lambda accounts: accounts.set_active(address("dismissed"), active=False))
        assert_problem(browser.http.get("/api/calls"), 401, "not_authenticated")
        answer = browser.http.post("/api/session", json=credentials("dismissed"))
        assert_problem(answer, 401, "invalid_credentials")


def test_a_new_password_signs_the_person_out_everywhere(live_server: ServerProcess) -> None:
    with signed_in(live_server, "changer") as browser:
        on_accounts(live_server, lambda accounts: accounts.set_password(address("changer"), "another-password"))
        assert_problem(browser.http.get("/api/calls"), 401, "not_authenticated")
        assert_problem(browser.http.post("/api/session", json=credentials("changer")), 401, "invalid_credentials")
        changed = browser.http.post("/api/session", json=credentials("changer", "another-password"))
        assert changed.status_code == 200


def test_open_connections_end_when_the_person_or_key_behind_them_is_shut_out(
    client: httpx.Client, live_server: ServerProcess
) -> None:
    session_id = start_call(client, agent_id=address("ousted"))
    key = on_accounts(live_server, lambda accounts: accounts.create_key("ousted", [KeyScope.READ]))
    with signed_in(live_server, "ousted") as browser:
        person, program = browser.socket(session_id), opened(live_server, session_id, key=key.secret)
        with person as desk, program as machine, browser.http.stream("GET", "/api/calls/stream") as stream:
            hellos = [received(desk), received(machine)]
            assert [hello["type"] for hello in hellos] == ["hello", "hello"], hellos
            on_accounts(live_server, lambda accounts: accounts.set_active(address("ousted"), active=False))
            on_accounts(live_server, lambda accounts: accounts.revoke_key(key.prefix))
            assert [ended(desk)[1], ended(machine)[1]] == [4401, 4401]
            lines = list(stream.iter_lines())
            assert lines[0] == 'data: {"type":"calls_changed"}'


def test_an_unknown_address_and_a_wrong_password_are_answered_alike(live_server: ServerProcess) -> None:
    with live_server.client() as anybody:
        wrong = anybody.post("/api/session", json=credentials("agent", "wrong-password"))
        unknown = anybody.post("/api/session", json=credentials("never-heard-of"))
    assert_problem(wrong, 401, "invalid_credentials")
    assert unknown.content == wrong.content
    assert {**unknown.headers, "date": ""} == {**wrong.headers, "date": ""}


def test_too_many_failures_lock_an_account_for_a_while_even_side_by_side(live_server: ServerProcess) -> None:
    add_person(live_server, "guessed", Role.AGENT)

    def attempt(password: str) -> httpx.Response:
        return httpx.post(f"{live_server.url}/api/session", json=credentials("guessed", password), timeout=PATIENCE_S)

    with ThreadPoolExecutor(max_workers=25) as side_by_side:
        answers = list(side_by_side.map(attempt, [f"guess-{number}" for number in range(25)]))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 15
    locked = attempt(PASSWORD)
    assert_problem(locked, 429, "too_many_attempts")
    assert 1 <= int(locked.headers["Retry-After"]) <= 60
    assert "Set-Cookie" not in locked.headers
    with Browser(live_server, add_person(live_server, "bystander", Role.AGENT)) as bystander:
        assert bystander.signed_in.status_code == 200


def test_a_revoked_key_stops_working(live_server: ServerProcess, keys: Keys) -> None:
    key = on_accounts(live_server, lambda accounts: accounts.create_key("short", [KeyScope.READ]))
    with live_server.client(key.secret) as program:
        assert program.get("/api/calls").status_code == 200
        on_accounts(live_server, lambda accounts: accounts.revoke_key(key.prefix))
        answer = program.get("/api/calls")
        while answer.status_code == 200:
            answer = program.get("/api/calls")
    assert_problem(answer, 401, "invalid_key")
    assert keys.read != key.secret
