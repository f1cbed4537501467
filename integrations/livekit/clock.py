"""Seconds of audio that a recogniser was given, as wall seconds: across mutes, gaps, and audio that is given again."""

import bisect

_LATE_S = 0.3
"""A busy process sees frames late, and the next ones then at once; later than this, there was a pause."""
_EARLY_S = 0.08
_ANCHORS = 2000


class Clock:
    """One stream's. Audio is continuous from anchor to anchor."""

    def __init__(self) -> None:
        self.position = 0.0
        """Seconds given so far."""
        self._positions: list[float] = []
        self._walls: list[float] = []

    def push(self, duration: float, wall: float) -> None:
        """Audio that began at `wall` is given."""
        late = wall - self.wall(self.position)
        if not self._walls or late > _LATE_S or late < -_EARLY_S:
            self._positions.append(self.position)
            self._walls.append(wall)
            del self._positions[:-_ANCHORS], self._walls[:-_ANCHORS]
        self.position += duration

    def wall(self, position: float) -> float:
        """When what stands at `position` was said; before any audio, the position itself."""
        if not self._walls:
            return position
        anchor = max(0, bisect.bisect_right(self._positions, position + 1e-6) - 1)
        return self._walls[anchor] + position - self._positions[anchor]
