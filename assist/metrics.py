"""What the live path counts and times, for Prometheus. Never anything that a customer said."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from assist.db.turns import TurnRows

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)


class LiveMetrics:
    """One registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._segments = Counter("assist_segments", "Segments stored.", ("speaker",), registry=self.registry)
        self._turns = Counter("assist_turns", "Turns analysed.", ("outcome",), registry=self.registry)
        self._suggestions = Counter("assist_suggestions", "Suggestions made.", ("type",), registry=self.registry)
        self._questions = Counter("assist_clarifying_questions", "Questions proposed.", registry=self.registry)
        self._turn_seconds = Histogram(
            "assist_turn_seconds", "Analysis of one turn.", registry=self.registry, buckets=_SECONDS
        )
        self._stage_seconds = Histogram(
            "assist_stage_seconds", "One stage of a turn.", ("stage",), registry=self.registry, buckets=_SECONDS
        )
        self._followers = Gauge("assist_followers", "Sockets and streams that follow a call.", registry=self.registry)

    def segment_stored(self, speaker: str) -> None:
        """A segment is in."""
        self._segments.labels(speaker).inc()

    def turn_stored(self, rows: TurnRows) -> None:
        """A turn is done."""
        self._turns.labels(rows.turn["outcome"]).inc()
        self._turn_seconds.observe(rows.turn["processing_time_ms"] / 1000.0)
        for action in rows.actions:
            self._stage_seconds.labels(action["agent_name"]).observe(action["processing_time_ms"] / 1000.0)
        for suggestion in rows.suggestions:
            self._suggestions.labels(suggestion["suggestion_type"]).inc()
        self._questions.inc(len(rows.questions))

    def count_followers(self, count: Callable[[], int]) -> None:
        """Asks `count` whenever somebody looks."""
        self._followers.set_function(count)
