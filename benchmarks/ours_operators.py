"""Worker: spectra of every operator in every mode, 100 q2 each, at 1000 parameter points; compile times beside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.serve import Timing, median, serve, timed
from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import load_inputs
from darkpenguin.core.types import AbstractContinuum, Couplings
from darkpenguin.flavour.invisible import fermion_pair, vector_pair
from darkpenguin.flavour.rates import dBR_dq2
from darkpenguin.flavour.sm_amplitude import normalisation
from darkpenguin.flavour.spectral import FermionPair, NeutrinoPair, RaritaSchwingerPair, ScalarPair, VectorPair
from darkpenguin.flavour.transitions import TRANSITIONS, q2_max, transition

N_POINT, N_Q2, CHUNK = 1000, 100, 64
NEUTRINO_MODES = ("B+->K+", "B0->K*0", "Lambda_b->Lambda")
INPUTS = load_inputs("eos-1.0.21").at()
PAIRS = {
    "scalar pair": (ScalarPair, ("S", "P", "V", "A")),
    "spin-1/2 pair": (FermionPair, fermion_pair.OPERATORS),
    "vector pair": (VectorPair, vector_pair.OPERATORS),
    "spin-3/2 pair": (RaritaSchwingerPair, fermion_pair.OPERATORS),
}


def neutrinos(x: jax.Array) -> AbstractContinuum:
    """Vector operators of both quark chiralities, all flavours, as EOS has them."""
    c = jnp.asarray(-6.3 + x[0])
    return NeutrinoPair.universal(normalisation(INPUTS), C_L=c, C_R=x[1])


def pair(cls: Callable[..., AbstractContinuum], operators: tuple[str, ...]) -> Callable[[jax.Array], AbstractContinuum]:
    """Every operator of a pair at once, complex, interferences included; the mass is the last number."""

    def state(x: jax.Array) -> AbstractContinuum:
        n = len(operators)
        return cls(x[-1], **{name: 1e-9 * (x[i] + 1j * x[n + i]) for i, name in enumerate(operators)})

    return state


def spectra(
    state: Callable[[jax.Array], AbstractContinuum], modes: tuple[str, ...]
) -> Callable[[jax.Array], jax.Array]:
    """[n_point, n_mode, n_q2]: dBR/dq2 at 100 q2 of each mode."""
    grid = {m: jnp.linspace(0.002, 0.998, N_Q2) * q2_max(transition(m), INPUTS) for m in modes}

    def one(x: jax.Array) -> jax.Array:
        couplings = Couplings(continua=(state(x),))
        return jnp.stack([dBR_dq2(couplings, m, INPUTS, grid[m]) for m in modes])

    return jax.jit(lambda points: jax.lax.map(one, points, batch_size=CHUNK))


def measurement(
    state: Callable[[jax.Array], AbstractContinuum], n: int, modes: tuple[str, ...]
) -> Callable[[], Timing]:
    """Compile when asked for, then time one point with all modes."""
    points = jnp.asarray(np.random.default_rng(0).uniform(0.05, 1.0, (N_POINT, n)))

    def ask() -> Timing:
        compiled = spectra(state, modes)
        first = timed(lambda: jax.block_until_ready(compiled(points)))[0]
        note = f"{len(modes)} modes x {N_Q2} q2, {N_POINT} points; first call {first:.1f} s"
        return median(lambda: jax.block_until_ready(compiled(points)), 5, N_POINT, note)

    return ask


def main() -> None:
    """Answer; the neutrinos in EOS's three modes and in all, then each pair in all modes with two hadrons or more."""
    every = tuple(t.name for t in TRANSITIONS if t.quarks == "bs" and not t.annihilation)
    asks = {
        "neutrinos": measurement(neutrinos, 2, NEUTRINO_MODES),
        "neutrinos, all modes": measurement(neutrinos, 2, every),
    }
    for name, (cls, operators) in PAIRS.items():
        asks[name] = measurement(pair(cls, operators), 2 * len(operators) + 1, every)
    serve(asks)


if __name__ == "__main__":
    main()
