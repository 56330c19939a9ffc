"""Spectra in true q2: curves with theory bands, and lines of single particles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from darkpenguin.plot import style
from darkpenguin.plot.text import axis_label, common_power, number, plain, reaction, wrapped
from darkpenguin.result import SpectrumCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def spectra(curves: Sequence[SpectrumCurve], ax: Axes | None = None, order: Sequence[str] = ()) -> Axes:
    """Draw dBR/dq2 of one or several hypotheses.

    A line (one particle on its mass shell) is an arrow at q2 = m_X^2; its height has no meaning, the legend has its
    branching fraction.
    `order`: hypotheses in the order that fixes their colours.
    """
    with style.look():
        if ax is None:
            ax = spectra(curves, style.new_axes(2.6), order)
            style.make_room(style.figure_of(ax))
            return ax
        pens = style.pens((c.hypothesis for c in curves), order)
        power = common_power(v for c in curves for v in (*c.value, *c.high))
        one_mode = len({c.mode for c in curves}) <= 1
        for curve in curves:
            name = wrapped(plain(curve.hypothesis if one_mode else f"{curve.hypothesis}, {reaction(curve.mode)}"), 44)
            _draw(curve, ax, pens[curve.hypothesis], name, 10.0**power)
        ax.set_xlabel(r"true $q^2$ [GeV$^2$]")
        ax.set_ylabel(axis_label(r"$\mathrm{dBR}/\mathrm{d}q^2$", r"GeV$^{-2}$", power))
        ax.set_xlim(left=0.0)
        ax.set_ylim(bottom=0.0)
        style.legend_above(ax, plain(reaction(curves[0].mode)) if one_mode and curves else "")
    return ax


def all_spectra(curves: Sequence[SpectrumCurve], order: Sequence[str] = ()) -> Figure:
    """One panel for each decay mode, in order of appearance."""
    with style.look():
        modes = tuple(dict.fromkeys(c.mode for c in curves))
        figure = style.new_figure(2.6 * len(modes))
        grid = figure.add_gridspec(len(modes), 1)
        for row, mode in enumerate(modes):
            spectra([c for c in curves if c.mode == mode], figure.add_subplot(grid[row, 0]), order)
        style.make_room(figure)
    return figure


def _draw(curve: SpectrumCurve, ax: Axes, pen: style.Pen, name: str, scale: float) -> None:
    value, low, high = (np.asarray(v, dtype=float) / scale for v in (curve.value, curve.low, curve.high))
    if np.any(np.nan_to_num(value) != 0.0):
        ax.fill_between(curve.q2, low, high, color=pen.colour, alpha=0.2, lw=0)
        ax.plot(curve.q2, value, color=pen.colour, ls=pen.dash, label=name)
        name = "its line: "
    else:
        name = f"{name}\n"
    for q2, rate in curve.lines:
        ax.annotate(
            "",
            (q2, 0.93),
            (q2, 0.0),
            xycoords=ax.get_xaxis_transform(),
            arrowprops={
                "arrowstyle": "-|>",
                "color": pen.colour,
                "lw": 1.8,
                "ls": pen.dash,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        label = f"{name}BR = {number(rate)} at {number(q2)}" + r" GeV$^2$"
        ax.plot([], [], color=pen.colour, ls=pen.dash, lw=1.8, marker="^", ms=5, label=label)
