"""Decays of a vector X that mixes with the photon (eps) and with the Z (eps_Z). [arXiv:2502.04900, arXiv:1203.2947]

    L = X_mu fbar gamma^mu (g_V + g_A gamma5) f,
    g_V = e eps Q + e eps_Z/(2 s_W c_W) (T_3 - 2 Q s_W^2),   g_A = -e eps_Z/(2 s_W c_W) T_3.

Kinetic mixing alone, B -> B + (eps/c_W) X, does not leave eps_Z = 0 but eps tan(theta_W) m_X^2/(m_Z^2 - m_X^2), see
`kinetic_eps_Z`; the exact diagonalisation of the neutral masses confirms it. eps_Z = eps tan(theta_W), as in
arXiv:2502.04900, takes a mixing of masses on top: that of a "dark Z".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_divide, safe_sqrt
from darkpenguin.core.types import Scalar
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.decays.tables import r_ratio_table

Q_LEPTON, T3_LEPTON = -1.0, -0.5
Q_QUARKS, T3_QUARKS = (2 / 3, -1 / 3, -1 / 3), (0.5, -0.5, -0.5)  # u, d, s
OPEN_CHARM = 3.73  # 2 m_D, GeV


class VectorMixing(NamedTuple):
    """eps : mixing with the photon.   eps_Z : all of the coupling to the Z's current."""

    eps: Scalar
    eps_Z: Scalar


class DarkPhotonWidths(NamedTuple):
    """Partial widths in GeV. leptons [3]: e, mu, tau.   neutrinos: all three.   psi: dark fermions."""

    leptons: Float[Array, " 3"]
    neutrinos: Scalar
    hadrons: Scalar
    psi: Scalar

    def standard(self) -> Scalar:
        """Everything but the dark fermions."""
        return self.leptons.sum() + self.neutrinos + self.hadrons

    def total(self) -> Scalar:
        return self.standard() + self.psi

    def share_invisible(self) -> Scalar:
        """Dark fermions and neutrinos; 0 for a particle without any coupling."""
        return safe_divide(self.psi + self.neutrinos, self.total())


def tan_theta_W(k: LightStateConstants) -> float:
    """tan(theta_W) of s_W^2 at m_Z."""
    return (k.sin2_theta_W / (1.0 - k.sin2_theta_W)) ** 0.5


def kinetic_eps_Z(eps: Scalar, m_X: Scalar, k: LightStateConstants) -> Scalar:
    """eps_Z = eps tan(theta_W) m_X^2/(m_Z^2 - m_X^2) of kinetic mixing alone, first order in eps; m_X below m_Z."""
    return eps * tan_theta_W(k) * m_X**2 / (k.m_Z**2 - m_X**2)


def couplings_to_fermion(
    mixing: VectorMixing, Q: Any, T3: Any, k: LightStateConstants
) -> tuple[Float[Array, " *shape"], Float[Array, " *shape"]]:
    """(g_V, g_A) of a fermion with charge Q and weak isospin T3 of its left-handed part. [eq. (34)]"""
    s2 = k.sin2_theta_W
    neutral = k.e * mixing.eps_Z / (2.0 * (s2 * (1.0 - s2)) ** 0.5)
    return k.e * mixing.eps * Q + neutral * (T3 - 2.0 * Q * s2), -neutral * T3


def width_fermions(g_V: Any, g_A: Any, m_X: Scalar, m_f: Any, N_c: float = 1.0) -> Float[Array, " *shape"]:
    """Gamma(X -> f fbar) = N_c m_X beta/(12 pi) [g_V^2 (1 + 2 r) + g_A^2 (1 - 4 r)], r = m_f^2/m_X^2, GeV; 0 if closed.

    For massless leptons and eps_Z = eps tan(theta_W): eps^2 alpha m_X (13 - 40 s_W^2 + 32 s_W^4)/(24 c_W^4), where
    eq. (38) prints c_W^2.
    """
    r = m_f**2 / m_X**2
    beta = safe_sqrt(1.0 - 4.0 * r)
    # beta^2 in place of 1 - 4 r: 0 and not negative below threshold
    return N_c * m_X * beta / (12.0 * jnp.pi) * (g_V**2 * (1.0 + 2.0 * r) + g_A**2 * beta**2)


def width_neutrinos(mixing: VectorMixing, m_X: Scalar, k: LightStateConstants) -> Scalar:
    """Three flavours; left-handed: g_V = -g_A."""
    return 3.0 * width_fermions(*couplings_to_fermion(mixing, 0.0, 0.5, k), m_X, 0.0)


def width_psi(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar) -> Scalar:
    """Gamma(X -> psi psi) = alpha_X m_X/6 (1 - 4 m^2/m_X^2)^(3/2), GeV: Majorana with an axial coupling. [eq. (39)]"""
    return alpha_X * m_X / 6.0 * safe_sqrt(1.0 - 4.0 * m_psi**2 / m_X**2) ** 3


def r_ratio(m_X: Scalar) -> Scalar:
    """R at sqrt(s) = m_X [GeV]; 0 below two pions, constant above the table (5 GeV); J/psi and psi(2S) left out."""
    x, R = r_ratio_table()
    return jnp.interp(m_X, jnp.asarray(x), jnp.asarray(R), left=0.0)


def width_hadrons(mixing: VectorMixing, m_X: Scalar, R: Scalar, k: LightStateConstants) -> Scalar:
    """(eps^2 alpha m_X/3) R, times what the Z's couplings add to the quarks, GeV.

    The measured R belongs to the photon. The factor is sum_q (g_V^2 + g_A^2)/sum_q (e eps Q)^2 over u, d, s, and c
    where it is open: 1 for eps_Z = 0, 2.35 at eps_Z = eps tan(theta_W). It is a quark-level estimate; near resonances,
    which have the photon's quantum numbers, the axial part has no business.
    """
    open_charm = jnp.where(m_X > OPEN_CHARM, 1.0, 0.0)
    Q, T3 = jnp.array([*Q_QUARKS, Q_QUARKS[0]]), jnp.array([*T3_QUARKS, T3_QUARKS[0]])
    weight = jnp.stack([jnp.ones(()), jnp.ones(()), jnp.ones(()), open_charm])
    g_V, g_A = couplings_to_fermion(mixing, Q, T3, k)
    return m_X / (12.0 * jnp.pi) * R * (weight * (g_V**2 + g_A**2)).sum() / (weight * Q**2).sum()


def width_hadrons_from_leptons(mixing: VectorMixing, m_X: Scalar, R: Scalar, k: LightStateConstants) -> Scalar:
    """Gamma(X -> l l) R with massless leptons, whatever the couplings: the shorter rule of arXiv:2502.04900."""
    return R * width_fermions(*couplings_to_fermion(mixing, Q_LEPTON, T3_LEPTON, k), m_X, 0.0)


def dark_photon_widths(
    mixing: VectorMixing, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, k: LightStateConstants
) -> DarkPhotonWidths:
    """All partial widths, hadrons from the table of R by `width_hadrons`."""
    g_V, g_A = couplings_to_fermion(mixing, Q_LEPTON, T3_LEPTON, k)
    return DarkPhotonWidths(
        leptons=width_fermions(g_V, g_A, m_X, jnp.array(k.lepton_masses)),
        neutrinos=width_neutrinos(mixing, m_X, k),
        hadrons=width_hadrons(mixing, m_X, r_ratio(m_X), k),
        psi=width_psi(alpha_X, m_X, m_psi),
    )
