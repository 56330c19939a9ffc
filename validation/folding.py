"""Spectra folded with an invented efficiency and resolution, and an invented likelihood of three bins."""

from __future__ import annotations

from pathlib import Path

from scipy.optimize import brentq

from darkpenguin._jax import jax, jnp
from darkpenguin.core.likelihood import Prediction
from darkpenguin.core.types import AbstractContinuum, AbstractLine, Couplings
from darkpenguin.experiments.folded import FoldedLikelihood
from darkpenguin.experiments.index import load
from darkpenguin.experiments.poisson_profile import profiled
from darkpenguin.flavour.rates import default_edges, line_branching_fraction, mode_spectrum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import VectorBoson
from validation.chain import inputs

SYNTHETIC = Path(__file__).parents[1] / "tests" / "data" / "synthetic-folding.toml"
MODE = "B+->K+"


def counts() -> dict[str, float]:
    """Events in the first bin of the invented result: one boson, and the Standard Model."""
    x, result = inputs("reference-R"), load(str(SYNTHETIC))
    assert isinstance(result, FoldedLikelihood)

    def first_bin(state: AbstractContinuum | AbstractLine) -> float:
        is_line = isinstance(state, AbstractLine)
        couplings = Couplings(lines=(state,)) if is_line else Couplings(continua=(state,))
        found = jax.jit(lambda c: mode_spectrum(c, MODE, x, default_edges()))(couplings)
        return float(result.signal(Prediction(modes={MODE: found}))[0])

    unit = float(line_branching_fraction(VectorBoson(2.1, g_V=1e-8), MODE, x))
    boson = VectorBoson(2.1, g_V=1e-8 * (9.2e-6 / unit) ** 0.5)
    return {"fold_2b_bin1": first_bin(boson), "fold_sm_bin1": first_bin(standard_model_neutrinos(x))}


def strength() -> dict[str, float]:
    """Best strength of a signal over a background with correlated errors, and its gain over no signal."""
    observed, signal = jnp.asarray([120.0, 95.0, 60.0]), jnp.asarray([10.0, 14.0, 2.0])
    other = jnp.asarray([105.0, 80.0, 55.0]) + jnp.asarray([5.0, 4.0, 3.0])
    covariance = jnp.asarray([[36.0, 10.0, 0.0], [10.0, 25.0, 5.0], [0.0, 5.0, 16.0]])
    value = jax.jit(lambda mu: profiled(observed, mu * signal + other, covariance))
    slope = jax.jit(jax.grad(value))
    mu = brentq(lambda at: float(slope(jnp.asarray(at))), 0.0, 3.0, xtol=1e-10)
    return {"lik_mu": mu, "lik_q0": float(value(jnp.asarray(0.0)) - value(jnp.asarray(mu)))}
