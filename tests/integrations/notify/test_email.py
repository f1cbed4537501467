"""E-mail: nothing that people say gets into a header or is HTML, and a mail server's answers are understood."""

import re
from html.parser import HTMLParser

import pytest

from integrations.notify.email import Email, compose, is_address
from integrations.notify.message import Message
from tests.doubles.mail_server import MailServer, mail_server
from tests.integrations.notify.messages import (
    HOSTILE,
    NOTIFICATION_ID,
    PAGE,
    envelope,
    message,
    refusal,
    variants,
)

TO = "grace@example.com"
SENDER = "Assist <assist@corp.example>"


def channel(server: MailServer, **changes: object) -> Email:
    fields: dict[str, object] = {"host": "127.0.0.1", "port": server.port, "sender": SENDER}
    return Email(**{**fields, **changes})  # type: ignore[arg-type]


class Tags(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_headers_are_ours_whatever_people_say(sent: Message) -> None:
    mail = compose(envelope(sent, TO), SENDER)
    raw = mail.as_bytes()
    head = raw.split(b"\r\n\r\n", 1)[0]
    names = {line.split(b":", 1)[0].decode() for line in re.split(rb"\r\n(?![ \t])", head)}
    assert names <= {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Priority", "MIME-Version",
                     "Content-Type"}  # fmt: skip
    assert mail["To"] == TO
    assert mail["Message-ID"] == f"<{NOTIFICATION_ID}@corp.example>"
    assert compose(envelope(sent, TO), SENDER)["Date"] == mail["Date"]


@pytest.mark.parametrize("sent", variants(), ids=range(len(variants())))
def test_what_people_say_is_text_in_the_html(sent: Message) -> None:
    html = compose(envelope(sent, TO), SENDER).get_body(("html",))
    assert html is not None
    seen = Tags(html.get_content())
    assert seen.tags <= {"html", "body", "p", "table", "tr", "th", "td", "a"}
    assert seen.links == ([PAGE] if sent.url else [])


async def test_a_mail_arrives_as_text_and_html() -> None:
    async with mail_server() as server:
        assert (await channel(server).send(envelope(message(body=HOSTILE, urgent=True), TO))).status_code == 250
    (mail,) = server.mails
    assert server.recipients == [[TO]]
    assert mail["Subject"] == "Question from Grace"
    assert mail["X-Priority"] == "1"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert HOSTILE in plain.get_content()
    assert PAGE in plain.get_content()
    assert "Priority: high" in plain.get_content()
    assert HOSTILE in Tags(html.get_content()).text


@pytest.mark.parametrize(
    ("answer", "retryable", "code"),
    [("450 try later", True, 450), ("550 no such user canary", False, 550), ("421 going down", True, 421)],
)
async def test_a_refused_recipient(answer: str, retryable: bool, code: int) -> None:
    async with mail_server() as server:
        server.answer_recipient = answer
        error = await refusal(channel(server), envelope(address=TO))
    assert (error.retryable, error.status_code) == (retryable, code)


async def test_a_refused_mail() -> None:
    async with mail_server() as server:
        server.answer_data = "552 too large"
        assert not (await refusal(channel(server), envelope(address=TO))).retryable
        server.answer_data = "451 local error"
        assert (await refusal(channel(server), envelope(address=TO))).retryable


async def test_a_server_that_is_gone_is_tried_again() -> None:
    async with mail_server() as server:
        gone = channel(server)
    assert (await refusal(gone, envelope(address=TO))).retryable


async def test_a_password_is_proved_and_never_told() -> None:
    async with mail_server() as server:
        server.users = {"assist": "right"}
        await channel(server, user="assist", password="right").send(envelope(address=TO))
        error = await refusal(channel(server, user="assist", password="canary"), envelope(address=TO))
        await channel(server, user="assist", password="right").check_server()
    assert (len(server.mails), error.status_code, error.retryable) == (1, 535, False)


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "grace",
        "a@b@c",
        "a@x.example, b@x.example",
        "a@x.example\r\nBcc: b@x.example",
        "<a@x.example>",
        "a b@c",
    ],
)
async def test_what_is_not_one_address_is_never_sent(address: str | None) -> None:
    async with mail_server() as server:
        assert not (await refusal(channel(server), envelope(address=address))).retryable
    assert server.mails == []
    assert not is_address(address or "")
