"""One invisible boson: the rate that Belle II's likelihood prefers, beside earlier readings of the figures."""

from __future__ import annotations

import numpy as np

from darkpenguin import __version__
from darkpenguin.analysis import Analysis
from darkpenguin.compare import BELLE2, INPUTS
from darkpenguin.core.model import Range
from darkpenguin.experiments.curve import CurveLikelihood
from darkpenguin.experiments.index import load
from darkpenguin.figure import Curve, FigureData, Panel

RECAST = "altmannshofer-2023-bkx"
PARTS = {"belle2": "recast of Belle II 2023", "combined": "recast of Belle II 2023 and BaBar 2013"}
MASSES, RATES = Range(0.1, 4.2, 83), Range(0.0, 3e-5, 121)


def boson_bands(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """Best rate and Delta(-2 ln L) = 1 interval at each mass, ours and the recasts'."""
    del as_printed, progress
    return FigureData(
        key=key,
        title="One invisible boson: its rate as a function of its mass",
        caption="Standard Model plus B+ → K+ X with a width of 0.1 GeV. Ours: Belle II's published likelihood, every "
        "nuisance profiled, best rate of at least 0 and the interval Δ(-2 ln L) < 1. Recasts: arXiv:2311.14629, from "
        "published figures, without the likelihood.",
        panels=(
            Panel(
                title="B+ → K+ X",
                x_label=r"$m_X$ [GeV]",
                y_label=r"BR$(B^+\to K^+X)$ [10$^{-5}$]",
                curves=(_ours(), *(_published(part, label) for part, label in PARTS.items())),
                x_range=(0.0, 4.2),
                y_range=(0.0, 2.5),
            ),
        ),
        inputs=INPUTS,
        references=("Altmannshofer:2023hkn", "Belle-II:2023esi", "Belle-II:2025lfq"),
        version=__version__,
    )


def _ours() -> Curve:
    analysis = Analysis("two_body_scalar", experiments=BELLE2, inputs=INPUTS, fixed={"width": 0.1})
    masses, rates = MASSES.grid(), RATES.grid()
    grid = [analysis.theta({"m_S": m, "BR": rate}) for m in masses for rate in rates]
    values = analysis.line.values(np.stack(grid)).reshape(len(masses), len(rates))
    best = rates[values.argmin(axis=1)]
    inside = values < values.min(axis=1, keepdims=True) + 1.0
    low = np.where(inside, rates, np.inf).min(axis=1)
    high = np.where(inside, rates, -np.inf).max(axis=1)
    return _curve("Belle II's likelihood", masses, best, low, high)


def _published(part: str, label: str) -> Curve:
    found = load(f"{RECAST}:{part}")
    assert isinstance(found, CurveLikelihood)
    curve = found.curves[0]
    assert curve.value is not None
    mass, value, up, down = (np.asarray(x) for x in (curve.mass, curve.value, curve.up, curve.down))
    low = np.maximum(value - down, 0.0)
    return _curve(label, mass, value, low, value + up)


def _curve(label: str, mass: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray) -> Curve:
    """Rates in units of 1e-5."""
    in_units = [tuple((1e5 * rates).tolist()) for rates in (value, low, high)]
    return Curve(label, tuple(mass.tolist()), y=in_units[0], low=in_units[1], high=in_units[2])
