"""The first thing the README promises: a call, a question, a cited suggestion."""

import pytest

from tests.serving import ServerProcess

pytestmark = pytest.mark.server


def test_the_worked_example_gets_a_cited_suggestion(live_server: ServerProcess) -> None:
    with live_server.client(live_server.key("admin")) as client:
        started = client.post("/api/realtime/call/start", json={"call_id": "smoke", "agent_id": "a1"}).json()
        segment = {
            "session_id": started["session_id"],
            "speaker": "customer",
            "text": "I can't log in, getting error 401 on mobile app v2.5",
            "start_time": 0.0,
            "end_time": 3.0,
            "confidence": 0.95,
        }
        answer = client.post("/api/realtime/transcription", json=segment).json()
        assert answer["status"] == "processed"
        assert answer["suggestions_count"] >= 1
        given = client.get(f"/api/realtime/suggestions/{started['session_id']}").json()
    assert "401" in given["suggestions"][0]["title"]
    assert given["suggestions"][0]["citations"]
