"""Limits on an observable of dark matter as a function of its mass: direct detection.

-2 ln L = (x / sigma(m))^2, sigma = L(m) / Phi^-1((1 + CL) / 2), the half-normal of `upper_limit`: mode 0, so that a
hint of a signal is lost. Between the masses of the table ln L runs along straight lines in ln m; outside the table
nothing is said, and 0 is added.
"""

from __future__ import annotations

from pathlib import Path

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float
from scipy.stats import norm

from darkpenguin._jax import jnp
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import DirectLikelihood, Prediction, observe
from darkpenguin.core.types import Scalar
from darkpenguin.experiments.schema_spectra import MASS_OF_DARK_MATTER, DarkCurveEntry, DarkCurveFile
from darkpenguin.experiments.spectra_tables import curve_rows


class DarkCurve(eqx.Module):
    """One curve: ln of the mass [GeV] and of the limit in the unit of the observable, both [n]."""

    ln_mass: Float[Array, " n"]
    ln_limit: Float[Array, " n"]

    @classmethod
    def from_entry(cls, entry: DarkCurveEntry, folder: Path) -> DarkCurve:
        rows = curve_rows(entry, folder, entry.part).rows
        return cls(jnp.asarray(np.log(rows[:, 0])), jnp.asarray(np.log(rows[:, 1])))

    def limit(self, mass: Scalar) -> Scalar:
        """The limit at a mass [GeV]; that of the nearest end outside the table."""
        return jnp.exp(jnp.interp(jnp.log(jnp.where(mass > 0.0, mass, 1.0)), self.ln_mass, self.ln_limit))

    def says_something(self, mass: Scalar) -> Bool[Array, ""]:
        """Whether a mass [GeV] lies inside the table."""
        ln_mass = jnp.log(jnp.where(mass > 0.0, mass, 1.0))
        return (mass > 0.0) & (ln_mass >= self.ln_mass[0]) & (ln_mass <= self.ln_mass[-1])


class DarkCurveLikelihood(DirectLikelihood):
    """Curves of one publication; build it with `from_file`.

    curves : one per selected part.   observables : what each limits.   deviations : Phi^-1((1 + CL) / 2).
    """

    curves: tuple[DarkCurve, ...]
    deviations: float = eqx.field(static=True)
    observables: tuple[str, ...] = eqx.field(static=True)
    about: ResultDescription = eqx.field(static=True)

    @classmethod
    def from_file(cls, file: DarkCurveFile, about: ResultDescription) -> DarkCurveLikelihood:
        """The likelihood of the parts that `about` selects; tables lie beside the file."""
        entries = {entry.part: entry for entry in file.curves}
        chosen = [entries[part] for part in about.selected]
        return cls(
            curves=tuple(DarkCurve.from_entry(entry, Path(about.path).parent) for entry in chosen),
            deviations=float(norm.ppf((1 + file.confidence_level) / 2)),
            observables=tuple(entry.observable for entry in chosen),
            about=about,
        )

    def minus_two_log_likelihood(self, prediction: Prediction) -> Scalar:
        """Sum over curves; infinite if a prediction is not finite."""
        mass = observe(MASS_OF_DARK_MATTER, prediction)
        total = jnp.zeros(())
        for curve, name in zip(self.curves, self.observables, strict=True):
            x = observe(name, prediction)
            finite = jnp.isfinite(x) & jnp.isfinite(mass)
            ratio = jnp.where(finite, x, 0.0) / curve.limit(jnp.where(finite, mass, 1.0))
            value = jnp.where(curve.says_something(mass), (self.deviations * ratio) ** 2, 0.0)
            total += jnp.where(finite, value, jnp.inf)
        return total
