"""What a turn of the customer is for: seeking knowledge, informing, small talk or ending; and the port that tells."""

from typing import Literal, Protocol

from msgspec import Struct

from pipeline.ports import Vector
from pipeline.speech_acts import Act

TurnKind = Literal["seek", "inform", "social", "end"]
TURN_KINDS: tuple[TurnKind, ...] = ("seek", "inform", "social", "end")


class SaidTurn(Struct, frozen=True, kw_only=True):
    """One utterance of the customer with what was said before it."""

    text: str
    """All that the customer said since the agent's last words, as said."""
    asked: str
    """The agent's last utterance before it, "" when there is none."""
    vector: Vector
    """Of `text`, embedded as a query."""
    asked_vector: Vector | None
    """Of `asked`, embedded as a query; None exactly when `asked` is empty."""
    act: Act
    """What the rules take it for."""
    similarity: float | None = None
    """Highest cosine of `vector` to any passage that the call may see; None when that is not known."""


class TurnChances(Struct, frozen=True, kw_only=True):
    """Calibrated probabilities in [0, 1] that sum to 1."""

    seek: float
    """Asks for knowledge, reports a problem or wishes for a service."""
    inform: float
    """Answers, identifies, chooses, or has the agent look up or book something in a system."""
    social: float
    """Greets, thanks, chats or shows that it listens."""
    end: float
    """Calls the matter settled or takes leave."""
    seeking: bool
    """`seek` reaches the threshold for what the rules take the turn for."""

    @property
    def kind(self) -> TurnKind:
        """Seek when `seeking`, otherwise the likeliest of the others."""
        if self.seeking:
            return "seek"
        others: tuple[tuple[float, TurnKind], ...] = (
            (self.inform, "inform"),
            (self.social, "social"),
            (self.end, "end"),
        )
        return max(others, key=lambda entry: entry[0])[1]


class TurnClassifier(Protocol):
    """Tells the kinds apart; made for the vectors of one embedding model."""

    def classify(self, said: SaidTurn) -> TurnChances:
        """Takes well under a millisecond, never fails on any text, keeps nothing.

        Raises:
            ValueError: a vector is not as long as those of the model it was made for.
        """
