"""Which language a call is held in."""

from collections.abc import Sequence
from itertools import islice

from pipeline.languages import ENGLISH, primary, told_by
from pipeline.types import Segment, Speaker

_LATEST = 12
"""Utterances of the customer that count; a call may change its language."""


def language_of_call(transcript: Sequence[Segment], default: str = ENGLISH) -> str:
    """BCP 47 tag of what the customer speaks; a recogniser's own tag wins over the words.

    While the customer has said too little, the words of both speakers count; `default` when these do not tell it.
    """
    said = list(islice((it for it in reversed(transcript) if it.speaker is Speaker.CUSTOMER), _LATEST))
    tagged = next((it.language for it in said if primary(it.language)), None)
    if tagged:
        return tagged
    told = told_by(it.text for it in said)
    return told or told_by(it.text for it in transcript[-_LATEST:]) or default
