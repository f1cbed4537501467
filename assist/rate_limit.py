"""How often somebody may do something, counted in this process over a sliding window."""

import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from assist.errors import RequestError

_KEYS = 10_000
"""Above which those are forgotten who have done nothing lately."""


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """So many times within so many seconds, for each key."""

    most: int
    window_s: float
    code: str
    """Of the refusal."""
    detail: str
    """Its first sentence; the second one says when to try again."""
    clock: Callable[[], float] = time.monotonic
    _times: dict[Hashable, deque[float]] = field(default_factory=dict)

    def take(self, key: Hashable = None) -> None:
        """Counts once more.

        Raises:
            RequestError: 429 with Retry-After; it was too often already.
        """
        now = self.clock()
        recent = self._recent(key, now - self.window_s)
        if len(recent) >= self.most:
            wait_s = max(1, round(recent[0] + self.window_s - now))
            detail = f"{self.detail} Try again in {wait_s} seconds."
            raise RequestError(self.code, 429, detail, headers={"Retry-After": str(wait_s)})
        recent.append(now)

    def forget(self, key: Hashable = None) -> None:
        """What was counted for a key is forgiven."""
        self._times.pop(key, None)

    def _recent(self, key: Hashable, horizon: float) -> deque[float]:
        if len(self._times) > _KEYS:
            for idle in [known for known, times in self._times.items() if not times or times[-1] < horizon]:
                del self._times[idle]
        times = self._times.setdefault(key, deque())
        while times and times[0] < horizon:
            times.popleft()
        return times
