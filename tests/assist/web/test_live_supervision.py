"""Over the wire: an agent asks a supervisor and gets the answer, whispers, the floor, and follow-ups."""

import json
from uuid import uuid4

import httpx
import pytest

from tests.assist.web.clients import (
    UNKNOWN,
    Browser,
    Json,
    Keys,
    assert_problem,
    of_type,
    opened,
    received_until,
    say,
    start_call,
)
from tests.assist.web.conftest import address
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

CHANGED = 'data: {"type":"floor_changed"}'


@pytest.fixture
def session_id(client: httpx.Client) -> str:
    """A call of the agent's."""
    return start_call(
        client, agent_id=address("agent"), customer_name="Bo", acd_metadata={"queue": "sales"}, agent_name="Ann"
    )


def requests_of(client: httpx.Client, session_id: str) -> list[Json]:
    """The requests of a call."""
    found: list[Json] = client.get("/api/help-requests", params={"session_id": session_id}).json()["items"]
    return found


def escalate(browser: Browser, session_id: str, **message: object) -> Json:
    """Sends the message and waits for what it brings about."""
    with browser.socket(session_id) as socket:
        socket.send(json.dumps({"type": "escalate", **message}))
        return received_until(socket, lambda one: one["type"] in ("escalation", "error"))[-1]


