"""Normalised spectra of pairs, point by point against a separate implementation."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import AbstractContinuum, Couplings
from darkpenguin.flavour.rates import dBR_dq2
from darkpenguin.flavour.spectral import FermionPair, ScalarPair, VectorPair
from validation.chain import branching_fraction, inputs
from validation.table import NUMBERS

TABLE = NUMBERS / "spectra" / "pairs.csv"
STATES: Mapping[str, Callable[[float], AbstractContinuum]] = {
    "phi_V": lambda m: ScalarPair(m, V=1.0),
    "chi_V2": lambda m: FermionPair(m, V2=1.0),
    "X_V4": lambda m: VectorPair(m, V4=1.0),
}


def read() -> dict[tuple[str, float, str], np.ndarray]:
    """(operator, mass, mode) -> (q2, density) [n, 2]."""
    with TABLE.open(encoding="utf-8") as file:
        records = list(csv.DictReader(line for line in file if not line.startswith("#")))
    keys = dict.fromkeys((r["operator"], float(r["mass"]), r["mode"]) for r in records)
    return {
        key: np.array(
            [
                (float(r["q2"]), float(r["density"]))
                for r in records
                if (r["operator"], float(r["mass"]), r["mode"]) == key
            ]
        )
        for key in keys
    }


@eqx.filter_jit
def _density(state: AbstractContinuum, mode: str, inputs: Inputs, q2: Float[Array, " n_q2"]) -> tuple[Array, Array]:
    """dBR/dq2 and its derivative."""

    def density(at: Array) -> Array:
        return dBR_dq2(Couplings(continua=(state,)), mode, inputs, at)

    return jax.jvp(density, (q2,), (jnp.ones_like(q2),))


def compute() -> dict[str, float]:
    """Largest |ours / theirs - 1| of each spectrum, over all points and with the last digit of q2 allowed for."""
    x = inputs("reference-A")
    found: dict[str, float] = {}
    for (operator, mass, mode), table in read().items():
        state = STATES[operator](mass)
        q2, theirs = table.T
        density, slope = (np.asarray(d) for d in _density(state, mode, x, jnp.asarray(q2)))
        deviation = np.abs(density / branching_fraction(state, mode, x) / theirs - 1.0)
        half_digit = 0.5 * 10.0 ** (np.floor(np.log10(q2)) - 7.0)
        name = f"spectrum_{operator}_{'K' if mode == 'B+->K+' else 'Kst'}"
        found[name] = float(np.maximum(deviation - half_digit * np.abs(slope / density), 0.0).max())
        found[f"{name}_points"] = float(len(q2))
        found[f"{name}_worst"] = float(deviation.max())
        found[f"{name}_last_but_one"] = float(deviation[:-1].max())
    return found
