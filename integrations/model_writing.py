"""One request to an endpoint, from admission to account."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from math import ceil
from types import TracebackType
from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

import structlog
from msgspec import Struct

from integrations.call_budget import CallBudgets
from integrations.circuit_breaker import CircuitBreaker
from integrations.hidden_thoughts import ThoughtFilter
from integrations.openai_dialect import Request
from integrations.openai_errors import EndpointError, Trouble
from integrations.token_counts import BYTES_A_TOKEN, Price, estimated_prompt_tokens
from pipeline.events import ModelUsed
from pipeline.ports import ModelRole

if TYPE_CHECKING:
    from integrations.openai import Endpoint, Piece

_CHARS_A_TOKEN_MAX = 8
"""A server that goes on beyond this many characters a token ignores the limit it was given."""
_USAGE_WAIT_S = 1.0
"""How long the count of tokens is waited for once the text is complete."""
_FINISHED = frozenset({"stop", "eos", "end_turn", "stop_sequence"})
_CUT = frozenset({"length", "max_tokens"})

Ending = Literal["done", "cut_short", "refused", "timed_out", "over_budget", "failed", "not_tried"]

log = structlog.get_logger(__name__)


class Plan(Struct, frozen=True, kw_only=True):
    """A request with its limits."""

    role: ModelRole
    request: Request
    first_token_s: float
    total_s: float
    price: Price | None
    call_id: UUID | None


class Guard(Struct, frozen=True, kw_only=True):
    """Who is asked before a request and told after it."""

    circuit: CircuitBreaker
    budgets: CallBudgets


class EndpointWriting:
    """A `Writing`, and the block that opens and closes it."""

    def __init__(self, endpoint: "Endpoint", plan: Plan, guard: Guard) -> None:
        """Sends nothing yet."""
        self._endpoint = endpoint
        self._plan = plan
        self._guard = guard
        self._texts = self._text()
        self._started: float | None = None
        self._ended: float | None = None
        self._ending: Ending = "cut_short"
        self._is_sent = False
        self._trouble: EndpointError | None = None
        self._finish: str | None = None
        self._is_refusal = False
        self._has_sign = False
        self._is_broken_off = False
        self._chars = self._completion_bytes = 0
        self._counted: tuple[int, int] | None = None
        self._reserved: tuple[int, float] | None = None

    async def __aenter__(self) -> "EndpointWriting":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._texts.aclose()
        finally:
            self._settle()

    def __aiter__(self) -> AsyncIterator[str]:
        return self._texts

    @property
    def used(self) -> ModelUsed:
        """See `pipeline.ports.Writing`."""
        prompt_tokens, completion_tokens = self._tokens()
        plan = self._plan
        elapsed_s = (self._ended or time.perf_counter()) - self._started if self._started is not None else 0.0
        return ModelUsed(
            role=plan.role,
            model=plan.request.model,
            outcome=self._ending if self._started is not None else "not_tried",
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost_usd=plan.price.cost_usd(prompt_tokens, completion_tokens) if plan.price else None,
            elapsed_ms=elapsed_s * 1000.0,
        )

    @property
    def is_estimated(self) -> bool:
        """See `pipeline.ports.Writing`."""
        return self._counted is None and self._is_sent

    async def _text(self) -> AsyncGenerator[str, None]:
        self._started = time.perf_counter()
        if not self._admitted():
            return
        thoughts = ThoughtFilter()
        try:
            async with aclosing(self._patiently()) as pieces:
                while (piece := await self._next(pieces)) is not None:
                    self._take(piece)
                    text = thoughts.feed(piece.text)
                    if text:
                        yield text
                    if self._is_too_long():
                        self._finish = "length"
                        break
            self._is_broken_off = self._finish is None
            rest = thoughts.rest()
            if rest:
                yield rest
            self._ending = self._ending_of_text()
        except EndpointError as error:
            self._trouble = error
            self._ending = _ending_of(error, begun=self._chars > 0)
        except TimeoutError:
            self._ending = "timed_out"
        self._ended = time.perf_counter()

    async def _patiently(self) -> "AsyncGenerator[Piece, None]":
        """Waits as a busy server asks, as long as an answer could still begin in time."""
        assert self._started is not None
        while True:
            try:
                self._is_sent = True
                stream = cast("AsyncGenerator[Piece, None]", self._endpoint.stream(self._plan.request))
                async with aclosing(stream) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except EndpointError as error:
                wait_s, left_s = error.retry_after_s, self._left_s()
                if error.trouble is not Trouble.BUSY or wait_s is None or wait_s >= left_s or self._has_sign:
                    raise
                await asyncio.sleep(wait_s)

    async def _next(self, pieces: "AsyncGenerator[Piece, None]") -> "Piece | None":
        """None at the end of the stream.

        Raises:
            TimeoutError: nothing came in time.
            EndpointError: the stream broke.
        """
        try:
            async with asyncio.timeout(max(0.0, self._left_s())):
                return await anext(pieces, None)
        except TimeoutError:
            if self._finish is None:
                raise
            return None  # the text is complete, only its token count is missing
        except EndpointError:
            if self._finish is None:
                raise
            return None

    def _left_s(self) -> float:
        assert self._started is not None
        limit_s = self._plan.total_s if self._has_sign else self._plan.first_token_s
        left_s = limit_s - (time.perf_counter() - self._started)
        return left_s if self._finish is None else min(left_s, _USAGE_WAIT_S)

    def _admitted(self) -> bool:
        """Whether it may be sent at all; takes from the budget what it can cost at most."""
        plan, guard = self._plan, self._guard
        if not plan.request.model:
            self._ending = "not_tried"
            return False
        prompt_tokens, most = estimated_prompt_tokens(plan.request.messages), plan.request.max_tokens
        cost_usd = plan.price.cost_usd(prompt_tokens, most) if plan.price else 0.0
        if not guard.budgets.reserve(plan.call_id, prompt_tokens + most, cost_usd):
            self._ending = "over_budget"
            return False
        self._reserved = (prompt_tokens + most, cost_usd)
        if not guard.circuit.admit():
            self._ending = "not_tried"
            self._give_back()
            return False
        return True

    def _take(self, piece: "Piece") -> None:
        self._has_sign = self._has_sign or bool(piece.text) or piece.is_thought
        self._chars += len(piece.text)
        self._completion_bytes += len(piece.text.encode("utf-8", "replace"))
        self._finish = piece.finish or self._finish
        self._is_refusal = self._is_refusal or piece.is_refusal
        if piece.prompt_tokens is not None and piece.completion_tokens is not None:
            self._counted = (piece.prompt_tokens, piece.completion_tokens)

    def _is_too_long(self) -> bool:
        return self._chars > self._plan.request.max_tokens * _CHARS_A_TOKEN_MAX

    def _ending_of_text(self) -> Ending:
        if self._is_refusal or self._finish == "content_filter":
            return "refused"
        if self._finish in _CUT or (self._finish is None and self._chars):
            return "cut_short"
        return "done" if self._finish in _FINISHED and self._chars else "failed"

    def _tokens(self) -> tuple[int, int]:
        if self._counted is not None:
            return self._counted
        refused = self._trouble is not None and not self._has_sign
        if not self._is_sent or refused:
            return (0, 0)
        return estimated_prompt_tokens(self._plan.request.messages), ceil(self._completion_bytes / BYTES_A_TOKEN)

    def _settle(self) -> None:
        """Tells budget and circuit how it went; once."""
        if self._started is None or self._reserved is None:
            return
        self._ended = self._ended or time.perf_counter()
        used = self.used
        self._give_back()
        self._guard.budgets.charge(
            self._plan.call_id, used.prompt_tokens + used.completion_tokens, used.cost_usd or 0.0
        )
        self._tell_circuit()
        if self._ending not in ("done", "cut_short"):
            log.warning(
                "model_request_failed",
                role=used.role,
                model=used.model,
                host=self._endpoint.host,
                outcome=used.outcome,
                reason=str(self._trouble) if self._trouble else self._finish,
                elapsed_ms=round(used.elapsed_ms),
            )

    def _give_back(self) -> None:
        if self._reserved is not None:
            tokens, cost_usd = self._reserved
            self._guard.budgets.charge(self._plan.call_id, -tokens, -cost_usd)
        self._reserved = None

    def _tell_circuit(self) -> None:
        circuit, trouble = self._guard.circuit, self._trouble
        if trouble is not None and trouble.trouble is Trouble.BUSY and trouble.retry_after_s is not None:
            circuit.hold(trouble.retry_after_s)
        elif trouble is not None and trouble.trouble is Trouble.REJECTED:
            circuit.let_go()
        elif trouble is not None or self._ending in ("timed_out", "failed") or self._is_broken_off:
            circuit.failed()
        elif self._has_sign or self._finish is not None:
            circuit.succeeded()
        else:
            circuit.let_go()


def _ending_of(error: EndpointError, *, begun: bool) -> Ending:
    if error.trouble is Trouble.SLOW:
        return "timed_out"
    return "cut_short" if begun and error.trouble is Trouble.UNREACHABLE else "failed"
