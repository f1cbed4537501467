"""What a request costs, and how many tokens a text has where nobody says."""

from collections.abc import Iterable
from math import ceil

from msgspec import Struct

from pipeline.ports import Message

BYTES_A_TOKEN = 4
_TOKENS_A_MESSAGE = 4
"""Of the frame around each message."""


class Price(Struct, frozen=True, kw_only=True):
    """US dollars for a million tokens."""

    prompt: float
    completion: float

    def cost_usd(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Of one request."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1_000_000


def estimated_tokens(text: str) -> int:
    """About: four bytes of UTF-8 a token, as usual for English; other languages have up to half as many more."""
    return ceil(len(text.encode("utf-8", "replace")) / BYTES_A_TOKEN)


def estimated_prompt_tokens(messages: Iterable[Message]) -> int:
    """Of a whole request."""
    return sum(estimated_tokens(message.content) + _TOKENS_A_MESSAGE for message in messages)
