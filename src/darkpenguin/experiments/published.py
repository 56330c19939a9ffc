"""Published numbers out of the result files, for what draws or tells them."""

from __future__ import annotations

import numpy as np

from darkpenguin.experiments.gaussian import GaussianLikelihood
from darkpenguin.experiments.index import load
from darkpenguin.experiments.upper_limit import UpperLimitLikelihood


def upper_limits(result: str) -> dict[str, float]:
    """Limit on each observable of a result file."""
    found = load(result)
    assert isinstance(found, UpperLimitLikelihood)
    return dict(zip(found.about.observables, np.asarray(found.limit).tolist(), strict=True))


def measured(result: str) -> dict[str, tuple[float, float]]:
    """Value and error of each observable of a result file."""
    found = load(result)
    assert isinstance(found, GaussianLikelihood)
    errors = np.sqrt((np.asarray(found.plus) ** 2).sum(axis=0))  # sources in quadrature
    pairs = zip(np.asarray(found.value).tolist(), errors.tolist(), strict=True)
    return dict(zip(found.about.observables, pairs, strict=True))


def relic_density() -> float:
    """Omega h^2 of the dark matter as measured by Planck."""
    value, _ = measured("planck-2018-relic")["Omega_h2"]
    return value
