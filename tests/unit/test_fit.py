"""Minimiser, errors and significances against closed forms and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from darkpenguin.core.model import Range
from darkpenguin.inference.fit import from_unit_scale, minimise, significance, starting_points, to_unit_scale

RANGES = (Range(-5.0, 5.0), Range(1e-3, 1e3, scale="log"))


def parabola(x: np.ndarray) -> tuple[float, np.ndarray]:
    """((x - 1)/0.5)^2 + ((ln y - 2)/0.1)^2 + correlation through z, a unit-normal nuisance."""
    a, b, z = (x[0] - 1) / 0.5, (np.log(x[1]) - 2) / 0.1, x[2]
    value = (a + z) ** 2 + b**2 + z**2
    return value, np.array([4 * (a + z), 20 * b / x[1], 2 * (a + z) + 2 * z])


def test_minimum_and_errors_of_a_parabola() -> None:
    found = minimise(parabola, np.array([-3.0, 0.5, 0.0]), RANGES)
    assert found.valid
    # Minuit stops at an estimated distance of 2e-7 in the value (tol 1e-4), hence 1e-3 of an error in x
    np.testing.assert_allclose(found.x, [1.0, np.exp(2.0), 0.0], atol=1e-3)
    # the nuisance doubles the variance of x; the error of y is asymmetric because ln y is the Gaussian one
    np.testing.assert_allclose([found.low[0], found.high[0]], 0.5 * np.sqrt(2), rtol=2e-3)
    expected = np.exp(2) * np.array([1 - np.exp(-0.1), np.exp(0.1) - 1])
    np.testing.assert_allclose([found.low[1], found.high[1]], expected, rtol=2e-3)
    np.testing.assert_allclose(found.covariance[0, 0], 0.5, rtol=0.01)


def test_an_error_that_meets_the_bound_stays_open() -> None:
    def at_edge(x: np.ndarray) -> tuple[float, np.ndarray]:
        return (x[0] + 1.0) ** 2, 2 * (x + 1.0)

    found = minimise(at_edge, np.array([2.0]), (Range(0.0, 5.0),))
    assert found.x[0] == pytest.approx(0.0, abs=1e-3)
    assert np.isnan(found.low[0])
    assert found.high[0] == pytest.approx(np.sqrt(2.0) - 1.0, rel=0.01)  # (1 + x)^2 = 1 + 1


def test_a_region_that_cannot_be_evaluated_is_avoided() -> None:
    def half(x: np.ndarray) -> tuple[float, np.ndarray]:
        return (np.inf, np.zeros(1)) if x[0] < 0 else ((x[0] - 2) ** 2, 2 * (x - 2))

    assert minimise(half, np.array([4.0]), (Range(-5.0, 5.0),)).x[0] == pytest.approx(2.0, abs=1e-3)


@given(delta=st.floats(0.01, 60.0), dof=st.integers(2, 5))
@settings(max_examples=30, deadline=None)
def test_significance_is_the_normal_equivalent(delta: float, dof: int) -> None:
    many, one = significance(delta, dof), significance(delta, 1)
    assert norm.sf(many.value) == pytest.approx(min(chi2.sf(delta, dof), 0.5), rel=1e-9)
    assert one.value == pytest.approx(np.sqrt(delta))
    assert one.p_value == pytest.approx(chi2.sf(delta, 1) / 2, rel=1e-9)  # half the chi2 sits at zero signal
    assert str(dof) in many.definition


def test_the_published_significance_of_an_invisible_boson() -> None:
    # arXiv:2602.09666: 3.0 sigma for Delta(-2 ln L) = 13.136 with mass and rate free
    assert round(significance(13.136, 2).value, 2) == 2.99


@given(u=st.floats(0.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_scales_invert(u: float) -> None:
    for r in RANGES:
        assert to_unit_scale(from_unit_scale(u, r), r) == pytest.approx(u, abs=1e-12)


def test_starting_points_fill_the_ranges() -> None:
    points = starting_points(RANGES, 64)
    assert points.shape == (64, 2)
    assert (points[:, 0] >= -5).all()
    assert (points[:, 0] <= 5).all()
    share = (points[:, 1] < 1.0).mean()  # a log scale puts half the points below the geometric middle
    assert share == pytest.approx(0.5, abs=0.02)
