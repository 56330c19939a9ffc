"""Worker: dBR/dq2 of B+ -> K+ nu nubar at 100 q2 for 100 draws of the form factors."""

from __future__ import annotations

import numpy as np

from benchmarks.serve import Timing, median, serve, timed
from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import load_inputs
from darkpenguin.core.types import Couplings
from darkpenguin.flavour.rates import dBR_dq2
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos

Q2 = np.linspace(0.01, 22.8, 100)


def main() -> None:
    """Compile, then answer."""
    input_set = load_inputs("eos-1.0.21")
    only = input_set.only("B->K")
    z = jnp.asarray(np.random.default_rng(0).normal(size=(100, only.n_nuisance)))

    @jax.jit
    def spectra(z: jax.Array) -> jax.Array:
        def one(z: jax.Array) -> jax.Array:
            inputs = only.at(z)
            return dBR_dq2(Couplings(continua=(standard_model_neutrinos(inputs),)), "B+->K+", inputs, jnp.asarray(Q2))

        return jax.vmap(one)(z)

    first = timed(lambda: jax.block_until_ready(spectra(z)))[0]
    spread = float(np.asarray(spectra(z)).std(axis=0)[0])

    def draws() -> Timing:
        note = f"first call {first:.1f} s"
        return median(lambda: jax.block_until_ready(spectra(z)), 301, 1, note, spread)

    serve({"draws": draws})


if __name__ == "__main__":
    main()
