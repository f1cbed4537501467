"""Team, policy and the consoles' stream over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from assist.access import Role
from tests.assist.web.clients import UNKNOWN, Browser, Json, Keys, assert_problem
from tests.assist.web.conftest import add_person
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

CHANGED = 'data: {"type":"supervision_changed"}'


@pytest.fixture(scope="module")
def somebody(live_server: ServerProcess) -> Iterator[Browser]:
    """A supervisor whom no other test needs."""
    with Browser(live_server, add_person(live_server, f"sup-{uuid4().hex[:8]}", Role.SUPERVISOR)) as browser:
        yield browser


@pytest.fixture
def policy(client: httpx.Client) -> Iterator[Json]:
    """The policy in force, which is restored afterwards."""
    before = client.get("/api/supervision/policy").json()
    yield before
    now = client.get("/api/supervision/policy").json()
    client.put("/api/supervision/policy", json={"version": now["version"], "policy": before["policy"]})


def member(client: httpx.Client, browser: Browser) -> Json:
    """The browser's person in the team."""
    mine = browser.signed_in.json()["user"]["id"]
    found: Json = next(one for one in client.get("/api/supervision/team").json()["items"] if one["user_id"] == mine)
    return found


@contextmanager
def console(browser: Browser) -> Iterator[Iterator[str]]:
    """A console that follows; its first line has been read."""
    with browser.http.stream("GET", "/api/supervision/stream") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        assert next(lines) == CHANGED
        yield lines


def test_the_team_has_these_fields(client: httpx.Client, somebody: Browser) -> None:
    team = client.get("/api/supervision/team").json()
    assert set(team) == {"items", "groups"}
    assert set(member(client, somebody)) == {
        "user_id", "name", "email", "role", "groups", "skills", "capacity", "availability", "load", "open_requests",
        "is_active", "availability_changed_at",
    }  # fmt: skip
    assert {"name", "skills", "open_now", "available", "next"} <= set(team["groups"][0])


def test_a_supervisor_goes_and_comes_back(client: httpx.Client, somebody: Browser) -> None:
    for availability in ("away", "available"):
        answer = somebody.http.put("/api/supervision/availability", json={"availability": availability})
        assert (answer.status_code, answer.json()["availability"]) == (200, availability)
        assert member(client, somebody)["availability"] == availability
    refused = somebody.http.put("/api/supervision/availability", json={"availability": "asleep"})
    assert_problem(refused, 422, "invalid_field")


def test_a_key_is_nowhere_and_cannot_be_available(client: httpx.Client) -> None:
    answer = client.put("/api/supervision/availability", json={"availability": "away"})
    assert_problem(answer, 403, "not_permitted")


def test_an_administrator_changes_a_profile_and_it_is_on_record(
    client: httpx.Client, live_server: ServerProcess, somebody: Browser
) -> None:
    mine = member(client, somebody)["user_id"]
    change = {"groups": ["owners"], "skills": ["fiber"], "capacity": 2.5}
    answer = client.patch(f"/api/supervision/team/{mine}", json=change)
    assert answer.status_code == 200
    assert {name: member(client, somebody)[name] for name in change} == change
    rows = live_server.sql("SELECT after FROM audit_log WHERE action = 'team.changed' AND target_id = %s", mine)
    assert rows[-1][0] == change
    back = client.patch(f"/api/supervision/team/{mine}", json={"groups": []})
    assert back.json()["groups"] == ["supervisors"]


def test_a_supervisor_changes_nobody_else_and_not_the_own_skills(
    client: httpx.Client, people: dict[str, Browser], somebody: Browser
) -> None:
    mine, other = (member(client, one)["user_id"] for one in (somebody, people["supervisor"]))
    own = somebody.http.patch(f"/api/supervision/team/{mine}", json={"availability": "available"})
    assert own.status_code == 200
    for address, change in ((mine, {"skills": ["everything"]}), (other, {"availability": "away"})):
        refused = somebody.http.patch(f"/api/supervision/team/{address}", json=change)
        assert_problem(refused, 403, "not_permitted")


@pytest.mark.parametrize("user_id", [UNKNOWN, "nobody", "%00"])
def test_an_unknown_member_is_404(client: httpx.Client, user_id: str) -> None:
    assert_problem(client.patch(f"/api/supervision/team/{user_id}", json={}), 404, "unknown_supervisor")


@pytest.mark.parametrize(
    "change",
    [
        {"capacity": -1},
        {"capacity": 1e9},
        {"groups": ["no such group"]},
        {"skills": ["a\u0000b"]},
        {"skills": [""]},
        {"availability": None},
        {"nickname": "x"},
        [],
    ],
)
def test_a_wrong_change_is_422(client: httpx.Client, somebody: Browser, change: Any) -> None:
    before = member(client, somebody)
    assert_problem(client.patch(f"/api/supervision/team/{before['user_id']}", json=change), 422, "invalid_field")
    assert member(client, somebody) == before


def test_a_policy_is_replaced_by_who_has_read_it_and_by_nobody_else(client: httpx.Client, policy: Json) -> None:
    changed = {**policy["policy"], "raising": "off", "reminders": [0.25]}
    answer = client.put("/api/supervision/policy", json={"version": policy["version"], "policy": changed})
    assert answer.status_code == 200
    assert answer.json() == {"version": policy["version"] + 1, "policy": changed}
    assert client.get("/api/supervision/policy").json() == answer.json()
    late = client.put("/api/supervision/policy", json={"version": policy["version"], "policy": policy["policy"]})
    assert_problem(late, 409, "policy_changed")
    assert late.json()["current"] == answer.json()


def test_a_policy_that_cannot_work_is_422_and_says_why(client: httpx.Client, policy: Json) -> None:
    group = {"name": "owners", "hours": {"time_zone": "Mars/Olympus"}}
    wrong = {"version": policy["version"], "policy": {"groups": [group]}}
    answer = client.put("/api/supervision/policy", json=wrong)
    assert_problem(answer, 422, "invalid_policy")
    assert "Mars/Olympus" in answer.json()["detail"]
    unknown = {"version": policy["version"], "policy": {"raisin": "off"}}
    assert_problem(client.put("/api/supervision/policy", json=unknown), 422, "invalid_field")
    assert client.get("/api/supervision/policy").json() == policy


def test_a_console_hears_of_everything_that_changes(
    client: httpx.Client, people: dict[str, Browser], somebody: Browser, policy: Json
) -> None:
    changes = [
        lambda: somebody.http.put("/api/supervision/availability", json={"availability": "away"}),
        lambda: somebody.http.put("/api/supervision/availability", json={"availability": "available"}),
        lambda: client.put("/api/supervision/policy", json=policy),
        lambda: client.post("/api/help-requests", json={"question": f"Is there a {uuid4()}?", "channel": "web"}),
    ]
    with console(people["supervisor"]) as lines:
        for change in changes:
            sent = threading.Thread(target=lambda change=change: change().raise_for_status())
            sent.start()
            assert next(lines) == CHANGED
            sent.join()


def test_an_agent_reads_nothing_of_it(people: dict[str, Browser]) -> None:
    for path in ("team", "policy", "stream"):
        assert_problem(people["agent"].http.get(f"/api/supervision/{path}"), 403, "not_permitted")


def test_an_analyst_reads_and_changes_nothing(people: dict[str, Browser], keys: Keys) -> None:
    analyst = people["analyst"].http
    assert analyst.get("/api/supervision/team").status_code == analyst.get("/api/supervision/policy").status_code == 200
    assert_problem(analyst.put("/api/supervision/availability", json={"availability": "away"}), 403, "not_permitted")
