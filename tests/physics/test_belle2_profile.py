"""The fast profile of Belle II's likelihood (arXiv:2507.12393): values, derivatives, free strength, pseudo-data.

Fits with a light particle X on top of the Standard Model are compared with an independent implementation and with
arXiv:2602.09666 (best mass 2.1 GeV, 9.2e-6, Delta(-2 ln L) of 3.0 sigma with two degrees of freedom).
"""

from __future__ import annotations

import csv
import dataclasses
import logging
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2, norm

from darkpenguin._jax import jax, jnp
from darkpenguin.errors import OutOfDomain
from darkpenguin.experiments.histfactory import Data, HistFactory
from darkpenguin.experiments.reweight import JointDensity
from darkpenguin.inference.profile import CONVERGED, INVALID_INPUT, Profiler

NAME = "belle2-2023-bknunu"
SHAPES = Path(__file__).parents[1] / "data" / "belle2_profile_shapes.csv"


@pytest.fixture(scope="module")
def profiler() -> Profiler:
    return Profiler(HistFactory.load(NAME))


@pytest.fixture(scope="module")
def density() -> JointDensity:
    return JointDensity.load(NAME)


@pytest.fixture(scope="module")
def shapes() -> tuple[np.ndarray, np.ndarray]:
    """(f [100, 18], profiled -2 ln L [100]) of the table; its header tells where they come from."""
    lines = [line for line in SHAPES.read_text().splitlines() if not line.startswith("#")]
    body = np.array([[float(x) for x in fields[1:]] for fields in list(csv.reader(lines))[1:]])
    return body[:, :18], body[:, 18]


def line(density: JointDensity, mass: float, width: float = 0.1) -> jax.Array:
    """Change of f per unit of BR(B+ -> K+ X), X a Breit-Wigner line."""
    return density.response @ density.line_shape(mass, width)


# --- values -----------------------------------------------------------------------------------------------------------


def test_hundred_shapes(profiler: Profiler, shapes: tuple[np.ndarray, np.ndarray]) -> None:
    """Eight classes of shapes, from near zero to ten times the Standard Model. The table has 9 decimals."""
    f, expected = shapes
    found = profiler.batch(f)
    assert (found.status == CONVERGED).all()
    assert np.abs(np.asarray(found.minus_two_log_likelihood) - expected).max() < 1e-8
    assert np.asarray(found.smallest_gamma).min() > 0


def test_one_is_many(profiler: Profiler, shapes: tuple[np.ndarray, np.ndarray]) -> None:
    """Single call, vmap and jit go through code compiled apart; the minima agree to the square of the tolerance."""
    f, expected = shapes[0][[5, 40, 77]], shapes[1][[5, 40, 77]]
    singles = np.array([profiler(one).minus_two_log_likelihood for one in f])
    mapped = jax.vmap(lambda one: profiler.minus_two_log_likelihood(one))(f)
    inside = jax.jit(lambda many: profiler.batch(many).minus_two_log_likelihood)(f)
    for found in (singles, mapped, inside):
        assert np.abs(np.asarray(found) - expected).max() < 1e-8


def test_profile_is_a_point_of_the_full_likelihood(profiler: Profiler, shapes: tuple[np.ndarray, np.ndarray]) -> None:
    """The density at the reported (alpha, gamma, f) is the reported value: closed form against explicit gamma."""
    model = profiler.histfactory
    for f in shapes[0][[10, 60, 95]]:
        p = profiler(f)
        full = -2 * model.log_density(p.alpha, p.gamma, p.f) - model.gaussian_constant()
        assert float(p.minus_two_log_likelihood) == pytest.approx(float(full), abs=1e-8)
        assert np.allclose(p.rates, model.rates(p.alpha, p.gamma, p.f), rtol=1e-12, atol=0)


def test_wide_set_needs_the_second_pass(profiler: Profiler) -> None:
    """500 signal events in one bin (60 for the hadronic tag), far outside the data: all converge."""
    model = profiler.histfactory
    signal = np.asarray(model.nominal)[np.asarray(model.signal_row)]
    f = np.eye(18) * np.where(np.arange(18) < 12, 500.0, 60.0) / signal
    found = profiler.batch(f)
    assert (found.status == CONVERGED).all()
    full = jax.vmap(lambda a, g, x: -2 * model.log_density(a, g, x))(found.alpha, found.gamma, found.f)
    expected = np.asarray(full - model.gaussian_constant())
    assert np.allclose(found.minus_two_log_likelihood, expected, rtol=1e-10, atol=0)


# --- derivatives ------------------------------------------------------------------------------------------------------


