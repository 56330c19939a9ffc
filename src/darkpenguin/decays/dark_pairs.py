"""Annihilation of Majorana dark matter into X phi and into X X, above m_X + m_phi and 2 m_X: s waves. [derived]

    L = (g/2) X_mu psibar gamma^mu gamma5 psi - (lambda/2) psibar psi phi + (m_X^2/v) phi X^2 - (m_phi^2/(2 v)) phi^3,
    lambda = m/v, v = m_X/(2 g): the dark charges are 1 (psi) and -2 (phi). [couplings: arXiv:2502.04900]

Both have psi in the t and u channels, and X (phi) in the s channel. What would grow with s, from longitudinal X,
cancels among the three; what is left for m_X -> 0 at fixed lambda is the annihilation into the Goldstone boson.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Float, Inexact

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_divide, safe_sqrt
from darkpenguin.core.types import Scalar
from darkpenguin.decays import dark_higgs
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.decays.dark_annihilation import forward_angles, yukawa_squared

S = Float[Array, " n_s"]
S_or_complex = Inexact[Array, " n_s"]


def sigma_X_phi(s: S, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar) -> S:
    """sigma(psi psi -> X phi) [GeV^-2], averaged over spins, at s > 4 m^2 and (m_X + m_phi)^2; else 0.

    M = 2 g^2/m_X vbar(p_2) [a.eps + B epsslash - D kslash epsslash] gamma5 u(p_1), k the momentum of X, with
    P_t = 1/(t - m^2), P_u = 1/(u - m^2), P_s = 1/(s - m_X^2), P = p_1 + p_2:
    a = 2 m (P_t p_1 + P_u p_2) + 4 m P_s P,  B = 2 m^2 (P_t + P_u) + 2 m_X^2 P_s,  D = m (P_t - P_u).
    sum |M|^2 = (16 g^4/m_X^2) {-T_g + T_k/m_X^2}, the two parts of the sum over eps, see `_traces`.
    """
    low = jnp.maximum(2.0 * m_psi, m_X + m_phi) ** 2
    is_open = s > low
    s = jnp.where(is_open, s, 4.0 * low)
    k = safe_sqrt((s - (m_X + m_phi) ** 2) * (s - (m_X - m_phi) ** 2)) / (2.0 * jnp.sqrt(s))
    p = jnp.sqrt(s / 4.0 - m_psi**2)
    cos, w = forward_angles()
    half_E = (s + m_X**2 - m_phi**2) / 4.0  # sqrt(s)/2 times the energy of X
    pk = p * k * cos[:, None]
    squared = _traces(s, half_E - pk, half_E + pk, m_X, m_psi)
    mean = (w[:, None] * squared).sum(axis=0) * 16.0 * (4.0 * jnp.pi * alpha_X) ** 2 / m_X**2
    # 1/4 spins; int dcos = 2
    return jnp.where(is_open, mean * k / p / (64.0 * jnp.pi * s), 0.0)


def _traces(
    s: S, p1_k: Float[Array, "n_angle n_s"], p2_k: Float[Array, "n_angle n_s"], m_X: Scalar, m: Scalar
) -> Float[Array, "n_angle n_s"]:
    """-T_g + T_k/m_X^2 of `sigma_X_phi`; T_g: g_mu_nu, T_k: eps -> k.

    T_k = c^2 (p_1.p_2 + m^2) - 2 c B m P.k + B^2 [2 p_1.k p_2.k - m_X^2 (p_1.p_2 - m^2)],  c = a.k - D m_X^2,
    T_g = a^2 (p_1.p_2 + m^2) - 2 m B a.P - 2 D [(p_1.p_2 + m^2) a.k - p_2.a p_1.k + p_2.k p_1.a]
          + B^2 (4 m^2 - 2 p_1.p_2) + 4 B D m (2 p_2.k - p_1.k) - 2 D^2 [2 p_1.k p_2.k - m_X^2 (p_1.p_2 + 2 m^2)].
    """
    m2, M2 = m**2, m_X**2
    P_t, P_u, P_s = 1.0 / (M2 - 2.0 * p1_k), 1.0 / (M2 - 2.0 * p2_k), 1.0 / (s - M2)
    a_1, a_2 = 2.0 * m * P_t + 4.0 * m * P_s, 2.0 * m * P_u + 4.0 * m * P_s  # a = a_1 p_1 + a_2 p_2
    B, D = 2.0 * m2 * (P_t + P_u) + 2.0 * M2 * P_s, m * (P_t - P_u)
    p1_p2 = s / 2.0 - m2
    a_p1, a_p2 = a_1 * m2 + a_2 * p1_p2, a_1 * p1_p2 + a_2 * m2
    a_k, a_a = a_1 * p1_k + a_2 * p2_k, a_1 * a_p1 + a_2 * a_p2
    c = a_k - D * M2
    T_k = c**2 * (p1_p2 + m2) - 2.0 * c * B * m * (p1_k + p2_k) + B**2 * (2.0 * p1_k * p2_k - M2 * (p1_p2 - m2))
    T_g = (
        a_a * (p1_p2 + m2)
        - 2.0 * m * B * (a_p1 + a_p2)
        - 2.0 * D * ((p1_p2 + m2) * a_k - a_p2 * p1_k + p2_k * a_p1)
        + B**2 * (4.0 * m2 - 2.0 * p1_p2)
        + 4.0 * B * D * m * (2.0 * p2_k - p1_k)
        - 2.0 * D**2 * (2.0 * p1_k * p2_k - M2 * (p1_p2 + 2.0 * m2))
    )
    return T_k / M2 - T_g


def sigma_X_X(
    s: S_or_complex,
    P_s: S_or_complex,
    P_s_squared: S_or_complex,
    alpha_X: Scalar,
    m_X: Scalar,
    m_psi: Scalar,
) -> S_or_complex:
    """sigma(psi psi -> X X) [GeV^-2], averaged over spins, at s above 4 m^2 and 4 m_X^2; analytic in s.

    P_s, P_s_squared : real part and square of phi's propagator: 1/(s - m_phi^2) and its square away from the peak.
    """
    E2 = s / 4.0
    p, k = jnp.sqrt(E2 - m_psi**2), jnp.sqrt(E2 - m_X**2)
    cos, w = forward_angles()
    without, through_phi = _amplitudes(E2, p, k, cos[:, None], m_X, m_psi)
    # the amplitudes that phi takes part in come first
    three = without[:3]
    squared = sum(a**2 for a in without) + sum(
        2.0 * P_s * a * b + P_s_squared * b**2 for a, b in zip(three, through_phi, strict=True)
    )
    mean = (w[:, None] * squared).sum(axis=0) * 2.0 * (4.0 * jnp.pi * alpha_X) ** 2
    # 1/4 spins, 1/2 identical X; int dcos = 2
    return mean * k / p / (128.0 * jnp.pi * s)


Angles = Inexact[Array, "n_angle n_s"]


def _amplitudes(
    E2: S_or_complex, p: S_or_complex, k: S_or_complex, c: Float[Array, "n_angle 1"], m_X: Scalar, m: Scalar
) -> tuple[tuple[Angles, ...], tuple[Angles, ...]]:
    """M/g^2 of psi psi -> X X without phi, and the factors of P_s in the first three.

    Centre of mass, energy E of each, c = cos(theta). X polarised in the plane (x), normal to it (y), longitudinal (L);
    vbar M u = eta^+ (M_0 + M_i sigma_i) xi with psi along z, so that sum |M|^2 = 2 sum of all squares here. A pair of
    different polarisations comes twice, with the same square. S = P_t + P_u, D = P_t - P_u.
    """
    E, M2, s_1 = jnp.sqrt(E2), m_X**2, jnp.sqrt(1.0 - c**2)
    a, b = 2.0 * E2 - M2, 2.0 * p * k * c
    S, D = -2.0 * a / (a**2 - b**2), -2.0 * b / (a**2 - b**2)
    twice = 2.0**0.5
    zz = (
        -2.0 * m * c * k * D + 4.0 * m * c**2 * p * S,  # xx, z
        -2.0 * m * c * k * D + 4.0 * m * p * S,  # yy, z
        -2.0 * m / M2 * (c * k * (M2 - 2.0 * E2) * D + 2.0 * p * (E2 * (2.0 - c**2) - M2) * S),  # LL, z
    )
    others = (
        -2.0 * E * s_1 * (k * D - 2.0 * c * p * S),  # xx, x
        -2.0 * E * s_1 * k * D,  # yy, x
        -2.0 * E * s_1 / M2 * (k * (2.0 * E2 + M2 - 4.0 * m**2) * D - 2.0 * E2 * c * p * S),  # LL, x
        twice * (2.0 * m * k * S - 4.0 * m * c * p * D),  # xy, 0
        twice * 2.0 * E * p * s_1 * S,  # xy, y
        twice * 4.0 * E * m * s_1 * c * p * S / m_X,  # xL, z
        twice * 2.0 * p / m_X * (2.0 * c * k * p * D + (M2 - 2.0 * E2 * c**2) * S),  # xL, x
        twice * 4.0 * E * m * p * s_1 * D / m_X,  # yL, 0
        twice * 2.0 * p / m_X * (2.0 * k * p * D - c * (2.0 * E2 - M2) * S),  # yL, y
    )
    transverse = 16.0 * m * p * jnp.ones_like(c)
    return zz + others, (transverse, transverse, -transverse * (2.0 * E2 - M2) / M2)


def dark_higgs_to_X(alpha_X: Scalar, m_X: Scalar, m_phi: Scalar) -> Scalar:
    """Gamma(phi -> X X) = m_phi^3/(32 pi v^2) beta (1 - 4 r + 12 r^2), r = m_X^2/m_phi^2, GeV; 0 if closed."""
    r = m_X**2 / m_phi**2
    per_v2 = 16.0 * jnp.pi * alpha_X / m_X**2
    return m_phi**3 / (32.0 * jnp.pi) * per_v2 * safe_sqrt(1.0 - 4.0 * r) * (1.0 - 4.0 * r + 12.0 * r**2)


def dark_higgs_to_psi(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar) -> Scalar:
    """Gamma(phi -> psi psi) = lambda^2 m_phi beta^3/(16 pi), lambda = 2 g m_psi/m_X, GeV; 0 if closed."""
    lambda_2 = yukawa_squared(alpha_X, m_X, m_psi)
    return lambda_2 * m_phi / (16.0 * jnp.pi) * safe_sqrt(1.0 - 4.0 * m_psi**2 / m_phi**2) ** 3


class DarkHiggsWidths(NamedTuple):
    """Partial widths of phi in GeV. standard : by mixing with the Higgs.   psi, X : to pairs of them."""

    standard: Scalar
    psi: Scalar
    X: Scalar

    def total(self) -> Scalar:
        return self.standard + self.psi + self.X

    def share_standard(self) -> Scalar:
        """Of ordinary matter; 0 for a phi without any decay."""
        return safe_divide(self.standard, self.total())

    def share_invisible(self, X_invisible: Scalar) -> Scalar:
        """Of psi psi, and of X X with both X invisible; X_invisible: that share of the decays of X."""
        return safe_divide(self.psi + self.X * X_invisible**2, self.total())


def dark_higgs_widths(
    sin_theta: Scalar, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar, k: LightStateConstants
) -> DarkHiggsWidths:
    """All partial widths of phi; X X* and X* X* are left out."""
    return DarkHiggsWidths(
        standard=dark_higgs.width(sin_theta, m_phi, k),
        psi=dark_higgs_to_psi(alpha_X, m_X, m_psi, m_phi),
        X=dark_higgs_to_X(alpha_X, m_X, m_phi),
    )
