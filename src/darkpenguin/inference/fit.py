"""Best fit with profile-likelihood errors, and what a Delta(-2 ln L) means in standard deviations.

The minimiser is Minuit (MIGRAD, and MINOS for the errors); it gets the exact gradient of the chain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from iminuit import Minuit
from scipy.special import chdtrc, ndtr, ndtri

from darkpenguin.core.model import Range

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""x [n] -> (-2 ln L, its gradient [n]); a point that cannot be evaluated gives infinity."""

AT_BOUND = 1e-4  # share of a range within which a point counts as sitting at its end
FAR = 1.0e6  # stands for infinity inside Minuit, which cannot digest one


class Minimum(NamedTuple):
    """A local minimum of -2 ln L.

    x [n], value: the point and its -2 ln L.   low, high [n]: distances to Delta(-2 ln L) = 1, NaN where a bound comes
    first.
    covariance [n, n]: from the curvature, NaN where undetermined.   valid: Minuit's own verdict, or that of a scan.
    complete: no error is missing but where a bound comes first.
    """

    x: np.ndarray
    value: float
    low: np.ndarray
    high: np.ndarray
    covariance: np.ndarray
    valid: bool
    complete: bool = True


class Significance(NamedTuple):
    """One-sided normal equivalent Z of a p-value."""

    value: float
    p_value: float
    dof: int
    definition: str


def significance(delta_chi2: float, dof: int) -> Significance:
    """Significance of an improvement of -2 ln L by `delta_chi2` with `dof` free parameters.

    dof = 1: a signal that can only be positive, p = 1 - Phi(sqrt(delta)), Z = sqrt(delta) [arXiv:1007.1727, eqs. (47),
    (52)].
    dof > 1: p = P(chi2_dof > delta), Z = Phi^-1(1 - p), 0 where p is above one half [Wilks].
    """
    delta = max(delta_chi2, 0.0)
    if dof == 0:
        return Significance(0.0, 1.0, 0, "no free parameter")
    if dof == 1:
        z = math.sqrt(delta)
        return Significance(z, float(ndtr(-z)), 1, "one-sided, 1 degree of freedom: Z = sqrt(delta chi2)")
    p = float(chdtrc(dof, delta))
    return Significance(
        max(0.0, -float(ndtri(p))),
        p,
        dof,
        f"one-sided normal equivalent of the chi2 p-value with {dof} degrees of freedom",
    )


def starting_points(ranges: Sequence[Range], count: int, seed: int = 1) -> np.ndarray:
    """Sobol points [count, n] inside the ranges, on the scale of each range."""
    from scipy.stats import qmc  # half a second, which a prediction does not need

    unit = qmc.Sobol(len(ranges), seed=seed).random(count)
    low = np.array([to_unit_scale(r.low, r) for r in ranges])
    high = np.array([to_unit_scale(r.high, r) for r in ranges])
    inner = low + unit * (high - low)
    return np.stack([from_unit_scale(inner[:, i], r) for i, r in enumerate(ranges)], axis=1)


def to_unit_scale(x: np.ndarray | float, r: Range) -> np.ndarray | float:
    """Physical value -> coordinate in [0, 1] in which the minimiser works."""
    if r.scale == "log":
        return np.log(x / r.low) / math.log(r.high / r.low)
    return (x - r.low) / (r.high - r.low)


def from_unit_scale(u: np.ndarray | float, r: Range) -> np.ndarray | float:
    """Inverse of `to_unit_scale`."""
    if r.scale == "log":
        return r.low * np.exp(u * math.log(r.high / r.low))
    return r.low + u * (r.high - r.low)


def _slope(x: float, r: Range) -> float:
    return x * math.log(r.high / r.low) if r.scale == "log" else r.high - r.low


