"""Fits of a line much narrower than the bins of true q2: -2 ln L is a staircase in the mass, one step a bin.

Judge: a grid of this test's own. Its masses are the middle of each bin and the edges, where a line as wide as the dark
photon's falls into two bins.
"""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin.analysis import Analysis
from darkpenguin.experiments.reweight import JointDensity
from darkpenguin.hypotheses import HYPOTHESES
from darkpenguin.models.standard_model import StandardModel
from darkpenguin.setup import Setup

FIRST_BIN, N_BIN, N_COUPLING = 15, 9, 51  # 1.85 to 2.34 GeV
NEAR_AN_EDGE = 1e-3 * np.array([-3.0, -1.0, -0.3, 0.0, 0.3, 1.0, 3.0])  # GeV


def test_a_width_far_below_a_bin_is_none(belle2: Setup) -> None:
    """An axion-like particle, 1e-18 GeV wide, is fitted as a scalar without width is: same gain, mass, errors."""
    h, X = HYPOTHESES["alp_portal"], HYPOTHESES["invisible_scalar"]
    axion = Analysis(h.model, setup=belle2, free=h.free, fixed=h.fixed).minimum()
    scalar = Analysis(X.model, setup=belle2, free=X.free, fixed={"width": 0.0}).minimum()
    assert axion.valid
    assert scalar.valid
    assert axion.value == pytest.approx(scalar.value, abs=0.02)
    assert np.isfinite([*axion.low, *axion.high]).all()
    assert axion.x[0] == pytest.approx(scalar.x[0], abs=0.01)  # GeV; errors of 0.1
    for ends in ("low", "high"):
        assert getattr(axion, ends)[0] == pytest.approx(getattr(scalar, ends)[0], abs=0.015)


def test_a_portal_is_fitted_at_its_lowest_step_with_errors(belle2: Setup) -> None:
    h, middle = HYPOTHESES["dark_photon_portal"], 1.1e-4
    analysis = Analysis(h.model, setup=belle2, free=h.free, fixed=h.fixed)
    best = analysis.minimum()
    assert best.valid  # what a fit calls converged

    edges = np.sqrt(np.asarray(JointDensity.load("belle2-2023-bknunu").edges)[FIRST_BIN : FIRST_BIN + N_BIN + 1])
    middles, near_edges = (edges[1:] + edges[:-1]) / 2, (edges[1:-1, None] + NEAR_AN_EDGE).ravel()
    couplings = middle * np.exp(np.linspace(-0.5, 0.5, N_COUPLING))
    masses = np.concatenate([middles, near_edges])
    thetas = [analysis.theta({h.mass: m, h.strength: c}) for m in masses for c in couplings]
    values = analysis.line.values(np.array(thetas)).reshape(len(masses), N_COUPLING)
    # couplings 2 % apart, errors of 15 %: at most (1 / 15)^2 above the true minimum, plus 2e-3 of a flat stretch
    assert best.value == pytest.approx(values.min(), abs=0.007)
    standard = analysis.with_model(StandardModel)
    gain = float(standard.line.values(standard.theta({})[None])[0]) - best.value
    # published for a width of 0.1 GeV: 13.14 at 2.10 GeV; that width is half a bin of q2 and costs or gains below 0.1
    assert gain == pytest.approx(13.14, abs=0.1)

    mass, strength = best.x
    steps = values[:N_BIN].min(axis=1)
    lowest = int(steps.argmin())
    assert edges[lowest] < mass < edges[lowest + 1]
    allowed = np.flatnonzero(steps < steps.min() + 1.0)
    # the errors end where a step ends; the tails of the line, up to 1 MeV wide, round the steps of the dark photon
    assert mass - best.low[0] == pytest.approx(edges[allowed[0]], abs=2e-3)
    assert mass + best.high[0] == pytest.approx(edges[allowed[-1] + 1], abs=2e-3)

    profile = values.min(axis=0)
    inside, target = np.flatnonzero(profile < values.min() + 1.0), values.min() + 1.0
    ends = [
        np.interp(target, profile[[inner, outer]], couplings[[inner, outer]])
        for inner, outer in ((inside[0], inside[0] - 1), (inside[-1], inside[-1] + 1))
    ]
    # linear between couplings 2 % apart, and a minimum that is up to 0.005 too high
    assert strength - best.low[1] == pytest.approx(ends[0], rel=3e-3)
    assert strength + best.high[1] == pytest.approx(ends[1], rel=3e-3)
