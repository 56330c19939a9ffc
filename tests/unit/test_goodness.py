"""Bands, post-fit errors and impacts against an explicit least-squares problem and against refits."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin._jax import jnp
from darkpenguin.experiments.histfactory import Data
from darkpenguin.inference.goodness import (
    fitted_nuisances,
    nominal_rates,
    prior_covariance,
    rate_covariance,
    saturated_goodness,
)
from darkpenguin.setup import Setup


def test_saturated_chi2_of_the_standard_model(belle2: Setup) -> None:
    profiler = belle2.profilers[0]
    value = float(profiler(jnp.ones(18)).minus_two_log_likelihood)
    found = saturated_goodness(profiler.histfactory, value, 0)
    assert found.chi2 == pytest.approx(34.019, abs=5e-4)  # reference value of the published likelihood at mu = 1
    assert found.p_value == pytest.approx(0.280, abs=5e-4)
    assert found.ndof == 30


def test_bands_are_those_of_the_full_least_squares_problem(belle2: Setup) -> None:
    profiler = belle2.profilers[0]
    model, f = profiler.histfactory, jnp.full(18, 4.6)
    profile = profiler(f)
    found = rate_covariance(model, profile, f, np.asarray(f)[None])
    jacobian, prior = prior_covariance(model, profile.alpha, profile.gamma, f)
    template = prior - jacobian @ jacobian.T
    rows = np.asarray(model.signal_row)
    signal = np.asarray(profile.gamma * model.row_yields(profile.alpha, jnp.ones(18)))[rows] * np.asarray(f)
    shift = np.bincount(np.asarray(model.row_bin)[rows], signal, model.n_bin)
    # unknowns: alpha (unit priors), template shifts (their priors), one free strength; data: rates with Poisson errors
    design = np.concatenate([jacobian, np.eye(model.n_bin), shift[:, None]], axis=1)
    n = model.n_alpha
    information = np.zeros((design.shape[1], design.shape[1]))
    information[:n, :n] = np.eye(n)
    information[n:-1, n:-1] = np.linalg.inv(template)
    information += design.T @ np.diag(1 / np.asarray(profile.rates)) @ design
    covariance = np.linalg.inv(information)
    np.testing.assert_allclose(found, design @ covariance @ design.T, rtol=1e-6, atol=1e-6)


def test_impacts_are_shifts_of_the_refitted_rate(belle2: Setup) -> None:
    profiler = belle2.profilers[0]
    model, zeros, ones = profiler.histfactory, jnp.zeros(18), jnp.ones(18)
    best = float(profiler.free_strength(zeros, ones).strength)
    found = fitted_nuisances(profiler, profiler(best * ones), np.ones((1, 18)))
    for k in np.argsort(-np.abs(found.impact[0]))[:4]:
        centres = [np.eye(model.n_alpha)[k] * side * 0.1 for side in (1, -1)]
        data = [Data(model.observed, jnp.asarray(c), jnp.ones(model.n_row)) for c in centres]
        up, down = (float(profiler.free_strength(zeros, ones, data=d).strength) for d in data)
        # central differences over 0.2 widths: the third derivative enters at about 1e-3
        assert (up - down) / 0.2 == pytest.approx(found.impact[0, k], rel=0.01)


def test_errors_of_well_measured_nuisances_shrink(belle2: Setup) -> None:
    profiler = belle2.profilers[0]
    error = fitted_nuisances(profiler, profiler(4.6 * jnp.ones(18)), np.ones((1, 18))).error
    by_name = dict(zip(profiler.histfactory.alpha_names, error, strict=True))
    assert by_name["mu_bkg_ccbar"] < 0.5  # thousands of events against a 50 % prior
    assert (error < 1.1).all()  # curvature can widen a prior slightly, not more


def test_nominal_rates_are_the_published_templates(belle2: Setup) -> None:
    model = belle2.profilers[0].histfactory
    rates, error = nominal_rates(model, jnp.ones(18))
    expected = np.bincount(np.asarray(model.row_bin), np.asarray(model.nominal), model.n_bin)
    np.testing.assert_allclose(rates, expected, rtol=1e-12)
    assert (error > 0).all()


def test_directions_that_change_nothing_are_dropped(belle2: Setup) -> None:
    profiler = belle2.profilers[0]
    f = 4.6 * jnp.ones(18)
    profile, one = profiler(f), np.ones((1, 18))
    both = np.concatenate([one, np.zeros((1, 18))])
    model = profiler.histfactory
    np.testing.assert_array_equal(rate_covariance(model, profile, f, both), rate_covariance(model, profile, f, one))
    np.testing.assert_array_equal(
        fitted_nuisances(profiler, profile, both).error, fitted_nuisances(profiler, profile, one).error
    )
