"""Discord: nobody is mentioned, at most 2,000 characters, and its own way of asking for patience."""

import json
from typing import Any

import pytest

from integrations.notify.discord import Discord, escape, payload
from integrations.notify.message import Message
from tests.doubles.notification_receiver import BROKEN, DISCORD_BUSY, DISCORD_OK, Reply, notification_receiver
from tests.integrations.notify.messages import CONTRACTS, PAGE, envelope, message, needs_contracts, refusal, variants


@pytest.fixture(scope="module")
def official() -> Any:
    from openapi_core import OpenAPI  # noqa: PLC0415 - takes seconds, and only where the specification is

    return OpenAPI.from_dict(json.loads((CONTRACTS / "discord" / "openapi.json").read_text()))


def request_of(body: dict[str, Any]) -> Any:
    from openapi_core.testing import MockRequest  # noqa: PLC0415

    return MockRequest(
        "https://discord.com",
        "post",
        "/api/v10/webhooks/1300000000000000001/token",
        args={"wait": "true"},
        data=json.dumps(body).encode(),
        content_type="application/json",
    )


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_every_message_is_within_the_limits_and_mentions_nobody(sent: Message) -> None:
    body = payload(sent)
    assert set(body) == {"content", "username", "allowed_mentions", "flags"}
    assert body["allowed_mentions"] == {"parse": []}
    content = body["content"]
    assert isinstance(content, str)
    assert 1 <= len(content.encode("utf-16-le")) // 2 <= 2000


@needs_contracts
@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_every_message_is_valid_by_discords_specification(official: Any, sent: Message) -> None:
    official.validate_request(request_of(payload(sent)))


@needs_contracts
def test_the_keys_are_discords_and_the_specification_refuses_what_is_too_long(official: Any) -> None:
    schemas = json.loads((CONTRACTS / "discord" / "openapi.json").read_text())["components"]["schemas"]
    assert set(payload(message())) <= set(schemas["IncomingWebhookRequestPartial"]["properties"])
    with pytest.raises(Exception, match="validation error"):
        official.validate_request(request_of({**payload(message()), "content": "x" * 2001}))


def test_what_people_say_is_no_markup_no_mention_and_no_link() -> None:
    said = "@everyone **loud** [click](https://evil.example) <@123> # head\n> quote ||hidden|| `code`"
    content = str(payload(message(body=said, facts=(), url=None))["content"])
    assert escape(said) in content
    for live in ("](", "https://", "**loud", "||", "\n> "):
        assert live not in escape(said)
    assert escape("@") == "\\@"


def test_our_own_page_is_a_link_without_a_preview() -> None:
    assert str(payload(message())["content"]).endswith(f"<{PAGE}>")


async def test_it_waits_for_the_message_and_keeps_its_id() -> None:
    async with notification_receiver(DISCORD_OK) as receiver:
        channel = Discord(url=f"{receiver.url}/api/webhooks/1/secret?thread_id=7")
        sent = await channel.send(envelope())
        await channel.close()
    assert (sent.status_code, sent.detail) == (200, "1300000000000000001")
    assert receiver.requests[0].path == "/api/webhooks/1/secret?thread_id=7&wait=true"


async def test_the_pause_is_read_from_the_body_and_garbage_there_is_no_pause() -> None:
    async with notification_receiver(DISCORD_BUSY, Reply(status=429, body=b'["what"]')) as receiver:
        channel = Discord(url=receiver.url)
        assert (await refusal(channel)).retry_after_s == 0.35
        error = await refusal(channel)
    assert (error.retryable, error.retry_after_s) == (True, None)


async def test_a_webhook_that_is_gone_is_not_asked_again() -> None:
    async with notification_receiver(Reply(status=404)) as receiver:
        channel = Discord(url=receiver.url)
        assert not (await refusal(channel)).retryable
        assert not (await refusal(channel)).retryable
    assert len(receiver.requests) == 1


async def test_a_server_error_is_tried_again() -> None:
    async with notification_receiver(BROKEN) as receiver:
        assert (await refusal(Discord(url=receiver.url))).retryable
