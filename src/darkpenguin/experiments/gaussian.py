"""Measured values with errors: one number, or a vector with a covariance built from listed sources of error.

With d = measured - predicted and a covariance that may depend on the prediction mu,

    -2 ln L = d^T C(mu)^-1 d  [+ ln det C(mu) - ln det C(measured), if a source is relative],
    C_ij(mu) = sum_s rho^s_ij sigma^s_i(mu_i) sigma^s_j(mu_j).

Absolute source, errors +sigma_plus -sigma_minus: the width of a variable-width Gaussian, linear in the prediction
[R. Barlow, physics/0406120, "variable Gaussian", linear form],

    sigma(mu) = [2 sigma_plus sigma_minus + (mu - x) (sigma_plus - sigma_minus)] / (sigma_plus + sigma_minus),

so that -2 ln L = 1 at both published ends; ln det C stays out, as there. With several sources each width runs along the
straight line through its two values at the two ends of the total error; for one source that is Barlow's. Far out on the
short side the line would reach zero: there the width is held at half of the smaller error.

Relative source: sigma(mu) = r |mu|, a scale error belongs to the prediction and not to the number that fluctuated
[G. D'Agostini, Nucl. Instrum. Meth. A346 (1994) 306].
"""

from __future__ import annotations

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.description import ResultDescription
from darkpenguin.core.likelihood import DirectLikelihood, Prediction
from darkpenguin.core.types import Scalar
from darkpenguin.experiments.schema_values import GaussianFile
from darkpenguin.experiments.tested import Tested


class GaussianLikelihood(DirectLikelihood):
    """Measured values; build it with `from_file`.

    value [n] : measured, in the units of the observables.
    plus, minus [n_source, n] : errors of each source, positive; for a relative source the fraction (both equal).
    correlation [n_source, n, n].
    relative : which sources scale with the prediction.   tested : what of a prediction the values are compared with.
    """

    value: Float[Array, " n"]
    plus: Float[Array, "n_source n"]
    minus: Float[Array, "n_source n"]
    correlation: Float[Array, "n_source n n"]
    tested: Tested
    about: ResultDescription = eqx.field(static=True)
    relative: tuple[bool, ...] = eqx.field(static=True)

    @classmethod
    def from_file(cls, file: GaussianFile, about: ResultDescription) -> GaussianLikelihood:
        """The likelihood of the parts that `about` selects: the marginal of the published vector."""
        parts = [entry.part for entry in file.values]
        chosen = np.array([parts.index(part) for part in about.selected])
        sources = [(*error.sizes(), error.correlation_matrix()) for error in file.errors]
        return cls(
            value=jnp.asarray([file.values[i].value for i in chosen]),
            plus=jnp.asarray([plus[chosen] for plus, _, _ in sources]),
            minus=jnp.asarray([minus[chosen] for _, minus, _ in sources]),
            correlation=jnp.asarray([matrix[np.ix_(chosen, chosen)] for _, _, matrix in sources]),
            tested=Tested.of_result(file, about, [1.0] * len(chosen)),
            about=about,
            relative=tuple(error.kind == "relative" for error in file.errors),
        )

    def widths(self, predicted: Float[Array, " n"]) -> Float[Array, "n_source n"]:
        """sigma^s_i(mu_i) of the module docstring."""
        high = jnp.sqrt((self.plus**2).sum(axis=0))
        low = jnp.sqrt((self.minus**2).sum(axis=0))
        slope = (self.plus - self.minus) / (high + low)
        middle = (self.plus * low + self.minus * high) / (high + low)
        absolute = jnp.maximum(middle + slope * (predicted - self.value), jnp.minimum(self.plus, self.minus) / 2)
        is_relative = jnp.asarray(self.relative)[:, None]
        return jnp.where(is_relative, self.plus * jnp.abs(predicted), absolute)

    def covariance(self, predicted: Float[Array, " n"]) -> Float[Array, "n n"]:
        """C(mu) of the module docstring."""
        sigma = self.widths(predicted)
        return jnp.einsum("si,sij,sj->ij", sigma, self.correlation, sigma)

    def of_values(self, predicted: Float[Array, " n"]) -> Scalar:
        """-2 ln L of predicted values, in the order of `about.observables`."""
        finite = jnp.all(jnp.isfinite(predicted))
        mu = jnp.where(finite, predicted, self.value)
        factor = jnp.linalg.cholesky(self.covariance(mu))
        z = jax.scipy.linalg.solve_triangular(factor, self.value - mu, lower=True)
        result = z @ z
        if any(self.relative):
            at_measured = jnp.linalg.cholesky(self.covariance(self.value))
            result += 2 * jnp.sum(jnp.log(jnp.diag(factor)) - jnp.log(jnp.diag(at_measured)))
        return jnp.where(finite, result, jnp.inf)

    def minus_two_log_likelihood(self, prediction: Prediction) -> Scalar:
        """-2 ln L; 0 at the measured values."""
        return self.of_values(self.tested(prediction))
