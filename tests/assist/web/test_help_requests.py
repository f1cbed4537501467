"""Help requests over HTTP: the reference flows by their field names, conflicts, repeats, ownership and bad input."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.assist.web.clients import (
    UNKNOWN,
    Browser,
    Json,
    Keys,
    assert_nothing_leaks,
    assert_problem,
    received_until,
    start_call,
)
from tests.assist.web.conftest import address
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

PATH = "/api/help-requests"
FIELDS = {
    "id", "session_id", "call_id", "call_active", "origin", "customer_name", "customer_contact", "channel", "queue",
    "question", "context_excerpt", "priority", "tags", "metadata", "status", "escalated", "level", "group",
    "assigned_to", "assigned_to_name", "answer", "topic", "resolution", "notes", "answered_by_name", "suggestion_id",
    "learned_article_id", "first_response_due_at", "due_at", "first_response_at", "created_at", "updated_at",
    "resolved_at", "history",
}  # fmt: skip


def raised(client: httpx.Client, question: str | None = None, **fields: Any) -> Json:
    """A new request."""
    answer = client.post(PATH, json={"question": question or f"Question {uuid4()}?", **fields})
    assert answer.status_code == 201, answer.text
    view: Json = answer.json()
    return view


def assert_conflict(response: httpx.Response, code: str) -> Json:
    """A conflict says what is there instead."""
    body: Json = response.json()
    assert (response.status_code, body["code"]) == (409, code)
    assert set(body["current"]) == FIELDS
    assert_nothing_leaks(response.text)
    current: Json = body["current"]
    return current


@pytest.fixture(scope="module")
def ingest(live_server: ServerProcess, keys: Keys) -> Iterator[httpx.Client]:
    with live_server.client(keys.ingest) as client:
        yield client


@pytest.fixture(scope="module")
def supervisor(people: dict[str, Browser]) -> httpx.Client:
    """Somebody with room for all requests of these tests; without, they would all go to the owners."""
    user_id = people["supervisor"].signed_in.json()["user"]["id"]
    roomy = people["admin"].http.patch(f"/api/supervision/team/{user_id}", json={"capacity": 1000})
    assert roomy.status_code == 200, roomy.text
    return people["supervisor"].http


def test_a_receptionist_raises_and_a_supervisor_answers(ingest: httpx.Client, supervisor: httpx.Client) -> None:
    body = {
        "customer_name": "Grace Hopper",
        "customer_contact": "+4512345678",
        "channel": "call",
        "question": "Do you do balayage on Sundays?",
        "priority": "high",
        "tags": ["hair"],
        "metadata": {"origin": "receptionist", "room": "r-1"},
    }
    answer = ingest.post(PATH, json=body)
    view = answer.json()
    assert (answer.status_code, set(view)) == (201, FIELDS)
    assert {name: view[name] for name in body} == body
    assert (view["status"], view["origin"], view["answer"]) == ("pending", "receptionist", None)
    assert view["created_at"] <= view["updated_at"] < view["due_at"]
    assert view["history"][0]["action"] == "created"
    assert set(view["history"][0]) == {"at", "actor", "actor_name", "action", "before", "after", "note"}

    said = {
        "answer": "Yes, from 10 to 16.",
        "topic": "Opening hours",
        "notes": "n",
        "unresolved": False,
        "learn": "none",
    }
    answered = supervisor.post(f"{PATH}/{view['id']}/response", json=said)
    done = answered.json()
    assert (answered.status_code, set(done)) == (200, FIELDS)
    assert (done["status"], done["answer"], done["topic"]) == ("resolved", "Yes, from 10 to 16.", "Opening hours")
    assert "answered" in [line["action"] for line in done["history"]]
    assert ingest.get(f"{PATH}/{view['id']}").json() == done


def test_the_answer_reaches_the_live_desk(client: httpx.Client, people: dict[str, Browser]) -> None:
    session_id = start_call(client, agent_id=address("agent"))
    with people["agent"].socket(session_id) as socket:
        view = raised(people["agent"].http, "Can I pay in kroner?", session_id=session_id)
        event = received_until(socket, lambda one: one["type"] == "escalation")[-1]
        assert (event["escalation"]["id"], event["escalation"]["status"]) == (view["id"], "pending")
        said = {"answer": "Yes, <script>alert(1)</script>.", "learn": "none"}
        people["supervisor"].http.post(f"{PATH}/{view['id']}/response", json=said)
        [card] = received_until(socket, lambda one: one["type"] == "suggestions")[-1]["suggestions"]
        ended = received_until(socket, lambda one: one["type"] == "escalation")[-1]["escalation"]
    assert (card["type"], card["text"], card["answered_by"]) == ("supervisor_answer", said["answer"], "supervisor")
    assert (ended["status"], ended["suggestion_id"]) == ("resolved", card["id"])


def test_a_timeout_ends_it_unresolved_and_only_once(ingest: httpx.Client, supervisor: httpx.Client) -> None:
    view = raised(ingest)
    answer = ingest.post(f"{PATH}/{view['id']}/timeout")
    assert (answer.status_code, answer.json()["status"], answer.json()["resolution"]) == (
        200,
        "unresolved",
        "timed_out",
    )
    assert_conflict(ingest.post(f"{PATH}/{view['id']}/timeout"), "already_ended")
    current = assert_conflict(
        supervisor.post(f"{PATH}/{view['id']}/response", json={"answer": "Late"}), "already_ended"
    )
    assert current == answer.json()
    assert view["id"] in {one["id"] for one in supervisor.get(PATH, params={"status": "unresolved"}).json()["items"]}


def test_what_a_supervisor_cannot_answer_is_unresolved_with_the_reason(
    ingest: httpx.Client, supervisor: httpx.Client
) -> None:
    view = raised(ingest)
    answer = supervisor.post(
        f"{PATH}/{view['id']}/response", json={"answer": "No supplier has it.", "unresolved": True}
    )
    assert (answer.json()["status"], answer.json()["answer"]) == ("unresolved", "No supplier has it.")


def test_the_same_question_in_the_same_call_is_answered_like_the_first_time(client: httpx.Client) -> None:
    session_id = start_call(client)
    first = raised(client, "Do you ship to Norway?", session_id=session_id)
    again = client.post(
        PATH, json={"question": "do you ship to NORWAY", "session_id": session_id, "priority": "urgent"}
    )
    assert (again.status_code, again.json()) == (200, first)


def test_a_key_of_the_sender_s_own_tells_repeats_outside_a_call(client: httpx.Client) -> None:
    body, header = {"question": "How much is it?"}, {"Idempotency-Key": str(uuid4())}
    first = client.post(PATH, json=body, headers=header)
    again = client.post(PATH, json=body, headers=header)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert client.post(PATH, json=body).status_code == client.post(PATH, json=body).status_code == 201


def test_of_two_who_answer_at_once_the_second_gets_the_first_answer(
    client: httpx.Client, people: dict[str, Browser]
) -> None:
    for _ in range(3):
        request_id = raised(client)["id"]

        def answered(name: str, request_id: str = request_id) -> httpx.Response:
            said = {"answer": f"From {name}.", "learn": "none"}
            return people[name].http.post(f"{PATH}/{request_id}/response", json=said)

        with ThreadPoolExecutor(2) as pool:
            both = sorted(pool.map(answered, ("supervisor", "admin")), key=lambda answer: answer.status_code)
        assert both[0].status_code == 200
        current = assert_conflict(both[1], "already_answered")
        assert current["answer"] == both[0].json()["answer"]
        assert client.get(f"{PATH}/{request_id}").json()["answer"] == both[0].json()["answer"]


def test_an_answer_sent_again_after_a_lost_connection_is_answered_like_the_first(
    client: httpx.Client, supervisor: httpx.Client
) -> None:
    path = f"{PATH}/{raised(client)['id']}/response"
    first = supervisor.post(path, json={"answer": "Yes.", "learn": "none"})
    again = supervisor.post(path, json={"answer": "Yes.", "learn": "none"})
    assert (again.status_code, again.json()) == (200, first.json())
    assert_conflict(supervisor.post(path, json={"answer": "No.", "learn": "none"}), "already_answered")


def test_claim_hand_back_reassign_and_escalate(
    client: httpx.Client, supervisor: httpx.Client, people: dict[str, Browser]
) -> None:
    admin = people["admin"].http
    path = f"{PATH}/{raised(client)['id']}"
    claimed = supervisor.post(f"{path}/claim").json()
    assert (claimed["status"], claimed["assigned_to_name"]) == ("in_progress", "supervisor")
    assert_conflict(admin.post(f"{path}/claim"), "already_claimed")
    mine = supervisor.get(PATH, params={"assigned_to": "me", "status": "in_progress", "limit": 200}).json()["items"]
    assert claimed["id"] in {one["id"] for one in mine}
    supervisor.post(
        f"{path}/reassign", json={"group": "supervisors"}
    )  # where everybody is busy it began with the owners
    passed = supervisor.post(f"{path}/escalate")
    assert passed.status_code == 200, passed.text
    assert (passed.json()["escalated"], passed.json()["status"], passed.json()["group"]) == (True, "pending", "owners")
    assert_conflict(supervisor.post(f"{path}/escalate", json={}), "no_further_level")
    escalated = supervisor.get(PATH, params={"status": "escalated", "limit": 200}).json()["items"]
    assert claimed["id"] in {one["id"] for one in escalated}
    admin.post(f"{path}/claim")
    back = supervisor.post(f"{path}/hand-back", json={"note": "not ours"}).json()
    assert (back["status"], back["history"][-1]["note"]) == ("pending", "not ours")
    me = admin.get("/api/session").json()["user"]["id"]
    moved = supervisor.post(f"{path}/reassign", json={"user_id": me}).json()
    assert (moved["status"], moved["assigned_to"]) == ("pending", me)
    assert_problem(supervisor.post(f"{path}/reassign", json={}), 422, "invalid_field")
    assert {"escalated", "reassigned", "handed_back", "claimed"} <= {one["action"] for one in moved["history"]}


def test_priority_tags_notes_and_question_can_be_changed(client: httpx.Client, supervisor: httpx.Client) -> None:
    path = f"{PATH}/{raised(client)['id']}"
    changes = {"priority": "low", "tags": ["a", "b"], "notes": "n", "question": "Clearer?"}
    view = supervisor.patch(path, json=changes).json()
    assert {name: view[name] for name in changes} == changes
    assert supervisor.patch(path, json={"notes": None}).json()["notes"] is None
    assert_problem(supervisor.patch(path, json={}), 422, "invalid_field")
    assert_problem(supervisor.patch(path, json={"status": "resolved"}), 422, "invalid_field")


def test_the_knowledge_base_suggests_an_answer_and_stores_nothing(
    client: httpx.Client, supervisor: httpx.Client, live_server: ServerProcess
) -> None:
    known = raised(client, "How do I fix error 401 when I log in to the mobile app?")
    before = live_server.sql("SELECT count(*) FROM suggestions")
    found = supervisor.get(f"{PATH}/{known['id']}/suggested").json()
    assert set(found) == {"text", "confidence", "citations", "unavailable"}
    assert found["text"]
    assert found["citations"]
    assert 0.0 < found["confidence"] <= 1.0
    assert not found["unavailable"]
    assert live_server.sql("SELECT count(*) FROM suggestions") == before


def test_agents_see_the_requests_of_their_own_calls_only(client: httpx.Client, people: dict[str, Browser]) -> None:
    mine = raised(client, session_id=start_call(client, agent_id=address("agent")))
    foreign = raised(client, session_id=start_call(client, agent_id=address("other_agent")))
    nobody = raised(client)
    listed = people["agent"].http.get(PATH, params={"limit": 200}).json()["items"]
    assert {one["id"] for one in listed} & {mine["id"], foreign["id"], nobody["id"]} == {mine["id"]}
    assert people["agent"].http.get(f"{PATH}/{mine['id']}").status_code == 200
    unknown = people["agent"].http.get(f"{PATH}/{UNKNOWN}")
    for view in (foreign, nobody):
        answer = people["agent"].http.get(f"{PATH}/{view['id']}")
        assert_problem(answer, 404, "unknown_request")
        assert answer.content == unknown.content
    for action in ("claim", "response", "timeout", "escalate", "hand-back", "reassign"):
        body = {"answer": "x"} if action == "response" else {}
        assert_problem(people["agent"].http.post(f"{PATH}/{mine['id']}/{action}", json=body), 403, "not_permitted")


def test_agents_raise_in_their_own_calls_only(client: httpx.Client, people: dict[str, Browser]) -> None:
    session_id = start_call(client, agent_id=address("agent"))
    body = {"question": "May I?", "session_id": session_id}
    view = people["agent"].http.post(PATH, json=body).json()
    assert (view["origin"], view["history"][0]["actor_name"]) == ("agent", "agent")
    assert_problem(people["other_agent"].http.post(PATH, json=body), 404, "unknown_session")
    assert_problem(people["agent"].http.post(PATH, json={"question": "May I?"}), 403, "not_permitted")
    assert_problem(people["analyst"].http.post(PATH, json=body), 403, "not_permitted")


def test_an_ingesting_key_sees_and_ends_what_it_raised_only(
    client: httpx.Client, ingest: httpx.Client, live_server: ServerProcess, keys: Keys
) -> None:
    mine, foreign = raised(ingest), raised(client)
    assert ingest.get(f"{PATH}/{mine['id']}").status_code == 200
    for answer in (ingest.get(f"{PATH}/{foreign['id']}"), ingest.post(f"{PATH}/{foreign['id']}/timeout")):
        assert_problem(answer, 404, "unknown_request")
    assert_problem(ingest.post(f"{PATH}/{mine['id']}/response", json={"answer": "x"}), 403, "missing_scope")
    assert_problem(ingest.post(PATH, json={"question": "x", "session_id": start_call(client)}), 404, "unknown_session")
    with live_server.client(keys.read) as reader:
        assert reader.get(f"{PATH}/{foreign['id']}").status_code == 200
        assert_problem(reader.post(PATH, json={"question": "x"}), 403, "missing_scope")
        assert_problem(reader.post(f"{PATH}/{mine['id']}/timeout"), 403, "missing_scope")


BAD_REQUESTS: dict[str, tuple[Json, int, str]] = {
    "no question": ({}, 422, "invalid_field"),
    "empty question": ({"question": ""}, 422, "invalid_field"),
    "blank question": ({"question": " \n "}, 422, "invalid_field"),
    "endless question": ({"question": "x" * 2_001}, 422, "invalid_field"),
    "NUL in the question": ({"question": "a\0b"}, 422, "invalid_field"),
    "question is a number": ({"question": 5}, 422, "invalid_field"),
    "unknown priority": ({"question": "x", "priority": "asap"}, 422, "invalid_field"),
    "long name": ({"question": "x", "customer_name": "n" * 301}, 422, "invalid_field"),
    "long contact": ({"question": "x", "customer_contact": "n" * 301}, 422, "invalid_field"),
    "long channel": ({"question": "x", "channel": "n" * 51}, 422, "invalid_field"),
    "blank channel": ({"question": "x", "channel": " "}, 422, "invalid_field"),
    "too many tags": ({"question": "x", "tags": [str(number) for number in range(21)]}, 422, "invalid_field"),
    "empty tag": ({"question": "x", "tags": [""]}, 422, "invalid_field"),
    "metadata is a list": ({"question": "x", "metadata": []}, 422, "invalid_field"),
    "NUL in metadata": ({"question": "x", "metadata": {"a": "\0"}}, 422, "invalid_field"),
    "deep metadata": ({"question": "x", "metadata": json.loads('{"a":' * 40 + "1" + "}" * 40)}, 422, "invalid_field"),
    "unknown call": ({"question": "x", "session_id": UNKNOWN}, 404, "unknown_session"),
    "no call id": ({"question": "x", "session_id": "../x"}, 404, "unknown_session"),
}


@pytest.mark.parametrize("case", list(BAD_REQUESTS))
def test_a_bad_request_raises_nothing(client: httpx.Client, live_server: ServerProcess, case: str) -> None:
    body, status, code = BAD_REQUESTS[case]
    before = live_server.sql("SELECT count(*) FROM help_requests")
    assert_problem(client.post(PATH, json=body), status, code)
    assert live_server.sql("SELECT count(*) FROM help_requests") == before


BAD_ANSWERS: dict[str, tuple[Json, int, str]] = {
    "none": ({}, 422, "invalid_field"),
    "empty": ({"answer": ""}, 422, "invalid_field"),
    "blank": ({"answer": " \t\n"}, 422, "invalid_field"),
    "1 MB": ({"answer": "x" * 1_000_000}, 413, "body_too_large"),
    "too long": ({"answer": "x" * 20_001}, 422, "invalid_field"),
    "NUL": ({"answer": "a\0b"}, 422, "invalid_field"),
    "long topic": ({"answer": "x", "topic": "t" * 201}, 422, "invalid_field"),
    "long notes": ({"answer": "x", "notes": "n" * 5_001}, 422, "invalid_field"),
    "unknown learning": ({"answer": "x", "learn": "maybe"}, 422, "invalid_field"),
    "unresolved is a text": ({"answer": "x", "unresolved": "yes"}, 422, "invalid_field"),
}


@pytest.mark.parametrize("case", list(BAD_ANSWERS))
def test_a_bad_answer_leaves_the_request_open(client: httpx.Client, supervisor: httpx.Client, case: str) -> None:
    body, status, code = BAD_ANSWERS[case]
    view = raised(client)
    assert_problem(supervisor.post(f"{PATH}/{view['id']}/response", json=body), status, code)
    kept = client.get(f"{PATH}/{view['id']}").json()
    assert (kept["status"], kept["answer"]) == ("pending", None)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=open", "invalid_field"),
        ("status=pending,nonsense", "invalid_field"),
        ("priority=highest", "invalid_field"),
        ("assigned_to=somebody", "invalid_field"),
        ("session_id=x", "invalid_field"),
        ("limit=0", "invalid_field"),
        ("limit=201", "invalid_field"),
        ("cursor=nonsense", "invalid_cursor"),
        ("q=" + "x" * 201, "invalid_field"),
        ("tag=%00", "invalid_field"),
    ],
)
def test_a_list_asked_for_in_a_wrong_way_is_refused(supervisor: httpx.Client, query: str, code: str) -> None:
    problem = assert_problem(supervisor.get(f"{PATH}?{query}"), 422, code)
    if query.startswith("status"):
        assert all(name in problem["detail"] for name in ("pending", "in_progress", "escalated", "resolved"))


@pytest.mark.parametrize("request_id", [UNKNOWN, "nonsense", "%00"])
def test_an_unknown_request_is_404_everywhere(supervisor: httpx.Client, request_id: str) -> None:
    path = f"{PATH}/{request_id}"
    answers = [supervisor.get(path), supervisor.patch(path, json={"notes": "x"}), supervisor.get(f"{path}/suggested")]
    answers += [supervisor.post(f"{path}/{action}") for action in ("claim", "timeout", "hand-back", "escalate")]
    answers += [supervisor.post(f"{path}/response", json={"answer": "x"})]
    for answer in answers:
        assert_problem(answer, 404, "unknown_request")
