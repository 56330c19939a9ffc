"""Axion-like particles: decays, escape, production from b quarks. Reference rows of arXiv:2502.04900."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import kve

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import build
from darkpenguin.decays import alp, alp_production, escape
from darkpenguin.decays.constants import LightStateConstants, light_state_constants
from darkpenguin.flavour.form_factors import b_to_k, b_to_v
from darkpenguin.flavour.rates import line_branching_fraction
from darkpenguin.models.alp_portal import AlpPortal

Sigma = Callable[[np.ndarray], np.ndarray]
HBAR_C = 1.973269804e-16  # GeV m

# the inputs of the rows
K = light_state_constants()._replace(alpha_em=1 / 137.035999)
UNIVERSAL = alp.AlpCouplings(
    f_a=jnp.array(1e8),
    quarks=jnp.ones(6),
    leptons=jnp.zeros(3),
    chi=jnp.ones(()),
    G_UV=jnp.zeros(()),
    gamma_UV=jnp.zeros(()),
)
M_A, M_CHI = jnp.array(2.0), jnp.array(1e-3)


def exact_loop(x: float) -> complex:
    """Eq. (6) with 40 digits."""
    with mpmath.workdps(40):
        y = mpmath.mpf(x)
        root = mpmath.sqrt(1 - y)
        f = mpmath.asin(1 / mpmath.sqrt(y)) if x >= 1 else mpmath.pi / 2 + 0.5j * mpmath.log((1 + root) / (1 - root))
        return complex(1 - y * f**2)


@pytest.mark.parametrize("x", [1e-12, 0.009, 0.5, 0.999, 1.0, 1.6129, 17.4724, 99.0, 101.0, 3e4, 1e9])
def test_loop_function(x: float) -> None:
    """Rows O01 to O06 and beyond. 1e-9 is what the rows ask for."""
    assert complex(alp.loop_function(jnp.array(x))) == pytest.approx(exact_loop(x), rel=1e-9)


@pytest.mark.parametrize("x", [0.009, 1.0, 1.6129, 99.9, 500.0])
def test_loop_function_has_a_slope(x: float) -> None:
    parts = lambda y: jnp.stack([jnp.real(alp.loop_function(y)), jnp.imag(alp.loop_function(y))])  # noqa: E731
    slope = np.asarray(jax.jacfwd(parts)(jnp.array(x)))
    assert np.isfinite(slope).all()
    if x != 1.0:  # a cusp there
        up, down = exact_loop(x * (1 + 1e-5)), exact_loop(x * (1 - 1e-5))
        expected = (up - down) / (2e-5 * x)
        np.testing.assert_allclose(slope, [expected.real, expected.imag], rtol=1e-7, atol=1e-9)


def test_effective_couplings() -> None:
    """Rows O07, O08; they ask 1e-7."""
    assert abs(complex(alp.gluon_coupling(UNIVERSAL, M_A, K))) ** 2 == pytest.approx(1.84579317832, rel=1e-9)
    assert abs(complex(alp.photon_coupling(UNIVERSAL, M_A, K))) ** 2 == pytest.approx(2.49676123024, rel=1e-9)


def test_widths() -> None:
    """Rows O09 to O14, rounded to twelve digits; O12 and O13 leave the dark fermions out."""
    w = alp.alp_widths(UNIVERSAL, M_A, M_CHI, K)
    assert float(w.gluons) == pytest.approx(1.59737796304e-18, rel=1e-9)
    assert float(w.quarks[2]) == pytest.approx(2.07349281737e-19, rel=1e-9)
    assert float(w.photons) == pytest.approx(5.3600404427e-23, rel=1e-9)
    assert float(w.gluons / w.visible()) == pytest.approx(0.884771560215, rel=1e-9)
    assert HBAR_C / float(w.visible()) == pytest.approx(109.297426383, rel=1e-9)
    assert float(w.share_invisible()) == pytest.approx(4.40769434328e-06, rel=1e-9)
    assert float(w.quarks[3:].sum()) == 0.0  # closed


def test_majorana_pairs_are_twice_as_frequent() -> None:
    dirac, majorana = (alp.alp_widths(UNIVERSAL, M_A, M_CHI, K, majorana=m).chi for m in (False, True))
    assert float(majorana) == pytest.approx(2.0 * float(dirac), rel=1e-14)


def test_what_reproduces_the_printed_numbers() -> None:
    """Eqs. (17) to (19) print 93 %, 7 %, 2.6e-6 and 65 m; they follow from B(m_q^2/m_a^2) in the gluon coupling."""
    w = alp.alp_widths(UNIVERSAL, M_A, M_CHI, K, loop_argument=1.0)
    assert float(w.gluons / w.total()) == pytest.approx(0.93, abs=0.005)
    assert float(w.quarks[2] / w.total()) == pytest.approx(0.07, abs=0.005)
    assert float(w.share_invisible()) == pytest.approx(2.6e-6, rel=0.01)
    assert HBAR_C / float(w.total()) == pytest.approx(65.0, rel=0.01)


def test_leptons_run_in_the_photon_loop() -> None:
    """Three light quarks and three light leptons with C = 1: 3 (4 + 1 + 1)/9 + 3 = 5 where all B = 1."""
    k = LightStateConstants(*(1e-9 if n.startswith("m_") else v for n, v in zip(K._fields, K, strict=True)))
    light = UNIVERSAL._replace(quarks=jnp.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0]), leptons=jnp.ones(3))
    assert complex(alp.photon_coupling(light, M_A, k)) == pytest.approx(5.0, rel=1e-9)


def test_validity_note() -> None:
    assert alp.validity_note(2.0) is None
    assert "below 1.5 GeV" in str(alp.validity_note(0.6))
    light = Analysis("alp_portal", experiments=[]).predict({"m_a": 0.6, "f_a": 1e8}, ["BR(B+->K+inv)"])
    assert any("below 1.5 GeV" in text for text in light.warnings)


# --- escape ---


def test_bracket_of_equation_11() -> None:
    """Row O23: B at rest, 3.5 m; the row gives no more than the twelve digits."""
    w = alp.alp_widths(UNIVERSAL, M_A, M_CHI, K)._replace(chi=jnp.zeros(()))
    boosts = escape.boosts(jnp.array(5.27934), jnp.array(0.493677), M_A)
    survives = escape.survival(boosts, w.total(), 3.5 / HBAR_C)
    found = escape.p_invisible(jnp.array(4.40769434328e-06), survives)
    assert float(found) == pytest.approx(0.971687620394, rel=1e-6)


@pytest.mark.parametrize("width", [1e-18, 1e-16, 3e-15])
def test_moving_b(width: float) -> None:
    """Against scipy: mean over the direction of X in the rest frame of the B. 1e-6: twelve nodes, steep exponential."""
    M, m, m_X, boost, length = 5.27934, 0.493677, 2.0, 0.28, 3.5 / HBAR_C
    p = np.sqrt((M**2 - (m + m_X) ** 2) * (M**2 - (m - m_X) ** 2)) / (2 * M)

    def flies(cosine: float) -> float:
        E = np.sqrt(1 + boost**2) * np.hypot(p, m_X) + boost * p * cosine
        return float(np.exp(-length * width / np.sqrt((E / m_X) ** 2 - 1)))

    expected = quad(flies, -1, 1)[0] / 2
    boosts = escape.boosts(jnp.array(M), jnp.array(m), jnp.array(m_X), boost)
    assert float(escape.survival(boosts, jnp.array(width), length)) == pytest.approx(expected, rel=1e-6)


def test_escape_at_the_ends() -> None:
    """A stable particle always escapes, and gradients are finite where the decay closes."""
    masses = jnp.array(5.27934), jnp.array(0.493677)
    assert float(escape.survival(escape.boosts(*masses, M_A), jnp.zeros(()), 1e16)) == pytest.approx(1.0, rel=1e-14)

    def closed(m: jnp.ndarray) -> jnp.ndarray:
        return escape.survival(escape.boosts(*masses, m), jnp.array(1e-16), 1e16)

    assert np.isfinite(jax.grad(closed)(jnp.array(5.27934 - 0.493677)))
    assert float(closed(jnp.array(5.0))) == 0.0


# --- production ---


def test_width_of_b() -> None:
    """Row O24: exponent 2. The print, 3, is 1 - (2/4.18)^2 times that."""
    args = (1.0, 1.0, jnp.array(1e8), jnp.array(4.18), M_A)
    assert float(alp_production.width_b_to_s_a(*args)) == pytest.approx(4.31930432906e-17, rel=1e-9)
    printed = float(alp_production.width_b_to_s_a(*args, exponent=3))
    assert printed == pytest.approx(4.31930432906e-17 * (1 - (2 / 4.18) ** 2), rel=1e-9)


M_B = jnp.array(4.18)


def annihilation(s: float | np.ndarray) -> np.ndarray:
    """In units of alpha_s C^2/f_a^2."""
    unit = alp_production.gluon_prefactors(jnp.ones(())).annihilation
    return np.asarray(alp_production.sigma_annihilation(jnp.array(s), jnp.ones(()), jnp.ones(()), M_B, M_A, unit))


def compton(s: float | np.ndarray) -> np.ndarray:
    unit = alp_production.gluon_prefactors(jnp.ones(())).compton
    return np.asarray(alp_production.sigma_compton(jnp.array(s), jnp.ones(()), jnp.ones(()), M_B, M_A, unit))


def test_cross_sections() -> None:
    """Rows O25 to O28: numerical Dirac traces, good to 1e-8."""
    assert annihilation(71.0) == pytest.approx(0.830749904062, rel=1e-8)
    assert annihilation(400.0) == pytest.approx(0.0358081999686, rel=1e-8)
    assert compton(39.0) == pytest.approx(0.000728238501713, rel=1e-8)
    assert compton(400.0) == pytest.approx(0.00319483399354, rel=1e-8)


def test_cross_sections_at_threshold() -> None:
    """Flux: b bbar grows as 1/r, r^2 = 1 - 4 m_b^2/s; b g falls as the final momentum. Below: nothing."""
    low, lower = (annihilation(4 * 4.18**2 * (1 + d)) * np.sqrt(d) for d in (1e-6, 1e-7))
    assert low == pytest.approx(lower, rel=1e-3)
    edge = (4.18 + 2.0) ** 2
    near, nearer = (compton(edge * (1 + d)) / np.sqrt(d) for d in (1e-5, 1e-6))
    assert near == pytest.approx(nearer, rel=1e-3)
    assert annihilation(69.0) == 0.0
    assert compton(38.0) == 0.0


def thermal_average(sigma: Sigma, m_1: float, m_2: float, threshold: float, T: float) -> float:
    """1/(8 T m_1^2 m_2^2 K_2 K_2) int ds sigma lambda(s, m_1^2, m_2^2)/sqrt(s) K_1(sqrt(s)/T), by scipy.

    Maxwell-Boltzmann statistics; a massless particle has m^2 K_2(m/T) -> 2 T^2. sqrt(s) = threshold + 60 T u^3.
    """
    u, weight = np.polynomial.legendre.leggauss(200)
    u, weight = (u + 1) / 2, weight / 2
    w, dw = threshold + 60 * T * u**3, 180 * T * u**2 * weight
    s = w**2
    lam = (s - (m_1 + m_2) ** 2) * (s - (m_1 - m_2) ** 2)
    boltzmann = kve(1, w / T) * np.exp(-(w - m_1 - m_2) / T)

    def moment(m: float) -> float:
        return 2 * T**2 if m == 0 else m**2 * kve(2, m / T)

    return float((2 * w * dw * sigma(s) * lam / w * boltzmann).sum() / (8 * T * moment(m_1) * moment(m_2)))


@pytest.mark.parametrize(
    ("sigma", "masses", "threshold", "T", "expected"),
    [
        (annihilation, (4.18, 4.18), 8.36, 41.8, 0.00162347621153),
        (compton, (4.18, 0.0), 6.18, 41.8, 0.000226484714526),
        (annihilation, (4.18, 4.18), 8.36, 2.0, 0.085207207017),
        (compton, (4.18, 0.0), 6.18, 2.0, 0.00368354495779),
    ],
)
def test_thermal_averages(
    sigma: Sigma, masses: tuple[float, float], threshold: float, T: float, expected: float
) -> None:
    """Rows O29 to O32; they ask 1e-4."""
    assert thermal_average(sigma, *masses, threshold, T) == pytest.approx(expected, rel=1e-6)


# --- the model ---


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    """Masses and form factors of the rows, and their lifetimes."""
    lifetimes = {name: jnp.array(units.to_gev(ps, "ps")) for name, ps in (("tau_Bplus", 1.638), ("tau_B0", 1.519))}
    return dataclasses.replace(load_inputs("flavio-2.7.1").at(), **lifetimes)


def model(inputs: Inputs, **values: float) -> AlpPortal:
    found = build(AlpPortal, {"m_a": 2.0, "f_a": 1e8, "boost_B": 0.0} | values, inputs)
    assert isinstance(found, AlpPortal)
    return found


def test_form_factors_of_the_rows(inputs: Inputs) -> None:
    """Rows O15 to O17."""
    q2 = jnp.array([4.0])
    K_, Kst = b_to_k(inputs.form_factors["B->K"], q2), b_to_v(inputs.form_factors["B->K*"], q2)
    assert float(K_.f_0[0]) == pytest.approx(0.36788359597, rel=1e-7)
    assert float(K_.f_plus[0]) == pytest.approx(0.419098113028, rel=1e-7)
    assert float(Kst.A0[0]) == pytest.approx(0.472544928007, rel=1e-7)


def test_branching_fractions(inputs: Inputs) -> None:
    """Rows O18 to O22, which ask 1e-6 and 1e-5. eq. (10): BR of (0.5 to 0.9)e-5 with f_0 = 0.335344."""
    line = model(inputs).states(inputs).lines[0]
    found = float(line_branching_fraction(line, "B+->K+", inputs))
    assert found == pytest.approx(2.04592520277e-05, rel=1e-6)
    assert float(line_branching_fraction(line, "B0->K*0", inputs)) == pytest.approx(2.0622264046e-05, rel=1e-6)
    printed = found * (0.335344 / 0.36788359597) ** 2
    assert printed == pytest.approx(1.70000417115e-05, rel=1e-5)
    assert 1e8 * (printed / 0.9e-5) ** 0.5 == pytest.approx(137437022.796, rel=1e-5)
    assert 1e8 * (printed / 0.5e-5) ** 0.5 == pytest.approx(184391115.358, rel=1e-5)


def test_probability_to_be_invisible(inputs: Inputs) -> None:
    """Row O23, without dark fermions; in flight at Belle II the particle is faster or slower, to 0.1 %."""
    at_rest = float(model(inputs).states(inputs).lines[0].p_invisible)
    assert at_rest == pytest.approx(0.971687620394, rel=1e-5)
    moving = float(model(inputs, boost_B=0.28).states(inputs).lines[0].p_invisible)
    assert moving == pytest.approx(at_rest, rel=1e-3)
    assert moving != at_rest


def test_dark_decays_make_it_invisible(inputs: Inputs) -> None:
    """A heavy chi with a large coupling takes all of the width: (C_chi m_chi)^2 against gluons, short lifetime."""
    line = model(inputs, f_a=1e5, C_chi=1e3, m_chi=0.5).states(inputs).lines[0]
    assert float(line.p_invisible) == pytest.approx(1.0, abs=1e-5)
    line = model(inputs, f_a=1e5).states(inputs).lines[0]
    assert float(line.p_invisible) < 1e-12
