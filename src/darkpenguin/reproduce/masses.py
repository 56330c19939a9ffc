"""How well each kind of invisible state describes Belle II's data, as a function of its mass."""

from __future__ import annotations

from collections.abc import Mapping

from darkpenguin import __version__
from darkpenguin.analysis import Analysis
from darkpenguin.compare import BELLE2, INPUTS, mass_scan
from darkpenguin.figure import Curve, FigureData, Panel
from darkpenguin.hypotheses import HYPOTHESES, Hypothesis
from darkpenguin.progress import bar
from darkpenguin.result import MassScan
from darkpenguin.setup import Setup

REFERENCES = ("Bolton:2024egx", "Bolton:2025fsq", "Belle-II:2023esi", "Belle-II:2025lfq")


def best_masses(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """Gain in -2 ln L over the Standard Model, and the best rate, against the mass of each state."""
    del as_printed
    scans = mass_scans({name: h for name, h in HYPOTHESES.items() if h.mass}, progress)
    groups = {
        "one boson": [n for n in scans if HYPOTHESES[n].strength == "BR"],
        "scalar pairs": [n for n in scans if n.startswith("scalar_pair")],
        "spin-1/2 pairs": [n for n in scans if n.startswith("fermion_pair")],
        "vector pairs": [n for n in scans if n.startswith("vector_pair")],
        "spin-3/2 pairs": [n for n in scans if n.startswith("spin_three_half")],
    }
    panels = [
        panel
        for group, names in groups.items()
        if names
        for panel in _pair_of_panels(group, [scans[name] for name in names])
    ]
    return FigureData(
        key=key,
        title="Masses that Belle II's spectrum prefers",
        caption="Standard Model plus one new final state; rate at its best, at least 0, at each mass; all nuisances of "
        "Belle II's published likelihood profiled. Mass of one boson, or of each particle of a pair.",
        panels=tuple(panels),
        inputs=INPUTS,
        references=REFERENCES,
        version=__version__,
        columns=2,
    )


def _pair_of_panels(group: str, scans: list[MassScan]) -> tuple[Panel, Panel]:
    gain = Panel(
        title=f"{group}: gain over the Standard Model",
        x_label="mass [GeV]",
        y_label=r"$-2\,\Delta\ln L$ at the best rate",
        curves=tuple(Curve(s.hypothesis, s.mass, s.delta_chi2) for s in scans),
        y_range=(0.0, 16.0),
    )
    rate = Panel(
        title=f"{group}: best branching fraction",
        x_label="mass [GeV]",
        y_label=r"BR$(B^+\to K^+X)$ [10$^{-5}$]",
        curves=tuple(Curve(s.hypothesis, s.mass, tuple(None if r is None else 1e5 * r for r in s.rate)) for s in scans),
    )
    return gain, rate


def mass_scans(chosen: Mapping[str, Hypothesis], progress: bool) -> dict[str, MassScan]:
    """The scan of each hypothesis on Belle II's likelihood."""
    setup = Setup.load(BELLE2, INPUTS)
    return {
        name: mass_scan(Analysis(h.model, setup=setup, fixed=h.fixed, free=h.free), h)
        for name, h in bar(list(chosen.items()), "mass scans", progress)
    }
