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

from darkpenguin._jax import jnp
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import LimitLikelihood, Prediction, observe, observe_share
from darkpenguin.core.types import Scalar
from darkpenguin.experiments.schema_spectra import MASS_OF_DARK_MATTER, DarkCurveEntry, DarkCurveFile
from darkpenguin.experiments.spectra_tables import curve_rows
from darkpenguin.experiments.upper_limit import deviations


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


class DarkCurveLikelihood(LimitLikelihood):
    """Curves of one publication; build it with `from_file`.

    curves : one per selected part.   observables : what each limits.
    """

    curves: tuple[DarkCurve, ...]
    confidence_level: float = eqx.field(static=True)
    observables: tuple[str, ...] = eqx.field(static=True)
    about: ResultDescription = eqx.field(static=True)

    @classmethod
    def from_file(cls, file: DarkCurveFile, about: ResultDescription) -> DarkCurveLikelihood:
        """The likelihood of the parts that `about` selects; tables lie beside the file."""
        entries = {entry.part: entry for entry in file.curves}
        chosen = [entries[part] for part in about.selected]
        return cls(
            curves=tuple(DarkCurve.from_entry(entry, Path(about.path).parent) for entry in chosen),
            confidence_level=file.confidence_level,
            observables=tuple(entry.observable for entry in chosen),
            about=about,
        )

    def minus_two_log_likelihood(self, prediction: Prediction) -> Scalar:
        """Sum over curves; infinite if a prediction is not finite."""
        ratio = self.over_limit(prediction)
        finite = jnp.isfinite(ratio)
        value = (deviations(self.confidence_level) * jnp.where(finite, ratio, 0.0)) ** 2
        return jnp.where(finite, value, jnp.inf).sum()

    def over_limit(self, prediction: Prediction) -> Float[Array, " n_curve"]:
        """Prediction over limit; 0 outside a table, infinite if a prediction is not finite."""
        mass = observe(MASS_OF_DARK_MATTER, prediction)
        known = jnp.isfinite(mass)
        found = []
        for curve, name in zip(self.curves, self.observables, strict=True):
            x = observe_share(name, prediction, self.about.full_density)
            finite = jnp.isfinite(x) & known
            ratio = jnp.where(finite, x, 0.0) / curve.limit(jnp.where(finite, mass, 1.0))
            found.append(jnp.where(finite, jnp.where(curve.says_something(mass), ratio, 0.0), jnp.inf))
        return jnp.stack(found)
