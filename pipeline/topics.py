"""What the talk is about: the subject that "it" and "that" point to."""

import re
from collections.abc import Sequence

from pipeline.dialogue import Utterance
from pipeline.sentences import spoken_sentences
from pipeline.speech_acts import SEEKING, Act, confirmed, leans_back, telling_words
from pipeline.speech_patterns import AGENT_OPENS, HOLD, LEAD_IN, QUESTION_INSIDE
from pipeline.stopwords import FILLERS
from pipeline.types import Speaker
from pipeline.words import content, heard, plain, words

_TOPIC_WORDS_MAX = 12
_LOOK_BACK = 12
_BRIDGES = r"(?:so |and |but |then |okay |ok |alright |hi |hello |sure |yes |yeah |[,.! ])*"
_DOING = r"(?:calling|trying|looking|asking|interested|hoping|wondering|planning)"
_ABOUT = r"(?: (?:about|to|for|in|because|if|whether|into|regarding))?"
_OPENING = re.compile(
    rf"^{_BRIDGES}(?:what (?:do|should|can) i (?:need to |have to )?do (?:to|about|for|with|if)\b"
    r"|(?:how much|what) (?:does|would|is|will) it (?:cost )?(?:to|for|if)\b"
    r"|(?:i|we|you)(?:'d| would)? (?:really |just |also )?(?:like|want|need|wanted|wish|love|have)"
    r" (?:to (?:know|ask)(?: (?:about|if|how to|how i can|whether))?|to|for|about)?"
    rf"|(?:i|we|you)(?:'m|'re| am| are|'ve been| was| were) (?:just |currently )?{_DOING}(?: to know| to ask)?{_ABOUT}"
    r"|(?:are|is|was|were|do|does|did|can|could|would|will|should|may|have|has) (?:i|you|we|they|it|there|this|that)\b"
    r"(?: (?:trying to|looking to|calling about|want to|like to|asking about|also|have|tell me|help me|about))*"
    r"|how (?:do|can|could|would|should|to|does) ?(?:i|you|we|one|it)?\b|what(?:'s| is| are| about)|how about"
    r"|where (?:do|can|is|are) (?:i|we)?|when (?:do|does|will|can|is)|why (?:do|does|is|are|did|has|was)"
    r"|(?:it|that)'s about|it sounds like|if i understand(?: you)?(?: correctly| right)?,?|please"
    r"|tell me(?: more)?(?: about| how to)?)(?= |$) ?"
)
"""What stands before the subject of a request."""


def topic_of(spoken: Sequence[Utterance], place: int) -> str:
    """The subject before the utterance at `place`, "" when there is none. The nearest that names something wins."""
    for utterance in reversed(spoken[max(0, place - _LOOK_BACK) : place]):
        phrase = _named_in(utterance)
        if telling_words(phrase):
            return phrase
    return ""


def _named_in(utterance: Utterance) -> str:
    """A customer's request that stands alone, or the agent's summary of one."""
    if utterance.speaker is Speaker.AGENT:
        return "" if AGENT_OPENS.search(heard(utterance.text)) else phrase_of(confirmed(utterance.text))
    focus = utterance.reading.focus
    act = utterance.reading.act
    if act not in SEEKING or (act is Act.QUESTION and leans_back(focus)):
        return ""
    return phrase_of(_last_question(spoken_sentences(focus)[-1]))


def _last_question(sentence: str) -> str:
    """Without punctuation a report and a question run into one; the question tells the subject."""
    starts = [match.start() for match in QUESTION_INSIDE.finditer(sentence.lower())]
    rest = sentence[starts[-1] :] if starts else ""
    return rest if len(content(rest)) >= 2 else sentence


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


def latest_from_agent(spoken: Sequence[Utterance], place: int) -> str:
    """The agent's last telling utterance shortly before, "" when there is none."""
    for utterance in reversed(spoken[max(0, place - 4) : place]):
        is_telling = utterance.speaker is Speaker.AGENT and len(content(utterance.text)) >= 2
        if is_telling and not HOLD.search(heard(utterance.text)):
            return utterance.text
    return ""
