"""The contract of HTTP, line by line: addresses, field names, and what a repeat, an end or a wrong id is answered."""

from uuid import UUID, uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from assist.db.models import Suggestion
from tests.assist.web.clients import UNKNOWN, Json, Keys, assert_problem, say, segment, start_call
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

LOG_IN = "I can't log in, getting error 401 on mobile app v2.5"
VAGUE = "It doesn't work"


def stored_texts(server: ServerProcess, session_id: str) -> list[str]:
    rows = server.sql("SELECT text FROM transcription_segments WHERE session_id = %s ORDER BY number", session_id)
    return [row[0] for row in rows]


@pytest.fixture(scope="module")
def advised(client: httpx.Client) -> Json:
    """A call with a suggestion and clarifying questions; what /suggestions says of it."""
    session_id = start_call(client)
    say(client, session_id, VAGUE)
    say(client, session_id, LOG_IN, start_time=3.0, end_time=6.0)
    given: Json = client.get(f"/api/realtime/suggestions/{session_id}").json()
    return {"session_id": session_id, **given}


def test_call_start_takes_these_fields_and_answers_these(client: httpx.Client, live_server: ServerProcess) -> None:
    call = {
        "call_id": f"acd-{uuid4()}",
        "agent_id": "agent-7",
        "agent_name": "Ada",
        "customer_id": "c-1",
        "customer_phone": "+4512345678",
        "customer_name": "Grace",
        "acd_metadata": {"queue": "mobile", "skills": ["app"]},
        "crm_metadata": {"tier": 2},
    }
    answer = client.post("/api/realtime/call/start", json=call)
    body = answer.json()
    assert answer.status_code == 200
    assert body == {"status": "success", "session_id": body["session_id"], "call_id": call["call_id"]}
    UUID(body["session_id"])
    columns = list(call)
    query = f"SELECT {', '.join(columns)} FROM call_sessions WHERE session_id = %s"
    assert dict(zip(columns, live_server.sql(query, body["session_id"])[0], strict=True)) == call


def test_a_call_started_twice_is_the_first_session_even_after_its_end(client: httpx.Client) -> None:
    call = {"call_id": f"twice-{uuid4()}", "agent_id": "first"}
    first = client.post("/api/realtime/call/start", json=call).json()
    again = client.post("/api/realtime/call/start", json={**call, "agent_id": "second"})
    assert (again.status_code, again.json()) == (200, first)
    assert client.get(f"/api/calls/{first['session_id']}").json()["call"]["agent_id"] == "first"
    client.post("/api/realtime/call/end", json={"session_id": first["session_id"], "status": "completed"})
    assert client.post("/api/realtime/call/start", json=call).json() == first


def test_transcription_takes_these_fields_and_answers_these(client: httpx.Client, live_server: ServerProcess) -> None:
    sent = {
        "speaker": "agent",
        "text": "Let me check that for you.",
        "start_time": 1.25,
        "end_time": 3.5,
        "confidence": 0.75,
        "segment_id": "provider-1",
        "language": "en",
    }
    session_id = start_call(client)
    body = {"session_id": session_id, "is_final": True, **sent}
    answer = client.post("/api/realtime/transcription", json=body)
    assert answer.status_code == 200
    found = answer.json()
    names = ("status", "segment_id", "suggestions_count", "questions_count", "processing_time_ms")
    assert tuple(found) == names
    assert (found["status"], found["segment_id"]) == ("processed", "provider-1")
    assert isinstance(found["processing_time_ms"], float)
    query = f"SELECT {', '.join(sent)} FROM transcription_segments WHERE session_id = %s"
    assert dict(zip(sent, live_server.sql(query, session_id)[0], strict=True)) == sent


def test_segment_id_is_final_and_language_may_be_left_out(client: httpx.Client, live_server: ServerProcess) -> None:
    session_id = start_call(client)
    answer = say(client, session_id, "Good morning")
    assert answer["segment_id"]
    assert stored_texts(live_server, session_id) == ["Good morning"]


