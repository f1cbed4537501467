"""Reports as Markdown tables, aligned for a terminal."""

from collections.abc import Iterable, Sequence

from assist.evaluation.report import Report

_FIGURES = (
    ("detection", (("P", "precision"), ("R", "recall"), ("F1", "f1"))),
    ("gold", (("R@1", "r1"), ("R@5", "r5"), ("MRR@5", "mrr5"), ("nDCG@10", "ndcg10"))),
    ("official", (("R@1", "r1"), ("R@5", "r5"), ("MRR@5", "mrr5"))),
)
_STAGES = ("context", "query", "retrieve", "answer", "clarify", "total", "query_embedding")
_NOTHING = "–"

Lines = list[tuple[str, ...]]


def tables(reports: Sequence[Report]) -> str:
    """Detection, selection, confidence and times of all sets; the 95 % interval stands below each figure."""
    return "\n\n".join(
        (
            _table(("set", "turns", "detection P", "R", "F1"), _lines(reports, "detection", with_turns=True)),
            _table(("selection, detection given", "R@1", "R@5", "MRR@5", "nDCG@10"), _lines(reports, "gold")),
            _table(("selection × detection", "R@1", "R@5", "MRR@5"), _lines(reports, "official")),
            _table(("confidence", "ECE", "bins: mean confidence → share right (turns)"), map(_confidence, reports)),
            _table(("ms, p50 / p95", *_STAGES, "total ÷ embedding"), map(_times, reports)),
        )
    )


def _lines(reports: Iterable[Report], part: str, *, with_turns: bool = False) -> Lines:
    lines: Lines = []
    keys = next(columns for name, columns in _FIGURES if name == part)
    for report in reports:
        figures = [getattr(getattr(report, part), key) for _, key in keys]
        ranges = [report.intervals.get(f"{part}.{key}") for _, key in keys]
        turns, below = ((str(report.turns),), ("",)) if with_turns else ((), ())
        lines.append((report.set, *turns, *map(_figure, figures)))
        if any(ranges):
            lines.append(("", *below, *(f"{_short(it[0])}–{_short(it[1])}" if it else "" for it in ranges)))
    return lines


def _confidence(report: Report) -> tuple[str, ...]:
    bins = ", ".join(f"{_short(it.confidence)}→{_short(it.accuracy)} ({it.turns})" for it in report.calibration)
    return report.set, _figure(report.ece), bins or _NOTHING


def _times(report: Report) -> tuple[str, ...]:
    times = (report.stage_ms.get(stage) for stage in _STAGES)
    ratio = _NOTHING if report.embedding_ratio is None else f"{report.embedding_ratio:.2f}"
    return report.set, *(f"{it.p50:.1f} / {it.p95:.1f}" if it else _NOTHING for it in times), ratio


def _figure(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.3f}"


def _short(value: float) -> str:
    return f"{value:.2f}".removeprefix("0") if value < 1 else "1.0"


def _table(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    rows = [head, *lines]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((drawn[0], rule, *drawn[1:]))
