"""Which parameters a server takes: the protocol is one, the dialects are many."""

from typing import Any, Literal

import msgspec

from pipeline.ports import Message


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A chat completion."""

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float = 0.0
    effort: str | None = None
    """Of a reasoning model: "none", "minimal", "low", …; None: not said."""


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent beyond model and messages."""

    tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True
    effort: bool = True
    usage: bool = True
    """Asks for usage at the end of the stream."""

    @staticmethod
    def usual(*, official: bool) -> "Dialect":
        """To begin with: OpenAI's newer models know only the newer name, older servers only the older one."""
        return Dialect(tokens_name="max_completion_tokens" if official else "max_tokens")

    def without(self, complaint: str) -> "Dialect":
        """The same without the parameter that a server complains about; unchanged when it is none of these."""
        if "stream_options" in complaint and self.usage:
            return msgspec.structs.replace(self, usage=False)
        if "reasoning_effort" in complaint and self.effort:
            return msgspec.structs.replace(self, effort=False)
        if "temperature" in complaint and self.temperature:
            return msgspec.structs.replace(self, temperature=False)
        if self.tokens_name in complaint:
            other: Literal["max_tokens", "max_completion_tokens"] = (
                "max_tokens" if self.tokens_name == "max_completion_tokens" else "max_completion_tokens"
            )
            return msgspec.structs.replace(self, tokens_name=other)
        return self

    def parameters(self, request: Request) -> dict[str, Any]:
        """As the SDK takes them."""
        found: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            self.tokens_name: request.max_tokens,
        }
        if self.temperature:
            found["temperature"] = request.temperature
        if self.effort and request.effort is not None:
            found["reasoning_effort"] = request.effort
        if self.usage:
            found["stream_options"] = {"include_usage": True}
        return found
