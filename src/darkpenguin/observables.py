"""Predictions with theory errors: scalar observables, differential ones, and banded spectra.

Errors move every nuisance of the inputs by -1 and +1 standard deviation, one at a time, and add half the differences
in quadrature:
the linear error, without the second-order part of each shift.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core import catalogue
from darkpenguin.core.catalogue import Observable
from darkpenguin.core.dark import Dark
from darkpenguin.core.dark_names import DARK_ENTRIES
from darkpenguin.core.inputs import Inputs, InputSet, isospin_partner
from darkpenguin.core.likelihood import Prediction, observe
from darkpenguin.core.model import AbstractModel
from darkpenguin.core.types import Couplings, ModeSpectrum, Scalar
from darkpenguin.core.visible_names import SEMILEPTONIC_MODES
from darkpenguin.cosmology.relic_status import dark_warnings
from darkpenguin.flavour.rates import dBR_dq2, edges_of, mode_spectrum
from darkpenguin.flavour.transitions import transition
from darkpenguin.flavour.visible_observables import visible_observable
from darkpenguin.line import ModelClass, Theta, Z, couplings_for, dark, model_at, neutrinos_only, visible
from darkpenguin.models.standard_model import StandardModel
from darkpenguin.result import Quantity

Shifts = Float[Array, "n_shift n_z"]
N_EDGE = 21  # of the parts that a bin of q2 is cut into


def one_sigma_shifts(input_set: InputSet) -> Float[Array, "n_shift n_z"]:
    """The centre, then every nuisance at -1 and at +1: [1 + 2 n, n]."""
    n = input_set.n_nuisance
    return jnp.concatenate([jnp.zeros((1, n)), -jnp.eye(n), jnp.eye(n)])


def centre_and_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From values at `one_sigma_shifts`, shape [1 + 2 n, ...]."""
    n = len(values) // 2
    return values[0], np.sqrt((((values[n + 1 :] - values[1 : n + 1]) / 2) ** 2).sum(axis=0))


class Shifted(eqx.Module):
    """One pair of isospin partners, or one mode, at every shift: leading axes [n_mode, n_shift], the charged B first.

    invisible, neutrinos : spectra of everything invisible, and of the neutrinos.
    """

    invisible: ModeSpectrum
    neutrinos: ModeSpectrum


PAIRS: tuple[tuple[str, ...], ...] = (("B+->K+", "B0->K0"), ("B+->K*+", "B0->K*0"))
GROUPS = PAIRS + tuple((mode,) for mode in catalogue.MODES if not any(mode in pair for pair in PAIRS))


def _needed(input_set: InputSet, modes: Iterable[str]) -> InputSet:
    """The set without the form-factor nuisances that neither the modes nor the default modes need.

    The default modes always count, so that every request for them meets the same compiled programs.
    """
    kept = {transition(mode).form_factors for mode in (*catalogue.DEFAULT_MODES, *modes)}
    dropped = input_set.templates.keys() - kept
    present = dict.fromkeys(name.split(" ")[0] for name in input_set.names)
    return input_set.only(*(name for name in present if name not in dropped))


@eqx.filter_jit
def _shifted(model_class: ModelClass, input_set: InputSet, group: tuple[str, ...], theta: Theta, zs: Shifts) -> Shifted:
    """All members of a group in one program: the neutral mode is the charged one with the partners' masses."""

    def spectrum(couplings: Couplings, inputs: Inputs) -> ModeSpectrum:
        return mode_spectrum(couplings, group[0], inputs, edges_of(group[0]))

    def one(z: Z) -> Shifted:
        inputs = input_set.at(z)
        couplings = couplings_for(model_at(model_class, theta), group[0], inputs)
        neutrinos = neutrinos_only(couplings)
        members = (inputs, isospin_partner(inputs))[: len(group)]
        pair = jax.tree.map(lambda *x: jnp.stack(x), *members)
        of_neutrinos = jax.vmap(lambda i: spectrum(neutrinos, i))(pair)
        if not couplings.lines and len(neutrinos.continua) == len(couplings.continua):
            return Shifted(of_neutrinos, of_neutrinos)
        return Shifted(jax.vmap(lambda i: spectrum(couplings, i))(pair), of_neutrinos)

    return jax.vmap(one, out_axes=1)(zs)


