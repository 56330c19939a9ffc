"""The line from parameters to likelihood, compiled, with its gradient, for one point or many.

theta [n_parameter] : every parameter of the model, in the order of declaration.
z [n_z] : unit-normal form-factor nuisances; empty unless they are profiled in place of the experiment's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core import catalogue
from darkpenguin.core.dark import Dark, dark_number
from darkpenguin.core.inputs import Inputs, InputSet
from darkpenguin.core.likelihood import AbstractLikelihood, DirectLikelihood, Prediction
from darkpenguin.core.model import AbstractModel
from darkpenguin.core.types import AbstractContinuum, Couplings, ModeSpectrum
from darkpenguin.errors import OutOfDomain
from darkpenguin.experiments.binned import BinnedLikelihood
from darkpenguin.experiments.histfactory import Data
from darkpenguin.flavour.quark_flavours import couplings_of
from darkpenguin.flavour.rates import edges_of, mode_spectrum
from darkpenguin.flavour.rescaled import RescaledContinuum
from darkpenguin.flavour.sm_amplitude import standard_model_states
from darkpenguin.flavour.spectral import NeutrinoPair
from darkpenguin.flavour.transitions import q2_max, transition
from darkpenguin.flavour.visible_observables import visible_observable
from darkpenguin.inference.profile import Profile
from darkpenguin.inference.profile_curvature import response
from darkpenguin.inference.profile_terms import Rectangle
from darkpenguin.result import INVALID, OK, OUT_OF_DOMAIN, LikelihoodValue
from darkpenguin.setup import Setup

T = TypeVar("T")
Theta = Float[Array, " n_parameter"]
Z = Float[Array, " n_z"]
ModelClass = type[AbstractModel]
Arguments = tuple[ModelClass, InputSet, tuple[AbstractLikelihood, ...], Array, Array]  # of everything compiled here
CHUNK, BLOCK = 64, 512  # points evaluated at once, and in one call: one size, so that one program serves all
N_DIRECTION = 4  # derivatives are taken along a multiple of this many directions, so that few programs are compiled
NEWTON_STEPS = 4


# --- one point, traced ----------------------------------------------------------------------------------------------


def model_at(model_class: ModelClass, theta: Theta) -> AbstractModel:
    """The model at a full parameter vector."""
    return model_class(**{p.name: theta[i] for i, p in enumerate(model_class.parameters())})


def couplings_for(model: AbstractModel, mode: str, inputs: Inputs) -> Couplings:
    """The couplings of a model in the quark transition of a decay mode."""
    return couplings_of(model, transition(mode).quarks, inputs)


def neutrinos_only(couplings: Couplings) -> Couplings:
    """The neutrino final states, rescaled or not."""

    def is_neutrino(state: AbstractContinuum) -> bool:
        return is_neutrino(state.state) if isinstance(state, RescaledContinuum) else isinstance(state, NeutrinoPair)

    return Couplings(continua=tuple(c for c in couplings.continua if is_neutrino(c)))


def predict(model: AbstractModel, inputs: Inputs, observables: Sequence[catalogue.Observable]) -> Prediction:
    """The spectra and numbers that these observables need, and no others, on the bins of true q2 of each mode."""

    def modes(*, part: str | None = None, kind: str | None = None) -> tuple[str, ...]:
        return tuple(dict.fromkeys(o.mode for o in observables if part in (None, o.part) and kind in (None, o.kind)))

    def spectrum(couplings: Couplings, mode: str) -> ModeSpectrum:
        return mode_spectrum(couplings, mode, inputs, edges_of(mode))

    def standard_model(mode: str) -> Couplings:
        return Couplings(continua=standard_model_states(inputs, transition(mode).quarks))

    return Prediction(
        modes={m: spectrum(couplings_for(model, m, inputs), m) for m in modes(part="inv")},
        neutrinos={m: spectrum(neutrinos_only(couplings_for(model, m, inputs)), m) for m in modes(part="nunu")},
        standard_model={m: spectrum(standard_model(m), m) for m in modes(kind="ratio")},
        visible=visible(model, inputs, [o.name for o in observables if o.part == "visible"]),
        dark=dark(model, inputs, [o.name for o in observables if o.part == "dark"]),
    )


def visible(model: AbstractModel, inputs: Inputs, names: Sequence[str]) -> dict[str, Float[Array, ""]]:
    """Visible observables by name, those without arguments."""
    found = model.visible(inputs) if names else None
    return {} if found is None else {name: visible_observable(name).function(found, inputs) for name in names}


def dark(model: AbstractModel, inputs: Inputs, names: Sequence[str]) -> Dark | None:
    """The model's dark matter if any name of it is asked for. Raises OutOfDomain for what the model does not say."""
    found = model.dark(inputs) if names else None
    silent = [name for name in names if dark_number(found, name) is None]
    if silent:
        raise OutOfDomain(f"{model.name}: the model says nothing about {', '.join(silent)}")
    return found


