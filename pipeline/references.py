"""Things that a question points to without saying which: "does this clinic …", "how much is the plan"."""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations

from msgspec import Struct

from pipeline.stopwords import STOPWORDS, word_set
from pipeline.support_words import VAGUE_STEM_SOURCES
from pipeline.types import Context, Evidence, Hit
from pipeline.words import content, plain, stem, words

_POINTED = re.compile(
    r"\b(?:(?P<this>this|these|those|(?<=\bof )that|(?<=\bin )that|(?<=\bat )that|(?<=\bfor )that|(?<=\bwith )that"
    r"|(?<=\babout )that|(?<=\bon )that)(?: (?:type|kind|sort)s? of)?|the) (?P<thing>[\w' -]{2,80})",
    re.IGNORECASE,
)
_MODIFIED_BY = word_set("of that who which whose between to")
_MODIFIERS = word_set("of for in at with without")
_UNIQUE = word_set(
    """
    first second third last next latest same other only most least best worst main whole entire following previous
    current new old rest end top bottom right left internet world sun moon weather time past future
    """
)
_NO_THING = word_set(
    """
    day days night week weekend month year morning afternoon evening summer winter spring fall season time times
    moment minute hour case way ways kind kinds type types sort sorts reason point matter problem problems issue
    issues question questions answer thing things stuff part side number numbers name price prices cost costs fee
    fees charge charges charged number email address information info call company bill invoice payment money refund
    difference process status value amount date list details purpose people person area change changes situation
    error message screen page site website link idea option options one ones possible available free included
    include includes cost work works happen happens apply applies mean means cover covers take takes come comes
    require requires affect affects support supports help helps expire expires contain contains ship fit run allowed
    correct true real normal safe enough okay legal long much many bad good great big small important necessary
    difficult easy hard working happening going normal common usual usually still always really actually
    """
)
_ENDS_AS_VERB = re.compile(r"(?:ed|ing|able|ible)$")
_THING_WORDS_MAX = 4
_HITS = 6
_IS_A = re.compile(r"\b(?:is|was|are|were) (?:an?|the|one of) (.+)")
_FIRST_CHARS = 400
_DEFINITION_WORDS = 12
_CHOICES_MAX = 3
_CHOICE_WORDS_MAX = 6
_TITLE_VERBS = word_set(
    """
    activate add allow avoid block bring buy change check choose close connect create delete download edit enable
    disable exchange find fix get give install invite keep leave link lock log make manage move open order pair pay
    pause place prepare remove rename renew repair replace report request reset restart restore return save schedule
    sell send set share start stop switch track transfer turn understand uninstall unlock update upgrade use verify
    view write
    """
)


class Reference(Struct, frozen=True, kw_only=True):
    """A thing pointed to that nothing in the call explains."""

    thing: str
    """As said, without "this" and "the"."""
    is_shown: bool
    """ "this clinic" rather than "the clinic", which may be clear from the situation."""
    choices: tuple[str, ...]
    """What the evidence offers for it, the most likely first; may be empty."""


def open_reference(evidence: Evidence) -> Reference | None:
    """The last thing in the question that could be several and is not told by the call, None when all is clear."""
    context = evidence.query.context
    pointed = _pointed_to(context.focus)
    if not pointed or context.subjects or _names_a_find(_said(context), evidence.hits[:1], 2):
        return None
    earlier = _said_before(context)
    for shown, run in reversed(pointed):
        thing = _known_part(run, evidence.hits[:_HITS], 1 if shown else 2)
        if shown and not thing and not earlier and len(run) == 1:
            thing = run
        if not thing or _stem(thing[-1]) in earlier or (not shown and _is_name(run, evidence.hits)):
            continue
        choices = _choices(thing, evidence.hits[:_HITS], context)
        if len(choices) > 1 or (shown and not _names_a_find(earlier, evidence.hits[:_HITS], 1)):
            return Reference(thing=" ".join(thing), is_shown=shown, choices=choices)
    return None


def _said_before(context: Context) -> frozenset[str]:
    """Stems of the call without the question itself."""
    focus = plain(context.focus).lower()
    others = [segment.text for segment in context.turn.transcript if focus not in plain(segment.text).lower()]
    return frozenset(word for text in (*others, context.topic) for word in content(text))


def _said(context: Context) -> frozenset[str]:
    return frozenset(word for segment in context.turn.transcript for word in content(segment.text))


def _pointed_to(focus: str) -> list[tuple[bool, tuple[str, ...]]]:
    """(pointed to by "this", words up to the end of the phrase) in order."""
    found: list[tuple[bool, tuple[str, ...]]] = []
    said = plain(focus)
    position = 0
    while match := _POINTED.search(said, position):
        position = match.start("thing")
        found.extend((match["this"] is not None, run) for run in _runs(match["thing"]) if run)
    return found


def _runs(following: str) -> list[tuple[str, ...]]:
    """What has it comes before what is had: "country's stadium" are two."""
    owners = following.split("'s ")
    return [_run(part.removesuffix("'s").split()) for part in owners[:2]]


