"""What can go wrong with a server that speaks the OpenAI protocol."""

from enum import Enum


class Trouble(Enum):
    """Kinds of failures, by what to do about them."""

    UNREACHABLE = "unreachable"
    """No connection, a connection that broke, or the server's own failure: may pass."""
    SLOW = "slow"
    BUSY = "busy"
    """Too many requests: wait."""
    DENIED = "denied"
    """Key, model name or URL are wrong: a person has to change them."""
    REJECTED = "rejected"
    """This request was not accepted; another one may be."""
    NONSENSE = "nonsense"
    """The answer is not of the protocol."""


class EndpointError(Exception):
    """A request failed. The message quotes neither the request nor the answer.

    Attributes:
        trouble: the kind.
        retry_after_s: seconds that the server asks to wait; None: it does not say.
    """

    def __init__(self, trouble: Trouble, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.retry_after_s = retry_after_s
