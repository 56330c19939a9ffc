"""Any figure of `darkpenguin.figure`: panels below each other, each with its curves, regions and bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from darkpenguin.figure import Bar, Curve, FigureData, Numbers, Panel, Region
from darkpenguin.plot import style
from darkpenguin.plot.text import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_WIDTH, PANEL_HEIGHT, BAR_HEIGHT = 5.6, 3.4, 0.17
DASHED = (0, (4.0, 2.0))


def figure(data: FigureData) -> Figure:
    """Draw all panels in rows of `data.columns`; items of the same name keep their colour through the figure."""
    with style.look():
        rows = [data.panels[i : i + data.columns] for i in range(0, len(data.panels), data.columns)]
        heights = [max(max(PANEL_HEIGHT, BAR_HEIGHT * len(panel.bars) + 1.0) for panel in row) for row in rows]
        drawn = style.new_figure(sum(heights), PANEL_WIDTH * data.columns)
        grid = drawn.add_gridspec(len(rows), data.columns, height_ratios=heights)
        names = [label for panel in data.panels for label in _labels(panel)]
        pens = style.pens([*names, *(bar.kind for panel in data.panels for bar in panel.bars)])
        for i, row in enumerate(rows):
            for j, panel in enumerate(row):
                _panel(panel, drawn.add_subplot(grid[i, j]), pens)
        style.make_room(drawn, data.columns)
    return drawn


def _labels(panel: Panel) -> list[str]:
    """Filled regions first, so that none is black: the outlines upon them are grey."""
    return [*(region.label for region in panel.regions if region.filled), *(curve.label for curve in panel.curves)]


def _panel(panel: Panel, ax: Axes, pens: dict[str, style.Pen]) -> None:
    for region in panel.regions:
        _region(region, ax, pens[region.label].colour if region.filled else style.GREY)
    for curve in panel.curves:
        _curve(curve, ax, pens[curve.label])
    if panel.bars:
        _bars(panel.bars, ax, pens)
    if panel.x_log:
        style.log_scale(ax, "x")
    if panel.y_log:
        style.log_scale(ax, "y")
    if panel.x_range is not None:
        ax.set_xlim(*panel.x_range)
    if panel.y_range is not None:
        ax.set_ylim(*panel.y_range)
    ax.set_xlabel(panel.x_label)
    ax.set_ylabel(panel.y_label)
    style.legend_above(ax, wrapped(panel.title, 60), columns=2)


def _array(values: Numbers) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def _curve(curve: Curve, ax: Axes, pen: style.Pen) -> None:
    label = wrapped(curve.label, 30)
    if curve.low and curve.high:
        ax.fill_between(
            _array(curve.x),
            _array(curve.low),
            _array(curve.high),
            color=pen.colour,
            alpha=0.2,
            lw=0,
            label=None if curve.y else label,
        )
    if not curve.y:
        return
    if curve.mark == "points":
        ax.plot(_array(curve.x), _array(curve.y), color=pen.colour, ls="", marker="o", ms=4, label=label)
        return
    dash = DASHED if curve.mark == "dashed" else pen.dash
    ax.plot(_array(curve.x), _array(curve.y), color=pen.colour, ls=dash, label=label)


def _region(region: Region, ax: Axes, colour: str) -> None:
    z = np.ma.masked_invalid(np.array([_array(row) for row in region.z]))
    if z.count() == 0:
        return
    low = float(z.min())
    for n, level in enumerate(sorted(region.levels, reverse=True)):
        if low >= level:
            continue
        if not region.filled:
            ax.contour(
                region.x,
                region.y,
                z,
                levels=[level],
                colors=[colour],
                linewidths=0.9 + 0.6 * n,
                linestyles=[DASHED],
            )
            continue
        ax.contourf(region.x, region.y, z, levels=[low - 1.0, level], colors=[colour], alpha=0.22 + 0.1 * n)
        if level < float(z.max()):
            ax.contour(region.x, region.y, z, levels=[level], colors=[colour], linewidths=1.1)
    if region.filled:
        ax.fill_between([], [], [], facecolor=colour, alpha=0.35, label=wrapped(region.label, 30))
    else:
        ax.plot([], [], color=colour, ls=DASHED, label=wrapped(region.label, 30))


def _bars(bars: tuple[Bar, ...], ax: Axes, pens: dict[str, style.Pen]) -> None:
    """Rows from top to bottom in order of appearance; the kinds of one row lie beside each other."""
    rows, kinds = list(dict.fromkeys(bar.row for bar in bars)), list(dict.fromkeys(bar.kind for bar in bars))
    thickness = 0.8 / len(kinds)
    for bar in bars:
        y = rows.index(bar.row) - 0.4 + (kinds.index(bar.kind) + 0.5) * thickness
        ax.barh(y, bar.high - bar.low, left=bar.low, height=0.85 * thickness, color=pens[bar.kind].colour)
    for kind in kinds:
        ax.fill_between([], [], [], color=pens[kind].colour, label=wrapped(kind, 30))
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
