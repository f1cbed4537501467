"""A mail server on a real socket, which may refuse, hang or go away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass(kw_only=True)
class MailServer:
    """The running server, and what it has taken."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer_recipient: str | None = None
    """Said to RCPT instead of taking it."""
    answer_data: str = "250 OK"
    hangs: bool = False
    """RCPT is never answered."""
    users: dict[str, str] = field(default_factory=dict)
    """Passwords; empty: nobody signs in."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        """Called by the server."""
        if self.hangs:
            await asyncio.Event().wait()
        if self.answer_recipient is not None:
            return self.answer_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Called by the server."""
        assert isinstance(envelope.content, bytes)
        if self.answer_data.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer_data

    def authenticate(self, server: Any, session: Any, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        """Called by the server."""
        assert isinstance(given, LoginPassword)
        success = self.users.get(given.login.decode()) == given.password.decode()
        return AuthResult(success=success, handled=False)


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server for the time of a test."""
    double = MailServer()
    connections: list[SMTP] = []

    def connected() -> SMTP:
        options: dict[str, Any] = {"authenticator": double.authenticate} if double.users else {}
        smtp = SMTP(double, auth_require_tls=False, enable_SMTPUTF8=True, **options)
        connections.append(smtp)
        return smtp

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    double.port = server.sockets[0].getsockname()[1]
    try:
        yield double
    finally:
        server.close()
        for smtp in connections:
            if isinstance(smtp.transport, asyncio.Transport):
                smtp.transport.abort()
