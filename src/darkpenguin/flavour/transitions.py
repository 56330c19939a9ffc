"""The table of decay modes: which hadrons, which quark transition, which inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Quarks, Scalar
from darkpenguin.errors import UnknownName
from darkpenguin.flavour.form_factors import b_to_k, b_to_v, lambdab_to_lambda
from darkpenguin.flavour.hadrons import (
    Hadron,
    Masses,
    baryon_hadron,
    pseudoscalar_hadron,
    scaled,
    vacuum_hadron,
    vector_hadron,
)
from darkpenguin.flavour.inclusive import inclusive_hadron, inclusive_masses, mean_lifetime

Q2 = Float[Array, " n_q2"]


class Transition(NamedTuple):
    """One decay mode. A new mode is one more row of `TRANSITIONS`, with its own two functions if its hadrons are new.

    name : flavio's notation, e.g. "B+->K+"; "vacuum" where nothing but the invisible system is left.
    form_factors : key of `Inputs.form_factors`; the constant that stands in their place where there are none.
    masses, lifetime : from the inputs; GeV and GeV^-1.
    hadron : H_c from the inputs at q2 [n_q2].
    quarks : the quark transition behind it.
    factor : multiplies every rate: 1/2 for a pi0 or rho0 that comes from d dbar or u ubar alone.
    k_long : the parent is a K_L, see core.types.no_k_long; then no factor 1/2 is left.
    annihilation : the final state is the invisible system alone, of mass m_B; see flavour.annihilation.
    """

    name: str
    form_factors: str
    masses: Callable[[Inputs], Masses]
    lifetime: Callable[[Inputs], Scalar]
    hadron: Callable[[Inputs, Q2], Hadron]
    quarks: Quarks = "bs"
    factor: float = 1.0
    k_long: bool = False
    annihilation: bool = False


def q2_max(transition: Transition, inputs: Inputs) -> Scalar:
    """End point (m_B - m_M)^2, GeV^2."""
    m = transition.masses(inputs)
    return (m.m_B - m.m_M) ** 2


OfInputs = Callable[[Inputs], Scalar]
OfMasses = Callable[[Inputs], Masses]


def _to_pseudoscalar(
    name: str, form_factors: str, masses: OfMasses, lifetime: OfInputs, quarks: Quarks, factor: float = 1.0
) -> Transition:
    def hadron(inputs: Inputs, q2: Q2) -> Hadron:
        return pseudoscalar_hadron(masses(inputs), b_to_k(inputs.form_factors[form_factors], q2), q2)

    return Transition(name, form_factors, masses, lifetime, hadron, quarks, factor)


def _to_vector(
    name: str, form_factors: str, masses: OfMasses, lifetime: OfInputs, quarks: Quarks, factor: float = 1.0
) -> Transition:
    def hadron(inputs: Inputs, q2: Q2) -> Hadron:
        return vector_hadron(masses(inputs), b_to_v(inputs.form_factors[form_factors], q2), q2)

    return Transition(name, form_factors, masses, lifetime, hadron, quarks, factor)


def _lambda_masses(inputs: Inputs) -> Masses:
    return Masses(inputs.m_Lambdab, inputs.m_Lambda, inputs.m_b, inputs.m_s)


def _lambda_hadron(inputs: Inputs, q2: Q2) -> Hadron:
    ff = lambdab_to_lambda(inputs.form_factors["Lambda_b->Lambda"], q2)
    return baryon_hadron(_lambda_masses(inputs), ff, q2)


def _mesons(m_B: str, m_M: str, m_b: str, m_s: str) -> OfMasses:
    """Masses by the names of the inputs."""
    return lambda x: Masses(*(getattr(x, name) for name in (m_B, m_M, m_b, m_s)))


_KL_MASSES = _mesons("m_K0", "m_pi0", "m_s_2GeV", "m_d_2GeV")


def _kl_hadron(inputs: Inputs, q2: Q2) -> Hadron:
    """K0 -> pi0 over 1/sqrt2: that of K0 -> pi- but for isospin breaking, 1 / (1 + delta). [arXiv:0705.2025]"""
    found = pseudoscalar_hadron(_KL_MASSES(inputs), b_to_k(inputs.form_factors["K->pi"], q2), q2)
    return scaled(found, (1.0 + inputs.delta_K_pi0) ** -2)


def _to_vacuum(name: str, constant: str, masses: OfMasses, lifetime: OfInputs, quarks: Quarks) -> Transition:
    def hadron(inputs: Inputs, q2: Q2) -> Hadron:
        del q2  # m_B^2 alone
        return vacuum_hadron(masses(inputs), getattr(inputs, constant))

    return Transition(name, constant, masses, lifetime, hadron, quarks, annihilation=True)


def _nothing_left(m_B: str, m_b: str, m_s: str) -> OfMasses:
    return lambda x: Masses(getattr(x, m_B), jnp.zeros(()), getattr(x, m_b), getattr(x, m_s))


_BS, _BD, _SD, _CU = ("m_b", "m_s"), ("m_b", "m_d"), ("m_s_2GeV", "m_d_2GeV"), ("m_c_3GeV", "m_u_3GeV")

TRANSITIONS: tuple[Transition, ...] = (
    _to_pseudoscalar("B+->K+", "B->K", _mesons("m_Bplus", "m_Kplus", *_BS), lambda x: x.tau_Bplus, "bs"),
    _to_pseudoscalar("B0->K0", "B->K", _mesons("m_B0", "m_K0", *_BS), lambda x: x.tau_B0, "bs"),
    _to_vector("B+->K*+", "B->K*", _mesons("m_Bplus", "m_Kstplus", *_BS), lambda x: x.tau_Bplus, "bs"),
    _to_vector("B0->K*0", "B->K*", _mesons("m_B0", "m_Kst0", *_BS), lambda x: x.tau_B0, "bs"),
    _to_vector("Bs->phi", "Bs->phi", _mesons("m_Bs", "m_phi", *_BS), lambda x: x.tau_Bs, "bs"),
    Transition("Lambda_b->Lambda", "Lambda_b->Lambda", _lambda_masses, lambda x: x.tau_Lambdab, _lambda_hadron),
    Transition("B->Xs", "m_b_1S", inclusive_masses, mean_lifetime, inclusive_hadron),
    _to_pseudoscalar("B+->pi+", "B->pi", _mesons("m_Bplus", "m_piplus", *_BD), lambda x: x.tau_Bplus, "bd"),
    _to_pseudoscalar("B0->pi0", "B->pi", _mesons("m_B0", "m_pi0", *_BD), lambda x: x.tau_B0, "bd", 0.5),
    _to_vector("B+->rho+", "B->rho", _mesons("m_Bplus", "m_rho", *_BD), lambda x: x.tau_Bplus, "bd"),
    _to_vector("B0->rho0", "B->rho", _mesons("m_B0", "m_rho", *_BD), lambda x: x.tau_B0, "bd", 0.5),
    _to_pseudoscalar("Bs->K0", "Bs->K", _mesons("m_Bs", "m_K0", *_BD), lambda x: x.tau_Bs, "bd"),
    _to_pseudoscalar("K+->pi+", "K->pi", _mesons("m_Kplus", "m_piplus", *_SD), lambda x: x.tau_Kplus, "sd"),
    Transition("KL->pi0", "K->pi", _KL_MASSES, lambda x: x.tau_KL, _kl_hadron, "sd", k_long=True),
    _to_pseudoscalar("D0->pi0", "D->pi", _mesons("m_D0", "m_pi0", *_CU), lambda x: x.tau_D0, "cu", 0.5),
    _to_pseudoscalar("D+->pi+", "D->pi", _mesons("m_Dplus", "m_piplus", *_CU), lambda x: x.tau_Dplus, "cu"),
    _to_vacuum("Bs->vacuum", "f_Bs", _nothing_left("m_Bs", *_BS), lambda x: x.tau_Bs, "bs"),
    _to_vacuum("B0->vacuum", "f_B", _nothing_left("m_B0", *_BD), lambda x: x.tau_B0, "bd"),
    _to_vacuum("D0->vacuum", "f_D", _nothing_left("m_D0", *_CU), lambda x: x.tau_D0, "cu"),
)


def transition(mode: str | Transition) -> Transition:
    """The transition named `mode`, or `mode` itself. Raises UnknownName with the nearest name."""
    if isinstance(mode, Transition):
        return mode
    for candidate in TRANSITIONS:
        if candidate.name == mode:
            return candidate
    raise UnknownName("decay mode", mode, (t.name for t in TRANSITIONS))
