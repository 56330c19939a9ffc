"""Quoted upper limits turned into likelihoods.

A limit is not a likelihood: it is one number made from one by a procedure of the experiment. The result file states the
procedure and the form that is assumed here. For all forms the one free number is fixed by the same rule: the
likelihood, normalised over branching fractions x >= 0, has its CL quantile at the quoted limit L,

    int_0^L L(x) dx / int_0^infinity L(x) dx = CL.

half_normal (nothing but the limit is published)
    -2 ln L = (x / sigma)^2,  sigma = L / Phi^-1((1 + CL) / 2). Mode 0: any hint of a signal in the data is lost.
truncated_gaussian (a central value with an error is published, in events or as a branching fraction)
    -2 ln L = ((x - c) / sigma)^2. In events, c and sigma are the published ones times one scale, which follows from
    the rule; as a branching fraction they are taken as published, and the limit is kept for information.
counting (observed and expected background events are published)
    -2 ln L = 2 [nu - n + n ln(n / nu)] + ((b - b0) / sigma_b)^2,  nu = s x + b, with b at its best value for each x
    (closed form); the events per branching fraction s follow from the rule.
one_sided (a measured value that a model may stay below, such as a relic density)
    -2 ln L = (max(x - c, 0) / sigma)^2, c and sigma as published; the limit is kept for information.
two_sided (a measured value that a model may miss on either side, such as the number of neutrinos)
    -2 ln L = ((x - c) / sigma)^2, c and sigma as published; the limit is on |x - c|.
"""

from __future__ import annotations

import math

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float
from scipy.integrate import cumulative_simpson
from scipy.stats import norm

from darkpenguin._jax import jnp
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import LimitLikelihood, Prediction
from darkpenguin.core.types import Scalar
from darkpenguin.experiments.schema_values import (
    CountingLimit,
    LimitEntry,
    OneSidedLimit,
    TruncatedGaussianLimit,
    TwoSidedLimit,
    UpperLimitFile,
)
from darkpenguin.experiments.tested import Tested


class GaussianShape(eqx.Module):
    """-2 ln L = ((x - center) / width)^2, for x in the unit of the observable; center 0 is the half-normal."""

    center: Float[Array, ""]
    width: Float[Array, ""]

    def of_value(self, x: Scalar) -> Scalar:
        """-2 ln L at x."""
        return ((x - self.center) / self.width) ** 2


class OneSidedShape(eqx.Module):
    """-2 ln L = ((x - center) / width)^2 above the center, 0 below."""

    center: Float[Array, ""]
    width: Float[Array, ""]

    def of_value(self, x: Scalar) -> Scalar:
        """-2 ln L at x."""
        return (jnp.maximum(x - self.center, 0.0) / self.width) ** 2


class CountingShape(eqx.Module):
    """Poisson counts with a background known to +- error (Gaussian, profiled).

    observed, background, error : events; background positive, error 0 if nothing was observed.
    per_unit : expected signal events for a branching fraction of 1.
    """

    observed: Float[Array, ""]
    background: Float[Array, ""]
    error: Float[Array, ""]
    per_unit: Float[Array, ""]

    def of_value(self, x: Scalar) -> Scalar:
        """-2 ln L at x, relative to the saturated model.

        d/db = 0 gives nu^2 - (m - v) nu - n v = 0 with m = s x + b0, v = error^2, and the penalty v (n / nu - 1)^2.
        """
        m, v, n = self.per_unit * x + self.background, self.error**2, self.observed
        root = jnp.sqrt((m - v) ** 2 + 4 * n * v)
        # the same root of the quadratic equation twice, each where nothing cancels
        nu = jnp.where(m >= v, (m - v + root) / 2, 2 * n * v / jnp.where(m >= v, 1.0, root - (m - v)))
        log_term = jnp.where(n > 0, n * jnp.log(jnp.where(n > 0, n, 1.0) / nu), 0.0)
        return 2 * (nu - n + log_term) + v * (n / nu - 1) ** 2


