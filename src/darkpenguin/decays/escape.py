"""How often a light particle from a two-body decay of a B stays unseen."""

from __future__ import annotations

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import gauss_legendre, kallen, safe_sqrt
from darkpenguin.core.types import Scalar

N_ANGLE = 12


def boosts(m_B: Scalar, m_M: Scalar, m_X: Scalar, beta_gamma_B: Scalar | float = 0.0) -> Float[Array, " n_angle"]:
    """beta gamma of X from B -> M X in the laboratory, at nodes of equal solid angle (Gauss-Legendre in cos theta).

    beta_gamma_B : boost of the B; 0 is a B at rest, all nodes equal then. m_X > 0; 0 where the decay is closed.
    """
    nodes = 2.0 * jnp.asarray(gauss_legendre(N_ANGLE)[0]) - 1.0
    p = safe_sqrt(kallen(m_B, m_M, m_X) * (m_B > m_M + m_X)) / (2.0 * m_B)
    E = jnp.sqrt(p**2 + m_X**2)
    gamma = jnp.sqrt(1.0 + beta_gamma_B**2)
    energy = gamma * E + beta_gamma_B * p * nodes
    return safe_sqrt((energy / m_X) ** 2 - 1.0)


def survival(beta_gamma: Float[Array, " n_angle"], width: Scalar, length: Scalar | float) -> Scalar:
    """Probability to fly farther than `length` [GeV^-1], mean over the angles; width in GeV. 1 for width 0."""
    weight = jnp.asarray(gauss_legendre(N_ANGLE)[1])
    path = length * width / jnp.where(beta_gamma > 0, beta_gamma, 1.0)
    standing = jnp.where(width > 0, 0.0, 1.0)
    return (weight * jnp.where(beta_gamma > 0, jnp.exp(-path), standing)).sum()


def p_invisible(share_invisible: Scalar, survives: Scalar) -> Scalar:
    """BR_inv + P_survive BR_vis. [arXiv:2502.04900, eq. (11)] A B at rest and one size of the detector stand for it."""
    return share_invisible + survives * (1.0 - share_invisible)
