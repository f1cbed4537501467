"""What a receptionist does in a conversation, and the port between its mind and whoever speaks for it."""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

from msgspec import Struct

Part = Literal["stt", "llm", "tts"]
"""What may die: ears, mind, voice."""


class Say(Struct, frozen=True, kw_only=True):
    """One speakable piece."""

    text: str
    """A sentence or two, plain text."""


class HandOver(Struct, frozen=True, kw_only=True):
    """A human takes over; what came before is said first. When nobody does: `Conversation.hand_over_failed`."""

    reason: str
    """Stable, for logs: asked_for_human, too_long, out_of_order."""


class HangUp(Struct, frozen=True, kw_only=True):
    """The call ends; what came before is said first."""

    reason: str
    """Stable, for logs: goodbye, idle, too_long, out_of_order, ended_by_model."""


Act = Say | HandOver | HangUp


class News(Struct, frozen=True, kw_only=True):
    """Something to say that nobody has just asked for: a supervisor's answer."""

    acts: tuple[Act, ...]
    then: tuple[Act, ...] = ()
    """Said afterwards; the news is known without it."""
    suggestion_id: str | None = None
    """To be told by `Conversation.told` once it was spoken; None: nothing is to be told."""


class Unraised(Struct, frozen=True, kw_only=True):
    """A question that supervisors should have, and the server has not taken."""

    question: str
    customer_name: str | None = None
    customer_contact: str | None = None


class Conversation(Protocol):
    """One call's. Its iterators may be closed at any point (the caller interrupts or hangs up): no ticket is lost."""

    def greet(self) -> AsyncIterator[Act]:
        """The first words; after a restart, that it is back."""
        ...

    def hear(self, words: str) -> AsyncIterator[Act]:
        """What is done after the caller has said something."""
        ...

    def news(self) -> AsyncIterator[News]:
        """Supervisors' answers as they arrive, without end."""
        ...

    async def told(self, suggestion_id: str) -> None:
        """An answer was spoken: nobody else has to tell it."""
        ...

    def silence(self, times: int) -> AsyncIterator[Act]:
        """Nobody has said anything for a while, so many times in a row."""
        ...

    def too_long(self) -> AsyncIterator[Act]:
        """The call has lasted as long as it may."""
        ...

    def out_of_order(self, part: Part) -> AsyncIterator[Act]:
        """A part is dead: an apology, a ticket, a human."""
        ...

    def hand_over_failed(self, reason: str) -> AsyncIterator[Act]:
        """Nobody took the call."""
        ...

    async def finish(self, reason: str) -> int:
        """The call is over, however it ended: whatever was asked and not answered is raised. How much could not be."""
        ...

    def unraised(self) -> tuple[Unraised, ...]:
        """What could not be raised so far."""
        ...