class _Scaled:
    """The objective in unit coordinates for the ranged parameters, natural ones for the rest; remembers its last
    point."""

    def __init__(self, objective: Objective, ranges: Sequence[Range]) -> None:
        self.objective, self.ranges = objective, ranges
        self.key: bytes | None = None

    def physical(self, u: np.ndarray) -> np.ndarray:
        x = np.array(u, dtype=float)
        for i, r in enumerate(self.ranges):
            x[i] = np.clip(from_unit_scale(x[i], r), r.low, r.high)
        return x

    def _evaluate(self, u: np.ndarray) -> None:
        key = np.asarray(u).tobytes()
        if key == self.key:
            return
        x = self.physical(u)
        value, gradient = self.objective(x)
        slope = np.ones_like(x)
        slope[: len(self.ranges)] = [_slope(x[i], r) for i, r in enumerate(self.ranges)]
        finite = math.isfinite(value)
        self.value = value if finite else FAR
        self.gradient = gradient * slope if finite else np.zeros_like(x)
        self.key = key

    def value_at(self, u: np.ndarray) -> float:
        self._evaluate(u)
        return self.value

    def gradient_at(self, u: np.ndarray) -> np.ndarray:
        self._evaluate(u)
        return self.gradient


def minimise(objective: Objective, start: np.ndarray, ranges: Sequence[Range], errors: bool = True) -> Minimum:
    """Minimise over the ranged parameters (first entries of x) and unit-normal nuisances (the rest).

    start [n] : first point, inside the ranges.   errors : run MINOS for the ranged parameters.
    """
    scaled = _Scaled(objective, ranges)
    n, n_range = len(start), len(ranges)
    u0 = np.array(start, dtype=float)
    u0[:n_range] = [np.clip(to_unit_scale(start[i], r), 1e-6, 1 - 1e-6) for i, r in enumerate(ranges)]
    minuit = Minuit(scaled.value_at, u0, grad=scaled.gradient_at)
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.tol = 1e-4
    minuit.print_level = 0
    for i in range(n):
        minuit.limits[i] = (0.0, 1.0) if i < n_range else (-6.0, 6.0)
        minuit.errors[i] = 0.05 if i < n_range else 0.5
    minuit.migrad()
    low, high, complete = np.full(n, np.nan), np.full(n, np.nan), not errors
    if errors and minuit.valid:
        low, high, complete = _minos(minuit, scaled, n_range)
    x = scaled.physical(np.array(minuit.values))
    return Minimum(x, float(minuit.fval), low, high, _covariance(minuit, x, ranges), bool(minuit.valid), complete)


def _minos(minuit: Minuit, scaled: _Scaled, n_range: int) -> tuple[np.ndarray, np.ndarray, bool]:
    n, complete = len(minuit.values), True
    low, high = np.full(n, np.nan), np.full(n, np.nan)
    best = scaled.physical(np.array(minuit.values))
    for i in range(n_range):
        try:
            minuit.minos(i)
        except RuntimeError:
            complete = False  # MINOS found a new minimum or gave up
            continue
        error = minuit.merrors[i]
        u = np.array(minuit.values)
        sides = (
            (error.lower, error.lower_valid, error.at_lower_limit or u[i] < AT_BOUND, low),
            (error.upper, error.upper_valid, error.at_upper_limit or u[i] > 1 - AT_BOUND, high),
        )
        for step, found, at_bound, ends in sides:
            complete &= found or at_bound
            if found and not at_bound and AT_BOUND < u[i] + step < 1 - AT_BOUND:
                u_end = u.copy()
                u_end[i] += step
                ends[i] = abs(scaled.physical(u_end)[i] - best[i])
    return low, high, complete


def _covariance(minuit: Minuit, x: np.ndarray, ranges: Sequence[Range]) -> np.ndarray:
    if minuit.covariance is None:
        return np.full((len(x), len(x)), np.nan)
    slope = np.ones(len(x))
    slope[: len(ranges)] = [_slope(x[i], r) for i, r in enumerate(ranges)]
    return np.array(minuit.covariance) * np.outer(slope, slope)
