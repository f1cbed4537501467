"""For development: messages on the server's own terminal."""

import sys
from dataclasses import dataclass, field
from typing import TextIO

from integrations.notify.message import Envelope, Sent
from integrations.notify.texts import one_line


@dataclass(frozen=True, kw_only=True)
class Console:
    """Prints one message a line or more."""

    shows_words: bool = False
    """Also title, text and details, which hold what customers said."""
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    name: str = "console"

    async def send(self, envelope: Envelope) -> Sent:
        """Prints it."""
        self.stream.write(rendered(envelope, shows_words=self.shows_words))
        self.stream.flush()
        return Sent()

    async def close(self) -> None:
        """Nothing is kept open."""


def rendered(envelope: Envelope, *, shows_words: bool) -> str:
    """Lines for a terminal; no text can move the cursor."""
    message = envelope.message
    lines = [f"notification {envelope.id} {message.event}{' urgent' if message.urgent else ''} {message.url or ''}"]
    if shows_words:
        lines.append(f"  {one_line(message.title)}")
        lines += [f"  {one_line(line)}" for line in message.body.splitlines() if line.strip()]
        lines += [f"  {one_line(label)}: {one_line(value)}" for label, value in message.facts]
    return "\n".join(line.rstrip() for line in lines) + "\n"
