"""Tokens, webhooks and the server's API as LiveKit's own packages make and check them."""

import base64
import hashlib
import json
import time
from datetime import timedelta

import jwt
import pytest
from livekit import api
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.webhook import WebhookEvent

from integrations.livekit.control import metadata_of
from integrations.livekit.rooms import Dispatch, Seat
from integrations.livekit.tokens import browser_token
from integrations.livekit.webhooks import genuine_event

KEY, SECRET = "devkey", "a-secret-of-at-least-thirty-two-characters"


def webhook(event: WebhookEvent, *, secret: str = SECRET, age_s: float = 0.0) -> tuple[bytes, str]:
    """A body and its header, signed as LiveKit signs."""
    body = json.dumps(
        {
            "event": event.event,
            "id": event.id,
            "room": {"name": event.room.name, "sid": event.room.sid},
            "participant": {
                "identity": event.participant.identity,
                "kind": ParticipantInfo.Kind.Name(event.participant.kind),
                "attributes": dict(event.participant.attributes),
                "name": event.participant.name,
            },
        }
    ).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    token = api.AccessToken(KEY, secret).with_sha256(digest).with_ttl(timedelta(minutes=5))
    claims = jwt.decode(token.to_jwt(), options={"verify_signature": False})
    if age_s:
        claims |= {"nbf": int(time.time() - age_s - 300), "exp": int(time.time() - age_s)}
    return body, jwt.encode(claims, secret, algorithm="HS256")


def joined(**participant: object) -> WebhookEvent:
    return WebhookEvent(
        event="participant_joined",
        id="EV_1",
        room=Room(name="sip-1", sid="RM_1"),
        participant=ParticipantInfo(identity="sip_1", **participant),  # type: ignore[arg-type]
    )


def test_a_signed_webhook_tells_who_calls() -> None:
    event = joined(kind=ParticipantInfo.Kind.SIP, attributes={"sip.callID": "SCL_9", "sip.phoneNumber": "+4670"})
    heard = genuine_event(KEY, SECRET, *webhook(event))
    assert heard is not None
    assert (heard.id, heard.event, heard.room, heard.identity, heard.is_job) == (
        "EV_1", "participant_joined", "sip-1", "sip_1", False,
    )  # fmt: skip
    assert heard.caller is not None
    assert (heard.caller.call_id, heard.caller.phone) == ("SCL_9", "+4670")


def test_jobs_and_agents_are_no_callers() -> None:
    bot = genuine_event(KEY, SECRET, *webhook(joined(kind=ParticipantInfo.Kind.AGENT)))
    assert bot is not None
    assert (bot.is_job, bot.caller) == (True, None)
    agent = genuine_event(KEY, SECRET, *webhook(joined(attributes={"aa.role": "agent"})))
    assert agent is not None
    assert agent.caller is None


def test_forged_webhooks_are_nobodys() -> None:
    body, header = webhook(joined())
    assert genuine_event(KEY, SECRET, body, header) is not None
    forged = [
        (body.replace(b"sip_1", b"sip_2"), header),
        (body, None),
        (body, ""),
        (body, "garbage"),
        (body, webhook(joined(), secret="another-secret-of-thirty-two-characters!")[1]),
        (body, webhook(joined(), age_s=3600.0)[1]),
        (body, api.AccessToken(KEY, SECRET).to_jwt()),
        (b"\xff\xfe", header),
    ]
    assert [genuine_event(KEY, SECRET, *one) for one in forged] == [None] * len(forged)


def test_a_browsers_token_allows_the_microphone_and_nothing_else_for_ten_minutes() -> None:
    brings = Dispatch(agent_name="assist", metadata={"session_id": "S"})
    seat = Seat(room="r", identity="agent:ana", role="agent", name="Ana", agent_id="ana@x.example", brings=brings)
    claims = jwt.decode(browser_token(KEY, SECRET, seat), SECRET, algorithms=["HS256"], options={"verify_aud": False})
    video = claims["video"]
    assert (video["room"], video["canPublishSources"], video["canUpdateOwnMetadata"]) == ("r", ["microphone"], False)
    assert not video.get("canPublishData")
    assert claims["attributes"] == {"aa.role": "agent", "aa.agent_id": "ana@x.example"}
    assert claims["exp"] - time.time() == pytest.approx(600, abs=5)
    (job,) = claims["roomConfig"]["agents"]
    assert json.loads(job["metadata"]) == {"session_id": "S"}


def test_who_listens_in_publishes_nothing_and_is_not_seen() -> None:
    seat = Seat(room="r", identity="supervisor:1", role="supervisor", only_listens=True)
    claims = jwt.decode(browser_token(KEY, SECRET, seat), SECRET, algorithms=["HS256"], options={"verify_aud": False})
    video = claims["video"]
    assert (video["canPublish"], video["canSubscribe"], video["hidden"]) == (False, True, True)


@pytest.mark.parametrize("text", ["", "not json", "[1]", "17"])
def test_metadata_of_others_is_empty(text: str) -> None:
    assert metadata_of(text) == {}
