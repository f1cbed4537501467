"""What tells the best candidates for an answer apart, in the evidence's own words."""

import re
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from pipeline.languages import folded
from pipeline.sentences import sentences
from pipeline.stopwords import word_set
from pipeline.types import Context, Draft, Hit, Passage
from pipeline.words import content, plain, stem, words

CHOICES_MAX = 3
_BEHIND_MAX = 2.5
"""Candidates whose fused score is lower than the best by more are out of the running."""
_FARTHER_MAX = 0.1
"""The same for those whose cosine is lower than the best by more."""
_SHARED_MIN = 0.5
_CANDIDATES = 10
_DIFFERENT_WORDS_MAX = 3
_LABEL_WORDS_MAX = 8
_STATE_WORDS_MAX = 2
_CODE = re.compile(r"\b[A-Z]{1,3}-?\d{1,4}\b|(?<![\w.$€£-])\d{3,5}\b(?! ?(?:%|[a-z]))|(?<=error )\d{1,5}\b")
_ASKS_FOR_CODE = re.compile(r"error|code|message|fehler|meldung|codigo|mensaje|erreur")
_CONDITION_WORDS = word_set(
    """
    on for with without before after in by via if when from at during until inside outside as
    fur mit ohne vor nach bei auf wahrend en para con sin antes despues sur pour avec sans avant apres chez
    """
)
_TELLING_SMALL_WORDS = frozenset(stem(word) for word in ("with", "without", "before", "after"))
_STATE = re.compile(
    r"\b(?:if|when) (?P<thing>(?:the|your) [\w-]+(?: [\w-]+){0,2}?) (?P<verb>is|are|stays|shows|says|displays)"
    r" (?P<value>[\w'-]+(?: [\w'-]+){0,3}?)(?=[,.;:]| and | then |$)",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\b(?:if|when) you (?P<verb>use|have|own|rent|pay by|pay with|are on|need|want)"
    r" (?P<value>[\w'-]+(?: [\w'-]+){0,3}?)(?=[,.;:]| then |$)",
    re.IGNORECASE,
)
_VAGUE_VALUE = re.compile(
    r"^(?:still |not |no |already |a |any )?(?:it|this|that|one|problems?|questions?|done|ready)$"
)


class Contrast(Struct, frozen=True, kw_only=True):
    """One detail that would decide between candidates."""

    purpose: str
    """A key of the question texts, or "state" for what `text` says in full."""
    choices: tuple[str, ...]
    text: str = ""
    """The whole question when the evidence gives its wording, "" otherwise."""


def contrasts(draft: Draft) -> Iterable[Contrast]:
    """What to ask to tell the candidates apart, the most useful first; nothing that the call tells already."""
    context = draft.evidence.query.context
    hits = _candidates(draft.evidence.hits)
    for find in (_subjects, _codes, _headings, _conditions):
        found = find(hits, context)
        if found and not is_told(found.choices, context):
            yield found


def is_told(choices: Sequence[str], context: Context) -> bool:
    """Somebody has said what belongs to some of the choices, but not to all."""
    own = distinguishing(choices)
    for segment in context.turn.transcript:
        told = sum(says(segment.text, words_of) for words_of in own)
        if 0 < told < len(own):
            return True
    named = {word for entity in context.entities for word in content(entity.value)}
    named |= {word for subject in context.subjects for word in content(subject.name)}
    return any(stems <= named for stems in own if stems)


def says(text: str, stems: frozenset[str]) -> bool:
    """All of some stems stand in a text."""
    return bool(stems) and stems <= _all_stems(text)


