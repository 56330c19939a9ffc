"""What is gained, and at what rate, as a function of the mass of the invisible particle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from darkpenguin.exclusion import LEVELS_2_DOF
from darkpenguin.plot import style
from darkpenguin.plot.text import axis_label, common_power, plain, wrapped
from darkpenguin.result import MassScan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

"""Delta(-2 ln L) that holds 68.27, 95.45 and 99.73 % for two parameters: -2 ln(1 - p)."""


def mass_scan(scans: Sequence[MassScan], ax: Axes | None = None, order: Sequence[str] = ()) -> Axes:
    """Draw Delta(-2 ln L) against the Standard Model over the mass, and the levels of 1, 2, 3 sigma for two parameters.

    A mass without a result leaves a gap. `order`: hypotheses in the order that fixes their colours.
    """
    with style.look():
        if ax is None:
            ax = mass_scan(scans, style.new_axes(2.8), order)
            style.make_room(style.figure_of(ax))
            return ax
        _draw(scans, [s.delta_chi2 for s in scans], ax, order, 1.0)
        ax.set_ylabel(r"$\Delta\chi^2$ against the SM")
        top = max(ax.get_ylim()[1], 3.0)
        ax.set_ylim(top=1.04 * top)
        for level, name in LEVELS_2_DOF:
            if level < top:
                ax.axhline(level, color=style.GREY, lw=0.7, ls=(0, (4, 3)), zorder=0)
                ax.annotate(
                    name,
                    (1.0, level),
                    (-3, 1.5),
                    xycoords=ax.get_yaxis_transform(),
                    textcoords="offset points",
                    ha="right",
                    va="bottom",
                    color=style.GREY,
                )
        ax.axhline(0.0, color=style.GREY, lw=0.7)
        style.legend_above(ax)
    return ax


def best_rate(scans: Sequence[MassScan], ax: Axes | None = None, order: Sequence[str] = ()) -> Axes:
    """Draw the branching fraction that fits best at each mass."""
    with style.look():
        if ax is None:
            ax = style.new_axes()
        power = common_power(r for s in scans for r in s.rate)
        _draw(scans, [s.rate for s in scans], ax, order, 10.0**power)
        ax.axhline(0.0, color=style.GREY, lw=0.7)
        ax.set_ylabel(axis_label("best BR", "1", power))
    return ax


def mass_and_rate(scans: Sequence[MassScan], order: Sequence[str] = ()) -> Figure:
    """Both pictures, one above the other, over the same mass axis."""
    with style.look():
        figure = style.new_figure(4.3)
        grid = figure.add_gridspec(2, 1, height_ratios=(1.7, 1))
        upper = mass_scan(scans, figure.add_subplot(grid[0]), order)
        best_rate(scans, figure.add_subplot(grid[1], sharex=upper), order)
        upper.set_xlabel("")
        upper.tick_params(labelbottom=False)
        figure.align_ylabels()
        style.make_room(figure)
    return figure


def _draw(
    scans: Sequence[MassScan], columns: Sequence[Sequence[float | None]], ax: Axes, order: Sequence[str], scale: float
) -> None:
    pens = style.pens((s.hypothesis for s in scans), order)
    for scan, column in zip(scans, columns, strict=True):
        y = np.array([np.nan if v is None else v for v in column], dtype=float) / scale
        colour, dash = pens[scan.hypothesis]
        marker = "o" if len(scan.mass) == 1 else ""
        ax.plot(scan.mass, y, color=colour, ls=dash, marker=marker, label=wrapped(plain(scan.hypothesis), 44))
    ax.set_xlabel(axis_label("$m_X$", "GeV"))
    masses = [m for s in scans for m in s.mass]
    if masses and min(masses) < max(masses):
        ax.set_xlim(min(masses), max(masses))
