"""The contract of the streams: the same numbered events by WebSocket and SSE, resuming, and what a desk may say."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import ClientConnection

from tests.assist.web.clients import (
    Browser,
    Json,
    Keys,
    of_type,
    opened,
    received,
    received_until,
    say,
    segment,
    server_sent,
    start_call,
)
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

LOG_IN = "I can't log in, getting error 401 on mobile app v2.5"


def stored(messages: list[Json]) -> list[Json]:
    """Messages that are in the event log."""
    return [message for message in messages if "seq" in message and message["type"] != "hello"]


def suggestion_changes(socket: ClientConnection) -> Json:
    return received_until(socket, of_type("suggestion_updated"))[-1]


@contextmanager
def following(server: ServerProcess, session_id: str, key: str, query: str = "") -> Iterator[ClientConnection]:
    """A program's socket after its hello."""
    with opened(server, session_id, query, key=key) as socket:
        assert received(socket)["type"] == "hello"
        yield socket


@pytest.fixture(scope="module")
def advised(client: httpx.Client) -> str:
    """A call with a suggestion."""
    session_id = start_call(client)
    say(client, session_id, LOG_IN)
    return session_id


def test_a_socket_says_hello_and_then_every_event_by_number(
    client: httpx.Client, live_server: ServerProcess, keys: Keys, advised: str
) -> None:
    with opened(live_server, advised, key=keys.admin) as socket:
        hello = received(socket)
        assert hello == {"type": "hello", "session_id": advised, "epoch": hello["epoch"], "seq": hello["seq"]}
        events = [received(socket) for _ in range(hello["seq"])]
    assert [event["seq"] for event in events] == list(range(1, hello["seq"] + 1))
    assert {"call", "segment", "context", "suggestions"} <= {event["type"] for event in events}
    snapshot = client.get(f"/api/calls/{advised}").json()
    assert (snapshot["epoch"], snapshot["seq"]) == (hello["epoch"], hello["seq"])
    segments = [event["segment"] for event in events if event["type"] == "segment"]
    assert segments == snapshot["segments"]


def test_a_suggestions_message_has_these_fields(
    client: httpx.Client, live_server: ServerProcess, keys: Keys, advised: str
) -> None:
    with following(live_server, advised, keys.admin) as socket:
        message = received_until(socket, of_type("suggestions"))[-1]
    assert {"type", "seq", "suggestions", "clarifying_questions"} <= set(message)
    given = client.get(f"/api/realtime/suggestions/{advised}").json()["suggestions"]
    names = ("id", "type", "title", "text", "confidence_score", "citations", "query")
    assert [{name: one[name] for name in names} for one in message["suggestions"]] == [
        {name: one[name] for name in names} for one in given
    ]


def test_a_live_segment_reaches_a_socket_that_is_open(
    client: httpx.Client, live_server: ServerProcess, keys: Keys
) -> None:
    session_id = start_call(client)
    with following(live_server, session_id, keys.admin) as socket:
        say(client, session_id, LOG_IN)
        messages = received_until(socket, of_type("suggestions"))
        client.post("/api/realtime/call/end", json={"session_id": session_id})
        ended = received_until(socket, of_type("call"))[-1]
    assert [message["seq"] for message in stored(messages)] == list(range(1, len(stored(messages)) + 1))
    assert ended["call"]["status"] == "ended"


def test_an_interim_is_shown_on_the_socket_and_never_stored(
    client: httpx.Client, live_server: ServerProcess, keys: Keys
) -> None:
    session_id = start_call(client)
    with following(live_server, session_id, keys.admin) as socket:
        received_until(socket, of_type("call"))
        body = segment(session_id, "I can't lo", is_final=False, segment_id="interim-1")
        answer = client.post("/api/realtime/transcription", json=body)
        assert (answer.status_code, answer.json()["status"]) == (200, "processed")
        shown = received_until(socket, of_type("interim"))[-1]
    expected = {"type": "interim", "speaker": "customer", "text": "I can't lo", "start_time": 0.0, "end_time": 2.0}
    assert shown == expected
    snapshot = client.get(f"/api/calls/{session_id}").json()
    assert (snapshot["segments"], snapshot["seq"]) == ([], 1)
    assert live_server.sql("SELECT count(*) FROM call_events WHERE payload::text LIKE %s", "%can't lo\"%") == [(0,)]
    say(client, session_id, "I can't log in", segment_id="interim-1")
    assert [one["text"] for one in client.get(f"/api/calls/{session_id}").json()["segments"]] == ["I can't log in"]


