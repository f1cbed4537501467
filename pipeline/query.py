"""Stage 2: a question that stands alone, asked in up to three ways."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.entities import is_said
from pipeline.speech_acts import asks_again, leans_back, points_back, telling_words
from pipeline.spoken_numbers import with_digits
from pipeline.stopwords import FILLERS
from pipeline.types import Context, Entity, Formulation, Query, QueryKind, Speaker, Turn
from pipeline.words import content, plain, words

_SEARCHED_TYPES = ("error_code", "product", "version")
"""Entities that articles mention; a customer's own numbers and dates are in none."""
_LABELS = {"error_code": "error", "version": "version"}
_QUERY_WORDS_MAX = 60
_ENTITIES_MAX = 4
_SAME_NEEDS = 2
_SAME_SHARE = 0.8
_AGENT_WORDS_MAX = 30
_ASKING = frozenset(
    [
        "how",
        "what",
        "when",
        "where",
        "why",
        "which",
        "who",
        "long",
        "much",
        "many",
        "often",
        "soon",
        "far",
        "can",
        "does",
    ]
)
_TEXT_CHARS = 300
_AS_SAID_SHARE = 0.75
_BRIDGE = re.compile(r"^(?:and|but|so|then|also|or) (?=\w)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class QueryFormulator:
    """Formulates what the context needs, unless the call has been helped with it already."""

    leaning_weight: float = 1.5
    """Say of the talk so far when the focus does not stand alone; the focus itself has 1."""
    standing_weight: float = 0.6
    """Its say otherwise."""

    async def __call__(self, given: Context) -> Query | None:
        """None: nothing is asked, or nothing new."""
        if not given.seeking or not content(given.focus + " " + given.topic):
            return None
        text = standalone(given)
        if _is_known(text, given):
            return None
        return Query(context=given, text=text, formulations=self._formulations(given))

    def _formulations(self, context: Context) -> tuple[Formulation, ...]:
        semantic = _BRIDGE.sub("", cleaned(" ".join((context.focus, *context.details)))) or context.focus
        weight = self.leaning_weight if leans_back(context.focus) else self.standing_weight
        candidates = (
            Formulation(kind=QueryKind.SEMANTIC, text=_as_said(semantic, context)),
            Formulation(kind=QueryKind.CONVERSATION, text=_in_conversation(context, semantic), weight=weight),
            Formulation(kind=QueryKind.ENTITY, text=_by_words(context)),
            Formulation(kind=QueryKind.AGENT, text=context.agent_said),
        )
        return candidates[:1] + tuple(form for form in candidates[1:] if words(form.text))


def _as_said(semantic: str, context: Context) -> str:
    """The whole utterance where little was cut from it: its vector is known from judging the turn."""
    for segment in reversed(context.turn.new):
        said = words(segment.text)
        if segment.speaker is Speaker.CUSTOMER and set(words(semantic)) <= set(said):
            return segment.text if len(words(semantic)) >= _AS_SAID_SHARE * len(said) else semantic
    return semantic


def manual_query(turn: Turn, text: str, entities: Iterable[Entity] = ()) -> Query:
    """A question that the agent typed. It is answered even when it was answered before."""
    context = Context(
        turn=turn,
        focus=text,
        seeking=True,
        detected_issue=plain(text)[:_TEXT_CHARS],
        entities=tuple(entities),
        sufficient=True,
        confidence=1.0,
    )
    return Query(
        context=context, text=plain(text), formulations=(Formulation(kind=QueryKind.MANUAL, text=cleaned(text)),)
    )


def standalone(context: Context) -> str:
    """The question as the agent reads it: "How long does that take? (port my number)"."""
    focus = cleaned(context.focus)[:_TEXT_CHARS]
    additions = [_addition(detail, context.entities)[:_TEXT_CHARS] for detail in context.details[-3:]]
    if context.topic and points_back(context.focus) and not set(content(context.topic)) <= set(content(focus)):
        additions.insert(0, context.topic)
    focus = _BRIDGE.sub("", focus)
    text = focus[:1].upper() + focus[1:]
    return f"{text} ({'; '.join(additions)})" if additions else text


def _addition(detail: str, entities: Iterable[Entity]) -> str:
    """ "two point five" → "version 2.5"."""
    said = cleaned(detail)
    for entity in entities:
        if entity.type in _LABELS and entity.value.lower() in said.lower() and len(words(said)) <= 3:
            return f"{_LABELS[entity.type]} {entity.value}"
    return said


def cleaned(text: str) -> str:
    """Without fillers and stutters, numbers as digits."""
    kept: list[str] = []
    for word in with_digits(plain(text)).split()[: _QUERY_WORDS_MAX * 3]:
        bare = word.strip(".,!?;:").lower()
        repeated = bool(kept) and bare == kept[-1].strip(".,").lower()
        if bare not in _CUT and not repeated:
            kept.append(word)
    return " ".join(kept[:_QUERY_WORDS_MAX]).strip(" ,") or plain(text)


_CUT = FILLERS - {"so", "no", "not", "right", "well", "like", "man", "dude", "guys", "sure", "oh"} | {"oh,"}


def _by_words(context: Context) -> str:
    """What is looked for word by word beside the focus: "that" has no words of its own, its topic has."""
    topic = context.topic if leans_back(context.focus) else ""
    return " ".join(part for part in (_by_entities(context), topic) if part)


def _by_entities(context: Context) -> str:
    """Names, and the codes and versions of this need, with the words that tell what is wrong."""
    own = " ".join((context.focus, *context.details))
    around = f"{own} {context.topic} {context.agent_said}" if leans_back(context.focus) else own
    said = with_digits(plain(around)).lower()
    searched = [
        entity.value
        for kind in _SEARCHED_TYPES
        for entity in context.entities
        if entity.type == kind and (kind == "product" or is_said(entity, said))
    ][:_ENTITIES_MAX]
    if not searched:
        return ""
    covered = set(content(" ".join(searched)))
    return " ".join((*searched, *(word for word in _key_words(own) if word not in covered)))


def _key_words(text: str) -> Sequence[str]:
    """Telling words as said, without repeats."""
    telling = set(telling_words(text))
    return tuple(dict.fromkeys(word for word in words(with_digits(plain(text))) if set(content(word)) & telling))[:12]


def _in_conversation(context: Context, semantic: str) -> str:
    """The focus after what was said before it by both."""
    topic = "" if set(content(context.topic)) <= set(content(semantic)) else context.topic
    agent = " ".join(cleaned(context.agent_said).split()[-_AGENT_WORDS_MAX:]) if not context.details else ""
    return ". ".join(part.strip(" .") for part in (topic, agent, semantic) if part)


def _is_known(text: str, context: Context) -> bool:
    """The same need as one of the last ones, and nothing was learned since."""
    if asks_again(context.focus):
        return False
    return any(_same(text, earlier) for earlier in context.turn.history.queries[-_SAME_NEEDS:])


def _same(text: str, earlier: str) -> bool:
    """Alike in whole and in the question proper: one topic can be asked about in many ways."""
    question, asked = text.partition(" (")[0], earlier.partition(" (")[0]
    return (
        _share(_signature(text), _signature(earlier)) >= _SAME_SHARE
        and _share(_signature(question), _signature(asked)) >= _SAME_SHARE
    )


def _signature(text: str) -> frozenset[str]:
    """What tells needs apart; "how long" and "how much" of one thing are two."""
    return frozenset(content(text)) | (_ASKING & frozenset(words(text)))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one | other), 1)
