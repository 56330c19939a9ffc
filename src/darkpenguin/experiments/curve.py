"""Searches for mode + one invisible boson: a limit, or a band, as a function of the boson's mass.

The quantity is the branching fraction of each line of a model, times its probability to be invisible; continua are not
compared (the searches take a smooth spectrum as background).

limit : -2 ln L = (x / sigma(m))^2, sigma = L(m) / Phi^-1((1 + CL) / 2), the half-normal of `upper_limit`: mode 0, so
    that a hint of a signal in the data is lost. Between the masses of the table ln L(m) runs along straight lines.
band : -2 ln L = ((x - v(m)) / w)^2, w the distance from the value v to the end of the interval on the side of x, in
    standard deviations; where the interval begins at v the upper width serves on both sides. Values and ends run along
    straight lines.

A line outside the masses of the table or in one of its gaps is not compared: it adds exactly 0 (see `silent`).
"""

from __future__ import annotations

from pathlib import Path

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float

from darkpenguin._jax import jnp
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import LimitLikelihood, Prediction
from darkpenguin.core.types import ModeSpectrum, Scalar
from darkpenguin.experiments.schema_spectra import CurveEntry, CurveFile
from darkpenguin.experiments.spectra_tables import curve_rows
from darkpenguin.experiments.upper_limit import deviations

Lines = Float[Array, " n_line"]


class Curve(eqx.Module):
    """One curve. `value` is None for a limit.

    mass [n] : GeV, increasing.   up, down [n] : widths of the Gaussian above and below the value; of a limit, sigma.
    gaps [n_gap, 2] : masses without a statement, GeV.
    """

    mass: Float[Array, " n"]
    value: Float[Array, " n"] | None
    up: Float[Array, " n"]
    down: Float[Array, " n"]
    gaps: Float[Array, "n_gap 2"]

    @classmethod
    def from_entry(cls, entry: CurveEntry, folder: Path, confidence_level: float) -> Curve:
        rows = curve_rows(entry, folder, entry.part).rows
        quoted = deviations(confidence_level)
        mass, gaps = jnp.asarray(rows[:, 0]), jnp.asarray(entry.gaps).reshape(-1, 2)
        if entry.form == "limit":
            sigma = jnp.asarray(rows[:, 1] / quoted)
            return cls(mass, None, sigma, sigma, gaps)
        value, up = rows[:, 1], (rows[:, 3] - rows[:, 1]) / quoted
        down = np.where(value > rows[:, 2], (value - rows[:, 2]) / quoted, up)
        return cls(mass, jnp.asarray(value), jnp.asarray(up), jnp.asarray(down), gaps)

    def says_something(self, mass: Lines) -> Bool[Array, " n_line"]:
        """Whether a mass [GeV] lies inside the table and in no gap."""
        in_gap = (mass[:, None] > self.gaps[:, 0]) & (mass[:, None] < self.gaps[:, 1])
        return (mass >= self.mass[0]) & (mass <= self.mass[-1]) & ~in_gap.any(axis=1)

    def sigma(self, mass: Lines) -> Lines:
        """Of a limit: its one standard deviation at a mass [GeV]."""
        return jnp.exp(jnp.interp(mass, self.mass, jnp.log(self.up)))

    def of_lines(self, mass: Lines, rate: Lines) -> Lines:
        """-2 ln L of each line; 0 where the curve says nothing."""
        if self.value is None:
            centre, width = jnp.zeros(()), self.sigma(mass)
        else:
            centre = jnp.interp(mass, self.mass, self.value)
            width = jnp.where(
                rate > centre, jnp.interp(mass, self.mass, self.up), jnp.interp(mass, self.mass, self.down)
            )
        return jnp.where(self.says_something(mass), ((rate - centre) / width) ** 2, 0.0)

    def over_limit(self, mass: Lines, rate: Lines, confidence_level: float) -> Lines:
        """Rate over limit of each line; 0 where the curve says nothing or is a band."""
        if self.value is not None:
            return jnp.zeros_like(rate)
        limit = deviations(confidence_level) * self.sigma(mass)
        return jnp.where(self.says_something(mass), rate / limit, 0.0)


class CurveLikelihood(LimitLikelihood):
    """Curves of one publication; build it with `from_file`.

    curves : one per selected part.   modes : the decay mode of each.
    """

    curves: tuple[Curve, ...]
    modes: tuple[str, ...] = eqx.field(static=True)
    confidence_level: float = eqx.field(static=True)
    about: ResultDescription = eqx.field(static=True)

    @classmethod
    def from_file(cls, file: CurveFile, about: ResultDescription) -> CurveLikelihood:
        """The likelihood of the parts that `about` selects; tables lie beside the file."""
        entries = {entry.part: entry for entry in file.curves}
        chosen = [entries[part] for part in about.selected]
        curves = tuple(Curve.from_entry(e, Path(about.path).parent, file.confidence_level) for e in chosen)
        modes = tuple(entry.mode for entry in chosen)
        return cls(curves=curves, modes=modes, confidence_level=file.confidence_level, about=about)

    def minus_two_log_likelihood(self, prediction: Prediction) -> Scalar:
        """Sum over curves and lines; infinite if a rate is not finite."""
        total = jnp.zeros(())
        for curve, mode in zip(self.curves, self.modes, strict=True):
            spectrum = prediction.modes[mode]
            finite = jnp.isfinite(spectrum.line_rate)
            parts = curve.of_lines(_mass(spectrum), jnp.where(finite, spectrum.line_rate, 0.0))
            total += jnp.where(finite, parts, jnp.inf).sum()
        return total

    def over_limit(self, prediction: Prediction) -> Float[Array, " n_curve"]:
        """The line that lies farthest above each curve, or least below; bands are no limits."""
        found = []
        for curve, mode in zip(self.curves, self.modes, strict=True):
            spectrum = prediction.modes[mode]
            rate = jnp.where(jnp.isfinite(spectrum.line_rate), spectrum.line_rate, jnp.inf)
            found.append(curve.over_limit(_mass(spectrum), rate, self.confidence_level).max(initial=0.0))
        return jnp.stack(found)

    def silent(self, prediction: Prediction) -> Bool[Array, ""]:
        """Whether some line with a rate is one of which some curve says nothing."""
        found = jnp.asarray(False)
        for curve, mode in zip(self.curves, self.modes, strict=True):
            spectrum = prediction.modes[mode]
            found |= ((spectrum.line_rate > 0) & ~curve.says_something(_mass(spectrum))).any()
        return found


def _mass(spectrum: ModeSpectrum) -> Lines:
    positive = spectrum.line_q2 > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, spectrum.line_q2, 1.0)), 0.0)
