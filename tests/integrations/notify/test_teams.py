"""Teams: an Adaptive Card 1.5 of at most 20 KiB in which nothing that people say is markup."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from integrations.notify.message import Message
from integrations.notify.teams import CARD_BYTES_MAX, Teams, payload
from tests.doubles.notification_receiver import BROKEN, TEAMS_ACCEPTED, Reply, notification_receiver
from tests.integrations.notify.messages import (
    CONTRACTS,
    HOSTILE,
    PAGE,
    envelope,
    message,
    needs_contracts,
    refusal,
    variants,
)

ELEMENTS = {
    "RichTextBlock": {"type", "inlines"},
    "TextRun": {"type", "text", "size", "weight"},
    "Action.OpenUrl": {"type", "title", "url"},
}
"""Of the schema, what our cards use."""


def card_of(sent: Message) -> dict[str, Any]:
    body = json.loads(payload(sent))
    assert set(body) == {"type", "attachments"}
    assert body["type"] == "message"
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["contentUrl"] is None
    card: dict[str, Any] = attachment["content"]
    return card


def elements(value: Any) -> Iterator[dict[str, Any]]:
    for one in value:
        yield one
        yield from elements(one.get("inlines", ()))


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_every_card_has_only_known_elements_and_is_small_enough(sent: Message) -> None:
    assert len(payload(sent)) <= CARD_BYTES_MAX
    card = card_of(sent)
    assert set(card) <= {"$schema", "type", "version", "fallbackText", "body", "actions"}
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    for one in elements([*card["body"], *card.get("actions", ())]):
        assert set(one) <= ELEMENTS[one["type"]]
        assert one["type"] != "RichTextBlock" or one["inlines"]
        assert one["type"] != "TextRun" or isinstance(one["text"], str)


@needs_contracts
@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_every_card_is_valid_by_microsofts_schema(sent: Message) -> None:
    schema = json.loads((CONTRACTS / "teams" / "adaptive-card-1.5.0.schema.json").read_text())
    jsonschema.Draft6Validator(schema).validate(card_of(sent))


@needs_contracts
def test_microsofts_schema_refuses_what_is_wrong() -> None:
    schema = json.loads((CONTRACTS / "teams" / "adaptive-card-1.5.0.schema.json").read_text())
    wrong = {**card_of(message()), "actions": [{"type": "Action.OpenUrl", "title": "x"}]}
    assert not jsonschema.Draft6Validator(schema).is_valid(wrong)


def test_what_people_say_is_in_text_runs_as_it_is() -> None:
    card = card_of(message(body=f"{HOSTILE}\n\nsecond line"))
    runs = [run["text"] for run in elements(card["body"]) if run["type"] == "TextRun"]
    assert HOSTILE in runs
    assert "second line" in runs
    assert {one["type"] for one in card["body"]} == {"RichTextBlock"}


def test_the_only_action_opens_our_page() -> None:
    assert card_of(message())["actions"] == [{"type": "Action.OpenUrl", "title": "Answer", "url": PAGE}]
    assert "actions" not in card_of(message(url=None))


async def test_accepted_is_sent() -> None:
    async with notification_receiver(TEAMS_ACCEPTED) as receiver:
        channel = Teams(url=f"{receiver.url}/workflows/x/triggers/manual/paths/invoke?api-version=1&sig=secret")
        assert (await channel.send(envelope())).status_code == 202
        await channel.close()
    assert receiver.requests[0].path.endswith("&sig=secret")
    assert receiver.requests[0].headers["content-type"] == "application/json"
    assert receiver.requests[0].body == payload(message())


@pytest.mark.parametrize(
    ("reply", "retryable"), [(BROKEN, True), (Reply(status=400), False), (Reply(status=429), True)]
)
async def test_errors(reply: Reply, retryable: bool) -> None:
    async with notification_receiver(reply) as receiver:
        assert (await refusal(Teams(url=f"{receiver.url}/?sig=secret"))).retryable is retryable
