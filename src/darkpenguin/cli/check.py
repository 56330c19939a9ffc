"""darkpenguin check: every fault of a card, a model or a result file at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from darkpenguin.cli.common import BAD_INPUT, json_option, print_json
from darkpenguin.text import table


@click.command(short_help="All faults of a card, model or result at once.")
@click.argument("target", metavar="CARD|MODEL|RESULT")
@json_option
def check(target: str, as_json: bool) -> None:
    """All faults at once of a card, of a model (a name, or my_model.py with or without :Class), or of a result file.

    A card or result is only read; nothing is fitted. A model is put through the contract that every model keeps.
    """
    path = Path(target)
    if path.is_dir():
        facts = _result(path / "result.toml")
    elif path.suffix == ".toml":
        facts = _result(path) if _is_result(path) else _card(path)
    else:
        _models(target, as_json)
        return
    if as_json:
        print_json({"target": target, "passed": True, **facts})
    else:
        click.echo(f"{target}: good")
        click.echo(table([(key, str(value)) for key, value in facts.items()], indent="  "))


def _is_result(path: Path) -> bool:
    """A result has a likelihood; a card never does."""
    from darkpenguin.card import read_table

    return path.name == "result.toml" or "likelihood" in read_table(path)


def _card(path: Path) -> dict[str, Any]:
    from darkpenguin.card import read_card

    card = read_card(path)
    return {
        "kind": "card",
        "model": card.model,
        "held": ", ".join(card.fixed) or "none",
        "free": ", ".join(card.free) or "none",
        "experiments": ", ".join(card.experiments) or "none",
        "digest": card.digest(),
    }


def _result(path: Path) -> dict[str, Any]:
    from darkpenguin.experiments.reading import read_result

    file = read_result(path)
    return {
        "kind": "result",
        "name": file.name,
        "likelihood": file.likelihood,
        "parts": ", ".join(file.parts()) or "none",
        "references": ", ".join(file.references),
    }


def _models(target: str, as_json: bool) -> None:
    """The contract of one model, or of every model in a file. Exit code 2 if a line fails."""
    from darkpenguin.contract import check_model
    from darkpenguin.errors import BadData
    from darkpenguin.models.index import is_file, load_model, models_in_file, split_file

    found = (
        [load_model(target)]
        if not is_file(target) or split_file(target)[1]
        else [*models_in_file(Path(target)).values()]
    )
    if not found:
        raise BadData(f"{target}: no model found: expected a class derived from AbstractModel")
    reports = {model.__name__: check_model(model) for model in found}
    passed = all(line.passed for lines in reports.values() for line in lines)
    if as_json:
        models = {name: [line._asdict() for line in lines] for name, lines in reports.items()}
        print_json({"target": target, "passed": passed, "kind": "model", "models": models})
    else:
        for name, lines in reports.items():
            click.echo(f"{name}: {'good' if all(line.passed for line in lines) else 'FAILED'}")
            rows = [("passed" if line.passed else "FAILED", line.what, line.detail) for line in lines]
            click.echo(table(rows, indent="  "))
    if not passed:
        sys.exit(BAD_INPUT)
