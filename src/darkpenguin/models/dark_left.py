"""Pairs of light dark particles from contact operators, on top of the Standard Model's neutrinos.

L = C O + h.c. with a real coefficient C for the quark flavours (s b). The dark bilinears are hermitian, but that of T2
(sigma gamma5) is antihermitian. Conventions: arXiv:2209.05223, arXiv:2309.12741, arXiv:2403.12485; the spectral
functions, interferences included, are derived and checked by us.
"""

from __future__ import annotations

from typing import ClassVar

from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import AbstractModel, parameter
from darkpenguin.core.types import Couplings, Scalar
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import FermionPair, ScalarPair

REFERENCES = ("He:2022ljo", "Bolton:2024egx", "Buras:2014fpa")


def _mass(what: str, latex: str) -> Scalar:
    return parameter("GeV", 0.0, 2.7, f"mass of the dark {what}", latex=latex)


def _coefficient(unit: str, operator: str) -> Scalar:
    return parameter(unit, -1.0, 1.0, f"coefficient of {operator}", scale="log", default=0.0)


class DarkLeftScalar(AbstractModel):
    """A pair of complex scalars phi phi*."""

    name: ClassVar[str] = "dark_left_scalar"
    title: ClassVar[str] = "pair of complex scalars"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "phi_S": {"m_phi": 0.3, "S": 5e-8},
        "phi_V": {"m_phi": 0.3, "V": 3e-8},
    }

    m_phi: Scalar = _mass("scalar", r"m_\phi")
    S: Scalar = _coefficient("GeV^-1", "(s b)(phi* phi)")
    P: Scalar = _coefficient("GeV^-1", "(s i gamma5 b)(phi* phi)")
    V: Scalar = _coefficient("GeV^-2", "(s gamma^mu b)(phi* i d<->_mu phi)")
    A: Scalar = _coefficient("GeV^-2", "(s gamma^mu gamma5 b)(phi* i d<->_mu phi)")

    def couplings(self, inputs: Inputs) -> Couplings:
        pair = ScalarPair(mass=self.m_phi, S=self.S, P=self.P, V=self.V, A=self.A)
        return Couplings(continua=(standard_model_neutrinos(inputs), pair))


class DarkLeftRealScalar(AbstractModel):
    """A pair of real scalars phi phi; L = C (s b) phi^2 without a factor 1/2. The vector bilinear vanishes."""

    name: ClassVar[str] = "dark_left_real_scalar"
    title: ClassVar[str] = "pair of real scalars"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"phi_S": {"m_phi": 1.0, "S": 4e-8}}

    m_phi: Scalar = _mass("scalar", r"m_\phi")
    S: Scalar = _coefficient("GeV^-1", "(s b) phi^2")
    P: Scalar = _coefficient("GeV^-1", "(s i gamma5 b) phi^2")

    def couplings(self, inputs: Inputs) -> Couplings:
        pair = ScalarPair(mass=self.m_phi, S=self.S, P=self.P, self_conjugate=True)
        return Couplings(continua=(standard_model_neutrinos(inputs), pair))


class DarkLeftFermion(AbstractModel):
    """A pair of Dirac fermions chi chibar."""

    name: ClassVar[str] = "dark_left_fermion"
    title: ClassVar[str] = "pair of Dirac fermions"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "chi_V1": {"m_chi": 0.6, "V1": 1.4e-8},
        "chi_V2": {"m_chi": 0.6, "V2": 1.4e-8},
        "chi_S1": {"m_chi": 0.3, "S1": 1e-8},
    }

    m_chi: Scalar = _mass("fermion", r"m_\chi")
    S1: Scalar = _coefficient("GeV^-2", "(s b)(chibar chi)")
    S2: Scalar = _coefficient("GeV^-2", "(s b)(chibar i gamma5 chi)")
    P1: Scalar = _coefficient("GeV^-2", "(s i gamma5 b)(chibar chi)")
    P2: Scalar = _coefficient("GeV^-2", "(s i gamma5 b)(chibar i gamma5 chi)")
    V1: Scalar = _coefficient("GeV^-2", "(s gamma^mu b)(chibar gamma_mu chi)")
    V2: Scalar = _coefficient("GeV^-2", "(s gamma^mu b)(chibar gamma_mu gamma5 chi)")
    A1: Scalar = _coefficient("GeV^-2", "(s gamma^mu gamma5 b)(chibar gamma_mu chi)")
    A2: Scalar = _coefficient("GeV^-2", "(s gamma^mu gamma5 b)(chibar gamma_mu gamma5 chi)")
    T1: Scalar = _coefficient("GeV^-2", "(s sigma^munu b)(chibar sigma_munu chi)")
    T2: Scalar = _coefficient("GeV^-2", "(s sigma^munu b)(chibar sigma_munu gamma5 chi)")

    def couplings(self, inputs: Inputs) -> Couplings:
        pair = FermionPair(
            mass=self.m_chi,
            S1=self.S1,
            S2=self.S2,
            P1=self.P1,
            P2=self.P2,
            V1=self.V1,
            V2=self.V2,
            A1=self.A1,
            A2=self.A2,
            T1=self.T1,
            T2=self.T2,
        )
        return Couplings(continua=(standard_model_neutrinos(inputs), pair))


class DarkLeftMajorana(AbstractModel):
    """A pair of Majorana fermions chi chi, same Lagrangian without a factor 1/2. Vector and tensor bilinears vanish."""

    name: ClassVar[str] = "dark_left_majorana"
    title: ClassVar[str] = "pair of Majorana fermions"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"chi_V2": {"m_chi": 0.6, "V2": 1e-8}}

    m_chi: Scalar = _mass("fermion", r"m_\chi")
    S1: Scalar = _coefficient("GeV^-2", "(s b)(chibar chi)")
    S2: Scalar = _coefficient("GeV^-2", "(s b)(chibar i gamma5 chi)")
    P1: Scalar = _coefficient("GeV^-2", "(s i gamma5 b)(chibar chi)")
    P2: Scalar = _coefficient("GeV^-2", "(s i gamma5 b)(chibar i gamma5 chi)")
    V2: Scalar = _coefficient("GeV^-2", "(s gamma^mu b)(chibar gamma_mu gamma5 chi)")
    A2: Scalar = _coefficient("GeV^-2", "(s gamma^mu gamma5 b)(chibar gamma_mu gamma5 chi)")

    def couplings(self, inputs: Inputs) -> Couplings:
        pair = FermionPair(
            mass=self.m_chi, S1=self.S1, S2=self.S2, P1=self.P1, P2=self.P2, V2=self.V2, A2=self.A2, self_conjugate=True
        )
        return Couplings(continua=(standard_model_neutrinos(inputs), pair))
