"""Neutrino Wilson coefficients |cVL|, |cSL|, |cTL| in Belle II's likelihood, against arXiv:2507.12393.

Inputs of EOS 1.0.21 and the eight B -> K form-factor parameters of the paper; Belle II's own form-factor nuisances are
held at zero in return. The signal depends linearly on x = c^2: f = outside + sum_i x_i U_i(z), with z the form factors.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.optimize import brentq, minimize
from scipy.special import ndtri
from scipy.stats import qmc

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import load_inputs
from darkpenguin.core.types import Couplings
from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.experiments.reweight import JointDensity
from darkpenguin.flavour.rates import default_edges, mode_spectrum
from darkpenguin.flavour.sm_amplitude import normalisation, standard_model_neutrinos
from darkpenguin.flavour.spectral import NeutrinoPair
from darkpenguin.inference.profile import Profiler
from darkpenguin.setup import FORM_FACTOR_NUISANCES
from validation.chain import branching_fraction
from validation.posterior import hdi, log_volume

RESULT, MODE = "belle2-2023-bknunu", "B+->K+"
NAMES = ("cVL", "cSL", "cTL")
HIGHEST = 20.0  # of the flat prior of each |c| [arXiv:2507.12393]
N_GRID = 41
PUBLISHED_MODE = (11.3, 0.0, 8.21)


class WetFit:
    """-2 ln L of x = (cVL^2, cSL^2, cTL^2) and unit-normal form-factor nuisances z."""

    def __init__(self) -> None:
        inputs = load_inputs("eos-1.0.21", {"B->K": "belle2-average-published"})
        self.input_set = inputs.only("B->K")
        self.profiler = Profiler(HistFactory.load(RESULT, held=FORM_FACTOR_NUISANCES))
        self.density = JointDensity.load(RESULT)
        self.n_z = self.input_set.n_nuisance
        self.many_units = jax.jit(lambda zs: jax.lax.map(self.units, zs, batch_size=64))
        self.objective = jax.jit(jax.value_and_grad(self.minus_two_log_likelihood))

    def units(self, z: jax.Array) -> jax.Array:
        """df/dx [3, n_signal]: vector, scalar and tensor, each with its coefficient at 1."""
        inputs = self.input_set.at(z)
        N = normalisation(inputs)
        zero = jnp.zeros(())
        states = (
            NeutrinoPair.universal(N, 1.0),
            NeutrinoPair.universal(N, zero, C_SL=1.0),
            NeutrinoPair.universal(N, zero, C_TL=1.0),
        )
        spectra = [mode_spectrum(Couplings(continua=(s,)), MODE, inputs, default_edges()) for s in states]
        return jnp.stack([self.density.factors_of(s, outside=0.0).f for s in spectra])

    def minus_two_log_likelihood(self, xz: jax.Array) -> jax.Array:
        """Profiled over Belle II's nuisances, form-factor prior included; xz = (x, z)."""
        x, z = xz[:3], xz[3:]
        return self.profiler.minus_two_log_likelihood(self.density.outside + x @ self.units(z)) + z @ z

    def minimum(self, free_z: bool, held: Mapping[int, float] | None = None) -> tuple[np.ndarray, float]:
        """(c, -2 ln L) at the best point; held: coefficients |c| by position; form factors free or at their centres."""
        held = dict(held or {})
        bounds = [(held[i] ** 2,) * 2 if i in held else (0.0, HIGHEST**2) for i in range(3)]
        bounds += [(-5.0, 5.0) if free_z else (0.0, 0.0)] * self.n_z
        start = np.array([held.get(i, 8.0) ** 2 for i in range(3)] + [0.0] * self.n_z)

        def function(xz: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = self.objective(jnp.asarray(xz))
            return float(value), np.asarray(gradient)

        found = minimize(
            function, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-7}
        )
        return np.sqrt(found.x[:3]), float(found.fun)

    def interval(self, i: int, best: float, lowest: float, rise: float) -> tuple[float, float]:
        """Ends of Delta(-2 ln L) <= rise in one coefficient, the others and the form factors profiled."""

        def excess(c: float) -> float:
            return self.minimum(True, {i: c})[1] - lowest - rise

        low = 0.0 if excess(0.0) <= 0 else brentq(excess, 0.0, best, xtol=1e-3)
        return low, brentq(excess, best, HIGHEST, xtol=1e-3)

    def posterior(self) -> dict[str, list[tuple[float, float]]]:
        """95 % highest-density intervals of the three marginal posteriors, by treatment of Belle II's nuisances.

        Sum over a grid of the coefficients, with flat priors; each grid point takes form factors of its own from a
        quasi-random sample of their prior, so that the sum over the grid integrates over them.
        """
        grid, coarse = np.linspace(0.0, HIGHEST, N_GRID), np.linspace(0.0, HIGHEST, 6)
        c = _points(grid)
        zs = ndtri(qmc.Sobol(self.n_z, seed=1).random(2 ** int(np.ceil(np.log2(len(c)))))[: len(c)])
        f = self.factors(c, np.asarray(self.many_units(jnp.asarray(zs))))
        values = np.asarray(self.profiler.batch(jnp.asarray(f)).minus_two_log_likelihood)
        at_centre = np.asarray(self.many_units(jnp.zeros((1, self.n_z))))[0]
        volumes = np.array([log_volume(self.profiler, f) for f in self.factors(_points(coarse), at_centre[None])])
        volume = RegularGridInterpolator((coarse,) * 3, volumes.reshape(6, 6, 6, 2))(c)
        volume -= volume.max(axis=0)
        weights = {"profiled": 0.0, "scalars": volume[:, 0], "all": volume[:, 1]}
        found = {}
        for name, weight in weights.items():
            density = np.exp((values.min() - values) / 2 + weight).reshape((N_GRID,) * 3)
            marginals = [np.trapezoid(np.trapezoid(np.moveaxis(density, i, 0), grid), grid) for i in range(3)]
            found[name] = [hdi(grid, m, 0.95) for m in marginals]
        return found

    def factors(self, c: np.ndarray, units: np.ndarray) -> np.ndarray:
        """f [n, n_signal] at coefficients c [n, 3] and units [n or 1, 3, n_signal]."""
        return np.asarray(self.density.outside) + (c[:, :, None] ** 2 * units).sum(axis=1)


