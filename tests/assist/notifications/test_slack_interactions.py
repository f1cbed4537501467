"""Clicks in Slack: only genuine ones, answered with the state of the request."""

import hashlib
import hmac
import json
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from assist.db.engine import Sessions
from assist.errors import NotAuthenticatedError
from assist.notifications.channels import Channels
from assist.notifications.slack_interactions import SlackInteractions
from integrations.notify.slack import ANSWER_ACTION, Slack
from tests.assist.notifications.post_office import PUBLIC_URL, post_office
from tests.doubles.notification_receiver import BROKEN, SLACK_OK, notification_receiver

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW_S = 1_800_000_000.0


def signed(body: bytes, *, stamp: int = int(NOW_S), secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), b"v0:%d:" % stamp + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(stamp), "X-Slack-Signature": f"v0={digest}"}


def click(value: str, *, action_id: str = ANSWER_ACTION, kind: str = "block_actions", url: str = "") -> bytes:
    payload = {
        "type": kind,
        "user": {"id": "U1", "username": "ada"},
        "response_url": url,
        "actions": [{"type": "button", "action_id": action_id, "value": value, "action_ts": "1"}],
        "more": {"unknown": [1, 2]},
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def interactions(sessions: Sessions, **changes: object) -> SlackInteractions:
    fields: dict[str, object] = {"channels": Channels(), "signing_secret": SECRET, "public_url": PUBLIC_URL}
    return SlackInteractions(sessions=sessions, clock=lambda: NOW_S, **{**fields, **changes})  # type: ignore[arg-type]


async def test_a_genuine_click_is_answered_with_the_page(sessions: Sessions) -> None:
    request = await post_office(sessions).request()
    body = click(str(request.id))
    found = await interactions(sessions).clicked(signed(body), body)
    assert found.reply is not None
    assert found.reply.text == f"Answer it here: {PUBLIC_URL}/supervisor#{request.id}"
    assert (found.reply.response_type, found.reply.replace_original) == ("ephemeral", False)


async def test_an_ended_or_unknown_request_is_told_so(sessions: Sessions) -> None:
    office = post_office(sessions)
    ended = await office.request(status="resolved", resolved_at=office.clock.now)
    for value, said in (
        (str(ended.id), "resolved"),
        (str(uuid4()), "no such"),
        ("nonsense", "no such"),
        ("", "no such"),
    ):
        body = click(value)
        found = await interactions(sessions).clicked(signed(body), body)
        assert found.reply is not None
        assert said in found.reply.text


async def test_interactions_that_are_not_ours_are_only_acknowledged(sessions: Sessions) -> None:
    for body in (click("x", action_id="other"), click("x", kind="view_submission"), click("x", kind="shortcut")):
        assert (await interactions(sessions).clicked(signed(body), body)).reply is None


GOOD = click("x")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, GOOD),
        (signed(GOOD, secret="other"), GOOD),
        (signed(GOOD, stamp=int(NOW_S) - 301), GOOD),
        (signed(GOOD, stamp=int(NOW_S) + 301), GOOD),
        (signed(GOOD), GOOD + b" "),
        ({**signed(GOOD), "X-Slack-Request-Timestamp": "soon"}, GOOD),
        ({**signed(GOOD), "X-Slack-Signature": "v0=é"}, GOOD),
        (signed(b""), b""),
        (signed(b"\xff\xfe"), b"\xff\xfe"),
        (signed(b"payload="), b"payload="),
        (signed(b"payload=%5B1%5D"), b"payload=%5B1%5D"),
        (signed(b"payload=" + b"%5B" * 9000), b"payload=" + b"%5B" * 9000),
        (signed(b"a=1&" * 100), b"a=1&" * 100),
    ],
)
async def test_anything_odd_is_refused(sessions: Sessions, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotAuthenticatedError):
        await interactions(sessions).clicked(headers, body)


async def test_without_a_secret_nothing_is_genuine(sessions: Sessions) -> None:
    for secret in (None, ""):
        with pytest.raises(NotAuthenticatedError):
            await interactions(sessions, signing_secret=secret).clicked(signed(GOOD, secret=""), GOOD)


async def test_the_reply_is_shown_where_slack_wants_it_and_nowhere_else(sessions: Sessions) -> None:
    request = await post_office(sessions).request()
    async with notification_receiver(SLACK_OK, BROKEN) as receiver:
        slack = Slack(url=f"{receiver.url}/services/T/B/secret")
        made = interactions(sessions, channels=Channels(by_name={"slack": slack}))
        for url in (f"{receiver.url}/actions/1", "http://127.0.0.1:1/elsewhere", f"{receiver.url}/actions/2", ""):
            body = click(str(request.id), url=url)
            await made.show(await made.clicked(signed(body), body))
        await slack.close()
    assert [one.path for one in receiver.requests] == ["/actions/1", "/actions/2"]
    assert receiver.requests[0].json()["text"].startswith("Answer it here")
