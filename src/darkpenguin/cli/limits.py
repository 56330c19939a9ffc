"""darkpenguin limits: CLs upper limits on a grid of the other parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from darkpenguin.cli.common import finish, json_option, print_json
from darkpenguin.errors import CardError, Problem
from darkpenguin.text import number, table

if TYPE_CHECKING:
    from darkpenguin.card import Card
    from darkpenguin.result import LimitPoint


@click.command(short_help="CLs upper limits of a card.")
@click.argument("card")
@json_option
def limits(card: str, as_json: bool) -> None:
    """Upper limits on the parameter that the [limits] table of CARD names.

    The other parameters that the card gives as ranges make the grid.
    """
    from darkpenguin.analysis import Analysis
    from darkpenguin.card import Limits, read_card

    found = read_card(card)
    wanted = found.limits or Limits(_only_range(found))
    grid = {name: r.grid().tolist() for name, r in found.free.items() if name != wanted.parameter}
    points = Analysis.from_card(found).limits(wanted.parameter, grid=grid, confidence_level=wanted.confidence_level)
    if as_json:
        print_json(points)
    else:
        click.echo(_text(points))
    finish(point.status for point in points)


def _only_range(card: Card) -> str:
    """The parameter to limit in a card without a [limits] table: the one with a range, if there is just one."""
    if len(card.free) == 1:
        return next(iter(card.free))
    what = "a table with 'parameter' is needed unless exactly one parameter has a range"
    raise CardError(card.source, [Problem("limits", f"{what}; with a range: {', '.join(card.free) or 'none'}")])


def _text(points: list[LimitPoint]) -> str:
    if not points:
        return "no points"
    first = points[0]
    unit = "" if first.unit == "1" else f" [{first.unit}]"
    title = f"{first.confidence_level:.0%} upper limit on {first.parameter}{unit}"
    header = (
        *first.parameters,
        "observed",
        *(f"expected {s}" for s in ("-2s", "-1s", "median", "+1s", "+2s")),
        "status",
    )
    rows = [
        (*(number(v) for v in p.parameters.values()), number(p.observed), *(number(e) for e in p.expected), p.status)
        for p in points
    ]
    return f"{title}\n\n{table(rows, header=header)}"