def _group_of_modes(
    model_class: ModelClass, theta: np.ndarray, group: tuple[str, ...], input_set: InputSet
) -> dict[str, Shifted]:
    found = _shifted(model_class, input_set, group, jnp.asarray(theta), one_sigma_shifts(input_set))
    plain = jax.tree.map(np.asarray, found)
    return {mode: jax.tree.map(lambda x, i=i: x[i], plain) for i, mode in enumerate(group)}


@eqx.filter_jit
def _observed(names: tuple[str, ...], prediction: Prediction) -> Float[Array, "n_shift n_observable"]:
    return jax.vmap(lambda p: jnp.stack([observe(name, p) for name in names]))(prediction)


def observables(
    model_class: ModelClass, input_set: InputSet, wanted: Sequence[Observable], theta: np.ndarray
) -> dict[str, Quantity]:
    """Scalar observables at one point with theory errors. The programs are compiled side by side."""
    found = _visible_observables(model_class, input_set, [o for o in wanted if o.part == "visible"], theta)
    found |= _dark_observables(model_class, input_set, [o for o in wanted if o.part == "dark"], theta)
    found |= _of_spectra(model_class, input_set, [o for o in wanted if o.part in ("nunu", "inv")], theta)
    return {o.name: found[o.name] for o in wanted}


def _of_spectra(
    model_class: ModelClass, input_set: InputSet, wanted: Sequence[Observable], theta: np.ndarray
) -> dict[str, Quantity]:
    if not wanted:
        return {}
    modes = dict.fromkeys(o.mode for o in wanted)
    ratios = dict.fromkeys(o.mode for o in wanted if o.kind == "ratio")
    input_set = _needed(input_set, modes)
    tasks = [(model_class, theta, group) for group in GROUPS if modes.keys() & set(group)]
    n_own = len(tasks)
    tasks += [(StandardModel, np.ones(1), group) for group in GROUPS if ratios.keys() & set(group)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda task: _group_of_modes(task[0], task[1], task[2], input_set), tasks))
    own = {mode: s for group in found[:n_own] for mode, s in group.items()}
    prediction = Prediction(
        modes={mode: s.invisible for mode, s in own.items()},
        neutrinos={mode: s.neutrinos for mode, s in own.items()},
        standard_model={mode: s.invisible for group in found[n_own:] for mode, s in group.items()},
    )
    values, errors = centre_and_error(np.asarray(_observed(tuple(o.name for o in wanted), prediction)))
    return {o.name: quantity(v, e, o.unit) for o, v, e in zip(wanted, values, errors, strict=True)}


@eqx.filter_jit
def _visible(
    model_class: ModelClass, input_set: InputSet, names: tuple[str, ...], theta: Theta, zs: Shifts
) -> Float[Array, "n_shift n_observable"]:
    def one(z: Z) -> Float[Array, " n_observable"]:
        return jnp.stack(list(visible(model_at(model_class, theta), input_set.at(z), names).values()))

    return jax.vmap(one)(zs)


def _visible_observables(
    model_class: ModelClass, input_set: InputSet, wanted: Sequence[Observable], theta: np.ndarray
) -> dict[str, Quantity]:
    if not wanted:
        return {}
    input_set = _needed(input_set, SEMILEPTONIC_MODES)
    names = tuple(o.name for o in wanted)
    values = _visible(model_class, input_set, names, jnp.asarray(theta), one_sigma_shifts(input_set))
    pairs = zip(*centre_and_error(np.asarray(values)), strict=True)
    return {o.name: quantity(v, e, o.unit) for o, (v, e) in zip(wanted, pairs, strict=True)}


