"""What a language model that uses tools is given and gives back."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Protocol

import msgspec
from msgspec import Struct

Json = dict[str, Any]


class ToolCall(Struct, frozen=True, kw_only=True):
    """The model wants something done."""

    id: str
    name: str
    arguments: str
    """JSON as the model wrote it, perhaps broken."""

    def given(self) -> Json | None:
        """The arguments; None: they are no JSON object."""
        try:
            return msgspec.json.decode(self.arguments or "{}", type=Json)
        except (msgspec.MsgspecError, RecursionError):
            return None


class ToolModel(Protocol):
    """A language model in a conversation with tools."""

    def reply(self, messages: Sequence[Json], tools: Sequence[Json]) -> AsyncGenerator[str | ToolCall]:
        """Pieces of text as they are written, then whole tool calls. Messages and tools are those of the OpenAI
        protocol. Closing the iterator ends the request.

        Raises:
            EndpointError: at any point; what came before it stands, and no tool call is given then.
        """

    async def close(self) -> None:
        """Closes every connection."""
