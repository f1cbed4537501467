"""Outgoing webhooks: a foreign verifier accepts them and refuses tampered ones; they reach no private network."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from integrations.notify.message import Sent
from integrations.notify.public_addresses import Address, is_public
from integrations.notify.webhook import Endpoint, Webhook, payload, signed_headers
from tests.doubles.notification_receiver import BROKEN, Received, Receiver, Reply, notification_receiver
from tests.integrations.notify.messages import (
    CONTRACTS,
    HOSTILE,
    NOTIFICATION_ID,
    envelope,
    message,
    needs_contracts,
    refusal,
    variants,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The specification's example: msg_p5jXN8AQM9LWM0D4loKWxJek at 1614265330 with {"test": 2432232314}."""
TO = envelope(address="crm")

PRIVATE = (
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.7", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "fe80::1",
    "fc00::1", "fd12:3456:789a::1", "fec0::1", "ff02::1", "2001:db8::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "100::1",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


def webhook(
    receiver: Receiver, *, allow: bool = True, secrets: Sequence[str] = (SECRET,), path: str = "/in"
) -> Webhook:
    endpoint = Endpoint(url=f"{receiver.url}{path}", secrets=secrets, allow_private=allow)
    return Webhook(endpoints={"crm": endpoint})


def verified(request: Received, secret: str = SECRET) -> object:
    """What the foreign verifier says; raises when it does not accept."""
    return Verifier(secret).verify(request.body, dict(request.headers))


async def send(channel: Webhook) -> Sent:
    return await channel.send(TO)


@pytest.mark.parametrize("index", range(len(variants())))
async def test_a_foreign_verifier_accepts_every_message(index: int) -> None:
    async with notification_receiver() as receiver:
        await webhook(receiver).send(envelope(variants()[index], "crm"))
    request = receiver.requests[0]
    body = verified(request)
    assert isinstance(body, dict)
    assert set(body) == {"type", "timestamp", "data"}
    assert datetime.fromisoformat(body["timestamp"]) == TO.created_at
    assert body["data"]["body"] == variants()[index].body
    assert request.headers["content-type"] == "application/json"


async def test_the_foreign_verifier_refuses_whatever_was_changed() -> None:
    async with notification_receiver() as receiver:
        await send(webhook(receiver))
    request = receiver.requests[0]
    headers = dict(request.headers)
    for changed in (request.body + b" ", request.body.replace(b"Grace", b"Craig"), b"{}"):
        with pytest.raises(WebhookVerificationError):
            Verifier(SECRET).verify(changed, headers)
    for name, value in (("webhook-id", "msg_other"), ("webhook-timestamp", str(int(headers["webhook-timestamp"]) + 1))):
        with pytest.raises(WebhookVerificationError):
            Verifier(SECRET).verify(request.body, {**headers, name: value})
    with pytest.raises(WebhookVerificationError):
        Verifier(OLD).verify(request.body, headers)


async def test_while_a_secret_is_replaced_both_verify() -> None:
    async with notification_receiver() as receiver:
        await send(webhook(receiver, secrets=(SECRET, OLD)))
    request = receiver.requests[0]
    assert verified(request, SECRET) == verified(request, OLD)
    assert len(request.headers["webhook-signature"].split(" ")) == 2


async def test_every_attempt_has_the_same_id_and_body_and_its_own_time_and_signature() -> None:
    times = iter((1_700_000_000.9, 1_700_000_300.2))
    async with notification_receiver(BROKEN, Reply()) as receiver:
        endpoint = Endpoint(url=receiver.url, secrets=(SECRET,), allow_private=True)
        channel = Webhook(endpoints={"crm": endpoint}, clock=lambda: next(times))
        assert (await refusal(channel, TO)).retryable
        await send(channel)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == f"msg_{NOTIFICATION_ID.hex}"
    assert first.body == second.body
    assert (first.headers["webhook-timestamp"], second.headers["webhook-timestamp"]) == ("1700000000", "1700000300")
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_the_specifications_example_is_signed_alike() -> None:
    signer = Verifier(SECRET)
    moment = datetime.fromtimestamp(1614265330, UTC)
    body = '{"test": 2432232314}'
    assert signer.sign(msg_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=moment, data=body) == SIGNATURE


def test_our_headers_are_what_the_example_says() -> None:
    body = payload(TO)
    headers = signed_headers(TO, (SECRET,), body, 1614265330.7)
    expected = Verifier(SECRET).sign(
        msg_id=headers["webhook-id"], timestamp=datetime.fromtimestamp(1614265330, UTC), data=body.decode()
    )
    assert headers["webhook-signature"] == expected


@needs_contracts
def test_the_shared_vector_is_the_same() -> None:
    vector = json.loads((CONTRACTS / "signature_vectors.json").read_text())["standard_webhooks"]
    assert (f"whsec_{vector['secret']}", vector["signature"]) == (SECRET, SIGNATURE)


async def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    async with notification_receiver(Reply(status=307, headers={"Location": "http://127.0.0.1:1/"})) as receiver:
        error = await refusal(webhook(receiver), TO)
    assert (error.retryable, error.status_code) == (False, 307)
    assert len(receiver.requests) == 1


async def test_gone_ends_at_once_and_the_receiver_is_left_alone() -> None:
    async with notification_receiver(Reply(status=410)) as receiver:
        channel = webhook(receiver)
        assert not (await refusal(channel, TO)).retryable
        assert not (await refusal(channel, TO)).retryable
    assert len(receiver.requests) == 1


async def test_patience_is_what_the_receiver_asks_for() -> None:
    async with notification_receiver(Reply(status=429, headers={"Retry-After": "77"})) as receiver:
        error = await refusal(webhook(receiver), TO)
    assert (error.retryable, error.retry_after_s) == (True, 77.0)


async def test_an_endpoint_that_is_not_configured_any_more_is_final() -> None:
    assert not (await refusal(Webhook(endpoints={}), TO)).retryable


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_the_internet(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "0177.0.0.1", "0x7f.1", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]",
     "LOCALHOST.", "user:password@127.0.0.1"],
)  # fmt: skip
async def test_a_private_network_is_not_reached_however_it_is_spelt(host: str) -> None:
    async with notification_receiver() as receiver:
        port = receiver.url.rpartition(":")[2]
        endpoint = Endpoint(url=f"http://{host}:{port}/", secrets=(SECRET,))
        error = await refusal(Webhook(endpoints={"crm": endpoint}), TO)
    assert not error.retryable or "resolved" in str(error)
    assert receiver.requests == []


