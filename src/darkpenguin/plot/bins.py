"""Observed and expected events of a binned likelihood, channel by channel, with pulls below.

A bin label may be written "group | bin" or "group, bin" (for example "0.92–0.94 | −1–4"): neighbours of one group are
then set off by thin lines and the group's name stands once above them.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from darkpenguin.errors import BadData
from darkpenguin.plot import style
from darkpenguin.plot.text import finite, plain, wrapped
from darkpenguin.result import Yields

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpecBase


class Panels(NamedTuple):
    """The two axes of one channel: events above, pulls below."""

    events: Axes
    pulls: Axes


class Family(NamedTuple):
    """Background samples shown as one area."""

    label: str
    colour: str
    samples: frozenset[str]


FAMILIES = (
    Family(r"$\tau^+\tau^-$", "#9a9a9a", frozenset({"taupair"})),
    Family(r"$u\bar{u}, d\bar{d}, s\bar{s}$", "#dcdcdc", frozenset({"uubar", "ddbar", "ssbar", "qqbar"})),
    Family(r"$c\bar{c}$", "#f2d58f", frozenset({"ccbar"})),
    Family(r"$B\bar{B}$", "#a9cfe8", frozenset({"charged", "mixed", "bbbar"})),
)
_OTHERS = ("#b9ddcf", "#e3c6d8", "#c9c3e6", "#d8d2b0")
_SIGNALS = (style.VERMILION, style.PURPLE, style.ORANGE)


class Layer(NamedTuple):
    """One area of the stack."""

    label: str
    colour: str
    events: np.ndarray


def poisson_interval(counts: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Central 68.27 % interval of a Poisson mean for each observed count. [F. Garwood, Biometrika 28 (1936) 437]"""
    from scipy.special import gammaincinv

    tail = 0.5 * math.erfc(1.0 / math.sqrt(2.0))
    n = np.asarray(counts, dtype=float)
    low = np.where(n > 0.0, gammaincinv(np.maximum(n, 1e-300), tail), 0.0)
    return low, gammaincinv(n + 1.0, 1.0 - tail)


def layers(channel: Yields) -> list[Layer]:
    """The stack from the bottom: background families, other backgrounds under their own names, signal on top."""

    def bare(name: str) -> str:
        return re.sub(r"(_1)?_had$", "", name)

    stack: list[Layer] = []
    rest = {k: np.asarray(v, dtype=float) for k, v in channel.samples.items()}
    for family in FAMILIES:
        members = [k for k in rest if bare(k) in family.samples and k not in channel.signal]
        if members:
            stack.append(Layer(family.label, family.colour, np.sum([rest.pop(k) for k in members], axis=0)))
    others = [k for k in rest if k not in channel.signal]
    stack += [Layer(plain(bare(k)), _OTHERS[i % len(_OTHERS)], rest[k]) for i, k in enumerate(others)]
    for i, name in enumerate(k for k in channel.samples if k in channel.signal):
        label = "signal" if bare(name) in {"signal", "sgn"} else plain(name)
        stack.append(Layer(label, _SIGNALS[i % len(_SIGNALS)], rest[name]))
    return stack


def yields(channel: Yields, axes: Panels | None = None) -> Panels:
    """Draw one channel: data with Poisson errors, post-fit stack with its error band, pre-fit outline, and the pulls.

    Raises BadData if a column of the channel has not as many entries as there are bins.
    """
    n = len(channel.bins)
    columns = {
        f: getattr(channel, f) for f in ("data", "prefit", "postfit", "postfit_error", "pulls")
    } | channel.samples
    wrong = [f"{name} has {len(values)}" for name, values in columns.items() if len(values) != n]
    if wrong or n == 0:
        raise BadData(
            f"channel '{channel.channel}': expected {max(n, 1)} entries in each column, "
            f"found {', '.join(wrong) or 'no bins'}"
        )
    with style.look():
        if axes is None:
            figure = style.new_figure(3.4)
            axes = _panels(figure, figure.add_gridspec(2, 1, height_ratios=(3, 1), hspace=0.0), 0)
        _draw_events(channel, axes.events)
        _draw_pulls(channel, axes.pulls)
        _label_bins(channel.bins, axes)
    return axes


def all_yields(channels: Sequence[Yields], legend: bool = True) -> Figure:
    """All channels in one figure, small ones side by side, with one legend on top.

    Channels are packed in order into rows that hold as many bins as the largest channel has (at least six).
    """
    with style.look():
        rows = _rows(channels)
        figure = style.new_figure(0.55 + 2.05 * len(rows))
        outer = figure.add_gridspec(len(rows), 1)
        for number, row in enumerate(rows):
            inner = outer[number, 0].subgridspec(
                2, len(row), height_ratios=(2.6, 1), hspace=0.0, width_ratios=[len(c.bins) for c in row]
            )
            for column, channel in enumerate(row):
                panels = yields(channel, _panels(figure, inner, column))
                if column > 0:
                    panels.events.set_ylabel("")
                    panels.pulls.set_ylabel("")
        figure.align_ylabels([a for a in figure.axes if a.get_ylabel()])
        style.make_room(figure)
        if legend:
            _legend(figure)
    return figure


