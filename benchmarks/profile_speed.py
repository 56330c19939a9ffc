"""Time of the profiled Belle II likelihood: one core, XLA with one thread.

    python benchmarks/profile_speed.py [number of fits]

Prints compile times, milliseconds per fit of a batch of mixed hypotheses (wall and CPU, best of three), how many did
not converge, and median milliseconds of single calls. The hypotheses come in eight classes: common strength 0 to 6,
light particle on the Standard Model, light particle alone, smooth shapes, log-normal per bin, near zero, ten times the
Standard Model, events in a single bin.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np

from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.experiments.reweight import JointDensity
from darkpenguin.inference.profile import CONVERGED, Profiler

NAME = "belle2-2023-bknunu"


def hypotheses(n: int, model: HistFactory, density: JointDensity, seed: int = 1) -> np.ndarray:
    """Signal factors [n, n_signal] in eight classes, shuffled; n is a multiple of eight."""
    rng, k = np.random.default_rng(seed), n // 8
    signal = np.asarray(model.nominal)[np.asarray(model.signal_row)]
    one = np.ones((k, len(signal)))
    masses, rates = rng.uniform(0.1, 4.2, 2 * k), 10 ** rng.uniform(-6, -4.5, 2 * k)
    shape = jax.jit(jax.vmap(lambda mass: density.response @ density.line_shape(mass, 0.1)))
    lines = np.asarray(shape(jnp.asarray(masses))) * rates[:, None]
    x = np.linspace(-1, 1, len(signal))
    smooth = rng.normal(0, 0.7, (k, 1)) + rng.normal(0, 0.5, (k, 1)) * x + rng.normal(0, 0.3, (k, 1)) * x**2
    events = np.where(np.arange(len(signal)) < 12, rng.uniform(20, 200, (k, 1)), rng.uniform(3, 40, (k, 1)))
    single = np.eye(len(signal))[rng.integers(0, len(signal), k)] * events / signal
    classes = [
        rng.uniform(0, 6, (k, 1)) * one,
        1 + lines[:k],
        lines[k:],
        np.exp(smooth),
        np.exp(rng.normal(0, 1, one.shape)),
        10 ** rng.uniform(-8, -2, one.shape),
        rng.uniform(5, 15, (k, 1)) * one,
        single,
    ]
    return rng.permutation(np.concatenate(classes))


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one call, results ready."""
    wall, cpu = time.perf_counter(), time.process_time()
    jax.block_until_ready(call())
    return time.perf_counter() - wall, time.process_time() - cpu


def report(what: str, call: Callable[[], object], calls: int = 300) -> None:
    """First call and median of the next ones."""
    first = timed(call)[0]
    times = np.array([timed(call) for _ in range(calls)])
    wall, cpu = np.median(times, axis=0) * 1e3
    print(f"{what:<44} {wall:8.3f} ms   (cpu {cpu:.3f}, best {times[:, 0].min() * 1e3:.3f}; first call {first:.1f} s)")


def main(n: int) -> None:
    """Run everything and print."""
    start = time.perf_counter()
    profiler, density = Profiler(HistFactory.load(NAME)), JointDensity.load(NAME)
    print(f"load the tables, compile and fit the SM      {time.perf_counter() - start:8.1f} s")
    f = hypotheses(n, profiler.histfactory, density)
    print(f"first batch (compile and {n} fits)        {timed(lambda: profiler.batch(f))[0]:8.1f} s")
    wall, cpu = np.min([timed(lambda: profiler.batch(f)) for _ in range(3)], axis=0) / n * 1e3
    failed = int((np.asarray(profiler.batch(f).status) != CONVERGED).sum())
    print(
        f"batch, value and gradient, per fit           {wall:8.4f} ms   (cpu {cpu:.4f}; {failed} of {n} not converged)"
    )
    ones, near = jnp.ones(18), jnp.full(18, 1.1)
    chain = jax.jit(lambda p, x: jax.value_and_grad(p.minus_two_log_likelihood)(x))
    report("one fit, 10 % from the SM: all outputs", lambda: profiler(near))
    report("one fit, 5 times the SM: all outputs", lambda: profiler(5 * ones))
    report("value and gradient inside jit", lambda: chain(profiler, near))
    report("one fit with a free strength", lambda: profiler.free_strength(0 * ones, ones))
    sm = profiler(ones)
    report("profiled Hessian, 18 x 18", lambda: profiler.hessian(sm), calls=50)


if __name__ == "__main__":
    main(int(sys.argv[1]) // 8 * 8 if len(sys.argv) > 1 else 10240)
