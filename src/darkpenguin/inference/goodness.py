"""Goodness of fit, uncertainty bands of expected counts, post-fit errors and impacts of nuisances, all at a profiled
point.

Bands of the counts are Gaussian: with M = J J^T + diag(s^2) the prior covariance of the rates (J: Jacobian of the
rates in
the nuisances alpha, s: statistical errors of the templates), Lambda = diag(rates) and G = (M + Lambda)^-1, the data
shrink M to
Lambda - Lambda G Lambda; a direction d that the data alone determine is projected out, G -> G - G d d^T G / (d^T G d).
Errors and impacts of nuisances come from the exact Hessian: leaving out its second-order terms moves impacts by up to
40 %.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float
from scipy.special import chdtrc

from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import Data, HistFactory
from darkpenguin.inference.profile import Profile, Profiler
from darkpenguin.inference.profile_curvature import curvature
from darkpenguin.result import GoodnessOfFit


def saturated_goodness(histfactory: HistFactory, minus_two_log_likelihood: float, n_free: int) -> GoodnessOfFit:
    """chi2 of the saturated likelihood: -2 ln L (without Gaussian constants) minus its value at rates = counts."""
    value = minus_two_log_likelihood - float(histfactory.saturated())
    ndof = histfactory.n_bin - n_free
    return GoodnessOfFit(chi2=value, ndof=ndof, p_value=float(chdtrc(ndof, value)))


@eqx.filter_jit
def rate_jacobian(
    histfactory: HistFactory,
    alpha: Float[Array, " n_alpha"],
    gamma: Float[Array, " n_row"],
    f: Float[Array, " n_signal"],
) -> Float[Array, "n_bin n_alpha"]:
    """d lambda_b / d alpha_k."""
    return jax.jacfwd(lambda a: histfactory.rates(a, gamma, f))(alpha)


def prior_covariance(
    histfactory: HistFactory,
    alpha: Float[Array, " n_alpha"],
    gamma: Float[Array, " n_row"],
    f: Float[Array, " n_signal"],
) -> tuple[np.ndarray, np.ndarray]:
    """(J [n_bin, n_alpha], M [n_bin, n_bin]): response to the nuisances and covariance of the rates before the data."""
    jacobian = np.asarray(rate_jacobian(histfactory, alpha, gamma, f))
    spread = np.asarray(histfactory.sigma * histfactory.row_yields(alpha, f)) ** 2
    template = np.bincount(np.asarray(histfactory.row_bin), weights=spread, minlength=histfactory.n_bin)
    return jacobian, jacobian @ jacobian.T + np.diag(template)


def nominal_rates(histfactory: HistFactory, f: Float[Array, " n_signal"]) -> tuple[np.ndarray, np.ndarray]:
    """Expected counts with all nuisances at their centres, and one standard deviation [n_bin]."""
    alpha, gamma = jnp.zeros(histfactory.n_alpha), jnp.ones(histfactory.n_row)
    _, covariance = prior_covariance(histfactory, alpha, gamma, f)
    return np.asarray(histfactory.rates(alpha, gamma, f)), np.sqrt(np.diag(covariance))


def rate_covariance(
    histfactory: HistFactory, profile: Profile, f: Float[Array, " n_signal"], directions: np.ndarray
) -> np.ndarray:
    """Covariance of the rates [n_bin, n_bin] after a fit, strengths free along `directions` [n_direction, n_signal]."""
    _, prior = prior_covariance(histfactory, profile.alpha, profile.gamma, f)
    rows, row_bin = np.asarray(histfactory.signal_row), np.asarray(histfactory.row_bin)
    yields = np.asarray(profile.gamma * histfactory.row_yields(profile.alpha, jnp.ones(histfactory.n_signal)))[rows]
    counts = np.diag(np.asarray(profile.rates))
    gain = np.linalg.inv(prior + counts)
    shifts = np.array([np.bincount(row_bin[rows], yields * d, histfactory.n_bin) for d in _scaled(_seen(directions))])
    for shift in shifts:
        seen = gain @ shift
        if shift @ seen > 1e-12 * (shift @ (shift / np.diag(counts))):  # else a direction that is already projected out
            gain = gain - np.outer(seen, seen) / (shift @ seen)
    return counts - counts @ gain @ counts


class Nuisances(NamedTuple):
    """Nuisances after a fit.

    error [n_alpha] : in prior widths.
    impact [n_direction, n_alpha] : shift of the strength of each free direction when the auxiliary measurement of a
        nuisance moves by +1; they add up in quadrature to the systematic error, each source once [arXiv:2307.04007].
    """

    error: np.ndarray
    impact: np.ndarray


def fitted_nuisances(profiler: Profiler, profile: Profile, directions: np.ndarray) -> Nuisances:
    """Errors and impacts at a fit with strengths free along `directions` [n_direction, n_signal], zero ones dropped."""
    directions = _seen(directions)
    n = profiler.histfactory.n_alpha
    both = np.asarray(_curvature(profiler.rectangle, profile.f, profile.alpha, profiler.observed))
    size = np.abs(directions).max(axis=1, keepdims=True)  # parameters come in units far apart
    basis = np.zeros((n + len(directions), both.shape[0]))
    basis[:n, :n] = np.eye(n)
    basis[n:, n:] = directions / size
    covariance = np.linalg.pinv(basis @ both @ basis.T, hermitian=True)
    error = np.sqrt(np.clip(np.diag(covariance)[:n], 0.0, None))
    return Nuisances(error, covariance[n:, :n] / size)


_curvature = jax.jit(curvature)


def _seen(directions: np.ndarray) -> np.ndarray:
    """Without the directions that change nothing, e.g. that of an amplitude at 0, where the rate is stationary."""
    return directions[np.abs(directions).max(axis=1, initial=0.0) > 0]


def _scaled(directions: np.ndarray) -> np.ndarray:
    return directions / np.abs(directions).max(axis=1, keepdims=True)


def toy_p_value(
    profiler: Profiler,
    fitted: Profile,
    observed_chi2: float,
    refit: Callable[[Data], np.ndarray],
    n_toy: int,
    seed: int = 1,
) -> float | None:
    """Share of pseudo-experiments, drawn at the fitted point, whose saturated chi2 exceeds the observed one.

    refit : toy data (batched) -> minimum of -2 ln L over the free parameters, [n_toy], without Gaussian constants.
    Toys that do not converge (NaN) are left out; None if no toy is left.
    """
    toys = profiler.toys(fitted, jax.random.key(seed), n_toy)
    saturated = np.asarray(jax.vmap(profiler.histfactory.saturated)(toys))
    chi2_toys = refit(toys) - saturated
    chi2_toys = chi2_toys[np.isfinite(chi2_toys)]
    return float((chi2_toys >= observed_chi2).mean()) if len(chi2_toys) else None
