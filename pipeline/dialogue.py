"""The talk as utterances: pieces that the recogniser cut apart are joined again, and each knows what came before."""

import re
from collections.abc import Sequence

from msgspec import Struct

from pipeline.speech_acts import SEEKING, Act, Reading, SpeechActs
from pipeline.speech_patterns import LEAD_IN
from pipeline.stopwords import DANGLING_WORDS, SOCIAL_WORDS
from pipeline.types import Segment, Speaker
from pipeline.words import words

_ENDED = re.compile(r"[.!?。！？][\"')\]]*\s*$")
_CONTINUES = frozenset({Act.STATEMENT})
_PAUSE_S = 1.2
"""Longest pause inside one sentence."""
_LONG_PAUSE_S = 4.0
"""Longest pause after a word that cannot end a sentence."""
_WINDOW_SEGMENTS = 160
"""How far back the talk is read; entities are kept for the whole call."""
_JOINED_CHARS = 2000


class Utterance(Struct, frozen=True, kw_only=True):
    """What one speaker said in one go."""

    speaker: Speaker
    text: str
    reading: Reading
    asked: str
    """What the other speaker said before, "" when nothing."""
    is_new: bool
    """A part of it has not been analysed before."""


def utterances(transcript: Sequence[Segment], new: Sequence[Segment], acts: SpeechActs) -> tuple[Utterance, ...]:
    """The recent talk in order."""
    new_ids = {segment.id for segment in new}
    spoken: list[Utterance] = []
    ends: dict[Speaker, float] = {}
    last_said = {Speaker.CUSTOMER: "", Speaker.AGENT: ""}
    for segment in transcript[-_WINDOW_SEGMENTS:]:
        if not segment.text.strip():
            continue
        asked = last_said[_other(segment.speaker)]
        current = Utterance(
            speaker=segment.speaker,
            text=segment.text,
            reading=acts.read(segment.text, asked),
            asked=asked,
            is_new=segment.id in new_ids,
        )
        place = _place_of_beginning(spoken, current, segment.start_s - ends.get(segment.speaker, -1e9))
        if place is None:
            spoken.append(current)
        else:
            current = _joined(spoken.pop(place), current, acts)
            spoken.append(current)
        ends[segment.speaker] = segment.end_s
        if not _is_noise(current):
            last_said[segment.speaker] = current.text
    return tuple(spoken)


def _other(speaker: Speaker) -> Speaker:
    return Speaker.AGENT if speaker is Speaker.CUSTOMER else Speaker.CUSTOMER


def _is_noise(utterance: Utterance) -> bool:
    """ "mhm" from the listener interrupts nothing."""
    spoken_words = words(utterance.text)
    return len(spoken_words) <= 2 and all(word in SOCIAL_WORDS for word in spoken_words)


def _place_of_beginning(spoken: list[Utterance], current: Utterance, pause_s: float) -> int | None:
    """Where the utterance stands that this one continues."""
    place = len(spoken) - 1
    while place >= 0 and spoken[place].speaker is not current.speaker and _is_noise(spoken[place]):
        place -= 1
    if place < 0 or spoken[place].speaker is not current.speaker:
        return None
    return place if _continues(spoken[place], current, pause_s) else None


def _continues(before: Utterance, current: Utterance, pause_s: float) -> bool:
    if _ENDED.search(before.text) or len(before.text) > _JOINED_CHARS or current.reading.act is Act.SOCIAL:
        return False
    before_words = words(before.text)
    if before_words and before_words[-1] in DANGLING_WORDS and len(before_words) > 1:
        return pause_s <= _LONG_PAUSE_S
    if LEAD_IN.match(current.text.lower()):
        return False
    open_ended = before.reading.act in SEEKING or before.reading.act in _CONTINUES
    return open_ended and current.reading.act in _CONTINUES and pause_s <= _PAUSE_S


def _joined(before: Utterance, current: Utterance, acts: SpeechActs) -> Utterance:
    text = f"{before.text.strip()} {current.text.strip()}"
    return Utterance(
        speaker=before.speaker,
        text=text,
        reading=acts.read(text, before.asked),
        asked=before.asked,
        is_new=before.is_new or current.is_new,
    )
