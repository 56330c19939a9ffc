"""Worker: profiles of the full Belle II likelihood."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.serve import Timing, median, serve, timed
from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.inference.profile import CONVERGED, Profiler


def main(folder: Path) -> None:
    """Compile everything, then answer."""
    shapes = jnp.asarray(np.load(folder / "shapes.npy"))
    first: dict[str, float] = {}
    profilers: list[Profiler] = []
    first["load"] = timed(lambda: profilers.append(Profiler(HistFactory.load("belle2-2023-bknunu"))))[0]
    (profiler,) = profilers
    chain = jax.jit(lambda p, f: jax.value_and_grad(p.minus_two_log_likelihood)(f))
    near, n = jnp.full(shapes.shape[1], 1.1), len(shapes)
    calls: dict[str, tuple[Callable[[], object], int, int]] = {
        "batch": (lambda: jax.block_until_ready(profiler.batch(shapes)), 3, n),
        "single": (lambda: jax.block_until_ready(profiler(near)), 301, 1),
        "gradient": (lambda: jax.block_until_ready(chain(profiler, near)), 301, 1),
        "strength": (lambda: jax.block_until_ready(profiler.free_strength(0 * near, near)), 101, 1),
    }
    first |= {name: timed(call)[0] for name, (call, _, _) in calls.items()}
    found = profiler.batch(shapes)
    np.save(
        folder / "profiled.npy", np.asarray(found.minus_two_log_likelihood + profiler.histfactory.gaussian_constant())
    )
    failed = int((np.asarray(found.status) != CONVERGED).sum())

    def measure(name: str) -> Timing:
        call, repeats, units = calls[name]
        note = f"first call {first[name]:.1f} s"
        return median(
            call, repeats, units, note + (f"; {failed} of {n} not converged to 1e-8" if name == "batch" else "")
        )

    def loading() -> Timing:
        return Timing(first["load"], first["load"], "read the tables, compile, fit the Standard Model")

    serve({name: lambda name=name: measure(name) for name in calls} | {"load": loading})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
