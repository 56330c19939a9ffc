"""darkpenguin constrain: everything published that limits a model, at one point or in a plane."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from darkpenguin.cli.common import DataChoice, card_of, data_options, json_option, print_json
from darkpenguin.errors import CardError, Problem
from darkpenguin.text import number, table

if TYPE_CHECKING:
    from darkpenguin.card import Card
    from darkpenguin.exclusion import ExclusionPlane
    from darkpenguin.result import PointConstraints


@click.command(short_help="Every published limit on a model, at a point or in a plane.")
@click.argument("target", metavar="MODEL|CARD")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write the page of a plane."
)
@data_options
@json_option
def constrain(target: str, values: tuple[str, ...], data: DataChoice, output: Path | None, as_json: bool) -> None:
    """Predicted over allowed for every published limit that the model meets; above 1 is excluded.

    With a CARD that gives two parameters as ranges: what the fitted data prefer in that plane, and what is left of it.
    With -o, DIR/index.html shows the plane.

    Example: darkpenguin constrain dark_photon_portal m_X=2.1 eps=1e-4 eps_Z=8e-5 alpha_X=3.6e-4 m_DM=0.5
    """
    from darkpenguin.analysis import Analysis

    card = card_of(target, values, data)
    if len(card.free) not in (0, 2):
        what = f"needs no range, for a point, or two, for a plane; has {len(card.free)}: {', '.join(card.free)}"
        raise CardError(card.source, [Problem("parameters", what)])
    if output is not None and not card.free:
        raise CardError("arguments", [Problem("--output", "a page needs a plane: a card with two ranges")])
    analysis = Analysis.from_card(card)
    if not card.free:
        found = analysis.constraints()
        print_json(found) if as_json else click.echo(_point_text(found))
        return
    _plane(analysis.exclusions(*card.free), card, output, as_json)


def _plane(plane: ExclusionPlane, card: Card, output: Path | None, as_json: bool) -> None:
    if output is not None:
        from darkpenguin.report.html import write_planes

        click.echo(f"page: {write_planes(f'What is left: {card.model}', [plane], output)}", err=True)
    print_json(plane) if as_json else click.echo(_plane_text(plane))


def _point_text(found: PointConstraints) -> str:
    shown = [f"{name} = {number(value, 6)}" for name, value in found.parameters.items() if value]
    rows = [
        (one.limit.title, one.limit.observable, f"{one.limit.confidence_level:.0%}", number(one.over_limit), verdict)
        for one in found.limits
        if one.over_limit is None or one.over_limit > 0.0
        for verdict in ("unknown" if one.over_limit is None else "excluded" if one.over_limit > 1.0 else "",)
    ]
    silent = sum(one.over_limit == 0.0 for one in found.limits)
    lines = [f"{found.model}  {', '.join(shown)}", f"inputs {found.inputs}"]
    if found.omega_h2 is not None:
        lines.append(f"relic density: Omega h^2 = {number(found.omega_h2)}")
    lines += ["", table(rows, header=("published limit", "on", "CL", "predicted/allowed", ""))]
    return "\n".join([*lines, *([f"\n{silent} more say nothing here"] if silent else [])])


def _plane_text(plane: ExclusionPlane) -> str:
    from darkpenguin.exclusion import left

    found = left(plane)
    head = f"{plane.title}: {plane.x_name} and {plane.y_name}, {len(plane.x)} x {len(plane.y)} points"
    if found is None:
        return f"{head}\nthe data prefer no point of it"
    lines = [head, f"preferred by {', '.join(plane.experiments)} and not excluded: {found.share:.0%} of the region"]
    if found.best is not None:
        x, y = found.best
        density = "" if found.omega_h2 is None else f", Omega h^2 = {number(found.omega_h2)}"
        lines.append(
            f"best there: {plane.x_name} = {number(x)}, {plane.y_name} = {number(y)}, "
            f"Delta(-2 ln L) = {number(found.delta_chi2)}{density}"
        )
    elif found.closest is not None:
        factor, one = found.closest
        lines.append(f"closest: above '{one.limit.title}' by a factor of {number(factor)}")
    rows = [(one.limit.title, one.limit.observable, f"{share:.0%}") for one, share in found.takers]
    if rows:
        lines += ["", table(rows, header=("published limit", "on", "excludes of the region"))]
    return "\n".join(lines)
