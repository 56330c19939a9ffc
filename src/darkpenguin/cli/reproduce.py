"""darkpenguin reproduce: a published figure made anew, its numbers beside the picture."""

from __future__ import annotations

from pathlib import Path

import click

from darkpenguin.cli.common import watched
from darkpenguin.text import paragraph, table

FORMATS = ("svg", "png", "pdf")


@click.command(short_help="Published figures made anew, with their numbers.")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("figures"),
    show_default=True,
    metavar="DIR",
    help="Where the files go.",
)
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="May be repeated. [default: svg]")
@click.option("--as-printed", is_flag=True, help="Repeat known mistakes of the print, where a figure has any.")
@click.option("--list", "list_them", is_flag=True, help="List the keys; compute nothing.")
def reproduce(keys: tuple[str, ...], output: Path, formats: tuple[str, ...], as_printed: bool, list_them: bool) -> None:
    """Compute each figure KEY and write DIR/KEY.svg, its numbers as KEY.csv, and everything as KEY.json.

    Example: darkpenguin reproduce 2309.12741:spectra
    """
    from darkpenguin.reproduce.index import FIGURES, entry

    if list_them or not keys:
        click.echo(
            table([(key, e.title, f"--as-printed: {e.printed}" if e.printed else "") for key, e in FIGURES.items()])
        )
        return
    for key in keys:
        entry(key)  # all names are checked before the first figure is computed
    for key in keys:
        _make(key, output, formats or ("svg",), as_printed)


def _make(key: str, output: Path, formats: tuple[str, ...], as_printed: bool) -> None:
    from darkpenguin.figure import as_csv
    from darkpenguin.plot.figure import figure
    from darkpenguin.plot.style import write
    from darkpenguin.reproduce.index import compute
    from darkpenguin.result import save, write_text

    data = compute(key, as_printed=as_printed, progress=watched())
    stem = output / (key.replace(":", "_") + ("_as-printed" if as_printed else ""))
    save(data, stem.with_name(stem.name + ".json"))
    write_text(stem.with_name(stem.name + ".csv"), as_csv(data))
    drawn = figure(data)
    for kind in formats:
        write(drawn, stem.with_name(f"{stem.name}.{kind}"))
    click.echo(f"{key}: {data.title}\n{paragraph(data.caption, '  ')}")
    for note in data.notes:
        click.echo(paragraph(note, "  "))
    click.echo(f"  {', '.join(f'{stem}.{kind}' for kind in (*formats, 'csv', 'json'))}")
