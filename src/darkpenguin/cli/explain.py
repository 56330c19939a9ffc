"""darkpenguin explain: one parameter point step by step."""

from __future__ import annotations

import click

from darkpenguin.cli.common import DataChoice, card_of, data_options, json_option, point_of, print_json


@click.command(short_help="One point step by step: formulas, numbers, references.")
@click.argument("target", metavar="CARD|MODEL")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@data_options
@json_option
def explain(
    target: str,
    values: tuple[str, ...],
    data: DataChoice,
    as_json: bool,
) -> None:
    """One parameter point step by step: formulas, numbers, units, references.

    A parameter that the card gives as a range needs a KEY=VALUE.
    """
    from darkpenguin.analysis import Analysis
    from darkpenguin.explain import explain as explain_point

    card = card_of(target, values, data)
    point = point_of(card)
    text = explain_point(Analysis.from_card(card), point)
    if as_json:
        print_json({"model": card.model, "parameters": point, "text": text})
    else:
        click.echo(text)
