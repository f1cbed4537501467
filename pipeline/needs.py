"""What is needed: the request in the new utterances, and what is still missing to search for it."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from pipeline.dialogue import Utterance
from pipeline.entities import EntityFinder
from pipeline.languages import language, told_by
from pipeline.speech_acts import SEEKING, Act, asks_for_detail, confirmed, telling_words
from pipeline.spoken_numbers import with_digits
from pipeline.support_words import SOFTWARE_WORDS, VAGUE_REPORTS
from pipeline.topics import phrase_of
from pipeline.types import Entity, Speaker
from pipeline.words import content, plain, words

_SAYS_LITTLE = re.compile(
    r"\b(?:something|anything|it|that)(?:'s| is| seems| looks)(?: \w+)? (?:off|up|odd|weird|strange|funny|not right)\b",
    re.IGNORECASE,
)
_DETAIL_TYPES = frozenset({"error_code", "product", "version"})
_SUBJECT_OF = (
    (
        "order",
        frozenset({"order", "parcel", "package", "delivery", "shipment", "shipping", "deliver", "arrived", "courier"}),
    ),
    (
        "billing",
        frozenset({"bill", "billing", "charge", "charged", "charges", "invoice", "payment", "refund", "fee", "paid"}),
    ),
)
_MISSING = {
    "order": ("order_number", "what_happens"),
    "billing": ("what_happens", "amount", "date"),
    "technical": ("error_message", "what_happens", "product", "version"),
    "unknown": ("issue",),
}


class Need(Struct, frozen=True, kw_only=True):
    """A request for knowledge."""

    focus: str
    act: Act
    place: int
    """Of the utterance that made it, in the talk."""
    confidence: float
    details: tuple[str, ...] = ()
    """Answers that belong to it."""


def latest_need(spoken: Sequence[Utterance], finder: EntityFinder) -> Need | None:
    """The last request in the customer's new utterances."""
    for place in range(len(spoken) - 1, -1, -1):
        utterance = spoken[place]
        if utterance.is_new and utterance.speaker is Speaker.CUSTOMER:
            need = _need_of(spoken, place, finder)
            if need:
                return need
    return None


def open_need(spoken: Sequence[Utterance], before: int) -> Need | None:
    """The last request before that place which nobody has called settled."""
    for place in range(before - 1, -1, -1):
        utterance = spoken[place]
        if utterance.speaker is not Speaker.CUSTOMER:
            continue
        if utterance.reading.act is Act.RESOLVED:
            return None
        if utterance.reading.act in SEEKING and content(utterance.reading.focus):
            return Need(
                focus=utterance.reading.focus,
                act=utterance.reading.act,
                place=place,
                confidence=utterance.reading.confidence,
            )
    return None


def _need_of(spoken: Sequence[Utterance], place: int, finder: EntityFinder) -> Need | None:
    utterance = spoken[place]
    reading = utterance.reading
    summary = phrase_of(confirmed(utterance.asked)) if reading.act is Act.YES else ""
    if telling_words(summary):
        return Need(focus=summary, act=Act.WISH, place=place, confidence=0.65)
    if reading.act in SEEKING and not _only_adds(utterance, finder):
        return Need(focus=reading.focus, act=reading.act, place=place, confidence=reading.confidence)
    if reading.act in SEEKING or reading.act is Act.STATEMENT:
        return _enriched(spoken, place, finder) or _by_itself(utterance, place, finder)
    return None


def _by_itself(utterance: Utterance, place: int, finder: EntityFinder) -> Need | None:
    """A report, or the bare mention of an error code."""
    reading = utterance.reading
    if reading.act not in SEEKING:
        named = any(entity.type == "error_code" for entity in finder.in_text(utterance.text, utterance.asked))
        return Need(focus=utterance.text, act=Act.PROBLEM, place=place, confidence=0.7) if named else None
    return Need(focus=reading.focus, act=reading.act, place=place, confidence=reading.confidence)


def _only_adds(utterance: Utterance, finder: EntityFinder) -> bool:
    """ "the error code is 401": a detail that looks like a report."""
    if utterance.reading.act is not Act.PROBLEM:
        return False
    named = {entity.type for entity in finder.in_text(utterance.text, utterance.asked)} & _DETAIL_TYPES
    told = [word for word in telling_words(utterance.text) if not any(char.isdigit() for char in word)]
    return bool(named) and len(told) <= 1