def test_an_agent_asks_a_supervisor_and_gets_the_answer_on_the_desk(
    client: httpx.Client, people: dict[str, Browser], session_id: str
) -> None:
    say(client, session_id, "Good morning")
    with people["agent"].socket(session_id) as socket:
        for _ in range(2):
            socket.send(json.dumps({"type": "escalate", "question": "May she pay in stamps?", "request_id": "r1"}))
        told = received_until(socket, of_type("escalation"))[-1]["escalation"]
        assert set(told) == {
            "id",
            "question",
            "status",
            "priority",
            "escalated",
            "assigned_to_name",
            "due_at",
            "created_at",
            "resolved_at",
            "suggestion_id",
            "origin",
        }
        assert (told["question"], told["origin"]) == ("May she pay in stamps?", "agent")
        answer = {"answer": "No, <script>alert(1)</script> only by card.", "learn": "none"}
        sent = people["supervisor"].http.post(f"/api/help-requests/{told['id']}/response", json=answer)
        assert sent.status_code == 200, sent.text
        event = received_until(socket, lambda one: one.get("origin") == "supervisor")[-1]
        card = event["suggestions"][0]
        assert (card["type"], card["text"], card["citations"]) == ("supervisor_answer", answer["answer"], [])
        assert card["answered_by"] == "supervisor"
        ended = received_until(socket, of_type("escalation"))[-1]["escalation"]
        assert (ended["status"], ended["suggestion_id"]) == ("resolved", card["id"])
        socket.send(json.dumps({"type": "feedback", "suggestion_id": card["id"], "feedback": "helpful"}))
        assert received_until(socket, of_type("suggestion_updated"))[-1]["agent_feedback"] == "helpful"
    assert [one["context_excerpt"] for one in requests_of(client, session_id)] == ["Customer: Good morning"]
    shown = client.get(f"/api/calls/{session_id}").json()
    assert [one["id"] for one in shown["escalations"]] == [told["id"]]
    assert (shown["offer"], shown["whispers"]) == (None, [])


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"question": " "}, "invalid_field"),
        ({"question": "q" * 2001}, "invalid_field"),
        ({"question": "why \0?"}, "invalid_field"),
        ({"question": "why?", "turn": 0}, "invalid_message"),
        ({"question": "why?", "turn": 10**12}, "invalid_message"),
        ({"question": "why?", "request_id": "r" * 101}, "invalid_message"),
        ({"question": 5}, "invalid_message"),
        ({}, "invalid_message"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_question_that_cannot_be_asked_is_answered_to_its_sender_only(
    client: httpx.Client, people: dict[str, Browser], session_id: str, message: Json, code: str
) -> None:
    before = client.get(f"/api/calls/{session_id}").json()["seq"]
    assert escalate(people["agent"], session_id, **message)["code"] == code
    assert client.get(f"/api/calls/{session_id}").json()["seq"] == before
    assert requests_of(client, session_id) == []


def test_an_analyst_asks_nobody(client: httpx.Client, people: dict[str, Browser], session_id: str) -> None:
    assert escalate(people["analyst"], session_id, question="why?")["code"] == "not_permitted"
    assert requests_of(client, session_id) == []


def test_an_agent_may_ask_after_the_call(client: httpx.Client, people: dict[str, Browser], session_id: str) -> None:
    client.post("/api/realtime/call/end", json={"session_id": session_id})
    assert escalate(people["agent"], session_id, question="What do I tell her now?")["type"] == "escalation"


def test_what_nothing_answers_is_raised_by_the_call_itself(client: httpx.Client, session_id: str) -> None:
    say(client, session_id, "Can you tell me how tall the Eiffel tower is, please?")
    (request,) = requests_of(client, session_id)
    assert (request["origin"], request["customer_name"], request["queue"]) == ("pipeline", "Bo", "sales")
    assert request["call_active"]


def test_a_whisper_reaches_the_desk(
    client: httpx.Client, people: dict[str, Browser], live_server: ServerProcess, keys: Keys, session_id: str
) -> None:
    with people["agent"].socket(session_id) as socket:
        answer = people["supervisor"].http.post(f"/api/calls/{session_id}/whisper", json={"text": "Offer a voucher."})
        assert answer.status_code == 201
        assert received_until(socket, of_type("whisper"))[-1]["whisper"] == answer.json()
    assert set(answer.json()) == {"id", "text", "from_name", "at"}
    assert client.get(f"/api/calls/{session_id}").json()["whispers"] == [answer.json()]
    audited = "SELECT actor_name FROM audit_log WHERE action = 'call.whispered' AND target_id = %s"
    assert live_server.sql(audited, session_id) == [(address("supervisor"),)]
    with opened(live_server, session_id, key=keys.read) as socket:
        assert received_until(socket, of_type("whisper"))


def test_a_whisper_is_refused_when_nobody_can_read_it(
    client: httpx.Client, people: dict[str, Browser], session_id: str
) -> None:
    supervisor = people["supervisor"].http
    for text in ("", " ", "w" * 1001):
        answer = supervisor.post(f"/api/calls/{session_id}/whisper", json={"text": text})
        assert answer.status_code in (400, 422), answer.text
    assert_problem(supervisor.post(f"/api/calls/{UNKNOWN}/whisper", json={"text": "x"}), 404, "unknown_session")
    assert_problem(supervisor.post("/api/calls/nonsense/whisper", json={"text": "x"}), 404, "unknown_session")
    client.post("/api/realtime/call/end", json={"session_id": session_id})
    ended = supervisor.post(f"/api/calls/{session_id}/whisper", json={"text": "x"})
    assert (ended.status_code, ended.json()["code"]) == (409, "call_ended")


def test_the_floor_has_these_fields(client: httpx.Client, people: dict[str, Browser], session_id: str) -> None:
    say(client, session_id, "I am really fed up, this is ridiculous.")
    floor = people["supervisor"].http.get("/api/floor").json()
    (shown,) = [one for one in floor["items"] if one["session_id"] == session_id] or [None]
    if shown is None:
        assert floor["total"] > len(floor["items"]) == 200
        return
    assert {name: shown[name] for name in ("agent_name", "customer_name", "queue", "status")} == {
        "agent_name": "Ann",
        "customer_name": "Bo",
        "queue": "sales",
        "status": "active",
    }
    assert [line["text"] for line in shown["last_lines"]] == ["I am really fed up, this is ridiculous."]
    assert set(shown["last_lines"][0]) == {"speaker", "text", "at"}
    assert shown["sentiment"]["label"] == "negative"
    assert set(shown) == {
        "session_id",
        "call_id",
        "agent_id",
        "agent_name",
        "customer_name",
        "queue",
        "started_at",
        "status",
        "last_lines",
        "sentiment",
        "open_requests",
        "escalated",
    }


def test_the_floor_s_stream_tells_of_new_words(client: httpx.Client, people: dict[str, Browser]) -> None:
    with people["supervisor"].http.stream("GET", "/api/floor/stream") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        assert next(lines) == CHANGED
        say(client, start_call(client), "Good morning")
        assert next(lines) == CHANGED


def test_a_customer_whom_nobody_can_write_to_is_called(client: httpx.Client, people: dict[str, Browser]) -> None:
    supervisor = people["supervisor"].http
    raised = client.post(
        "/api/help-requests",
        json={"question": f"Where is my parcel {uuid4()}?", "customer_name": "Bo", "channel": "web"},
    ).json()
    supervisor.post(f"/api/help-requests/{raised['id']}/response", json={"answer": "At the depot.", "learn": "none"})
    items = supervisor.get("/api/follow-ups", params={"state": "open", "limit": 200}).json()["items"]
    (mine,) = [one for one in items if one["request_id"] == raised["id"]]
    assert (mine["channel"], mine["state"], mine["text"]) == ("callback", "open", "At the depot.")
    done = supervisor.post(f"/api/follow-ups/{mine['id']}/done")
    assert (done.status_code, done.json()["state"], done.json()["done_by"]) == (200, "done", "supervisor")
    assert supervisor.post(f"/api/follow-ups/{mine['id']}/done").json() == done.json()
    items = supervisor.get("/api/follow-ups", params={"state": "open", "limit": 200}).json()["items"]
    assert mine["id"] not in {one["id"] for one in items}
    for identity in (UNKNOWN, "nonsense"):
        assert_problem(supervisor.post(f"/api/follow-ups/{identity}/done"), 404, "unknown_follow_up")
    assert_problem(supervisor.get("/api/follow-ups?state=nonsense"), 422, "invalid_field")
    assert_problem(supervisor.get("/api/follow-ups?cursor=nonsense"), 422, "invalid_cursor")
