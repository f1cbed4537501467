"""Questions that bring in a missing detail, and the knowledge of when one has been answered."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from pipeline.contrasts import Contrast, is_told, joined
from pipeline.languages import ENGLISH, LANGUAGES, folded, language
from pipeline.references import Reference
from pipeline.speech_acts import Act, RuleSpeechActs
from pipeline.speech_languages import acts_in
from pipeline.types import Context, Question, Segment, Speaker
from pipeline.words import content, plain, words

QUESTION_TEXTS: Mapping[str, str] = language(ENGLISH).questions
"""Purpose → question in English."""

_ENTITY_OF = {
    "error_message": "error_code",
    "code": "error_code",
    "product": "product",
    "version": "version",
    "order_number": "order_number",
    "amount": "amount",
    "date": "date",
}
_ALIKE = 0.6
"""Share of common words from which two questions ask the same."""
_RULES = RuleSpeechActs()
_HOLES = re.compile(r"\{(?:choices|thing)\}")
_LAST_CHOICE = re.compile(r",? (?:or|oder|o|ou) |, ")
_PICKS = re.compile(
    r"\b(?:(?:the|der|die|das|el|la|le) (?:first|second|third|last|former|latter|other|erste|zweite|dritte|andere"
    r"|primer[oa]|segund[oa]|tercer[oa]|otr[oa]|premier|premiere|deuxieme|second|seconde|troisieme|autre)|both|neither)\b"
)
""" "the second one": an answer to a choice."""
_NUMBERED = re.compile(r"[A-Za-z]*-?\d[\w-]*$")


def question_for(detail: str, priority: int, tag: str = ENGLISH) -> Question | None:
    """The question that asks for a detail; None for a detail that nobody can be asked for."""
    text = language(tag).questions.get(detail, "")
    return Question(text=text, purpose=detail, priority=priority) if text and "{" not in text else None


def question_between(contrast: Contrast, priority: int, tag: str = ENGLISH) -> Question:
    """Asks which of the choices it is."""
    return Question(text=contrast.text or _filled(contrast, tag), purpose=contrast.purpose, priority=priority)


def question_about(reference: Reference, priority: int, tag: str = ENGLISH) -> Question:
    """Asks what "this" is."""
    texts = language(tag).questions
    choices = reference.choices if len(reference.choices) > 1 else ()
    if not choices:
        return Question(
            text=texts["reference"].replace("{thing}", reference.thing), purpose="reference", priority=priority
        )
    own = set(content(reference.thing))
    are_kinds = all(own & set(content(choice)) for choice in choices)
    text = texts["meant" if are_kinds else "kind"].replace("{thing}", reference.thing)
    return Question(
        text=text.replace("{choices}", joined(choices, texts["or"])), purpose="reference", priority=priority
    )


def _filled(contrast: Contrast, tag: str) -> str:
    texts = language(tag).questions
    choices = contrast.choices
    purpose = contrast.purpose
    if purpose == "subject" and language(tag).code == ENGLISH and all(_NUMBERED.match(it) for it in choices):
        purpose, choices = "either", tuple(f"the {choice}" for choice in choices)
    return texts[purpose].replace("{choices}", joined(choices, texts["or"]))


def answered_questions(questions: Sequence[Question], context: Context) -> tuple[Question, ...]:
    """Those whose answer is in the call by now, so that they can be withdrawn."""
    return tuple(question for question in questions if _is_answered(question, context))


def is_answered(purpose: str, context: Context) -> bool:
    """The detail has been named, or the agent has asked for it and the customer has replied."""
    wanted = _ENTITY_OF.get(purpose)
    if wanted and any(entity.type == wanted for entity in context.entities):
        return True
    if purpose in ("what_happens", "issue") and context.sufficient and context.seeking:
        return True
    return _asked_and_answered(lambda text: _asks(text, purpose, context.language), context)


def was_proposed(question: Question, proposed: Iterable[str]) -> bool:
    """The same was proposed before, in these or other words or in another language."""
    templates = {language(code).questions.get(question.purpose) for code in LANGUAGES}
    return any(text in templates or alike(text, question.text) for text in proposed)


def alike(one: str, other: str) -> bool:
    """Two questions ask for the same."""
    first, second = _asked_words(one), _asked_words(other)
    return plain(one) == plain(other) or len(first & second) >= _ALIKE * max(len(first | second), 1)


@lru_cache(maxsize=4096)
def _asked_words(text: str) -> frozenset[str]:
    return frozenset(content(text)) or frozenset(words(text))


def _is_answered(question: Question, context: Context) -> bool:
    choices = choices_in(question)
    if choices and is_told(choices, context):
        return True
    if question.purpose == "reference" and _explained(question, context):
        return True
    asked = _asked_and_answered(lambda text: _is_asked(question, choices, text), context)
    return asked or is_answered(question.purpose, context)


def _explained(question: Question, context: Context) -> bool:
    """What the customer said after the question came up names something."""
    things = set(content(question.text))
    said = [segment for segment in context.turn.transcript if segment.speaker is Speaker.CUSTOMER]
    place = max((number for number, it in enumerate(said) if things & set(content(it.text))), default=len(said))
    return any(_replies(later, context.language) for later in said[place + 1 :])


def _is_asked(question: Question, choices: Sequence[str], text: str) -> bool:
    """The agent asks it in own words: names all choices, or most of its words."""
    if choices and all(set(content(choice)) <= set(content(text)) for choice in choices):
        return True
    return alike(question.text, text)


def choices_in(question: Question) -> tuple[str, ...]:
    """What the question lets the customer choose from, () when it is an open one."""
    for code in LANGUAGES:
        for template in language(code).questions.values():
            match = _pattern(template).fullmatch(question.text) if "{choices}" in template else None
            if match:
                return tuple(_LAST_CHOICE.split(match["choices"]))
    return _values_in(question.text) if question.purpose == "state" else ()


def _values_in(text: str) -> tuple[str, ...]:
    """ "Is the light red or blinking?" → red, blinking. The first value is taken to be as long as the last."""
    *before, last = _LAST_CHOICE.split(text.rstrip("?"))
    if not before:
        return ()
    first = before[0].split()[-len(last.split()) :]
    return (" ".join(first), *before[1:], last)


@lru_cache(maxsize=256)
def _pattern(template: str) -> re.Pattern[str]:
    before, *after = _HOLES.split(template)
    holes = [hole[1:-1] for hole in _HOLES.findall(template)]
    text = re.escape(before)
    for hole, part in zip(holes, after, strict=True):
        text += f"(?P<{hole}>.+?)" + re.escape(part)
    return re.compile(text)


def _asked_and_answered(is_asked: Callable[[str], bool], context: Context) -> bool:
    asked = False
    for segment in context.turn.transcript:
        if segment.speaker is Speaker.AGENT:
            asked = is_asked(segment.text) or (asked and not content(segment.text))
        elif asked and _replies(segment, context.language):
            return True
    return False


def _asks(text: str, purpose: str, tag: str) -> bool:
    pattern = language(tag).asked.get(purpose)
    said = plain(text).lower()
    return bool(pattern and re.search(pattern, said)) and acts_in(tag, _RULES).read(text, "").act is Act.QUESTION


def _replies(segment: Segment, tag: str) -> bool:
    chosen = bool(_PICKS.search(folded(segment.text)))
    return chosen or (acts_in(tag, _RULES).read(segment.text, "").act is not Act.SOCIAL and bool(content(segment.text)))
