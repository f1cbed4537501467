"""Recorded calls: JSON lines, the call itself first, then its segments as the transcription address takes them."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct


class RecordingError(Exception):
    """A recording cannot be read; the message names file and line."""


class RecordedSegment(Struct, frozen=True, kw_only=True):
    """What was said; times in seconds from the start of the call."""

    speaker: str
    text: str
    start_time: float
    end_time: float
    confidence: float | None = None
    segment_id: str | None = None
    language: str | None = None


class Recording(Struct, frozen=True, kw_only=True):
    """A call to be played again."""

    call: dict[str, Any]
    """Fields of `call/start`; at least `call_id`."""
    segments: tuple[RecordedSegment, ...]


def read_recording(path: Path) -> Recording:
    """Reads a recording; without a first line {"call": …} the call is named after the file.

    Raises:
        RecordingError: not readable, or not of this form.
    """
    call: dict[str, Any] = {"call_id": path.stem}
    segments: list[RecordedSegment] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=dict[str, Any])
            if "call" in row:
                call = msgspec.convert(row["call"], dict[str, Any])
            else:
                segments.append(msgspec.convert(row, RecordedSegment))
        except msgspec.MsgspecError as error:
            raise RecordingError(f"{path}, line {number}: {error}") from None
    if not segments:
        raise RecordingError(f"{path} holds no segments.")
    return Recording(call={"call_id": path.stem, **call}, segments=tuple(segments))