def _points(axis: np.ndarray) -> np.ndarray:
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


def unit_rates() -> dict[str, float]:
    """Branching fractions per coefficient squared, and the Standard Model, with EOS inputs."""
    inputs = load_inputs("eos-1.0.21", {"B->K": "belle2-average-published"}).at()
    N = normalisation(inputs)
    return {
        "eos_wet_SM": branching_fraction(standard_model_neutrinos(inputs), MODE, inputs),
        "eos_unit_V": branching_fraction(NeutrinoPair.universal(N, 1.0), MODE, inputs),
        "eos_unit_S": branching_fraction(NeutrinoPair.universal(N, 0.0, C_SL=1.0), MODE, inputs),
        "eos_unit_T": branching_fraction(NeutrinoPair.universal(N, 0.0, C_TL=1.0), MODE, inputs),
    }


def fits() -> dict[str, float]:
    """Modes and intervals with form factors fixed and free."""
    fit = WetFit()
    fixed, fixed_value = fit.minimum(False)
    free, free_value = fit.minimum(True)
    posterior = fit.posterior()
    published = fit.minimum(True, dict(enumerate(PUBLISHED_MODE)))[1]
    found = {"wet_fixed_2nll": fixed_value, "wet_rise_published": published - free_value, "extra_free_2nll": free_value}
    for i, name in enumerate(NAMES):
        found |= {f"wet_fixed_{name}": fixed[i], f"wet_free_{name}": free[i]}
        intervals = {f"extra_{k}": v[i] for k, v in posterior.items()}
        intervals |= {"wet": posterior["all"][i], "extra_profile": fit.interval(i, free[i], free_value, 3.841)}
        for treatment, (low, high) in intervals.items():
            found |= {f"{treatment}_{name}_low": low, f"{treatment}_{name}_high": high}
    return found


def compute() -> dict[str, float]:
    """Rates and fits."""
    return unit_rates() | fits()
