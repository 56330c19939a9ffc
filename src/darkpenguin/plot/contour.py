"""Allowed regions in a plane of two parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from darkpenguin.errors import BadData
from darkpenguin.exclusion import LEVELS_2_DOF
from darkpenguin.plot import style
from darkpenguin.plot.text import axis_label, common_power, plain, symbol, wrapped
from darkpenguin.result import Plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plane(result: Plane, ax: Axes | None = None) -> Axes:
    """Draw the one and two sigma regions (Delta(-2 ln L) = 2.30, 6.18), the best point, and y = 0, the Standard Model.

    An axis whose values grow by equal factors is logarithmic; y = 0 is then off the picture.

    Raises BadData if the grid does not have the size that x and y say.
    """
    grid = np.array([[np.nan if v is None else v for v in row] for row in result.delta_chi2], dtype=float)
    expected = (len(result.y), len(result.x))
    if grid.shape != expected:
        raise BadData(f"plane of '{result.hypothesis}': expected a grid of shape {expected}, found {grid.shape}")
    with style.look():
        if ax is None:
            figure = style.new_figure(3.2)
            style.make_room(style.figure_of(plane(result, figure.add_subplot())))
            return figure.axes[0]
        log_x, log_y = style.is_geometric(result.x), style.is_geometric(result.y)
        power_x, power_y = 0 if log_x else common_power(result.x), 0 if log_y else common_power(result.y)
        x, y = np.asarray(result.x) / 10.0**power_x, np.asarray(result.y) / 10.0**power_y
        _regions(x, y, np.ma.masked_invalid(grid), ax)
        best = (result.best[0] / 10.0**power_x, result.best[1] / 10.0**power_y)
        ax.plot(*best, "*", ms=11, color=style.VERMILION, mec="white", mew=0.6, ls="", label="best point")
        if log_x:
            style.log_scale(ax, "x")
        if log_y:
            style.log_scale(ax, "y")
        else:
            _standard_model(y, ax)
        ax.set_xlabel(axis_label(symbol(result.x_name), result.x_unit, power_x))
        ax.set_ylabel(axis_label(symbol(result.y_name), result.y_unit, power_y))
        style.legend_above(ax, wrapped(plain(result.hypothesis), 50), columns=2)
    return ax


def _standard_model(y: np.ndarray, ax: Axes) -> None:
    """The line of no signal, a little above the lower edge."""
    if y.min() >= 0.0:
        ax.set_ylim(bottom=-0.03 * y.max())
    ax.axhline(0.0, color=style.INK, lw=1.6, label="Standard Model")


def _regions(x: np.ndarray, y: np.ndarray, grid: np.ma.MaskedArray, ax: Axes) -> None:
    """Filled regions; a level that the grid does not reach is left out (it could not be drawn)."""
    if grid.count() == 0 or min(grid.shape) < 2:
        return
    shades = ("#5ba3d0", "#c5dff0")
    low, high = float(grid.min()), float(grid.max())
    levels = [
        (level, name, shade) for (level, name), shade in zip(LEVELS_2_DOF[:2], shades, strict=True) if low < level
    ]
    for level, name, shade in reversed(levels):
        ax.contourf(x, y, grid, levels=[min(low, 0.0) - 1.0, level], colors=[shade])
        if level < high:
            ax.contour(x, y, grid, levels=[level], colors=[style.BLUE], linewidths=1.0)
        ax.fill_between([], [], [], facecolor=shade, edgecolor=style.BLUE, label=name)
