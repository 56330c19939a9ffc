"""How the early plasma makes an axion-like particle from b quarks: one decay and two scatterings. [arXiv:2502.04900]

Averaged over spins and colours of the initial state; the light quarks, charm and top are left out as there. Eqs. (22)
and (23) agree with explicit traces; eq. (21) holds with the square of 1 - m_a^2/m_b^2, printed is the cube.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_sqrt
from darkpenguin.core.types import Scalar

S = Float[Array, " *shape"]
_NEAR_THRESHOLD = 1e-8


class Prefactors(NamedTuple):
    """Factors of b bbar -> a g and of b g -> b a, charges and colours of the gluon or of a photon in its place."""

    annihilation: Scalar
    compton: Scalar


def gluon_prefactors(alpha_s: Scalar) -> Prefactors:
    """4 alpha_s/9 and alpha_s/6."""
    return Prefactors(4.0 * alpha_s / 9.0, alpha_s / 6.0)


def photon_prefactors(alpha_em: Scalar) -> Prefactors:
    """Q_b^2 alpha/3 and Q_b^2 alpha, Q_b = -1/3."""
    return Prefactors(alpha_em / 27.0, alpha_em / 9.0)


def width_b_to_s_a(C_V: Any, C_A: Any, f_a: Scalar, m_b: Scalar, m_a: Scalar, exponent: int = 2) -> Scalar:
    """Gamma(b -> s a) = m_b^3 (|C_V|^2 + |C_A|^2)/(64 pi f_a^2) (1 - m_a^2/m_b^2)^2 for a massless s quark, GeV.

    exponent : the 2; eq. (21) prints 3, which is 23 % too low at m_a = 2 GeV.
    """
    couplings2 = jnp.abs(C_V) ** 2 + jnp.abs(C_A) ** 2
    return m_b**3 * couplings2 / (64.0 * jnp.pi * f_a**2) * jnp.maximum(1.0 - m_a**2 / m_b**2, 0.0) ** exponent


def sigma_annihilation(s: S, C_b: Scalar, f_a: Scalar, m_b: Scalar, m_a: Scalar, prefactor: Scalar) -> S:
    """sigma(b bbar -> a g) [GeV^-2] at s > 4 m_b^2 and s > m_a^2, else 0. [eq. (22)]

    sigma = prefactor C^2 x_b/(f_a^2 r^2 (1 - x_a)) [(1 + x_a^2 - 4 x_a x_b) artanh r - x_a r], r^2 = 1 - 4 x_b,
    x_i = m_i^2/s. It grows as 1/r at threshold.
    """
    is_open = (s > 4.0 * m_b**2 * (1.0 + _NEAR_THRESHOLD)) & (s > m_a**2)
    s = jnp.where(is_open, s, 8.0 * jnp.maximum(m_b, m_a) ** 2)
    x_a, x_b = m_a**2 / s, m_b**2 / s
    r = jnp.sqrt(1.0 - 4.0 * x_b)
    artanh = 0.5 * jnp.log((1.0 + r) ** 2 / (4.0 * x_b))
    bracket = (1.0 + x_a**2 - 4.0 * x_a * x_b) * artanh - x_a * r
    return jnp.where(is_open, prefactor * C_b**2 * x_b / (f_a**2 * r**2 * (1.0 - x_a)) * bracket, 0.0)


def sigma_compton(s: S, C_b: Scalar, f_a: Scalar, m_b: Scalar, m_a: Scalar, prefactor: Scalar) -> S:
    """sigma(b g -> b a) [GeV^-2] at s > (m_b + m_a)^2, else 0. [eq. (23)]

    sigma = prefactor C^2 x_b/(8 f_a^2 (1 - x_b)^3) [l (7 x_a + 2 x_a x_b - x_a x_b^2 - (3 - x_b)(1 - x_b)^2)
            + 4 (l^2 + x_a^2) arcoth((1 + x_b - x_a)/l)], l = lambda^(1/2)(1, x_a, x_b).
    """
    is_open = s > (m_b + m_a) ** 2
    s = jnp.where(is_open, s, 4.0 * (m_b + m_a) ** 2)
    x_a, x_b = m_a**2 / s, m_b**2 / s
    l = safe_sqrt((1.0 - x_a - x_b) ** 2 - 4.0 * x_a * x_b)  # noqa: E741
    sum_ = 1.0 + x_b - x_a
    # (sum - l)(sum + l) = 4 x_b
    arcoth = 0.5 * jnp.log((sum_ + l) ** 2 / (4.0 * x_b))
    polynomial = 7.0 * x_a + 2.0 * x_a * x_b - x_a * x_b**2 - (3.0 - x_b) * (1.0 - x_b) ** 2
    bracket = l * polynomial + 4.0 * (l**2 + x_a**2) * arcoth
    return jnp.where(is_open, prefactor * C_b**2 * x_b / (8.0 * f_a**2 * (1.0 - x_b) ** 3) * bracket, 0.0)
