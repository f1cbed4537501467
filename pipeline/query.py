"""Stage 2: a question that stands alone, asked in up to three ways."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.speech_acts import asks_again, telling_words
from pipeline.spoken_numbers import with_digits
from pipeline.stopwords import FILLERS
from pipeline.topics import leans_back
from pipeline.types import Context, Entity, Formulation, Query, QueryKind, Speaker, Turn
from pipeline.words import content, plain, words

_SEARCHED_TYPES = ("error_code", "product", "version")
"""Entities that articles mention; a customer's own numbers and dates are in none."""
_QUERY_WORDS_MAX = 60
_SAME_NEEDS = 2
_SAME_SHARE = 0.8
_CONVERSATION_SEGMENTS = 3
_TEXT_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class QueryFormulator:
    """Formulates what the context needs, unless the call has been helped with it already."""

    leaning_weight: float = 1.0
    """Say of the conversation-aware formulation when the focus does not stand alone."""
    standing_weight: float = 0.4
    """Its say otherwise."""
    entity_weight: float = 0.6

    async def __call__(self, given: Context) -> Query | None:
        """None: nothing is asked, or nothing new."""
        if not given.seeking or not content(given.focus + " " + given.topic):
            return None
        text = standalone(given)
        if _is_known(text, given):
            return None
        return Query(context=given, text=text, formulations=self._formulations(given))

    def _formulations(self, context: Context) -> tuple[Formulation, ...]:
        semantic = cleaned(" ".join((context.focus, *context.details)))
        leaning = leans_back(context.focus)
        candidates = [
            Formulation(kind=QueryKind.SEMANTIC, text=semantic, weight=0.5 if leaning else 1.0),
            Formulation(
                kind=QueryKind.CONVERSATION,
                text=_in_conversation(context, semantic),
                weight=self.leaning_weight if leaning else self.standing_weight,
            ),
            Formulation(kind=QueryKind.ENTITY, text=_by_entities(context), weight=self.entity_weight),
        ]
        kept: dict[str, Formulation] = {}
        for formulation in sorted(candidates, key=lambda candidate: -candidate.weight):
            if content(formulation.text):
                kept.setdefault(" ".join(words(formulation.text)), formulation)
        return tuple(kept.values()) or (Formulation(kind=QueryKind.SEMANTIC, text=context.focus),)


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
    return Query(context=context, text=plain(text), formulations=(Formulation(kind=QueryKind.MANUAL, text=cleaned(text)),))


def standalone(context: Context) -> str:
    """The question as the agent reads it: "How long does that take? (port my number)"."""
    focus = cleaned(context.focus)[:_TEXT_CHARS]
    additions = [cleaned(detail)[:_TEXT_CHARS] for detail in context.details[-3:]]
    if context.topic and leans_back(context.focus) and not set(content(context.topic)) <= set(content(focus)):
        additions.insert(0, context.topic)
    text = focus[:1].upper() + focus[1:]
    return f"{text} ({'; '.join(additions)})" if additions else text


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


def _by_entities(context: Context) -> str:
    """Names and codes with the words that tell what is wrong."""
    searched = [entity.value for kind in _SEARCHED_TYPES for entity in context.entities if entity.type == kind][:4]
    if not searched:
        return ""
    said = " ".join((context.focus, *context.details))
    covered = set(content(" ".join(searched)))
    return " ".join((*searched, *(word for word in _key_words(said) if word not in covered)))


def _key_words(text: str) -> Sequence[str]:
    """Telling words as said, without repeats."""
    telling = set(telling_words(text))
    return tuple(dict.fromkeys(word for word in words(with_digits(plain(text))) if set(content(word)) & telling))[:12]


def _in_conversation(context: Context, semantic: str) -> str:
    """The focus after what was said before it."""
    if context.topic:
        return f"{context.topic}. {semantic}"
    before = [
        segment for segment in context.turn.transcript if segment.speaker is Speaker.AGENT or segment.text != context.focus
    ]
    recent = [cleaned(segment.text) for segment in before[-_CONVERSATION_SEGMENTS:] if content(segment.text)]
    return " ".join([*recent, semantic])


def _is_known(text: str, context: Context) -> bool:
    """The same need as one of the last ones, and nothing was learned since."""
    if asks_again(context.focus):
        return False
    asked = set(content(text))
    return any(_same(asked, set(content(earlier))) for earlier in context.turn.history.queries[-_SAME_NEEDS:])


def _same(asked: set[str], earlier: set[str]) -> bool:
    return asked <= earlier or len(asked & earlier) >= _SAME_SHARE * len(asked | earlier)