def _run(following: Sequence[str]) -> tuple[str, ...]:
    run: list[str] = []
    for word in following[: _THING_WORDS_MAX + 1]:
        lowered = word.lower().strip("'")
        if lowered in STOPWORDS:
            modified = lowered in _MODIFIED_BY
            return () if modified or not run else tuple(run[:_THING_WORDS_MAX])
        if not run and (lowered in _UNIQUE or lowered.endswith("est") or _is_no_thing(lowered)):
            return ()
        run.append(word)
    return tuple(run[:_THING_WORDS_MAX])


def _is_no_thing(word: str) -> bool:
    word = word.lower()
    return word in _NO_THING or word in VAGUE_STEM_SOURCES or bool(_ENDS_AS_VERB.search(word)) or word.isdigit()


def _known_part(run: Sequence[str], hits: Sequence[Hit], texts_min: int) -> tuple[str, ...]:
    """The longest beginning of the run that the evidence writes too: cuts off the verb behind the noun."""
    texts = [" ".join(stem(word) for word in words(f"{hit.passage.title} {hit.passage.text}")) for hit in hits]
    spans = sorted(combinations(range(len(run) + 1), 2), key=lambda span: (span[0] > 1, span[0] - span[1]))
    for start, end in spans:
        part = tuple(run[start:end])
        if start > 1 or _is_no_thing(part[-1]):
            continue
        stems = [_stem(word) for word in part]
        together = f" {' '.join(stems)} "
        if sum(together in f" {text} " for text in texts) >= texts_min:
            return part
        if len(stems) > 2 and sum(_is_one(stems, hit.passage.text) for hit in hits) > 1:
            return part
    return ()


def _choices(thing: Sequence[str], hits: Iterable[Hit], context: Context) -> tuple[str, ...]:
    """Names of articles that are such a thing; none when the call names one of them."""
    said = _said(context)
    found: dict[frozenset[str], str] = {}
    for hit in hits:
        name = _variant(thing, hit) or _instance(thing, hit)
        own = frozenset(content(name)) - {_stem(word) for word in thing}
        if not name or not own:
            continue
        if own <= said:
            return ()
        if not any(own <= other or other <= own for other in found):
            found[own] = name
    return tuple(found.values())[:_CHOICES_MAX]


def _variant(thing: Sequence[str], hit: Hit) -> str:
    """ "Watkins Glen State Park" for "park", "" when the title names no kind of it."""
    title = [word.strip(".,:;()") for word in _main_part(hit.passage.title).split()]
    stems = [stem(word.lower()) for word in title]
    if _stem(thing[-1]) not in stems:
        return ""
    end = stems.index(_stem(thing[-1]))
    start = end
    while start > 0 and title[start - 1].lower() not in STOPWORDS and end - start < _CHOICE_WORDS_MAX - 1:
        start -= 1
    if start == 0 and title[0].lower() in _TITLE_VERBS:
        start += 1
    last = end + 1
    if last < len(title) and (title[last].isdigit() or title[last].lower() in _MODIFIERS):
        last = len(title) if len(title) - start <= _CHOICE_WORDS_MAX else last
    return " ".join(title[start:last]) if last - start > 1 else ""


def _instance(thing: Sequence[str], hit: Hit) -> str:
    """ "Kobe Bryant" for "basketball player" when the passage says that he is one."""
    title = _main_part(hit.passage.title)
    if len(title.split()) > _CHOICE_WORDS_MAX or title.split()[:1] == []:
        return ""
    return title if _is_one([_stem(word) for word in thing], hit.passage.text) else ""


def _is_one(stems: Sequence[str], text: str) -> bool:
    """The text begins by saying that its subject is such a thing."""
    opening = _IS_A.search(plain(text[:_FIRST_CHARS]))
    if opening is None:
        return False
    definition = opening[1].partition(". ")[0].split()[:_DEFINITION_WORDS]
    return set(stems) <= {_stem(word) for word in definition}


def _stem(word: str) -> str:
    return " ".join(stem(one) for one in words(word))


def _main_part(title: str) -> str:
    """ "Parks" of "Parks | City of X - Official site"."""
    return re.split(r"\s[|–—]\s|\s-\s|\n", plain(title), maxsplit=1)[0].strip(' ?!."“”')


def _names_a_find(said: frozenset[str], hits: Sequence[Hit], words_min: int) -> bool:
    """What was said names what an article is called."""
    names = (frozenset(content(_main_part(hit.passage.title))) for hit in hits)
    return any(len(name) >= words_min and name <= said for name in names)


def _is_name(run: Sequence[str], hits: Sequence[Hit]) -> bool:
    """ "the Bull Run": more than one word, and one article only has them in its title."""
    titles = {" ".join(stem(word) for word in words(_main_part(hit.passage.title))) for hit in hits}
    for length in range(len(run), 1, -1):
        phrase = " ".join(_stem(word) for word in run[:length])
        holding = [title for title in titles if f" {phrase} " in f" {title} "]
        if holding:
            return len(holding) == 1
    return False
