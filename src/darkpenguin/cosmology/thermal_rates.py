"""How often something happens in the plasma per volume and time: decays and 2 -> 2 scatterings, Maxwell-Boltzmann.

These densities drive a freeze-in. All in GeV^4; temperatures [n_T] in GeV.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import Scalar, kallen
from darkpenguin.cosmology.bessel import k1_over_k2, k1e, k2e

# in tau of sqrt(s) = w_0 + T exp(2 tau): below, phase space is negligible; above, the Boltzmann factor is
_TAU = np.arange(-9.0, 2.4, 0.2)
_MASSLESS = 1e-8  # m/T below which z^2 K2(z) is 2 to double precision
N_SMOOTH = 32


def equilibrium_density(m: Scalar, degrees: Scalar | float, T: Float[Array, " n_T"]) -> Float[Array, " n_T"]:
    """n_eq = g T^3 z^2 K2(z) / (2 pi^2), z = m/T, in GeV^3; g T^3 / pi^2 for m = 0."""
    z = jnp.maximum(m / T, _MASSLESS)
    return degrees * T**3 / (2.0 * jnp.pi**2) * z**2 * k2e(z) * jnp.exp(-z)


def decay_density(m: Scalar, degrees: Scalar | float, width: Scalar, T: Float[Array, " n_T"]) -> Float[Array, " n_T"]:
    """n_eq Gamma K1(m/T)/K2(m/T): decays, slowed by time dilation. [Hall:2009bx]"""
    return equilibrium_density(m, degrees, T) * width * k1_over_k2(m / T)


def scattering_density(
    sigma: Callable[[Float[Array, "n_T n_node"]], Float[Array, "n_T n_node"]],
    masses: tuple[Scalar, Scalar],
    degrees: tuple[float, float],
    threshold: Scalar,
    T: Float[Array, " n_T"],
) -> Float[Array, " n_T"]:
    """n_1 n_2 <sigma v> = g_1 g_2 T / (32 pi^4) int ds sigma(s) lambda(s, m_1^2, m_2^2) / sqrt(s) K1(sqrt(s)/T).

    sigma : s [GeV^2] -> cross section [GeV^-2], averaged over initial states; called above threshold only. No narrow
        resonance in s.
    masses, degrees : of the two initial particles; a pair of identical particles needs a factor 1/2 from the caller.
    threshold : sum of the final masses [GeV].  [Gondolo:1990dk, eq. 3.8 for two masses; reference rows O29 to O32]
    """
    m_1, m_2 = masses
    lowest = jnp.maximum(m_1 + m_2, threshold)
    # trapezoidal rule in tau: exponential convergence, with square roots at the lower end at minus infinity
    u = np.exp(2.0 * _TAU)
    root_s = lowest + T[:, None] * u
    weight = 2.0 * (_TAU[1] - _TAU[0]) * u * T[:, None]
    s = root_s**2
    flux = jnp.maximum(kallen(root_s, m_1, m_2), 0.0)
    # K1 with the exponential of the lower end taken out: it may underflow, the sum may not
    integrand = sigma(s) * flux * 2.0 * k1e(root_s / T[:, None]) * np.exp(-u)
    total = jnp.sum(weight * integrand, axis=1)
    return degrees[0] * degrees[1] * T / (32.0 * jnp.pi**4) * total * jnp.exp(-lowest / T)


def smooth(
    density: Callable[[Float[Array, " n_node"]], Float[Array, " n_node"]],
    lowest: Scalar,
    T_first: Scalar,
    T: Float[Array, " n_T"],
) -> Float[Array, " n_T"]:
    """A positive density at many temperatures from few: Chebyshev in ln T of ln(density) + lowest/T.

    density : a function of temperatures [GeV].   lowest : energy below which nothing happens, GeV, see
    `scattering_density`.   T_first : lowest temperature where it is wanted; below, the value there.
    Relative error 1e-7 for `scattering_density` over nine e-folds, for masses that T passes; 1e-4 for one ten times
    the others'.
    """
    ends = jnp.log(T_first), jnp.log(jnp.maximum(T.max(), 2.0 * T_first))
    angle = np.pi * (np.arange(N_SMOOTH) + 0.5) / N_SMOOTH
    node = 0.5 * (ends[0] + ends[1]) + 0.5 * (ends[1] - ends[0]) * np.cos(angle)
    to_coefficients = 2.0 / N_SMOOTH * np.cos(np.outer(np.arange(N_SMOOTH), angle))
    at_node = jnp.exp(node)
    # the product with the exponential may not overflow: it is taken in the logarithm
    coefficients = to_coefficients @ (jnp.log(density(at_node)) + lowest / at_node)
    x = jnp.clip((2.0 * jnp.log(T) - ends[0] - ends[1]) / (ends[1] - ends[0]), -1.0, 1.0)
    one = two = jnp.zeros_like(x)
    for c in coefficients[:0:-1]:  # Clenshaw
        one, two = 2.0 * x * one - two + c, one
    return jnp.exp(x * one - two + 0.5 * coefficients[0] - lowest / jnp.maximum(T, T_first))
