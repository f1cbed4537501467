"""What an HTTP answer means, the same for every vendor."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from integrations.notify import http_outcomes
from integrations.notify.http_outcomes import Answer
from integrations.notify.message import SendError
from tests.doubles.notification_receiver import CLOSES, GARBAGE, HANGS, Reply, notification_receiver


def answer(status: int, **headers: str) -> Answer:
    return Answer(status_code=status, headers=headers, body=b"canary")


def outcome(status: int) -> str:
    try:
        http_outcomes.check(answer(status))
    except SendError as error:
        said = "" if error.status_code == status and "canary" not in str(error) else f" but {error}"
        return ("retry" if error.retryable else "final") + said
    return "sent"


def test_only_success_is_success_and_only_passing_trouble_is_tried_again() -> None:
    for status in range(200, 600):
        passing = status in (408, 425, 429) or status >= 500
        assert outcome(status) == ("sent" if status < 300 else "retry" if passing else "final")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("120", 120.0), ("0.35", 0.35), (" 7 ", 7.0), ("", None), ("soon", None), ("-5", None), ("nan", None),
     ("inf", None), ("1e999", None), ("Fri, 32 Nov 2026 10:00:00 GMT", None)],
)  # fmt: skip
def test_retry_after_in_seconds(value: str, expected: float | None) -> None:
    assert http_outcomes.retry_after({"retry-after": value}) == expected


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=90), usegmt=True)
    assert http_outcomes.retry_after({"retry-after": later}, now) == 90.0
    assert http_outcomes.retry_after({"retry-after": format_datetime(now - timedelta(days=1), usegmt=True)}, now) == 0.0


def test_retry_after_is_told_with_the_error() -> None:
    with pytest.raises(SendError) as raised:
        http_outcomes.check(answer(503, **{"retry-after": "30"}))
    assert raised.value.retry_after_s == 30.0


@pytest.mark.parametrize("reply", [CLOSES, GARBAGE, HANGS])
async def test_a_connection_that_breaks_or_hangs_is_tried_again(reply: Reply) -> None:
    async with notification_receiver(reply) as receiver, http_outcomes.make_client() as client:
        with pytest.raises(SendError) as raised:
            await http_outcomes.post(client, receiver.url, json={}, deadline_s=0.3)
    assert raised.value.retryable
    assert raised.value.status_code is None


async def test_nobody_there_is_tried_again_and_no_address_is_not() -> None:
    async with notification_receiver() as receiver:
        gone = receiver.url
    async with http_outcomes.make_client() as client:
        with pytest.raises(http_outcomes.UnreachableError) as raised:
            await http_outcomes.post(client, gone)
        assert raised.value.retryable
        for nonsense in ("ftp://example.com/x", "http://", "nothing", ""):
            with pytest.raises(SendError) as refused:
                await http_outcomes.post(client, nonsense)
            assert not refused.value.retryable


async def test_an_endless_answer_is_read_only_at_its_beginning() -> None:
    async with notification_receiver(Reply(endless=True)) as receiver, http_outcomes.make_client() as client:
        got = await http_outcomes.post(client, receiver.url, json={})
    assert got.status_code == 200
    assert len(got.body) == 64 * 1024


async def test_redirects_are_not_followed() -> None:
    redirect = Reply(status=302, headers={"Location": "/elsewhere"})
    async with notification_receiver(redirect) as receiver, http_outcomes.make_client() as client:
        got = await http_outcomes.post(client, receiver.url + "/first", json={})
        with pytest.raises(SendError, match="redirect"):
            http_outcomes.check(got)
        assert [request.path for request in receiver.requests] == ["/first"]
    assert isinstance(client.timeout.connect, float)
    assert client.timeout != httpx.Timeout(None)
