"""Predictions with theory errors: scalar observables, differential ones, and banded spectra.

Errors move every nuisance of the inputs by -1 and +1 standard deviation, one at a time, and add half the differences
in quadrature:
the linear error, without the second-order part of each shift.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.catalogue import Observable
from darkpenguin.core.inputs import InputSet
from darkpenguin.core.likelihood import Prediction, observe
from darkpenguin.core.types import Couplings, ModeSpectrum
from darkpenguin.flavour.rates import dBR_dq2, default_edges, mode_spectrum
from darkpenguin.line import CHUNK, ModelClass, Theta, Z, model_at, neutrinos_only
from darkpenguin.models.standard_model import StandardModel
from darkpenguin.result import Quantity

Shifts = Float[Array, "n_shift n_z"]


def one_sigma_shifts(input_set: InputSet) -> Float[Array, "n_shift n_z"]:
    """The centre, then every nuisance at -1 and at +1: [1 + 2 n, n]."""
    n = input_set.n_nuisance
    return jnp.concatenate([jnp.zeros((1, n)), -jnp.eye(n), jnp.eye(n)])


def centre_and_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From values at `one_sigma_shifts`, shape [1 + 2 n, ...]."""
    n = len(values) // 2
    return values[0], np.sqrt((((values[n + 1 :] - values[1 : n + 1]) / 2) ** 2).sum(axis=0))


class Shifted(eqx.Module):
    """One mode at every shift: spectra of everything invisible and of the neutrinos, each summed into one bin."""

    invisible: ModeSpectrum
    neutrinos: ModeSpectrum


def _summed(couplings: Couplings, mode: str, input_set: InputSet, z: Z) -> ModeSpectrum:
    """The spectrum with all bins and lines added up: enough for every scalar observable."""
    s = mode_spectrum(couplings, mode, input_set.at(z), default_edges())
    none = jnp.zeros(0)
    longitudinal = s.longitudinal.sum() + s.line_longitudinal.sum()
    return ModeSpectrum(s.edges[jnp.array([0, -1])], s.total()[None], longitudinal[None], none, none, none, none)


@eqx.filter_jit
def _shifted(model_class: ModelClass, input_set: InputSet, mode: str, theta: Theta, zs: Shifts) -> Shifted:
    def one(z: Z) -> Shifted:
        couplings = model_at(model_class, theta).couplings(input_set.at(z))
        neutrinos = _summed(neutrinos_only(couplings), mode, input_set, z)
        same = not couplings.lines and len(neutrinos_only(couplings).continua) == len(couplings.continua)
        return Shifted(neutrinos if same else _summed(couplings, mode, input_set, z), neutrinos)

    return jax.lax.map(one, zs, batch_size=CHUNK)


@eqx.filter_jit
def _observed(names: tuple[str, ...], prediction: Prediction) -> Float[Array, "n_shift n_observable"]:
    return jax.vmap(lambda p: jnp.stack([observe(name, p) for name in names]))(prediction)


def observables(
    model_class: ModelClass, input_set: InputSet, wanted: Sequence[Observable], theta: np.ndarray
) -> dict[str, Quantity]:
    """Scalar observables at one point with theory errors. The modes are compiled side by side."""
    if not wanted:
        return {}
    zs = one_sigma_shifts(input_set)
    modes = tuple(dict.fromkeys(o.mode for o in wanted))
    ratios = tuple(dict.fromkeys(o.mode for o in wanted if o.kind == "ratio"))
    tasks = [(model_class, jnp.asarray(theta), mode) for mode in modes]
    tasks += [(StandardModel, jnp.ones(1), mode) for mode in ratios]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda task: _shifted(task[0], input_set, task[2], task[1], zs), tasks))
    own, standard = found[: len(modes)], found[len(modes) :]
    prediction = Prediction(
        modes={mode: s.invisible for mode, s in zip(modes, own, strict=True)},
        neutrinos={mode: s.neutrinos for mode, s in zip(modes, own, strict=True)},
        standard_model={mode: s.invisible for mode, s in zip(ratios, standard, strict=True)},
    )
    values, errors = centre_and_error(np.asarray(_observed(tuple(o.name for o in wanted), prediction)))
    return {o.name: quantity(v, e, o.unit) for o, v, e in zip(wanted, values, errors, strict=True)}


@eqx.filter_jit
def _differential(
    model_class: ModelClass,
    input_set: InputSet,
    mode: str,
    neutrinos: bool,
    theta: Theta,
    q2: Float[Array, " n_q2"],
    zs: Shifts,
) -> Float[Array, "n_shift n_q2"]:
    def one(z: Z) -> Float[Array, " n_q2"]:
        inputs = input_set.at(z)
        couplings = model_at(model_class, theta).couplings(inputs)
        return dBR_dq2(neutrinos_only(couplings) if neutrinos else couplings, mode, inputs, q2)

    return jax.lax.map(one, zs, batch_size=CHUNK)


def differential(
    model_class: ModelClass, input_set: InputSet, wanted: Observable, theta: np.ndarray, q2: Sequence[float]
) -> list[Quantity]:
    """dBR/dq2 [GeV^-2] at each q2 [GeV^2], lines left out, with theory errors."""
    arguments = (wanted.mode, wanted.part == "nunu", jnp.asarray(theta), jnp.asarray(q2, dtype=float))
    values = _differential(model_class, input_set, *arguments, one_sigma_shifts(input_set))
    return [quantity(v, e, wanted.unit) for v, e in zip(*centre_and_error(np.asarray(values)), strict=True)]


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


@eqx.filter_jit
def _spectra(model_class: ModelClass, input_set: InputSet, mode: str, theta: Theta, zs: Shifts) -> ModeSpectrum:
    def one(z: Z) -> ModeSpectrum:
        inputs = input_set.at(z)
        return mode_spectrum(model_at(model_class, theta).couplings(inputs), mode, inputs, default_edges())

    return jax.lax.map(one, zs, batch_size=CHUNK)


def banded_spectrum(model_class: ModelClass, input_set: InputSet, mode: str, theta: np.ndarray) -> BandedSpectrum:
    """True-q2 spectrum of one mode at one point; the overflow bin beyond Belle II's range is left out."""
    found = _spectra(model_class, input_set, mode, jnp.asarray(theta), one_sigma_shifts(input_set))
    edges = np.asarray(found.edges[0])[:-1]
    value, error = (x[:-1] / np.diff(edges) for x in centre_and_error(np.asarray(found.rate)))
    lines = np.asarray(found.line_q2[0]), np.asarray(found.line_rate[0])
    return BandedSpectrum((edges[1:] + edges[:-1]) / 2, value, error, *lines)
