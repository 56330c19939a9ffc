"""The minimisation behind the profile: a few hypotheses (lanes) at a time, all in step.

1. Gauss-Newton in dual form (one n_bin x n_bin Cholesky per step) with a line search per lane, until the largest
   gradient of the chunk is below a switch: safe from far away, but linear near the minimum.
2. One more factor, then L-BFGS with that factor as initial inverse Hessian and unit steps.
3. Lanes that did not converge go again with a switch so small that step 2 starts next to the minimum.
Convergence: largest half gradient of -2 ln L below the tolerance, in prior standard deviations (for a free strength:
about one statistical standard deviation).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from jaxtyping import Array, Bool, Float, Int

from darkpenguin._jax import jax, jnp
from darkpenguin.inference.profile_terms import Factor, Problem, Rectangle, State, evaluate, factorise, solve

TOLERANCE = 1e-8
SWITCH = (1.0, 1e-3)  # largest gradient at which a pass leaves Gauss-Newton
MAX_GAUSS_NEWTON = (40, 200)
MAX_TAIL = 30
MEMORY = 4  # L-BFGS pairs; 2 to 8 cost the same
SLACK = 1e-7  # rise of -2 ln L that a step may have: rounding of a sum near 1e3 must not stop it
CURVATURE = 1e-30  # pairs with less curvature than this are dropped

Lanes = Float[Array, "n_lane n_unknown"]
Flags = Bool[Array, " n_lane"]


class Solution(NamedTuple):
    """Minimum of each lane: the point, everything evaluated there, and whether the tolerance was met."""

    point: Lanes
    state: State
    converged: Flags


class Lane(NamedTuple):
    """The formulas of `profile_terms` for all lanes at once."""

    evaluate: Callable[[Lanes], State]
    fisher_step: Callable[[State], Lanes]
    last_factor: Callable[[State], Factor]
    solve: Callable[[Factor, Lanes], Lanes]


def lanes_of(rectangle: Rectangle, problem: Problem, axes: Any) -> Lane:
    """Bind the arrays; `axes` is a Problem with 0 for what differs between lanes and None for what they share."""

    def fisher_step(p: Problem, s: State) -> Float[Array, " n_unknown"]:
        return solve(factorise(rectangle, p, s, s.s2 + s.rates), s.gradient)

    def last_factor(p: Problem, s: State) -> Factor:
        # the exact curvature of the profiled Poisson term is 1 / v; an empty bin has none, v of half an event stands in
        return factorise(rectangle, p, s, s.s2 + s.rates**2 / jnp.maximum(p.counts, 0.5))

    def over(fn: Callable[..., Any]) -> Callable[..., Any]:
        mapped = jax.vmap(fn, in_axes=(axes, 0))
        return lambda x: mapped(problem, x)

    return Lane(
        evaluate=over(lambda p, x: evaluate(rectangle, p, x)),
        fisher_step=over(fisher_step),
        last_factor=over(last_factor),
        solve=jax.vmap(solve),
    )


def size(gradient: Lanes) -> Float[Array, " n_lane"]:
    """Largest component of each lane, infinite if any is not a number."""
    return jnp.max(jnp.where(jnp.isnan(gradient), jnp.inf, jnp.abs(gradient)), axis=1)


def choose(flags: Flags, yes: State, no: State) -> State:
    """Lane by lane one of two states."""

    def pick(a: Array, b: Array) -> Array:
        return jnp.where(flags.reshape(flags.shape + (1,) * (a.ndim - 1)), a, b)

    return jax.tree.map(pick, yes, no)


def minimise(lane: Lane, start: Lanes, skip: Flags) -> Solution:
    """Minimum of every lane from `start`; lanes in `skip` are left where they are and count as converged."""

    def unfinished(carry: tuple[Int[Array, ""], Solution]) -> Bool[Array, ""]:
        attempt, solution = carry
        return (attempt < len(SWITCH)) & ~solution.converged.all()

    def one_pass(carry: tuple[Int[Array, ""], Solution]) -> tuple[Int[Array, ""], Solution]:
        attempt, before = carry
        switch, limit = jnp.asarray(SWITCH)[attempt], jnp.asarray(MAX_GAUSS_NEWTON)[attempt]
        point, state = gauss_newton(lane, start, lane.evaluate(start), before.converged, switch, limit)
        end, done = tail(lane, point, state, before.converged)
        done = done | before.converged
        point = jnp.where(done[:, None], end, point)
        point = jnp.where(before.converged[:, None], before.point, point)
        return attempt + 1, Solution(point, lane.evaluate(point), done)

    first = Solution(start, lane.evaluate(start), skip)
    return jax.lax.while_loop(unfinished, one_pass, (jnp.asarray(0), first))[1]


def gauss_newton(
    lane: Lane, point: Lanes, state: State, skip: Flags, switch: Float[Array, ""], limit: Int[Array, ""]
) -> tuple[Lanes, State]:
    """Gauss-Newton with a line search per lane, at least one step, until all gradients are below `switch`."""

    def far(carry: tuple[Int[Array, ""], Lanes, State, Float[Array, " n_lane"]]) -> Bool[Array, ""]:
        step, _, state, _ = carry
        return (step == 0) | ((step < limit) & (jnp.where(skip, 0.0, size(state.gradient)) >= switch).any())

    def body(
        carry: tuple[Int[Array, ""], Lanes, State, Float[Array, " n_lane"]],
    ) -> tuple[Int[Array, ""], Lanes, State, Float[Array, " n_lane"]]:
        step, point, state, scale = carry
        trial = point - scale[:, None] * lane.fisher_step(state)
        there = lane.evaluate(trial)
        better = (
            (there.value <= state.value + SLACK) & (there.rates >= 0).all(axis=1) & (size(there.gradient) < jnp.inf)
        )
        move = better & ~skip & (size(state.gradient) >= TOLERANCE)
        scale = jnp.where(better, jnp.minimum(3 * scale, 1.0), scale / 4)
        return step + 1, jnp.where(move[:, None], trial, point), choose(move, there, state), scale

    start = (jnp.asarray(0), point, state, jnp.ones(point.shape[0]))
    _, point, state, _ = jax.lax.while_loop(far, body, start)
    return point, state


class Memory(NamedTuple):
    """L-BFGS pairs, oldest first: steps s, changes y of the gradient, and 1 / s.y (0: no pair)."""

    steps: Float[Array, "n_lane n_pair n_unknown"]
    changes: Float[Array, "n_lane n_pair n_unknown"]
    inverse: Float[Array, "n_lane n_pair"]


def tail(lane: Lane, point: Lanes, state: State, skip: Flags) -> tuple[Lanes, Flags]:
    """L-BFGS on the factor of `state`, unit steps. A lane whose gradient stops being a number stays where it was."""
    factor = lane.last_factor(state)
    n_lane, n_unknown = point.shape

    def busy(carry: tuple[Int[Array, ""], Lanes, Lanes, Memory, Flags]) -> Bool[Array, ""]:
        step, _, _, _, active = carry
        return (step < MAX_TAIL) & active.any()

    def body(
        carry: tuple[Int[Array, ""], Lanes, Lanes, Memory, Flags],
    ) -> tuple[Int[Array, ""], Lanes, Lanes, Memory, Flags]:
        step, point, gradient, memory, active = carry
        move = -direction(lane, factor, memory, gradient)
        trial = point + move
        there = lane.evaluate(trial).gradient
        usable = active & (size(there) < jnp.inf)
        change = there - gradient
        curvature = (move * change).sum(axis=1)
        kept = usable & (curvature > CURVATURE)
        memory = remember(memory, move, change, jnp.where(kept, 1 / jnp.where(kept, curvature, 1.0), 0.0))
        point = jnp.where(usable[:, None], trial, point)
        gradient = jnp.where(usable[:, None], there, gradient)
        return step + 1, point, gradient, memory, usable & (size(gradient) >= TOLERANCE)

    zeros = jnp.zeros((n_lane, MEMORY, n_unknown))
    memory = Memory(zeros, zeros, jnp.zeros((n_lane, MEMORY)))
    active = ~skip & (size(state.gradient) >= TOLERANCE)
    start = (jnp.asarray(0), point, state.gradient, memory, active)
    _, point, gradient, _, _ = jax.lax.while_loop(busy, body, start)
    return point, size(gradient) < TOLERANCE


def remember(memory: Memory, step: Lanes, change: Lanes, inverse: Float[Array, " n_lane"]) -> Memory:
    """Drop the oldest pair and add one; a pair with inverse 0 takes no part."""

    def shift(old: Array, new: Array) -> Array:
        return jnp.concatenate([old[:, 1:], new[:, None]], axis=1)

    used = inverse[:, None] != 0
    step, change = jnp.where(used, step, 0.0), jnp.where(used, change, 0.0)
    return Memory(shift(memory.steps, step), shift(memory.changes, change), shift(memory.inverse, inverse))


def direction(lane: Lane, factor: Factor, memory: Memory, gradient: Lanes) -> Lanes:
    """L-BFGS two-loop recursion (Nocedal, Math. Comp. 35 (1980) 773); initial inverse Hessian: the dual factor."""
    weights = []
    rest = gradient
    for i in reversed(range(MEMORY)):
        weight = memory.inverse[:, i] * (memory.steps[:, i] * rest).sum(axis=1)
        rest = rest - weight[:, None] * memory.changes[:, i]
        weights.append(weight)
    out = lane.solve(factor, rest)
    for i, weight in zip(range(MEMORY), reversed(weights), strict=True):
        correction = weight - memory.inverse[:, i] * (memory.changes[:, i] * out).sum(axis=1)
        out = out + correction[:, None] * memory.steps[:, i]
    return out
