"""Nuisance parameters: where the fit puts them, and how far each moves the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from darkpenguin.plot import style
from darkpenguin.plot.text import MINUS, axis_label, common_power, finite, plain
from darkpenguin.result import FitResult, Nuisance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Columns(NamedTuple):
    """The two axes of the picture: pulls on the left, impacts on the right (None if no nuisance has an impact)."""

    pulls: Axes
    impacts: Axes | None


def largest(items: Sequence[Nuisance], count: int) -> list[Nuisance]:
    """The `count` nuisances with the largest impact or pull, each against its maximum; ordered by impact, then pull."""
    impacts, pulls = [_impact(i) for i in items], [abs(finite(i.value) or 0.0) for i in items]
    top_impact, top_pull = max(impacts, default=0.0) or 1.0, max(pulls, default=0.0) or 1.0
    rank = sorted(range(len(items)), key=lambda i: -max(impacts[i] / top_impact, pulls[i] / top_pull))[:count]
    return [items[i] for i in sorted(rank, key=lambda i: (-impacts[i], -pulls[i]))]


def nuisances(items: Sequence[Nuisance], axes: Columns | None = None, count: int = 20) -> Columns:
    """Draw post-fit values with errors (in prior widths) and, if known, impacts on the fitted rate; largest on top."""
    shown = largest(items, count)
    with style.look():
        if axes is None:
            axes = _columns(style.new_figure(0.75 + 0.215 * max(len(shown), 3)), any(_impact(i) > 0.0 for i in shown))
        rows = np.arange(len(shown))[::-1]
        _draw_pulls(shown, rows, axes.pulls)
        if axes.impacts is not None:
            _draw_impacts(shown, rows, axes.impacts)
        for ax in axes:
            if ax is not None:
                ax.set_ylim(-0.7, len(shown) - 0.3)
                ax.tick_params(axis="y", length=0)
    return axes


def pulls(fit: FitResult, ax: Axes | None = None, count: int = 20) -> Axes:
    """Draw the largest pulls of a fit (no errors, no impacts: a fit result holds neither)."""
    items = [Nuisance(name, value, None, None, None, "1") for name, value in fit.pulls.items()]
    return nuisances(items, None if ax is None else Columns(ax, None), count).pulls


def _impact(item: Nuisance) -> float:
    return max(abs(finite(item.impact_low) or 0.0), abs(finite(item.impact_high) or 0.0))


def _columns(figure: Figure, with_impacts: bool) -> Columns:
    if not with_impacts:
        return Columns(figure.add_subplot(), None)
    grid = figure.add_gridspec(1, 2)
    left = figure.add_subplot(grid[0])
    return Columns(left, figure.add_subplot(grid[1], sharey=left))


def _draw_pulls(items: Sequence[Nuisance], rows: np.ndarray, ax: Axes) -> None:
    values = np.array([np.nan if (v := finite(i.value)) is None else v for i in items])
    errors = np.array([finite(i.error) or 0.0 for i in items])
    ax.axvspan(-1.0, 1.0, color=style.PALE, lw=0)
    ax.axvline(0.0, color=style.GREY, lw=0.7)
    ax.errorbar(values, rows, xerr=errors, fmt="o", ms=3.4, color=style.INK, elinewidth=1.1, capsize=0)
    reach = max(2.2, 1.1 * float(np.nanmax(np.abs(values) + errors, initial=0.0)))
    ax.set_xlim(-reach, reach)
    ax.set_yticks(rows, [plain(_short(i.name)) for i in items])
    ax.set_xlabel("post-fit value\n[prior widths]")


def _draw_impacts(items: Sequence[Nuisance], rows: np.ndarray, ax: Axes) -> None:
    power = common_power(_impact(i) for i in items)
    for field, side, colour, label in (
        ("impact_high", 0.18, style.BLUE, "+1"),
        ("impact_low", -0.18, style.ORANGE, f"{MINUS}1"),
    ):
        shift = [(finite(getattr(i, field)) or 0.0) / 10.0**power for i in items]
        ax.barh(rows + side, shift, height=0.36, color=colour, lw=0, label=label)
    ax.axvline(0.0, color=style.GREY, lw=0.7)
    reach = 1.12 * max(_impact(i) for i in items) / 10.0**power
    ax.set_xlim(-reach, reach)
    unit = next((i.impact_unit for i in items if _impact(i) > 0.0), "1")
    ax.set_xlabel(axis_label("shift of the rate\n", plain(unit), power))
    ax.tick_params(labelleft=False)
    style.legend_above(ax, "auxiliary moved by", columns=2)


def _short(name: str) -> str:
    return name if len(name) <= 26 else f"{name[:14]}…{name[-11:]}"