@eqx.filter_jit
def _dark(model_class: ModelClass, inputs: Inputs, names: tuple[str, ...], theta: Theta) -> tuple[Scalar, ...]:
    """The observables, then the status code of the relic density (0 where the model has none)."""
    found = dark(model_at(model_class, theta), inputs, names)
    code = found.relic_status if found is not None and found.relic_status is not None else jnp.zeros((), int)
    prediction = Prediction(modes={}, dark=found)
    return *(observe(name, prediction) for name in names), code


def dark_names(model_class: ModelClass, input_set: InputSet) -> tuple[str, ...]:
    """The observables of its dark matter that a model says something about; nothing is computed."""
    if model_class.dark is AbstractModel.dark:
        return ()
    theta = jnp.ones(len(model_class.parameters()))
    found = eqx.filter_eval_shape(lambda t: model_at(model_class, t).dark(input_set.at()), theta)
    return tuple(e.name for e in DARK_ENTRIES if getattr(found, e.field, None) is not None)


def relic_warnings(
    model_class: ModelClass, input_set: InputSet, wanted: Sequence[Observable], theta: np.ndarray
) -> tuple[str, ...]:
    """Why a relic density that was asked for is not to be trusted; nothing if it is."""
    names = tuple(o.name for o in wanted if o.part == "dark")
    if "Omega_h2" not in names:
        return ()
    *_, code = _dark(model_class, input_set.at(), names, jnp.asarray(theta))
    return dark_warnings(Dark(relic_status=code))


def _dark_observables(
    model_class: ModelClass, input_set: InputSet, wanted: Sequence[Observable], theta: np.ndarray
) -> dict[str, Quantity]:
    """At the centre of the inputs: their errors move none of these by more than the approximations do."""
    names = tuple(o.name for o in wanted)
    values = _dark(model_class, input_set.at(), names, jnp.asarray(theta))[:-1] if names else ()
    return {o.name: quantity(float(v), 0.0, o.unit) for o, v in zip(wanted, values, strict=True)}


@eqx.filter_jit
def _visible_binned(
    model_class: ModelClass, input_set: InputSet, name: str, theta: Theta, bins: Float[Array, "n_bin 2"], zs: Shifts
) -> Float[Array, "n_shift n_bin"]:
    def one(z: Z, limits: Float[Array, " 2"]) -> Float[Array, ""]:
        inputs = input_set.at(z)
        found = model_at(model_class, theta).visible(inputs)
        return visible_observable(name).function(found, inputs, q2min=limits[0], q2max=limits[1])

    return jax.vmap(jax.vmap(one, (None, 0)), (0, None))(zs, bins)


@eqx.filter_jit
def _differential(
    model_class: ModelClass,
    input_set: InputSet,
    mode: str,
    part: catalogue.Part,
    theta: Theta,
    q2: Float[Array, " n_q2"],
    zs: Shifts,
) -> Float[Array, "n_shift n_q2"]:
    def one(z: Z) -> Float[Array, " n_q2"]:
        inputs = input_set.at(z)
        return dBR_dq2(_couplings(model_class, theta, mode, part, inputs), mode, inputs, q2)

    return jax.vmap(one)(zs)


def _couplings(model_class: ModelClass, theta: Theta, mode: str, part: catalogue.Part, inputs: Inputs) -> Couplings:
    found = couplings_for(model_at(model_class, theta), mode, inputs)
    return neutrinos_only(found) if part == "nunu" else found


@eqx.filter_jit
def _binned(
    model_class: ModelClass,
    input_set: InputSet,
    mode: str,
    part: catalogue.Part,
    theta: Theta,
    edges: Float[Array, "n_bin n_edge"],
    zs: Shifts,
) -> tuple[Float[Array, "n_shift n_bin"], Float[Array, "n_shift n_bin"]]:
    """Branching fraction in each bin, lines included, and its longitudinal part."""

    def one(z: Z) -> tuple[Float[Array, " n_bin"], Float[Array, " n_bin"]]:
        inputs = input_set.at(z)
        couplings = _couplings(model_class, theta, mode, part, inputs)
        found = jax.vmap(lambda e: mode_spectrum(couplings, mode, inputs, e))(edges)
        inside = (found.line_q2 >= edges[:, :1]) & (found.line_q2 < edges[:, -1:])
        total = found.rate.sum(axis=1) + (inside * found.line_rate).sum(axis=1)
        return total, found.longitudinal.sum(axis=1) + (inside * found.line_longitudinal).sum(axis=1)

    return jax.vmap(one)(zs)


