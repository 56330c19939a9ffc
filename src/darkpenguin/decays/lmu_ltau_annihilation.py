"""Annihilation of complex scalar dark matter, X X* -> anything, in a dark U(1) of L_mu - L_tau. [arXiv:2401.10112]

Amplitudes [derived] in the notation of `lmu_ltau_scalars`, D_i = s - m_i^2 + i w_i:

    f f:      -+ (lambda v s c m_f/v_H)(1/D_1 - 1/D_2) ubar v
    H_1 H_1:  -[lambda c^2 + lambda v c g_111/D_1 + lambda v s g_112/D_2 + (lambda v c)^2 (1/t_X + 1/u_X)]
    Z' Z':    e*_mu e*_nu {(2 G + F) g^{mu nu} - G a_1^mu a_2^nu/t_X - G b_2^mu b_1^nu/u_X},
              F = 2 lambda m_Z'^2 (c^2/D_1 + s^2/D_2),
              a_1 = 2 p_1 - k_1, a_2 = k_2 - 2 p_2, b_1 = 2 p_1 - k_2, b_2 = k_1 - 2 p_2
    Z' H_1:   e*.J, J = g Q_X {-lambda v c [(2 p_1 - k)/t_X - (2 p_2 - k)/u_X] - (2 m_Z'^2 c/v)(p_1 - p_2)/D_Z},

with t_X = t - m_X^2, u_X = u - m_X^2. The last is a pure p wave (C parity), as are those through Z'; the others
have an s wave. X X* -> nu nu through a scalar vanishes.

Each function gives sigma(s) in GeV^-2 for s above both thresholds, for real s or, as a thermal average with poles wants
it, complex s: D is the pair (D, D_bar), D_bar = s - m^2 - i w, such as `Propagator` of the thermal average.
A cross section is that of one X with one X*.
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Array, Inexact

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import gauss_legendre
from darkpenguin.core.types import Scalar
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.decays.lmu_ltau_scalars import LMuLTau, cubic_111, cubic_112

N_ANGLE = 24
"""Gauss-Legendre points in half of the angles: errors up to 4e-9 at s = 40 m_X^2, 1e-5 at 100 m_X^2 (forward peaks)."""

Energy2 = Inexact[Array, " *shape"]
Pair = tuple[Energy2, Energy2]
"""(D, D_bar) of one propagator."""


def velocity(s: Energy2, m: Scalar | float) -> Energy2:
    """beta = sqrt(1 - 4 m^2/s) of either of two particles of mass m."""
    return jnp.sqrt(1.0 - 4.0 * m**2 / s)


def cross_section(s: Energy2, mean_squared: Energy2, beta_f: Energy2, m_X: Scalar) -> Energy2:
    """sigma = <|M|^2> beta_f/(8 pi s)/(2 beta_X).

    mean_squared : |M|^2, mean over directions, with 1/2 for identical particles.   beta_f = 2 k/sqrt(s).
    """
    return mean_squared * beta_f / (16.0 * jnp.pi * s * velocity(s, m_X))


def sigma_ff(
    s: Energy2, D_1: Pair, D_2: Pair, m_f: Scalar | float, p: LMuLTau, k: LightStateConstants, N_c: float = 1.0
) -> Energy2:
    """X X* -> f fbar through H_1 and H_2: |M|^2 = N_c (lambda v s c m_f/v_H)^2 |1/D_1 - 1/D_2|^2 2 s beta_f^2."""
    exchange = (1.0 / D_1[0] - 1.0 / D_2[0]) * (1.0 / D_1[1] - 1.0 / D_2[1])
    coupling = p.lam * p.v * p.sin_theta * p.c * m_f / k.v_H
    beta = velocity(s, m_f)
    return cross_section(s, N_c * coupling**2 * exchange * 2.0 * s * beta**2, beta, p.m_X)


def sigma_nunu(s: Energy2, D_Z: Pair, p: LMuLTau) -> Energy2:
    """X X* -> Z' -> nu nubar, nu_mu and nu_tau together: as one massless charged lepton."""
    return sigma_ll(s, D_Z, 0.0, p)


