"""Leaves out what reasoning models write before their answer: <think>…</think>."""

_OPEN, _CLOSE = "<think>", "</think>"


class ThoughtFilter:
    """Takes the pieces of one text in order and gives back what is meant for the reader."""

    def __init__(self) -> None:
        self._held = ""
        self._is_decided = False
        self._is_thinking = False

    def feed(self, piece: str) -> str:
        """What can be shown now; the rest waits."""
        if self._is_decided:
            return piece
        self._held += piece
        if self._is_thinking:
            return self._after_thoughts()
        start = self._held.lstrip()
        if start.startswith(_OPEN):
            self._is_thinking = True
            self._held = start
            return self._after_thoughts()
        if _OPEN.startswith(start):
            return ""
        return self._decided(self._held)

    def rest(self) -> str:
        """What still waited at the end of the text; thoughts without an end stay hidden."""
        return "" if self._is_thinking else self._decided(self._held)

    def _after_thoughts(self) -> str:
        _, closed, rest = self._held.partition(_CLOSE)
        if not closed:
            self._held = self._held[-len(_CLOSE) :]
            return ""
        self._is_thinking = False
        return self._decided(rest.lstrip())

    def _decided(self, text: str) -> str:
        self._is_decided = True
        self._held = ""
        return text