def test_the_worked_example_is_counted_in_the_answer(client: httpx.Client) -> None:
    session_id = start_call(client)
    answer = say(client, session_id, LOG_IN)
    given = client.get(f"/api/realtime/suggestions/{session_id}").json()
    assert answer["suggestions_count"] == len(given["suggestions"]) >= 1
    assert answer["questions_count"] == len(given["clarifying_questions"])
    assert answer["processing_time_ms"] > 0.0


@pytest.mark.parametrize("segment_id", ["provider-9", None])
def test_a_repeated_segment_is_answered_like_the_first_and_stored_once(
    client: httpx.Client, live_server: ServerProcess, segment_id: str | None
) -> None:
    session_id = start_call(client)
    body = segment(session_id, LOG_IN, **({"segment_id": segment_id} if segment_id else {}))
    first = client.post("/api/realtime/transcription", json=body)
    again = client.post("/api/realtime/transcription", json=body)
    assert first.json()["suggestions_count"] >= 1
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert stored_texts(live_server, session_id) == [LOG_IN]


def test_a_provider_s_id_counts_within_its_call_and_the_first_words_stay(
    client: httpx.Client, live_server: ServerProcess
) -> None:
    one, other = start_call(client), start_call(client)
    for session_id, text in ((one, "first"), (other, "other call"), (one, "changed")):
        say(client, session_id, text, segment_id="s1")
    assert (stored_texts(live_server, one), stored_texts(live_server, other)) == (["first"], ["other call"])


