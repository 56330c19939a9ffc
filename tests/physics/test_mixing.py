"""Bs mixing against flavio, the measured mass difference, and a numerical solution of the running."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.integrate

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.visible import Visible
from darkpenguin.core.visible_constants import visible_constants
from darkpenguin.flavour.mixing import (
    beta_0,
    beta_1,
    inami_lim_S0,
    mass_difference,
    mass_difference_ratio,
    run_alpha_s,
    run_down,
)


@pytest.fixture(scope="module")
def A() -> Inputs:
    """Set A with the CKM product of flavio 2.7.1, and its phase put to pi: couplings in phase with the SM are real."""
    inputs = load_inputs("reference-A").at()
    return dataclasses.replace(inputs, arg_V_tb_V_ts=jnp.asarray(np.pi), V_tb_V_ts=jnp.asarray(0.041199689738862746))


def zprime(gL: float, gR: float, M: float) -> Visible:
    """Four-quark operators of a Z' with real couplings."""
    return Visible(C_VLL=-(gL**2) / (2 * M**2), C_VRR=-(gR**2) / (2 * M**2), C_VLR=-gL * gR / M**2, matching_scale=M)


def shift(gL: float, gR: float, M: float, inputs: Inputs) -> float:
    """(Delta M_s / SM - 1) M^2 for couplings so small that the shift is linear in C; GeV^2."""
    g = 1e-6 * M
    return (float(mass_difference_ratio(zprime(g * gL, g * gR, M), inputs)) - 1) * 1e12


def test_standard_model(A):
    """Measured: 17.765 +- 0.006 ps^-1 (PDG 2024); the bag parameter has 4 %, |V_ts|^2 another 4 %."""
    assert float(mass_difference(A)) / 6.582119569e-13 == pytest.approx(17.765, rel=0.06)
    # flavio 2.7.1: 1.14130e-11 GeV; it takes m_t(m_t) = 163.5 and eta_B = 0.55
    assert float(mass_difference(A)) == pytest.approx(1.1412975260847767e-11, rel=0.03)


def test_box_function():
    """S_0(x) = 0.784 x^0.76 for top masses around 165 GeV, to about a per cent. [arXiv:hep-ph/9512380, eq. (12.13)]"""
    x = (np.array([150.0, 165.0, 180.0]) / 80.4) ** 2
    np.testing.assert_allclose(inami_lim_S0(jnp.asarray(x)), 0.784 * x**0.76, rtol=0.01)


@pytest.mark.parametrize(
    ("M", "left", "mixed"),
    [
        # flavio 2.7.1 with wilson 2.5.2: WET from 160 GeV; above, the SMEFT (qq1, dd, qd1, entries 2323) from M
        (160.0, 5662565350.8, -7.2346),
        (1000.0, 5180677730.3, -9.3554),
        (3000.0, 4959786830.8, -10.7325),
        (10000.0, 4746526009.4, -12.3345),
    ],
)
def test_flavio(A, M, left, mixed):
    # two-loop running of alpha_s with one-loop dimensions against a numerical solution, m_t, eta_B: 1.5 %; gauge and
    # Yukawa couplings of the SMEFT, which are not QCD and not in our formula: 1.6 % for each factor e in the scale
    tolerance = 0.015 + 0.016 * np.log(M / 160.0)
    a = shift(1, 0, M, A)
    assert a == pytest.approx(left, rel=tolerance)
    assert shift(0, 1, M, A) == pytest.approx(a, rel=1e-6)
    assert (shift(1, 1, M, A) - 2 * a) / a == pytest.approx(mixed, rel=tolerance)


def test_published_combination(A):
    """1 + (5.66e9 GeV^2/M^2)(gL^2 + gR^2 - 7.23 gL gR) at a matching scale of 160 GeV: gR = 0.14 gL shifts nothing."""
    assert abs(shift(1, 0.1411, 160.0, A)) < 0.015 * shift(1, 0, 160.0, A)  # as above


def test_running_against_the_differential_equation():
    """dC/dln mu = gamma^T alpha_s/(4 pi) C with gamma_0 = ((2, 12), (0, -16)), one-loop alpha_s in each range."""
    inputs = load_inputs("reference-A").at()
    c, M = visible_constants(), 5000.0
    m_b = float(inputs.m_b)
    top = jnp.asarray(c.m_t)
    alpha_t = run_alpha_s(jnp.asarray(c.alpha_s_mZ), jnp.asarray(c.m_Z), top, 5)
    alpha = {
        "M": float(run_alpha_s(alpha_t, top, jnp.asarray(M), 6)),
        "t": float(alpha_t),
        "b": float(run_alpha_s(alpha_t, top, jnp.asarray(m_b), 5)),
    }
    gamma = np.array([[2.0, 12.0], [0.0, -16.0]])
    C = np.array([1.0, 0.0])
    for upper, lower, n_f in (("M", "t", 6), ("t", "b", 5)):
        # at leading order dC/dalpha = -gamma^T C / (2 beta_0 alpha)
        solution = scipy.integrate.solve_ivp(
            lambda a, x, n_f=n_f: -gamma.T @ x / (2 * beta_0(n_f) * a),
            (alpha[upper], alpha[lower]),
            C,
            rtol=1e-10,
            atol=1e-12,
        )
        C = solution.y[:, -1]
    found = run_down(Visible(C_VLR=1.0, matching_scale=M), inputs)
    np.testing.assert_allclose([complex(found.VLR).real, complex(found.SLR).real], C, rtol=1e-7)


def test_strong_coupling():
    """Against the two-loop differential equation, and alpha_s(m_b) = 0.2268 (PDG 2022 review, four loops)."""
    c = visible_constants()
    found = float(run_alpha_s(jnp.asarray(c.alpha_s_mZ), jnp.asarray(c.m_Z), jnp.asarray(4.18), 5))
    b0, b1 = beta_0(5) / (2 * np.pi), beta_1(5) / (8 * np.pi**2)
    exact = scipy.integrate.solve_ivp(
        lambda t, a: -(a**2) * (b0 + b1 * a), (0.0, np.log(4.18 / c.m_Z)), [c.alpha_s_mZ], rtol=1e-10
    ).y[0, -1]
    assert found == pytest.approx(exact, rel=5e-3)  # the closed form leaves the next order in alpha_s ln out
    assert found == pytest.approx(0.2268, rel=0.025)  # three and four loops
