"""The supervisor's terminal, against a running server: every command as a person or a script would type it."""

import dataclasses
import json
import stat
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from assist.cli.supervise_output import plain
from tests.serving import ServerProcess

pytestmark = [pytest.mark.db, pytest.mark.server]

PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def names(live_server: ServerProcess) -> dict[str, str]:
    """Addresses of two supervisors, and a key that raises requests."""
    mark = uuid4().hex[:8]
    people = {name: f"{name}-{mark}@x.example" for name in ("helena", "omar")}
    for email in people.values():
        live_server.user(email, "supervisor", PASSWORD)
    return {**people, "key": live_server.key("ingest")}


@pytest.fixture
def terminal(live_server: ServerProcess, names: dict[str, str], tmp_path: Path) -> ServerProcess:
    """Helena's terminal, signed in."""
    return _sign_in(live_server, names["helena"], tmp_path)


def _sign_in(server: ServerProcess, email: str, home: Path) -> ServerProcess:
    own = dataclasses.replace(server, environment={**server.environment, "XDG_CONFIG_HOME": str(home)})
    own.assist("supervise", "login", "--url", server.url, "--email", email, "--password-stdin", stdin=PASSWORD + "\n")
    return own


def _raise(server: ServerProcess, names: dict[str, str], question: str, **fields: str) -> str:
    body = {"question": question, "customer_name": "Jo", "customer_contact": "+15550100", "channel": "sms", **fields}
    with server.client(names["key"]) as client:
        answer = client.post("/api/help-requests", json=body)
    assert answer.status_code == 201, answer.text
    identity: str = answer.json()["id"]
    return identity


def _json(server: ServerProcess, *arguments: str) -> Any:
    return json.loads(server.assist("supervise", *arguments, "--json"))


def test_a_request_is_listed_claimed_answered_and_shown(terminal: ServerProcess, names: dict[str, str]) -> None:
    question = f"Is the {uuid4().hex} plan sold in Norway?"
    identity = _raise(terminal, names, question, priority="urgent")
    listed = _json(terminal, "list", "--priority", "urgent")
    assert identity in [one["id"] for one in listed["items"]]
    assert identity[:8] in terminal.assist("supervise", "list", "--limit", "200")
    assert _json(terminal, "claim", identity)["status"] == "in_progress"
    answered = _json(terminal, "answer", identity[:12], "Yes, since May.", "--learn", "none")
    assert (answered["status"], answered["answer"]) == ("resolved", "Yes, since May.")
    shown = terminal.assist("supervise", "show", identity)
    assert question[:30] in shown
    assert "Yes, since May." in shown
    assert "answered" in shown


def test_the_second_answer_is_refused_with_the_first(
    terminal: ServerProcess, live_server: ServerProcess, names: dict[str, str], tmp_path: Path
) -> None:
    identity = _raise(terminal, names, f"Who first {uuid4().hex}?")
    omar = _sign_in(live_server, names["omar"], tmp_path / "omar")
    omar.assist("supervise", "answer", identity, "I was first.", "--learn", "none")
    told = terminal.fails("supervise", "answer", identity, "No, me.", "--learn", "none")
    assert "I was first." in told


def test_a_request_goes_to_a_colleague_and_back(terminal: ServerProcess, names: dict[str, str]) -> None:
    identity = _raise(terminal, names, f"Whose is {uuid4().hex}?")
    moved = _json(terminal, "reassign", identity, "--to", names["omar"], "--note", "yours")
    people = {one["email"]: one["user_id"] for one in _json(terminal, "team")["items"]}
    assert moved["assigned_to"] == people[names["omar"]]
    _json(terminal, "claim", identity) if moved["status"] == "pending" else None
    back = _json(terminal, "hand-back", identity)
    assert back["status"] == "pending"
    assert [line["action"] for line in back["history"]].count("reassigned") == 1
    assert _json(terminal, "escalate", identity, "--note", "over my head")["escalated"] is True


def test_statistics_team_and_notifications_are_there_for_people_and_scripts(
    terminal: ServerProcess, names: dict[str, str]
) -> None:
    identity = _raise(terminal, names, f"Count {uuid4().hex}?")
    assert _json(terminal, "statistics")["total"] >= 1
    assert "Resolution" in terminal.assist("supervise", "statistics")
    terminal.assist("supervise", "availability", "away")
    states = {one["email"]: one["availability"] for one in _json(terminal, "team")["items"]}
    assert states[names["helena"]] == "away"
    terminal.assist("supervise", "availability", "available")
    assert isinstance(_json(terminal, "notifications", identity)["items"], list)
    assert "Event" in terminal.assist("supervise", "notifications", identity)


def test_the_session_file_is_its_owners_and_signing_out_ends_it(terminal: ServerProcess) -> None:
    file = next(Path(terminal.environment["XDG_CONFIG_HOME"]).rglob("supervise.json"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = file.read_text()
    terminal.assist("supervise", "logout")
    assert not file.exists()
    assert "login" in terminal.fails("supervise", "list")
    file.write_text(kept)
    assert "has ended" in terminal.fails("supervise", "list")


def test_mistakes_are_explained(terminal: ServerProcess) -> None:
    assert "No request begins" in terminal.fails("supervise", "show", "ffffffff")
    assert "--to or --group" in terminal.fails("supervise", "reassign", "ffffffff")
    assert "No supervisor has the address" in terminal.fails(
        "supervise", "reassign", "ffffffff", "--to", "nobody@x.example"
    )
    nowhere = ("login", "--url", "http://127.0.0.1:1", "--email", "a@b.example", "--password-stdin")
    assert "No server answers" in terminal.fails("supervise", *nowhere, stdin="x\n")


def test_what_customers_say_reaches_the_terminal_without_its_codes() -> None:
    assert (
        plain("\x1b]0;owned\x07[bold]hi[/]").plain
        == "\N{REPLACEMENT CHARACTER}]0;owned\N{REPLACEMENT CHARACTER}[bold]hi[/]"
    )
