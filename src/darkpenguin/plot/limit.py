"""Upper limits, observed and expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from darkpenguin.errors import BadData
from darkpenguin.plot import style
from darkpenguin.plot.text import axis_label, common_power, number, plain, symbol
from darkpenguin.result import LimitPoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INNER, _OUTER = "#8fcf9f", "#f3e3a1"


class Series(NamedTuple):
    """Limits that belong on one curve: same limited parameter, confidence level and held values; one value moves."""

    parameter: str
    confidence_level: float
    moving: str | None
    held: tuple[tuple[str, float], ...]


def group(points: Sequence[LimitPoint]) -> dict[Series, list[LimitPoint]]:
    """The points by series, in order of appearance."""
    moving = scanned(points)
    groups: dict[Series, list[LimitPoint]] = {}
    for p in points:
        held = tuple((k, v) for k, v in p.parameters.items() if k != moving)
        groups.setdefault(Series(p.parameter, p.confidence_level, moving, held), []).append(p)
    return groups


def scanned(points: Sequence[LimitPoint]) -> str | None:
    """The held parameter that takes the most values among the points; None if the points hold none."""
    names = dict.fromkeys(name for p in points for name in p.parameters)
    return max(names, key=lambda n: len({p.parameters.get(n) for p in points}), default=None)


def limits(points: Sequence[LimitPoint], ax: Axes | None = None) -> Axes:
    """Draw the limit over the parameter that varies, with the expected bands of one and two sigma.

    A missing limit leaves a gap. The axis is logarithmic when the limits span more than a factor of thirty.
    Raises BadData if there are no points, or if they belong on more than one curve.
    """
    found = group(points)
    if len(found) != 1:
        names = "; ".join(_title(s).replace("\n", ", ") for s in found) or "none"
        raise BadData(f"limits: expected points of one curve, found {len(found)}: {names}")
    bad = next((p for p in points if len(p.expected) not in (0, 5)), None)
    if bad is not None:
        count = len(bad.expected)
        raise BadData(f"limits: expected values at -2, -1, 0, 1, 2 sigma, found {count} values for '{bad.parameter}'")
    with style.look():
        if ax is None:
            return all_limits(points).axes[0]
        _draw(points, next(iter(found)), ax)
    return ax


def all_limits(points: Sequence[LimitPoint]) -> Figure:
    """One panel for each limited parameter and confidence level."""
    with style.look():
        groups = group(points)
        figure = style.new_figure(2.8 * len(groups))
        grid = figure.add_gridspec(len(groups), 1)
        for row, members in enumerate(groups.values()):
            limits(members, figure.add_subplot(grid[row, 0]))
        style.make_room(figure)
    return figure


def _draw(points: Sequence[LimitPoint], series: Series, ax: Axes) -> None:
    x = np.arange(len(points), dtype=float)
    if series.moving is not None:
        x = np.array([p.parameters[series.moving] for p in points], dtype=float)
    order = np.argsort(x, kind="stable")
    rows = [(p.observed, *(p.expected or (None,) * 5)) for p in points]
    table = np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=float)[order]
    x = x[order]
    log = style.spans_decades(table.ravel())
    power = 0 if log else common_power(table.ravel())
    _curves(x, table / 10.0**power, ax)
    if log:
        style.log_scale(ax, "y")
    else:
        ax.set_ylim(bottom=0.0)
    if len(set(x)) > 1:
        ax.set_xlim(x[0], x[-1])
    if series.moving is None:
        ax.set_xticks(x)
        ax.set_xlabel("point")
    else:
        is_mass = series.moving.lower().startswith("m_")
        ax.set_xlabel(axis_label(symbol(series.moving), "GeV" if is_mass else "1"))
    limited = axis_label(symbol(series.parameter), points[0].unit, power)
    ax.set_ylabel(f"upper limit on {limited}" if len(limited) < 20 else f"upper limit on\n{limited}")
    style.legend_above(ax, plain(_title(series)), columns=2)


def _curves(x: np.ndarray, table: np.ndarray, ax: Axes) -> None:
    """Bands and lines; a single point becomes a short bar."""
    observed, low2, low1, median, high1, high2 = table.T
    bar = 5.0 if len(x) == 1 else 0.0
    if np.isfinite(median).any():
        ax.fill_between(x, low2, high2, facecolor=_OUTER, edgecolor=_OUTER, lw=bar, label="expected ±2σ")
        ax.fill_between(x, low1, high1, facecolor=_INNER, edgecolor=_INNER, lw=bar, label="expected ±1σ")
        ax.plot(x, median, color=style.INK, ls=(0, (4, 2)), lw=1.2, marker="_" if bar else "", label="expected, median")
    ax.plot(x, observed, color="black", lw=1.7, marker="o", ms=2.6, label="observed")


def _title(series: Series) -> str:
    held = ", ".join(f"{name} = {number(value)}" for name, value in series.held)
    level = f"{100 * series.confidence_level:g} % confidence level, CLs"
    return f"{level}\nheld: {held}" if held else level
