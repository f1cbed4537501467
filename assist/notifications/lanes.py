"""Lanes: messages to one receiver. One that hangs fills its own lane, not the others'."""

import time
from collections.abc import Callable

from assist.db.notifications import Lane

_AT_ONCE = 2


class Lanes:
    """How many drain which lane in this process. Belongs to one event loop; nothing here waits."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """All are free. The clock gives seconds and never goes back."""
        self._clock = clock
        self._draining: dict[Lane, int] = {}
        self._knocked: set[Lane] = set()
        self._held_until: dict[Lane, float] = {}

    def enter(self, lane: Lane) -> bool:
        """Whether to drain the lane. False: others are at it, who look once more before they leave, or the receiver
        wants to be left alone. Who gets True leaves in the end.
        """
        if self.is_held(lane):
            return False
        if self._draining.get(lane, 0) >= _AT_ONCE:
            self._knocked.add(lane)
            return False
        self._draining[lane] = self._draining.get(lane, 0) + 1
        return True

    def knocked(self, lane: Lane) -> bool:
        """Whether somebody was turned away since it was last asked. Leave without waiting for anything if not."""
        was_there = lane in self._knocked
        self._knocked.discard(lane)
        return was_there

    def leave(self, lane: Lane) -> None:
        """Ends what `enter` began."""
        self._draining[lane] -= 1
        if not self._draining[lane]:
            del self._draining[lane]

    def hold(self, lane: Lane, seconds: float) -> None:
        """The receiver wants to be left alone for so long."""
        self._held_until[lane] = self._clock() + seconds

    def is_held(self, lane: Lane) -> bool:
        """Whether the receiver still wants to be left alone."""
        return self._clock() < self._held_until.get(lane, float("-inf"))