def sigma_ll(s: Energy2, D_Z: Pair, m_l: Scalar | float, p: LMuLTau) -> Energy2:
    """X X* -> Z' -> l+ l-, l = mu or tau: <|M|^2> = (4/3) g^4 Q_X^2 s (s - 4 m_X^2)(1 + 2 m_l^2/s)/|D_Z|^2."""
    squared = 4.0 / 3.0 * p.G * p.g**2 * s * (s - 4.0 * p.m_X**2) * (1.0 + 2.0 * m_l**2 / s) / (D_Z[0] * D_Z[1])
    return cross_section(s, squared, velocity(s, m_l), p.m_X)


def sigma_H1H1(s: Energy2, D_1: Pair, D_2: Pair, p: LMuLTau, k: LightStateConstants) -> Energy2:
    """X X* -> H_1 H_1. At rest and for light H_1 the amplitude is -lambda (1 - lambda v^2/m_X^2): it has a zero."""
    weight, t, u, beta = _equal_masses(s, p.m_1, p.m_X)
    direct = p.lam * p.c**2 + (p.lam * p.v * p.c) ** 2 * (1.0 / t + 1.0 / u)
    M, M_bar = (
        direct + p.lam * p.v * (p.c * cubic_111(p, k) / d_1 + p.sin_theta * cubic_112(p, k) / d_2)
        for d_1, d_2 in zip(D_1, D_2, strict=True)
    )
    return cross_section(s, 0.5 * (weight * M * M_bar).sum(axis=0), beta, p.m_X)


def sigma_ZZ(s: Energy2, D_1: Pair, D_2: Pair, p: LMuLTau) -> Energy2:
    """X X* -> Z' Z'. With T the part of G, which is transverse, so that no 1/m_Z'^4 has to cancel in it,

    sum |M|^2 = |F|^2 [2 + (s/2 - m_Z'^2)^2/m_Z'^4] + 2 Re F T^mu_mu + T^{mu nu} T_{mu nu}.
    """
    weight, t, u, beta = _equal_masses(s, p.m_Z, p.m_X)
    m_Z2, base = p.m_Z**2, 4.0 * p.m_X**2 - p.m_Z**2
    a2, b2 = base + 2.0 * t, base + 2.0 * u  # a_1^2 = a_2^2 and b_1^2 = b_2^2
    a12, b12 = a2 - 0.5 * s, b2 - 0.5 * s  # a_1.a_2 and b_1.b_2
    trace = 8.0 - a12 / t - b12 / u
    square = 16.0 + (a2 / t) ** 2 + (b2 / u) ** 2 - 4.0 * (a12 / t + b12 / u) + 2.0 * (base - s) ** 2 / (t * u)
    F, F_bar = (2.0 * p.lam * m_Z2 * (p.c**2 / d_1 + p.sin_theta**2 / d_2) for d_1, d_2 in zip(D_1, D_2, strict=True))
    summed = F * F_bar * (2.0 + (0.5 * s / m_Z2 - 1.0) ** 2) + (F + F_bar) * p.G * trace + p.G**2 * square
    return cross_section(s, 0.5 * (weight * summed).sum(axis=0), beta, p.m_X)


def sigma_ZH1(s: Energy2, D_Z: Pair, p: LMuLTau) -> Energy2:
    """X X* -> Z' H_1. With q = p_1 - p_2, e = q.k, B = m_Z'^2 - (p_1 + p_2).k and h the momentum of H_1,

    J = -2 g Q_X c {alpha (q B + h e) + gamma q}, alpha = lambda v/(B^2 - e^2), gamma = m_Z'^2/(v D_Z):
    the same current without the cancellation of its two exchanges near threshold.
    """
    k2 = _momentum2(s, p.m_Z, p.m_1)
    beta = 2.0 * jnp.sqrt(k2 / s)
    B, four_p2 = 0.5 * (p.m_Z**2 + p.m_1**2 - s), s - 4.0 * p.m_X**2
    cosine, weight = _angles(s)
    e2 = four_p2 * k2 * cosine**2
    alpha = p.lam * p.v / (B**2 - e2)
    gamma, gamma_bar = (p.m_Z**2 / (p.v * d) for d in D_Z)
    summed = alpha**2 * (four_p2 * B**2 + (2.0 * B - p.m_1**2) * e2) + alpha * (gamma + gamma_bar) * (four_p2 * B + e2)
    summed = summed + gamma * gamma_bar * (four_p2 + e2 / p.m_Z**2)
    return cross_section(s, 4.0 * p.G * p.c**2 * (weight * summed).sum(axis=0), beta, p.m_X)


