"""Questions that bring in a missing detail, and the knowledge of when one has been answered."""

import re
from collections.abc import Sequence

from pipeline.speech_acts import Act, RuleSpeechActs
from pipeline.types import Context, Question, Segment, Speaker
from pipeline.words import content, plain

QUESTION_TEXTS = {
    "error_message": "What does the error message or code say exactly?",
    "what_happens": "What exactly happens, and what were you doing just before?",
    "issue": "What would you like to do, or what is not working?",
    "product": "Which product or device is it about?",
    "version": "Which version of the app or software do you use?",
    "order_number": "Could you tell me the order number?",
    "amount": "Which amount is it about?",
    "date": "When did this happen?",
    "topic": "Is it about {first} or {second}?",
}

_ENTITY_OF = {
    "error_message": "error_code",
    "product": "product",
    "version": "version",
    "order_number": "order_number",
    "amount": "amount",
    "date": "date",
}
_ASKED_AS = {
    "error_message": re.compile(r"\berror|\bmessage|\bcode\b"),
    "what_happens": re.compile(
        r"\bwhat (?:exactly )?(?:happens|happened|is happening|do you see|are you seeing)|what's happening|\bdescribe"
    ),
    "issue": re.compile(r"\bwhat (?:can|would|do|is|seems|exactly)|what's (?:wrong|the|going)|how (?:can|may) i help"),
    "product": re.compile(
        r"\b(?:which|what) (?:kind of |type of )?(?:\w+ )?(?:product|device|model|app|phone|machine|service|item)"
        r"|on which|are you using"
    ),
    "version": re.compile(r"\bversion|\brelease\b|\bfirmware"),
    "order_number": re.compile(r"\border (?:number|id)"),
    "amount": re.compile(r"\bhow much|\bamount"),
    "date": re.compile(r"\bwhen (?:did|was|were|has)|\bsince when|\bwhat (?:day|date)"),
    "topic": re.compile(r"\bis (?:it|this) about\b"),
}
_ACTS = RuleSpeechActs()


def question_for(detail: str, priority: int) -> Question | None:
    """The question that asks for a detail; None for a detail that nobody can be asked for."""
    text = QUESTION_TEXTS.get(detail)
    return Question(text=text, purpose=detail, priority=priority) if text else None


def answered_questions(questions: Sequence[Question], context: Context) -> tuple[Question, ...]:
    """Those whose answer is in the call by now, so that they can be withdrawn."""
    return tuple(question for question in questions if is_answered(question.purpose, context))


def is_answered(purpose: str, context: Context) -> bool:
    """The detail has been named, or the agent has asked for it and the customer has replied."""
    wanted = _ENTITY_OF.get(purpose)
    if wanted and any(entity.type == wanted for entity in context.entities):
        return True
    if purpose in ("what_happens", "issue") and context.sufficient and context.seeking:
        return True
    return _asked_and_answered(purpose, context.turn.transcript)


def _asked_and_answered(purpose: str, transcript: Sequence[Segment]) -> bool:
    asked_as = _ASKED_AS.get(purpose)
    if asked_as is None:
        return False
    asked = False
    for segment in transcript:
        if segment.speaker is Speaker.AGENT:
            asked = _asks(segment.text, asked_as) or (asked and not content(segment.text))
        elif asked and _replies(segment.text):
            return True
    return False


def _asks(text: str, asked_as: re.Pattern[str]) -> bool:
    said = plain(text).lower()
    return bool(asked_as.search(said)) and _ACTS.read(text, "").act is Act.QUESTION


def _replies(text: str) -> bool:
    return _ACTS.read(text, "").act is not Act.SOCIAL and bool(content(text))
