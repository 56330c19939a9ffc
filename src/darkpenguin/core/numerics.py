"""Square roots with finite gradients, the Kallen function, and quadrature in bins of q2 that move with a threshold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float, Shaped

from darkpenguin._jax import jnp

Scalar = Float[Array, ""]


class Nodes(NamedTuple):
    """Quadrature nodes of every bin: the integral of f over bin k is sum_j weight[j, k] f(q2[j, k]).

    q2, weight [n_node, n_bin] : GeV^2; nodes first, so that a sum over nodes adds vectors of all bins.
    """

    q2: Float[Array, "n_node n_bin"]
    weight: Float[Array, "n_node n_bin"]


def safe_sqrt(x: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """sqrt(x) for x > 0 and 0 elsewhere, with gradient 0 where x <= 0 (that of a plain square root is inf or nan)."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1.0)), 0.0)


def safe_divide(numerator: Float[Array, " *shape"], denominator: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """numerator / denominator, and 0 with gradient 0 where the denominator is 0."""
    valid = denominator != 0
    return jnp.where(valid, numerator / jnp.where(valid, denominator, 1.0), 0.0)


def kallen(
    m_1: Float[Array, " *shape"], m_2: Float[Array, " *shape"], m_3: Float[Array, " *shape"]
) -> Float[Array, " *shape"]:
    """Kallen function lambda(m_1^2, m_2^2, m_3^2) of three masses in GeV; GeV^4, negative outside the physical region.

    As a product of four factors it keeps its relative accuracy where one factor vanishes, i.e. at an end point.
    """
    return (m_1 + m_2 + m_3) * (m_1 + m_2 - m_3) * (m_1 - m_2 + m_3) * (m_1 - m_2 - m_3)


def kallen_q2(m_1: Scalar, m_2: Scalar, q2: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """lambda(m_1^2, m_2^2, q2) for m_1 -> m_2 + (a system of mass^2 q2), GeV^4; 0 beyond the end point (m_1 - m_2)^2.

    The same four factors as `kallen`, paired, so that no square root of q2 occurs and q2 = 0 has a finite gradient.
    """
    return jnp.maximum((m_1 - m_2) ** 2 - q2, 0.0) * ((m_1 + m_2) ** 2 - q2)


def gauss_legendre(n: int) -> tuple[Shaped[np.ndarray, " n"], Shaped[np.ndarray, " n"]]:
    """Nodes and weights of the n-point Gauss-Legendre rule on [0, 1]."""
    x, w = np.polynomial.legendre.leggauss(n)
    return 0.5 * (x + 1.0), 0.5 * w


def _unit_variable(share: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """u in [0, 1] with u^2 (2 - u^2) = share, clipped; gradient 0 outside 0 < share < 1."""
    inside = (share > 0) & (share < 1)
    x = jnp.where(inside, share, 0.5)
    u = jnp.sqrt(x / (1.0 + jnp.sqrt(1.0 - x)))
    return jnp.where(inside, u, jnp.where(share >= 1, 1.0, 0.0))


def bin_nodes(edges: Float[Array, " n_edge"], lower: Scalar, upper: Scalar, n_node: int) -> Nodes:
    """Gauss-Legendre nodes in each bin, clipped to [lower, upper].

    edges [n_bin + 1] GeV^2, increasing; lower: threshold; upper: end point of q2.
    The rule runs in u with q2 = lower + (upper - lower) u^2 (2 - u^2). In u both square-root edges of a phase space,
    sqrt(q2 - lower) and sqrt(upper - q2), are smooth: in the bin that holds the edge and in its neighbours alike.
    Differentiable in lower and upper. Bins outside [lower, upper], or all of them when lower >= upper, have weight
    exactly 0, and their nodes lie at the nearer end.
    """
    x, w = gauss_legendre(n_node)
    start = jnp.minimum(lower, upper)
    span = upper - start
    u = _unit_variable(safe_divide(edges - start, jnp.broadcast_to(span, edges.shape)))
    width = jnp.diff(u)[None, :]
    node = u[None, :-1] + width * x[:, None]
    complement = 1.0 - node**2
    return Nodes(
        q2=start + span * node**2 * (1.0 + complement),
        weight=4.0 * span * width * w[:, None] * node * complement,
    )


def peak_nodes(
    edges: Float[Array, " n_edge"], lower: Scalar, upper: Scalar, centre: Scalar, half_width: Scalar, n_node: int
) -> Nodes:
    """`bin_nodes` in the variable that makes a factor 1/((q2 - centre)^2 + half_width^2) of the integrand flat.

    centre, half_width : m^2 and m Gamma of the resonance, GeV^2.
    """

    def flat(q2: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
        return jnp.arctan((q2 - centre) / half_width)

    phi = bin_nodes(flat(edges), flat(lower), flat(upper), n_node)
    tangent = jnp.tan(phi.q2)
    return Nodes(q2=centre + half_width * tangent, weight=phi.weight * half_width * (1.0 + tangent**2))
