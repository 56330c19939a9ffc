"""One look for all figures. Settings hold inside `look()` only; pyplot and matplotlib's own settings stay untouched."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from darkpenguin.errors import DarkpenguinError
from darkpenguin.plot.text import finite

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 4.9
"""Figure width in inches: at the 360 pixels of a telephone ten points of text are still ten pixels."""

# Colours that the colour blind can tell apart: Okabe and Ito, "Color Universal Design" (2008).
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
INK, GREY, PALE = "#222222", "#6f6f6f", "#e4e4e4"

_SETTINGS: dict[Any, Any] = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.linewidth": 0.7,
    "axes.titlelocation": "left",
    "axes.titlepad": 5,
    "axes.titlesize": 10,
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same picture on every machine
    "font.size": 10,
    "hatch.linewidth": 0.6,
    "legend.borderaxespad": 0.4,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "lines.linewidth": 1.5,
    "mathtext.fontset": "dejavusans",
    "path.simplify": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "darkpenguin",
    "text.color": INK,
    "text.usetex": False,
    "xtick.color": INK,
    "xtick.direction": "in",
    "xtick.labelsize": 9.5,
    "xtick.top": True,
    "ytick.color": INK,
    "ytick.direction": "in",
    "ytick.labelsize": 9.5,
    "ytick.right": True,
}


class Pen(NamedTuple):
    """Colour and dash of one hypothesis; the dash tells lines apart without colour."""

    colour: str
    dash: str | tuple[int, tuple[float, ...]]


@contextlib.contextmanager
def look() -> Iterator[None]:
    """Our settings on top of matplotlib's own defaults, for the time of the block.

    Raises DarkpenguinError if matplotlib is not installed.
    """
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise DarkpenguinError("figures need matplotlib; install it with  pip install 'darkpenguin[plot]'") from None
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure of that size in inches, laid out when it is saved. Call inside `look()`."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return Figure(
        figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.02, wspace=0.02, hspace=0.02)
    )


def new_axes(height: float = 3.4, width: float = WIDTH) -> Axes:
    """One pair of axes in a figure of its own. Call inside `look()`."""
    axes: Axes = new_figure(height, width).add_subplot()
    return axes


def legend_above(ax: Axes, title: str = "", columns: int = 1) -> None:
    """A legend on top of the axes, flush left, where it can hide nothing; the title stands in its first line."""
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        ax.set_title(title)
        return
    ax.legend(
        handles,
        labels,
        title=title or None,
        title_fontsize=10,
        alignment="left",
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.1,
        borderpad=0.2,
        ncols=columns,
        columnspacing=1.4,
    )


def make_room(figure: Figure, columns: int = 1) -> None:
    """Make a figure of ours taller by what its legends and the further lines of its titles need, row by row."""
    wanted = [_room(ax, figure.dpi) for ax in figure.axes]
    extra = sum(max(wanted[i : i + columns]) for i in range(0, len(wanted), columns))
    figure.set_figheight(figure.get_figheight() + extra)


def _room(ax: Axes, dpi: float) -> float:
    """Inches above the axes that its title's further lines and its legend take."""
    legend = ax.get_legend()
    height: float = legend.get_window_extent().height / dpi if legend is not None else 0.0
    return 0.16 * ax.get_title(loc="left").count("\n") + height


def pens(names: Iterable[str], order: Sequence[str] = ()) -> dict[str, Pen]:
    """A pen for each name. Names in `order` come first, so several figures of one comparison agree on colours."""
    colours = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
    dashes: tuple[str | tuple[int, tuple[float, ...]], ...] = (
        "-",
        (0, (5.0, 1.6)),
        (0, (1.2, 1.2)),
        (0, (6.0, 1.5, 1.2, 1.5)),
        (0, (3.0, 1.2)),
    )
    unique = dict.fromkeys((*order, *names))
    return {n: Pen(colours[i % len(colours)], dashes[i % len(dashes)]) for i, n in enumerate(unique)}


def svg(figure: Figure) -> str:
    """The figure as SVG text, letters as outlines; the same figure gives the same text."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    with look():
        FigureCanvasSVG(figure).print_svg(
            buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return _renumbered(buffer.getvalue())


def _renumbered(text: str) -> str:
    """The SVG with its hashed ids numbered in order: matplotlib makes those of clip paths from addresses in memory."""
    found = dict.fromkeys(re.findall(r'\bid="([a-zA-Z]*[0-9a-f]{10})"', text))
    numbered = {old: f"i{n}" for n, old in enumerate(found)}
    return re.sub(r"\b[a-zA-Z]*[0-9a-f]{10}\b", lambda m: numbered.get(m[0], m[0]), text)


def inline(text: str, prefix: str, label: str) -> str:
    """SVG text made fit to stand inside a page beside others.

    The XML prologue and the fixed size go, every id gets `prefix`, and a screen reader says `label` (escaped for HTML).
    """
    start = text.index("<svg")
    body = text[start:].rstrip()
    head, _, rest = body.partition(">")
    box = re.search(r'viewBox="[^"]*"', head)
    if box is None:
        raise ValueError("no viewBox in the SVG text")
    rest = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', rest)
    rest = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', rest)
    rest = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", rest)
    rest = rest.replace("xlink:href", "href")
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box[0]} role="img" aria-label="{label}">{rest}'


def box(ax: Axes) -> tuple[float, float, float, float]:
    """Left, top, width, height of the axes in the units of the SVG, points; after the figure was drawn."""
    place, figure = ax.get_position(), figure_of(ax)
    width, height = 72.0 * figure.get_figwidth(), 72.0 * figure.get_figheight()
    corner = (width * place.x0, height * (1.0 - place.y1))
    return (*corner, width * place.width, height * place.height)


def is_geometric(values: Sequence[float]) -> bool:
    """Whether an axis should be logarithmic: three positive values or more, growing by equal factors."""
    if len(values) < 3 or min(values) <= 0.0:
        return False
    steps = [b / a for a, b in itertools.pairwise(values)]
    return max(steps) < 1.001 * min(steps) and max(steps) > 1.001


def log_scale(ax: Axes, which: Literal["x", "y"]) -> None:
    """Make an axis logarithmic; over two decades and more only the powers of ten carry numbers."""
    from matplotlib.ticker import NullFormatter

    if which == "x":
        ax.set_xscale("log")
    else:
        ax.set_yscale("log")
    axis = ax.xaxis if which == "x" else ax.yaxis
    low, high = axis.get_view_interval()
    if high > 100.0 * low:
        axis.set_minor_formatter(NullFormatter())


def spans_decades(values: Iterable[float | None]) -> bool:
    """Whether results need a logarithmic axis: all values positive, and their ratio above thirty."""
    found = [v for v in map(finite, values) if v is not None]
    return bool(found) and min(found) > 0.0 and max(found) > 30.0 * min(found)


def figure_of(ax: Axes) -> Figure:
    """The whole figure that holds the axes."""
    root = ax.get_figure(root=True)
    if root is None:
        raise ValueError("these axes belong to no figure")
    return root


def write(figure: Figure, path: Path) -> None:
    """Save a figure as SVG, PNG or PDF, by the ending of `path`; written aside, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.tmp{path.suffix}")
    with look():
        figure.savefig(aside, dpi=200, metadata=_WITHOUT_DATE[path.suffix])
    aside.replace(path)


_WITHOUT_DATE: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
    ".png": {},
}
