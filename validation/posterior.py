"""Pieces of a small posterior computation: the volume of the nuisances, and highest-density intervals."""

from __future__ import annotations

import numpy as np

from darkpenguin._jax import jnp
from darkpenguin.inference.profile import Profiler


def log_volume(profiler: Profiler, f: np.ndarray) -> tuple[float, float]:
    """Laplace's method: ln of the volume of the nuisances, sqrt(det covariance) up to a constant, at signal factors f.

    First the scalar nuisances alone, the statistical-error factors profiled; then all nuisances. Integrating
    the factors of a bin with rate lambda and counts n gives (1 + s^2 n / lambda^2)^(-1/2), s^2 the sum of
    their squared errors.
    """
    model, profile = profiler.histfactory, profiler(jnp.asarray(f))
    spread = np.asarray(model.sigma * model.row_yields(profile.alpha, jnp.asarray(f))) ** 2
    s2 = np.bincount(np.asarray(model.row_bin), weights=spread, minlength=model.n_bin)
    bins = np.log1p(s2 * np.asarray(model.observed) / np.asarray(profile.rates) ** 2).sum() / 2
    scalars = np.linalg.slogdet(np.asarray(profiler.covariance(profile)))[1] / 2
    return float(scalars), float(scalars - bins)


def hdi(x: np.ndarray, density: np.ndarray, share: float) -> tuple[float, float]:
    """Ends of the shortest set that holds `share` of a density on an even grid; taken as one interval."""
    fine = np.linspace(x[0], x[-1], 20 * len(x))
    y = np.interp(fine, x, density)
    order = np.argsort(-y)
    inside = order[: int(np.searchsorted(np.cumsum(y[order]) / y.sum(), share)) + 1]
    return float(fine[inside].min()), float(fine[inside].max())
