"""What is left of a model in a plane: the preferred region, the limits that cut it, the relic density.

Every layer of the picture carries an id, so that a page can switch it: "preferred", "relic", "allowed", "best", and
"limit-0" ... in the order of `exclusion.needed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from darkpenguin.exclusion import LEVELS_2_DOF, ExclusionPlane, LimitGrid, excluded, left, needed, numbers
from darkpenguin.plot import style
from darkpenguin.plot.text import axis_label, plain, reaction, symbol, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_LIMITS = 6
_DEPTH = 3.0  # decades to which ratios count in drawing


def exclusion_plane(plane: ExclusionPlane, ax: Axes | None = None) -> Axes:
    """Draw one plane; at most `SHOWN_LIMITS` limits, those that exclude most."""
    with style.look():
        if ax is None:
            figure = style.new_figure(4.0)
            exclusion_plane(plane, figure.add_subplot())
            style.make_room(figure)
            return figure.axes[0]
        limits = needed(plane)[:SHOWN_LIMITS]
        _excluded(plane, limits, ax)
        _preferred(plane, ax)
        _allowed(plane, limits, ax)
        _relic(plane, ax)
        _best(plane, ax)
        for which, values in (("x", plane.x), ("y", plane.y)):
            if style.is_geometric(values):
                style.log_scale(ax, "x" if which == "x" else "y")
        ax.set_xlim(plane.x[0], plane.x[-1])
        ax.set_ylim(plane.y[0], plane.y[-1])
        ax.set_xlabel(axis_label(symbol(plane.x_name), plane.x_unit))
        ax.set_ylabel(axis_label(symbol(plane.y_name), plane.y_unit))
        style.legend_above(ax, wrapped(plain(plane.title), 56))
    return ax


def limit_label(one: LimitGrid) -> str:
    """Who excludes what; for a decay the experiment and the decay, else the title of the result."""
    source, _, what = one.limit.title.partition(":")
    decay = reaction(one.limit.observable)
    return f"{source}, {decay}" if what and "→" in decay else one.limit.title


def _log_ratio(one: LimitGrid) -> np.ndarray:
    """log10 of predicted over allowed, smooth enough to draw; far below where nothing is said."""
    ratio = np.nan_to_num(numbers(one.over_limit), nan=0.0, posinf=10.0**_DEPTH)
    return np.asarray(np.log10(np.clip(ratio, 10.0**-_DEPTH, 10.0**_DEPTH)))


def _excluded(plane: ExclusionPlane, limits: tuple[LimitGrid, ...], ax: Axes) -> None:
    colours = (style.VERMILION, style.PURPLE, style.ORANGE, style.GREEN, style.SKY, style.GREY)
    for n, one in enumerate(limits):
        log_ratio = _log_ratio(one)
        filled = ax.contourf(
            plane.x, plane.y, log_ratio, levels=[0.0, _DEPTH + 1.0], colors=[colours[n]], alpha=0.12, zorder=1
        )
        filled.set_gid(f"limit-{n}")
        if not excluded(one).all():
            edge = ax.contour(plane.x, plane.y, log_ratio, levels=[0.0], colors=[colours[n]], linewidths=1.3, zorder=2)
            edge.set_gid(f"limit-{n}-edge")
        ax.fill_between(
            [], [], [], facecolor=colours[n], alpha=0.35, label=wrapped(f"excluded: {plain(limit_label(one))}", 52)
        )


def _preferred(plane: ExclusionPlane, ax: Axes) -> None:
    delta = np.ma.masked_invalid(numbers(plane.delta_chi2))
    for (level, name), dash in zip(LEVELS_2_DOF[:2], ("solid", "dashed"), strict=True):
        lines = ax.contour(
            plane.x, plane.y, delta, levels=[level], colors=[style.BLUE], linewidths=1.4, linestyles=dash, zorder=4
        )
        lines.set_gid(f"preferred-{name[0]}")
        ax.plot([], [], color=style.BLUE, lw=1.4, ls=dash, label=f"preferred by the data, {name}")


def _allowed(plane: ExclusionPlane, limits: tuple[LimitGrid, ...], ax: Axes) -> None:
    """Preferred within two standard deviations and below every limit drawn."""
    level = LEVELS_2_DOF[1][0]
    over = np.nan_to_num(numbers(plane.delta_chi2), nan=10.0 * level) / level - 1.0
    worst = np.maximum.reduce([np.clip(over, -1.0, 1.0), *map(_log_ratio, limits)])
    if worst.min() < 0.0:
        area = ax.contourf(plane.x, plane.y, worst, levels=[-10.0, 0.0], colors=[style.BLUE], alpha=0.75, zorder=3)
        area.set_gid("allowed")
        ax.fill_between([], [], [], facecolor=style.BLUE, alpha=0.75, label="preferred and not excluded")


def _relic(plane: ExclusionPlane, ax: Axes) -> None:
    if not plane.omega_h2:
        return
    omega = np.ma.masked_invalid(numbers(plane.omega_h2))
    share = np.ma.log10(np.ma.masked_less_equal(omega, 0.0) / plane.measured_omega_h2)
    if share.count() == 0 or not share.min() < 0.0 < share.max():
        return
    line = ax.contour(plane.x, plane.y, share, levels=[0.0], colors=[style.BLACK], linewidths=1.6, zorder=5)
    line.set_gid("relic")
    ax.plot([], [], color=style.BLACK, lw=1.6, label="all of the dark matter")


def _best(plane: ExclusionPlane, ax: Axes) -> None:
    found = left(plane)
    if found is not None and found.best is not None:
        (star,) = ax.plot(*found.best, "*", ms=11, color=style.YELLOW, mec=style.BLACK, mew=0.7, ls="", zorder=6)
        star.set_gid("best")
        ax.plot([], [], "*", ms=9, color=style.YELLOW, mec=style.BLACK, mew=0.7, label="best point that is left")