class UpperLimitLikelihood(LimitLikelihood):
    """Independent limits of one publication; build it with `from_file`.

    shapes : one per selected part.   limit [n] : the quoted limits, at `confidence_level`.
    center [n] : where they count from: 0, or the value that a two-sided limit holds around.
    tested : what of a prediction they are compared with.
    """

    shapes: tuple[GaussianShape | OneSidedShape | CountingShape, ...]
    limit: Float[Array, " n"]
    center: Float[Array, " n"]
    tested: Tested
    confidence_level: float = eqx.field(static=True)
    about: ResultDescription = eqx.field(static=True)

    @classmethod
    def from_file(cls, file: UpperLimitFile, about: ResultDescription) -> UpperLimitLikelihood:
        """The likelihood of the parts that `about` selects."""
        entries = {entry.part: entry for entry in file.limits}
        chosen = [entries[part] for part in about.selected]
        return cls(
            shapes=tuple(shape(entry, file.confidence_level) for entry in chosen),
            limit=jnp.asarray([entry.limit for entry in chosen]),
            center=jnp.asarray([entry.central if isinstance(entry, TwoSidedLimit) else 0.0 for entry in chosen]),
            tested=Tested.of_result(file, about, [entry.share for entry in chosen]),
            confidence_level=file.confidence_level,
            about=about,
        )

    def of_values(self, predicted: Float[Array, " n"]) -> Scalar:
        """-2 ln L of predicted values of what is tested, in the order of `about.observables`."""
        finite = jnp.all(jnp.isfinite(predicted))
        x = jnp.where(finite, predicted, self.center + self.limit)
        total = sum((s.of_value(x[i]) for i, s in enumerate(self.shapes)), start=jnp.zeros(()))
        return jnp.where(finite, total, jnp.inf)

    def minus_two_log_likelihood(self, prediction: Prediction) -> Scalar:
        """Sum of the limits' -2 ln L; each has its own constant (see the module docstring)."""
        return self.of_values(self.tested(prediction))

    def over_limit(self, prediction: Prediction) -> Float[Array, " n"]:
        """What is tested, or its distance from the center, over the quoted limits."""
        return jnp.abs(self.tested(prediction) - self.center) / self.limit


def shape(entry: LimitEntry, confidence_level: float) -> GaussianShape | OneSidedShape | CountingShape:
    """The likelihood of one quoted limit, its free number fixed by the rule of the module docstring."""
    if isinstance(entry, CountingLimit):
        # with no event seen the background drops out of the ratio of likelihoods
        error = entry.background_error if entry.observed > 0 else 0.0
        signal = counting_quantile(entry.observed, entry.background, error, confidence_level)
        return CountingShape(
            *(jnp.asarray(v, float) for v in (entry.observed, entry.background, error, signal / entry.limit))
        )
    if isinstance(entry, OneSidedLimit):
        return OneSidedShape(jnp.asarray(entry.central, float), jnp.asarray(math.hypot(*entry.errors), float))
    if isinstance(entry, TwoSidedLimit):
        return GaussianShape(jnp.asarray(entry.central, float), jnp.asarray(math.hypot(*entry.errors), float))
    center, width = 0.0, entry.limit / deviations(confidence_level)
    if isinstance(entry, TruncatedGaussianLimit):
        center, width = entry.central, math.hypot(*entry.errors)
        if entry.unit == "events":
            scale = entry.limit / truncated_quantile(center, width, confidence_level)
            center, width = scale * center, scale * width
    return GaussianShape(jnp.asarray(center, float), jnp.asarray(width, float))


def deviations(confidence_level: float) -> float:
    """How many standard deviations of a half-normal its quantile lies at: Phi^-1((1 + CL) / 2)."""
    return float(norm.ppf((1 + confidence_level) / 2))


def truncated_quantile(center: float, width: float, confidence_level: float) -> float:
    """Quantile of a Gaussian restricted to x >= 0, in the unit of its arguments."""
    # upper tails, so that nothing cancels for a center far below zero
    tail = (1 - confidence_level) * norm.sf(-center / width)
    return center + width * float(norm.isf(tail))


def counting_quantile(observed: int, background: float, error: float, confidence_level: float) -> float:
    """Quantile of the counting likelihood in signal events, flat in signal >= 0; relative accuracy 1e-7."""
    unit = CountingShape(*(jnp.asarray(v, float) for v in (observed, background, error, 1.0)))
    # at the upper end the likelihood is below exp(-50) of its maximum
    events = np.linspace(0, observed + 15 * math.sqrt(observed + 1 + error**2) + 60, 20001)
    area = cumulative_simpson(np.exp(-np.asarray(unit.of_value(jnp.asarray(events))) / 2), x=events, initial=0)
    return float(np.interp(confidence_level * area[-1], area, events))