def _momentum2(s: Energy2, m_a: Scalar, m_b: Scalar) -> Energy2:
    """k^2 of two particles of masses m_a, m_b in their centre of mass, GeV^2."""
    return (s - (m_a + m_b) ** 2) * (s - (m_a - m_b) ** 2) / (4.0 * s)


def _angles(s: Energy2) -> tuple[Any, Any]:
    """cos(angle) > 0 and its weights as the leading axis before those of s; every |M|^2 here is even in the cosine."""
    nodes, weight = gauss_legendre(N_ANGLE)
    shape = (N_ANGLE, *(1 for _ in range(s.ndim)))
    return nodes.reshape(shape), weight.reshape(shape)


def _equal_masses(s: Energy2, m: Scalar, m_X: Scalar) -> tuple[Any, Energy2, Energy2, Energy2]:
    """Weights of the angles, t - m_X^2, u - m_X^2 and beta of a final pair of mass m."""
    cosine, weight = _angles(s)
    beta = velocity(s, m)
    tilt = 0.5 * s * velocity(s, m_X) * beta * cosine
    return weight, m**2 - 0.5 * s + tilt, m**2 - 0.5 * s - tilt, beta


# --- at rest ----------------------------------------------------------------------------------------------------------


def s_wave_H1H1(p: LMuLTau, k: LightStateConstants) -> Scalar:
    """sigma v at rest [GeV^-2] without widths; m_X > m_1."""
    s = 4.0 * p.m_X**2
    M = (
        p.lam * p.c**2
        + p.lam * p.v * (p.c * cubic_111(p, k) / (s - p.m_1**2) + p.sin_theta * cubic_112(p, k) / (s - p.m_2**2))
        - 2.0 * (p.lam * p.v * p.c) ** 2 / (2.0 * p.m_X**2 - p.m_1**2)
    )
    return velocity(s, p.m_1) / (64.0 * jnp.pi * p.m_X**2) * M**2


def s_wave_ZZ(p: LMuLTau) -> Scalar:
    """sigma v at rest [GeV^-2] without widths; m_X > m_Z'. For m_Z', m_1 << m_X: lambda^2/(64 pi m_X^2)."""
    m2, z2 = p.m_X**2, p.m_Z**2
    F = 2.0 * p.lam * z2 * (p.c**2 / (4.0 * m2 - p.m_1**2) + p.sin_theta**2 / (4.0 * m2 - p.m_2**2))
    summed = (
        F**2 * (16.0 * m2**4 - 32.0 * m2**3 * z2 + 32.0 * m2**2 * z2**2 - 16.0 * m2 * z2**3 + 3.0 * z2**4)
        + F * p.G * (48.0 * m2**2 * z2**2 - 48.0 * m2 * z2**3 + 12.0 * z2**4)
        + p.G**2 * (32.0 * m2**2 * z2**2 - 32.0 * m2 * z2**3 + 12.0 * z2**4)
    )
    return velocity(4.0 * m2, p.m_Z) / (64.0 * jnp.pi * m2) * summed / (z2 * (2.0 * m2 - z2)) ** 2


def p_wave_nunu(p: LMuLTau) -> Scalar:
    """b of sigma v = b v^2 [GeV^-2] for nu_mu and nu_tau together."""
    return p.g**2 * p.G * p.m_X**2 / (6.0 * jnp.pi * (4.0 * p.m_X**2 - p.m_Z**2) ** 2)


def p_wave_ZH1(p: LMuLTau) -> Scalar:
    """b of sigma v = b v^2 [GeV^-2] for Z' H_1; 2 m_X > m_Z' + m_1."""
    s, m_Z2, m_12 = 4.0 * p.m_X**2, p.m_Z**2, p.m_1**2
    k2, T = _momentum2(s, p.m_Z, p.m_1), 0.5 * (s - m_Z2 - m_12)
    A, C = 2.0 * p.lam * p.v * p.c / T, 2.0 * m_Z2 * p.c / (p.v * (s - m_Z2))
    shape = A**2 * (1.0 - k2 / 3.0 * (2.0 / T + m_12 / T**2)) - 2.0 * A * C * (1.0 - k2 / (3.0 * T))
    return p.G * jnp.sqrt(k2) / (32.0 * jnp.pi * p.m_X) * (shape + C**2 * (1.0 + k2 / (3.0 * m_Z2)))
