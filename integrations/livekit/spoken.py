"""What voice workers hear and tell the server. Times are wall seconds (of `time.time`) until they are delivered."""

import re
import uuid
from typing import Literal

from msgspec import Struct

Speaker = Literal["customer", "agent"]
GapReason = Literal["stt_down"]

_NAMESPACE = uuid.UUID("9b2f6f0e-6f3d-4f57-9b9b-3f6f4c1f8a11")
_NO_WORD = re.compile(r"[\W_]+")


class Word(Struct, frozen=True, kw_only=True):
    """One word of an utterance."""

    text: str
    start: float
    end: float
    confidence: float | None = None


class Utterance(Struct, frozen=True, kw_only=True):
    """Words of one person, as a recogniser understood them or a voice said them."""

    identity: str
    """The participant in the room."""
    speaker: Speaker
    text: str
    start: float
    end: float
    confidence: float | None = None
    """[0, 1]; None: the recogniser gives none, or nothing had to be recognised."""
    language: str | None = None
    words: tuple[Word, ...] = ()
    is_final: bool = True

    @property
    def bare_words(self) -> str:
        """Lower case, without punctuation: equal for what was said twice."""
        return " ".join(_NO_WORD.sub(" ", self.text.lower()).split())


class Gap(Struct, frozen=True, kw_only=True):
    """Speech that nobody could write down."""

    identity: str
    speaker: Speaker
    start: float
    end: float
    reason: GapReason


def segment_id(call: str, utterance: Utterance) -> str:
    """The same for the same words of the same person at the same moment of the same call."""
    return _id_of(call, utterance.identity, utterance.start, utterance.bare_words)


def gap_id(call: str, gap: Gap) -> str:
    """The same for the same gap."""
    return _id_of(call, gap.identity, gap.start, gap.reason)


def question_id(call: str, question: str) -> str:
    """The same for the same question of the same call."""
    return _id_of(call, "", 0.0, question)


def _id_of(call: str, identity: str, start: float, what: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{call}|{identity}|{round(start * 1000)}|{what}"))
