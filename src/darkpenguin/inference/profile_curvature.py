"""Derivatives of the profiled -2 ln L in the signal factors f, up to the second, and the covariance of the nuisances.

First derivatives need only the fit (envelope theorem). Second ones need how the nuisances follow: with half gradients
g_alpha, g_f and the blocks H, C, H_ff of their Jacobian, d(alpha)/df = -H^-1 C and the profiled Hessian is
2 (H_ff - C^T H^-1 C). The blocks are exact (forward differentiation of the closed formulas), not those of Gauss-Newton.
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import Data
from darkpenguin.inference.profile_batch import Profile, pose
from darkpenguin.inference.profile_terms import Rectangle, evaluate

Scalar = Float[Array, ""]
Alpha = Float[Array, " n_alpha"]
Signal = Float[Array, " n_signal"]


def curvature(r: Rectangle, f: Signal, alpha: Alpha, data: Data) -> Float[Array, "n_both n_both"]:
    """Jacobian of the half gradients of -2 ln L in (alpha, f), the factors gamma profiled."""
    n_alpha = alpha.shape[0]

    def half_gradients(both: Float[Array, " n_both"]) -> Float[Array, " n_both"]:
        s = evaluate(r, pose(r, both[n_alpha:], None, data), both[:n_alpha])
        by_bin = -s.t * s.gamma[:, 0] * s.response[:, 0]
        return jnp.concatenate([s.gradient, by_bin[r.signal_bin]])

    return jax.jacfwd(half_gradients)(jnp.concatenate([alpha, f]))


def response(r: Rectangle, f: Signal, alpha: Alpha, data: Data) -> tuple[Float[Array, "n_alpha n_signal"], Array]:
    """(d alpha / d f, profiled Hessian of -2 ln L in f) at a fit."""
    n_alpha = alpha.shape[0]
    both = curvature(r, f, alpha, data)
    mixed = both[:n_alpha, n_alpha:]
    follow = -jax.scipy.linalg.solve(both[:n_alpha, :n_alpha], mixed, assume_a="pos")
    return follow, 2 * (both[n_alpha:, n_alpha:] + mixed.T @ follow)


def covariance(
    r: Rectangle, f: Signal, alpha: Alpha, data: Data, direction: Signal | None
) -> Float[Array, "n_unknown n_unknown"]:
    """Inverse Hessian of -ln L in alpha, and with a direction in (alpha, x) of f + x direction, at a fit."""
    n_alpha = alpha.shape[0]
    both = curvature(r, f, alpha, data)
    if direction is not None:
        border = jnp.concatenate([jnp.zeros(n_alpha), direction])
        basis = jnp.concatenate([jnp.eye(n_alpha, both.shape[0]), border[None]])
        both = basis @ both @ basis.T
    else:
        both = both[:n_alpha, :n_alpha]
    return jnp.linalg.inv(both)


def with_derivatives(r: Rectangle, f: Signal, data: Data, fitted: Profile) -> Scalar:
    """The -2 ln L of a fit made at f, as a function of f with its first and second derivatives.

    `fitted` must not depend on f as far as differentiation goes (stop_gradient); data are constants.
    """
    fixed = jax.lax.stop_gradient((fitted.minus_two_log_likelihood, fitted.gradient, fitted.alpha, r, data))
    return _value(fixed, f)


@jax.custom_jvp
def _value(fixed: Any, f: Signal) -> Scalar:
    return fixed[0]


@jax.custom_jvp
def _gradient(fixed: Any, f: Signal) -> Signal:
    return fixed[1]


@jax.custom_jvp
def _alpha(fixed: Any, f: Signal) -> Alpha:
    return fixed[2]


@_value.defjvp
def _value_jvp(primals: tuple[Any, Signal], tangents: tuple[Any, Signal]) -> tuple[Scalar, Scalar]:
    return _value(*primals), _gradient(*primals) @ tangents[1]


@_gradient.defjvp
def _gradient_jvp(primals: tuple[Any, Signal], tangents: tuple[Any, Signal]) -> tuple[Signal, Signal]:
    fixed, f = primals
    _, second = response(fixed[3], f, _alpha(*primals), fixed[4])
    return _gradient(*primals), second @ tangents[1]


@_alpha.defjvp
def _alpha_jvp(primals: tuple[Any, Signal], tangents: tuple[Any, Signal]) -> tuple[Alpha, Alpha]:
    fixed, f = primals
    follow, _ = response(fixed[3], f, _alpha(*primals), fixed[4])
    return _alpha(*primals), follow @ tangents[1]
