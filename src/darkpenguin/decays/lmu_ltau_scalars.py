"""The gauge boson and the scalars of a dark U(1) of L_mu - L_tau: masses, couplings, widths. [arXiv:2401.10112]

    L = |D X|^2 - m_X^2 |X|^2 - lambda |X|^2 (|Phi|^2 - v^2/2) + |D Phi|^2 - V(H, Phi) + g Z'_a J^a,
    D = d + i g Q Z',  J = mubar gamma mu - taubar gamma tau + nu_mubar gamma P_L nu_mu - nu_taubar gamma P_L nu_tau.

m_X is the mass after both fields took their vacuum expectation values, m_Z' = g |Q_Phi| v. The mass eigenstates are
H_1 = phi c - h s and H_2 = phi s + h c with c = cos(theta), s = sin(theta): H_1 couples to Standard Model fermions as
-s m_f/v_H. Everything in powers of GeV. The widths are checked against the reference rows S000-O018 to O026.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Inexact

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_sqrt
from darkpenguin.core.types import Scalar
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.decays.dark_higgs import width_leptons
from darkpenguin.decays.dark_photon import width_fermions

Energy2 = Inexact[Array, " *shape"]


class LMuLTau(NamedTuple):
    """One point of the model.

    g : gauge coupling.   Q_X : charge of X.   v : of Phi, GeV, see `vev`.   lam : the coupling lambda of X to Phi.
    m_X, m_Z, m_1, m_2 : of X, Z', H_1, H_2, GeV.   sin_theta : mixing of Phi with the Higgs field.
    """

    g: Scalar
    Q_X: Scalar
    v: Scalar
    lam: Scalar
    m_X: Scalar
    m_Z: Scalar
    m_1: Scalar
    m_2: Scalar
    sin_theta: Scalar

    @property
    def c(self) -> Scalar:
        """cos(theta)."""
        return jnp.sqrt(1.0 - self.sin_theta**2)

    @property
    def G(self) -> Scalar:
        """(g Q_X)^2."""
        return (self.g * self.Q_X) ** 2


def vev(m_Z: Scalar, g: Scalar, Q_Phi: Scalar) -> Scalar:
    """v = m_Z'/(g |Q_Phi|) in GeV."""
    return m_Z / (g * jnp.abs(Q_Phi))


def quartic_Phi_H(p: LMuLTau, k: LightStateConstants) -> Scalar:
    """The coefficient (m_2^2 - m_1^2) s c/(v_H v) of (|H|^2 - v_H^2/2)(|Phi|^2 - v^2/2) in V."""
    return (p.m_2**2 - p.m_1**2) * p.sin_theta * p.c / (k.v_H * p.v)


def cubic_111(p: LMuLTau, k: LightStateConstants) -> Scalar:
    """V contains g_111 H_1^3/6: g_111 = 3 m_1^2 (c^3/v - s^3/v_H)."""
    return 3.0 * p.m_1**2 * (p.c**3 / p.v - p.sin_theta**3 / k.v_H)


def cubic_112(p: LMuLTau, k: LightStateConstants) -> Scalar:
    """V contains g_112 H_1^2 H_2/2: g_112 = s c (2 m_1^2 + m_2^2)(c/v + s/v_H)."""
    return p.sin_theta * p.c * (2.0 * p.m_1**2 + p.m_2**2) * (p.c / p.v + p.sin_theta / k.v_H)


def width_to_X(mixing: Scalar, m: Scalar, p: LMuLTau) -> Scalar:
    """Gamma(S -> X X*) = (mixing lambda v)^2/(16 pi m) beta; mixing: c for H_1, s for H_2; 0 if closed."""
    return (mixing * p.lam * p.v) ** 2 / (16.0 * jnp.pi * m) * safe_sqrt(1.0 - 4.0 * p.m_X**2 / m**2)


def width_to_Z(mixing: Scalar, m: Scalar, m_Z: Scalar, v: Scalar) -> Scalar:
    """Gamma(S -> Z' Z') = mixing^2 m^3/(32 pi v^2) beta (1 - 4 r + 12 r^2), r = m_Z'^2/m^2; 0 if closed."""
    r = m_Z**2 / m**2
    return mixing**2 * m**3 / (32.0 * jnp.pi * v**2) * safe_sqrt(1.0 - 4.0 * r) * (1.0 - 4.0 * r + 12.0 * r**2)


def width_2_to_11(p: LMuLTau, k: LightStateConstants) -> Scalar:
    """Gamma(H_2 -> H_1 H_1) = g_112^2/(32 pi m_2) beta."""
    return cubic_112(p, k) ** 2 / (32.0 * jnp.pi * p.m_2) * safe_sqrt(1.0 - 4.0 * p.m_1**2 / p.m_2**2)


def width_1(p: LMuLTau, k: LightStateConstants) -> Scalar:
    """Gamma(H_1): X, Z', leptons. Hadrons are left out; as long as Z' Z' is open they are below 1e-6."""
    leptons = sum((width_leptons(p.sin_theta, p.m_1, jnp.asarray(m), k) for m in k.lepton_masses), jnp.zeros(()))
    return width_to_X(p.c, p.m_1, p) + width_to_Z(p.c, p.m_1, p.m_Z, p.v) + leptons


def width_2(p: LMuLTau, k: LightStateConstants, width_h: Scalar) -> Scalar:
    """Gamma(H_2) = c^2 width_h + X + Z' + H_1 H_1; width_h: of the Standard Model's Higgs boson, GeV."""
    dark = width_to_X(p.sin_theta, p.m_2, p) + width_to_Z(p.sin_theta, p.m_2, p.m_Z, p.v)
    return p.c**2 * width_h + dark + width_2_to_11(p, k)


def width_Z(p: LMuLTau, k: LightStateConstants) -> Scalar:
    """Gamma(Z'): two left-handed neutrinos (together g^2 m/(12 pi)), mu, tau, X; not e+ e-, a loop of 2e-5."""
    neutrinos = 2.0 * width_fermions(0.5 * p.g, 0.5 * p.g, p.m_Z, 0.0)
    charged = sum((width_fermions(p.g, 0.0, p.m_Z, m) for m in (k.m_mu, k.m_tau)), jnp.zeros(()))
    to_X = p.G * p.m_Z / (48.0 * jnp.pi) * safe_sqrt(1.0 - 4.0 * p.m_X**2 / p.m_Z**2) ** 3
    return neutrinos + charged + to_X


def self_energy_1(s: Energy2, p: LMuLTau) -> Energy2:
    """sqrt(s) Gamma_1(sqrt s) [GeV^2] of X and Z', analytic in s: the width of H_1 that runs; s above both thresholds.

    Leptons are left out: with their thresholds the function would not be analytic, and they are below 1e-6.
    """
    r = p.m_Z**2 / s
    to_X = (p.lam * p.v) ** 2 / 16.0 * jnp.sqrt(1.0 - 4.0 * p.m_X**2 / s)
    to_Z = s**2 / (32.0 * p.v**2) * jnp.sqrt(1.0 - 4.0 * r) * (1.0 - 4.0 * r + 12.0 * r**2)
    return p.c**2 / jnp.pi * (to_X + to_Z)


def electron_coupling(g: Scalar, k: LightStateConstants) -> Scalar:
    """What the electron's charge -1 couples to Z' with at zero momentum is eps e Q; this is eps.

    eps = -(e g/(12 pi^2)) ln(m_tau^2/m_mu^2): mixing with the photon by muon and tau loops, -g/69.3. [derived]
    """
    return -k.e * g / (12.0 * jnp.pi**2) * jnp.log(k.m_tau**2 / k.m_mu**2)
