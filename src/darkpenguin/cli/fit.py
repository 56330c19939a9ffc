"""darkpenguin fit: best point, pulls, goodness of fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from darkpenguin.cli.common import finish, json_option, print_json, watched
from darkpenguin.text import number, table, with_errors

if TYPE_CHECKING:
    from darkpenguin.result import FitResult

SHOWN_PULLS = 10


@click.command(short_help="Best point of a card, pulls, goodness of fit.")
@click.argument("card")
@click.option(
    "--toys", type=click.IntRange(min=0), default=0, metavar="N", help="Pseudo-experiments for the goodness of fit."
)
@json_option
def fit(card: str, toys: int, as_json: bool) -> None:
    """Fit the parameters that CARD gives as ranges; the others are held."""
    from darkpenguin.analysis import Analysis
    from darkpenguin.card import read_card

    result = Analysis.from_card(read_card(card)).fit(toys=toys, progress=watched())
    if as_json:
        print_json(result)
    else:
        click.echo(_text(result))
    finish([result.status])


def _text(result: FitResult) -> str:
    lines = [f"{result.model} fitted to {', '.join(result.experiments)}"]
    lines.append(f"inputs {result.inputs}, nuisances: {result.nuisances}, status: {result.status}")
    rows = [(name, with_errors(e.value, e.error_low, e.error_high, e.unit)) for name, e in result.best_fit.items()]
    rows += [(name, f"{number(value, 6)} (held)") for name, value in result.fixed.items()]
    if rows:
        lines += ["", table(rows, header=("parameter", "best fit"))]
    lines += ["", table(_quality(result))]
    lines += [f"\nwarning: {text}" for text in result.warnings]
    if result.observables:
        rows = [(name, with_errors(q.value, q.error, q.error, q.unit)) for name, q in result.observables.items()]
        lines += ["", table(rows, header=("observable", "at the best fit"))]
    if result.pulls:
        largest = sorted(result.pulls.items(), key=lambda item: -abs(item[1]))[:SHOWN_PULLS]
        rows = [(name, f"{value:+.2f}") for name, value in largest]
        lines += ["", table(rows, header=("largest pulls", "sigma"))]
    return "\n".join(lines)


def _quality(result: FitResult) -> list[tuple[str, str]]:
    rows = [
        ("-2 ln L", number(result.minus_two_log_likelihood, 8)),
        ("Delta chi2 against the Standard Model", number(result.delta_chi2)),
        ("significance", f"{number(result.significance, 3)} sigma ({result.significance_definition})"),
    ]
    g = result.goodness_of_fit
    if g is not None:
        rows.append(("goodness of fit", f"chi2 = {g.chi2:.2f} for {g.ndof} degrees of freedom, p = {g.p_value:.3g}"))
        if g.p_value_toys is not None:
            rows.append(("", f"p = {g.p_value_toys:.3g} from pseudo-experiments"))
    return rows
