"""What went wrong, turn by turn, for people to read."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from assist.evaluation.dataset import DataSet
from assist.evaluation.report import is_answerable
from assist.evaluation.run import Found, Judged
from assist.evaluation.system import Row

_TURNS_SHOWN = 6
_FOUND_SHOWN = 5
_BODY_CHARS = 160

MISSED = "missed"
FALSE_ALARM = "false alarm"
SILENT = "silent"
UNFOUNDED = "suggestion without a relevant article"
NOTHING = "nothing found"
WRONG_SUBJECT = "wrong subject"
WRONG_PASSAGE = "wrong passage of the right subject"
NOT_FIRST = "not first"
NOT_IN_FIVE = "not in top 5"


class Candidate(Struct, frozen=True, kw_only=True):
    """A row that was expected or found."""

    id: str
    title: str
    subjects: tuple[str, ...]
    body: str
    """Its beginning."""
    score: float | None = None
    similarity: float | None = None
    lexical: float | None = None
    relevant: bool = True


class Mistake(Struct, frozen=True, kw_only=True):
    """One turn with all that is needed to see why it failed."""

    set: str
    dialog_id: str
    kinds: tuple[str, ...]
    rank: int | None
    """Of the first relevant row among those found."""
    turns: tuple[str, ...]
    """The last ones, "speaker: text"."""
    expected: tuple[Candidate, ...]
    asked: str
    searched: tuple[str, ...]
    subjects: tuple[str, ...]
    found: tuple[Candidate, ...]
    confidence: float | None
    answers: int


def mistakes(dataset: DataSet, judged: Sequence[Judged], rows: dict[str, Row]) -> list[Mistake]:
    """Turns that were misjudged, or whose relevant row does not come first; those of one kind together."""
    found = [_mistake(dataset, result, kinds, rows) for result in judged if (kinds := _kinds(dataset, result, rows))]
    return sorted(found, key=lambda mistake: mistake.kinds)


def to_jsonl(found: Sequence[Mistake]) -> str:
    """One object a line."""
    return "".join(msgspec.json.encode(mistake).decode() + "\n" for mistake in found)


def to_text(found: Sequence[Mistake]) -> str:
    """A count of the kinds of each set, then every mistake."""
    counts: dict[str, Counter[str]] = {}
    for mistake in found:
        counts.setdefault(mistake.set, Counter())[" + ".join(mistake.kinds)] += 1
    head = [
        f"{name}: {sum(kinds.values())} mistakes\n" + "".join(f"{n:6}  {kind}\n" for kind, n in kinds.most_common())
        for name, kinds in counts.items()
    ]
    return "\n".join((*head, *("\n".join(_lines(mistake)) + "\n" for mistake in found)))


def _kinds(dataset: DataSet, result: Judged, rows: dict[str, Row]) -> tuple[str, ...]:
    kinds: list[str] = []
    if is_answerable(result):
        if not result.detected:
            kinds.append(MISSED if dataset.judges_detection else SILENT)
        kinds += _misses(result, rows)
    elif dataset.judges_detection:
        if result.detected is not (result.turn.knowledge_seeking is True):
            kinds.append(FALSE_ALARM if result.detected else MISSED)
    elif result.answers:
        kinds.append(UNFOUNDED)
    return tuple(kinds)


def _misses(result: Judged, rows: dict[str, Row]) -> Iterator[str]:
    relevant = set(result.turn.relevant_ids)
    ids = [found.row_id for found in result.found]
    if not ids:
        yield NOTHING
    elif ids[0] not in relevant:
        wanted = {name for id_ in relevant if id_ in rows for name in rows[id_].subjects}
        given = set(rows[ids[0]].subjects)
        if wanted and not wanted & given:
            yield WRONG_SUBJECT
        else:
            yield WRONG_PASSAGE if wanted else NOT_FIRST
        if not relevant & set(ids[:_FOUND_SHOWN]):
            yield NOT_IN_FIVE


def _mistake(dataset: DataSet, result: Judged, kinds: tuple[str, ...], rows: dict[str, Row]) -> Mistake:
    relevant = result.turn.relevant_ids
    ids = [found.row_id for found in result.found]
    return Mistake(
        set=dataset.name,
        dialog_id=result.turn.dialog_id,
        kinds=kinds,
        rank=next((place for place, id_ in enumerate(ids, start=1) if id_ in relevant), None),
        turns=tuple(f"{said.speaker.value}: {said.text}" for said in result.turn.turns[-_TURNS_SHOWN:]),
        expected=tuple(_candidate(id_, rows) for id_ in relevant),
        asked=result.asked,
        searched=result.searched,
        subjects=result.subjects,
        found=tuple(_as_found(found, rows, relevant) for found in result.found[:_FOUND_SHOWN]),
        confidence=result.confidence,
        answers=result.answers,
    )


def _candidate(id_: str, rows: dict[str, Row]) -> Candidate:
    row = rows.get(id_)
    if row is None:
        return Candidate(id=id_, title="(not in the knowledge base)", subjects=(), body="")
    return Candidate(id=id_, title=row.title, subjects=row.subjects, body=" ".join(row.body.split())[:_BODY_CHARS])


def _as_found(found: Found, rows: dict[str, Row], relevant: Sequence[str]) -> Candidate:
    return msgspec.structs.replace(
        _candidate(found.row_id, rows),
        score=found.score,
        similarity=found.similarity,
        lexical=found.lexical,
        relevant=found.row_id in relevant,
    )


def _lines(mistake: Mistake) -> Iterator[str]:
    place = f", first relevant at {mistake.rank}" if mistake.rank else ""
    yield f"── {mistake.set} · {mistake.dialog_id} · {' + '.join(mistake.kinds)}{place}"
    for line in mistake.turns[:-1]:
        yield f"     {line}"
    yield f"  >> {mistake.turns[-1]}"
    for candidate in mistake.expected:
        yield f"  expected   {_words(candidate)}"
    yield f"  asked      {mistake.asked or '(nothing)'}"
    for searched in mistake.searched:
        yield f"  searched   {searched}"
    yield f"  subjects   {', '.join(mistake.subjects) or '(none)'}"
    if mistake.confidence is not None:
        yield f"  confidence {mistake.confidence:.2f}, {mistake.answers} suggestions"
    for number, candidate in enumerate(mistake.found, start=1):
        figures = f"{candidate.score:.4f} cos {candidate.similarity:.2f} bm25 {candidate.lexical:.1f}"
        yield f"  {'*' if candidate.relevant else ' '} {number}. {figures}  {_words(candidate)}"


def _words(candidate: Candidate) -> str:
    about = f" [{', '.join(candidate.subjects)}]" if candidate.subjects else ""
    return f"{candidate.id}{about} {candidate.title} | {candidate.body}"
