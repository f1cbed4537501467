"""Results as figures: one object for programs, tables for people."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from assist.evaluation.dataset import DataSet
from assist.evaluation.intervals import Interval, intervals
from assist.evaluation.measures import (
    Bin,
    Detection,
    OfficialSelection,
    Selection,
    Sums,
    calibration,
    calibration_error,
    detection,
    official,
    percentile,
    scores,
    selection,
    total,
)
from assist.evaluation.run import Judged

_STAGES = ("context", "query", "retrieve", "answer", "clarify")
_NO_DETECTION = Detection(precision=None, recall=None, f1=None)
_NO_SELECTION = Selection(r1=None, r5=None, mrr5=None, ndcg10=None)
_NO_OFFICIAL = OfficialSelection(r1=None, r5=None, mrr5=None)


class Times(Struct, frozen=True, kw_only=True):
    """Milliseconds."""

    p50: float
    p95: float


class Report(Struct, frozen=True, kw_only=True):
    """All figures of one data set; None where it has no labels."""

    set: str
    turns: int
    detection: Detection
    gold: Selection
    """As if every turn that some row answers had been detected."""
    official: OfficialSelection
    stage_ms: dict[str, Times]
    """By stage; "total" is a whole turn that was helped with, "query_embedding" one plain embedding beside it."""
    ece: float | None
    """Of the confidence that the first hit is relevant, over the turns that the pipeline helped with."""
    intervals: dict[str, Interval]
    """95 %, by the figure's path ("gold.r1")."""
    calibration: tuple[Bin, ...]
    """What `ece` is made of."""
    embedding_ratio: float | None
    """Median of the time of a whole turn, in embeddings of its last utterance."""
    notes: tuple[str, ...]


def report(dataset: DataSet, judged: Sequence[Judged]) -> Report:
    """Figures with their intervals."""
    by_call: dict[str, list[Sums]] = {}
    for result in judged:
        by_call.setdefault(result.turn.call, []).append(_sums(result))
    calls = [total(parts) for parts in by_call.values()]
    sums = total(calls)
    answerable = bool(sums.answerable)
    bins = calibration(_confidences(judged)) if answerable else ()
    return Report(
        set=dataset.name,
        turns=len(judged),
        detection=detection(sums) if dataset.judges_detection else _NO_DETECTION,
        gold=selection(sums) if answerable else _NO_SELECTION,
        official=official(sums) if dataset.judges_detection and answerable else _NO_OFFICIAL,
        stage_ms=_stage_ms(judged),
        ece=calibration_error(bins),
        intervals=intervals(calls, lambda drawn: _figures(drawn, dataset, answerable=answerable)),
        calibration=bins,
        embedding_ratio=_ratio(judged),
        notes=dataset.notes,
    )


def to_json(reports: Sequence[Report], *, single: bool) -> str:
    """One object when a single data set was asked for, else a list."""
    value = reports[0] if single else reports
    return msgspec.json.format(msgspec.json.encode(_rounded(msgspec.to_builtins(value)))).decode()


def _sums(result: Judged) -> Sums:
    turn, detected = result.turn, result.detected
    seeking = turn.knowledge_seeking is True
    sums = Sums(
        true_positives=float(detected and seeking),
        false_positives=float(detected and not seeking),
        false_negatives=float(seeking and not detected),
    )
    if not is_answerable(result):
        return sums
    own = scores([found.row_id for found in result.found], set(turn.relevant_ids))
    sums = sums._replace(answerable=1.0, r1=own.r1, r5=own.r5, mrr5=own.mrr5, ndcg10=own.ndcg10)
    if not detected or not seeking:
        return sums
    return sums._replace(detected_r1=own.r1, detected_r5=own.r5, detected_mrr5=own.mrr5)


def is_answerable(result: Judged) -> bool:
    """Some row of the knowledge base is said to answer it."""
    return bool(result.turn.relevant_ids) and result.turn.knowledge_seeking is not False


def _confidences(judged: Sequence[Judged]) -> list[tuple[float, bool]]:
    return [
        (result.confidence, bool(result.found) and result.found[0].row_id in result.turn.relevant_ids)
        for result in judged
        if result.detected and result.confidence is not None
    ]


def _figures(sums: Sums, dataset: DataSet, *, answerable: bool) -> Mapping[str, float | None]:
    parts: dict[str, Struct] = {}
    if dataset.judges_detection:
        parts["detection"] = detection(sums)
    if answerable:
        parts["gold"] = selection(sums)
    if dataset.judges_detection and answerable:
        parts["official"] = official(sums)
    return {
        f"{name}.{key}": value for name, part in parts.items() for key, value in msgspec.structs.asdict(part).items()
    }


def _stage_ms(judged: Sequence[Judged]) -> dict[str, Times]:
    values = {stage: [it.stage_ms[stage] for it in judged if stage in it.stage_ms] for stage in _STAGES}
    values["total"] = [it.total_ms for it in judged if it.total_ms is not None]
    values["query_embedding"] = [it.embedding_ms for it in judged if it.embedding_ms is not None]
    return {
        stage: Times(p50=percentile(taken, 0.5), p95=percentile(taken, 0.95))
        for stage, taken in values.items()
        if taken
    }


def _ratio(judged: Sequence[Judged]) -> float | None:
    pairs = ((it.total_ms, it.embedding_ms) for it in judged)
    ratios = [whole / one for whole, one in pairs if whole is not None and one]
    return percentile(ratios, 0.5) if ratios else None


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
