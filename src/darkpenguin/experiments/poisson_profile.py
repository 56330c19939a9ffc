"""Counts with a background known up to a covariance, the background profiled.

    -2 ln L = min over theta of  2 sum_i [nu_i - n_i + n_i ln(n_i / nu_i)] + theta^T Sigma^-1 theta,
    nu = m + theta >= 0,

with counts n, prediction m and background error theta. With u = n / nu the minimum is at theta = Sigma (u - 1), so that

    u_i nu_i = n_i,   nu = m + Sigma (u - 1),   u >= 0,   nu >= 0,

and the penalty is (u - 1)^T Sigma (u - 1): a singular Sigma, or none, needs no care. In a bin without counts u is the
multiplier of nu >= 0, and the same equations hold. They are solved as an interior-point method does: Newton steps from
the inside on u_i nu_i = n_i + t with t falling to zero. The problem is convex, hence the minimum unique.
"""

from __future__ import annotations

from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.types import Scalar

Bins = Float[Array, " n_bin"]
Matrix = Float[Array, "n_bin n_bin"]

N_STEP = 60  # quadratic convergence from about the 30th on; 1e-12 for counts from 0 to 1e6 (tests)
T_FALL = 0.25  # of t at each step
T_LAST = 1e-12  # events, left in bins without counts
STAY = 0.99  # of the way to the boundary


def profiled(counts: Bins, predicted: Bins, covariance: Matrix) -> Scalar:
    """-2 ln L relative to the saturated model, the background at its best; counts and prediction in events, >= 0.

    First and second derivatives in `predicted` are exact: the last Newton step is differentiated, the others are not.
    Infinite where a bin with counts expects nothing and no error of the background can help.
    """
    u = _last_step(counts, predicted, covariance)
    pull = covariance @ (u - 1.0)
    nu = predicted + pull
    seen = counts > 0
    safe = jnp.where(nu > 0, nu, 1.0)
    log_term = jnp.where(seen, counts * jnp.log(jnp.where(seen, counts, 1.0) / safe), 0.0)
    value = 2.0 * (nu - counts + log_term).sum() + (u - 1.0) @ pull
    possible = jnp.where(seen, nu > 0, True).all() & jnp.isfinite(value)
    return jnp.where(possible, value, jnp.inf)


def best_background_error(counts: Bins, predicted: Bins, covariance: Matrix) -> Bins:
    """theta at the minimum, in events."""
    return covariance @ (_last_step(counts, predicted, covariance) - 1.0)


def _last_step(counts: Bins, predicted: Bins, covariance: Matrix) -> Bins:
    fixed = [jax.lax.stop_gradient(x) for x in (counts, predicted, covariance)]
    u = _solve(*fixed)
    target = jnp.maximum(counts, T_LAST)
    matrix = jnp.diag(fixed[1] + fixed[2] @ (u - 1.0)) + u[:, None] * fixed[2]
    nu = predicted + covariance @ (u - 1.0)
    return u - jnp.linalg.solve(matrix, u * nu - target)


def _solve(counts: Bins, predicted: Bins, covariance: Matrix) -> Bins:
    """u at the minimum. u and nu stay positive; nu = m + Sigma (u - 1) is reached on the way."""

    def step(state: tuple[Bins, Bins, Scalar], _: None) -> tuple[tuple[Bins, Bins, Scalar], None]:
        u, nu, t = state
        target = jnp.maximum(counts, t)
        off = predicted + covariance @ (u - 1.0) - nu
        du = jnp.linalg.solve(jnp.diag(nu) + u[:, None] * covariance, target - u * nu - u * off)
        d_nu = covariance @ du + off
        reach = jnp.concatenate(
            [jnp.where(d < 0, -x / jnp.where(d < 0, d, -1.0), jnp.inf) for x, d in ((u, du), (nu, d_nu))]
        )
        length = jnp.minimum(1.0, STAY * reach.min())
        return (u + length * du, nu + length * d_nu, jnp.maximum(t * T_FALL, T_LAST)), None

    start = (jnp.ones_like(predicted), jnp.maximum(predicted, 1.0), jnp.asarray(1.0))
    (u, _, _), _ = jax.lax.scan(step, start, None, length=N_STEP)
    return u
