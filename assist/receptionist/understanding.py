"""What a caller wants with an utterance: by rules, in the languages that have phrases."""

import re
from enum import Enum

from msgspec import Struct

from assist.receptionist.phrases import Phrases
from pipeline.languages import folded
from pipeline.sentences import spoken_sentences
from pipeline.speech_acts import SEEKING, Act, RuleSpeechActs, SpeechActs, points_back, telling_words
from pipeline.speech_languages import acts_in
from pipeline.words import heard, plain

MAX_QUESTION_CHARS = 2_000
_QUESTIONS_MAX = 3
_TELLING = 2
"""So many words that say what it is about make more than small talk."""
_TIE = re.compile(r"^(?:and|but|so|then|also|or)\s+", re.IGNORECASE)
_ENGLISH = RuleSpeechActs()


class Intent(Enum):
    """What is to be done about an utterance."""

    HUMAN = "human"
    QUESTION = "question"
    MATTER = "matter"
    """A statement with a subject; perhaps a question in few words."""
    ROBOT = "robot"
    REPEAT = "repeat"
    WAIT = "wait"
    GOODBYE = "goodbye"
    NO = "no"
    YES = "yes"
    THANKS = "thanks"
    GREETING = "greeting"
    UNCLEAR = "unclear"


_SMALL_TALK = (Intent.GOODBYE, Intent.NO, Intent.YES, Intent.THANKS, Intent.GREETING)


class Understood(Struct, frozen=True, kw_only=True):
    """An utterance."""

    words: str
    """Plain, as said."""
    intent: Intent
    questions: tuple[str, ...] = ()
    """To be answered one by one, in the caller's words; only of questions and matters."""
    agrees: bool | None = None
    """It begins with a yes or a no; None: with neither."""
    leaves: bool = False
    """It says goodbye, and not only that nothing more is wanted."""


def understand(words: str, asked: str, phrases: Phrases) -> Understood:
    """What `words` mean after the receptionist `asked` something (its last words, perhaps empty)."""
    said = plain(words.replace("\0", " "))
    folded_words = folded(heard(said)).strip(" .,!?¡¿")
    acts = acts_in(phrases.code, _ENGLISH)
    intent = _intent(said, folded_words, asked, phrases)
    questions = _questions(said, asked, acts) if intent in (Intent.QUESTION, Intent.MATTER) else ()
    return Understood(
        words=said,
        intent=intent,
        questions=questions,
        agrees=_agrees(folded_words, phrases),
        leaves=intent is Intent.GOODBYE and phrases.hears("farewell", folded_words),
    )


def _intent(said: str, folded_words: str, asked: str, phrases: Phrases) -> Intent:
    """The strongest thing first."""
    reading = acts_in(phrases.code, _ENGLISH).read(said, asked)
    told = len(telling_words(said))
    is_short = told < _TELLING
    is_chat = is_short or reading.act is not Act.STATEMENT

    def hears(intent: Intent) -> bool:
        return phrases.hears(intent.value, folded_words)

    found = (
        (Intent.HUMAN, hears(Intent.HUMAN)),
        (Intent.ROBOT, is_short and hears(Intent.ROBOT)),
        (Intent.REPEAT, is_short and hears(Intent.REPEAT)),
        (Intent.QUESTION, reading.act in SEEKING),
        (Intent.WAIT, hears(Intent.WAIT)),
        (Intent.GOODBYE, is_chat and phrases.hears("farewell", folded_words)),
        *((intent, is_chat and hears(intent)) for intent in _SMALL_TALK),
        (Intent.MATTER, reading.act is Act.STATEMENT and told > 0),
        (Intent.GOODBYE, reading.act is Act.RESOLVED),
    )
    return next((intent for intent, is_so in found if is_so), Intent.UNCLEAR)


def _questions(said: str, asked: str, acts: SpeechActs) -> tuple[str, ...]:
    """Sentences that ask and stand alone, each by itself; else all of it at once."""
    asking = [
        reading
        for part in spoken_sentences(said)
        if (reading := acts.read(part, asked)).act in SEEKING and reading.focus
    ]
    alone = all(reading.act is Act.QUESTION and not points_back(reading.focus) for reading in asking)
    if len(asking) > 1 and alone:
        return tuple(_TIE.sub("", reading.focus)[:MAX_QUESTION_CHARS] for reading in asking[:_QUESTIONS_MAX])
    whole = acts.read(said, asked).focus or said
    return (_TIE.sub("", whole)[:MAX_QUESTION_CHARS],)


def _agrees(folded_words: str, phrases: Phrases) -> bool | None:
    for kind, agrees in (("no", False), ("yes", True)):
        if phrases.heard[kind].match(folded_words):
            return agrees
    return None
