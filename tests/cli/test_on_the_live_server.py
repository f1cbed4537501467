"""Commands that talk to a running server."""

import json
import re

import pytest

from assist.samples import CALLS
from tests.serving import ServerProcess

pytestmark = pytest.mark.server


def test_a_key_is_printed_alone_and_works(live_server: ServerProcess) -> None:
    printed = live_server.assist("keys", "create", "telephony", "--scope", "ingest")
    assert re.fullmatch(r"ak_[A-Za-z0-9_-]{40,}", printed)
    with live_server.client(printed) as client:
        assert client.post("/api/realtime/call/start", json={"call_id": "cli-key"}).status_code == 200
        assert client.get("/api/knowledge-base").json()["code"] == "missing_scope"


def test_replay_prints_what_it_saw(live_server: ServerProcess) -> None:
    key = live_server.key("ingest")
    path = CALLS / "sample-app-401.jsonl"
    options = ("--url", live_server.url, "--key", key, "--speed", "50", "--calls", "2")
    summary = json.loads(live_server.assist("replay", str(path), *options))
    segments = len(path.read_text().splitlines()) - 1
    assert summary["segments_sent"] == summary["segments_accepted"] == 2 * segments
    assert summary["suggestions_received"] > 0
    assert summary["latency_ms"]["p50"] <= summary["latency_ms"]["p95"] <= summary["latency_ms"]["p99"]


def test_replay_tells_a_wrong_key(live_server: ServerProcess) -> None:
    options = ("--url", live_server.url, "--key", "ak_wrong")
    message = live_server.fails("replay", str(CALLS / "sample-app-401.jsonl"), *options)
    assert "401" in message
