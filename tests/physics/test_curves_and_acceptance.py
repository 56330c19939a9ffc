"""Limits and bands against the mass of a boson, and efficiencies that change with q2."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from darkpenguin._jax import jax, jnp
from darkpenguin.core.likelihood import Prediction
from darkpenguin.core.types import ModeSpectrum
from darkpenguin.experiments import index
from darkpenguin.experiments.curve import CurveLikelihood
from darkpenguin.experiments.gaussian import GaussianLikelihood
from darkpenguin.experiments.reweight import JointDensity
from darkpenguin.experiments.upper_limit import UpperLimitLikelihood

EDGES = jnp.linspace(0.0, 22.885, 101)


def predicted(mode: str, rate: Any = None, lines: tuple[tuple[Any, Any], ...] = ()) -> Prediction:
    """Branching fractions in 100 bins of q2, and (mass, branching fraction) of lines."""
    per_bin = jnp.zeros(100) if rate is None else rate
    mass = jnp.stack([jnp.asarray(m, float) for m, _ in lines]) if lines else jnp.zeros(0)
    line_rate = jnp.stack([jnp.asarray(r, float) for _, r in lines]) if lines else jnp.zeros(0)
    width = jnp.zeros_like(mass)
    return Prediction(modes={mode: ModeSpectrum(EDGES, per_bin, per_bin, mass**2, width, line_rate, line_rate)})


def curve(name: str) -> CurveLikelihood:
    likelihood = index.load(name)
    assert isinstance(likelihood, CurveLikelihood)
    return likelihood


# --- curves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mode", "mass", "limit", "accuracy"),
    [
        # abstract of arXiv:1810.09655: 2.4e-9 at 135 MeV, two digits
        ("koto-2018-klpi0x", "KL->pi0", 0.135, 2.4e-9, 0.02),
        # first points of the digitised tables, printed there as logarithms
        ("e949-2009-kpix", "K+->pi+", 0.0, 10**-9.8377, 1e-4),
        ("na62-2025-kpix", "K+->pi+", 0.0, 10**-10.536, 1e-4),
        # arXiv:2010.07644: 4.4e-9 on pi0 -> invisible, i.e. times BR(K+ -> pi+ pi0) = 0.2067 on K+ -> pi+ X at the pi0
        ("na62-2021-kpix-pi0", "K+->pi+", 0.135, 4.4e-9 * 0.2067, 0.03),
    ],
)
def test_limit_is_the_quantile(name: str, mode: str, mass: float, limit: float, accuracy: float) -> None:
    likelihood = curve(name)
    at_limit = float(likelihood.minus_two_log_likelihood(predicted(mode, lines=((mass, limit),))))
    # half-normal with its 90 % quantile at the limit
    assert at_limit == pytest.approx(stats.halfnorm.ppf(0.9) ** 2, rel=2 * accuracy)


@pytest.mark.parametrize(
    ("part", "mass", "interval"), [("belle2", 2.0, (8.8, 6.3, 11.3)), ("combined", 2.0, (5.0, 2.9, 7.1))]
)
def test_bands_against_the_text(part: str, mass: float, interval: tuple[float, float, float]) -> None:
    # arXiv:2311.14629 prints these in 1e-6 with two digits for a boson of 2 GeV; the table is digitised from a figure
    (one,) = curve(f"altmannshofer-2023-bkx:{part}").curves
    assert one.value is not None
    value = float(jnp.interp(mass, one.mass, one.value))
    found = [
        value,
        value - float(jnp.interp(mass, one.mass, one.down)),
        value + float(jnp.interp(mass, one.mass, one.up)),
    ]
    np.testing.assert_allclose(np.array(found) * 1e6, interval, atol=0.35)


def test_band_is_one_at_its_ends() -> None:
    likelihood = curve("altmannshofer-2023-bkx:belle2")
    (one,) = likelihood.curves
    i = 40
    mass, deviations = float(one.mass[i]), stats.norm.ppf((1 + 0.6827) / 2)
    for rate, expected in (
        (one.value[i] + deviations * one.up[i], deviations**2),
        (one.value[i] - deviations * one.down[i], deviations**2),
        (one.value[i], 0.0),
    ):
        found = likelihood.minus_two_log_likelihood(predicted("B+->K+", lines=((mass, rate),)))
        assert float(found) == pytest.approx(expected, abs=1e-9)


def test_between_the_masses_the_logarithm_is_straight() -> None:
    likelihood = curve("koto-2018-klpi0x")
    middle = math.sqrt(4.102e-9 * 4.962e-9)  # between 0.24 and 0.2502 GeV
    found = likelihood.minus_two_log_likelihood(predicted("KL->pi0", lines=((0.2451, middle),)))
    assert float(found) == pytest.approx(stats.halfnorm.ppf(0.9) ** 2, rel=1e-9)


def test_a_curve_says_nothing_outside_its_masses_and_in_its_gaps() -> None:
    likelihood = curve("na62-2025-kpix")
    for mass, silent in ((0.05, False), (0.13, True), (0.2, False), (0.3, True), (2.0, True)):
        point = predicted("K+->pi+", lines=((mass, 1e-9),))
        assert bool(likelihood.silent(point)) == silent
        assert (float(likelihood.minus_two_log_likelihood(point)) == 0.0) == silent
        assert bool(likelihood.in_domain(point))  # no veto: other results may know about this mass
        assert not bool(likelihood.silent(predicted("K+->pi+", lines=((mass, 0.0),))))
    # continua and models without a boson are not compared
    assert float(likelihood.minus_two_log_likelihood(predicted("K+->pi+", jnp.full(100, 1e-3)))) == 0.0


def test_lines_add_up_and_gradients_are_finite() -> None:
    likelihood = curve("na62-2025-kpix")

    def value(mass: Any, rate: Any) -> Any:
        return likelihood.minus_two_log_likelihood(predicted("K+->pi+", lines=((mass, rate),)))

    both = likelihood.minus_two_log_likelihood(predicted("K+->pi+", lines=((0.05, 1e-11), (0.2, 1e-11))))
    assert float(both) == pytest.approx(float(value(0.05, 1e-11) + value(0.2, 1e-11)), rel=1e-12)
    for mass in (0.0, 0.05, 0.10974, 0.13, 0.26, 3.0):
        assert np.isfinite(jax.grad(value, argnums=(0, 1))(mass, 1e-11)).all()
    step = 1e-15
    difference = (value(0.2, 1e-11 + step) - value(0.2, 1e-11 - step)) / (2 * step)
    assert float(jax.grad(value, argnums=1)(0.2, 1e-11)) == pytest.approx(float(difference), rel=1e-6)
    assert float(value(0.2, math.nan)) == math.inf


# --- acceptance -------------------------------------------------------------------------------------------------------


def test_a_step_counts_what_is_below_it() -> None:
    # BaBar counted at q2 < 8.36 GeV^2 and quotes limits on the whole rate: with 0.492 of the Standard Model's below
    as_published, counted = (index.load("babar-2013-bknunu:K+", acceptance=rule) for rule in ("sm", "shape"))
    assert isinstance(as_published, UpperLimitLikelihood)
    assert isinstance(counted, UpperLimitLikelihood)
    assert (as_published.about.acceptance, counted.about.acceptance) == ("sm", "shape")
    rate = jnp.linspace(1.0, 2.0, 100) * 1e-7
    below = float(rate[:36].sum() + rate[36] * (8.36 / 0.22885 - 36))  # the cut bin by length
    assert float(counted.tested(predicted("B+->K+", rate))[0]) == pytest.approx(below / 0.492, rel=1e-9)
    assert float(as_published.tested(predicted("B+->K+", rate))[0]) == pytest.approx(float(rate.sum()), rel=1e-12)
    for mass, factor in ((2.0, 1 / 0.492), (2.8, 1 / 0.492), (3.0, 0.0), (4.0, 0.0)):
        found = counted.tested(predicted("B+->K+", lines=((mass, 1e-6),)))
        assert float(found[0]) == pytest.approx(factor * 1e-6, rel=1e-9)
        # with a known efficiency a boson above the cut is a prediction of no events, not a question out of range
        assert bool(counted.in_domain(predicted("B+->K+", lines=((mass, 1e-6),))))
    assert not bool(as_published.in_domain(predicted("B+->K+", lines=((3.0, 1e-6),))))


def test_the_standard_model_is_what_was_measured() -> None:
    """A spectrum with the Standard Model's shares tests as its own branching fraction; Belle II's efficiency shape."""
    likelihood = index.load("belle2-2023-bknunu-br", acceptance="shape")
    assert isinstance(likelihood, GaussianLikelihood)
    null = JointDensity.load("belle2-2023-bknunu", "inclusive").null  # the spectrum the simulation was weighted to
    # shares are printed with four digits
    assert float(likelihood.tested(predicted("B+->K+", null))[0]) == pytest.approx(float(null.sum()), rel=1e-3)
    # a light boson is found twice as often, a heavy one hardly ever: public density of the inclusive tag
    for mass, factor in ((0.5, 1.975), (2.0, 1.803), (3.0, 0.964), (4.1, 0.054)):
        found = likelihood.tested(predicted("B+->K+", lines=((mass, 1e-6),)))[0]
        assert float(found) == pytest.approx(factor * 1e-6, rel=2e-3)


def test_efficiency_shape_against_the_density() -> None:
    """The table of the result file against the joint density that it comes from."""
    folder = Path(index.describe("belle2-2023-bknunu").path).parent
    lines = [x for x in (folder / "density.csv").read_text().splitlines() if not x.startswith("#")][1:]
    events = sum(np.array(line.split(",")[3:], float) for line in lines if line[0] in "AB")
    null = np.asarray(JointDensity.load("belle2-2023-bknunu", "inclusive").null)
    likelihood = index.load("belle2-2023-bknunu-br", acceptance="shape")
    assert isinstance(likelihood, GaussianLikelihood)
    (shape,) = likelihood.tested.shapes
    assert shape is not None
    edges = np.round(np.asarray(shape.edges) / 0.22885).astype(int)
    counted, rate = np.add.reduceat(events, edges[:-1]), np.add.reduceat(null, edges[:-1])
    # printed with three decimals
    np.testing.assert_allclose(shape.relative, counted / rate / (events.sum() / null.sum()), atol=1.5e-3)


def test_results_without_a_shape_stay_as_they_are() -> None:
    for name in ("belle-2017-bknunu", "average-2023-bknunu", "na62-2024-kpinunu"):
        assert index.load(name, acceptance="shape").about == index.load(name).about


def test_share_of_an_inclusive_rate() -> None:
    likelihood = index.load("belle2-2025-bxsnunu:low")
    assert isinstance(likelihood, UpperLimitLikelihood)
    rate = jnp.full(100, 2.9e-5 / 100)
    assert float(likelihood.tested(predicted("B->Xs", rate))[0]) == pytest.approx(0.15 * 2.9e-5, rel=1e-9)
    at_limit = likelihood.minus_two_log_likelihood(predicted("B->Xs", jnp.full(100, 2.2e-5 / 0.15 / 100)))
    assert float(at_limit) == pytest.approx(stats.halfnorm.ppf(0.9) ** 2, rel=1e-9)


def test_no_event_seen() -> None:
    # KOTO, arXiv:2411.11237: no event, single event sensitivity 9.33e-10; -2 ln L = 2 x / SES up to their 2.3 against
    # the limit 2.2e-9, which contains the error of the sensitivity
    likelihood = index.load("koto-2024-klpi0nunu")
    assert isinstance(likelihood, UpperLimitLikelihood)
    one = likelihood.minus_two_log_likelihood(predicted("KL->pi0", jnp.full(100, 9.33e-12)))
    none = likelihood.minus_two_log_likelihood(predicted("KL->pi0"))
    assert float(one - none) == pytest.approx(2.0, rel=0.03)
