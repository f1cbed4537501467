"""Messages and envelopes for the tests of channels, and where the vendors' own specifications are."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from integrations.notify.message import Channel, Envelope, Message, SendError

REQUEST_ID = UUID("11111111-2222-4333-8444-555555555555")
NOTIFICATION_ID = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
CREATED_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PAGE = "https://assist.example/supervisor#11111111-2222-4333-8444-555555555555"
HOSTILE = "<!channel> @everyone & <b>bold</b> [click](https://evil.example) *x* _y_ `z` </script> 😀 {{7*7}}"
CONTRACTS = Path(__file__).parents[4] / "shared" / "contracts"

needs_contracts = pytest.mark.contracts


def message(**changes: object) -> Message:
    """A question from a customer."""
    fields: dict[str, object] = {
        "event": "help_request.created",
        "title": "Question from Grace",
        "body": "Can I pay in crypto?\n\nCustomer: I want to pay my invoice.",
        "facts": (("Priority", "high"), ("Customer", "Grace"), ("Due", "2026-11-20 10:30 UTC")),
        "url": PAGE,
        "request_id": REQUEST_ID,
        "data": {"request": {"id": str(REQUEST_ID), "priority": "high"}},
    }
    return Message(**{**fields, **changes})  # type: ignore[arg-type]


def variants() -> list[Message]:
    """What people may say, short, long, hostile and empty."""
    hostile_facts = tuple((f"Label {number} {HOSTILE}", HOSTILE * 40) for number in range(30))
    return [
        message(),
        message(body=""),
        message(title="", body=" ", facts=(), url=None, request_id=None),
        message(title=HOSTILE, body=HOSTILE, urgent=True),
        message(title=HOSTILE * 20, body=HOSTILE * 500, facts=hostile_facts),
        message(body="&" * 10_000),
        message(body="😀" * 5_000),
        message(body="line\n" * 3_000),
        message(title="a\r\nBcc: everybody@example.com\r\n\r\nb", body="a\x00b\x1b[2J"),
        message(body="x" * 1_000_000),
    ]


def envelope(of: Message | None = None, address: str | None = None) -> Envelope:
    """For one address."""
    return Envelope(id=NOTIFICATION_ID, address=address, message=of or message(), created_at=CREATED_AT)


async def refusal(channel: Channel, sent: Envelope | None = None) -> SendError:
    """The error of a message that is not taken; it says nothing that it should not."""
    with pytest.raises(SendError) as raised:
        await channel.send(sent or envelope())
    for secret in ("canary", "Grace", "crypto", "http://", "https://", "secret"):
        assert secret not in str(raised.value)
    return raised.value
