"""The gradient of -2 ln L through the whole chain, model by model, against central differences of refitted values."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin.analysis import Analysis
from darkpenguin.core.model import Range
from darkpenguin.setup import Setup

POINTS = {
    "standard_model": {"mu": 3.0},
    "weak_effective": {"cVL": 9.0, "cVR": 1.0, "cSL": 4.0, "cTL": 5.0},
    "weak_effective_flavour": {"CL_bsnuenue": -3.0, "CR_bsnutaunutau": 6.0, "CL_bsnuenumu": 2.0},
    "two_body_scalar": {"m_S": 2.05, "BR": 8e-6, "width": 0.1, "p_invisible": 0.9},
    "two_body_vector": {"m_V": 2.05, "g_V": 6e-9},
    "dark_left_scalar": {"m_phi": 0.4, "S": 4e-8, "V": 2e-8},
    "dark_left_real_scalar": {"m_phi": 0.9, "S": 4e-8},
    "dark_left_fermion": {"m_chi": 0.55, "S1": 8e-9, "V1": 1.2e-8, "T1": 1e-8},
    "dark_left_majorana": {"m_chi": 0.55, "S2": 8e-9, "V2": 9e-9},
    "dark_left_vector": {"m_X": 0.55, "V6": 4e-9, "S": 2e-9, "V2_im": 1e-10},
    "dark_left_spin_three_half": {"m_Psi": 0.9, "V1": 3e-9, "T1": 1e-9},
    "sterile_neutrino_mixed": {"m_N": 1.1, "VLL": 2e-8, "SLR": 1e-8},
    "two_body_alp": {"m_a": 2.05, "f_a": 3e8, "c_V": 1.0, "width": 0.1},
}


@pytest.mark.parametrize("model", POINTS)
def test_gradient_is_the_slope_of_the_profiled_likelihood(belle2: Setup, model: str) -> None:
    point = POINTS[model]
    ranges = {name: Range(x - abs(x) / 2, x + abs(x)) for name, x in point.items() if name != "p_invisible"}
    fixed = {name: x for name, x in point.items() if name not in ranges}
    analysis = Analysis(model, setup=belle2, free=ranges, fixed=fixed)
    names = list(ranges)
    theta = analysis.theta(point)
    _, gradient = analysis.line.value_and_gradient(theta, np.zeros(0), names)
    for name, slope in zip(names, gradient, strict=True):
        # fits converge to 1e-10 in -2 ln L: a step of 1e-4 leaves 1e-6 / |x| of noise, the cubic term about as much
        step = 1e-4 * abs(point[name])
        shifted = [analysis.theta({**point, name: point[name] + side * step}) for side in (1, -1)]
        up, down = analysis.line.values(np.array(shifted))
        assert (up - down) / (2 * step) == pytest.approx(slope, rel=2e-4, abs=2e-5 / abs(point[name]))


def test_gradient_in_form_factor_nuisances() -> None:
    setup = Setup.load(("belle2-2023-bknunu",), "2026-11", None, "theory")
    analysis = Analysis("standard_model", setup=setup, free={"mu": Range(0.0, 10.0)})
    theta, z = analysis.theta({"mu": 3.0}), np.linspace(-1.0, 1.0, analysis.line.n_z)
    _, gradient = analysis.line.value_and_gradient(theta, z, ["mu"])
    for k in range(len(z)):
        step = 1e-3 * np.eye(len(z))[k]
        up, down = (analysis.line.value_and_gradient(theta, z + s, ["mu"])[0] for s in (step, -step))
        assert (up - down) / 2e-3 == pytest.approx(gradient[1 + k], rel=1e-5, abs=1e-6)