def distinguishing(choices: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Stems of each choice that no other has; every word of it when none is left ("Mira One")."""
    stems = [frozenset(content(choice)) | (_all_stems(choice) & _TELLING_SMALL_WORDS) for choice in choices]
    shared = frozenset.intersection(*stems) if stems else frozenset()
    return tuple(own - shared or _all_stems(choice) for choice, own in zip(choices, stems, strict=True))


def _all_stems(text: str) -> frozenset[str]:
    return frozenset(content(text)) | frozenset(stem(word) for word in words(text))


def _candidates(hits: Sequence[Hit]) -> list[Hit]:
    likely = sorted(hits[:_CANDIDATES], key=lambda hit: -hit.similarity)
    score = max((hit.score for hit in likely), default=0.0)
    closest = max((hit.similarity for hit in likely), default=0.0)
    return [
        hit
        for hit in likely
        if hit.score >= score - _BEHIND_MAX
        and (hit.similarity >= closest - _FARTHER_MAX or _is_sibling(hit.passage, likely[0].passage))
    ]


def _subjects(hits: Sequence[Hit], context: Context) -> Contrast | None:
    """ "the X200 or the X300": the same said about different things."""
    if context.subjects or not hits or not hits[0].passage.subjects:
        return None
    same = [hit.passage for hit in hits[1:] if _is_sibling(hit.passage, hits[0].passage)]
    names = dict.fromkeys(passage.subjects[0] for passage in (hits[0].passage, *same))
    return Contrast(purpose="subject", choices=tuple(names)[:CHOICES_MAX]) if len(names) > 1 else None


def _is_sibling(one: Passage, other: Passage) -> bool:
    """About other things, under titles that share more than those things' names."""
    if not one.subjects or set(one.subjects) & set(other.subjects):
        return False
    first, second = (_beside_subject(passage) for passage in (one, other))
    return first == second or len(first & second) >= _SHARED_MIN * max(len(first | second), 1)


def _beside_subject(passage: Passage) -> frozenset[str]:
    own = {word for name in passage.subjects for word in content(name)}
    return frozenset(content(f"{passage.title} {passage.heading or ''}")) - own


def _codes(hits: Sequence[Hit], context: Context) -> Contrast | None:
    """Error codes in titles, asked for only when the customer speaks of one."""
    if any(entity.type == "error_code" for entity in context.entities):
        return None
    if not _ASKS_FOR_CODE.search(folded(f"{context.focus} {context.topic}")):
        return None
    found = dict.fromkeys(code for hit in hits for code in _CODE.findall(_label(hit.passage)))
    return Contrast(purpose="code", choices=tuple(found)) if 1 < len(found) <= CHOICES_MAX else None


def _headings(hits: Sequence[Hit], _: Context) -> Contrast | None:
    """ "On iPhone" and "On Android": headings and titles that are the same but for a word or two."""
    for labels, are_titles in ((_headings_of(hits), False), (_titles_of(hits), True)):
        for place, label in enumerate(labels):
            pairs = [_difference(label, other) for other in labels[place + 1 :]]
            told = [pair for pair in pairs if pair]
            choices = tuple(dict.fromkeys(choice for pair in told for choice in pair))[:CHOICES_MAX]
            led = all(folded(choice.split()[0]) in _CONDITION_WORDS for choice in choices)
            if choices and (led or not are_titles):
                return Contrast(purpose="either" if led else "topic", choices=choices)
    return None


def _headings_of(hits: Sequence[Hit]) -> list[str]:
    return list(dict.fromkeys(plain(hit.passage.heading.split(" > ")[-1]) for hit in hits if hit.passage.heading))


def _titles_of(hits: Sequence[Hit]) -> list[str]:
    return list(dict.fromkeys(plain(hit.passage.title) for hit in hits))


def _label(passage: Passage) -> str:
    return plain((passage.heading or "").split(" > ")[-1] or passage.title)


def _difference(one: str, other: str) -> tuple[str, str] | None:
    """The parts in which two labels differ, with the "on" or "before" that goes with them."""
    pair = one.split(), other.split()
    first, second = folded(one).split(), folded(other).split()
    start = _shared_length(first, second)
    end = _shared_length(first[start:][::-1], second[start:][::-1])
    middles = first[start : len(first) - end], second[start : len(second) - end]
    if max(len(first), len(second)) > _LABEL_WORDS_MAX or not all(
        0 < len(middle) <= _DIFFERENT_WORDS_MAX for middle in middles
    ):
        return None
    if start and first[start - 1] in _CONDITION_WORDS:
        start -= 1
    led = first[start] in _CONDITION_WORDS and second[start] in _CONDITION_WORDS
    if not led and not (start == 0 and end and len(first) == len(second) == 2):
        return None
    # the words behind the difference belong to it: "before shipping"
    cuts = [_inside_a_sentence(" ".join(words_of[start:])) for words_of in pair]
    return cuts[0], cuts[1]


def _shared_length(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return length


def _inside_a_sentence(label: str) -> str:
    """Without the capital of a heading's first word; a label that looks like a name keeps it."""
    first, _, rest = label.partition(" ")
    plain_words = rest.islower() or folded(first) in _CONDITION_WORDS
    return f"{first.lower()} {rest}" if rest and plain_words and first[1:].islower() else label


def _conditions(hits: Sequence[Hit], context: Context) -> Contrast | None:
    """ "If the light is red …  If it is blinking …" in the best candidates."""
    found: dict[str, tuple[Callable[[Sequence[str]], str], dict[str, None]]] = {}
    for hit in hits[:2]:
        for sentence in sentences(hit.passage.text):
            for key, wording, value in _conditions_of(sentence.text):
                if not _VAGUE_VALUE.match(value):
                    found.setdefault(key, (wording, {}))[1][value] = None
    asked = set(content(f"{context.focus} {context.topic}"))
    for key, (wording, values) in found.items():
        about = not context.sufficient or bool(set(content(key)) & asked)
        if about and 1 < len(values) <= CHOICES_MAX and _are_alike(tuple(values)):
            return Contrast(purpose="state", choices=tuple(values), text=wording(tuple(values)))
    return None


def _are_alike(values: Sequence[str]) -> bool:
    """Short enough to be states of one thing."""
    return max(len(value.split()) for value in values) <= _STATE_WORDS_MAX


def _conditions_of(sentence: str) -> Iterable[tuple[str, Callable[[Sequence[str]], str], str]]:
    """(what it depends on, how to ask for it, value)."""
    for match in _STATE.finditer(sentence):
        thing = re.sub(r"^your ", "the ", match["thing"].lower())
        verb = match["verb"].lower()
        verb = "is" if verb == "stays" else verb
        yield f"{thing} {verb}", _asked_of(thing, verb), match["value"]
    for match in _YOURS.finditer(sentence):
        yield f"you {match['verb'].lower()}", _asked_of("you", match["verb"].lower()), match["value"]


def _asked_of(thing: str, verb: str) -> Callable[[Sequence[str]], str]:
    if verb in ("is", "are"):
        opening = f"{verb} {thing}"
    elif verb == "are on":
        opening = "are you on"
    else:
        base = {"shows": "show", "says": "say", "displays": "display"}.get(verb, verb)
        opening = f"{'do' if thing == 'you' else 'does'} {thing} {base}"
    return lambda values: f"{opening[:1].upper()}{opening[1:]} {joined(values, 'or')}?"


def joined(choices: Sequence[str], last: str) -> str:
    """ "a, b or c"."""
    return f" {last} ".join(part for part in (", ".join(choices[:-1]), choices[-1]) if part)
