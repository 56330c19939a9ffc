"""From a spectrum of true q2 to counts in bins of reconstructed q2, for an experiment described by a few numbers.

    dN/dq2_rec = 2 f n_BB  int dq2  F(q2_rec | q2) epsilon(q2) dB/dq2

n_BB : pairs of B mesons; f : share of the pairs that have the charge in question (f_+- or f_00), so that 2 f n_BB
mesons decay; where an efficiency absorbs that factor, f = 1/2. F : density of reconstructed for true q2. epsilon :
efficiency. Integrated over a reconstructed bin, F gives the response R_i(q2): the probability to land in bin i.
"""

from __future__ import annotations

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import gauss_legendre
from darkpenguin.core.types import ModeSpectrum
from darkpenguin.experiments.reweight import breit_wigner_shares, membership_shares

Q2 = Float[Array, " n_q2"]

# per bin of the spectrum, across which dB/dq2 counts as flat: see `Response.of_spectrum`
N_NODE = 8


class TabulatedEfficiency(eqx.Module):
    """Straight lines between points, constant beyond them; q2 [n] in GeV^2."""

    q2: Float[Array, " n"]
    values: Float[Array, " n"]

    def __call__(self, q2: Q2) -> Q2:
        return jnp.interp(q2, self.q2, self.values)


class ExponentialEfficiency(eqx.Module):
    """scale exp(-q2 / slope), slope in GeV^2."""

    scale: Float[Array, ""]
    slope: Float[Array, ""]

    def __call__(self, q2: Q2) -> Q2:
        return self.scale * jnp.exp(-q2 / self.slope)


class PolynomialEfficiency(eqx.Module):
    """sum_k coefficients[k] q2^k, zero where that is negative; GeV^-2k."""

    coefficients: Float[Array, " n"]

    def __call__(self, q2: Q2) -> Q2:
        return jnp.maximum(jnp.polyval(self.coefficients[::-1], q2), 0.0)


class GaussianSmearing(eqx.Module):
    """F is a Gaussian around q2 + bias of width sigma, not cut at the physical range.

    edges [n_bin + 1] : reconstructed q2, GeV^2.   sigma, bias : GeV^2.
    """

    edges: Float[Array, " n_edge"]
    sigma: Float[Array, ""]
    bias: Float[Array, ""]

    def __call__(self, q2: Q2) -> Float[Array, "n_bin n_q2"]:
        """R_i(q2): differences of the normal distribution function."""
        return jnp.diff(jax.scipy.special.ndtr((self.edges[:, None] - q2 - self.bias) / self.sigma), axis=0)


class MatrixSmearing(eqx.Module):
    """R_i is constant in each bin of true q2.

    edges [n_true + 1] : true q2, GeV^2, outside 0.   matrix [n_bin, n_true] : probabilities.
    """

    edges: Float[Array, " n_edge"]
    matrix: Float[Array, "n_bin n_true"]

    def __call__(self, q2: Q2) -> Float[Array, "n_bin n_q2"]:
        return self.matrix @ membership_shares(q2, self.edges).T


class Response(eqx.Module):
    """Expected events in reconstructed bins for a branching fraction at true q2.

    mesons : 2 f n_BB.
    """

    mesons: Float[Array, ""]
    efficiency: TabulatedEfficiency | ExponentialEfficiency | PolynomialEfficiency
    smearing: GaussianSmearing | MatrixSmearing

    def at(self, q2: Q2) -> Float[Array, "n_bin n_q2"]:
        """2 f n_BB R_i(q2) epsilon(q2): events per branching fraction of a line."""
        return self.mesons * self.smearing(q2) * self.efficiency(q2)

    def over_bins(self, edges: Float[Array, " n_edge"]) -> Float[Array, "n_bin n_q2"]:
        """The same averaged over each bin of true q2, by a Gauss-Legendre rule."""
        x, w = gauss_legendre(N_NODE)
        q2 = edges[:-1, None] + jnp.diff(edges)[:, None] * x
        values = self.at(q2.ravel())
        return values.reshape(values.shape[0], *q2.shape) @ jnp.asarray(w)

    def of_spectrum(self, spectrum: ModeSpectrum) -> Float[Array, " n_bin"]:
        """Expected events of a spectrum with its lines.

        A continuum counts as flat across each of its bins; the error of that is of second order in their width. A line
        without width is folded exactly, one with a width as a Breit-Wigner in the bins of the spectrum.
        """
        continuum = self.over_bins(spectrum.edges)
        wide = spectrum.line_width * spectrum.line_q2 > 0
        q2, width = (jnp.where(wide, x, 1.0) for x in (spectrum.line_q2, spectrum.line_width))
        shape = continuum @ breit_wigner_shares(q2, width, spectrum.edges).T
        per_line = jnp.where(wide, shape, self.at(spectrum.line_q2))
        return continuum @ spectrum.rate + per_line @ spectrum.line_rate