def _enriched(spoken: Sequence[Utterance], place: int, finder: EntityFinder) -> Need | None:
    """The open request together with the answers given since; None when this one adds nothing to search by."""
    utterance = spoken[place]
    request = open_need(spoken, place)
    if request is None or request.act is Act.QUESTION or not _adds(utterance, spoken[:place], finder):
        return None
    details = tuple(
        later.text
        for later in spoken[request.place + 1 : place + 1]
        if later.speaker is Speaker.CUSTOMER
        and (later is utterance or later.reading.act is Act.STATEMENT)
        and _is_detail(later, finder)
    )
    return Need(
        focus=request.focus,
        act=request.act,
        place=request.place,
        confidence=min(request.confidence, 0.75),
        details=details,
    )


def _adds(utterance: Utterance, before: Sequence[Utterance], finder: EntityFinder) -> bool:
    known = {entity for earlier in before for entity in finder.in_text(earlier.text, earlier.asked)}
    new = [entity for entity in _details(utterance, finder) if entity not in known]
    return bool(new) or _describes(utterance)


def _is_detail(utterance: Utterance, finder: EntityFinder) -> bool:
    return bool(_details(utterance, finder)) or _describes(utterance)


def _details(utterance: Utterance, finder: EntityFinder) -> list[Entity]:
    found = finder.in_text(utterance.text, utterance.asked)
    return [entity for entity in found if entity.type in _DETAIL_TYPES]


def _describes(utterance: Utterance) -> bool:
    """A description in answer to a question about the problem."""
    return asks_for_detail(utterance.asked) and len(telling_words(utterance.text)) >= 2


def missing_details(need: Need, topic: str, entities: Iterable[Entity], tag: str | None = None) -> tuple[str, ...]:
    """Details without which a search is pointless, most useful first; empty: enough is known.

    `tag` is the language of the call; None: it is told by the request's own words.
    """
    entities = tuple(entities)
    types = {entity.type for entity in entities}
    text = with_digits(plain(" ".join((need.focus, *need.details))))
    products = {stem for entity in entities if entity.type == "product" for stem in content(entity.value)}
    vague = _vague_stems(tag or told_by((text,)))
    telling = telling_words(_SAYS_LITTLE.sub(" ", text))
    told = [stem for stem in telling if stem not in products | vague and not stem[0].isdigit()]
    if _says_enough(told, text) or "error_code" in types or _refers(need, topic) or _relates(need, text, entities):
        return ()
    if not text.isascii() and not content(text):
        return ()
    return tuple(detail for detail in _MISSING[_subject(need, text, products)] if _is_unknown(detail, types, text))


def _says_enough(told: Sequence[str], text: str) -> bool:
    """ "something is wrong with my bill" names a subject, but not what is wrong with it."""
    is_vague = bool(VAGUE_REPORTS.intersection(words(text)) or _SAYS_LITTLE.search(text))
    return len(told) > 1 or (bool(told) and not is_vague)


def _vague_stems(tag: str | None) -> frozenset[str]:
    """Of languages other than English, whose vague words `telling_words` leaves out itself."""
    data = language(tag)
    return frozenset(content(" ".join(sorted(data.vague)), data.code)) if data.vague else frozenset()


def _refers(need: Need, topic: str) -> bool:
    """A question about the topic carried over needs no subject of its own."""
    return need.act is not Act.PROBLEM and bool(telling_words(topic))


def _relates(need: Need, text: str, entities: Sequence[Entity]) -> bool:
    """ "does this phone work with the esim": a question about two things."""
    said = text.lower()
    named = {entity.value.lower() for entity in entities if entity.type == "product"}
    return need.act is Act.QUESTION and sum(name in said for name in named) > 1


def _subject(need: Need, text: str, products: set[str]) -> str:
    said = frozenset(words(text))
    for subject, subject_words in _SUBJECT_OF:
        if said & subject_words:
            return subject
    return "technical" if need.act is Act.PROBLEM or products else "unknown"


def _is_unknown(detail: str, types: set[str], text: str) -> bool:
    if detail == "version":
        return "version" not in types and bool(SOFTWARE_WORDS.intersection(words(text)))
    return {"error_message": "error_code"}.get(detail, detail) not in types
