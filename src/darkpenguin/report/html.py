"""One self-contained page from a saved comparison: verdict, table, figures, planes, references. Nothing is loaded."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from darkpenguin.cite import bibtex
from darkpenguin.errors import BadData
from darkpenguin.exclusion import ExclusionPlane
from darkpenguin.plot import style
from darkpenguin.plot.text import reaction
from darkpenguin.report import references, table
from darkpenguin.report.figures import FIGURES, Picture, absent, pictures
from darkpenguin.report.planes import PlanePicture, caption, plane_picture, remains, script
from darkpenguin.report.verdict import verdict
from darkpenguin.report.words import escape
from darkpenguin.result import Comparison, save, write_text


def write_report(comparison: Comparison, folder: Path, command: str | None = None) -> Path:
    """Write index.html, comparison.json and figures/*.svg into `folder` and return the path of the page.

    command : the command line that made the comparison, shown under "Run it again"; by default the one that fits every
        hypothesis to the same data with the same inputs.
    Figures of an earlier report in that folder that this comparison does not have are removed.
    Raises DarkpenguinError if matplotlib is not installed, BadData if the comparison contradicts itself.
    """
    folder = Path(folder)
    names = [f.hypothesis for f in comparison.fits]
    if comparison.best_hypothesis and comparison.best_hypothesis not in names:
        raise BadData(f"comparison: best_hypothesis '{comparison.best_hypothesis}' is none of the fitted ones: {names}")
    drawn = pictures(comparison)
    planes = [plane_picture(plane, f"left-{n}") for n, plane in enumerate(comparison.exclusions, start=1)]
    text = page(comparison, drawn, planes, command)
    written = {p.stem: p.svg for p in drawn} | {p.stem: p.svg for p in planes}
    for stem, svg in written.items():
        write_text(folder / "figures" / f"{stem}.svg", svg)
    earlier = {path.stem for path in (folder / "figures").glob("left-*.svg")} | FIGURES.keys()
    for stem in earlier - written.keys():
        (folder / "figures" / f"{stem}.svg").unlink(missing_ok=True)
    save(comparison, folder / "comparison.json")
    write_text(folder / "index.html", text)
    return folder / "index.html"


def page(
    comparison: Comparison, drawn: list[Picture], planes: Sequence[PlanePicture] = (), command: str | None = None
) -> str:
    """The whole page as HTML text."""
    sections = (
        _header(comparison),
        _ranking(comparison),
        _figures(comparison, drawn),
        _planes(comparison.exclusions, planes, len(drawn) + 1),
        _notes(comparison),
        _references(comparison),
        _rerun(comparison, command),
    )
    return document(reaction(comparison.title), sections, script() if planes else "")


def write_planes(title: str, planes: Sequence[ExclusionPlane], folder: Path) -> Path:
    """Write index.html, planes.json and figures/*.svg for planes alone; returns the path of the page."""
    drawn = [plane_picture(plane, f"left-{n}") for n, plane in enumerate(planes, start=1)]
    sentences = "".join(f"<p><strong>{escape(p.title)}</strong>: {remains(p)}</p>" for p in planes)
    header = f'<header><h1>{escape(title)}</h1></header>\n<section class="verdict">{sentences}</section>'
    keys = list(dict.fromkeys(key for p in planes for one in p.limits for key in one.limit.references))
    for picture in drawn:
        write_text(folder / "figures" / f"{picture.stem}.svg", picture.svg)
    save(tuple(planes), folder / "planes.json")
    sections = (header, _planes(planes, drawn, 1), _reference_section(keys))
    write_text(folder / "index.html", document(title, sections, script()))
    return folder / "index.html"


def document(title: str, sections: Sequence[str], closing: str) -> str:
    """A whole HTML page; title as plain text, sections and closing as HTML."""
    sheet = (resources.files("darkpenguin.report") / "style.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{sheet}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(s for s in sections if s)
        + f"\n</main>\n{closing}</body>\n</html>\n"
    )


def _header(comparison: Comparison) -> str:
    found = verdict(comparison)
    details = "".join(f"<p>{d}</p>" for d in found.details)
    facts = {
        "Data": ", ".join(comparison.experiments),
        "Inputs": comparison.inputs,
        "Nuisances": comparison.nuisances,
        "darkpenguin": comparison.version,
    }
    listed = "".join(f"<div><dt>{k}</dt><dd>{escape(v)}</dd></div>" for k, v in facts.items() if v)
    return (
        f'<header><h1>{escape(reaction(comparison.title))}</h1><dl class="facts">{listed}</dl></header>\n'
        f'<section class="verdict" aria-label="Verdict"><p class="headline">{found.headline}</p>{details}</section>'
    )


def _ranking(comparison: Comparison) -> str:
    if not comparison.fits:
        return ""
    return (
        f'<section class="wide"><h2 id="ranking">Ranking</h2>\n{table.table(comparison)}\n'
        f'<ul class="footnotes">{table.footnotes(comparison)}</ul></section>'
    )


def _figures(comparison: Comparison, drawn: list[Picture]) -> str:
    left_out = absent(comparison, drawn)
    closing = f'<p class="absent">Not part of this comparison: {", ".join(left_out)}.</p>' if left_out else ""
    shown = "\n".join(_figure(i, p) for i, p in enumerate(drawn, start=1))
    return f'<section class="wide"><h2 id="figures">Figures</h2>\n<div class="figures">{shown}</div>{closing}</section>'


def _figure(number: int, picture: Picture) -> str:
    drawing = style.inline(picture.svg, picture.stem, escape(picture.description))
    return (
        f'<figure id="figure-{picture.stem}">{drawing}\n<figcaption><b>Figure {number}. {picture.title}.</b> '
        f'{picture.caption} <a class="file" href="figures/{picture.stem}.svg">SVG</a></figcaption></figure>'
    )


def _planes(planes: Sequence[ExclusionPlane], drawn: Sequence[PlanePicture], first: int) -> str:
    if not planes:
        return ""
    shown = "\n".join(
        f'<figure class="plane" id="figure-{picture.stem}">{picture.html}\n<figcaption><b>Figure {number}.</b> '
        f'{caption(plane)} <a class="file" href="figures/{picture.stem}.svg">SVG</a></figcaption></figure>'
        for number, (picture, plane) in enumerate(zip(drawn, planes, strict=True), start=first)
    )
    return f'<section class="wide"><h2 id="left">What is left</h2>\n<div class="figures">{shown}</div></section>'


def _notes(comparison: Comparison) -> str:
    if not comparison.notes:
        return ""
    items = "".join(f"<li>{escape(reaction(n))}</li>" for n in comparison.notes)
    return f'<section><h2 id="assumptions">Assumptions and notes</h2><ul>{items}</ul></section>'


def _references(comparison: Comparison) -> str:
    of_planes = (key for plane in comparison.exclusions for one in plane.limits for key in one.limit.references)
    of_fits = (key for fit in comparison.fits for key in fit.references)
    return _reference_section(list(dict.fromkeys((*comparison.references, *of_fits, *of_planes))))


def _reference_section(keys: Sequence[str]) -> str:
    if not keys:
        return ""
    known, _ = references.split_keys(keys)
    source = f"<details><summary>BibTeX</summary><pre>{escape(bibtex(known))}</pre></details>" if known else ""
    items = references.reference_list(keys)
    return f'<section><h2 id="references">References</h2><ol class="references">{items}</ol>{source}</section>'


def _rerun(comparison: Comparison, command: str | None) -> str:
    words = ["darkpenguin", "compare", "--inputs", comparison.inputs]
    for name in comparison.experiments:
        words += ["--experiments", name]
    line = command or shlex.join([*words, "-o", "report"])
    again = (
        "from pathlib import Path\n"
        "from darkpenguin.report.html import write_report\n"
        "from darkpenguin.result import Comparison, load\n\n"
        'write_report(load(Path("comparison.json"), Comparison), Path("report"))'
    )
    return (
        '<section><h2 id="rerun">Run it again</h2>'
        f"<p>With darkpenguin {escape(comparison.version)}:</p><pre>{escape(line)}</pre>"
        '<p>All numbers on this page are in <a href="comparison.json">comparison.json</a>; to draw it from them:</p>'
        f"<pre>{escape(again)}</pre></section>"
    )
