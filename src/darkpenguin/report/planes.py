"""Planes of a report: the picture, its caption, and the numbers that its script answers with."""

from __future__ import annotations

import json
from importlib import resources
from typing import NamedTuple

import numpy as np

from darkpenguin.exclusion import PREFERRED, ExclusionPlane, Left, LimitGrid, left, needed, numbers
from darkpenguin.plot import style
from darkpenguin.plot.exclusion import exclusion_plane, limit_label
from darkpenguin.plot.text import LNL, fixed
from darkpenguin.report import words

NOTEWORTHY = 0.1  # predicted over allowed from which on a limit is told of


class PlanePicture(NamedTuple):
    """SVG text, the figure's HTML without its number, and its file's stem."""

    stem: str
    svg: str
    html: str


def plane_picture(plane: ExclusionPlane, stem: str) -> PlanePicture:
    """One plane, drawn and told."""
    axes = exclusion_plane(plane)
    svg = style.svg(style.figure_of(axes))
    drawing = style.inline(svg, stem, words.escape(f"Plane of {plane.x_name} and {plane.y_name}: {plane.title}"))
    told = _told(plane)
    data = json.dumps(_numbers(plane, told, style.box(axes)), ensure_ascii=False, allow_nan=False)
    data = data.replace("</", "<\\/")
    return PlanePicture(stem, svg, f"{drawing}\n{_switches(told)}<output></output>\n{_script(data)}")


def script() -> str:
    """What makes the planes of a page answer."""
    source = (resources.files("darkpenguin.report") / "plane.js").read_text(encoding="utf-8")
    return f"<script>\n{source}</script>"


def caption(plane: ExclusionPlane) -> str:
    """What is seen, and what is left."""
    held = ", ".join(
        f"{words.symbol(name)} = {words.number(value)}"
        for name, value in plane.fixed.items()
        if value not in (0.0, 1.0)
    )
    return (
        f"{words.escape(plane.title)}. {remains(plane)} Lines: {LNL} within 2.30 and 6.18 of its lowest value in the "
        "plane. Coloured areas: excluded, each by one published limit at its own confidence level; limits that exclude "
        f"nothing more are not drawn. Held: {held}; parameters at 0 or 1 are in the file of numbers. Where a browser "
        "runs scripts, the pointer, a finger or the arrow keys read off any point, and limits can be switched off."
    )


def remains(plane: ExclusionPlane) -> str:
    """One or two sentences: how much of what the data prefer survives, where, and what takes the rest."""
    found = left(plane)
    if found is None:
        return "The data prefer no point of this plane."
    if found.best is None:
        assert found.closest is not None
        factor, limit = found.closest
        return (
            f"Nothing that the data prefer survives: at best it exceeds {_named(limit)} by a factor of "
            f"{words.number(factor, 2)}.{_takers(found)}"
        )
    x, y = found.best
    density = "" if found.omega_h2 is None else f" and Ω<i>h</i>² = {words.number(found.omega_h2, 2)}"
    return (
        f"Of what the data prefer, {fixed(100.0 * found.share, 0)} % is not excluded; best there is "
        f"{words.symbol(plane.x_name)} = {words.number(x)}{words.unit(plane.x_unit)}, {words.symbol(plane.y_name)} = "
        f"{words.number(y)}{words.unit(plane.y_unit)}, with Δ({LNL}) = {words.number(found.delta_chi2, 2)}"
        f"{density}.{_takers(found)}"
    )


def _takers(found: Left) -> str:
    if not found.takers:
        return ""
    parts = [f"{_named(one)} ({fixed(100.0 * share, 0)} %)" for one, share in found.takers[:4]]
    return f" Excluded by {', '.join(parts)}."


def _named(one: LimitGrid) -> str:
    return words.escape(limit_label(one))


def _told(plane: ExclusionPlane) -> list[LimitGrid]:
    """Limits that the page tells of: those that are drawn, in that order, and others that come near."""
    drawn = list(needed(plane))
    near = [one for one in plane.limits if one not in drawn and np.nanmax(numbers(one.over_limit)) > NOTEWORTHY]
    return drawn + near


def _switches(told: list[LimitGrid]) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" value="{n}" checked> {_named(one)}, {one.limit.confidence_level:.0%}</label>'
        for n, one in enumerate(told)
    )
    return f'<details class="switches" hidden><summary>Switch limits off</summary>{boxes}</details>\n'


def _script(data: str) -> str:
    return f'<script type="application/json">{data}</script>'


def _numbers(plane: ExclusionPlane, told: list[LimitGrid], box: tuple[float, float, float, float]) -> dict[str, object]:
    """Grids in three digits; where no number is, a limit counts as 0."""
    found = left(plane)
    x, y = found.best if found is not None and found.best is not None else (plane.x[0], plane.y[0])
    return {
        "box": box,
        "names": [words.symbol(plane.x_name), words.symbol(plane.y_name)],
        "units": [words.unit(plane.x_unit), words.unit(plane.y_unit)],
        "x": plane.x,
        "y": plane.y,
        "start": [plane.y.index(y), plane.x.index(x)],
        "preferred": PREFERRED,
        "delta": _short(numbers(plane.delta_chi2)),
        "omega": _short(numbers(plane.omega_h2)) if plane.omega_h2 else [],
        "limits": [{"label": _named(one), "grid": _short(np.nan_to_num(numbers(one.over_limit)))} for one in told],
    }


def _short(grid: np.ndarray) -> list[list[float | None]]:
    return [[float(f"{v:.3g}") if np.isfinite(v) else None for v in row] for row in grid]