def test_a_socket_resumes_after_the_number_it_has(live_server: ServerProcess, keys: Keys, advised: str) -> None:
    with opened(live_server, advised, key=keys.admin) as socket:
        hello = received(socket)
        events = [received(socket) for _ in range(hello["seq"])]
    with opened(live_server, advised, f"?after=2&epoch={hello['epoch']}", key=keys.admin) as socket:
        assert received(socket) == hello
        assert [received(socket) for _ in range(hello["seq"] - 2)] == events[2:]


@pytest.mark.parametrize(
    ("query", "reason"), [("?after=1&epoch=another", "unknown_epoch"), ("?after=9999", "cursor_ahead")]
)
def test_a_cursor_that_does_not_fit_is_reset_never_silently(
    live_server: ServerProcess, keys: Keys, advised: str, query: str, reason: str
) -> None:
    with opened(live_server, advised, query, key=keys.admin) as socket:
        hello = received(socket)
        assert received(socket) == {"type": "reset", "epoch": hello["epoch"], "reason": reason}
        assert received(socket)["seq"] == 1


def test_server_sent_events_are_the_same_and_resume_with_last_event_id(
    client: httpx.Client, live_server: ServerProcess, keys: Keys, advised: str
) -> None:
    with opened(live_server, advised, key=keys.admin) as socket:
        hello = received(socket)
        events = [received(socket) for _ in range(hello["seq"])]
    address = f"/api/realtime/stream/{advised}"
    sent = server_sent(client, address, 1 + hello["seq"])
    assert [{name: value for name, value in one.items() if name != "id"} for one in sent] == [hello, *events]
    assert sent[0]["id"] is None
    resumed = server_sent(client, address, 2, headers={"Last-Event-ID": sent[2]["id"]})
    assert [resumed[0]["type"], resumed[1]["seq"]] == ["hello", events[1]["seq"] + 1]
    other = server_sent(client, address, 2, headers={"Last-Event-ID": "another-epoch:2"})
    assert other[1]["reason"] == "unknown_epoch"


def test_the_stream_of_the_list_tells_that_it_changed(client: httpx.Client) -> None:
    with client.stream("GET", "/api/calls/stream") as response:
        lines = response.iter_lines()
        assert next(lines) == 'data: {"type":"calls_changed"}'
        start_call(client)
        assert 'data: {"type":"calls_changed"}' in (next(lines), next(lines))


def test_feedback_and_marks_are_stored_and_told_to_everybody(
    client: httpx.Client, live_server: ServerProcess, people: dict[str, Browser]
) -> None:
    session_id = start_call(client, agent_id="agent@web.example")
    say(client, session_id, LOG_IN)
    suggestion_id = client.get(f"/api/realtime/suggestions/{session_id}").json()["suggestions"][0]["id"]
    with people["agent"].socket(session_id) as agent, people["supervisor"].socket(session_id) as supervisor:
        for kind in ("shown", "clicked", "copied", "dismissed"):
            agent.send(json.dumps({"type": kind, "suggestion_id": suggestion_id}))
            assert suggestion_changes(agent)["suggestion_id"] == suggestion_id
        feedback = {"type": "feedback", "suggestion_id": suggestion_id, "feedback": "not_helpful", "reason": "too old"}
        agent.send(json.dumps(feedback))
        last = suggestion_changes(agent)
        seen = received_until(supervisor, lambda message: message.get("seq") == last["seq"])[-1]
    assert seen == last
    expected = {"agent_feedback": "not_helpful", "feedback_reason": "too old", "agent_copied": True, "dismissed": True}
    assert expected.items() <= last.items()
    columns = "SELECT shown_to_agent, agent_clicked, agent_feedback FROM suggestions WHERE id = %s"
    assert live_server.sql(columns, suggestion_id) == [(True, True, "not_helpful")]
    assert expected.items() <= client.get(f"/api/realtime/suggestions/{session_id}").json()["suggestions"][0].items()


