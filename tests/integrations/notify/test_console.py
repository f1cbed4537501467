"""The console of a developer shows what customers say only when it is told to."""

from io import StringIO

import pytest

from integrations.notify.console import Console
from integrations.notify.message import Message
from tests.integrations.notify.messages import PAGE, envelope, message, variants


async def test_it_shows_no_words_of_customers_by_itself() -> None:
    stream = StringIO()
    await Console(stream=stream).send(envelope())
    assert "help_request.created" in stream.getvalue()
    assert PAGE in stream.getvalue()
    for word in ("Grace", "crypto", "invoice"):
        assert word not in stream.getvalue()


async def test_it_shows_them_when_a_developer_wants_it() -> None:
    stream = StringIO()
    await Console(stream=stream, shows_words=True).send(envelope(message(urgent=True)))
    for word in ("Grace", "crypto", "Priority: high", "urgent"):
        assert word in stream.getvalue()


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
async def test_no_text_moves_the_cursor(sent: Message) -> None:
    stream = StringIO()
    await Console(stream=stream, shows_words=True).send(envelope(sent))
    assert all(char.isprintable() or char == "\n" for char in stream.getvalue())
