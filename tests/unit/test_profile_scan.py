"""Scans of functions whose minimum and whose rise by 1 are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin.core.model import Range
from darkpenguin.inference.fit import minimise
from darkpenguin.inference.profile_scan import profile_scan, second_opinion

BOTH = (Range(1.0, 4.0), Range(1e-6, 1e-2, scale="log"))
A, B = 2.1, 1.1e-4


def scaled(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mass - A, ln(coupling / B)) of points [n, 2]."""
    return x[:, 0] - A, np.log(x[:, 1] / B)


def test_a_parabola_gives_its_exact_errors() -> None:
    rho, s, t = 0.6, 0.12, 0.16

    def values(x: np.ndarray) -> np.ndarray:
        a, b = scaled(x)
        a, b = a / s, b / t
        return (a**2 + b**2 - 2 * rho * a * b) / (1 - rho**2) + 5.0

    found = profile_scan(values, BOTH, np.array([3.0, 1e-3]))
    assert found.confirmed
    assert not found.flat
    assert found.value == pytest.approx(5.0, abs=1e-3)  # where the scan stops looking; a distance of 0.03 errors
    np.testing.assert_allclose(found.x, [A, B], rtol=0.03 * t)
    # the profile of a correlated Gaussian has the full standard deviation; that of ln y is symmetric, that of y not
    np.testing.assert_allclose(found.interval[0], [A - s, A + s], atol=2e-3 * s)
    np.testing.assert_allclose(np.log(found.interval[1] / B), [-t, t], atol=2e-3 * t)


def test_the_lower_of_two_kinks_and_its_ends() -> None:
    def values(x: np.ndarray) -> np.ndarray:
        a, b = scaled(x)
        in_mass = np.minimum(8 * np.abs(a), 0.6 + 10 * np.abs(a - 0.09)) + a**2  # V at A and, higher, at A + 0.09
        return in_mass + (b / 0.16 - a) ** 2

    found = profile_scan(values, BOTH, np.array([A + 0.09, 2 * B]))
    assert found.confirmed
    np.testing.assert_allclose(found.x, [A, B], rtol=0.03 * 0.16)  # 1e-3 in the value, where the scan stops looking
    # below: 8 d + d^2 = 1. Above, the second V takes over at 8 d = 0.6 + 10 (0.09 - d), d = 1/12, before the first has
    # risen by 1, and reaches 1 at 0.6 + 10 (d - 0.09) + d^2 = 1
    below, above = -4 + np.sqrt(17.0), -5 + np.sqrt(25 + 1.3)
    np.testing.assert_allclose(found.interval[0], [A - below, A + above], atol=2e-3 * below)
    np.testing.assert_allclose(np.log(found.interval[1, 0] / B), -0.16, atol=1e-3)


def test_a_staircase_gives_the_middle_of_its_lowest_step() -> None:
    def values(x: np.ndarray) -> np.ndarray:
        a, b = scaled(x)
        return np.floor(np.abs(a) / 0.05 + 0.5) * 0.6 + ((b - 2 * a) / 0.16) ** 2 - 13.0 * (x[:, 0] < 9.0)

    found = profile_scan(values, BOTH, np.array([A + 0.09, 2 * B]))
    assert found.flat
    assert found.confirmed
    assert found.x[0] == pytest.approx(A, abs=2e-3)
    assert found.value == pytest.approx(-13.0, abs=2e-3)
    np.testing.assert_allclose(found.interval[0], [A - 0.075, A + 0.075], atol=1e-3)  # 0.6 at 0.025, 1.2 at 0.075


def test_one_parameter_and_a_bound() -> None:
    def values(x: np.ndarray) -> np.ndarray:
        return np.abs(x[:, 0] - 0.3) / 0.5 + (x[:, 0] - 0.3) ** 2

    found = profile_scan(values, (Range(0.0, 5.0),), np.array([4.0]))
    assert found.x[0] == pytest.approx(0.3, abs=1e-3)
    assert np.isnan(found.interval[0, 0])  # 0.69 at the bound
    assert found.interval[0, 1] == pytest.approx(0.3 - 1 + np.sqrt(2.0), abs=1e-3)  # d^2 + 2 d = 1


def test_where_nothing_can_be_evaluated() -> None:
    def half(x: np.ndarray) -> np.ndarray:
        return np.where(x[:, 0] < 2.0, np.inf, (x[:, 0] - 1.5) ** 2 / 0.01)

    found = profile_scan(half, (Range(0.0, 5.0),), np.array([1.0]))
    assert found.x[0] == pytest.approx(2.0, abs=2e-3)
    assert found.interval[0, 1] == pytest.approx(1.5 + np.sqrt(0.26), abs=1e-3)
    assert found.interval[0, 0] == pytest.approx(2.0, abs=2e-3)
    nowhere = profile_scan(lambda x: np.full(len(x), np.inf), BOTH, np.array([2.0, 1e-3]))
    assert not nowhere.confirmed
    assert np.isnan(nowhere.interval).all()


def test_minuit_starts_again_from_a_lower_point_and_keeps_its_errors() -> None:
    ranges = (Range(-5.0, 5.0),)

    def value(x: np.ndarray) -> np.ndarray:
        return np.minimum((x - 2) ** 2 / 0.04 + 1.0, (x + 3) ** 2 / 0.25)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        slope = np.where((x - 2) ** 2 / 0.04 + 1.0 < (x + 3) ** 2 / 0.25, (x - 2) / 0.02, (x + 3) / 0.125)
        return float(value(x)[0]), slope

    first = minimise(objective, np.array([2.5]), ranges)
    assert first.x[0] == pytest.approx(2.0, abs=1e-3)
    found = second_opinion(first, objective, lambda x: value(x[:, 0]), ranges)
    assert found.valid
    assert found.complete
    assert found.x[0] == pytest.approx(-3.0, abs=1e-3)
    np.testing.assert_allclose([found.low[0], found.high[0]], 0.5, rtol=2e-3)
    assert found.covariance[0, 0] == pytest.approx(0.25, rel=0.01)  # Minuit's own


def test_errors_belong_to_the_point_when_two_minima_are_as_low() -> None:
    ranges, slope = (Range(-5.0, 5.0),), np.zeros(1)

    def value(x: np.ndarray) -> np.ndarray:
        return (np.abs(x[:, 0]) - 2) ** 2 / 0.04 + 1e-5 * x[:, 0]

    first = minimise(lambda x: (float(value(x[None])[0]), slope), np.array([2.0]), ranges)
    found = second_opinion(first._replace(complete=False), lambda x: (0.0, slope), value, ranges)
    assert abs(found.x[0]) == pytest.approx(2.0, abs=0.01)
    np.testing.assert_allclose([found.low[0], found.high[0]], 0.2, atol=0.01)
