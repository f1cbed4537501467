"""E-mail by SMTP."""

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

import aiosmtplib

from integrations.notify.message import Envelope, Message, SendError, Sent
from integrations.notify.texts import cut, headline, one_line

_TIMEOUT_S = 15.0
_GOODBYE_S = 2.0
_SUBJECT_CHARS = 200
_ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\"\\\x00-\x1f\x7f]{1,64}@[^@\s,;:<>()\[\]\"\\\x00-\x1f\x7f]{1,189}")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_PERMANENT = 500


@dataclass(frozen=True, kw_only=True)
class Email:
    """One mail server."""

    host: str
    port: int
    sender: str
    """Address, or “Name <address>”."""
    user: str | None = None
    password: str | None = None
    implicit_tls: bool = False
    """From the first byte (port 465). Else STARTTLS where the server offers it, and always for a password; a server on
    this machine needs none."""
    name: str = "email"

    async def send(self, envelope: Envelope) -> Sent:
        """Hands the mail to the server on a connection of its own."""
        if not is_address(envelope.address or ""):
            raise SendError("The address is no e-mail address.", retryable=False)
        mail = compose(envelope, self.sender)
        async with self._connected() as smtp:
            await smtp.send_message(mail)
        return Sent(status_code=250)

    async def check_server(self) -> None:
        """Connects and signs in; sends nothing.

        Raises:
            SendError: says what does not work.
        """
        async with self._connected() as smtp:
            await smtp.noop()

    async def close(self) -> None:
        """Nothing is kept open."""

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """Whatever goes wrong is a SendError, except the goodbye: the mail has been taken by then."""
        smtp = self._client()
        try:
            await smtp.connect()
            yield smtp
            with suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit(timeout=_GOODBYE_S)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0].code) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise _broken(error) from None
        finally:
            smtp.close()

    def _client(self) -> aiosmtplib.SMTP:
        is_local = self.host in _LOCAL_HOSTS
        start_tls = False if self.implicit_tls or is_local else (True if self.user is not None else None)
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.implicit_tls,
            start_tls=start_tls,
            tls_context=ssl.create_default_context(),
            timeout=_TIMEOUT_S,
        )


def compose(envelope: Envelope, sender: str) -> EmailMessage:
    """Plain text and simple HTML. The same bytes' worth at every attempt: id and date do not change."""
    message = envelope.message
    mail = EmailMessage(policy=SMTP)
    mail["From"] = one_line(sender)
    mail["To"] = envelope.address
    mail["Subject"] = cut(headline(message.title), _SUBJECT_CHARS)
    mail["Date"] = format_datetime(envelope.created_at)
    mail["Message-ID"] = f"<{envelope.id}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.urgent:
        mail["X-Priority"] = "1"
    mail.set_content(_plain(message))
    mail.add_alternative(_html(message), subtype="html")
    return mail


def is_address(text: str) -> bool:
    """Whether it is one address, and nothing that a mail server could take for several."""
    return _ADDRESS.fullmatch(text) is not None


def _plain(message: Message) -> str:
    parts = [message.body.strip(), "\n".join(f"{label}: {one_line(value)}" for label, value in message.facts)]
    parts.append(message.url or "")
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(message: Message) -> str:
    body = "".join(f"<p>{escape(line)}</p>" for line in message.body.splitlines() if line.strip())
    rows = "".join(
        f"<tr><th align='left'>{escape(label)}</th><td>{escape(one_line(value))}</td></tr>"
        for label, value in message.facts
    )
    link = f'<p><a href="{escape(message.url)}">Open in Assist</a></p>' if message.url else ""
    return f"<!doctype html><html><body>{body}{f'<table>{rows}</table>' if rows else ''}{link}</body></html>"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _refused(code: int) -> SendError:
    retryable = code < _PERMANENT
    return SendError(f"The mail server answered {code}.", retryable=retryable, status_code=code)


def _broken(error: Exception) -> SendError:
    if isinstance(error, ValueError | aiosmtplib.SMTPNotSupported):
        kind = type(error).__name__
        return SendError(f"The mail server cannot take this message ({kind}).", retryable=False)
    return SendError(f"The mail server cannot be reached ({type(error).__name__}).", retryable=True)