@pytest.mark.parametrize("feedback", ["helpful", "not_helpful", "irrelevant"])
def test_each_kind_of_feedback_is_taken_and_repeating_it_tells_nothing(
    client: httpx.Client, live_server: ServerProcess, keys: Keys, advised: str, feedback: str
) -> None:
    suggestion_id = client.get(f"/api/realtime/suggestions/{advised}").json()["suggestions"][0]["id"]
    with following(live_server, advised, keys.admin) as socket:
        message = json.dumps({"type": "feedback", "suggestion_id": suggestion_id, "feedback": feedback})
        socket.send(message)
        received_until(socket, lambda told: told.get("agent_feedback") == feedback)
        before = client.get(f"/api/calls/{advised}").json()["seq"]
        socket.send(message)
        socket.send("{}")
        assert received(socket)["type"] == "error"
    assert client.get(f"/api/calls/{advised}").json()["seq"] == before


def test_a_question_asked_by_hand_is_answered_to_everybody_once(
    client: httpx.Client, live_server: ServerProcess, keys: Keys, people: dict[str, Browser]
) -> None:
    session_id = start_call(client, agent_id="agent@web.example")
    ask = json.dumps({"type": "ask", "text": "error 401 in the app", "request_id": str(uuid4())})
    with people["agent"].socket(session_id) as agent, following(live_server, session_id, keys.read) as program:
        received_until(agent, of_type("call"))
        agent.send(ask)
        answer = received_until(agent, of_type("suggestions"))[-1]
        assert received_until(program, of_type("suggestions"))[-1] == answer
        agent.send(ask)
        agent.send("{}")
        assert received(agent)["type"] == "error"
    assert (answer["origin"], answer["query"]) == ("ask", "error 401 in the app")
    assert answer["suggestions"]
    assert client.get(f"/api/calls/{session_id}").json()["seq"] == answer["seq"]


def _dismissing(names: list[str]) -> Callable[[Json], bool]:
    """Whether a message is the context with these subjects taken off."""
    return lambda message: message["type"] == "context" and message["context"]["dismissed_subjects"] == names


def test_a_subject_is_taken_off_and_put_back_and_everybody_is_told(
    client: httpx.Client, live_server: ServerProcess, keys: Keys, people: dict[str, Browser]
) -> None:
    session_id = start_call(client, agent_id="agent@web.example")
    say(client, session_id, LOG_IN)
    with people["agent"].socket(session_id) as agent, following(live_server, session_id, keys.read) as program:
        received_until(agent, of_type("suggestions"))
        for kind, dismissed in (("dismiss_subject", ["HomeHub X200"]), ("restore_subject", [])):
            agent.send(json.dumps({"type": kind, "name": "HomeHub X200"}))
            told = received_until(agent, of_type("context"))[-1]
            assert told["context"]["dismissed_subjects"] == dismissed
            seen = [one for one in received_until(program, _dismissing(dismissed)) if one["type"] == "context"]
            assert seen[-1] == told
            assert client.get(f"/api/calls/{session_id}").json()["context"] == told["context"]
            stored = "SELECT dismissed_subjects FROM call_sessions WHERE session_id = %s"
            assert live_server.sql(stored, session_id) == [(dismissed,)]
    assert isinstance(told["context"]["subjects"], list)


def test_who_may_only_watch_corrects_nothing(
    client: httpx.Client, people: dict[str, Browser], live_server: ServerProcess
) -> None:
    session_id = start_call(client, agent_id="agent@web.example")
    with people["analyst"].socket(session_id) as analyst:
        analyst.send(json.dumps({"type": "dismiss_subject", "name": "HomeHub X200"}))
        assert received_until(analyst, of_type("error"))[-1]["code"] == "not_permitted"
    stored = "SELECT dismissed_subjects FROM call_sessions WHERE session_id = %s"
    assert live_server.sql(stored, session_id) == [([],)]


def test_a_suggestion_says_who_wrote_it_and_a_citation_has_room_for_a_page(client: httpx.Client, advised: str) -> None:
    card = client.get(f"/api/realtime/suggestions/{advised}").json()["suggestions"][0]
    assert (card["answered_by"], card["refined_at"]) == ("extractive", None)
    assert {citation["page"] for citation in card["citations"]} == {None}
