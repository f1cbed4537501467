"""What `assist train` has measured and found, for people."""

from collections.abc import Iterable, Mapping, Sequence

import rich_click as click

from assist.cli.tables import print_table
from assist.training.confidence import Calibrated
from assist.training.measuring import Figures
from assist.training.ranking import Ranking
from assist.training.ranking_figures import RankingFigures
from assist.training.train import Trained
from pipeline.confidence import DEFAULT_THRESHOLD, Features
from pipeline.fusion import Weights

_RANKED = ("questions", "reachable", "R@1", "R@5", "MRR@5", "nDCG@10")


def tell_turns(trained: Trained) -> None:
    """Detection, and the model's own constants."""
    if trained.judged:
        _tell_detection("Cross-validated, folds by call", trained.judged.folds)
        _tell_detection("Fitted without the set", trained.judged.left_out)
    info = trained.model.info
    click.echo(
        f"{trained.samples} samples; temperature {info.temperature}, "
        f"thresholds {info.threshold_asking} (asking) and {info.threshold}."
    )


def tell_ranking(folds: Sequence[RankingFigures], left_out: Sequence[RankingFigures]) -> None:
    """Selection, detection given."""
    for title, figures in (("Cross-validated, folds by call", folds), ("Fitted without the set", left_out)):
        click.echo(title)
        print_table(("set", *_RANKED), [(it.name, *_ranked(it)) for it in figures])


def tell_ablations(whole: Sequence[RankingFigures], without: Mapping[str, Sequence[RankingFigures]]) -> None:
    """The cross-validated figures of fits that lack a part."""
    click.echo("What each part is worth, cross-validated")
    rows = [
        (it.name, name, *_ranked(it)) for name, figures in ({"all": whole} | dict(without)).items() for it in figures
    ]
    order = {it.name: place for place, it in enumerate(whole)}
    print_table(("set", "parts", *_RANKED), sorted(rows, key=lambda row: order[row[0]]))


def tell_weights(ranking: Ranking) -> None:
    """As pipeline/fusion.py holds them."""
    for name, weights in (("NAMED", ranking.named), ("PLAIN", ranking.plain)):
        values = ", ".join(f"{key}={round(getattr(weights, key), 2)}" for key in Weights.__struct_fields__)
        click.echo(f"{name} = Weights({values})")


def tell_confidence(outcome: Calibrated) -> None:
    """Figures, and the constants as pipeline/confidence.py holds them."""
    click.echo(f"Cross-validated, folds by call; the threshold is {DEFAULT_THRESHOLD}")
    shares = (
        "share right",
        "ECE",
        "ECE by chance",
        "precision",
        "recall",
        "answer missing, yet shown",
        "ECE of the present constants",
    )
    rows = [
        (it.source, str(it.turns), *_shares(it.share_right, it.error, it.chance_error, it.precision),
         *_shares(it.recall, it.false_alarms, it.present_error))
        for it in outcome.figures
    ]  # fmt: skip
    print_table(("set", "turns", *shares), rows)
    lines = [
        f"    {name}={round(getattr(outcome.model.coefficients, name), 2)}," for name in Features.__struct_fields__
    ]
    click.echo(f"_INTERCEPT = {round(outcome.model.intercept, 2)}")
    click.echo("\n".join(("_COEFFICIENTS = Features(", *lines, ")")))


def _tell_detection(title: str, figures: Iterable[Figures]) -> None:
    click.echo(title)
    rows = []
    for it in figures:
        kinds = "" if it.kinds_right is None else f"{it.kinds_right:.3f}"
        rows.append((it.source, str(it.turns), *_shares(it.precision, it.recall, it.f1, it.calibration_error), kinds))
    print_table(("set", "turns", "precision", "recall", "F1", "calibration error", "kind right"), rows)


def _ranked(it: RankingFigures) -> tuple[str, ...]:
    return str(it.questions), *_shares(it.reachable, it.r1, it.r5, it.mrr5, it.ndcg10)


def _shares(*values: float) -> tuple[str, ...]:
    return tuple(f"{value:.3f}" for value in values)