class Signal(eqx.Module):
    """What the likelihoods make of one point.

    factors : signal factors [n_signal] of each binned result.   direct : -2 ln L of each of the others.
    covered : whether each result, in the order of the setup, covers the point.
    totals : branching fraction of each mode that the results need, everything invisible.
    """

    factors: tuple[Float[Array, " n_signal"], ...]
    direct: tuple[Float[Array, ""], ...]
    covered: tuple[Bool[Array, ""], ...]
    totals: dict[str, Float[Array, ""]]


def signal(
    model_class: ModelClass, input_set: InputSet, likelihoods: tuple[AbstractLikelihood, ...], theta: Theta, z: Z
) -> Signal:
    """The line itself: parameters -> couplings -> spectra -> signal factors and direct likelihoods."""
    inputs = input_set.at(z)
    needed = [catalogue.find(name) for one in likelihoods for name in one.about.observables]
    prediction = predict(model_at(model_class, theta), inputs, needed)
    return Signal(
        factors=tuple(one.factors(prediction) for one in likelihoods if isinstance(one, BinnedLikelihood)),
        direct=tuple(
            one.minus_two_log_likelihood(prediction) for one in likelihoods if isinstance(one, DirectLikelihood)
        ),
        covered=tuple(one.in_domain(prediction) for one in likelihoods),
        totals={mode: spectrum.total() for mode, spectrum in prediction.modes.items()},
    )


# --- compiled -------------------------------------------------------------------------------------------------------


@eqx.filter_jit
def _signal_batch(
    model_class: ModelClass,
    input_set: InputSet,
    likelihoods: tuple[AbstractLikelihood, ...],
    thetas: Float[Array, "n n_parameter"],
    zs: Float[Array, "n n_z"],
) -> Signal:
    def one(theta: Theta, z: Z) -> Signal:
        return signal(model_class, input_set, likelihoods, theta, z)

    if zs.shape[1] == 0:  # inputs shared by all points: the hadron side is computed once a chunk
        return jax.lax.map(lambda theta: one(theta, zs[0]), thetas, batch_size=CHUNK)
    return jax.lax.map(lambda point: one(*point), (thetas, zs), batch_size=CHUNK)


@eqx.filter_jit
def _signal_slopes(
    model_class: ModelClass,
    input_set: InputSet,
    likelihoods: tuple[AbstractLikelihood, ...],
    theta: Theta,
    z: Z,
    directions: tuple[Float[Array, "n_direction n_parameter"], Float[Array, "n_direction n_z"]],
) -> tuple[Signal, Signal]:
    """The signal, and its derivatives along directions of (theta, z) as a leading axis (flags carry none).

    Forward mode: a handful of directions, and a program that compiles several times faster than the reverse one.
    """

    def along(d_theta: Theta, d_z: Z) -> tuple[Signal, Signal]:
        if z.shape[0] == 0:  # fixed inputs: no derivative of the hadron side
            return jax.jvp(lambda t: signal(model_class, input_set, likelihoods, t, z), (theta,), (d_theta,))
        return jax.jvp(lambda t, z: signal(model_class, input_set, likelihoods, t, z), (theta, z), (d_theta, d_z))

    return jax.vmap(along, out_axes=(None, 0))(*directions)


