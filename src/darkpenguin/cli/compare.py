"""darkpenguin compare: several hypotheses fitted to the same data, one table and one page."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from darkpenguin.cli.common import finish, json_option, print_json, watched
from darkpenguin.errors import CardError, Problem
from darkpenguin.text import number, table, with_errors

if TYPE_CHECKING:
    from darkpenguin.result import Comparison, FitResult


@click.command(short_help="Fit hypotheses to the same data; table and report.")
@click.argument("hypotheses", nargs=-1, metavar="[HYPOTHESIS]...")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write the report there."
)
@click.option("--inputs", metavar="NAME", help="Input set. [default: belle2-2023]")
@click.option(
    "--experiments",
    multiple=True,
    metavar="NAME",
    help="Experimental result. May be repeated. [default: belle2-2023-bknunu]",
)
@click.option("--all", "every", is_flag=True, help="Fit every hypothesis, not a short list with some of each kind.")
@click.option("--list", "list_them", is_flag=True, help="List the hypotheses; fit nothing.")
@json_option
def compare(
    hypotheses: tuple[str, ...],
    output: Path | None,
    inputs: str | None,
    experiments: tuple[str, ...],
    every: bool,
    list_them: bool,
    as_json: bool,
) -> None:
    """Fit each HYPOTHESIS (a short list if none is named) to the same data and rank them.

    With -o, DIR/index.html is one self-contained page with the figures.
    """
    if list_them:
        _list(as_json)
        return
    from darkpenguin.compare import compare as compare_all
    from darkpenguin.hypotheses import HYPOTHESES

    if every and hypotheses:
        what = "either --all or names, not both"
        raise CardError("arguments", [Problem("--all", what)])

    options: dict[str, Any] = {} if inputs is None else {"inputs": inputs}
    if experiments:
        options["experiments"] = experiments
    names = tuple(HYPOTHESES) if every else hypotheses or None
    comparison = compare_all(names, progress=watched(), **options)
    if output is not None:
        from darkpenguin.report.html import write_report

        words = ["darkpenguin", "compare", *hypotheses, *(["--all"] if every else []), "--inputs", comparison.inputs]
        words += [word for name in comparison.experiments for word in ("--experiments", name)]
        command = shlex.join([*words, "-o", "report"])
        click.echo(f"report: {write_report(comparison, output, command)}", err=True)
    if as_json:
        print_json(comparison)
    else:
        click.echo(_text(comparison))
    finish(fit.status for fit in comparison.fits)


def _list(as_json: bool) -> None:
    from darkpenguin.hypotheses import DEFAULT, HYPOTHESES

    if as_json:
        print_json({name: h.title for name, h in HYPOTHESES.items()})
    else:
        rows = [
            (name, h.title, f"model {h.model}", "" if name in DEFAULT else "--all") for name, h in HYPOTHESES.items()
        ]
        click.echo(table(rows))


def _text(comparison: Comparison) -> str:
    from darkpenguin.report.verdict import conflicts

    header = ("hypothesis", "best point", "Delta chi2", "sigma", "dof", "p(fit)", "other modes", "status")
    rows = [
        (
            fit.hypothesis,
            _best(fit),
            number(fit.delta_chi2),
            number(fit.significance, 3),
            str(fit.significance_dof),
            number(fit.goodness_of_fit.p_value if fit.goodness_of_fit else None, 2),
            _other_modes(conflicts(fit, comparison.limits_on_other_modes)),
            fit.status,
        )
        for fit in comparison.fits
    ]
    what = f"{', '.join(comparison.experiments)}; inputs {comparison.inputs}; nuisances: {comparison.nuisances}"
    legend = "other modes: rate at the best point over the published limit, where it is above by more than its error"
    return f"{comparison.title}\n{what}\n\n{table(rows, header=header)}\n\n{legend}"


def _other_modes(conflicts: dict[str, float]) -> str:
    """The worst conflict, "B0->K*0 3.1 x"; "ok" where there is none."""
    if not conflicts:
        return "ok"
    mode, ratio = max(conflicts.items(), key=lambda item: item[1])
    return f"{mode.removeprefix('BR(').removesuffix('inv)')} {ratio:.1f} x"


def _best(fit: FitResult) -> str:
    return (
        ", ".join(
            f"{name} = {with_errors(e.value, e.error_low, e.error_high, e.unit)}" for name, e in fit.best_fit.items()
        )
        or "-"
    )
