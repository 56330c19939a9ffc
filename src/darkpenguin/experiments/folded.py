"""Binned counts of an experiment folded by hand: a likelihood, its Asimov data, and what more data would show.

The signal follows from `folding`, the background and its errors from the result file, and the likelihood profiles the
background (`poisson_profile`).
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import DirectLikelihood, Prediction
from darkpenguin.core.numerics import safe_sqrt
from darkpenguin.core.types import Scalar
from darkpenguin.experiments import folding, schema_spectra
from darkpenguin.experiments.folding import Response
from darkpenguin.experiments.poisson_profile import best_background_error, profiled
from darkpenguin.experiments.schema_spectra import FoldedFile
from darkpenguin.experiments.spectra_tables import FoldedArrays, folded_arrays


class FoldedLikelihood(DirectLikelihood):
    """Counts in bins of reconstructed q2; build it with `from_file`.

    observed, background [n_bin], covariance [n_bin, n_bin] : events; the covariance is that of the background.
    """

    response: Response
    observed: Float[Array, " n_bin"]
    background: Float[Array, " n_bin"]
    covariance: Float[Array, "n_bin n_bin"]
    mode: str = eqx.field(static=True)
    about: ResultDescription = eqx.field(static=True)

    @classmethod
    def from_file(cls, file: FoldedFile, about: ResultDescription) -> FoldedLikelihood:
        """The likelihood of a file; its tables lie beside it."""
        arrays = folded_arrays(file, Path(about.path).parent)
        return cls(
            response=Response(
                mesons=jnp.asarray(2.0 * file.sample.f * file.sample.n_BB, float),
                efficiency=_efficiency(file, arrays),
                smearing=_smearing(file, arrays),
            ),
            observed=jnp.asarray(arrays.observed, float),
            background=jnp.asarray(arrays.background, float),
            covariance=jnp.asarray(arrays.covariance, float),
            mode=file.mode,
            about=about,
        )

    def signal(self, prediction: Prediction) -> Float[Array, " n_bin"]:
        """Expected signal events, everything invisible."""
        return self.response.of_spectrum(prediction.modes[self.mode])

    def expected(self, prediction: Prediction) -> Float[Array, " n_bin"]:
        """Expected events, background at its centre."""
        return self.signal(prediction) + self.background

    def of_signal(self, signal: Float[Array, " n_bin"]) -> Scalar:
        """-2 ln L of signal events, relative to the saturated model."""
        finite = jnp.isfinite(signal).all()
        value = profiled(self.observed, jnp.where(finite, signal, 0.0) + self.background, self.covariance)
        return jnp.where(finite, value, jnp.inf)

    def minus_two_log_likelihood(self, prediction: Prediction) -> Scalar:
        """-2 ln L with the background at its best; 0 if every expectation equals its count."""
        return self.of_signal(self.signal(prediction))

    def fitted_background(self, prediction: Prediction) -> Float[Array, " n_bin"]:
        """Background events at their best for a prediction."""
        return self.background + best_background_error(self.observed, self.expected(prediction), self.covariance)

    def asimov(self, prediction: Prediction) -> FoldedLikelihood:
        """The same result with the expectation of a prediction as its data."""
        about = dataclasses.replace(
            self.about,
            projection=True,
            assumptions=(*self.about.assumptions, "data replaced by the expectation of a model"),
        )
        return dataclasses.replace(self, observed=self.expected(prediction), about=about)

    def with_luminosity(self, factor: float) -> FoldedLikelihood:
        """The same analysis with `factor` times the data: mesons, counts and background grow with it.

        So do the errors of the background: their relative size stays, as for errors that more data do not reduce.
        """
        about = dataclasses.replace(
            self.about,
            projection=True,
            assumptions=(*self.about.assumptions, f"{factor:g} times the data, relative background errors unchanged"),
        )
        return dataclasses.replace(
            self,
            response=dataclasses.replace(self.response, mesons=factor * self.response.mesons),
            observed=factor * self.observed,
            background=factor * self.background,
            covariance=factor**2 * self.covariance,
            about=about,
        )


def expected_significance(likelihood: FoldedLikelihood, signal: Prediction, null: Prediction) -> Scalar:
    """Median significance, in standard deviations, with which data of the `signal` prediction disfavour the `null`.

    sqrt of -2 ln L(null) + 2 ln L(signal) on the Asimov data of the signal, for one free parameter that scales it
    [arXiv:1007.1727, section 4].
    """
    asimov = likelihood.asimov(signal)
    return safe_sqrt(asimov.minus_two_log_likelihood(null) - asimov.minus_two_log_likelihood(signal))


def _efficiency(
    file: FoldedFile, arrays: FoldedArrays
) -> folding.TabulatedEfficiency | folding.ExponentialEfficiency | folding.PolynomialEfficiency:
    given = file.efficiency
    if isinstance(given, schema_spectra.ExponentialEfficiency):
        return folding.ExponentialEfficiency(jnp.asarray(given.scale, float), jnp.asarray(given.slope, float))
    if isinstance(given, schema_spectra.PolynomialEfficiency):
        return folding.PolynomialEfficiency(jnp.asarray(given.coefficients, float))
    return folding.TabulatedEfficiency(*(jnp.asarray(column) for column in arrays.efficiency.T))


def _smearing(file: FoldedFile, arrays: FoldedArrays) -> folding.GaussianSmearing | folding.MatrixSmearing:
    given = file.smearing
    if isinstance(given, schema_spectra.MatrixSmearing):
        return folding.MatrixSmearing(jnp.asarray(given.edges, float), jnp.asarray(arrays.matrix))
    return folding.GaussianSmearing(
        jnp.asarray(arrays.edges, float), jnp.asarray(given.sigma, float), jnp.asarray(given.bias, float)
    )