def test_gradient_against_differences(profiler: Profiler, shapes: tuple[np.ndarray, np.ndarray]) -> None:
    """Envelope theorem against differences of refitted values, one f with a vanishing entry (one-sided there).

    Fourth-order differences with steps of 1e-3 and fits good to 1e-9 leave 1e-6.
    """
    f = np.array(shapes[0][30])
    for i in range(0, 18, 3):
        steps = np.array([-2, -1, 1, 2])[:, None] * 1e-3 * np.eye(18)[i]
        at = np.asarray(profiler.batch(f + steps).minus_two_log_likelihood)
        slope = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / 12e-3
        assert float(profiler(f).gradient[i]) == pytest.approx(slope, abs=2e-6)
    f[4] = 0.0
    at = np.asarray(profiler.batch(f + np.arange(5)[:, None] * 1e-3 * np.eye(18)[4]).minus_two_log_likelihood)
    slope = at @ np.array([-25, 48, -36, 16, -3]) / 12e-3
    assert float(profiler(f).gradient[4]) == pytest.approx(slope, abs=2e-6)


def test_derivatives_inside_other_code(profiler: Profiler, density: JointDensity) -> None:
    """grad and hessian through a chain (mass, rate) -> f -> -2 ln L, under jit, against differences of the chain.

    Fourth-order differences with steps of 1e-3 and fits good to 1e-9 leave about 1e-6.
    """

    def chain(theta: jax.Array) -> jax.Array:
        return profiler.minus_two_log_likelihood(1 + theta[1] * 1e-5 * line(density, theta[0]))

    theta = jnp.array([2.2, 0.6])
    value, slope = jax.jit(jax.value_and_grad(chain))(theta)
    expected = profiler(1 + 6e-6 * line(density, 2.2)).minus_two_log_likelihood
    assert float(value) == pytest.approx(float(expected), abs=1e-9)
    points = theta[None] + 1e-3 * jnp.concatenate([k * jnp.eye(2) for k in (-2, -1, 1, 2)])
    values, slopes = jax.jit(jax.vmap(jax.value_and_grad(chain)))(points)
    weights = np.array([1, -8, 8, -1]) / 12e-3
    assert np.asarray(slope) == pytest.approx(weights @ np.asarray(values).reshape(4, 2), abs=1e-5)
    second = jax.jit(jax.hessian(chain))(theta)
    assert np.asarray(second) == pytest.approx(np.einsum("k,kij->ij", weights, np.reshape(slopes, (4, 2, 2))), abs=1e-3)


def test_profiled_hessian(profiler: Profiler, shapes: tuple[np.ndarray, np.ndarray]) -> None:
    """18 x 18 Hessian against differences of envelope gradients over steps of 1e-3 (curvature of third order: 1e-5)."""
    p = profiler(shapes[0][30])
    steps = 1e-3 * np.eye(18)
    f = np.asarray(p.f)
    slopes = profiler.batch(np.concatenate([f + steps, f - steps])).gradient
    expected = (slopes[:18] - slopes[18:]) / 2e-3
    assert np.abs(np.asarray(profiler.hessian(p)) - expected).max() < 1e-5 * np.abs(expected).max()


# --- a free strength --------------------------------------------------------------------------------------------------

# m_X [GeV]: best BR(B+ -> K+ X) [1e-5] and Delta(-2 ln L) to the Standard Model, by an independent implementation.
SCAN = {1.0: (0.104, 0.66), 2.1: (0.907, 13.14), 2.5: (0.778, 10.61), 3.0: (-0.566, 0.70)}


def test_x_on_top_of_the_standard_model(profiler: Profiler, density: JointDensity) -> None:
    """Gamma_X = 0.1 GeV, the Standard Model fixed at strength 1. Tolerance: half of the last digit given."""
    ones = jnp.ones(18)
    fx = jnp.stack([line(density, m) for m in SCAN]) * 1e-5
    best = profiler.free_strength(ones, fx)
    assert (best.status == CONVERGED).all()
    gain = float(profiler(ones).minus_two_log_likelihood) - np.asarray(best.minus_two_log_likelihood)
    assert np.asarray(best.strength) == pytest.approx([x for x, _ in SCAN.values()], abs=6e-4)
    assert gain == pytest.approx([d for _, d in SCAN.values()], abs=6e-3)


