"""darkpenguin cite: BibTeX of exactly what an analysis uses."""

from __future__ import annotations

import click

from darkpenguin.cli.common import json_option, print_json


@click.command(short_help="BibTeX of exactly what was used.")
@click.argument("targets", nargs=-1, required=True, metavar="CARD|MODEL...")
@json_option
def cite(targets: tuple[str, ...], as_json: bool) -> None:
    """BibTeX of what each CARD (model, inputs, form factors, experiments) or MODEL uses."""
    from darkpenguin.card import read_card
    from darkpenguin.cite import bibtex, known_keys
    from darkpenguin.core.catalogue import DEFAULT_MODES
    from darkpenguin.core.inputs import load_inputs
    from darkpenguin.experiments.index import describe
    from darkpenguin.flavour.transitions import transition
    from darkpenguin.models.index import load_model

    transitions = {transition(mode).form_factors for mode in DEFAULT_MODES}
    keys: list[str] = []
    for target in targets:
        if not target.endswith(".toml"):
            keys += load_model(target).references
            continue
        card = read_card(target)
        keys += load_model(card.model).references
        keys += load_inputs(card.inputs, card.form_factors).references_for(transitions)
        for name in card.experiments:
            keys += describe(name).references
    keys = list(dict.fromkeys(keys))
    known = known_keys()
    own = "".join(f"% {key}: not among darkpenguin's references\n" for key in keys if key not in known)
    text = own + bibtex(key for key in keys if key in known)
    if as_json:
        print_json({"keys": keys, "bibtex": text})
    else:
        click.echo(text, nl=False)
