"""From hypotheses to profiles: checks of the input, chunks of lanes, one hypothesis under jit, vmap and grad.

`fit` profiles one hypothesis; under vmap it runs in chunks. All arrays are arguments, so one compiled function serves
every model of the same shape, every data set and every call.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
from jaxtyping import Array, Bool, Float, Int

from darkpenguin import result
from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import Data
from darkpenguin.inference.profile_solver import lanes_of, minimise
from darkpenguin.inference.profile_terms import Problem, Rectangle, evaluate

Scalar = Float[Array, ""]

CONVERGED, NOT_CONVERGED, INVALID_INPUT = range(3)
STATUS_NAMES = (result.CONVERGED, result.NOT_CONVERGED, result.INVALID)
CHUNK = 8  # lanes minimised in step; larger chunks wait for their slowest member


class Profile(eqx.Module):
    """A profiled hypothesis, or with a leading axis many.

    minus_two_log_likelihood : minimum over the nuisances (and the free strength), without the constants of the Gaussian
        constraints (adding `HistFactory.gaussian_constant` gives pyhf's -2 ln L); +infinity for invalid input.
    alpha [n_alpha], gamma [n_row] : the nuisances there.
    rates [n_bin] : expected events.
    f, gradient [n_signal] : signal factors, and d(-2 ln L)/df with the nuisances following.
    strength : fitted x of f0 + x fx, None if none was free.
    smallest_gamma : pyhf keeps gamma positive; where this is negative its minimum is higher than ours.
    status : 0 converged, 1 not converged, 2 invalid input (everything but the -2 ln L is then NaN).
    """

    minus_two_log_likelihood: Float[Array, "*batch"]
    alpha: Float[Array, "*batch n_alpha"]
    gamma: Float[Array, "*batch n_row"]
    rates: Float[Array, "*batch n_bin"]
    f: Float[Array, "*batch n_signal"]
    gradient: Float[Array, "*batch n_signal"]
    strength: Float[Array, "*batch"] | None
    smallest_gamma: Float[Array, "*batch"]
    status: Int[Array, "*batch"]

    def status_name(self) -> str:
        """The status of a single profile in words."""
        return STATUS_NAMES[int(self.status)]


def valid_input(f: Float[Array, " n"], direction: Float[Array, " n"] | None, data: Data) -> Bool[Array, ""]:
    """f and counts finite and at least 0, centres finite, and a direction that is finite and not zero."""
    ok = (jnp.isfinite(f) & (f >= 0)).all() & (jnp.isfinite(data.counts) & (data.counts >= 0)).all()
    ok = ok & jnp.isfinite(data.alpha).all() & jnp.isfinite(data.gamma).all()
    return ok if direction is None else ok & jnp.isfinite(direction).all() & (direction != 0).any()


def strength_unit(r: Rectangle, direction: Float[Array, " n_signal"], data: Data) -> Scalar:
    """About one statistical standard deviation of x, in which the solver counts: 1 / sqrt(sum (df nominal)^2 / n)."""
    events = direction * r.nominal[r.signal_bin, 0]
    return 1 / jnp.sqrt((events**2 / jnp.maximum(data.counts[r.signal_bin], 1.0)).sum())


def pose(
    r: Rectangle, f: Float[Array, " n_signal"], direction: Float[Array, " n_signal"] | None, data: Data
) -> Problem:
    """The problem of one hypothesis, in bins and in the rectangle."""

    def in_bins(values: Float[Array, " n_signal"]) -> Float[Array, " n_bin"]:
        return jnp.concatenate([values, jnp.zeros(1)])[r.signal_index]

    gamma0 = jnp.concatenate([data.gamma, jnp.ones(1)])[r.row]
    return Problem(in_bins(f), None if direction is None else in_bins(direction), data.counts, data.alpha, gamma0)


def fit_chunk(
    r: Rectangle,
    f: Float[Array, "n_lane n_signal"],
    direction: Float[Array, "n_lane n_signal"] | None,
    data: Data,
    start: Float[Array, "n_lane n_alpha"],
) -> Profile:
    """Profile all lanes together; `data` is shared (counts [n_bin]) or one per lane."""
    shared = None if data.counts.ndim == 1 else 0
    moving = None if direction is None else 0
    valid = jax.vmap(valid_input, in_axes=(0, moving, shared))(f, direction, data)
    safe = jnp.where(valid[:, None], f, 1.0)
    unit, along = jnp.ones(len(f)), direction
    if direction is not None:
        along = jnp.where(valid[:, None], direction, 1.0)
        unit = jax.vmap(strength_unit, in_axes=(None, 0, shared))(r, along, data)
        along = along * unit[:, None]
        start = jnp.concatenate([start, jnp.zeros((len(f), 1))], axis=1)
    placement: tuple[Any, ...] = (0, moving, shared, shared, shared)
    axes = Problem(*placement)
    problem = jax.vmap(pose, in_axes=(None, 0, moving, shared), out_axes=axes)(r, safe, along, data)
    found = minimise(lanes_of(r, problem, axes), start, ~valid)
    report = jax.vmap(lambda point, *lane: profile_at(r, point, *lane), in_axes=(0, axes, 0, 0, 0))
    return report(found.point, problem, unit, found.converged, valid)


def profile_at(
    r: Rectangle,
    point: Float[Array, " n_unknown"],
    p: Problem,
    unit: Scalar,
    converged: Bool[Array, ""],
    valid: Bool[Array, ""],
) -> Profile:
    """Everything a profile reports, from the minimum of one lane."""
    n_alpha = p.alpha0.shape[0]
    s = evaluate(r, p, point)
    value = s.value + 2 * jax.scipy.special.gammaln(p.counts + 1).sum()
    f = p.f if p.direction is None else p.f + point[n_alpha] * p.direction
    gradient = -2 * s.t * s.gamma[:, 0] * s.response[:, 0]

    def known(x: Array) -> Array:
        return jnp.where(valid, x, jnp.nan)

    gamma = s.gamma.reshape(-1)[r.place]
    return Profile(
        minus_two_log_likelihood=jnp.where(valid, value, jnp.inf),
        alpha=known(point[:n_alpha]),
        gamma=known(gamma),
        rates=known(s.rates),
        f=known(f[r.signal_bin]),
        gradient=known(gradient[r.signal_bin]),
        strength=None if p.direction is None else known(point[n_alpha] * unit),
        smallest_gamma=known(gamma.min()),
        status=jnp.where(valid, jnp.where(converged, CONVERGED, NOT_CONVERGED), INVALID_INPUT).astype(int),
    )


def fit_many(
    r: Rectangle,
    f: Float[Array, "n n_signal"],
    direction: Float[Array, "n n_signal"] | None,
    data: Data,
    start: Float[Array, "n n_alpha"],
    n_chunk: Int[Array, ""] | int | None = None,
) -> Profile:
    """Profile many hypotheses, chunk after chunk; n must be a multiple of CHUNK.

    n_chunk : number of chunks to fit, all by default; lanes beyond hold zeros. A block compiled once can be part full.
    """
    shared = data.counts.ndim == 1

    def cut(x: Array) -> Array:
        return x.reshape(-1, CHUNK, *x.shape[1:])

    lanes = jax.tree.map(cut, (f, direction, None if shared else data, start))

    def one(i: Int[Array, ""] | int) -> Profile:
        f, direction, own, start = jax.tree.map(lambda x: x[i], lanes)
        return fit_chunk(r, f, direction, data if shared else own, start)

    def store(i: Int[Array, ""], out: Profile) -> Profile:
        return jax.tree.map(lambda rows, row: jax.lax.dynamic_update_index_in_dim(rows, row, i, 0), out, one(i))

    total = len(f) // CHUNK
    empty = jax.tree.map(lambda s: jnp.zeros((total, *s.shape), s.dtype), jax.eval_shape(lambda: one(0)))
    out = jax.lax.fori_loop(0, total if n_chunk is None else n_chunk, store, empty)
    return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), out)


def pad(tree: Any, n: int) -> Any:
    """Repeat the first entry of every leaf until it has n of them."""

    def one(x: Array) -> Array:
        return jnp.concatenate([x, jnp.broadcast_to(x[:1], (n - x.shape[0], *x.shape[1:]))])

    return jax.tree.map(one, tree)


@jax.custom_batching.custom_vmap
def fit(
    r: Rectangle,
    f: Float[Array, " n_signal"],
    direction: Float[Array, " n_signal"] | None,
    data: Data,
    start: Float[Array, " n_alpha"],
) -> Profile:
    """Profile one hypothesis; under vmap many, in chunks."""
    lane = None if direction is None else direction[None]
    return jax.tree.map(lambda x: x[0], fit_chunk(r, f[None], lane, data, start[None]))


@fit.def_vmap
def _fit_rule(
    n: int, batched: Any, r: Rectangle, f: Array, direction: Array | None, data: Data, start: Array
) -> tuple[Profile, Any]:
    """vmap of `fit`: everything but shared data gets the batch axis, the number is filled up to whole chunks."""
    if any(jax.tree.leaves(batched[0])):
        raise TypeError("vmap over the arrays of a likelihood is not supported: map over f, direction or data")

    def spread(tree: Any, flags: Any) -> Any:
        return jax.tree.map(lambda x, b: x if b else jnp.broadcast_to(x, (n, *x.shape)), tree, flags)

    lanes = spread((f, direction, start), (batched[1], batched[2], batched[4]))
    own = any(jax.tree.leaves(batched[3]))
    filled = -(-n // CHUNK) * CHUNK
    f, direction, start = pad(lanes, filled)
    data = pad(spread(data, batched[3]), filled) if own else data
    out = jax.tree.map(lambda x: x[:n], fit_many(r, f, direction, data, start))
    return out, jax.tree.map(lambda _: True, out)
