"""Who finds the words: by rules, or with a language model."""

from collections.abc import AsyncIterator
from typing import Protocol

from pipeline.conversation import Act


class MindError(Exception):
    """Another mind has to answer this turn, or what is left of it. The message quotes nobody.

    Attributes:
        is_failure: it is broken, rather than at a loss.
        is_settled: the caller has got an answer all the same.
    """

    def __init__(self, reason: str, *, is_failure: bool, is_settled: bool) -> None:
        super().__init__(reason)
        self.is_failure = is_failure
        self.is_settled = is_settled


class Mind(Protocol):
    """Answers one call's turns, one after the other."""

    def reply(self, words: str) -> AsyncIterator[Act]:
        """What is said and done about a turn that the call's memory has noted already.

        Raises:
            MindError: another mind has to answer it.
        """
