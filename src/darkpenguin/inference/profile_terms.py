"""The formulas of the profile, for one hypothesis: value, gradient, Jacobian and Gauss-Newton factor.

Notation (sums over the rows r of bin b):
    add_r = nom_r + S_r.alpha_h + Q_r.q(alpha_h),  nu_r = add_r kappa_r f_r
    mu_b = sum gamma0_r nu_r,  s2_b = sum sigma_r^2 nu_r^2
    t_b = n_b / lambda_b - 1,  lambda_b = mu_b + s2_b t_b,  gamma_r = gamma0_r + sigma_r^2 nu_r t_b
    -2 ln L = 2 sum (lambda - n ln lambda + ln n!) + sum s2 t^2 + |alpha - alpha0|^2
The statistical-error factors gamma are profiled exactly by the closed form for t, so only alpha (and a free strength)
is iterated. Rows stand in a rectangle [n_bin, n_slot], signal rows in slot 0, empty places with zero yield.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import HistFactory, normsys_polynomial

Scalar = Float[Array, ""]


class Rectangle(eqx.Module):
    """The arrays of a HistFactory with its rows laid out as [n_bin, n_slot].

    basis [n_bin, n_slot, n_histosys + n_curved] : S beside Q.   pattern [n_bin, n_slot, n_normsys] : N of each row.
    spread [n_curved, n_histosys] : 1 where a column of Q belongs to a histosys parameter.
    polynomial [7, n_normsys] : code4 inside |alpha| <= 1.   signal [n_bin] : 1 in bins with a signal row.
    place [n_row] : where a row stands in the flattened rectangle.   row [n_bin, n_slot] : the way back; n_row if empty.
    signal_bin [n_signal] : bins of the factors f.   signal_index [n_bin] : the way back; n_signal if none.
    """

    nominal: Float[Array, "n_bin n_slot"]
    sigma2: Float[Array, "n_bin n_slot"]
    basis: Float[Array, "n_bin n_slot n_basis"]
    pattern: Float[Array, "n_bin n_slot n_normsys"]
    group: Int[Array, "n_bin n_slot"]
    group_pattern: Float[Array, "n_group n_normsys"]
    spread: Float[Array, "n_curved n_histosys"]
    curved_index: Int[Array, " n_curved"]
    polynomial: Float[Array, "7 n_normsys"]
    log_kappa_low: Float[Array, " n_normsys"]
    log_kappa_high: Float[Array, " n_normsys"]
    signal: Float[Array, " n_bin"]
    place: Int[Array, " n_row"]
    row: Int[Array, "n_bin n_slot"]
    signal_bin: Int[Array, " n_signal"]
    signal_index: Int[Array, " n_bin"]

    @classmethod
    def of(cls, model: HistFactory) -> Rectangle:
        """Lay out the rows of a model."""
        n_bin, n_row = model.n_bin, model.n_row
        row_bin, signal_row = np.asarray(model.row_bin), np.asarray(model.signal_row)
        order = [np.flatnonzero(row_bin == b).tolist() for b in range(n_bin)]
        order = [sorted(rows, key=lambda r: (r not in signal_row, r)) for rows in order]
        n_slot = max(len(rows) for rows in order)
        row = np.array([rows + [n_row] * (n_slot - len(rows)) for rows in order])
        place = np.empty(n_row, dtype=int)
        place[row[row < n_row]] = np.flatnonzero(row < n_row)
        signal_bin = row_bin[signal_row]
        signal_index = np.full(n_bin, len(signal_bin))
        signal_index[signal_bin] = np.arange(len(signal_bin))

        def lay(values: Array) -> Array:
            """Rows to the rectangle, zero in empty places."""
            flat = np.asarray(values)
            return jnp.asarray(np.concatenate([flat, np.zeros_like(flat[:1])])[row])

        curved_index = np.asarray(model.curved_index)
        return cls(
            nominal=lay(model.nominal),
            sigma2=lay(model.sigma**2),
            basis=lay(jnp.concatenate([model.linear, model.curved], axis=1)),
            pattern=lay(model.pattern[model.group]),
            group=lay(model.group),
            group_pattern=model.pattern,
            spread=jnp.asarray(np.eye(model.linear.shape[1])[curved_index]),
            curved_index=model.curved_index,
            polynomial=normsys_polynomial(model.log_kappa_low, model.log_kappa_high),
            log_kappa_low=model.log_kappa_low,
            log_kappa_high=model.log_kappa_high,
            signal=jnp.asarray(signal_index < len(signal_bin), dtype=float),
            place=jnp.asarray(place),
            row=jnp.asarray(row),
            signal_bin=jnp.asarray(signal_bin),
            signal_index=jnp.asarray(signal_index),
        )


class Problem(NamedTuple):
    """One hypothesis and one data set.

    f [n_bin] : signal factor of each bin (any number in bins without signal).
    direction [n_bin] or None : change of f per unit of the free strength x;  with it the unknowns are (alpha, x).
    counts, alpha0, gamma0 : the data, gamma0 [n_bin, n_slot].
    """

    f: Float[Array, " n_bin"]
    direction: Float[Array, " n_bin"] | None
    counts: Float[Array, " n_bin"]
    alpha0: Float[Array, " n_alpha"]
    gamma0: Float[Array, "n_bin n_slot"]


class State(NamedTuple):
    """Everything at one point that the next step needs.

    value : -2 ln L without Gaussian constants and without ln n!.   gradient [n_unknown] : half its gradient.
    factor [n_bin, n_slot] : kappa_r f_r.   response [n_bin, n_slot] : kappa_r add_r = dnu_r / df_r.
    q_slope [n_curved], l_slope [n_normsys] : q' and l'.
    """

    value: Scalar
    gradient: Float[Array, " n_unknown"]
    factor: Float[Array, "n_bin n_slot"]
    response: Float[Array, "n_bin n_slot"]
    nu: Float[Array, "n_bin n_slot"]
    gamma: Float[Array, "n_bin n_slot"]
    t: Float[Array, " n_bin"]
    s2: Float[Array, " n_bin"]
    rates: Float[Array, " n_bin"]
    q_slope: Float[Array, " n_curved"]
    l_slope: Float[Array, " n_normsys"]


class Factor(NamedTuple):
    """Gauss-Newton Hessian 1 + J^T diag(1/v) J in dual form: its inverse is 1 - J^T K^-1 J with K = J J^T + diag(v).

    strength : (j, K^-1 j, 1 / j.K^-1 j) of a free strength, or None.
    """

    jacobian: Float[Array, "n_bin n_alpha"]
    cholesky: Float[Array, "n_bin n_bin"]
    strength: tuple[Float[Array, " n_bin"], Float[Array, " n_bin"], Scalar] | None


def curve_and_slope(a: Float[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """q(a) of code4p and its derivative."""
    inside = jnp.abs(a) <= 1
    x2 = a * a
    value = jnp.where(inside, x2 * (15 - 10 * x2 + 3 * x2 * x2), 8 * jnp.abs(a))
    return value, jnp.where(inside, a * (30 - 40 * x2 + 18 * x2 * x2), 8 * jnp.sign(a))


def log_kappa_and_slope(r: Rectangle, a: Float[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """l(a) = ln kappa of code4 and its derivative."""
    inside = jnp.abs(a) <= 1
    x = jnp.where(inside, a, 0.0)
    c = r.polynomial
    kappa = 1 + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * (c[5] + x * c[6])))))
    slope = c[1] + x * (2 * c[2] + x * (3 * c[3] + x * (4 * c[4] + x * (5 * c[5] + x * 6 * c[6]))))
    outside = jnp.where(a > 0, r.log_kappa_high, -r.log_kappa_low)
    return jnp.where(inside, jnp.log(kappa), a * outside), jnp.where(inside, slope / kappa, outside)


def evaluate(r: Rectangle, p: Problem, point: Float[Array, " n_unknown"]) -> State:
    """Value, half gradient and intermediate quantities at a point (alpha, or alpha and x)."""
    n_alpha, n_histosys = p.alpha0.shape[0], r.spread.shape[1]
    alpha = point[:n_alpha]
    shift = alpha[:n_histosys]
    q, q_slope = curve_and_slope(shift[r.curved_index])
    log_kappa, l_slope = log_kappa_and_slope(r, alpha[n_histosys:])
    add = r.nominal + r.basis @ jnp.concatenate([shift, q])
    kappa = jnp.exp(r.group_pattern @ log_kappa)[r.group]
    f = p.f if p.direction is None else p.f + point[n_alpha] * p.direction
    scale = jnp.concatenate([jnp.where(r.signal > 0, f, 1.0)[:, None], jnp.ones_like(kappa[:, 1:])], axis=1)
    factor, response = kappa * scale, kappa * add
    nu = response * scale
    spread = r.sigma2 * nu
    mu, s2 = (p.gamma0 * nu).sum(axis=1), (spread * nu).sum(axis=1)
    excess, width = p.counts - mu, mu + s2
    # (mu - s2)^2 + 4 n s2 under the root, never negative but for rounding
    t = 2 * excess / (width + jnp.sqrt(jnp.maximum(width * width + 4 * s2 * excess, 0.0)))
    rates = jnp.maximum(mu + s2 * t, 0.0)  # exactly 0 for an empty bin with mu < s2, where rounding may end below
    gamma = p.gamma0 + spread * t[:, None]
    pull = alpha - p.alpha0
    poisson = rates - jax.scipy.special.xlogy(p.counts, rates)
    value = 2 * poisson.sum() + (s2 * t * t).sum() + (pull * pull).sum()
    weight = t[:, None] * gamma
    by_shift = jnp.einsum("bs,bsk->k", weight * factor, r.basis)
    by_scale = jnp.einsum("bs,bsk->k", weight * nu, r.pattern) * l_slope
    by_alpha = jnp.concatenate([by_shift[:n_histosys] + (q_slope * by_shift[n_histosys:]) @ r.spread, by_scale])
    gradient = pull - by_alpha
    if p.direction is not None:
        slope = -(t * gamma[:, 0] * response[:, 0] * r.signal * p.direction).sum()
        gradient = jnp.concatenate([gradient, slope[None]])
    return State(value, gradient, factor, response, nu, gamma, t, s2, rates, q_slope, l_slope)


def jacobian(r: Rectangle, s: State, weight: Float[Array, "n_bin n_slot"]) -> Float[Array, "n_bin n_alpha"]:
    """J_b = sum_r weight_r dnu_r / dalpha."""
    n_histosys = r.spread.shape[1]
    by_shift = jnp.einsum("bs,bsk->bk", weight * s.factor, r.basis)
    by_scale = jnp.einsum("bs,bsk->bk", weight * s.nu, r.pattern) * s.l_slope[None]
    shift = by_shift[:, :n_histosys] + (by_shift[:, n_histosys:] * s.q_slope[None]) @ r.spread
    return jnp.concatenate([shift, by_scale], axis=1)


def factorise(r: Rectangle, p: Problem, s: State, variance: Float[Array, " n_bin"]) -> Factor:
    """Dual Gauss-Newton factor, J weighted by gamma. v is s2 + lambda (Fisher), near the end s2 + lambda^2 / n."""
    J = jacobian(r, s, s.gamma)
    cholesky = jnp.linalg.cholesky(J @ J.T + jnp.diag(variance))
    if p.direction is None:
        return Factor(J, cholesky, None)
    j = s.gamma[:, 0] * s.response[:, 0] * r.signal * p.direction
    u = jax.scipy.linalg.cho_solve((cholesky, True), j)
    return Factor(J, cholesky, (j, u, 1 / (j @ u)))


def solve(factor: Factor, gradient: Float[Array, " n_unknown"]) -> Float[Array, " n_unknown"]:
    """Gauss-Newton inverse Hessian times a vector, the strength (no prior) eliminated as a border of the system."""
    J = factor.jacobian
    g = gradient[: J.shape[1]]
    y = jax.scipy.linalg.cho_solve((factor.cholesky, True), J @ g)
    if factor.strength is None:
        return g - y @ J
    j, u, inverse = factor.strength
    e = (gradient[J.shape[1]] - j @ y) * inverse
    return jnp.concatenate([g - (y + u * e) @ J, e[None]])