async def test_a_name_that_also_leads_into_the_own_network_is_not_reached() -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        return [ip_address("93.184.216.34"), ip_address("10.0.0.1")]

    endpoint = Endpoint(url="https://hooks.example/", secrets=(SECRET,))
    assert not (await refusal(Webhook(endpoints={"crm": endpoint}, resolve=resolve), TO)).retryable


async def test_the_connection_goes_to_the_address_that_was_checked_and_names_the_host() -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        return [ip_address("127.0.0.1")]

    async with notification_receiver() as receiver:
        port = receiver.url.rpartition(":")[2]
        url = f"http://me:pass@hooks.example:{port}/in?a=b%2Fc"
        endpoint = Endpoint(url=url, secrets=(SECRET,), allow_private=True)
        await send(Webhook(endpoints={"crm": endpoint}, resolve=resolve))
    request = receiver.requests[0]
    assert asked == ["hooks.example"]
    assert (request.headers["host"], request.path) == (f"hooks.example:{port}", "/in?a=b%2Fc")
    assert request.headers["authorization"].startswith("Basic ")


async def test_a_name_without_an_address_is_tried_again() -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        raise OSError

    endpoint = Endpoint(url="https://hooks.example/", secrets=(SECRET,))
    assert (await refusal(Webhook(endpoints={"crm": endpoint}, resolve=resolve), TO)).retryable


def test_the_payload_is_for_programs() -> None:
    body = json.loads(payload(envelope(message(body=HOSTILE), "crm")))
    assert body["type"] == "help_request.created"
    assert body["data"]["request"]["priority"] == "high"
    assert body["data"]["body"] == HOSTILE
