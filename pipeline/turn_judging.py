"""What the rules read and what the turn classifier says, put together."""

import msgspec

from pipeline.dialogue import Utterance
from pipeline.ports import Vector
from pipeline.speech_acts import SEEKING, Act, Reading
from pipeline.speech_patterns import LEAD_IN
from pipeline.turn_kinds import SaidTurn, TurnChances
from pipeline.words import plain, words

_SURELY_SOCIAL = 0.95
_SURELY_ENDING = 0.6
_QUIET_ACTS = {"inform": Act.STATEMENT, "social": Act.SOCIAL, "end": Act.RESOLVED}


def is_to_be_judged(utterance: Utterance) -> bool:
    """False where it holds nothing but social words: that needs no embedding."""
    reading = utterance.reading
    return not (reading.act is Act.SOCIAL and reading.confidence >= _SURELY_SOCIAL)


def said_turn(utterance: Utterance, vector: Vector, asked_vector: Vector | None, similarity: float | None) -> SaidTurn:
    """What the classifier takes; the vectors are those of `utterance.text` and `utterance.asked`."""
    return SaidTurn(
        text=utterance.text,
        asked=utterance.asked,
        vector=vector,
        asked_vector=asked_vector if utterance.asked else None,
        act=utterance.reading.act,
        similarity=similarity,
    )


def judged(utterance: Utterance, chances: TurnChances) -> Utterance:
    """The utterance with the classifier's word on whether it seeks; how it asks, and what, stays as read."""
    return msgspec.structs.replace(utterance, reading=_reading(utterance, chances))


def _reading(utterance: Utterance, chances: TurnChances) -> Reading:
    reading = utterance.reading
    if chances.seeking:
        act = reading.act if reading.act in SEEKING else Act.WISH
        return Reading(act=act, focus=reading.focus or _core(utterance.text), confidence=chances.seek)
    sure = 1.0 - chances.seek
    if reading.act in SEEKING or (reading.act is Act.STATEMENT and chances.end >= _SURELY_ENDING):
        return Reading(act=_QUIET_ACTS[chances.kind], focus="", confidence=sure)
    return msgspec.structs.replace(reading, confidence=sure)


def _core(text: str) -> str:
    """Without what leads in; the whole where hardly anything is left."""
    said = plain(text)
    match = LEAD_IN.match(said.lower())
    rest = said[match.end() :].strip(" ,-") if match else said
    return rest if len(words(rest)) >= 2 else said