def test_best_mass(profiler: Profiler, density: JointDensity) -> None:
    """Best mass on a grid of 0.05 GeV: 2.10 GeV, 9.07 +- 2.58 e-6, Delta(-2 ln L) 13.136, 2.99 sigma (2 dof, one side).

    arXiv:2602.09666 prints 2.1 GeV, 9.2e-6 (posterior mode) and 3.0 sigma.
    """
    ones, masses = jnp.ones(18), np.arange(1.9, 2.4, 0.05)
    fx = jax.vmap(lambda m: line(density, m))(jnp.asarray(masses)) * 1e-6
    best = profiler.free_strength(ones, fx)
    values = np.asarray(best.minus_two_log_likelihood)
    i = int(values.argmin())
    gain = float(profiler(ones).minus_two_log_likelihood) - values[i]
    assert masses[i] == pytest.approx(2.10)
    assert float(best.strength[i]) == pytest.approx(9.07, abs=6e-3)
    assert gain == pytest.approx(13.136, abs=6e-4)
    assert norm.isf(chi2.sf(gain, 2)) == pytest.approx(2.99, abs=6e-3)
    spread = profiler.covariance(profiler.free_strength(ones, fx[i]), fx[i])[-1, -1]
    assert float(jnp.sqrt(spread)) == pytest.approx(2.58, abs=6e-3)


def test_bounds(profiler: Profiler, density: JointDensity) -> None:
    """At 3.0 GeV the best rate is negative: with a bound at zero the fit is the Standard Model's."""
    ones, fx = jnp.ones(18), line(density, 3.0) * 1e-5
    held = profiler.free_strength(ones, fx, bounds=(0.0, None))
    assert float(held.strength) == 0.0
    assert held.minus_two_log_likelihood == profiler(ones).minus_two_log_likelihood
    assert int(held.status) == CONVERGED
    upper = profiler.free_strength(ones, line(density, 2.1) * 1e-5, bounds=(0.0, 0.5))
    assert float(upper.strength) == 0.5
    free = profiler.free_strength(ones, line(density, 2.1) * 1e-5, bounds=(0.0, 5.0))
    assert float(free.strength) == pytest.approx(0.907, abs=6e-4)


# (m_X, Gamma_X) [GeV]: 95 % CLs upper limits on BR(B+ -> K+ X) [1e-5], observed and median expected, by an independent
# implementation (asymptotic q-tilde of arXiv:1007.1727, Standard Model underneath).
LIMITS = {
    (0.5, 0.1): (0.357, 0.272),
    (1.0, 0.001): (0.321, 0.247),
    (2.1, 0.1): (1.349, 0.500),
    (3.0, 0.1): (1.078, 1.413),
}


@pytest.mark.parametrize(("mass", "width"), LIMITS)
def test_ingredients_of_cls(mass: float, width: float, profiler: Profiler, density: JointDensity) -> None:
    """Fits to observed and Asimov data give the limits; half of the last digit is allowed."""
    ones, fx = jnp.ones(18), line(density, mass, width) * 1e-5
    asimov = profiler.asimov(profiler(ones))

    def q(x: float, data: Data | None) -> float:
        best = profiler.free_strength(ones, fx, data, bounds=(0.0, x))
        return max(float(profiler(ones + x * fx, data).minus_two_log_likelihood - best.minus_two_log_likelihood), 0.0)

    def cls(x: float) -> float:
        seen, expected = q(x, None), q(x, asimov)
        if seen <= expected:
            top, bottom = norm.sf(np.sqrt(seen)), norm.cdf(np.sqrt(expected) - np.sqrt(seen))
        else:
            width = 2 * np.sqrt(expected)
            top, bottom = norm.sf((seen + expected) / width), norm.cdf((expected - seen) / width)
        return float(np.log(top / bottom / 0.05))

    def median(x: float) -> float:
        return float(np.log(2 * norm.sf(np.sqrt(q(x, asimov))) / 0.05))

    observed, expected = LIMITS[mass, width]
    assert brentq(cls, 0.05, 4, xtol=1e-5) == pytest.approx(observed, abs=6e-4)
    assert brentq(median, 0.05, 4, xtol=1e-5) == pytest.approx(expected, abs=6e-4)


# --- pseudo-data ------------------------------------------------------------------------------------------------------


def test_asimov_data_give_back_what_made_them(profiler: Profiler, density: JointDensity) -> None:
    """The fit to Asimov data returns the strength they were made with, at the saturated value."""
    ones, fx = jnp.ones(18), line(density, 2.1) * 1e-5
    data = profiler.asimov(profiler(ones + 0.7 * fx))
    best = profiler.free_strength(ones, fx, data)
    assert float(best.strength) == pytest.approx(0.7, abs=1e-6)
    assert float(best.minus_two_log_likelihood) == pytest.approx(float(profiler.histfactory.saturated(data)), abs=1e-8)
    assert np.abs(np.asarray(best.alpha - data.alpha)).max() < 1e-7


