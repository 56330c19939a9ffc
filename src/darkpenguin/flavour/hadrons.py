"""Hadron side: the squared matrix elements of each quark current, one function per kind of hadrons.

Form-factor definitions: arXiv:1503.05534 (P = p_B + p_M, q = p_B - p_M), f_T as <K| sbar sigma^{mu nu} b |B> =
i (P^mu q^nu - P^nu q^mu) f_T / (m_B + m_K). The interferences VT and AT take the relative phases of these definitions,
which the equations of motion of the quarks confirm; the tests redo every entry with full Lorentz tensors.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Float

from darkpenguin.core.numerics import kallen_q2
from darkpenguin.core.types import Channels, Scalar
from darkpenguin.flavour.form_factors import BToP, BToV, LambdabToLambda

Q2 = Float[Array, " n_q2"]


class Masses(NamedTuple):
    """Masses of one decay: parent, daughter, and the quarks of the transition, b and s of b -> s; GeV.

    In another transition m_b is the heavier quark and m_s the lighter, e.g. c and u of c -> u. MSbar at one scale.
    """

    m_B: Scalar
    m_M: Scalar
    m_b: Scalar
    m_s: Scalar


class Hadron(NamedTuple):
    """H_c(q2) of one decay, split by the polarisation of the daughter; a pseudoscalar counts as longitudinal."""

    transverse: Channels
    longitudinal: Channels


def scaled(hadron: Hadron, factor: Scalar) -> Hadron:
    """Every H_c times one factor."""
    return Hadron(*(Channels(*(None if h is None else factor * h for h in part)) for part in hadron))


def pseudoscalar_hadron(m: Masses, ff: BToP, q2: Q2) -> Hadron:
    """H_c of B -> pseudoscalar. [vector current: arXiv:1409.4557; the others derived, see core.types.Channels]"""
    lam = kallen_q2(m.m_B, m.m_M, q2)
    timelike = (m.m_B**2 - m.m_M**2) * ff.f_0  # q_mu <sbar gamma^mu b> = (m_b - m_s) <sbar b>
    return Hadron(
        transverse=Channels(),
        longitudinal=Channels(
            S=timelike**2 / (m.m_b - m.m_s) ** 2,
            V1=lam * ff.f_plus**2,
            V0=timelike**2,
            TE=4.0 * q2 * lam * ff.f_T**2 / (m.m_B + m.m_M) ** 2,
            SV=timelike**2 / (m.m_b - m.m_s),
            VT=2.0 * lam * ff.f_plus * ff.f_T / (m.m_B + m.m_M),
        ),
    )


def vector_hadron(m: Masses, ff: BToV, q2: Q2) -> Hadron:
    """H_c of B -> vector meson. [V1, A1: arXiv:1409.4557; the others derived, see core.types.Channels]"""
    lam = kallen_q2(m.m_B, m.m_M, q2)
    plus, minus = m.m_B + m.m_M, m.m_B - m.m_M
    mass2 = (m.m_B * m.m_M) ** 2
    timelike2 = lam * ff.A0**2  # q_mu <sbar gamma^mu gamma5 b> = -(m_b + m_s) <sbar gamma5 b>
    return Hadron(
        transverse=Channels(
            V1=2.0 * q2 * lam * ff.V**2 / plus**2,
            A1=2.0 * q2 * plus**2 * ff.A1**2,
            TE=8.0 * lam * ff.T1**2,
            TB=8.0 * (plus * minus) ** 2 * ff.T2**2,
            VT=4.0 * lam * ff.V * ff.T1 / plus,
            AT=4.0 * plus**2 * minus * ff.A1 * ff.T2,
        ),
        longitudinal=Channels(
            P=timelike2 / (m.m_b + m.m_s) ** 2,
            A1=64.0 * mass2 * ff.A12**2,
            A0=timelike2,
            TB=64.0 * q2 * mass2 * ff.T23**2 / plus**2,
            PA=timelike2 / (m.m_b + m.m_s),
            AT=64.0 * mass2 * ff.A12 * ff.T23 / plus,
        ),
    )


def baryon_hadron(m: Masses, ff: LambdabToLambda, q2: Q2) -> Hadron:
    """H_c of Lambda_b -> Lambda, averaged over the spin of the parent.

    Squares of the helicity amplitudes of arXiv:1602.01399, times q2, s_pm = (m_B +- m_M)^2 - q2; the interferences are
    derived, see core.types.Channels. Longitudinal means helicity 0 of the invisible system.
    """
    plus, minus = m.m_B + m.m_M, m.m_B - m.m_M
    s_plus, s_minus = plus**2 - q2, minus**2 - q2
    vector_t, axial_t = minus**2 * s_plus * ff.Vt**2, plus**2 * s_minus * ff.At**2
    return Hadron(
        transverse=Channels(
            V1=2.0 * q2 * s_minus * ff.Vperp**2,
            A1=2.0 * q2 * s_plus * ff.Aperp**2,
            TE=8.0 * plus**2 * s_minus * ff.Tperp**2,
            TB=8.0 * minus**2 * s_plus * ff.T5perp**2,
            VT=4.0 * plus * s_minus * ff.Vperp * ff.Tperp,
            AT=4.0 * minus * s_plus * ff.Aperp * ff.T5perp,
        ),
        longitudinal=Channels(
            S=vector_t / (m.m_b - m.m_s) ** 2,
            P=axial_t / (m.m_b + m.m_s) ** 2,
            V1=plus**2 * s_minus * ff.V0**2,
            V0=vector_t,
            A1=minus**2 * s_plus * ff.A0**2,
            A0=axial_t,
            TE=4.0 * q2 * s_minus * ff.T0**2,
            TB=4.0 * q2 * s_plus * ff.T50**2,
            SV=vector_t / (m.m_b - m.m_s),
            PA=axial_t / (m.m_b + m.m_s),
            VT=2.0 * plus * s_minus * ff.V0 * ff.T0,
            AT=2.0 * minus * s_plus * ff.A0 * ff.T50,
        ),
    )


def vacuum_hadron(m: Masses, f: Scalar) -> Hadron:
    """H_c of pseudoscalar -> vacuum, f its decay constant in GeV: only the axial current and the pseudoscalar density.

    <0| sbar gamma^mu gamma5 b |B> = i f p^mu; the density and the sign of PA follow from the equations of motion, as
    for a vector meson. Gamma = sum_c H_c rho_c(m_B^2) / (2 m_B).
    """
    current2 = f**2 * m.m_B**4
    density = 1.0 / (m.m_b + m.m_s)
    parts = Channels(P=current2 * density**2, A0=current2, PA=current2 * density)
    return Hadron(transverse=Channels(), longitudinal=Channels(*(None if h is None else h[None] for h in parts)))
