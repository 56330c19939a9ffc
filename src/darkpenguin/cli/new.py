"""darkpenguin new: a working example to start from."""

from __future__ import annotations

from pathlib import Path

import click

from darkpenguin.cli.common import json_option, print_json


@click.command(short_help="Write a working example: card, model or result.")
@click.argument("kind", type=click.Choice(["card", "model", "result"]))
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def new(kind: str, path: Path, as_json: bool) -> None:
    """Write a working example to PATH: a card, a model with its test, or a result. Nothing is overwritten."""
    from darkpenguin.skeletons import write_skeleton

    written = [str(target) for target in write_skeleton(kind, path)]
    if as_json:
        print_json({"written": written})
        return
    click.echo("\n".join(f"written: {target}" for target in written))
    click.echo(f"next: darkpenguin check {path}")
