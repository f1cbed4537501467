"""Text messages by Twilio: its form, its limit, and its errors."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations.notify.message import Message
from integrations.notify.twilio_sms import TwilioSms, telephone, text_of
from tests.doubles.notification_receiver import (
    BROKEN,
    TWILIO_QUEUED,
    TWILIO_REFUSES,
    Reply,
    notification_receiver,
)
from tests.integrations.notify.messages import CONTRACTS, PAGE, envelope, message, needs_contracts, refusal, variants

SID = "AC0123456789abcdef0123456789abcdef"
TO = "+4512345678"
KNOWN_FIELDS = {"To", "From", "MessagingServiceSid", "Body", "StatusCallback"}


def channel(**changes: Any) -> TwilioSms:
    return TwilioSms(**{"account_sid": SID, "auth_token": "secret", "sender": "+15550001111", **changes})


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_every_text_has_at_most_1600_characters_and_keeps_the_link(sent: Message) -> None:
    form = channel().form(TO, sent)
    assert set(form) <= KNOWN_FIELDS
    assert 1 <= len(form["Body"]) <= 1600
    assert sent.url is None or form["Body"].endswith(PAGE)


def test_a_messaging_service_sends_instead_of_a_number() -> None:
    form = channel(sender="MG0123456789abcdef0123456789abcdef", status_callback="https://a.example/x").form(
        TO, message()
    )
    assert set(form) == {"To", "MessagingServiceSid", "Body", "StatusCallback"}


@needs_contracts
def test_every_form_is_valid_by_twilios_specification() -> None:
    from openapi_core import OpenAPI  # noqa: PLC0415 - takes seconds, and only where the specification is
    from openapi_core.testing import MockRequest  # noqa: PLC0415

    specification = json.loads((CONTRACTS / "twilio" / "twilio_api_v2010.json").read_text())
    official = OpenAPI.from_dict(specification)

    def validate(form: dict[str, str]) -> None:
        path = f"/2010-04-01/Accounts/{SID}/Messages.json"
        headers = {"Authorization": "Basic " + base64.b64encode(f"{SID}:secret".encode()).decode()}
        kind = "application/x-www-form-urlencoded"
        data = urlencode(form).encode()
        official.validate_request(
            MockRequest("https://api.twilio.com", "post", path, headers=headers, data=data, content_type=kind)
        )

    operation = specification["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    for sent in variants():
        form = channel(status_callback="https://a.example/status").form(TO, sent)
        assert set(form) <= set(schema["properties"])
        validate(form)
    with pytest.raises(Exception, match="validation error"):
        validate({"Body": "no recipient", "From": "+15550001111"})


async def test_it_posts_a_form_with_basic_authentication() -> None:
    async with notification_receiver(TWILIO_QUEUED) as receiver:
        sms = channel(base_url=receiver.url)
        sent = await sms.send(envelope(address="0045 12 34-56.78"))
        await sms.close()
    request = receiver.requests[0]
    assert (sent.status_code, sent.detail) == (201, "SM0123456789abcdef0123456789abcdef")
    assert request.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode() == f"{SID}:secret"
    assert request.form() == {"To": TO, "From": "+15550001111", "Body": text_of(message())}


@pytest.mark.parametrize(
    ("reply", "retryable", "said"),
    [
        (TWILIO_REFUSES, False, "21211"),
        (Reply(status=401, body=b'{"code": 20003}'), False, "20003"),
        (Reply(status=429, body=b'{"code": 20429}', headers={"Retry-After": "2"}), True, "20429"),
        (BROKEN, True, "500"),
        (Reply(status=400, body=b'{"code": "canary"}'), False, "400"),
        (Reply(status=503, body=b"["), True, "503"),
    ],
)
async def test_errors_are_told_by_number_and_never_in_twilios_words(reply: Reply, retryable: bool, said: str) -> None:
    async with notification_receiver(reply) as receiver:
        error = await refusal(channel(base_url=receiver.url), envelope(address=TO))
    assert error.retryable is retryable
    assert said in str(error)


@pytest.mark.parametrize(
    "address", [None, "", "12345678", "grace@example.com", "+45123", "+4512345678\r\nx", "+４５１２３４５６７８"]
)
async def test_what_is_no_number_is_never_sent(address: str | None) -> None:
    error = await refusal(channel(base_url="http://127.0.0.1:1"), envelope(address=address))
    assert not error.retryable


def test_numbers_are_brought_into_international_form() -> None:
    assert telephone("+45 12 34 56 78") == TO
    assert telephone("00 45 (12) 34-56.78") == TO
    assert telephone("12 34 56 78") is None
