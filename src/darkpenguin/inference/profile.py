"""The profile likelihood of a HistFactory model: -2 ln L minimised over all nuisances.

    profiler = Profiler(HistFactory.load("belle2-2023-bknunu"))
    profiler(f)                              one hypothesis -> Profile
    profiler.batch(fs)                       many
    profiler.free_strength(f0, fx)           best x of f = f0 + x fx
    profiler.minus_two_log_likelihood(f)     a number, inside jit, vmap, grad and hessian

Speed comes from the structure of the model: the statistical-error factors are profiled in closed form, the rest by a
dual Gauss-Newton method with an L-BFGS tail (`profile_terms`, `profile_solver`). Derivatives come from the envelope
theorem, not from differentiating the minimiser.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.errors import OutOfDomain
from darkpenguin.experiments.histfactory import Data, HistFactory
from darkpenguin.inference.profile_batch import (
    CHUNK,
    CONVERGED,
    INVALID_INPUT,
    NOT_CONVERGED,
    STATUS_NAMES,
    Profile,
    fit,
    fit_many,
)
from darkpenguin.inference.profile_curvature import covariance, response, with_derivatives
from darkpenguin.inference.profile_terms import Rectangle

__all__ = ["CONVERGED", "INVALID_INPUT", "NOT_CONVERGED", "STATUS_NAMES", "Data", "Profile", "Profiler"]

Scalar = Float[Array, ""]
BLOCK = 1024  # hypotheses in one call of the compiled batch; larger batches are cut, smaller ones leave it half empty

_fit = jax.jit(fit)
_fit_block = jax.jit(fit_many)
_response = jax.jit(response)
_covariance = jax.jit(covariance)


class Profiler(eqx.Module):
    """Profiles one HistFactory model.

    histfactory : the model.   rectangle : its arrays in the layout of the solver.
    observed : its observed data.   start [n_alpha] : nuisances fitted to them at f = 1, from where fits to them begin.
    """

    histfactory: HistFactory
    rectangle: Rectangle
    observed: Data
    start: Float[Array, " n_alpha"]

    def __init__(self, histfactory: HistFactory) -> None:
        self.histfactory = histfactory
        self.rectangle = Rectangle.of(histfactory)
        self.observed = histfactory.data()
        ones, zeros = jnp.ones(histfactory.n_signal), jnp.zeros(histfactory.n_alpha)
        first = _fit(self.rectangle, ones, None, self.observed, zeros)
        self.start = jnp.where(first.status == CONVERGED, first.alpha, zeros)

    def __call__(self, f: Float[jax.typing.ArrayLike, " n_signal"], data: Data | None = None) -> Profile:
        """Profile one hypothesis. A negative or not finite factor or count gives status invalid_input and +infinity."""
        return _profile(self, f, None, data, batch=False)

    def batch(self, f: Float[jax.typing.ArrayLike, "*n n_signal"], data: Data | None = None) -> Profile:
        """Profile many hypotheses; data shared (counts [n_bin]), one per hypothesis, or many for one f [n_signal]."""
        return _profile(self, f, None, data, batch=True)

    def free_strength(
        self,
        f0: Float[jax.typing.ArrayLike, "*many n_signal"],
        fx: Float[jax.typing.ArrayLike, "*more n_signal"],
        data: Data | None = None,
        bounds: tuple[float | None, float | None] | None = None,
    ) -> Profile:
        """Minimise over x as well, f = f0 + x fx; many hypotheses if f0, fx or data has a leading axis.

        f0 : at least 0.   fx : any sign, not all zero.   Without bounds x may take f below zero if no rate follows.
        bounds : (low, high), None for no bound. The profile is taken to have one minimum in x, so that a slope which
            points out of a bound puts the minimum there.
        """
        f0, fx = _floats(f0), _floats(fx)
        if f0.shape != fx.shape:
            f0, fx = jnp.broadcast_arrays(f0, fx)
        batch = f0.ndim == 2 or (data is not None and data.counts.ndim == 2)
        best = _profile(self, f0, fx, data, batch)
        for bound, sign in zip(bounds or (), (1.0, -1.0), strict=False):
            if bound is not None:
                held = _profile(self, f0 + bound * fx, None, data, batch)
                slope = (held.gradient * jnp.broadcast_to(fx, held.gradient.shape)).sum(axis=-1)
                outward = sign * slope >= 0
                best = _either(outward, _with_strength(held, bound), best)
        return best

    def minus_two_log_likelihood(self, f: Float[jax.typing.ArrayLike, " n_signal"], data: Data | None = None) -> Scalar:
        """Profiled -2 ln L as a function of f for use inside jit, vmap (in chunks), grad, jacfwd and hessian.

        Constants as in `Profile`. +infinity where the input is invalid; its derivatives are then not finite. Data are
        constants: derivatives in them are zero here.
        """
        data, start = _centres(self, data)
        f = _floats(f)
        fitted = _fit(self.rectangle, *jax.lax.stop_gradient((f, None, data, start)))
        return with_derivatives(self.rectangle, f, data, fitted)

    def hessian(self, profile: Profile, data: Data | None = None) -> Float[Array, "n_signal n_signal"]:
        """Second derivatives of the profiled -2 ln L in f at one profile."""
        return _response(self.rectangle, profile.f, profile.alpha, _centres(self, data)[0])[1]

    def covariance(
        self, profile: Profile, fx: Float[Array, " n_signal"] | None = None, data: Data | None = None
    ) -> Float[Array, "n_unknown n_unknown"]:
        """Covariance of alpha at one profile, from the Hessian of -ln L; with fx, of (alpha, x) for f + x fx."""
        return _covariance(self.rectangle, profile.f, profile.alpha, _centres(self, data)[0], fx)

    def asimov(self, profile: Profile) -> Data:
        """Data that a profile fits exactly: its rates as counts, its nuisances as centres of the constraint terms."""
        return Data(counts=profile.rates, alpha=profile.alpha, gamma=profile.gamma)

    def toys(self, profile: Profile, key: Array, n: int) -> Data:
        """n pseudo-experiments at one profile: Poisson counts, centres drawn from the constraint terms (as pyhf draws).

        Centres of rows with a statistical error near 100 % can be negative, and the fit may then take gamma below zero.
        """
        keys = jax.random.split(key, 3)
        model = self.histfactory
        return Data(
            counts=jax.random.poisson(keys[0], profile.rates, (n, model.n_bin)).astype(float),
            alpha=profile.alpha[None] + jax.random.normal(keys[1], (n, model.n_alpha)),
            gamma=profile.gamma[None] + model.sigma[None] * jax.random.normal(keys[2], (n, model.n_row)),
        )


# Functions, not methods: equinox builds an object at each access of a method, which costs a fifth of a fit.


def _centres(profiler: Profiler, data: Data | None) -> tuple[Data, Float[Array, "*batch n_alpha"]]:
    """The data, and where the nuisances start: the fit to the observed data, or the centres of the data given."""
    return (profiler.observed, profiler.start) if data is None else (data, data.alpha)


def _profile(
    profiler: Profiler, f: jax.typing.ArrayLike, direction: Array | None, data: Data | None, batch: bool
) -> Profile:
    """One hypothesis, or many in blocks; under a transformation through vmap."""
    f = _floats(f)
    n_signal = profiler.rectangle.signal_bin.shape[0]
    for name, value in (("f", f), ("fx", direction)):
        if value is not None and (value.shape[-1:] != (n_signal,) or value.ndim > 1 + batch):
            shape = f"[n, {n_signal}] or [{n_signal}]" if batch else f"[{n_signal}]"
            raise OutOfDomain(f"{name}: expected the shape {shape}, found {list(value.shape)}")
    data, start = _centres(profiler, data)
    if not batch:
        return _fit(profiler.rectangle, f, direction, data, start)
    arguments = (f, direction, data, start)
    axes = (f.ndim - 1, None if direction is None else direction.ndim - 1, data.counts.ndim - 1, start.ndim - 1)
    if any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves(arguments)):
        mapped = tuple(0 if axis == 1 else None for axis in axes)
        return jax.vmap(_fit, in_axes=(None, *mapped))(profiler.rectangle, *arguments)
    leading: tuple[Any, ...] = (f, direction, data.counts)
    lengths = {len(x) for x, axis in zip(leading, axes, strict=False) if axis == 1}
    if len(lengths) != 1:
        raise OutOfDomain(f"expected one leading axis of f, fx and data, found the lengths {sorted(lengths)}")
    return _in_blocks(profiler.rectangle, arguments, axes, lengths.pop())


def _floats(x: jax.typing.ArrayLike) -> Array:
    """A strong float64 array: other kinds of numbers would each compile anew."""
    return x if isinstance(x, jax.Array) and x.dtype == float and not x.weak_type else jnp.asarray(x, dtype=float)


def _in_blocks(r: Rectangle, arguments: tuple[Any, ...], axes: tuple[int | None, ...], n: int) -> Profile:
    """Profile n concrete hypotheses block by block; axis 1 marks a leading axis, data without one are shared."""
    f, direction, data, start = jax.tree.map(np.asarray, arguments)

    def block(tree: Any, axis: int | None, first: int) -> Any:
        """BLOCK lanes of one argument, filled with its first entry."""

        def one(x: np.ndarray) -> np.ndarray:
            lanes = x[first : first + BLOCK] if axis == 1 else x[None]
            return np.concatenate([lanes, np.broadcast_to(lanes[:1], (BLOCK - len(lanes), *lanes.shape[1:]))])

        return jax.tree.map(one, tree)

    parts = []
    for first in range(0, n, BLOCK):
        count = min(BLOCK, n - first)
        lanes = [block(x, axis, first) for x, axis in ((f, axes[0]), (direction, axes[1]), (start, axes[3]))]
        own = block(data, 1, first) if axes[2] == 1 else data
        out = _fit_block(r, lanes[0], lanes[1], own, lanes[2], -(-count // CHUNK))
        parts.append(jax.tree.map(lambda x, count=count: np.asarray(x)[:count], out))
    # device_put: jnp.asarray would compile a copy for every new n
    return jax.tree.map(lambda *x: jax.device_put(np.concatenate(x)), *parts)


def _either(flags: Array, yes: Profile, no: Profile) -> Profile:
    """Entry by entry one of two profiles."""
    return jax.tree.map(
        lambda a, b: jnp.where(flags.reshape(flags.shape + (1,) * (a.ndim - flags.ndim)), a, b), yes, no
    )


def _with_strength(held: Profile, bound: float) -> Profile:
    """A profile at fixed strength as one of a free strength that sits at its bound."""
    return dataclasses.replace(held, strength=jnp.full_like(held.minus_two_log_likelihood, bound))