def test_toys(profiler: Profiler) -> None:
    """512 pseudo-experiments at the Standard Model: moments of the draws; every fit converges, empty bins included."""
    model, sm = profiler.histfactory, profiler(jnp.ones(18))
    toys = profiler.toys(sm, jax.random.key(5), 512)
    assert (np.asarray(toys.counts) == 0).any()
    error = np.sqrt(np.asarray(sm.rates) / 512)
    assert np.abs((np.asarray(toys.counts).mean(axis=0) - sm.rates) / error).max() < 4.5  # 30 numbers: p = 2e-4
    assert np.abs(np.asarray(toys.alpha).mean(axis=0) - sm.alpha).max() < 4.5 / np.sqrt(512)
    pulls = (np.asarray(toys.gamma) - np.asarray(sm.gamma)) / np.asarray(model.sigma)
    assert pulls.std() == pytest.approx(1, abs=0.015)  # 92160 draws: 0.0023 each standard deviation
    held, free = profiler.batch(jnp.ones(18), toys), profiler.free_strength(jnp.zeros(18), jnp.ones(18), toys)
    assert (held.status == CONVERGED).all()
    assert (free.status == CONVERGED).all()
    rise = np.asarray(held.minus_two_log_likelihood - free.minus_two_log_likelihood)
    assert rise.min() > -1e-8
    assert rise.mean() == pytest.approx(1, abs=0.25)  # Wilks: chi2 with one degree of freedom, 1 +- 0.06
    bins = (np.asarray(toys.counts) == 0).any(axis=1).nonzero()[0][:3]
    for i in bins:  # the same through the other compiled path, and its value in the full likelihood
        own = jax.tree.map(lambda x, i=i: x[i], toys)
        p = profiler(jnp.ones(18), own)
        full = -2 * model.log_density(p.alpha, p.gamma, p.f, own) - model.gaussian_constant()
        assert float(full) == pytest.approx(float(held.minus_two_log_likelihood[i]), abs=1e-7)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [-1e-9, np.nan, np.inf])
def test_invalid_factor(bad: float, profiler: Profiler, shapes: tuple[np.ndarray, np.ndarray]) -> None:
    """+infinity and a status, and the neighbours in the chunk are not touched."""
    f = np.array(shapes[0][:9])
    f[3, 7] = bad
    found = profiler.batch(f)
    assert int(found.status[3]) == INVALID_INPUT
    assert float(found.minus_two_log_likelihood[3]) == np.inf
    good = np.arange(9) != 3
    assert np.abs(np.asarray(found.minus_two_log_likelihood)[good] - shapes[1][:9][good]).max() < 1e-8
    assert profiler(f[3]).status_name() == "invalid input"
    assert float(profiler.minus_two_log_likelihood(f[3])) == np.inf


def test_invalid_data_and_direction(profiler: Profiler) -> None:
    ones, data = jnp.ones(18), profiler.observed
    negative = Data(counts=data.counts.at[0].set(-1.0), alpha=data.alpha, gamma=data.gamma)
    assert int(profiler(ones, negative).status) == INVALID_INPUT
    assert int(profiler.free_strength(ones, 0 * ones).status) == INVALID_INPUT
    assert int(profiler.free_strength(ones, np.nan * ones).status) == INVALID_INPUT


def test_wrong_shapes(profiler: Profiler) -> None:
    with pytest.raises(OutOfDomain, match=r"f: expected the shape \[18\], found \[17\]"):
        profiler(np.ones(17))
    with pytest.raises(OutOfDomain, match=r"found \[2, 18\]"):
        profiler(np.ones((2, 18)))
    toys = profiler.toys(profiler(np.ones(18)), jax.random.key(0), 3)
    with pytest.raises(OutOfDomain, match=r"found the lengths \[2, 3\]"):
        profiler.batch(np.ones((2, 18)), toys)


def test_no_compilation_for_a_new_model_or_call(profiler: Profiler) -> None:
    """Another model of the same shapes (here: scaled errors) and any number of hypotheses reuse the compiled code."""
    profiler.batch(np.ones((1, 18)))
    other = Profiler(dataclasses.replace(profiler.histfactory, sigma=0.9 * profiler.histfactory.sigma))
    with jax.log_compiles(), _Compilations() as seen:
        other(1.3 * np.ones(18))
        other.batch(np.full((5, 18), 1.1))
        other.batch(np.full((37, 18), 1.2))
    assert seen.names == []


class _Compilations:
    """Names of the functions that jax compiles inside the block."""

    def __enter__(self) -> _Compilations:
        self.names: list[str] = []
        seen = self.names

        class Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                if "Compiling" in record.getMessage() and "fit" in record.getMessage():
                    seen.append(record.getMessage())

        self.handler, self.logger = Handler(), logging.getLogger("jax")
        self.logger.addHandler(self.handler)
        return self

    def __exit__(self, *_: object) -> None:
        self.logger.removeHandler(self.handler)
