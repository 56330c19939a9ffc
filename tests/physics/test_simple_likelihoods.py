"""Gaussian results and quoted limits against scipy, published numbers and flavio."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from scipy.integrate import simpson

from darkpenguin._jax import jax, jnp
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import Prediction
from darkpenguin.core.types import ModeSpectrum
from darkpenguin.experiments import index
from darkpenguin.experiments.gaussian import GaussianLikelihood
from darkpenguin.experiments.schema_values import (
    CountingLimit,
    ErrorEntry,
    GaussianFile,
    HalfNormalLimit,
    TruncatedGaussianLimit,
    ValueEntry,
)
from darkpenguin.experiments.upper_limit import CountingShape, GaussianShape, UpperLimitLikelihood, shape

SM = 4.97e-6  # B+ -> K+ nu nubar in the Standard Model without the tau part, Belle II arXiv:2311.14647
MODES = ("B+->K+", "B0->K0", "B+->K*+", "B0->K*0")
OBSERVABLES = tuple(f"BR({mode}inv)" for mode in MODES)


def predicted(rate: float, line_rate: float = 0.0, line_q2: float = 4.0) -> Prediction:
    """The same branching fraction in every mode, in one bin, and a line."""
    one = ModeSpectrum(
        edges=jnp.asarray([0.0, 23.0]),
        rate=jnp.asarray([rate]),
        longitudinal=jnp.asarray([0.0]),
        line_q2=jnp.asarray([line_q2]),
        line_width=jnp.zeros(1),
        line_rate=jnp.asarray([line_rate]),
        line_longitudinal=jnp.zeros(1),
    )
    return Prediction(modes=dict.fromkeys(MODES, one))


def gaussian(values: list[float], errors: list[dict[str, Any]]) -> GaussianLikelihood:
    """A likelihood of the first observables, as if read from a file."""
    parts = tuple(str(i) for i in range(len(values)))
    names = OBSERVABLES[: len(values)]
    entries = [{"part": p, "observable": o, "value": v} for p, o, v in zip(parts, names, values, strict=True)]
    # only the keys that the numbers need are checked here; whole files are in tests/unit/test_experiments.py
    file = GaussianFile.model_construct(
        values=[ValueEntry(**entry) for entry in entries], errors=[ErrorEntry(**error) for error in errors]
    )
    about = ResultDescription("x", "x", "x", "gaussian", parts, parts, names, (), (), (), (), "x.toml")
    return GaussianLikelihood.from_file(file, about)


# --- gaussian ---------------------------------------------------------------------------------------------------------


def test_average_against_the_standard_model() -> None:
    # (1.3 +- 0.4)e-5 [Belle II, arXiv:2311.14647]: one division by hand
    likelihood = index.load("average-2023-bknunu")
    found = float(likelihood.minus_two_log_likelihood(predicted(SM)))
    assert found == pytest.approx(((13.0 - 4.97) / 4.0) ** 2, rel=1e-12)
    assert math.sqrt(found) == pytest.approx(2.0, abs=0.01)


def test_belle2_branching_fraction() -> None:
    likelihood = index.load("belle2-2023-bknunu-br")
    # both ends of the total error, 0.5 (+) 0.5 upwards and 0.5 (+) 0.4 downwards, and the centre
    for shift, expected in ((math.hypot(0.5, 0.5), 1.0), (-math.hypot(0.5, 0.4), 1.0), (0.0, 0.0)):
        found = float(likelihood.minus_two_log_likelihood(predicted((2.3 + shift) * 1e-5)))
        assert found == pytest.approx(expected, abs=1e-12)
    # published: 2.7 standard deviations above the Standard Model. Errors printed with one digit leave the total lower
    # error anywhere from 0.45 (+) 0.35 = 0.57 to 0.55 (+) 0.45 = 0.71, which is 3.2 to 2.5 standard deviations.
    pull = math.sqrt(float(likelihood.minus_two_log_likelihood(predicted(SM))))
    assert 2.5 < pull < 3.2


def test_vector_against_scipy() -> None:
    values = [1.0, 2.0, 4.0]
    rho = [[1.0, 0.3, -0.2], [0.3, 1.0, 0.1], [-0.2, 0.1, 1.0]]
    covariance = [[0.04, 0.01, 0.0], [0.01, 0.09, 0.0], [0.0, 0.0, 0.01]]
    likelihood = gaussian(
        values,
        [
            {"source": "stat", "error": [0.1, 0.2, 0.3]},
            {"source": "efficiency", "error": [0.2, 0.1, 0.5], "correlation": "full"},
            {"source": "model", "error": [0.3, 0.3, 0.1], "correlation": rho},
            {"source": "other", "covariance": covariance},
        ],
    )
    eff, model = np.array([0.2, 0.1, 0.5]), np.array([0.3, 0.3, 0.1])
    total = np.diag([0.01, 0.04, 0.09]) + np.outer(eff, eff) + np.outer(model, model) * rho + np.array(covariance)
    judge = stats.multivariate_normal(values, total)
    for point in ([1.1, 1.7, 4.4], [0.0, 0.0, 0.0], [2.0, 3.0, 1.0]):
        expected = -2 * (judge.logpdf(point) - judge.logpdf(values))
        assert float(likelihood.of_values(jnp.asarray(point))) == pytest.approx(expected, rel=1e-12)


def test_relative_error_against_scipy() -> None:
    likelihood = gaussian(
        [1.0, 2.0],
        [
            {"source": "stat", "error": [0.1, 0.3]},
            {"source": "scale", "error": [0.2, 0.1], "kind": "relative", "correlation": "full"},
        ],
    )

    def log_density(mu: np.ndarray) -> float:
        scale = np.array([0.2, 0.1]) * mu
        return float(stats.multivariate_normal(mu, np.diag([0.01, 0.09]) + np.outer(scale, scale)).logpdf([1.0, 2.0]))

    for point in ([1.3, 1.5], [0.2, 3.0]):
        expected = -2 * (log_density(np.array(point)) - log_density(np.array([1.0, 2.0])))
        assert float(likelihood.of_values(jnp.asarray(point))) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 2.0), st.floats(0.05, 2.0), st.floats(-1.0, 1.0))
def test_one_asymmetric_error_is_barlows_variable_gaussian(plus: float, minus: float, t: float) -> None:
    likelihood = gaussian([3.0], [{"source": "stat", "plus": [plus], "minus": [minus]}])
    shift = t * (plus if t > 0 else minus)
    sigma = 2 * plus * minus / (plus + minus) + (plus - minus) / (plus + minus) * shift
    assert float(likelihood.of_values(jnp.asarray([3.0 + shift]))) == pytest.approx((shift / sigma) ** 2, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.05, 2.0), min_size=4, max_size=4))
def test_asymmetric_sources_reproduce_the_quadratic_sum(sizes: list[float]) -> None:
    a, b, c, d = sizes
    errors = [{"source": "stat", "plus": [a], "minus": [b]}, {"source": "syst", "plus": [c], "minus": [d]}]
    likelihood = gaussian([1.0], errors)
    for shift in (math.hypot(a, c), -math.hypot(b, d)):
        assert float(likelihood.of_values(jnp.asarray([1.0 + shift]))) == pytest.approx(1.0, rel=1e-9)


def test_far_out_everything_is_finite() -> None:
    likelihood = gaussian([1.0], [{"source": "stat", "plus": [1.0], "minus": [0.01]}])
    x = jnp.asarray([[-100.0], [0.0], [0.98], [1.0], [50.0]])
    assert np.isfinite(jax.vmap(likelihood.of_values)(x)).all()
    assert np.isfinite(jax.vmap(jax.grad(likelihood.of_values))(x)).all()
    assert np.all(np.diff(jax.vmap(likelihood.of_values)(x)[:4]) < 0)


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("confidence_level", [0.9, 0.95])
def test_half_normal_against_scipy(confidence_level: float) -> None:
    entry = HalfNormalLimit(part="K+", observable="BR(B+->K+inv)", limit=3.7e-5)
    found = shape(entry, confidence_level)
    assert isinstance(found, GaussianShape)
    assert stats.halfnorm.ppf(confidence_level, scale=float(found.width)) == pytest.approx(3.7e-5, rel=1e-12)
    # the likelihood is the log density of that distribution
    expected = -2 * (
        stats.halfnorm.logpdf(2e-5, scale=float(found.width)) - stats.halfnorm.logpdf(0, scale=float(found.width))
    )
    assert float(found.of_value(jnp.asarray(2e-5))) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("central", "errors"), [(17.7, [9.1, 3.4]), (-2.0, [3.6, 1.8]), (-30.0, [3.0]), (0.0, [1.0])])
def test_truncated_gaussian_against_scipy(central: float, errors: list[float]) -> None:
    entry = TruncatedGaussianLimit(
        part="K+",
        observable="BR(B+->K+inv)",
        limit=1.9e-5,
        form="truncated_gaussian",
        central=central,
        errors=errors,
        unit="events",
    )
    found = shape(entry, 0.9)
    assert isinstance(found, GaussianShape)
    mean, width = float(found.center), float(found.width)
    assert mean / width == pytest.approx(central / math.hypot(*errors), rel=1e-12)
    assert stats.truncnorm.ppf(0.9, -mean / width, np.inf, loc=mean, scale=width) == pytest.approx(1.9e-5, rel=1e-9)


def test_truncated_gaussian_in_the_unit_of_the_observable_is_taken_as_published() -> None:
    entry = TruncatedGaussianLimit(
        part="K+",
        observable="BR(B+->K+inv)",
        limit=3.7e-5,
        form="truncated_gaussian",
        central=1.5e-5,
        errors=[1.2e-5, 0.5e-5],
        unit="observable",
    )
    found = shape(entry, 0.9)
    assert isinstance(found, GaussianShape)
    assert (float(found.center), float(found.width)) == (1.5e-5, pytest.approx(1.3e-5, rel=1e-12))


@pytest.mark.parametrize(("observed", "background"), [(6, 2.9), (0, 1.5), (3, 1.2), (21, 22.7)])
def test_counting_against_the_gamma_function(observed: int, background: float) -> None:
    # background known exactly, flat in the signal: the posterior is a Gamma distribution cut at the background
    entry = CountingLimit(
        part="K+",
        observable="BR(B+->K+inv)",
        limit=1e-5,
        form="counting",
        observed=observed,
        background=background,
        background_error=0.0,
    )
    found = shape(entry, 0.9)
    assert isinstance(found, CountingShape)
    signal = float(found.per_unit) * 1e-5
    above = special.gammaincc(observed + 1, background + signal) / special.gammaincc(observed + 1, background)
    assert 1 - above == pytest.approx(0.9, abs=1e-7)  # tabulated integral


def test_counting_reproduces_a_bayesian_limit() -> None:
    # reference row S002-O30: n = 3, b = 1.2 +- 0.4, flat prior, 90 %: 5.5947906 events. There the background is
    # integrated over and cut at zero, here it is profiled: a difference of order error^2 / n^2 = 0.02
    entry = CountingLimit(
        part="K+",
        observable="BR(B+->K+inv)",
        limit=1.0,
        form="counting",
        observed=3,
        background=1.2,
        background_error=0.4,
    )
    found = shape(entry, 0.9)
    assert isinstance(found, CountingShape)
    assert float(found.per_unit) == pytest.approx(5.5947906, rel=0.02)


def test_counting_profiles_the_background() -> None:
    found = CountingShape(jnp.asarray(4.0), jnp.asarray(2.2), jnp.asarray(1.0), jnp.asarray(1.0))
    background = np.linspace(1e-6, 12, 400001)
    for x in (0.0, 1.0, 5.0, 20.0):
        nu = x + background
        scan = 2 * (nu - 4 + 4 * np.log(4 / nu)) + (background - 2.2) ** 2
        assert float(found.of_value(jnp.asarray(x))) == pytest.approx(scan.min(), abs=1e-8)  # step of the scan


@pytest.mark.parametrize("name", ["babar-2010-bknunu", "babar-2013-bknunu", "belle-2013-bknunu", "belle-2017-bknunu"])
def test_every_limit_is_reproduced(name: str) -> None:
    for part in index.describe(name).parts:
        likelihood = index.load(f"{name}:{part}")
        assert isinstance(likelihood, UpperLimitLikelihood)
        u = np.linspace(0, 8, 8001)  # in limits; nothing is left beyond 8
        values = np.asarray(jax.vmap(likelihood.of_values)(jnp.asarray(u[:, None]) * likelihood.limit))
        density = np.exp(-(values - values.min()) / 2)
        below, above = simpson(density[:1001], x=u[:1001]), simpson(density[1000:], x=u[1000:])
        assert below / (below + above) == pytest.approx(likelihood.confidence_level, abs=1e-6)


# -2 ln L at 1, 2 and 4 e-5, minus that at 0.5e-5: flavio 2.7.1, `GeneralGammaUpperLimit` with the entries of its file
# measurements.yml for BaBar arXiv:1303.7465 and Belle arXiv:1303.3719; computed once with that package
FLAVIO = {
    "babar-2013-bknunu:K+": (-0.7308125630, -0.7610816614, 1.9955967279),
    "babar-2013-bknunu:K0": (0.0482227354, 0.2531238744, 0.9789858893),
    "babar-2013-bknunu:K*+": (-0.1526571721, -0.3414768243, -0.3524992421),
    "babar-2013-bknunu:K*0": (-0.0685016083, -0.0984633231, 0.1971780213),
    "belle-2013-bknunu:K+": (-1.1099177374, -2.5390129798, -2.7872435074),
    "belle-2013-bknunu:K0": (-0.1574997249, -0.4186893999, -0.7487286964),
    "belle-2013-bknunu:K*+": (0.2546039617, 0.9746752176, 3.1321054880),
    "belle-2013-bknunu:K*0": (0.2311649658, 0.7830845922, 2.1923832433),
}


def integrated_background(counts: CountingShape, limit: float, x: np.ndarray) -> np.ndarray:
    """-2 ln L with the background integrated over instead of profiled, scaled to the same limit (numpy only)."""
    n, b0, error = (float(v) for v in (counts.observed, counts.background, counts.error))
    background = b0 + error * np.linspace(-7, 7, 1001)
    signal = np.linspace(0, 120, 6001)
    nu = np.maximum(signal[:, None] + background, 1e-300)
    density = (np.exp(n * np.log(nu) - nu) * stats.norm.pdf(background, b0, error)).sum(axis=1)
    area = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    scale = limit / np.interp(0.9 * area[-1], area, signal)
    return -2 * np.log(np.interp(x / scale, signal, density))


@pytest.mark.parametrize(("name", "expected"), FLAVIO.items())
def test_counting_against_flavio(name: str, expected: tuple[float, ...]) -> None:
    likelihood = index.load(name)
    assert isinstance(likelihood, UpperLimitLikelihood)
    (counts,) = likelihood.shapes
    assert isinstance(counts, CountingShape)
    x = np.array([0.5e-5, 1e-5, 2e-5, 4e-5])
    # flavio integrates over the background: the same numbers treated in the same way give the same curve (grids: 0.01)
    integrated = integrated_background(counts, float(likelihood.limit[0]), x)
    np.testing.assert_allclose(integrated[1:] - integrated[0], expected, atol=0.01)
    # here the background is profiled; the two agree where its error is small against the Poisson error
    profiled = np.array([float(counts.of_value(jnp.asarray(u))) for u in x])
    small = float(counts.error**2 / counts.observed) < 0.05
    np.testing.assert_allclose(profiled[1:] - profiled[0], expected, atol=0.02 if small else 0.2)


def test_belle_2017_against_flavio() -> None:
    # flavio, as above, takes a Poisson shape of 83 events, here it is a Gaussian: they differ by the skewness,
    # 1 / sqrt(83) = 0.11 in -2 ln L per standard deviation cubed; the points are within 1.5 of them
    likelihood = index.load("belle-2017-bknunu:K+")
    assert isinstance(likelihood, UpperLimitLikelihood)
    found = [float(likelihood.of_values(jnp.asarray([x]))) for x in (0.5e-5, 1e-5, 2e-5)]
    np.testing.assert_allclose([found[1] - found[0], found[2] - found[0]], [-1.006, 1.263], atol=0.15)


# --- as parts of the chain --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["average-2023-bknunu", "babar-2013-bknunu", "belle-2017-bknunu"])
def test_gradient_batch_and_compilation(name: str) -> None:
    likelihood = index.load(name)

    def value(rate: Any) -> Any:
        return likelihood.minus_two_log_likelihood(predicted(rate))

    rates = jnp.asarray([1e-6, 5e-6, 2e-5])
    together = jax.jit(jax.vmap(value))(rates)
    np.testing.assert_allclose(together, [float(value(r)) for r in rates], rtol=1e-13)
    step = 1e-9
    for rate in rates:
        difference = (value(rate + step) - value(rate - step)) / (2 * step)
        # second differences of smooth functions of x / 1e-5 at a step of 1e-4 of that
        np.testing.assert_allclose(jax.grad(value)(rate), difference, rtol=1e-5, atol=1.0)


@pytest.mark.parametrize("name", ["average-2023-bknunu", "babar-2013-bknunu"])
def test_a_prediction_that_is_no_number_is_infinitely_unlikely(name: str) -> None:
    likelihood = index.load(name)
    assert float(likelihood.minus_two_log_likelihood(predicted(float("nan")))) == math.inf
    assert not bool(likelihood.in_domain(predicted(float("nan"))))


def test_domain_of_a_line() -> None:
    # BaBar counted at q2 < 0.3 m_B^2 = 8.36 GeV^2
    likelihood = index.load("babar-2013-bknunu:K+")
    assert bool(likelihood.in_domain(predicted(SM, 1e-5, 4.41)))
    assert not bool(likelihood.in_domain(predicted(SM, 1e-5, 9.0)))
    assert bool(likelihood.in_domain(predicted(SM, 0.0, 9.0)))
    assert bool(index.load("average-2023-bknunu").in_domain(predicted(SM, 1e-5, 9.0)))


def test_parts_of_a_vector_give_the_marginal() -> None:
    whole = gaussian([1.0, 2.0], [{"source": "a", "covariance": [[0.04, 0.03], [0.03, 0.09]]}])
    judge = stats.multivariate_normal([1.0, 2.0], [[0.04, 0.03], [0.03, 0.09]])
    assert float(whole.of_values(jnp.asarray([1.1, 2.2]))) == pytest.approx(
        -2 * (judge.logpdf([1.1, 2.2]) - judge.logpdf([1.0, 2.0])), rel=1e-12
    )
