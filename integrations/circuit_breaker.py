"""A circuit breaker: after several failures in a row an endpoint is left alone for a while, then tried by one request.

Outcomes here are values, not exceptions, and the clock is given: the libraries for it take neither.
"""

import time
from collections.abc import Callable
from enum import Enum

from msgspec import Struct


class CircuitState(Enum):
    """Whether requests pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    """One request is on trial; the others are turned away until it ends."""


class CircuitLimits(Struct, frozen=True, kw_only=True):
    """When it opens and for how long."""

    failures: int = 5
    """In a row."""
    open_s: float = 10.0
    longest_hold_s: float = 120.0
    """Of what an endpoint may ask for by Retry-After."""


class CircuitBreaker:
    """Guards one endpoint. Belongs to one event loop; nothing here waits."""

    def __init__(self, limits: CircuitLimits | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Closed. The clock gives seconds and never goes back."""
        self._limits = limits or CircuitLimits()
        self._clock = clock
        self._failures = 0
        self._shut_until: float | None = None
        self._on_trial = False

    @property
    def state(self) -> CircuitState:
        """As of now."""
        if self._shut_until is None:
            return CircuitState.CLOSED
        if self._on_trial:
            return CircuitState.HALF_OPEN
        return CircuitState.OPEN

    def admit(self) -> bool:
        """Whether a request may be sent. Who gets True tells the end by `succeeded`, `failed` or `let_go`."""
        if self._shut_until is None:
            return True
        if self._on_trial or self._clock() < self._shut_until:
            return False
        self._on_trial = True
        return True

    def succeeded(self) -> None:
        """The endpoint answered."""
        self._failures = 0
        self._shut_until = None
        self._on_trial = False

    def failed(self) -> None:
        """The endpoint did not answer, or not in time, or nonsense."""
        self._failures += 1
        if self._on_trial or self._failures >= self._limits.failures:
            self._shut(self._limits.open_s)
        self._on_trial = False

    def let_go(self) -> None:
        """The request ended for a reason that tells nothing about the endpoint, such as a newer question."""
        self._on_trial = False

    def hold(self, wait_s: float) -> None:
        """The endpoint asked to be left alone for so long."""
        self._on_trial = False
        if wait_s > 0.0:
            self._shut(min(wait_s, self._limits.longest_hold_s))

    def _shut(self, wait_s: float) -> None:
        self._shut_until = max(self._shut_until or 0.0, self._clock() + wait_s)
