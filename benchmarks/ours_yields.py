"""Worker: theory point -> 18 signal yields, alone and with the profile."""

from __future__ import annotations

import numpy as np

from benchmarks.serve import Timing, median, serve, timed
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.line import signal

N_POINT = 8192
CHECK = (11.3, 3.0, 8.21)


def main() -> None:
    """Compile, then answer."""
    analysis = Analysis("weak_effective", inputs="belle2-2023", form_factors={"B->K": "belle2-average-published"})
    line, rng = analysis.line, np.random.default_rng(1)
    coefficients = rng.uniform([5, 0, 0], [16, 15, 11], (N_POINT, 3))

    def theta(c: np.ndarray) -> np.ndarray:
        full = np.zeros((len(c), len(line.names)))
        full[:, [line.names.index(name) for name in ("cVL", "cSL", "cTL")]] = c
        return full

    points, check = theta(coefficients), theta(np.array([CHECK]))

    @jax.jit
    def factors(one: jax.Array) -> jax.Array:
        return signal(line.model_class, line.input_set, line.setup.likelihoods, one, jnp.zeros(0)).factors[0]

    first = timed(lambda: line.factors(check))[0]
    total = float(line.factors(check).sum())
    value = float(line.values(check)[0]) + line.constant
    single = jnp.asarray(check[0])
    jax.block_until_ready(factors(single))
    line.profiles(check[0])

    def batch() -> Timing:
        return median(lambda: line.factors(points), 3, N_POINT, f"{N_POINT} points; first call {first:.1f} s", total)

    def one() -> Timing:
        return median(lambda: jax.block_until_ready(factors(single)), 301, 1, "one jitted call", total)

    def fits() -> Timing:
        return median(lambda: line.values(points), 1, N_POINT, f"{N_POINT} points", value)

    def fit() -> Timing:
        return median(lambda: line.profiles(check[0]), 101, 1, "one point through the analysis", value)

    serve({"batch": batch, "one": one, "fits": fits, "fit": fit})


if __name__ == "__main__":
    main()
