"""Signal shapes for the profile: eight classes, from near the Standard Model to far from it."""

from __future__ import annotations

import numpy as np

from darkpenguin._jax import jax, jnp
from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.experiments.reweight import JointDensity


def hypotheses(n: int, model: HistFactory, density: JointDensity, seed: int = 1) -> np.ndarray:
    """Signal factors [n, n_signal], shuffled; n is a multiple of eight.

    Common strength 0 to 6, light particle on the Standard Model, light particle alone, smooth shapes, log-normal per
    bin, near zero, about ten times the Standard Model, events in a single bin.
    """
    rng, k = np.random.default_rng(seed), n // 8
    signal = np.asarray(model.nominal)[np.asarray(model.signal_row)]
    one = np.ones((k, len(signal)))
    masses, rates = rng.uniform(0.1, 4.2, 2 * k), 10 ** rng.uniform(-6, -4.5, 2 * k)
    shape = jax.jit(jax.vmap(lambda mass: density.response @ density.line_shape(mass, jnp.asarray(0.1))))
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
    return np.asarray(rng.permutation(np.concatenate(classes)))
