"""What a figure shows, as plain numbers: panels of curves, regions, bars. Computed in one place, drawn in another."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from typing import Literal

Numbers = tuple[float | None, ...]


@dataclasses.dataclass(frozen=True)
class Curve:
    """y against x; low and high bound a band around it, or a band alone where y is empty. None: no value there."""

    label: str
    x: Numbers
    y: Numbers = ()
    low: Numbers = ()
    high: Numbers = ()
    mark: Literal["line", "dashed", "points"] = "line"


@dataclasses.dataclass(frozen=True)
class Region:
    """Where z [n_y][n_x] lies below each of `levels`; z is Delta(-2 ln L), or a ratio to a limit with level 1.

    filled : False for a dashed outline in grey, so that what lies under it can be seen.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    z: tuple[Numbers, ...]
    levels: tuple[float, ...]
    filled: bool = True


@dataclasses.dataclass(frozen=True)
class Bar:
    """One row of a chart of intervals; `kind` groups the bars that share a colour."""

    row: str
    kind: str
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Panel:
    """One pair of axes; labels may hold TeX between dollar signs."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...] = ()
    regions: tuple[Region, ...] = ()
    bars: tuple[Bar, ...] = ()
    x_log: bool = False
    y_log: bool = False
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None


@dataclasses.dataclass(frozen=True)
class FigureData:
    """A whole figure: key as in `darkpenguin reproduce`, title, caption, panels in rows of `columns`."""

    key: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    inputs: str
    references: tuple[str, ...]
    version: str
    notes: tuple[str, ...] = ()
    columns: int = 1


def as_csv(figure: FigureData) -> str:
    """Every number of a figure in one long table: panel, item, quantity, x, y."""
    out = io.StringIO()
    out.write(f"# {figure.key}: {figure.title}\n# darkpenguin {figure.version}, inputs {figure.inputs}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("panel", "item", "quantity", "x", "y", "value"))
    for panel in figure.panels:
        writer.writerows((panel.title, *row) for row in _rows(panel))
    return out.getvalue()


def _rows(panel: Panel) -> Iterator[tuple[str, str, object, object, object]]:
    for curve in panel.curves:
        for name in ("y", "low", "high"):
            values: Numbers = getattr(curve, name)
            yield from ((curve.label, name, x, "", v) for x, v in zip(curve.x, values, strict=False))
    for region in panel.regions:
        for y, row in zip(region.y, region.z, strict=True):
            yield from ((region.label, "z", x, y, v) for x, v in zip(region.x, row, strict=True))
    for bar in panel.bars:
        yield (bar.row, f"{bar.kind}, low", "", "", bar.low)
        yield (bar.row, f"{bar.kind}, high", "", "", bar.high)
