"""Counts folded by hand: against scipy, against the conditions of a minimum, and against an independent prototype."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import minimize

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import load_inputs
from darkpenguin.core.likelihood import Prediction
from darkpenguin.core.types import Couplings, ModeSpectrum
from darkpenguin.experiments import index
from darkpenguin.experiments.folded import FoldedLikelihood, expected_significance
from darkpenguin.experiments.poisson_profile import best_background_error, profiled
from darkpenguin.flavour.rates import dBR_dq2, default_edges, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos

SYNTHETIC = Path(__file__).parents[1] / "data" / "synthetic-folding.toml"
MODE = "B+->K+"
EDGES = np.array([-1.0, 4.0, 8.0, 25.0])


@pytest.fixture(scope="module")
def folded() -> FoldedLikelihood:
    likelihood = index.load(str(SYNTHETIC))
    assert isinstance(likelihood, FoldedLikelihood)
    return likelihood


@pytest.fixture(scope="module")
def standard_model() -> ModeSpectrum:
    inputs = load_inputs("reference-R").at()
    return mode_spectrum(Couplings((standard_model_neutrinos(inputs),)), MODE, inputs, default_edges())


def spectrum(rate: float = 0.0, line_rate: float = 0.0, line_mass: float = 2.1, width: float = 0.0) -> ModeSpectrum:
    """A flat continuum from 0 to 10 GeV^2 and a line."""
    line = jnp.asarray([line_rate])
    edges = jnp.linspace(0.0, 10.0, 41)
    per_bin = jnp.full(40, rate / 40)
    return ModeSpectrum(edges, per_bin, per_bin, jnp.asarray([line_mass**2]), jnp.asarray([width]), line, line)


def prediction(found: ModeSpectrum) -> Prediction:
    return Prediction(modes={MODE: found})


def response(q2: float) -> np.ndarray:
    """2 f n_BB epsilon R_i of the synthetic result, with scipy."""
    return 387e6 * 0.13 * math.exp(-q2 / 9) * np.diff(stats.norm.cdf(EDGES, q2, 1.0))


# --- folding ----------------------------------------------------------------------------------------------------------


def test_line_against_an_independent_prototype(folded: FoldedLikelihood) -> None:
    # reference row fold_2b_bin1 (printed with 6 digits): m = 2.1 GeV, BR = 9.2e-6
    found = folded.signal(prediction(spectrum(line_rate=9.2e-6)))
    assert float(found[0]) == pytest.approx(96.6649, rel=1e-6)
    np.testing.assert_allclose(found, 9.2e-6 * response(2.1**2), rtol=1e-12)


def test_standard_model_against_an_independent_prototype(
    folded: FoldedLikelihood, standard_model: ModeSpectrum
) -> None:
    found = folded.signal(prediction(standard_model))
    # reference row fold_sm_bin1: set R; its tolerance 0.2 % is that of the form factors' printed digits
    assert float(found[0]) == pytest.approx(44.0984, rel=0.002)
    # the same integral with adaptive quadrature over the smooth spectrum: what the bins of q2 cost is second order in
    # their width, (0.23 GeV^2)^2 / 12 times curvatures of order 1 / GeV^4
    inputs = load_inputs("reference-R").at()
    couplings = Couplings((standard_model_neutrinos(inputs),))
    density = jax.jit(lambda q2: dBR_dq2(couplings, MODE, inputs, q2[None])[0])
    for i in range(3):
        exact = quad(lambda q2, i=i: float(density(jnp.asarray(q2))) * response(q2)[i], 0, 22.89, epsrel=1e-6)[0]
        assert float(found[i]) == pytest.approx(exact, rel=3e-4)


def test_a_wide_line_and_a_narrow_one(folded: FoldedLikelihood) -> None:
    # the Breit-Wigner fills the bin of 0.25 GeV^2 that holds its mass, here its centre: of second order, 0.25^2 / 24 =
    # 0.003 times the curvature of the response, 1 in the first two bins, 14 where it is 3.6 standard deviations away
    centre = math.sqrt(4.375)
    line = folded.signal(prediction(spectrum(line_rate=1e-5, line_mass=centre)))
    narrow = folded.signal(prediction(spectrum(line_rate=1e-5, line_mass=centre, width=1e-7)))
    np.testing.assert_allclose(narrow[:2], line[:2], rtol=0.004)
    np.testing.assert_allclose(narrow[2], line[2], rtol=0.05)
    wide = folded.signal(prediction(spectrum(line_rate=1e-5, width=0.3)))
    density = stats.cauchy(2.1**2, 2.1 * 0.3)
    norm = density.cdf(10.0) - density.cdf(0.0)
    for i in range(3):
        exact = quad(lambda q2, i=i: density.pdf(q2) / norm * response(q2)[i], 0, 10, points=[4.41], epsrel=1e-8)[0]
        assert float(wide[i]) == pytest.approx(1e-5 * exact, rel=4e-3)  # 0.25^2 / 24 times curvatures of order 1


def test_matrix_and_tables(tmp_path: Path) -> None:
    (tmp_path / "bins.csv").write_text("low,high,observed,background\n0,5,7,4.5\n5,12,3,2\n")
    (tmp_path / "eff.csv").write_text("# invented\nq2,efficiency\n0,0.2\n10,0.1\n")
    (tmp_path / "matrix.csv").write_text("true_0,true_1\n0.8,0.1\n0.1,0.7\n")
    text = SYNTHETIC.read_text(encoding="utf-8").split("[efficiency]")[0].replace("synthetic-folding", "lab-2030-m")
    text += '[efficiency]\nform = "table"\ntable = "eff.csv"\n[smearing]\nform = "matrix"\nedges = [0.0, 5.0, 10.0]\n'
    text += 'table = "matrix.csv"\n[bins]\ntable = "bins.csv"\n'
    path = tmp_path / "lab.toml"
    path.write_text(text, encoding="utf-8")
    likelihood = index.load(str(path))
    assert isinstance(likelihood, FoldedLikelihood)
    found = likelihood.signal(prediction(spectrum(rate=1e-6, line_rate=2e-6, line_mass=3.0)))
    # by hand: flat from 0 to 10, mean efficiency 0.175 below 5 and 0.125 above; the line at q2 = 9 with 0.11
    below, above, line = 0.5e-6 * 0.175, 0.5e-6 * 0.125, 2e-6 * 0.11
    expected = 387e6 * np.array([0.8 * below + 0.1 * (above + line), 0.1 * below + 0.7 * (above + line)])
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert float(likelihood.minus_two_log_likelihood(prediction(spectrum()))) == pytest.approx(
        2 * (4.5 - 7 + 7 * math.log(7 / 4.5) + 2 - 3 + 3 * math.log(3 / 2)), rel=1e-12
    )


# --- the profiled likelihood ------------------------------------------------------------------------------------------

COUNTS, SIGNAL = jnp.asarray([120.0, 95.0, 60.0]), jnp.asarray([10.0, 14.0, 2.0])
OTHER = jnp.asarray([105.0, 80.0, 55.0]) + jnp.asarray([5.0, 4.0, 3.0])
COVARIANCE = jnp.asarray([[36.0, 10.0, 0.0], [10.0, 25.0, 5.0], [0.0, 5.0, 16.0]])


def of_strength(mu: jax.Array) -> jax.Array:
    return profiled(COUNTS, mu * SIGNAL + OTHER, COVARIANCE)


def test_strength_against_an_independent_prototype() -> None:
    mu = jnp.asarray(0.0)
    slope, curvature = jax.grad(of_strength), jax.grad(jax.grad(of_strength))
    for _ in range(10):
        mu = mu - slope(mu) / curvature(mu)
    # reference rows lik_mu and lik_q0, printed with 6 digits
    assert float(mu) == pytest.approx(0.846588, rel=1e-6)
    assert float(of_strength(jnp.asarray(0.0)) - of_strength(mu)) == pytest.approx(1.60636, rel=1e-5)


def test_derivatives_of_the_profile() -> None:
    x, h = 1.3, 1e-4
    slope = jax.grad(of_strength)
    difference = (of_strength(jnp.asarray(x + h)) - of_strength(jnp.asarray(x - h))) / (2 * h)
    assert float(slope(jnp.asarray(x))) == pytest.approx(float(difference), rel=1e-6)
    second = (slope(jnp.asarray(x + h)) - slope(jnp.asarray(x - h))) / (2 * h)
    assert float(jax.grad(slope)(jnp.asarray(x))) == pytest.approx(float(second), rel=1e-6)
    forward = jax.jvp(of_strength, (jnp.asarray(x),), (jnp.asarray(1.0),))[1]
    assert float(forward) == pytest.approx(float(slope(jnp.asarray(x))), rel=1e-12)


def test_against_a_general_minimiser() -> None:
    counts, expected = np.array([3.0, 0.0, 12.0]), np.array([4.0, 2.5, 7.0])
    covariance = np.array([[2.0, 0.5, 0.3], [0.5, 1.0, -0.2], [0.3, -0.2, 3.0]])
    inverse = np.linalg.inv(covariance)

    def objective(theta: np.ndarray) -> float:
        nu = np.maximum(expected + theta, 1e-300)
        return float(2 * (nu - counts - stats.poisson.logpmf(counts, nu) - nu).sum() + theta @ inverse @ theta)

    saturated = 2 * (-counts - stats.poisson.logpmf(counts, np.maximum(counts, 1e-300))).sum()
    bounds = [(-e + 1e-12, None) for e in expected]
    best = minimize(objective, np.zeros(3), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10})
    found = float(profiled(*(jnp.asarray(x) for x in (counts, expected, covariance))))
    assert found == pytest.approx(best.fun - saturated, abs=1e-7)  # of the minimiser


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.floats(-1.0, 5.0), st.floats(-2.0, 1.0))
def test_conditions_of_the_minimum(seed: int, size: float, width: float) -> None:
    """Convex problem: whoever fulfils these (Karush, Kuhn, Tucker) is the minimum. Bins without counts included."""
    rng, n = np.random.default_rng(seed), 4
    expected = rng.uniform(0.01, 1.0, n) * 10**size
    counts = rng.poisson(expected * rng.uniform(0, 2)).astype(float)
    counts[0] = 0.0
    root = rng.normal(size=(n, n)) * math.sqrt(10**size) * 10**width
    covariance = root @ root.T
    theta = np.asarray(best_background_error(*(jnp.asarray(x) for x in (counts, expected, covariance))))
    nu = expected + theta
    slope = 1 - np.where(counts > 0, counts / np.where(nu > 0, nu, 1), 0) + np.linalg.solve(covariance, theta)
    assert (nu >= -1e-9 * 10**size).all()
    assert (slope >= -1e-6).all()  # conditioning of the random covariance
    assert (np.abs(slope * nu) <= 1e-7 * max(1, 10**size)).all()


def test_without_errors_and_without_hope() -> None:
    nothing = jnp.zeros((2, 2))
    found = profiled(jnp.asarray([0.0, 3.0]), jnp.asarray([1.0, 2.0]), nothing)
    assert float(found) == pytest.approx(2 * (1 + 2 - 3 + 3 * math.log(1.5)), rel=1e-12)
    slope = jax.grad(lambda m: profiled(jnp.asarray([0.0, 3.0]), m, nothing))(jnp.asarray([1.0, 2.0]))
    np.testing.assert_allclose(slope, [2.0, -1.0], rtol=1e-12)
    assert float(profiled(jnp.asarray([3.0]), jnp.asarray([0.0]), jnp.zeros((1, 1)))) == math.inf


def test_a_fully_correlated_error_needs_no_inverse() -> None:
    counts, expected, sigma = jnp.asarray([30.0, 12.0]), jnp.asarray([25.0, 10.0]), np.array([5.0, 2.0])
    found = float(profiled(counts, expected, jnp.asarray(np.outer(sigma, sigma))))

    def at(t: float) -> float:
        nu = np.asarray(expected) + t * sigma
        return float(2 * (nu - counts + counts * np.log(counts / nu)).sum() + t**2)

    assert found == pytest.approx(min(at(t) for t in np.linspace(0, 2, 20001)), abs=1e-7)  # step of the scan


# --- as a result ------------------------------------------------------------------------------------------------------


def test_likelihood_of_a_result(folded: FoldedLikelihood, standard_model: ModeSpectrum) -> None:
    value = jax.jit(lambda rate: folded.minus_two_log_likelihood(prediction(spectrum(line_rate=rate))))
    rates = [1e-6, 5e-6, 2e-5]
    assert np.isfinite([float(value(r)) for r in rates]).all()
    for rate in rates:
        difference = (value(rate + 1e-10) - value(rate - 1e-10)) / 2e-10
        assert float(jax.grad(value)(rate)) == pytest.approx(float(difference), rel=1e-5)
    assert float(value(float("nan"))) == math.inf
    together = jax.vmap(value)(jnp.asarray(rates))
    np.testing.assert_allclose(together, [float(value(r)) for r in rates], rtol=1e-12)
    fitted = folded.fitted_background(prediction(standard_model))
    np.testing.assert_allclose(fitted, folded.background, atol=4 * np.sqrt(np.diag(folded.covariance)).max())


def test_asimov_data_and_more_luminosity(folded: FoldedLikelihood, standard_model: ModeSpectrum) -> None:
    null, signal = prediction(standard_model), prediction(with_line(standard_model, 9.2e-6))
    asimov = folded.asimov(signal)
    assert asimov.about.projection
    assert float(asimov.minus_two_log_likelihood(signal)) == pytest.approx(0.0, abs=1e-9)
    found = float(expected_significance(folded, signal, null))
    # Gaussian limit: s^T (Sigma + diag(b))^-1 s; the counts are of order 100, the skewness is 1 / sqrt(100)
    s = np.asarray(folded.signal(signal) - folded.signal(null))
    middle = np.asarray(folded.expected(null)) + s / 2
    expected = math.sqrt(s @ np.linalg.solve(np.asarray(folded.covariance) + np.diag(middle), s))
    assert found == pytest.approx(expected, rel=0.05)
    more = folded.with_luminosity(10.0)
    np.testing.assert_allclose(more.signal(signal), 10 * folded.signal(signal), rtol=1e-12)
    statistics_only = dataclasses.replace(folded, covariance=jnp.zeros((3, 3)))
    ratio = expected_significance(statistics_only.with_luminosity(10.0), signal, null)
    ratio /= expected_significance(statistics_only, signal, null)
    assert float(ratio) == pytest.approx(math.sqrt(10), rel=1e-9)
    # errors that do not shrink: more data help less
    assert found < float(expected_significance(more, signal, null)) < math.sqrt(10) * found


def with_line(found: ModeSpectrum, rate: float) -> ModeSpectrum:
    line = jnp.asarray([rate])
    return ModeSpectrum(found.edges, found.rate, found.longitudinal, jnp.asarray([2.1**2]), jnp.zeros(1), line, line)
