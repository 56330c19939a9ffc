"""Which figures a comparison allows, each with its caption and a description for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from darkpenguin.plot import bins, contour, limit, nuisance, scan, spectrum, style
from darkpenguin.plot.text import LNL, MINUS, finite, fixed
from darkpenguin.report import verdict, words
from darkpenguin.result import CONVERGED, OK, Comparison, ranked

SHOWN_NUISANCES, SHOWN_HYPOTHESES = 20, 6


class Picture(NamedTuple):
    """One figure: file stem, SVG text, title and caption (HTML), description for a screen reader (plain text)."""

    stem: str
    svg: str
    title: str
    caption: str
    description: str


def pictures(comparison: Comparison) -> list[Picture]:
    """All figures for which the comparison holds data, drawn."""
    return [p for _, make in FIGURES.values() if (p := make(comparison)) is not None]


def absent(comparison: Comparison, drawn: list[Picture]) -> list[str]:
    """What the comparison does not hold, in words."""
    stems = {p.stem for p in drawn}
    return [what for stem, (what, _) in FIGURES.items() if stem not in stems]


def _yields(c: Comparison) -> Picture | None:
    if not c.yields:
        return None
    svg = style.svg(bins.all_yields(c.yields))
    count = sum(len(channel.bins) for channel in c.yields)
    caption = (
        f"Events in the {count} bins of {len(c.yields)} channels: data with Poisson errors (central 68 % interval) on "
        f"the expectation after the fit of {_best(c)}, stacked by source; dashed, the Standard Model before the fit. "
        f"Below, the pull: (data {MINUS} expectation) / √expectation."
    )
    pulls = [
        (p, channel, b)
        for channel in c.yields
        for p, b in zip(channel.pulls, channel.bins, strict=True)
        if finite(p) is not None
    ]
    if pulls:
        pull, channel, label = max(pulls, key=lambda p: abs(p[0]))
        place = ", ".join(part.strip() for part in (channel.title or channel.channel, *label.split("|")))
        caption += f" The largest is {fixed(pull, 1)} ({words.escape(place)})."
    described = "; ".join(
        f"{channel.title or channel.channel}: {sum(channel.data):.0f} events observed, "
        f"{sum(channel.postfit):.0f} expected after the fit"
        for channel in c.yields
    )
    return Picture("yields", svg, "Events, bin by bin", caption, f"Bar charts of events by bin. {described}.")


def _spectra(c: Comparison) -> Picture | None:
    if not c.spectra:
        return None
    shown, remark = _most_significant(c, tuple(curve.hypothesis for curve in c.spectra))
    order = _order(c)
    curves = sorted((x for x in c.spectra if x.hypothesis in shown), key=lambda x: _rank(x.hypothesis, order))
    svg = style.svg(spectrum.all_spectra(curves, order))
    caption = (
        "Differential branching fractions at the best points over the true <i>q</i>², before detector effects. "
        f"Bands: theory error, one standard deviation.{remark}"
    )
    if any(curve.lines for curve in curves):
        caption += " An arrow is a particle on its mass shell, at <i>q</i>² = <i>m</i>²; its height has no meaning."
    named = "; ".join(dict.fromkeys(f"{curve.hypothesis} in {curve.mode}" for curve in curves))
    return Picture(
        "spectra", svg, "Spectra", caption, f"Curves of the differential branching fraction over q squared: {named}."
    )


def _mass_scan(c: Comparison) -> Picture | None:
    if not c.mass_scans:
        return None
    shown, remark = _most_significant(c, tuple(s.hypothesis for s in c.mass_scans))
    order = _order(c)
    scans = sorted((s for s in c.mass_scans if s.hypothesis in shown), key=lambda s: _rank(s.hypothesis, order))
    svg = style.svg(scan.mass_and_rate(scans, order))
    caption = (
        f"Gain in {LNL} against the Standard Model at each mass of the invisible particle, and below it the branching "
        "fraction that fits best there. Dashed: gains that correspond to 1, 2 and 3 standard deviations if mass and "
        f"rate both count as free.{remark}"
    )
    tops = []
    for s in scans:
        found = [
            (float(d), m) for d, m in zip(s.delta_chi2, s.mass, strict=True) if d is not None and finite(d) is not None
        ]
        if found:
            top, mass = max(found)
            tops.append(f"{s.hypothesis}: largest gain {top:.1f} at {mass:.3g} GeV")
    described = f"Delta chi squared over mass. {'; '.join(tops)}."
    return Picture("mass_scan", svg, "Gain over mass", caption, described)


def _plane(c: Comparison) -> Picture | None:
    if c.plane is None:
        return None
    plane = c.plane
    svg = style.svg(style.figure_of(contour.plane(plane)))
    caption = (
        f"{words.escape(plane.hypothesis)}: where {LNL} lies within 2.30 and 6.18 of its lowest value (1σ and 2σ for "
        f"two parameters, if {LNL} is close to a parabola); nuisances profiled."
    )
    if not style.is_geometric(plane.y):
        caption += f" The Standard Model is the line {words.symbol(plane.y_name)} = 0."
    x, y = plane.best
    described = f"Allowed regions in the plane of {plane.x_name} and {plane.y_name}; best point at {x:.3g} and {y:.3g}."
    return Picture("plane", svg, "Mass and rate", caption, described)


def _limits(c: Comparison) -> Picture | None:
    if not c.limits:
        return None
    svg = style.svg(limit.all_limits(c.limits))
    caption = (
        "Upper limits by the CLs method in the asymptotic approximation; bands: where 68 % and 95 % of background-only "
        "experiments would put them."
    )
    failed = sum(p.status not in (OK, CONVERGED) for p in c.limits)
    if failed:
        caption += f" No limit at {failed} of {len(c.limits)} points (gaps)."
    seen = [p.observed for p in c.limits if p.observed is not None and finite(p.observed) is not None]
    range_ = f"observed from {min(seen):.3g} to {max(seen):.3g}" if seen else "no observed limit was found"
    return Picture("limits", svg, "Upper limits", caption, f"Observed and expected upper limits; {range_}.")


def _nuisances(c: Comparison) -> Picture | None:
    if not c.nuisance_parameters:
        return None
    columns = nuisance.nuisances(c.nuisance_parameters, count=SHOWN_NUISANCES)
    count = len(c.nuisance_parameters)
    which = (
        f"The {SHOWN_NUISANCES} of {count} nuisance parameters with the largest impact or pull"
        if count > SHOWN_NUISANCES
        else "The nuisance parameters"
    )
    caption = f"{which} after the fit of {_best(c)}: fitted value and error in units of the prior width"
    if columns.impacts is not None:
        caption += " (left), and shift of the fitted rate when the auxiliary measurement moves by ±1 (right)"
    top = [n for n in nuisance.largest(c.nuisance_parameters, 3) if finite(n.value) is not None]
    described = "Nuisance parameters; on top: " + ", ".join(f"{n.name} at {n.value:.2f}" for n in top) + "."
    return Picture(
        "nuisances", style.svg(style.figure_of(columns.pulls)), "Nuisance parameters", f"{caption}.", described
    )


def _order(c: Comparison) -> list[str]:
    """Hypotheses that some figure draws as curves, the most significant first: the order of colours."""
    drawn = set()
    for kind in (c.spectra, c.mass_scans):
        drawn |= _most_significant(c, tuple(x.hypothesis for x in kind))[0]
    return [f.hypothesis for f in ranked(c.fits) if f.hypothesis in drawn]


def _rank(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


def _most_significant(c: Comparison, present: tuple[str, ...]) -> tuple[set[str], str]:
    """The hypotheses to draw: the first of the ranking and the Standard Model; and a remark if others are left out."""
    fits = ranked(c.fits)
    fitted = [f.hypothesis for f in fits if f.hypothesis in present]
    order = list(dict.fromkeys([*fitted, *present]))
    reference = {f.hypothesis for f in fits if verdict.is_reference(f)} & set(order)
    shown = set([n for n in order if n not in reference][:SHOWN_HYPOTHESES])
    left_out = len(order) - len(shown | reference)
    remark = f" Shown are the {len(shown)} most significant hypotheses; {left_out} more are in the file of numbers."
    return shown | reference, remark if left_out else ""


def _best(c: Comparison) -> str:
    return words.escape(c.best_hypothesis) or "the best hypothesis"


FIGURES: dict[str, tuple[str, Callable[[Comparison], Picture | None]]] = {
    "yields": ("event yields", _yields),
    "spectra": ("spectra", _spectra),
    "mass_scan": ("scans over the mass", _mass_scan),
    "plane": ("a plane of two parameters", _plane),
    "limits": ("upper limits", _limits),
    "nuisances": ("nuisance parameters", _nuisances),
}
