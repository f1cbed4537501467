"""Slack: blocks within Slack's limits, nothing that people say is markup, and clicks only with a good signature."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)
from slack_sdk.signature import SignatureVerifier

from integrations.notify.message import Message, SendError
from integrations.notify.slack import ANSWER_ACTION, Slack, payload
from integrations.notify.slack_signature import is_genuine
from tests.doubles.notification_receiver import BROKEN, SLACK_NO_SERVICE, SLACK_OK, Reply, notification_receiver
from tests.integrations.notify.messages import (
    CONTRACTS,
    HOSTILE,
    PAGE,
    REQUEST_ID,
    envelope,
    message,
    needs_contracts,
    refusal,
    variants,
)

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
STAMP = "1531420618"
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
"""Slack's published example, with the body below."""
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
    b"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
    b"398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
NOW_S = float(STAMP)


def texts(value: object) -> Iterator[tuple[str, str]]:
    """Type and text of every text object."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str) and value.get("type") in ("mrkdwn", "plain_text"):
            yield value["type"], value["text"]
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def as_slacks_own_models(block: dict[str, object]) -> Block:
    """Slack's own library checks the limits when it writes a block."""
    made = Block.parse(block)
    assert isinstance(made, HeaderBlock | SectionBlock | ContextBlock | ActionsBlock)
    return made


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_every_message_is_within_slacks_limits(sent: Message) -> None:
    body = payload(sent)
    assert set(body) == {"text", "blocks"}
    blocks = body["blocks"]
    assert isinstance(blocks, list)
    assert 3 <= len(blocks) <= 50
    assert isinstance(body["text"], str)
    assert len(body["text"]) <= 3000
    for block in blocks:
        again = as_slacks_own_models(block).to_dict()
        assert {name: again[name] for name in ("type",)} == {"type": block["type"]}
        if block["type"] == "header":
            assert 1 <= len(block["text"]["text"]) <= 150
        if block["type"] == "section" and "fields" in block:
            assert len(block["fields"]) <= 10
            assert all(len(one["text"]) <= 2000 for one in block["fields"])
        if block["type"] == "section" and "text" in block:
            assert 1 <= len(block["text"]["text"]) <= 3000


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_no_text_mentions_anybody_or_ends_inside_an_entity(sent: Message) -> None:
    body = payload(sent)
    marked = [text for kind, text in texts(body["blocks"]) if kind == "mrkdwn"]
    for text in [*marked, str(body["text"])]:
        assert "<" not in text
        assert ">" not in text
        plain = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert "&" not in plain


def test_a_question_is_escaped_and_nothing_else_of_it_is_changed() -> None:
    section = payload(message(body=HOSTILE))["blocks"][1]  # type: ignore[index]
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert section == {"type": "section", "text": {"type": "mrkdwn", "text": escaped, "verbatim": True}}
    assert MarkdownTextObject(text=escaped).to_dict()["text"] == escaped


def test_the_button_opens_our_page_and_names_the_request() -> None:
    button = payload(message())["blocks"][-1]["elements"][0]  # type: ignore[index]
    expected = {"action_id": ANSWER_ACTION, "url": PAGE, "value": str(REQUEST_ID), "type": "button"}
    assert expected.items() <= button.items()
    assert ButtonElement(**{name: value for name, value in button.items() if name != "type"}).to_dict()["url"] == PAGE
    assert all(block["type"] != "actions" for block in payload(message(url=None))["blocks"])  # type: ignore[attr-defined]


async def test_it_posts_json_and_takes_ok() -> None:
    async with notification_receiver(SLACK_OK) as receiver:
        channel = Slack(url=f"{receiver.url}/services/T/B/secret")
        assert (await channel.send(envelope())).status_code == 200
        await channel.close()
    request = receiver.requests[0]
    assert (request.method, request.path) == ("POST", "/services/T/B/secret")
    assert request.headers["content-type"] == "application/json"
    assert request.json() == payload(message())


