"""What the talk is about: the subject that "it" and "that" point to."""

import re
from collections.abc import Sequence

from pipeline.dialogue import Utterance
from pipeline.sentences import spoken_sentences
from pipeline.speech_acts import SEEKING, confirms, telling_words
from pipeline.speech_patterns import AGENT_OPENS, HOLD, LEAD_IN
from pipeline.stopwords import FILLERS, POINTING_WORDS
from pipeline.types import Speaker
from pipeline.words import content, plain, words

_TOPIC_WORDS_MAX = 10
_LOOK_BACK = 12
_OPENING = re.compile(
    r"^(?:so |and |but |then |okay |ok |alright |hi |hello |sure |yes |yeah |[,.! ])*"
    r"(?:(?:i|we|you)(?:'d| would)? (?:really |just |also )?(?:like|want|need|wanted|wish|love|have) (?:to (?:know|ask)(?: (?:about|if|how to|how i can|whether))?|to|for|about)?"
    r"|(?:i|we|you)(?:'m|'re| am| are|'ve been| was| were) (?:just |currently )?(?:calling|trying|looking|asking|interested|hoping|wondering|planning)(?: (?:to know|to ask))?(?: (?:about|to|for|in|because|if|whether|into|regarding))?"
    r"|(?:are|is|was|were|do|does|did|can|could|would|will|should|may|have|has) (?:i|you|we|they|it|there|this|that)\b(?: (?:trying to|looking to|calling about|want to|like to|asking about|also|have|tell me|help me|about))*"
    r"|how (?:do|can|could|would|should|to|does) ?(?:i|you|we|one|it)?\b|what(?:'s| is| are| about)|how about|where (?:do|can|is|are) (?:i|we)?|when (?:do|does|will|can|is)|why (?:do|does|is|are|did|has|was)"
    r"|(?:it|that)'s about|it sounds like|if i understand(?: you)?(?: correctly| right)?,?|please|tell me(?: more)?(?: about| how to)?)(?= |$) ?"
)
_POINTS = POINTING_WORDS | {"there"}


def topic_of(spoken: Sequence[Utterance], place: int) -> str:
    """The subject before the utterance at `place`, "" when there is none. The nearest that names something wins."""
    before = spoken[max(0, place - _LOOK_BACK) : place]
    summed_up = _last_agent_summary(before)
    if summed_up:
        return summed_up
    for utterance in reversed(before):
        if utterance.speaker is Speaker.CUSTOMER and utterance.reading.act in SEEKING:
            phrase = phrase_of(utterance.reading.focus)
            if telling_words(phrase) and not leans_back(utterance.reading.focus):
                return phrase
    return ""


def _last_agent_summary(before: Sequence[Utterance]) -> str:
    """ "so you want to port your number" said after the customer's last request."""
    for utterance in reversed(before):
        if utterance.speaker is Speaker.CUSTOMER and utterance.reading.act in SEEKING:
            return ""
        if utterance.speaker is Speaker.AGENT and confirms(utterance.text) and not AGENT_OPENS.search(utterance.text):
            said = [part for part in spoken_sentences(plain(utterance.text)) if confirms(part)]
            phrase = phrase_of(said[-1]) if said else ""
            if telling_words(phrase):
                return phrase
    return ""


def phrase_of(text: str) -> str:
    """ "I'd like to port my number please" → "port my number"."""
    said = plain(text)
    lead = LEAD_IN.match(said.lower())
    said = said[lead.end() :] if lead else said
    for _ in range(3):
        opening = _OPENING.match(said.lower())
        if not opening or len(words(said[opening.end() :])) < 1:
            break
        said = said[opening.end() :]
    kept = [word for word in said.split() if word.strip(".,!?").lower() not in FILLERS]
    return " ".join(kept[:_TOPIC_WORDS_MAX]).strip(" ,.!?;:")


def leans_back(focus: str) -> bool:
    """The utterance is not understood without the ones before: pronouns, ellipsis, or hardly any subject."""
    said = words(focus)
    points = any(word in _POINTS for word in said)
    subject = content(focus)
    return len(subject) <= 1 or (points and len(subject) <= 5) or (len(said) <= 4 and len(subject) <= 2)


def recent_agent_words(spoken: Sequence[Utterance], place: int) -> str:
    """The agent's last telling utterance before, "" when there is none."""
    for utterance in reversed(spoken[max(0, place - 4) : place]):
        if utterance.speaker is Speaker.AGENT and content(utterance.text) and not HOLD.search(utterance.text.lower()):
            return utterance.text
    return ""
