"""darkpenguin predict: every observable and likelihood at one parameter point."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from darkpenguin.cli.common import DataChoice, card_of, data_options, finish, json_option, point_of, print_json
from darkpenguin.errors import CardError, Problem, UnknownName, suggestion
from darkpenguin.text import number, table, with_errors

if TYPE_CHECKING:
    from darkpenguin.card import Card
    from darkpenguin.result import Point

FLAVOURED = "weak_effective_flavour"


@click.command(short_help="Observables and likelihoods at one parameter point.")
@click.argument("target", metavar="MODEL|CARD")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@data_options
@click.option(
    "--observable", "observables", multiple=True, metavar="NAME", help="Only this observable. May be repeated."
)
@click.option("--visible", "with_visible", is_flag=True, help="Also every observable with charged leptons, and mixing.")
@click.option(
    "--wcxf",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Wilson coefficients of b -> s nu nu in the exchange format WCxf; with weak_effective.",
)
@click.option(
    "--write-wcxf",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the coefficients of weak_effective_flavour in WCxf.",
)
@click.option("--q2", multiple=True, type=float, metavar="GEV2", help="Points in q2 for spectra. May be repeated.")
@click.option(
    "--q2-bin",
    "q2_bins",
    multiple=True,
    nargs=2,
    type=float,
    metavar="LOW HIGH",
    help="Bin in q2 [GeV^2] for <BR> and <FL>. May be repeated.",
)
@json_option
def predict(
    target: str,
    values: tuple[str, ...],
    data: DataChoice,
    observables: tuple[str, ...],
    with_visible: bool,
    wcxf: Path | None,
    write_wcxf: Path | None,
    q2: tuple[float, ...],
    q2_bins: tuple[tuple[float, float], ...],
    as_json: bool,
) -> None:
    """Every observable and likelihood of a model at one parameter point.

    MODEL is a name that `darkpenguin models` lists, or path/to/my_model.py:Class.

    Example: darkpenguin predict two_body_scalar m_S=2.1 BR=9.2e-6
    """
    from darkpenguin.analysis import Analysis

    names = (*observables, *_also_visible(observables)) if with_visible else observables
    faults = [*_unknown(observables), *_unphysical(q2), *_no_bins(q2_bins)]
    if wcxf is not None:
        target, values = _from_wcxf(target, values, wcxf)
    card = card_of(target, values, data, faults)
    if write_wcxf is not None:
        _to_wcxf(card, write_wcxf)
    point = Analysis.from_card(card).predict(point_of(card), names or None, q2, q2_bins)
    if as_json:
        print_json(point)
    else:
        click.echo(_text(point))
    finish([point.status, *(v.status for v in point.likelihoods.values())])


def _from_wcxf(target: str, values: tuple[str, ...], path: Path) -> tuple[str, tuple[str, ...]]:
    """Model and assignments of a WCxf file: its coefficients carry lepton flavour."""
    from darkpenguin.wcxf import load_parameters

    if target.replace("-", "_") not in ("weak_effective", FLAVOURED):
        raise CardError(
            "arguments", [Problem("--wcxf", f"needs the model weak_effective or {FLAVOURED}, not {target}")]
        )
    assignments = tuple(f"{name}={value!r}" for name, value in load_parameters(path).items())
    return FLAVOURED, (*assignments, *values)


def _to_wcxf(card: Card, path: Path) -> None:
    from darkpenguin.wcxf import write_wcxf

    if card.model.replace("-", "_") != FLAVOURED:
        raise CardError("arguments", [Problem("--write-wcxf", f"needs the model {FLAVOURED}, not {card.model}")])
    write_wcxf(path, card.fixed)


def _also_visible(given: tuple[str, ...]) -> tuple[str, ...]:
    """Every visible observable that is one number; the default ones before them if none was given."""
    from darkpenguin.core.catalogue import CATALOGUE

    default = [o.name for o in CATALOGUE if o.is_default and o.is_scalar and not given]
    return (*default, *(o.name for o in CATALOGUE if o.part == "visible" and o.is_scalar))


def _unknown(observables: tuple[str, ...]) -> list[Problem]:
    from darkpenguin.core.catalogue import find

    problems = []
    for name in observables:
        try:
            find(name)
        except UnknownName as error:
            problems.append(Problem("--observable", f"'{name}' not found{suggestion(name, error.known)}"))
    return problems


def _unphysical(q2: tuple[float, ...]) -> list[Problem]:
    return [
        Problem("--q2", f"{x:g} GeV^2 is no invariant mass squared; expected a number of at least 0")
        for x in q2
        if not 0.0 <= x < math.inf
    ]


def _no_bins(bins: tuple[tuple[float, float], ...]) -> list[Problem]:
    return [
        Problem("--q2-bin", f"{low:g} to {high:g} GeV^2 is no bin; expected 0 <= low < high")
        for low, high in bins
        if not 0.0 <= low < high < math.inf
    ]


def _text(point: Point) -> str:
    shown = [f"{name} = {number(value, 6)}" for name, value in point.parameters.items() if value]
    parameters = ", ".join([*shown, *(["all others 0"] if len(shown) < len(point.parameters) else [])])
    lines = [f"{point.model}  {parameters}".rstrip(), f"inputs {point.inputs}, status: {point.status}", ""]
    lines.append(
        table([(name, with_errors(q.value, q.error, q.error, q.unit)) for name, q in point.observables.items()])
    )
    if point.likelihoods:
        rows = [(name, number(v.minus_two_log_likelihood, 8), v.status) for name, v in point.likelihoods.items()]
        lines += ["", table(rows, header=("experiment", "-2 ln L", "status"))]
    if point.searches:
        rows = [(name, number(ratio), "excluded" if ratio > 1 else "") for name, ratio in point.searches.items()]
        lines += ["", table(rows, header=("search for a mediator", "rate / limit", ""))]
    lines += [f"\nwarning: {text}" for text in point.warnings]
    return "\n".join(lines)
