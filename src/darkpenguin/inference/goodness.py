"""Goodness of fit, uncertainty bands of expected counts, pulls and impacts of nuisances, all at a profiled point.

Bands and post-fit errors use the Gaussian approximation around the fit: with M = J J^T + diag(s^2) the prior
covariance of the rates
(J: Jacobian of the rates in the nuisances alpha, s: statistical errors of the templates) and Lambda = diag(rates), the
data
shrink M to M - M (M + Lambda)^-1 M.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float
from scipy.stats import chi2

from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import Data, HistFactory
from darkpenguin.inference.profile import Profile, Profiler
from darkpenguin.result import GoodnessOfFit

FREE = 1.0e6  # prior variance, in units of the fitted shift, of a direction that the data alone determine


def saturated_goodness(histfactory: HistFactory, minus_two_log_likelihood: float, n_free: int) -> GoodnessOfFit:
    """chi2 of the saturated likelihood: -2 ln L (without Gaussian constants) minus its value at rates = counts."""
    value = minus_two_log_likelihood - float(histfactory.saturated())
    ndof = histfactory.n_bin - n_free
    return GoodnessOfFit(chi2=value, ndof=ndof, p_value=float(chi2.sf(value, ndof)))


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


def fitted_covariances(
    histfactory: HistFactory, profile: Profile, f: Float[Array, " n_signal"], directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of the rates [n_bin, n_bin] and of the nuisances [n_alpha, n_alpha] after the fit.

    directions [n_direction, n_signal] : changes of f that are free in the fit.
    """
    jacobian, prior = prior_covariance(histfactory, profile.alpha, profile.gamma, f)
    rows = np.asarray(histfactory.signal_row)
    rates = np.asarray(profile.rates)
    yields = np.asarray(profile.gamma * histfactory.row_yields(profile.alpha, jnp.ones(histfactory.n_signal)))[rows]
    for direction in directions:
        shift = np.bincount(
            np.asarray(histfactory.row_bin)[rows], weights=yields * direction, minlength=histfactory.n_bin
        )
        prior = prior + FREE * np.outer(shift, shift)
    gain = np.linalg.inv(prior + np.diag(rates))
    fitted = prior - prior @ gain @ prior
    return fitted, np.eye(histfactory.n_alpha) - jacobian.T @ gain @ jacobian


def impacts(
    profiler: Profiler, f0: Float[Array, " n_signal"], direction: Float[Array, " n_signal"]
) -> tuple[np.ndarray, np.ndarray]:
    """Shift of the fitted strength x of f = f0 + x direction when one auxiliary measurement moves by -1 and by +1
    sigma.

    These shifts add up in quadrature to the systematic error of x, each source once [arXiv:2307.04007]. Shapes
    [n_alpha].
    """
    histfactory = profiler.histfactory
    n = histfactory.n_alpha
    centres = jnp.concatenate([jnp.zeros((1, n)), -jnp.eye(n), jnp.eye(n)])
    copies = len(centres)
    data = Data(
        counts=jnp.tile(histfactory.observed, (copies, 1)), alpha=centres, gamma=jnp.ones((copies, histfactory.n_row))
    )
    fits = profiler.free_strength(f0, direction, data=data)
    strength = np.asarray(fits.strength)
    return strength[1 : n + 1] - strength[0], strength[n + 1 :] - strength[0]


def toy_p_value(
    profiler: Profiler,
    fitted: Profile,
    observed_chi2: float,
    refit: Callable[[Data], np.ndarray],
    n_toy: int,
    seed: int = 1,
) -> float:
    """Share of pseudo-experiments, drawn at the fitted point, whose saturated chi2 exceeds the observed one.

    refit : toy data (batched) -> minimum of -2 ln L over the free parameters, [n_toy], without Gaussian constants.
    Toys that do not converge (NaN) are left out.
    """
    toys = profiler.toys(fitted, jax.random.key(seed), n_toy)
    saturated = np.asarray(jax.vmap(profiler.histfactory.saturated)(toys))
    chi2_toys = refit(toys) - saturated
    chi2_toys = chi2_toys[np.isfinite(chi2_toys)]
    return float((chi2_toys >= observed_chi2).mean())