@eqx.filter_jit
def _factor_slopes_batch(
    model_class: ModelClass,
    input_set: InputSet,
    likelihoods: tuple[AbstractLikelihood, ...],
    thetas: Float[Array, "n n_parameter"],
    zs: Float[Array, "n n_z"],
) -> tuple[Float[Array, "n n_signal"], Float[Array, "n n_signal n_z"]]:
    """Factors of the first binned likelihood and their derivatives in z."""

    def one(point: tuple[Theta, Z]) -> tuple[Float[Array, " n_signal"], Float[Array, "n_signal n_z"]]:
        def factors(z: Z) -> Float[Array, " n_signal"]:
            return signal(model_class, input_set, likelihoods, point[0], z).factors[0]

        return factors(point[1]), jax.jacfwd(factors)(point[1])

    return jax.lax.map(one, (thetas, zs), batch_size=CHUNK)


@eqx.filter_jit
def _hessians(
    rectangle: Rectangle, f: Float[Array, "n n_signal"], alpha: Float[Array, "n n_alpha"], data: Data
) -> Float[Array, "n n_signal n_signal"]:
    """Profiled second derivatives of -2 ln L in the signal factors."""
    return jax.lax.map(lambda point: response(rectangle, point[0], point[1], data)[1], (f, alpha), batch_size=CHUNK)


@eqx.filter_jit
def _closed(model_class: ModelClass, inputs: Inputs, modes: tuple[str, ...], theta: Theta) -> Bool[Array, ""]:
    model, end_points = model_at(model_class, theta), {mode: q2_max(transition(mode), inputs) for mode in modes}
    closed = jnp.asarray(False)
    for quarks in dict.fromkeys(transition(mode).quarks for mode in modes):
        end = jnp.stack([end_points[mode] for mode in modes if transition(mode).quarks == quarks]).max()
        couplings = couplings_of(model, quarks, inputs)
        starts = [c.threshold() for c in couplings.continua] + [line.mass**2 for line in couplings.lines]
        closed |= jnp.stack(starts).max() >= end if starts else False
    return closed


# --- a model class bound to a setup ---------------------------------------------------------------------------------