def test_respond_async_is_answered_with_202_after_the_commit(client: httpx.Client, live_server: ServerProcess) -> None:
    session_id = start_call(client)
    body = segment(session_id, segment_id="async-1")
    answer = client.post("/api/realtime/transcription", json=body, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.json() == {
        "status": "accepted",
        "segment_id": "async-1",
        "suggestions_count": 0,
        "questions_count": 0,
        "processing_time_ms": 0.0,
    }
    assert stored_texts(live_server, session_id) == [body["text"]]


def test_an_ended_call_refuses_new_segments_and_answers_repeats_as_before(
    client: httpx.Client, live_server: ServerProcess
) -> None:
    session_id = start_call(client)
    body = segment(session_id, LOG_IN)
    first = client.post("/api/realtime/transcription", json=body)
    assert client.post("/api/realtime/call/end", json={"session_id": session_id}).status_code == 200
    again = client.post("/api/realtime/transcription", json=body)
    assert (again.status_code, again.json()) == (200, first.json())
    late = client.post("/api/realtime/transcription", json=segment(session_id, "one more thing"))
    assert_problem(late, 409, "call_ended")
    interim = client.post("/api/realtime/transcription", json=segment(session_id, "one", is_final=False))
    assert_problem(interim, 409, "call_ended")
    assert stored_texts(live_server, session_id) == [LOG_IN]


@pytest.mark.parametrize("session_id", [UNKNOWN, "no-such-session", ""])
def test_an_unknown_session_is_404_everywhere(client: httpx.Client, session_id: str) -> None:
    posts = (
        client.post("/api/realtime/transcription", json=segment(session_id)),
        client.post("/api/realtime/transcription", json=segment(session_id, is_final=False)),
        client.post("/api/realtime/call/end", json={"session_id": session_id, "status": "completed"}),
    )
    addresses = ("/api/realtime/suggestions/", "/api/realtime/stream/", "/api/calls/") if session_id else ()
    answers = [*posts, *(client.get(address + session_id) for address in addresses)]
    assert len({answer.text for answer in answers}) == 1
    for answer in answers:
        assert_problem(answer, 404, "unknown_session")


def test_call_end_answers_success_and_changes_nothing_the_second_time(
    client: httpx.Client, live_server: ServerProcess
) -> None:
    session_id = start_call(client)
    state = "SELECT status, end_status, ended_at, event_seq FROM call_sessions WHERE session_id = %s"
    answer = client.post("/api/realtime/call/end", json={"session_id": session_id, "status": "completed"})
    ended = live_server.sql(state, session_id)
    again = client.post("/api/realtime/call/end", json={"session_id": session_id, "status": "dropped"})
    assert answer.json() == again.json() == {"status": "success"}
    assert ended[0][:2] == ("ended", "completed")
    assert live_server.sql(state, session_id) == ended


def test_suggestions_have_these_two_lists_newest_first(advised: Json) -> None:
    assert set(advised) == {"session_id", "suggestions", "clarifying_questions"}
    for name in ("suggestions", "clarifying_questions"):
        times = [one["created_at"] for one in advised[name]]
        assert times
        assert times == sorted(times, reverse=True)


def test_a_suggestion_and_its_citations_have_these_fields(client: httpx.Client, advised: Json) -> None:
    names = {"id", "type", "title", "text", "confidence_score", "citations", "query", "created_at"}
    cited = {"article_id", "version", "title", "url", "quote", "start", "end"}
    for suggestion in advised["suggestions"]:
        assert names <= set(suggestion)
        assert 0.0 <= suggestion["confidence_score"] <= 1.0
        assert suggestion["citations"]
        for citation in suggestion["citations"]:
            assert cited <= set(citation)
            address = f"/api/knowledge-base/{citation['article_id']}?version={citation['version']}"
            body = client.get(address).json()["body"]
            assert body[citation["start"] : citation["end"]] == citation["quote"]


def test_a_clarifying_question_has_these_fields(advised: Json) -> None:
    for question in advised["clarifying_questions"]:
        assert {"text", "purpose", "priority"} <= set(question)
        assert question["text"]
        assert question["priority"] in (1, 2, 3)


def test_the_context_has_these_fields(client: httpx.Client, advised: Json) -> None:
    context = client.get(f"/api/calls/{advised['session_id']}").json()["context"]
    names = {"has_sufficient_context", "detected_issue", "detected_entities", "needs_clarification", "confidence"}
    assert set(context) == names | {"subjects", "dismissed_subjects"}
    assert all(set(subject) == {"name", "kind", "salience"} for subject in context["subjects"])
    assert {"type": "error_code", "value": "401"} in context["detected_entities"]
    assert all(set(entity) == {"type", "value"} for entity in context["detected_entities"])


def test_segments_out_of_order_are_read_in_order_of_their_start(client: httpx.Client) -> None:
    session_id = start_call(client)
    for text, start in (("third", 8.0), ("first", 1.0), ("second", 4.0)):
        say(client, session_id, text, start_time=start, end_time=start + 1.0)
    segments = client.get(f"/api/calls/{session_id}").json()["segments"]
    assert [one["text"] for one in segments] == ["first", "second", "third"]
    assert [one["number"] for one in segments] == [2, 3, 1]


def test_analysts_find_these_columns_in_sql(live_server: ServerProcess, advised: Json) -> None:
    session_id = advised["session_id"]
    actions = live_server.sql(
        "SELECT agent_name, action_type, processing_time_ms, confidence, timestamp FROM agent_actions "
        "WHERE session_id = %s",
        session_id,
    )
    assert {"context_analyzer", "query_formulation", "retrieval"} <= {row[0] for row in actions}
    assert {"analyze_context", "formulate_query", "search_knowledge"} <= {row[1] for row in actions}
    assert all(row[2] >= 0.0 and row[4] for row in actions)
    shown = live_server.sql(
        "SELECT suggestion_type, confidence_score, shown_to_agent, agent_clicked, agent_feedback FROM suggestions "
        "WHERE session_id = %s",
        session_id,
    )
    assert shown
    assert {(row[0], *row[2:]) for row in shown} <= {(kind, False, False, None) for kind in ("answer", "article")}
    assert Suggestion.__tablename__ == "suggestions"
    assert live_server.sql("SELECT count(*) FROM call_sessions JOIN transcription_segments USING (session_id)")


def test_health_names_process_database_index_and_model(live_server: ServerProcess) -> None:
    with live_server.client() as anybody:
        answer = anybody.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok"
    assert set(body["checks"]) == {"process", "database", "index", "model"}
    assert {check["status"] for check in body["checks"].values()} == {"ok"}


def test_metrics_are_prometheus_text_labelled_by_route_never_by_id(
    live_server: ServerProcess, client: httpx.Client, advised: Json
) -> None:
    client.get(f"/api/calls/{advised['session_id']}")
    with live_server.client() as anybody:
        answer = anybody.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    routes = {sample.labels.get("route") for sample in families["assist_http_requests"].samples}
    assert "/api/calls/{session_id}" in routes
    assert advised["session_id"] not in answer.text


def test_the_knowledge_base_is_a_list_in_pages(client: httpx.Client) -> None:
    first = client.get("/api/knowledge-base", params={"q": "app", "limit": 2}).json()
    assert set(first) == {"items", "total", "next"}
    assert first["total"] > len(first["items"]) == 2
    second = client.get("/api/knowledge-base", params={"q": "app", "limit": 2, "cursor": first["next"]}).json()
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    names = {"id", "title", "version", "url", "tags", "language", "updated_at", "status"}
    names |= {"audience", "source", "valid_from", "valid_until", "review_by", "author", "searchable"}
    assert all(set(one) == names for one in first["items"])
    whole = client.get(f"/api/knowledge-base/{first['items'][0]['id']}").json()
    assert set(whole) == names | {"body", "current_version", "asked_as", "change_note", "provenance"}


def test_the_list_of_calls_comes_in_pages_newest_first(client: httpx.Client) -> None:
    made = [start_call(client) for _ in range(3)]
    seen: list[str] = []
    cursor = None
    for _ in range(2):
        page = client.get("/api/calls", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert set(page) == {"items", "total", "next"}
        seen += [call["session_id"] for call in page["items"]]
        cursor = page["next"]
    assert seen[:3] == made[::-1]
    assert len(set(seen)) == 4


def test_a_key_is_kept_as_a_digest_and_a_password_as_argon2(
    live_server: ServerProcess, keys: Keys, people: dict[str, object]
) -> None:
    kept = live_server.sql("SELECT row_to_json(api_keys)::text FROM api_keys")
    assert keys.admin not in str(kept)
    hashes = live_server.sql("SELECT password_hash FROM users WHERE email LIKE '%%@web.example'")
    assert len(hashes) >= len(people)
    assert all(row[0].startswith("$argon2id$") for row in hashes)


def test_the_schema_describes_the_contract_and_its_problems(live_server: ServerProcess) -> None:
    with live_server.client() as anybody:
        document = anybody.get("/schema").json()
        assert anybody.get("/schema/openapi.json").json() == document
    contract = {
        "/api/realtime/call/start": "post",
        "/api/realtime/transcription": "post",
        "/api/realtime/call/end": "post",
        "/api/realtime/suggestions/{session_id}": "get",
        "/api/realtime/stream/{session_id}": "get",
        "/api/knowledge-base": "get",
        "/health": "get",
    }
    assert all(method in document["paths"][path] for path, method in contract.items())
    for path, item in document["paths"].items():
        for operation in item.values():
            refused = {status: one for status, one in operation["responses"].items() if status >= "400"}
            assert "400" not in refused or "requestBody" in operation
            kinds = {kind for one in refused.values() for kind in one["content"]}
            assert kinds <= {"application/problem+json", *({"application/json"} if path == "/health" else set())}
            if operation.get("security") != [{}]:
                assert {"401", "403"} <= set(refused)
    transcription = document["paths"]["/api/realtime/transcription"]["post"]["responses"]
    assert set(transcription) == {"200", "202", "400", "401", "403", "404", "409", "413", "415", "422", "503"}
