"""What operators see of the live path."""

import re
from uuid import uuid4

import pytest

from tests.serving import ServerProcess

pytestmark = pytest.mark.server


def test_segments_turns_stages_and_suggestions_are_counted(live_server: ServerProcess) -> None:
    before = _samples(live_server)
    with live_server.client(live_server.key("ingest")) as client:
        start = {"call_id": uuid4().hex, "acd_metadata": None, "agent_name": None}
        session = client.post("/api/realtime/call/start", json=start).json()["session_id"]
        words = "I can't log in, getting error 401 on mobile app v2.5"
        segment = {"session_id": session, "speaker": "customer", "text": words, "start_time": 0, "end_time": 3}
        assert client.post("/api/realtime/transcription", json=segment).json()["suggestions_count"] >= 1
    after = _samples(live_server)
    for name in (
        'assist_segments_total{speaker="customer"}',
        'assist_turns_total{outcome="answered"}',
        'assist_suggestions_total{type="answer"}',
        'assist_stage_seconds_count{stage="retrieval"}',
    ):
        assert after[name] >= before.get(name, 0.0) + 1.0


def test_requests_are_counted_by_route_and_never_by_path(live_server: ServerProcess) -> None:
    unknown = uuid4()
    with live_server.client(live_server.key("read")) as client:
        client.get(f"/api/calls/{unknown}")
    with live_server.client() as client:
        text = client.get("/metrics").text
    assert str(unknown) not in text
    assert 'route="/api/calls/{session_id}",status="404"' in text


def _samples(server: ServerProcess) -> dict[str, float]:
    with server.client() as client:
        text = client.get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)}
