"""Pictures: what is drawn is what the result says; nothing global changes; the same input gives the same bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import sample_comparison as sample
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from darkpenguin import plot
from darkpenguin import result as r
from darkpenguin.errors import BadData, DarkpenguinError
from darkpenguin.plot import bins, contour, limit, nuisance, scan, spectrum, style, text


@pytest.fixture(scope="module")
def comparison() -> r.Comparison:
    return sample.full()


def legend(ax) -> list[str]:
    return [t.get_text() for t in ax.get_legend().get_texts()]


# --- numbers and names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (9.07e-6, 3, "9.07\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁻⁶"),
        (-22885.0, 3, "−2.29\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁴"),
        (1.40e-3, 2, "0.0014"),
        (0.0, 3, "0"),
        (999.96, 4, "1000"),
        (None, 3, "—"),
        (math.nan, 3, "—"),
        (-math.inf, 3, "—"),
    ],
)
def test_number(value: float | None, digits: int, shown: str) -> None:
    assert text.number(value, digits) == shown


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-12, 1e12), st.sampled_from([1.0, -1.0]))
def test_number_keeps_its_digits(size: float, sign: float) -> None:
    shown = text.number(sign * size, 3).replace("−", "-").replace("\N{NO-BREAK SPACE}", "")
    back = shown.replace("×10", "e").translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    assert float(back) == pytest.approx(sign * size, rel=5.1e-3)  # three digits: at most half a unit of the third


@pytest.mark.parametrize(
    ("value", "up", "down", "shown"),
    [
        (9.07e-6, 2.58e-6, 2.58e-6, ("9.1", "2.6", "2.6", -6)),
        (4.599, 1.349, 1.326, ("4.6", "1.3", "1.3", 0)),
        (2.10, 0.27, 0.14, ("2.10", "0.27", "0.14", 0)),
        (0.61, 0.35, None, ("0.61", "0.35", None, 0)),
        (0.05, 0.2645, 5e-13, ("0.05", "0.26", "0.00", 0)),  # an error that vanishes at a bound sets no digits
        (3.0e-9, None, None, ("3.00", None, None, -9)),
        (1.0e-9, 2.0e-6, math.nan, ("0.0", "2.0", None, -6)),
        (0.0, None, None, ("0", None, None, 0)),
    ],
)
def test_rounded_by_the_error(value: float, up: float | None, down: float | None, shown: tuple) -> None:
    assert text.rounded(value, up, down) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("BR(B+->K+inv)", "BR(B⁺\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}K⁺\N{NO-BREAK SPACE}inv)"),
        ("B0->K*0", "B⁰\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}K*⁰"),
        ("BR(B+->K*+nunu)", "BR(B⁺\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}K*⁺\N{NO-BREAK SPACE}νν\N{COMBINING MACRON})"),
        ("SM + X", "SM + X"),
    ],
)
def test_reaction(name: str, shown: str) -> None:
    assert text.reaction(name) == shown


def test_symbol() -> None:
    assert text.symbol("m_X") == "$m_{X}$"
    assert text.symbol("g_sb") == r"$g_{\mathrm{sb}}$"
    assert text.symbol("mu") == r"$\mu$"
    assert text.symbol("price [$]") == r"price [\$]"


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_poisson_interval() -> None:
    """Published values: N. Gehrels, Astrophys. J. 303 (1986) 336, tables 1 and 2, column 0.8413, to four digits."""
    low, high = bins.poisson_interval((0.0, 1.0, 2.0, 5.0, 10.0))
    assert low == pytest.approx([0.0, 0.1728, 0.7082, 2.840, 6.891], abs=6e-4)
    assert high == pytest.approx([1.841, 3.300, 4.638, 8.382, 14.27], abs=6e-3)
    n, tail = np.arange(1.0, 40.0), chi2.sf(1.0, 1) / 2
    low, high = bins.poisson_interval(tuple(n))
    assert low == pytest.approx(chi2.ppf(tail, 2 * n) / 2, rel=1e-9)  # Garwood's form with chi2 quantiles
    assert high == pytest.approx(chi2.isf(tail, 2 * n + 2) / 2, rel=1e-9)


def test_levels_for_two_parameters() -> None:
    expected = [chi2.ppf(chi2.cdf(n**2, 1), 2) for n in (1, 2, 3)]
    assert [level for level, _ in scan.LEVELS_2_DOF] == pytest.approx(expected, abs=5e-4)  # written to three decimals


def test_stack_adds_up(comparison: r.Comparison) -> None:
    for channel in comparison.yields:
        total = np.sum([layer.events for layer in bins.layers(channel)], axis=0)
        assert total == pytest.approx(np.array(channel.postfit), rel=1e-12)


def test_yields_shows_data_stack_and_pulls(comparison: r.Comparison) -> None:
    channel = comparison.yields[0]
    panels = plot.yields(channel)
    drawn = {c.get_label() for c in panels.events.get_children()}
    assert {"signal", r"$c\bar{c}$", r"$B\bar{B}$", "SM before the fit", "post-fit error"} <= drawn
    (points,) = panels.events.containers
    assert points.lines[0].get_ydata() == pytest.approx(channel.data)
    assert [bar.get_height() for bar in panels.pulls.patches if bar.get_width() < 1.0] == pytest.approx(channel.pulls)
    assert [t.get_text() for t in panels.pulls.get_xticklabels()] == ["−1–4", "4–8", "8–25"] * 3
    assert [t.get_text() for t in panels.events.texts] == ["0.94–0.96", "0.96–0.98", "0.98–1"]
    low, high = panels.events.get_ylim()
    assert low == 0.0
    assert high > max(channel.data)


def test_all_yields_holds_every_channel(comparison: r.Comparison) -> None:
    figure = bins.all_yields(comparison.yields)
    titles = [t.replace("\n", " ") for a in figure.axes if (t := a.get_title(loc="left"))]
    assert sorted(titles) == sorted(c.title for c in comparison.yields)
    assert len(figure.axes) == 2 * len(comparison.yields)
    labels = [t.get_text() for t in figure.legends[0].get_texts()]
    assert len(labels) == len(set(labels))
    assert labels[0] == "data"


def test_unknown_samples_keep_their_names_and_long_labels_are_turned(comparison: r.Comparison) -> None:
    channel = dataclasses.replace(
        comparison.yields[3],
        bins=("a rather long label 1", "a rather long label 2", "3"),
        samples={"odd $ stuff": (1.0, 2.0, 3.0), "X": (0.5, 0.5, 0.5)},
        signal=("X",),
    )
    panels = plot.yields(channel)
    labels = panels.events.get_legend_handles_labels()[1]
    assert r"odd \$ stuff" in labels
    assert "X" in labels
    assert all(t.get_rotation() == 90.0 for t in panels.pulls.get_xticklabels())
    style.svg(style.figure_of(panels.events))  # a single dollar sign must not start a formula


def test_group_and_bin_may_be_parted_by_a_comma(comparison: r.Comparison) -> None:
    labels = tuple(f"classifier {i // 3 + 1}, q2 {('low', 'mid', 'high')[i % 3]}" for i in range(9))
    panels = plot.yields(dataclasses.replace(comparison.yields[0], bins=labels))
    assert [t.get_text() for t in panels.pulls.get_xticklabels()] == ["low", "mid", "high"] * 3
    assert panels.pulls.get_xlabel() == "q²"
    assert [t.get_text() for t in panels.events.texts] == ["classifier 1", "classifier 2", "classifier 3"]
    assert panels.pulls.get_xticklabels()[0].get_rotation() == 0.0


def test_yields_refuses_columns_of_wrong_length(comparison: r.Comparison) -> None:
    channel = dataclasses.replace(comparison.yields[0], data=(1.0, 2.0))
    with pytest.raises(BadData, match="channel 'A': expected 9 entries in each column, found data has 2"):
        plot.yields(channel)
    with pytest.raises(BadData, match="no bins"):
        plot.yields(r.Yields("E", "", (), (), (), (), (), (), {}, (), ()))


def test_spectra_one_line_per_hypothesis_and_arrows_for_lines(comparison: r.Comparison) -> None:
    curves = [c for c in comparison.spectra if c.mode == "B+->K+"]
    ax = plot.spectra(curves)
    labels = " ".join(legend(ax))
    assert "9.07\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁻⁶" in labels
    assert "4.41" in labels
    assert sample.SM in labels
    (arrow,) = ax.texts
    assert arrow.xy[0] == 4.41
    shown = {line.get_label(): line for line in ax.lines}
    largest = max(max(c.high) for c in curves)
    scale = 10.0 ** math.floor(math.log10(largest))
    assert shown[sample.SM].get_ydata() == pytest.approx(np.array(curves[0].value) / scale)
    assert (
        f"10{str(math.floor(math.log10(largest))).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
        in ax.get_ylabel()
    )


def test_spectra_of_several_modes(comparison: r.Comparison) -> None:
    assert len(spectrum.all_spectra(comparison.spectra).axes) == 2
    together = plot.spectra(comparison.spectra)
    assert any("K*⁰" in label for label in legend(together))
    assert plot.spectra(()).get_legend() is None


def test_colours_follow_the_order_of_the_comparison(comparison: r.Comparison) -> None:
    order = [f.hypothesis for f in comparison.fits]
    gains, curves = (
        plot.mass_scan(comparison.mass_scans, order=order),
        plot.spectra(comparison.spectra[:2], order=order),
    )
    first, second = ({line.get_label(): line.get_color() for line in ax.lines} for ax in (gains, curves))
    assert first[sample.TWO] == second[sample.TWO] != second[sample.SM]
    pens = style.pens([f"h{i}" for i in range(12)])
    assert len(set(pens.values())) == 12  # colour and dash together never repeat


def test_mass_scan_leaves_gaps(comparison: r.Comparison) -> None:
    ax = plot.mass_scan(comparison.mass_scans)
    line = next(x for x in ax.lines if x.get_label() == sample.X)
    wanted = [math.nan if v is None else v for v in comparison.mass_scans[0].delta_chi2]
    np.testing.assert_array_equal(line.get_ydata(), wanted)
    assert math.isnan(line.get_ydata()[-1])
    assert {t.get_text() for t in ax.texts} == {"1σ", "2σ", "3σ"}
    rate = plot.best_rate(comparison.mass_scans)
    assert "10⁻⁶" in rate.get_ylabel()
    assert rate.lines[0].get_ydata()[41] == pytest.approx((comparison.mass_scans[0].rate[41] or 0.0) / 1e-6)


def test_plane_draws_the_known_ellipses() -> None:
    """On a paraboloid the contours are ellipses: every vertex lies on its level (to linear interpolation)."""
    x, y = np.linspace(1.0, 3.0, 161), np.linspace(0.0, 2e-5, 161)
    grid = ((x[None, :] - 2.0) / 0.25) ** 2 + ((y[:, None] - 1e-5) / 2e-6) ** 2
    ax = plot.plane(r.Plane("X", "m_X", "GeV", "BR_X", "1", tuple(x), tuple(y), tuple(map(tuple, grid)), (2.0, 1e-5)))
    contours = [c for c in ax.collections if isinstance(c, matplotlib.contour.ContourSet) and not c.filled]
    assert sorted(float(c.levels[0]) for c in contours) == pytest.approx([2.30, 6.18], abs=0.01)
    for c in contours:
        vertices = c.get_paths()[0].vertices
        on_level = ((vertices[:, 0] - 2.0) / 0.25) ** 2 + ((vertices[:, 1] * 1e-5 - 1e-5) / 2e-6) ** 2
        assert on_level == pytest.approx(float(c.levels[0]), abs=0.01)
    star, base = ax.lines
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2.0, 1.0)
    assert list(base.get_ydata()) == [0.0, 0.0]
    assert legend(ax) == ["2σ", "1σ", "best point", "Standard Model"]
    assert "10⁻⁵" in ax.get_ylabel()


def test_plane_odd_grids() -> None:
    def plane(grid, x=(1.0, 2.0), y=(0.0, 1.0)):
        return r.Plane("X", "m_X", "GeV", "g", "1", x, y, grid, (x[0], y[0]))

    empty = plot.plane(plane(((None, None), (None, None))))
    assert legend(empty) == ["best point", "Standard Model"]
    flat = plot.plane(plane(((0.0, 0.1), (0.2, 0.1))))  # never reaches a level: everything allowed, no contour line
    assert "1σ" in legend(flat)
    assert not [c for c in flat.collections if isinstance(c, matplotlib.contour.ContourSet) and not c.filled]
    logarithmic = plot.plane(plane(((0.0, 9.0), (9.0, 1.0), (9.0, 9.0)), y=(1e-9, 1e-8, 1e-7)))
    assert logarithmic.get_yscale() == "log"
    assert "Standard Model" not in legend(logarithmic)
    with pytest.raises(BadData, match=r"expected a grid of shape \(2, 2\), found \(1, 2\)"):
        plot.plane(plane(((0.0, 1.0),)))


def test_limits_bands_gap_and_scale(comparison: r.Comparison) -> None:
    ax = plot.limits(comparison.limits)
    observed = next(x for x in ax.lines if x.get_label() == "observed")
    wanted = [math.nan if p.observed is None else p.observed * 1e5 for p in comparison.limits]
    assert observed.get_ydata() == pytest.approx(wanted, nan_ok=True)
    assert [t for t in legend(ax) if "±" in t] == ["expected ±2σ", "expected ±1σ"]
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[0] == 0.0
    assert "10⁻⁵" in ax.get_ylabel()
    wide = [dataclasses.replace(p, observed=10.0**-i, expected=()) for i, p in enumerate(comparison.limits[:4])]
    ax = plot.limits(wide)
    assert ax.get_yscale() == "log"
    assert legend(ax) == ["observed"]


def test_an_enormous_error_does_not_flatten_the_picture(comparison: r.Comparison) -> None:
    channel = comparison.yields[0]
    wild = dataclasses.replace(channel, postfit_error=(1e9, math.nan, *channel.postfit_error[2:]))
    assert plot.yields(wild).events.get_ylim()[1] < 3.0 * max(channel.data)


def test_own_figures_grow_with_their_legends(comparison: r.Comparison) -> None:
    scans = [dataclasses.replace(comparison.mass_scans[0], hypothesis=f"hypothesis {i}") for i in range(9)]
    heights = [style.figure_of(plot.mass_scan(scans[:n])).get_figheight() for n in (1, 9)]
    assert heights[1] - heights[0] == pytest.approx(8 * 0.2, rel=0.15)  # eight more lines of 9.5 pt at 1.5 spacing
    both = scan.mass_and_rate(scans)
    assert both.axes[0].get_xlim() == both.axes[1].get_xlim()


def test_limits_need_one_curve(comparison: r.Comparison) -> None:
    first = comparison.limits[0]
    with pytest.raises(BadData, match="found 0: none"):
        plot.limits(())
    other = dataclasses.replace(first, confidence_level=0.9)
    with pytest.raises(BadData, match=r"found 2: 95 % confidence level.*90 % confidence level"):
        plot.limits((first, other))
    with pytest.raises(BadData, match="found 2 values for"):
        plot.limits((dataclasses.replace(first, expected=(1.0, 2.0)),))
    assert len(limit.all_limits((*comparison.limits, other)).axes) == 2
    assert plot.limits((first,)).get_xlabel() == "$m_{X}$ [GeV]"
    assert plot.limits((dataclasses.replace(first, parameters={}),)).get_xlabel() == "point"


def test_nuisances_largest_on_top(comparison: r.Comparison) -> None:
    columns = plot.nuisances(comparison.nuisance_parameters, count=12)
    names = [t.get_text() for t in columns.pulls.get_yticklabels()]
    assert names[:3] == ["mu_bkg_ccbar", "corr_contD", "norm_qqbar_1_had"]  # impacts 1.1, 0.31, 0.22 in 1e-6
    assert len(names) == 12
    assert "gbc_1_had" in names  # no impact, but a pull of 0.452
    assert "uncorr_bkguncr…omSR_Y4S[7]" in names
    assert columns.impacts is not None
    widths = [bar.get_width() for bar in columns.impacts.patches]
    assert max(widths) == pytest.approx(1.1)
    assert "10⁻⁶" in columns.impacts.get_xlabel()


def test_nuisances_without_impacts(comparison: r.Comparison) -> None:
    fit = comparison.fits[0]
    ax = plot.pulls(fit)
    assert [t.get_text() for t in ax.get_yticklabels()] == sorted(fit.pulls, key=lambda k: -abs(fit.pulls[k]))
    nothing = r.Nuisance("a", math.nan, None, None, math.nan, "1")
    assert plot.nuisances((nothing,)).impacts is None
    assert nuisance.largest((), 20) == []


# --- manners ----------------------------------------------------------------------------------------------------------


def test_given_axes_are_used_and_returned(comparison: r.Comparison) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    a, b, c, d = figure.subplots(4)
    assert comparison.plane is not None
    assert plot.plane(comparison.plane, a) is a
    assert plot.limits(comparison.limits, b) is b
    assert plot.spectra(comparison.spectra, c) is c
    assert plot.mass_scan(comparison.mass_scans, d) is d


def test_settings_of_the_user_survive(comparison: r.Comparison) -> None:
    with matplotlib.rc_context({"lines.linewidth": 7.0, "font.family": ["serif"], "svg.hashsalt": "theirs"}):
        before = dict(matplotlib.rcParams)
        mine = style.svg(style.figure_of(plot.limits(comparison.limits)))
        assert dict(matplotlib.rcParams) == before
    assert mine == style.svg(style.figure_of(plot.limits(comparison.limits)))


def test_matplotlib_missing_is_said(monkeypatch: pytest.MonkeyPatch, comparison: r.Comparison) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(DarkpenguinError, match=re.escape("pip install 'darkpenguin[plot]'")):
        plot.limits(comparison.limits)


def test_same_bytes_in_another_process_without_pyplot(comparison: r.Comparison) -> None:
    """Ids in the SVG must not depend on memory addresses or on the hash seed; import alone loads no matplotlib."""
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from darkpenguin.plot import contour, style\n"
        "assert 'matplotlib' not in sys.modules and 'jax' not in sys.modules\n"
        "import sample_comparison\n"
        "text = style.svg(style.figure_of(contour.plane(sample_comparison.full().plane)))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    folder = sample.__file__.rpartition("/")[0]
    other = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, timeout=120
    )
    assert comparison.plane is not None
    here = style.svg(style.figure_of(contour.plane(comparison.plane)))
    assert other.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_inline_svg_has_its_own_ids(comparison: r.Comparison) -> None:
    whole = style.svg(style.figure_of(plot.limits(comparison.limits)))
    piece = style.inline(whole, "limits", "Upper limits &amp; more")
    assert piece.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="')
    assert 'role="img" aria-label="Upper limits &amp; more"' in piece
    ids = re.findall(r'\bid="([^"]+)"', piece)
    assert ids
    assert len(ids) == len(set(ids))
    assert all(i.startswith("limits-") for i in ids)
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', piece))
    assert {a or b for a, b in used} <= set(ids)
    with pytest.raises(ValueError, match="viewBox"):
        style.inline("<svg><g/></svg>", "a", "b")