@pytest.mark.parametrize(
    ("reply", "retryable", "retry_after_s"),
    [
        (Reply(status=400, body=b"invalid_payload"), False, None),
        (SLACK_NO_SERVICE, False, None),
        (Reply(status=410, body=b"channel_is_archived"), False, None),
        (Reply(status=429, headers={"Retry-After": "30"}), True, 30.0),
        (BROKEN, True, None),
    ],
)
async def test_errors(reply: Reply, retryable: bool, retry_after_s: float | None) -> None:
    async with notification_receiver(reply) as receiver:
        error = await refusal(Slack(url=f"{receiver.url}/services/T/B/secret"))
    assert (error.retryable, error.retry_after_s, error.status_code) == (retryable, retry_after_s, reply.status)


async def test_a_click_is_answered_only_at_the_webhooks_own_host() -> None:
    async with notification_receiver(SLACK_OK) as receiver:
        channel = Slack(url=f"{receiver.url}/services/T/B/secret")
        await channel.respond(f"{receiver.url}/actions/1", {"text": "hello"})
        for foreign in ("http://169.254.169.254/latest", "http://127.0.0.1:1/x", "nonsense", "http://["):
            with pytest.raises(SendError):
                await channel.respond(foreign, {"text": "hello"})
    assert [request.path for request in receiver.requests] == ["/actions/1"]


def test_slacks_published_signature_is_genuine_for_five_minutes() -> None:
    assert is_genuine(SECRET, STAMP, SIGNATURE, BODY, NOW_S)
    assert is_genuine(SECRET, STAMP, SIGNATURE, BODY, NOW_S + 300)
    assert is_genuine(SECRET, STAMP, SIGNATURE, BODY, NOW_S - 299)
    assert not is_genuine(SECRET, STAMP, SIGNATURE, BODY, NOW_S + 301)
    assert not is_genuine(SECRET, STAMP, SIGNATURE, BODY, NOW_S - 301)


def test_whatever_is_changed_it_is_not_genuine() -> None:
    assert not is_genuine(SECRET + "x", STAMP, SIGNATURE, BODY, NOW_S)
    assert not is_genuine("", STAMP, SIGNATURE, BODY, NOW_S)
    assert not is_genuine(SECRET, STAMP, SIGNATURE[:-1] + "4", BODY, NOW_S)
    assert not is_genuine(SECRET, STAMP, SIGNATURE.replace("v0", "v1"), BODY, NOW_S)
    assert not is_genuine(SECRET, str(int(STAMP) + 1), SIGNATURE, BODY, NOW_S)
    for position in range(len(BODY)):
        flipped = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
        assert not is_genuine(SECRET, STAMP, SIGNATURE, flipped, NOW_S)


@given(st.text(), st.text(), st.binary())
def test_garbage_is_refused_and_never_an_error(stamp: str, signature: str, body: bytes) -> None:
    assert not is_genuine(SECRET, stamp, signature, body, NOW_S)
    assert not is_genuine(SECRET, STAMP, signature, body, NOW_S)
    assert not is_genuine(SECRET, stamp, SIGNATURE, BODY + b"x", NOW_S)


@given(st.text(), st.integers(0, 2_000_000_000))
def test_slacks_own_library_signs_what_is_genuine_here(body: str, stamp: int) -> None:
    signed = SignatureVerifier(SECRET).generate_signature(timestamp=str(stamp), body=body)
    assert signed is not None
    assert is_genuine(SECRET, str(stamp), signed, body.encode(), float(stamp))


@needs_contracts
def test_the_shared_vector_is_genuine() -> None:
    vector = json.loads((CONTRACTS / "signature_vectors.json").read_text())["slack"]
    known = (vector["signing_secret"], vector["timestamp"], vector["signature"], vector["body"].encode())
    assert known == (SECRET, STAMP, SIGNATURE, BODY)
    assert is_genuine(*known, float(vector["timestamp"]))
