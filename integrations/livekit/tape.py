"""The audio of one leg that no final words cover yet: recognised again when a recogniser's connection broke."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from livekit import rtc

TAPE_S = 20.0
_COUGH_S = 1.0
"""Less speech than this, of which a recogniser made no words in so long a time, had none."""
_BEFORE_SPEECH_S = 0.5
"""Recognisers need a little of what precedes speech."""


class Piece(NamedTuple):
    """One frame."""

    frame: rtc.AudioFrame
    wall: float
    """When it began."""
    is_speech: bool

    @property
    def end(self) -> float:
        """When it ended."""
        return self.wall + self.frame.duration


class Span(NamedTuple):
    """From one wall second to another."""

    start: float
    end: float


class Tape:
    """At most `limit_s` of audio, oldest first, with a reading head. Silence before speech is not kept; when there is
    too much, the oldest goes.
    """

    def __init__(self, limit_s: float = TAPE_S) -> None:
        self.dropped = 0
        """Frames that went although nobody had put them into words."""
        self._limit_s = limit_s
        self._pieces: deque[Piece] = deque()
        self._seconds = 0.0
        self._head = 0
        self._speech: deque[float] = deque()
        """Beginnings of the pieces with speech."""
        self.unsure_s = 0.0
        """Speech that went after it had been read, of which no final words are known."""
        self._unsure: Span | None = None
        self._lost: Span | None = None

    def add(self, piece: Piece) -> None:
        """The newest audio."""
        self._pieces.append(piece)
        self._seconds += piece.frame.duration
        if piece.is_speech:
            self._speech.append(piece.wall)
        while self._seconds > self._limit_s:
            self._drop_oldest()
        wanted = (self._speech[0] if self._speech else piece.end) - _BEFORE_SPEECH_S
        self._forget(wanted)

    def read(self) -> Iterator[Piece]:
        """What comes after the head, which moves along."""
        while self._head < len(self._pieces):
            self._head += 1
            yield self._pieces[self._head - 1]

    def rewind(self) -> None:
        """All that is kept will be read again; what was read and has gone meanwhile is lost."""
        self._head = 0
        if self.unsure_s >= _COUGH_S:
            self._lost = _both(self._lost, self._unsure)
        self._unsure, self.unsure_s = None, 0.0

    def settle(self, until: float) -> None:
        """Final words cover everything up to then."""
        self._forget(until)
        if self._unsure is not None and self._unsure.end <= until:
            self._unsure, self.unsure_s = None, 0.0

    @property
    def speech_since(self) -> float | None:
        """Beginning of the first speech that waits for words; None: there is none."""
        return self._speech[0] if self._speech else None

    def take_lost(self) -> Span | None:
        """Speech that will never be read, once."""
        lost, self._lost = self._lost, None
        return lost

    def give_up(self) -> None:
        """Nobody will read any more: the speech that is left is lost."""
        self.rewind()
        while self._pieces:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        was_read = self._head > 0
        piece = self._pop()
        if not piece.is_speech:
            return
        self.dropped += 1
        span = Span(piece.wall, piece.end)
        if was_read:
            self._unsure = _both(self._unsure, span)
            self.unsure_s += piece.frame.duration
        else:
            self._lost = _both(self._lost, span)

    def _forget(self, until: float) -> None:
        while self._pieces and self._pieces[0].end <= until:
            self._pop()

    def _pop(self) -> Piece:
        piece = self._pieces.popleft()
        self._seconds -= piece.frame.duration
        self._head = max(0, self._head - 1)
        if piece.is_speech:
            self._speech.popleft()
        return piece


def _both(one: Span | None, other: Span | None) -> Span | None:
    if one is None or other is None:
        return one or other
    return Span(min(one.start, other.start), max(one.end, other.end))