class Line:
    """-2 ln L and its gradient at a point, or -2 ln L at many points.

    n_z : number of profiled form-factor nuisances.   constant : what turns the values here into pyhf's normalisation.
    """

    def __init__(self, model_class: ModelClass, setup: Setup) -> None:
        self.model_class, self.setup = model_class, setup
        self.names = tuple(p.name for p in model_class.parameters())
        transitions = dict.fromkeys(transition(mode).form_factors for mode in setup.modes)
        self.input_set = setup.input_set.only(*(transitions if setup.nuisances == "theory" else ()))
        self.n_z = self.input_set.n_nuisance
        self.constant = float(sum(one.model.gaussian_constant() for one in setup.profiled))

    def _arguments(self, theta: np.ndarray, z: np.ndarray | None) -> Arguments:
        z = np.zeros(self.n_z) if z is None else z
        return self.model_class, self.input_set, self.setup.likelihoods, jnp.asarray(theta), jnp.asarray(z)

    def _signal(self, theta: np.ndarray, z: np.ndarray | None) -> Signal:
        # the program with derivatives serves here too: compiling another one costs more than it saves
        return _signal_slopes(*self._arguments(theta, z), self._directions(()))[0]

    def profiles(self, theta: np.ndarray, z: np.ndarray | None = None, data: Data | None = None) -> list[Profile]:
        """The binned likelihoods, profiled over their own nuisances."""
        found = self._signal(theta, z)
        return [p(f, data) for p, f in zip(self.setup.profilers, found.factors, strict=True)]

    def value_and_gradient(
        self, theta: np.ndarray, z: np.ndarray, free: Sequence[str], data: Data | None = None
    ) -> tuple[float, np.ndarray]:
        """-2 ln L + z.z and its gradient in (free parameters, z), by the envelope theorem.

        Infinity and zeros where a result does not cover the point.
        """
        n = len(free) + self.n_z
        found, slopes = _signal_slopes(*self._arguments(theta, z), self._directions(free))
        profiles = [p(f, data) for p, f in zip(self.setup.profilers, found.factors, strict=True)]
        value = sum(float(p.minus_two_log_likelihood) for p in profiles) + sum(map(float, found.direct)) + float(z @ z)
        if not (all(map(bool, found.covered)) and np.isfinite(value)):
            return float("inf"), np.zeros(n)
        gradient = np.concatenate([np.zeros(len(free)), 2 * z])
        for profile, slope in zip(profiles, slopes.factors, strict=True):
            gradient += np.asarray(slope)[:n] @ np.asarray(profile.gradient)
        for slope in slopes.direct:
            gradient += np.asarray(slope)[:n]
        return value, gradient

    def _directions(self, free: Sequence[str]) -> tuple[Array, Array]:
        """Unit vectors of the free parameters, then of z, filled up with zeros."""
        n = len(free) + self.n_z
        size = -(-max(n, 1) // N_DIRECTION) * N_DIRECTION
        in_theta, in_z = np.zeros((size, len(self.names))), np.zeros((size, self.n_z))
        for i, name in enumerate(free):
            in_theta[i, self.names.index(name)] = 1.0
        in_z[len(free) : n] = np.eye(self.n_z)
        return jnp.asarray(in_theta), jnp.asarray(in_z)

    def factor_slopes(self, theta: np.ndarray, free: Sequence[str]) -> np.ndarray:
        """d f / d parameter [n_free, n_signal] of the first binned likelihood."""
        _, slopes = _signal_slopes(*self._arguments(theta, None), self._directions(free))
        return np.asarray(slopes.factors[0])[: len(free)]

    def likelihood_values(self, theta: np.ndarray, z: np.ndarray | None = None) -> dict[str, LikelihoodValue]:
        """-2 ln L of each result with its status, in pyhf's normalisation for the binned ones."""
        found = self._signal(theta, z)
        binned, direct = iter(zip(self.setup.profilers, found.factors, strict=True)), iter(found.direct)
        out = {}
        for one, covered in zip(self.setup.likelihoods, found.covered, strict=True):
            if isinstance(one, BinnedLikelihood):
                profiler, f = next(binned)
                profile = profiler(f)
                value = float(profile.minus_two_log_likelihood + profiler.histfactory.gaussian_constant())
                status = profile.status_name()
            else:
                value, status = float(next(direct)), OK
            status = status if bool(covered) else OUT_OF_DOMAIN
            status = status if np.isfinite(value) or status != OK else INVALID
            known = np.isfinite(value) and bool(covered)
            out[one.about.name] = LikelihoodValue(value if known else None, status)
        return out

    def pulls(self, theta: np.ndarray, z: np.ndarray) -> dict[str, float]:
        """Fitted nuisances in units of their prior width: the experiments' own, then the form factors'."""
        found: dict[str, float] = {}
        for profiler, profile in zip(self.setup.profilers, self.profiles(theta, z), strict=True):
            found |= dict(zip(profiler.histfactory.alpha_names, np.asarray(profile.alpha).tolist(), strict=True))
        return found | dict(zip(self.input_set.names, np.asarray(z).tolist(), strict=True))

    def asimov(self, theta: np.ndarray) -> Data:
        """Expected data, auxiliary data included, of the fit with the model held at theta; one binned likelihood."""
        profile = self.profiles(theta, self.best_z(theta[None])[0])[0]
        return self.setup.profilers[0].asimov(profile)

    def closed(self, theta: np.ndarray) -> bool:
        """Whether some final state of the model lies above the end point of every mode that the results need."""
        modes = self.setup.modes or catalogue.DEFAULT_MODES
        return bool(_closed(self.model_class, self.setup.input_set.at(), modes, jnp.asarray(theta)))

    def values(self, thetas: np.ndarray, data: Data | None = None) -> np.ndarray:
        """-2 ln L [n], form-factor nuisances profiled; infinity where a result does not cover the point."""
        return self.values_on(thetas, (data,))[0]

    def values_on(self, thetas: np.ndarray, data_sets: Sequence[Data | None]) -> list[np.ndarray]:
        """The same for several data sets; without form-factor nuisances the signal is computed once for all."""
        if self.n_z:
            zs = [self.best_z(thetas, data) for data in data_sets]
            pairs = zip(zs, data_sets, strict=True)
            return [self._sum(self._batch(thetas, z), len(thetas), data) + (z**2).sum(axis=1) for z, data in pairs]
        found = self._batch(thetas, np.zeros((len(thetas), 0)))
        return [self._sum(found, len(thetas), data) for data in data_sets]

    def factors(self, thetas: np.ndarray) -> np.ndarray:
        """Signal factors [n, n_signal] of the first binned likelihood, form factors at their centres."""
        return np.asarray(self._batch(thetas, np.zeros((len(thetas), self.n_z))).factors[0])

    def totals(self, thetas: np.ndarray, mode: str) -> np.ndarray:
        """Branching fraction [n] of a mode that the results need, everything invisible."""
        return np.asarray(self._batch(thetas, np.zeros((len(thetas), self.n_z))).totals[mode])

    def best_z(self, thetas: np.ndarray, data: Data | None = None) -> np.ndarray:
        """Form-factor nuisances at their best, [n, n_z]: Newton steps on -2 ln L(f(z)) + z.z with the profiled Hessian
        in f.

        The factors are nearly linear in z, so their second derivatives are left out.
        """
        zs = np.zeros((len(thetas), self.n_z))
        for _ in range(NEWTON_STEPS if self.n_z else 0):
            factors, slopes = self._in_blocks(_factor_slopes_batch, thetas, zs)
            profiler = self.setup.profilers[0]
            profile = profiler.batch(jnp.asarray(factors), data)
            hessian = _hessians(profiler.rectangle, profile.f, profile.alpha, data or profiler.observed)
            gradient = np.einsum("ns,nsz->nz", np.asarray(profile.gradient), slopes) + 2 * zs
            curvature = np.einsum("nsz,nst,ntw->nzw", slopes, np.asarray(hessian), slopes) + 2 * np.eye(self.n_z)
            zs = zs - np.linalg.solve(curvature, gradient[..., None])[..., 0]
        return zs

    def _batch(self, thetas: np.ndarray, zs: np.ndarray) -> Signal:
        return self._in_blocks(_signal_batch, thetas, zs)

    def _in_blocks(self, compiled: Callable[..., T], thetas: np.ndarray, zs: np.ndarray) -> T:
        """Call for blocks of one size, the last filled up with copies of its last point."""
        parts = []
        for first in range(0, len(thetas), BLOCK):
            rows = (filled(part[first : first + BLOCK], BLOCK) for part in (thetas, zs))
            found = compiled(*self._arguments(*rows))
            parts.append(jax.tree.map(np.asarray, found))
        return jax.tree.map(lambda *x: np.concatenate(x)[: len(thetas)], *parts)

    def _sum(self, found: Signal, n: int, data: Data | None) -> np.ndarray:
        total = np.sum(found.direct, axis=0) if found.direct else np.zeros(n)
        for profiler, f in zip(self.setup.profilers, found.factors, strict=True):
            total = total + np.asarray(profiler.batch(f, data).minus_two_log_likelihood)
        covered = np.all(found.covered, axis=0)
        return np.where(covered & np.isfinite(total), total, np.inf)


def filled(rows: np.ndarray, n: int) -> np.ndarray:
    """Rows filled up to n with copies of the last."""
    return np.concatenate([rows, np.repeat(rows[-1:], n - len(rows), axis=0)])