def differential(
    model_class: ModelClass, input_set: InputSet, wanted: Observable, theta: np.ndarray, q2: Sequence[float]
) -> list[Quantity]:
    """dBR/dq2 [GeV^-2] at each q2 [GeV^2], lines left out, with theory errors."""
    input_set = _needed(input_set, (wanted.mode,))
    arguments = (wanted.mode, wanted.part, jnp.asarray(theta), jnp.asarray(q2, dtype=float))
    values = _differential(model_class, input_set, *arguments, one_sigma_shifts(input_set))
    return [quantity(v, e, wanted.unit) for v, e in zip(*centre_and_error(np.asarray(values)), strict=True)]


def binned(
    model_class: ModelClass,
    input_set: InputSet,
    wanted: Observable,
    theta: np.ndarray,
    bins: Sequence[tuple[float, float]],
) -> list[Quantity]:
    """Branching fraction or F_L in each bin (q2min, q2max) [GeV^2], lines included, with theory errors.

    F_L is 0 in a bin without rate.
    """
    if wanted.part == "visible":
        input_set = _needed(input_set, SEMILEPTONIC_MODES)
        limits = jnp.asarray(bins, dtype=float)
        shifts = one_sigma_shifts(input_set)
        rates = np.asarray(_visible_binned(model_class, input_set, wanted.name, jnp.asarray(theta), limits, shifts))
        return [quantity(v, e, wanted.unit) for v, e in zip(*centre_and_error(rates), strict=True)]
    input_set = _needed(input_set, (wanted.mode,))
    edges = jnp.stack([jnp.linspace(low, high, N_EDGE) for low, high in bins])
    arguments = (wanted.mode, wanted.part, jnp.asarray(theta), edges)
    total, longitudinal = map(np.asarray, _binned(model_class, input_set, *arguments, one_sigma_shifts(input_set)))
    values = total
    if wanted.kind == "binned_longitudinal_fraction":
        values = np.divide(longitudinal, total, out=np.zeros_like(total), where=total > 0)
    return [quantity(v, e, wanted.unit) for v, e in zip(*centre_and_error(values), strict=True)]


def quantity(value: float, error: float, unit: str) -> Quantity:
    """A number with its error; None where it is not finite."""
    known = [float(x) if np.isfinite(x) else None for x in (value, error)]
    return Quantity(known[0], known[1], unit)


class BandedSpectrum(eqx.Module):
    """dBR/dq2 averaged over each bin, with its theory error [GeV^-2]; q2: bin centres [GeV^2]; lines apart."""

    q2: np.ndarray
    value: np.ndarray
    error: np.ndarray
    line_q2: np.ndarray
    line_rate: np.ndarray


def banded_spectrum(model_class: ModelClass, input_set: InputSet, mode: str, theta: np.ndarray) -> BandedSpectrum:
    """True-q2 spectrum of one mode at one point; the overflow bin beyond Belle II's range is left out."""
    group = next(group for group in GROUPS if mode in group)
    found = _group_of_modes(model_class, theta, group, _needed(input_set, (mode,)))[mode].invisible
    edges = np.asarray(found.edges[0])[:-1]
    value, error = (x[:-1] / np.diff(edges) for x in centre_and_error(np.asarray(found.rate)))
    lines = np.asarray(found.line_q2[0]), np.asarray(found.line_rate[0])
    return BandedSpectrum((edges[1:] + edges[:-1]) / 2, value, error, *lines)
