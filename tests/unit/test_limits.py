"""CLs limits against pyhf's asymptotics and against a Gaussian measurement in closed form."""

from __future__ import annotations

import numpy as np
import pyhf
import pytest
from scipy.stats import norm

from darkpenguin.inference.limits import NO_LIMIT, NO_SENSITIVITY, cls_value, expected_roots, upper_limits
from darkpenguin.result import CONVERGED, INVALID


@pytest.mark.parametrize("q", [0.0, 0.3, 2.7, 4.0, 9.0])
@pytest.mark.parametrize("q_asimov", [0.5, 4.0, 12.0])
def test_cls_equals_pyhf(q: float, q_asimov: float) -> None:
    root, sigma = np.sqrt(q), np.sqrt(q_asimov)
    # pyhf's q-tilde calculator: the statistic is shifted once it exceeds that of the Asimov data
    statistic = root - sigma if root <= sigma else (q - q_asimov) / (2 * sigma)
    distribution = pyhf.infer.calculators.AsymptoticTestStatDistribution
    p_sb, p_b = distribution(-sigma).pvalue(statistic), distribution(0.0).pvalue(statistic)
    assert cls_value(np.array(q), np.array(q_asimov)) == pytest.approx(float(p_sb / p_b), rel=1e-9)


def gaussian(center: float, sigma: float):
    """-2 ln L of a Gaussian measurement on its own data, and on background-only Asimov data."""

    def scan(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return ((values - center) / sigma) ** 2, (values / sigma) ** 2

    return scan


@pytest.mark.parametrize("center", [-1.5, 0.0, 0.7, 2.0])
def test_limit_of_a_gaussian(center: float) -> None:
    sigma = 0.8
    found = upper_limits(gaussian(center, sigma), 1, high=20.0)
    assert found.status == [CONVERGED]
    # expected: sigma (N + Phi^-1(1 - 0.05 Phi(N))); last zoom step: 20 * 0.2 / 8^3 and a straight line through it
    np.testing.assert_allclose(found.expected[0], sigma * expected_roots(0.95), rtol=1e-5)
    limit = found.observed[0]
    q = ((limit - center) ** 2 - (min(center, 0.0)) ** 2) / sigma**2 if center < 0 else ((limit - center) / sigma) ** 2
    assert cls_value(np.array(q), np.array((limit / sigma) ** 2)) == pytest.approx(0.05, rel=1e-4)


def test_expected_median_is_the_textbook_number() -> None:
    assert expected_roots(0.95)[2] == pytest.approx(norm.isf(0.025))  # 1.96


def test_many_settings_at_once_and_their_statuses() -> None:
    def scan(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        observed, asimov = gaussian(0.0, 1.0)(values)
        observed[1], asimov[1] = 7.0, 7.0  # no dependence on the parameter
        observed[2], asimov[2] = np.inf, np.inf  # not computable
        observed[3], asimov[3] = gaussian(0.0, 1e4)(values[3])  # a range too short
        return observed, asimov

    found = upper_limits(scan, 4, high=50.0)
    assert found.status == [CONVERGED, NO_SENSITIVITY, INVALID, NO_LIMIT]
    assert np.isfinite(found.observed[0])
    assert np.isnan(found.observed[1:]).all()
    assert np.isnan(found.expected[1:]).all()