def _panels(figure: Figure, grid: GridSpecBase, column: int) -> Panels:
    events = figure.add_subplot(grid[0, column])
    pulls = figure.add_subplot(grid[1, column], sharex=events)
    return Panels(events, pulls)


def _rows(channels: Sequence[Yields]) -> list[list[Yields]]:
    room = max(6, *(len(c.bins) for c in channels), 0)
    rows: list[list[Yields]] = []
    for channel in channels:
        row = next((r for r in rows if sum(len(c.bins) for c in r) + len(channel.bins) <= room), None)
        if row is None:
            rows.append([channel])
        else:
            row.append(channel)
    return rows


def _draw_events(channel: Yields, ax: Axes) -> None:
    edges = np.arange(len(channel.bins) + 1.0)
    centres = edges[:-1] + 0.5
    floor = np.zeros(len(centres))
    for layer in layers(channel):
        ax.stairs(floor + layer.events, edges, baseline=floor, fill=True, color=layer.colour, lw=0, label=layer.label)
        floor = floor + layer.events
    post, error = np.asarray(channel.postfit), np.array([finite(e) or 0.0 for e in channel.postfit_error])
    band: dict[str, Any] = {"facecolor": "none", "edgecolor": style.INK, "hatch": "//////", "linewidth": 0}
    ax.stairs(post + error, edges, baseline=post - error, fill=True, label="post-fit error", **band)
    ax.stairs(
        channel.prefit, edges, baseline=None, color=style.BLUE, lw=1.2, ls=(0, (3, 1.4)), label="SM before the fit"
    )
    low, high = poisson_interval(channel.data)
    data = np.asarray(channel.data)
    ax.errorbar(
        centres,
        data,
        yerr=(data - low, high - data),
        fmt="o",
        ms=3.2,
        color="black",
        elinewidth=0.9,
        capsize=0,
        label="data",
        zorder=5,
    )
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(
        0.0, 1.25 * max(1.0, high.max(), max(channel.prefit), float((post + np.minimum(error, 0.3 * post)).max()))
    )
    ax.set_ylabel("Events")
    ax.set_title(wrapped(plain(channel.title or channel.channel), int(_inches(ax) / 0.075)))
    ax.tick_params(axis="x", length=0, labelbottom=False)


def _draw_pulls(channel: Yields, ax: Axes) -> None:
    centres = np.arange(len(channel.bins)) + 0.5
    ax.axhspan(-1.0, 1.0, color=style.PALE, lw=0)
    ax.axhline(0.0, color=style.GREY, lw=0.7)
    ax.bar(centres, channel.pulls, width=0.72, color=style.GREY, lw=0)
    reach = max(2.6, 1.15 * max(abs(finite(p) or 0.0) for p in channel.pulls))
    ax.set_ylim(-reach, reach)
    step = 2 if reach < 3.6 else 2 * math.ceil(reach / 4.0)
    ax.set_yticks([-step, 0, step])
    ax.set_ylabel("Pull")


def _label_bins(bins: Sequence[str], axes: Panels) -> None:
    parts = [tuple(p.strip() for p in b.rpartition("|" if "|" in b else ", ")[::2]) for b in bins]
    shared, ticks = _shared_word([p for _, p in parts])
    ax = axes.pulls
    ax.set_xticks(np.arange(len(bins)) + 0.5, [plain(t) for t in ticks])
    ax.set_xlabel(plain(shared))
    ax.tick_params(axis="x", length=0)
    if max(map(len, ticks)) * 0.068 > _inches(ax) / len(bins):
        ax.tick_params(axis="x", rotation=90)
    start = 0
    for group, members in itertools.groupby(parts, key=lambda p: p[0]):
        stop = start + len(list(members))
        if start:
            for a in axes:
                a.axvline(start, color=style.GREY, lw=0.6, ls=":")
        if group:
            axes.events.text(
                (start + stop) / 2,
                0.965,
                plain(group),
                transform=axes.events.get_xaxis_transform(),
                ha="center",
                va="top",
                color=style.GREY,
            )
        start = stop


def _shared_word(labels: list[str]) -> tuple[str, list[str]]:
    """The first word if it is that of every label, and what is left of the labels: it need be printed only once."""
    heads = {label.partition(" ")[0] for label in labels}
    rests = [label.partition(" ")[2] for label in labels]
    if len(heads) != 1 or len(labels) < 2 or not all(rests):
        return "", labels
    head = heads.pop()
    return {"q2": "q²"}.get(head, head), rests


def _inches(ax: Axes) -> float:
    """Width of the axes before the layout is known, near enough to choose line breaks."""
    return float(ax.get_position().width * style.figure_of(ax).get_figwidth())


def _legend(figure: Figure) -> None:
    found: dict[str, Artist] = {}
    for ax in figure.axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    first: list[str] = [label for label in ("data", "SM before the fit", "post-fit error", "signal") if label in found]
    names = first + [label for label in found if label not in first]
    figure.legend([found[n] for n in names], names, loc="outside upper left", ncols=3, columnspacing=1.4)
