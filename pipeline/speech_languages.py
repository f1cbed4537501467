"""What an utterance does, in German, Spanish or French; the phrases lie in `pipeline/phrases`."""

import re
from dataclasses import dataclass
from functools import lru_cache

from msgspec import Struct

from pipeline.languages import Language, folded, language
from pipeline.sentences import spoken_sentences
from pipeline.speech_acts import SEEKING, Act, Reading, SpeechActs
from pipeline.words import content, plain, words

_LEADS_MAX = 12


class Phrases(Struct, frozen=True, kw_only=True):
    """Compiled phrases of one language, for folded text."""

    lead_in: re.Pattern[str]
    question_start: re.Pattern[str]
    question_inside: re.Pattern[str]
    not_question: re.Pattern[str]
    problem: re.Pattern[str]
    no_problem: re.Pattern[str]
    resolved: re.Pattern[str]
    still: re.Pattern[str]
    wish: re.Pattern[str]
    empty_wish: re.Pattern[str]
    imperative: re.Pattern[str]
    small_talk: re.Pattern[str]
    inform: re.Pattern[str]


_AT_START = frozenset({"question_start", "not_question", "imperative", "inform"})


def acts_in(tag: str | None, english: SpeechActs) -> SpeechActs:
    """The reader for a call in a language; `english` for English and for languages without phrases."""
    data = language(tag)
    return PhraseSpeechActs(code=data.code) if data.speech else english


def reading_in(tag: str | None, text: str, asked: str) -> Reading | None:
    """How an utterance in that language is understood; None for English and languages without phrases."""
    data = language(tag)
    return _read(data.code, text, asked) if data.speech else None


@dataclass(frozen=True, kw_only=True)
class PhraseSpeechActs:
    """Reads one language by its phrases; obeys the port `SpeechActs`."""

    code: str

    def read(self, text: str, asked: str) -> Reading:
        """Reads the utterance as its strongest sentence."""
        return _read(self.code, text, asked)


@lru_cache(maxsize=32768)
def _read(code: str, text: str, asked: str) -> Reading:
    parts = spoken_sentences(plain(text))
    acts = [_sentence_act(part, asked, code) for part in parts]
    seeking = [(act, confidence) for act, confidence in acts if act in SEEKING]
    if not seeking:
        act, confidence = _quiet_act([act for act, _ in acts])
        return Reading(act=act, focus="", confidence=confidence)
    act, confidence = max(seeking, key=lambda entry: entry[1])
    last = seeking[-1][0]
    focus = " ".join(
        _without_lead(part, code) for part, (its_act, _) in zip(parts, acts, strict=True) if its_act in SEEKING
    )
    return Reading(act=Act.QUESTION if last is Act.QUESTION else act, focus=focus, confidence=confidence)


def _quiet_act(acts: list[Act]) -> tuple[Act, float]:
    for act in (Act.RESOLVED, Act.STATEMENT, Act.YES):
        if act in acts:
            return act, 0.8
    return Act.SOCIAL, 0.9


def _sentence_act(sentence: str, asked: str, code: str) -> tuple[Act, float]:
    data, phrases = language(code), _phrases(code)
    core = _core(folded(plain(sentence)), phrases)
    said = [word for whole in words(core) for word in whole.split("'")]
    if not any(char.isdigit() for char in core) and data.social.issuperset(said):
        return Act.SOCIAL, 0.95
    if phrases.small_talk.search(core) and len(content(core, code)) < 3:
        return Act.SOCIAL, 0.9
    asks = bool(phrases.question_start.match(core)) and not phrases.not_question.match(core)
    trouble = phrases.problem.search(phrases.no_problem.sub(" ", core))
    if phrases.resolved.search(core) and not phrases.still.search(core) and not asks:
        return Act.RESOLVED, 0.85
    if phrases.empty_wish.search(core):
        return Act.STATEMENT, 0.7
    return _request_act(core, phrases, asks=asks, has_trouble=bool(trouble))


def _request_act(core: str, phrases: Phrases, *, asks: bool, has_trouble: bool) -> tuple[Act, float]:
    if asks or (core.rstrip(" '\"").endswith("?") and len(words(core)) > 1):
        return Act.QUESTION, 0.9
    if phrases.inform.match(core) and not has_trouble:
        return Act.STATEMENT, 0.85
    found = (
        (bool(phrases.question_inside.search(core)), Act.QUESTION),
        (has_trouble, Act.PROBLEM),
        (bool(phrases.wish.search(core) or phrases.imperative.match(core)), Act.WISH),
    )
    return next(((act, 0.8) for is_so, act in found if is_so), (Act.STATEMENT, 0.7))


def _core(said: str, phrases: Phrases) -> str:
    lead = phrases.lead_in.match(said)
    return said[lead.end() if lead else 0 :].strip(" ,.-¿¡")


def _without_lead(sentence: str, code: str) -> str:
    """As said, without greeting and bridges; folding keeps most lengths, and where not, the sentence stays whole."""
    said = folded(sentence)
    lead = _phrases(code).lead_in.match(said) if len(said) == len(sentence) else None
    rest = sentence[lead.end() if lead else 0 :].strip(" ,-¿¡")
    return rest if len(words(rest)) > 1 else sentence.strip(" ,-")


@lru_cache(maxsize=8)
def _phrases(code: str) -> Phrases:
    return Phrases(**{kind: _compiled(kind, language(code)) for kind in Phrases.__struct_fields__})


def _compiled(kind: str, data: Language) -> re.Pattern[str]:
    alternatives = "|".join(folded_pattern(one) for one in data.speech[kind])
    if kind == "lead_in":
        return re.compile(rf"^[\s,.¿¡-]*(?:(?:{alternatives})(?![\w'])[\s,.!:;¿¡-]*){{1,{_LEADS_MAX}}}")
    return re.compile(rf"^(?:{alternatives})(?![\w])" if kind in _AT_START else rf"(?<!\w)(?:{alternatives})(?!\w)")


def folded_pattern(pattern: str) -> str:
    """As `folded`, but escapes such as `\\W` keep their case."""
    return "".join(piece if piece.startswith("\\") else folded(piece) for piece in re.split(r"(\\.)", pattern))
