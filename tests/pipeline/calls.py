"""Calls written as lines of a play: "customer: my app doesn't work"."""

from collections.abc import Sequence
from uuid import UUID

from pipeline.types import History, Scope, Segment, Speaker, Turn

CALL_ID = UUID("5f0c0a52-8a3e-4a53-9a39-2f4a9e0f6f11")
_PAUSE_S = 2.0
_CHARS_A_SECOND = 15.0


def segments(lines: Sequence[str], *, pause_s: float = _PAUSE_S) -> tuple[Segment, ...]:
    """One segment a line, spoken one after the other."""
    spoken: list[Segment] = []
    start_s = 0.0
    for number, line in enumerate(lines, start=1):
        speaker, _, text = line.partition(": ")
        end_s = start_s + len(text) / _CHARS_A_SECOND
        spoken.append(
            Segment(
                id=f"s{number}",
                number=number,
                speaker=Speaker(speaker),
                text=text,
                start_s=start_s,
                end_s=end_s,
            )
        )
        start_s = end_s + pause_s
    return tuple(spoken)


def turn(*lines: str, new: int = 1, pause_s: float = _PAUSE_S, history: History | None = None) -> Turn:
    """The last `new` lines have not been analysed yet."""
    transcript = segments(lines, pause_s=pause_s)
    return Turn(
        call_id=CALL_ID,
        number=1,
        transcript=transcript,
        new=transcript[-new:],
        scope=Scope(),
        history=history or History(),
    )
