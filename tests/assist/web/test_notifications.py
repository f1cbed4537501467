"""Notifications over HTTP: reading, resending, preferences, test messages, and Slack's clicks."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import httpx
import pytest

from tests.assist.web.clients import PATIENCE_S, UNKNOWN, Browser, Json, assert_problem
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

FIELDS = {
    "id", "event", "channel", "address", "state", "attempts", "last_error", "next_attempt_at", "created_at", "sent_at",
    "read_at", "request_id", "urgent", "title", "body", "url", "user_id", "user_name", "history",
}  # fmt: skip
SLACK = "/api/notifications/slack/interactions"


def raised(client: httpx.Client, question: str) -> Json:
    answer = client.post("/api/help-requests", json={"question": question, "customer_name": "Grace"})
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


def test_a_request_is_on_a_supervisors_screen_and_can_be_read(client: httpx.Client, people: dict[str, Browser]) -> None:
    request = raised(client, "Is the office in Aarhus open on Sundays?")
    history = people["supervisor"].http.get(f"/api/help-requests/{request['id']}/notifications").json()
    assert history["total"] == len(history["items"]) >= 1
    assert all(set(one) == FIELDS for one in history["items"])
    assert {one["url"] for one in history["items"]} == {f"/supervisor#{request['id']}"}
    told = {one["user_name"]: one for one in history["items"] if one["channel"] == "web"}
    name, notification = next((name, one) for name, one in told.items() if name in people)
    someone = people[name].http
    mine = someone.get("/api/notifications", params={"mine": True, "unread": True, "request_id": request["id"]}).json()
    assert [one["id"] for one in mine["items"]] == [notification["id"]]
    read = someone.post(f"/api/notifications/{notification['id']}/read")
    assert read.status_code == 200
    assert read.json()["read_at"] is not None
    other = "admin" if name != "admin" else "analyst"
    foreign = people[other].http.post(f"/api/notifications/{notification['id']}/read")
    assert_problem(foreign, 404, "unknown_notification")


def test_a_message_that_was_sent_is_not_sent_again(client: httpx.Client, people: dict[str, Browser]) -> None:
    sent = people["supervisor"].http.post("/api/notifications/test", json={"channel": "web"}).json()["items"][0]
    answer = people["supervisor"].http.post(f"/api/notifications/{sent['id']}/resend")
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["current"]["state"]) == ("not_dead", "sent")
    for wrong in (UNKNOWN, "nonsense"):
        assert_problem(client.post(f"/api/notifications/{wrong}/resend"), 404, "unknown_notification")
        assert_problem(client.get(f"/api/help-requests/{wrong}/notifications"), 404, "unknown_request")


def test_preferences_are_a_persons_own_and_checked(people: dict[str, Browser]) -> None:
    http = people["supervisor"].http
    before = http.get("/api/notifications/preferences").json()
    assert before["web"]["enabled"]
    assert not before["email"]["enabled"]
    wished = {
        **before,
        "sms": {
            "enabled": True,
            "address": "+4512345678",
            "minimum_priority": "high",
            "events": ["help_request.created"],
        },
        "quiet_hours": {"start": "22:00:00", "end": "07:00:00", "time_zone": "Europe/Copenhagen", "days": [0, 1, 2]},
    }
    assert http.put("/api/notifications/preferences", json=wished).json() == wished
    assert http.get("/api/notifications/preferences").json() == wished
    assert http.put("/api/notifications/preferences", json=before).status_code == 200
    wrong: tuple[Json, ...] = (
        {"sms": {"enabled": True}},
        {"quiet_hours": {"start": "22:00", "end": "7", "time_zone": "UTC"}},
        {"quiet_hours": {"start": "22:00:00", "end": "07:00:00", "time_zone": "Mars"}},
        {"pager": {}},
        {"web": {"minimum_priority": "enormous"}},
    )
    for body in wrong:
        assert_problem(http.put("/api/notifications/preferences", json=body), 422, "invalid_field")
    assert people["admin"].http.get("/api/notifications/preferences").json() == before


def test_channels_and_test_messages(people: dict[str, Browser]) -> None:
    http = people["admin"].http
    assert {"channel": "web", "reaches": "person", "endpoints": []} in http.get("/api/notifications/channels").json()[
        "items"
    ]
    assert_problem(http.post("/api/notifications/test", json={"channel": "pigeon"}), 422, "invalid_field")
    answer = http.post("/api/notifications/test", json={"channel": "slack"})
    assert (answer.status_code, answer.json()["code"]) == (409, "channel_not_configured")


@pytest.mark.parametrize("query", ["state=lost", "cursor=x", "request_id=x", "limit=0", "limit=201"])
def test_a_wrong_query_is_refused(client: httpx.Client, query: str) -> None:
    assert_problem(
        client.get(f"/api/notifications?{query}"), 422, "invalid_cursor" if "cursor" in query else "invalid_field"
    )


def test_without_a_secret_no_click_is_genuine(live_server: ServerProcess, people: dict[str, Browser]) -> None:
    body = urlencode({"payload": json.dumps({"type": "block_actions"})}).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(b"", b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with live_server.client() as anybody:
        assert_problem(anybody.post(SLACK, content=body, headers=headers), 401, "not_authenticated")
        assert_problem(anybody.post(SLACK), 401, "not_authenticated")
        assert anybody.post(SLACK, content=b"x" * 300_000).status_code == 413
    cookies = people["admin"].http.cookies
    with httpx.Client(base_url=live_server.url, cookies=cookies, timeout=PATIENCE_S) as without_csrf:
        assert_problem(without_csrf.post(SLACK, content=body), 401, "not_authenticated")
