"""A `LanguageModel` on any OpenAI-compatible endpoint: within its time and its budget, and never an exception."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from msgspec import Struct

from integrations.call_budget import CallBudgets, CallLimits
from integrations.circuit_breaker import CircuitBreaker, CircuitLimits, CircuitState
from integrations.model_writing import EndpointWriting, Guard, Plan
from integrations.openai_dialect import Request
from integrations.token_counts import Price
from pipeline.ports import ModelRole, Writing, WritingTask

if TYPE_CHECKING:
    from integrations.openai import Endpoint


class ModelOptions(Struct, frozen=True, kw_only=True):
    """Which models, and how much of what they may take."""

    models: Mapping[ModelRole, str]
    """Name by role; a role without a name has no model."""
    first_token_s: float = 4.0
    """From the request to the first sign of the answer, waiting for a busy server included."""
    total_s: float = 15.0
    max_tokens: int = 300
    """Of one answer."""
    effort: str | None = None
    """Of reasoning models; None: not said."""
    prices: Mapping[str, Price] = {}
    """By model name."""
    per_call: CallLimits = CallLimits()
    circuit: CircuitLimits = CircuitLimits()


class EndpointModel:
    """A `LanguageModel`; one per process, so that budgets and circuits hold everywhere. Ends with `close`."""

    def __init__(
        self, endpoint: "Endpoint", options: ModelOptions, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Connects to nothing yet. The clock is the circuit breakers' and gives seconds."""
        self.options = options
        self.budgets = CallBudgets(options.per_call)
        self._endpoint = endpoint
        self._clock = clock
        self._circuits: dict[str, CircuitBreaker] = {}

    def has(self, role: ModelRole) -> bool:
        """See `pipeline.ports.LanguageModel`."""
        return bool(self.options.models.get(role))

    def write(self, task: WritingTask) -> AbstractAsyncContextManager[Writing]:
        """See `pipeline.ports.LanguageModel`."""
        options = self.options
        name = options.models.get(task.role, "")
        request = Request(
            model=name,
            messages=task.messages,
            max_tokens=min(task.max_tokens or options.max_tokens, options.max_tokens),
            effort=options.effort,
        )
        total_s = min(task.total_s or options.total_s, options.total_s)
        plan = Plan(
            role=task.role,
            request=request,
            first_token_s=min(options.first_token_s, total_s),
            total_s=total_s,
            price=options.prices.get(name),
            call_id=task.call_id,
        )
        return EndpointWriting(self._endpoint, plan, Guard(circuit=self._circuit(name), budgets=self.budgets))

    def circuit_states(self) -> Mapping[str, CircuitState]:
        """By model name, of the models used so far."""
        return {name: circuit.state for name, circuit in self._circuits.items()}

    async def close(self) -> None:
        """Closes every connection; requests under way end as failed."""
        await self._endpoint.close()

    def _circuit(self, name: str) -> CircuitBreaker:
        return self._circuits.setdefault(name, CircuitBreaker(self.options.circuit, clock=self._clock))
