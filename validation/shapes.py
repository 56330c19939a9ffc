"""Where true spectra of B+ -> K+ have their maximum, and how much of them lies between 3 and 7 GeV^2."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import AbstractContinuum, Couplings
from darkpenguin.flavour.rates import dBR_dq2
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import FermionPair, ScalarPair, VectorPair
from validation.chain import inputs, spectrum

MODE, WINDOW = "B+->K+", (3.0, 7.0)
Q2 = np.linspace(0.005, 22.895, 2290)
MASSES = np.arange(0.01, 2.31, 0.01)
LOW = {"phi_V": ScalarPair, "chi_V1": FermionPair, "chi_V2": FermionPair}  # have maxima in the window
HIGH = {
    "phi_S": ScalarPair,
    **dict.fromkeys(("chi_S1", "chi_S2", "chi_T1", "chi_T2"), FermionPair),
    **dict.fromkeys(("X_S", "X_T1", "X_T2", "X_V2", "X_V3", "X_V4", "X_V5", "X_V6"), VectorPair),
}
SHARES = {"phi_V": 0.3, "chi_V1": 0.6, "chi_V2": 0.6, "phi_S": 0.3}


def state(name: str, mass: Any) -> AbstractContinuum:
    """The pair with that operator alone."""
    coefficient: dict[str, Any] = {name.split("_")[1]: 1.0}
    return (LOW | HIGH)[name](mass, **coefficient)


@eqx.filter_jit
def _maxima(name: str, masses: Float[Array, " n"], inputs: Inputs) -> Float[Array, " n"]:
    """q2 [GeV^2] of the largest dBR/dq2 at each mass."""

    def at(mass: Array) -> Array:
        density = dBR_dq2(Couplings(continua=(state(name, mass),)), MODE, inputs, jnp.asarray(Q2))
        return jnp.asarray(Q2)[jnp.argmax(density)]

    return jax.vmap(at)(masses)


def share(pair: AbstractContinuum, x: Inputs) -> float:
    """Part of the rate in the window."""
    bins = spectrum(pair, MODE, x, jnp.array([0.0, *WINDOW, 23.2])).rate
    return float(bins[1] / bins.sum())


def compute() -> dict[str, float]:
    """Masses whose maximum lies in the window; lowest maximum of the others; shares."""
    x = inputs("reference-A")
    found: dict[str, float] = {"share_SM": share(standard_model_neutrinos(x), x)}
    for name in LOW:
        peaks = np.asarray(_maxima(name, jnp.asarray(MASSES), x))
        inside = MASSES[(peaks > WINDOW[0]) & (peaks < WINDOW[1])]
        found |= {f"peak_{name}_from": float(inside.min()), f"peak_{name}_to": float(inside.max())}
    for name in HIGH:
        found[f"peak_{name}"] = float(_maxima(name, jnp.asarray(MASSES), x).min())
    return found | {f"share_{name}": share(state(name, mass), x) for name, mass in SHARES.items()}
