"""Annihilation of Majorana dark matter into dark Higgs bosons, psi psi -> phi phi. [arXiv:2502.04900]

    L = -(lambda/2) psibar psi phi - (c_3/6) phi^3,   lambda = m/v = 2 g_X m/m_X,   c_3 = 3 m_phi^2/v

of a dark charge Q_phi = -2: m_X = 2 g_X v and m the whole mass of psi. The paper keeps the t and u channels; the
s channel through phi itself takes away up to 43 %.
"""

from __future__ import annotations

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import gauss_legendre, safe_sqrt
from darkpenguin.core.types import Scalar

N_ANGLE = 24
S = Float[Array, " n_s"]


def forward_angles() -> tuple[Float[Array, " n_angle"], Float[Array, " n_angle"]]:
    """cos(theta) > 0 and weights of the mean over all directions, for psi psi alike: the same forward and backward.

    The half of a Gauss rule for -1 to 1 of N_ANGLE points, not a rule of its own: as good as the whole.
    """
    x, w = gauss_legendre(N_ANGLE)
    half = N_ANGLE // 2
    return jnp.asarray(2.0 * x[half:] - 1.0), jnp.asarray(2.0 * w[half:])


def yukawa_squared(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar) -> Scalar:
    """lambda^2, lambda = 2 g_X m_psi/m_X; perturbative below 4 pi."""
    return 16.0 * jnp.pi * alpha_X * m_psi**2 / m_X**2


def sigma_v_p_wave(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar) -> Scalar:
    """x <sigma v> [GeV^-2], x = m_psi/T, t and u channels at leading order in the velocity; 0 if closed. [eq. (47)]

    64 pi alpha_X^2 m_psi^2 (9 - 8 y + 2 y^2) sqrt(1 - y)/(m_X^4 (2 - y)^4), y = m_phi^2/m_psi^2. At x = 20 the full
    average is 24 % smaller.
    """
    y = m_phi**2 / m_psi**2
    y = jnp.minimum(y, 1.0)
    shape = (9.0 - 8.0 * y + 2.0 * y**2) * safe_sqrt(1.0 - y) / (2.0 - y) ** 4
    return 64.0 * jnp.pi * alpha_X**2 * m_psi**2 / m_X**4 * shape


def sigma_annihilation(s: S, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar, s_channel: bool = True) -> S:
    """sigma(psi psi -> phi phi) [GeV^-2], averaged over spins, at s > 4 m^2 of both; else 0.

    M = -lambda^2 vbar(p_2) [A - D kslash] u(p_1), k the momentum of one phi, P_t = 1/(t - m^2), P_u = 1/(u - m^2),
    A = 2 m (P_t + P_u) + 3 (m_phi^2/m)/(s - m_phi^2), D = P_t - P_u; the last term of A is the s channel.
    sum |M|^2 = 4 lambda^4 {A^2 (p_1.p_2 - m^2) - 2 A D m (p_2.k - p_1.k)
                            + D^2 [2 p_1.k p_2.k - m_phi^2 (p_1.p_2 + m^2)]}. [derived]
    """
    m2, mu2 = m_psi**2, m_phi**2
    is_open = s > 4.0 * jnp.maximum(m2, mu2)
    s = jnp.where(is_open, s, 16.0 * jnp.maximum(m2, mu2))
    cos, w = forward_angles()
    p, k = jnp.sqrt(s / 4.0 - m2), jnp.sqrt(s / 4.0 - mu2)
    pk = p * k * cos[:, None]  # |p||k| cos(theta) [n_angle, n_s]
    p1_k, p2_k = s / 4.0 - pk, s / 4.0 + pk
    t, u = m2 + mu2 - 2.0 * p1_k, m2 + mu2 - 2.0 * p2_k
    A = 2.0 * m_psi * (1.0 / (t - m2) + 1.0 / (u - m2))
    if s_channel:
        A = A + 3.0 * mu2 / m_psi / (s - mu2)
    D = 1.0 / (t - m2) - 1.0 / (u - m2)
    p1_p2 = s / 2.0 - m2
    squared = (
        A**2 * (p1_p2 - m2) - 2.0 * A * D * m_psi * (p2_k - p1_k) + D**2 * (2.0 * p1_k * p2_k - mu2 * (p1_p2 + m2))
    )
    mean = (w[:, None] * squared).sum(axis=0) * yukawa_squared(alpha_X, m_X, m_psi) ** 2
    # 1/4 spins, 1/2 identical phi, 4 from the trace; int dcos = 2
    return jnp.where(is_open, mean * k / p / (32.0 * jnp.pi * s), 0.0)
