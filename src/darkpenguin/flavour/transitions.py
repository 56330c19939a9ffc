"""Hadron side: the squared matrix elements of each quark current in b -> s decays, and the table of decay modes.

Form-factor definitions: arXiv:1503.05534 (P = p_B + p_M, q = p_B - p_M), f_T as <K| sbar sigma^{mu nu} b |B> =
i (P^mu q^nu - P^nu q^mu) f_T / (m_B + m_K). The interferences VT and AT take the relative phases of these definitions,
which the equations of motion of the quarks confirm; the tests redo every entry with full Lorentz tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Float

from darkpenguin.core.inputs import Inputs
from darkpenguin.core.numerics import kallen_q2
from darkpenguin.core.types import Channels, Quarks, Scalar
from darkpenguin.errors import UnknownName
from darkpenguin.flavour.form_factors import BToP, BToV, LambdabToLambda, b_to_k, b_to_v, lambdab_to_lambda

Q2 = Float[Array, " n_q2"]


class Masses(NamedTuple):
    """Masses of one decay: parent, daughter, and the quarks b and s (MSbar at one scale); GeV."""

    m_B: Scalar
    m_M: Scalar
    m_b: Scalar
    m_s: Scalar


class Hadron(NamedTuple):
    """H_c(q2) of one decay, split by the polarisation of the daughter; a pseudoscalar counts as longitudinal."""

    transverse: Channels
    longitudinal: Channels


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
    """H_c of Lambda_b -> Lambda, averaged over the spin of the parent; no tensor current.

    Squares of the helicity amplitudes of arXiv:1602.01399, times q2, s_pm = (m_B +- m_M)^2 - q2. Longitudinal means
    helicity 0 of the invisible system.
    """
    plus2, minus2 = (m.m_B + m.m_M) ** 2, (m.m_B - m.m_M) ** 2
    s_plus, s_minus = plus2 - q2, minus2 - q2
    vector_t, axial_t = minus2 * s_plus * ff.Vt**2, plus2 * s_minus * ff.At**2
    return Hadron(
        transverse=Channels(V1=2.0 * q2 * s_minus * ff.Vperp**2, A1=2.0 * q2 * s_plus * ff.Aperp**2),
        longitudinal=Channels(
            S=vector_t / (m.m_b - m.m_s) ** 2,
            P=axial_t / (m.m_b + m.m_s) ** 2,
            V1=plus2 * s_minus * ff.V0**2,
            V0=vector_t,
            A1=minus2 * s_plus * ff.A0**2,
            A0=axial_t,
            SV=vector_t / (m.m_b - m.m_s),
            PA=axial_t / (m.m_b + m.m_s),
        ),
    )


class Transition(NamedTuple):
    """One decay mode. A new mode is one more row of `TRANSITIONS`, with its own two functions if its hadrons are new.

    name : flavio's notation, e.g. "B+->K+".
    form_factors : key of `Inputs.form_factors`.
    masses, lifetime : from the inputs; GeV and GeV^-1.
    hadron : H_c from the inputs at q2 [n_q2].
    tensor : whether the form factors of the tensor current are known; if not, a tensor coupling is refused.
    quarks : the quark transition behind it.
    """

    name: str
    form_factors: str
    masses: Callable[[Inputs], Masses]
    lifetime: Callable[[Inputs], Scalar]
    hadron: Callable[[Inputs, Q2], Hadron]
    tensor: bool = True
    quarks: Quarks = "bs"


def q2_max(transition: Transition, inputs: Inputs) -> Scalar:
    """End point (m_B - m_M)^2, GeV^2."""
    m = transition.masses(inputs)
    return (m.m_B - m.m_M) ** 2


def _to_pseudoscalar(name: str, masses: Callable[[Inputs], Masses], lifetime: Callable[[Inputs], Scalar]) -> Transition:
    def hadron(inputs: Inputs, q2: Q2) -> Hadron:
        return pseudoscalar_hadron(masses(inputs), b_to_k(inputs.form_factors["B->K"], q2), q2)

    return Transition(name, "B->K", masses, lifetime, hadron)


def _to_vector(
    name: str, form_factors: str, masses: Callable[[Inputs], Masses], lifetime: Callable[[Inputs], Scalar]
) -> Transition:
    def hadron(inputs: Inputs, q2: Q2) -> Hadron:
        return vector_hadron(masses(inputs), b_to_v(inputs.form_factors[form_factors], q2), q2)

    return Transition(name, form_factors, masses, lifetime, hadron)


def _lambda_masses(inputs: Inputs) -> Masses:
    return Masses(inputs.m_Lambdab, inputs.m_Lambda, inputs.m_b, inputs.m_s)


def _lambda_hadron(inputs: Inputs, q2: Q2) -> Hadron:
    ff = lambdab_to_lambda(inputs.form_factors["Lambda_b->Lambda"], q2)
    return baryon_hadron(_lambda_masses(inputs), ff, q2)


TRANSITIONS: tuple[Transition, ...] = (
    _to_pseudoscalar("B+->K+", lambda x: Masses(x.m_Bplus, x.m_Kplus, x.m_b, x.m_s), lambda x: x.tau_Bplus),
    _to_pseudoscalar("B0->K0", lambda x: Masses(x.m_B0, x.m_K0, x.m_b, x.m_s), lambda x: x.tau_B0),
    _to_vector("B+->K*+", "B->K*", lambda x: Masses(x.m_Bplus, x.m_Kstplus, x.m_b, x.m_s), lambda x: x.tau_Bplus),
    _to_vector("B0->K*0", "B->K*", lambda x: Masses(x.m_B0, x.m_Kst0, x.m_b, x.m_s), lambda x: x.tau_B0),
    _to_vector("Bs->phi", "Bs->phi", lambda x: Masses(x.m_Bs, x.m_phi, x.m_b, x.m_s), lambda x: x.tau_Bs),
    Transition(
        "Lambda_b->Lambda", "Lambda_b->Lambda", _lambda_masses, lambda x: x.tau_Lambdab, _lambda_hadron, tensor=False
    ),
)


def transition(mode: str) -> Transition:
    """The transition named `mode`. Raises UnknownName with the nearest name."""
    for candidate in TRANSITIONS:
        if candidate.name == mode:
            return candidate
    raise UnknownName("decay mode", mode, (t.name for t in TRANSITIONS))
