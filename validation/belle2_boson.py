"""One invisible boson X on top of the Standard Model in Belle II's likelihood: scan, best point, posterior, limits."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.stats import chi2, norm

from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.core.model import Range
from darkpenguin.experiments.reweight import JointDensity
from darkpenguin.inference.profile import Profiler
from validation.posterior import hdi, log_volume

RESULT = "belle2-2023-bknunu"
WIDTH = 0.1  # GeV, the case of arXiv:2602.09666
MASS_PRIOR, RATE_PRIOR = (0.05, 4.75), (0.0, 2e-5)  # flat


def analysis(width: float) -> Analysis:
    """X with a fixed width, Standard Model as in Belle II's simulation."""
    free = {"m_S": Range(0.1, 4.2, 42), "BR": Range(0.0, 1e-3, 61)}
    return Analysis("two_body_scalar", inputs="belle2-2023", fixed={"width": width}, free=free)


class Shapes:
    """Signal factors f = 1 + BR * unit(m_X), without the chain: only the joint density and the line shape."""

    def __init__(self, profiler: Profiler, width: float = WIDTH) -> None:
        self.profiler, self.density, self.width = profiler, JointDensity.load(RESULT), width

    def units(self, masses: np.ndarray) -> np.ndarray:
        """df/dBR [n_mass, n_signal]."""

        def one(mass: jax.Array) -> jax.Array:
            zeros = jnp.zeros_like(self.density.null)
            line = (jnp.ones(1), mass[None] ** 2, jnp.array([self.width]))
            return self.density.factors(zeros, *line, outside=0.0).f

        return np.asarray(jax.vmap(one)(jnp.asarray(masses)))

    def gains(self, masses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Best BR, of either sign, and its gain in -2 ln L over BR = 0, at each mass."""
        units = jnp.asarray(self.units(masses)) * 1e-5
        free = self.profiler.free_strength(jnp.ones_like(units), units)
        return np.asarray(free.strength) * 1e-5, self.constant_signal(1.0) - np.asarray(free.minus_two_log_likelihood)

    def factors(self, masses: np.ndarray, rates: np.ndarray) -> np.ndarray:
        """f [n_mass, n_rate, n_signal]."""
        return 1.0 + rates[None, :, None] * self.units(masses)[:, None, :]

    def values(self, masses: np.ndarray, rates: np.ndarray) -> np.ndarray:
        """-2 ln L [n_mass, n_rate], nuisances profiled."""
        f = self.factors(masses, rates)
        flat = self.profiler.batch(jnp.asarray(f.reshape(-1, f.shape[-1])))
        return np.asarray(flat.minus_two_log_likelihood).reshape(f.shape[:2])

    def constant_signal(self, mu: float) -> float:
        """-2 ln L of mu times the Standard Model."""
        return float(self.profiler(jnp.full(self.profiler.histfactory.n_signal, mu)).minus_two_log_likelihood)

    def error(self, mass: float) -> float:
        """Error of BR at fixed mass, from the curvature of the profile."""
        x, step = self.gains(np.array([mass]))[0][0], 1e-7
        low, middle, high = self.values(np.array([mass]), np.array([x - step, x, x + step]))[0]
        return float(step * (2.0 / (low + high - 2.0 * middle)) ** 0.5)


def compute() -> dict[str, float]:
    """All numbers on X + Standard Model."""
    wide = analysis(WIDTH)
    shapes = Shapes(wide.setup.profilers[0])
    best = wide.minimum()
    mass, rate = (float(best.x[list(wide.free).index(name)]) for name in ("m_S", "BR"))
    sm = shapes.constant_signal(1.0)
    delta = sm - best.value
    significance = float(norm.isf(chi2.sf(delta, 2)))
    found = {
        "X_mass": mass,
        "X_p": float(chi2.sf(delta, 2)),
        "X_Z_2dof": significance,
        "X_Z_1dof": delta**0.5,
        "X_chi2": best.value - float(shapes.profiler.histfactory.saturated()),
        "X_mass_published": mass,
        "X_BR_published": rate,
        "X_Z_published": significance,
        "X_BR_error_2.1": shapes.error(2.1),
    }
    masses = (1.0, 2.1, 2.5, 3.0)
    for m, x, gain in zip(masses, *shapes.gains(np.array(masses)), strict=True):
        found |= {f"scan_BR_{m}": x, f"scan_chi2_{m}": gain}
    return found | posterior(shapes, sm) | limits(wide)


# --- posterior ------------------------------------------------------------------------------------------------------


def posterior(shapes: Shapes, sm: float) -> dict[str, float]:
    """Flat priors in mass and rate; nuisances integrated by Laplace's method, statistical-error factors profiled."""
    masses, rates = np.linspace(*MASS_PRIOR, 181), np.linspace(*RATE_PRIOR, 81)
    coarse = masses[::9], rates[::10]  # the volume of the nuisances changes slowly
    factors = shapes.factors(*coarse)
    volumes = np.array([[log_volume(shapes.profiler, f) for f in row] for row in factors])
    one, none = (np.array(log_volume(shapes.profiler, np.full(factors.shape[-1], mu))) for mu in (1.0, 0.0))
    at = np.stack(np.meshgrid(masses, rates, indexing="ij"), axis=-1)
    volume = np.moveaxis(RegularGridInterpolator(coarse, volumes - one)(at), -1, 0)
    gain = (sm - shapes.values(masses, rates)) / 2
    density = np.exp(gain + volume[0])
    by_mass, by_rate = np.trapezoid(density, rates, axis=1), np.trapezoid(density, masses, axis=0)
    evidence = [average(np.exp(gain + v), masses, rates) for v in volume]
    against_none = np.exp((shapes.constant_signal(0.0) - sm) / 2 + one - none)
    (mass_low, mass_high), (rate_low, rate_high) = hdi(masses, by_mass, 0.68), hdi(rates, by_rate, 0.68)
    ends = {"mass_low": mass_low, "mass_high": mass_high, "BR_low": rate_low, "BR_high": rate_high}
    return {
        "post_mode_BR": rates[np.unravel_index(np.argmax(density), density.shape)[1]],
        **{f"post_{name}": end for name, end in ends.items()},
        **{f"post_{name}_published": end for name, end in ends.items()},
        "bayes_X_SM": evidence[0],
        "bayes_SM_0": against_none[0],
        "bayes_X_0": evidence[0] * against_none[0],
        "full_bayes_X_SM": evidence[1],
        "full_bayes_SM_0": against_none[1],
    }


def average(density: np.ndarray, masses: np.ndarray, rates: np.ndarray) -> float:
    """Mean of a density over the flat prior."""
    integral = np.trapezoid(np.trapezoid(density, rates, axis=1), masses)
    return float(integral / np.ptp(MASS_PRIOR) / np.ptp(RATE_PRIOR))


# --- limits ---------------------------------------------------------------------------------------------------------


def limits(wide: Analysis) -> dict[str, float]:
    """95 % CLs upper limits on BR, observed and median expected, for widths of 0.1 and 0.001 GeV."""
    narrow = wide.with_model(wide.model_class, {"width": 1e-3}, wide.free)
    found = {}
    for name, one, masses in (("wide", wide, (0.5, 1.0, 2.1, 3.0)), ("narrow", narrow, (0.5, 1.0, 3.0))):
        for point in one.limits("BR", grid={"m_S": masses}):
            m = point.parameters["m_S"]
            found |= {f"limit_{name}_{m}": point.observed, f"expected_{name}_{m}": point.expected[2]}
    return found
