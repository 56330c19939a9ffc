"""Pairs of light dark particles from contact operators, on top of the Standard Model's neutrinos.

L = C O + h.c. with a complex coefficient C for the quark flavours (s b). The dark bilinears are hermitian, but that of
T2 (sigma gamma5) for fermions is antihermitian. Conventions: arXiv:2209.05223, arXiv:2309.12741, arXiv:2403.12485; the
spectral functions, interferences included, are derived and checked by us.
"""

from __future__ import annotations

from typing import ClassVar

from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.types import Couplings, Scalar
from darkpenguin.flavour.spectral import FermionPair, RaritaSchwingerPair, ScalarPair, VectorPair
from darkpenguin.models.coefficients import HasOperators, Operator, with_coefficients
from darkpenguin.models.new_states import NewStates

REFERENCES = ("He:2022ljo", "Bolton:2024egx", "Buras:2014fpa")
DENSITIES = {"S": "(s b)", "P": "(s i gamma5 b)"}
CURRENTS = {"V": "(s gamma^mu b)", "A": "(s gamma^mu gamma5 b)"}


def _mass(what: str, latex: str, low: float = 0.0) -> Scalar:
    return parameter("GeV", low, 2.7, f"mass of the dark {what}", latex=latex)


def _rows(quarks: dict[str, str], unit: str, bilinears: dict[str, str]) -> tuple[Operator, ...]:
    """One operator for each quark bilinear and each dark one: names as in "S" + "1"."""
    return tuple(Operator(q + d, unit, quark + dark) for q, quark in quarks.items() for d, dark in bilinears.items())


def _without(operators: tuple[Operator, ...], vanishing: tuple[str, ...]) -> tuple[Operator, ...]:
    return tuple(o for o in operators if o.name not in vanishing)


SCALAR = (
    *_rows(DENSITIES, "GeV^-1", {"": "(phi* phi)"}),
    *_rows(CURRENTS, "GeV^-2", {"": "(phi* i d<->_mu phi)"}),
)
REAL_SCALAR = _rows(DENSITIES, "GeV^-1", {"": " phi^2"})
FERMION = (
    *_rows(DENSITIES, "GeV^-2", {"1": "(chibar chi)", "2": "(chibar i gamma5 chi)"}),
    *_rows(CURRENTS, "GeV^-2", {"1": "(chibar gamma_mu chi)", "2": "(chibar gamma_mu gamma5 chi)"}),
    Operator("T1", "GeV^-2", "(s sigma^munu b)(chibar sigma_munu chi)"),
    Operator("T2", "GeV^-2", "(s sigma^munu b)(chibar sigma_munu gamma5 chi)"),
)
VECTOR = (
    *_rows(DENSITIES, "GeV^-1", {"": "(X*_mu X^mu)"}),
    *_rows(DENSITIES, "GeV^-3", {"F": "(X*_munu X^munu)", "Fd": "(X*_munu Xdual^munu)"}),
    *_rows(
        CURRENTS,
        "GeV^-2",
        {
            "2": " d^nu (X*_mu X_nu + X*_nu X_mu)",
            "3": " eps_munurhosigma (X*^rho d<->^nu X^sigma)",
            "4": "(X*_nu i d<->_mu X^nu)",
            "5": " i d^nu (X*_mu X_nu - X*_nu X_mu)",
            "6": " eps_munurhosigma i d^nu (X*^rho X^sigma)",
        },
    ),
    Operator("T1", "GeV^-1", "(s sigma^munu b) (i/2)(X*_mu X_nu - X*_nu X_mu)"),
    Operator("T2", "GeV^-1", "(s sigma^munu gamma5 b) (1/2)(X*_mu X_nu - X*_nu X_mu)"),
)
SPIN_THREE_HALF = tuple(
    o._replace(text=o.text.replace("chibar", "Psibar_rho").replace("chi)", "Psi^rho)")) for o in FERMION
)
ODD_FERMION = ("V1", "A1", "T1", "T2")
ODD_VECTOR = ("V4", "V5", "V6", "A4", "A5", "A6", "T1", "T2")


class DarkPair(HasOperators, NewStates):
    """A pair of dark particles with an operator table."""


@with_coefficients
class DarkLeftScalar(DarkPair):
    """A pair of complex scalars phi phi*."""

    name: ClassVar[str] = "dark_left_scalar"
    title: ClassVar[str] = "pair of complex scalars"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "phi_S": {"m_phi": 0.3, "S": 5e-8},
        "phi_V": {"m_phi": 0.3, "V": 3e-8},
    }
    operators: ClassVar[tuple[Operator, ...]] = SCALAR

    m_phi: Scalar = _mass("scalar", r"m_\phi")

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(ScalarPair(mass=self.m_phi, **self.coefficients(), self_conjugate=False),))


@with_coefficients
class DarkLeftRealScalar(DarkPair):
    """A pair of real scalars phi phi; L = C (s b) phi^2 without a factor 1/2. The vector bilinear vanishes."""

    name: ClassVar[str] = "dark_left_real_scalar"
    title: ClassVar[str] = "pair of real scalars"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"phi_S": {"m_phi": 1.0, "S": 4e-8}}
    operators: ClassVar[tuple[Operator, ...]] = REAL_SCALAR
    vanishing: ClassVar[tuple[str, ...]] = ("V", "A")

    m_phi: Scalar = _mass("scalar", r"m_\phi")

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(ScalarPair(mass=self.m_phi, **self.coefficients(), self_conjugate=True),))


@with_coefficients
class DarkLeftFermion(DarkPair):
    """A pair of Dirac fermions chi chibar."""

    name: ClassVar[str] = "dark_left_fermion"
    title: ClassVar[str] = "pair of Dirac fermions"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "chi_V1": {"m_chi": 0.6, "V1": 1.4e-8},
        "chi_V2": {"m_chi": 0.6, "V2": 1.4e-8},
        "chi_S1": {"m_chi": 0.3, "S1": 1e-8},
    }
    operators: ClassVar[tuple[Operator, ...]] = FERMION

    m_chi: Scalar = _mass("fermion", r"m_\chi")

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(FermionPair(mass=self.m_chi, **self.coefficients(), self_conjugate=False),))


@with_coefficients
class DarkLeftMajorana(DarkPair):
    """A pair of Majorana fermions chi chi, same Lagrangian without a factor 1/2. Vector and tensor bilinears vanish."""

    name: ClassVar[str] = "dark_left_majorana"
    title: ClassVar[str] = "pair of Majorana fermions"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"chi_V2": {"m_chi": 0.6, "V2": 1e-8}}
    operators: ClassVar[tuple[Operator, ...]] = _without(FERMION, ODD_FERMION)
    vanishing: ClassVar[tuple[str, ...]] = ODD_FERMION

    m_chi: Scalar = _mass("fermion", r"m_\chi")

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(FermionPair(mass=self.m_chi, **self.coefficients(), self_conjugate=True),))


@with_coefficients
class DarkLeftVector(DarkPair):
    """A pair of complex vectors X X*, eps^{0123} = -1. Rates grow as 1/m_X^4 or 1/m_X^2, but those of F and Fd."""

    name: ClassVar[str] = "dark_left_vector"
    title: ClassVar[str] = "pair of complex vectors"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "X_S": {"m_X": 0.6, "S": 4e-9},
        "X_V6": {"m_X": 0.5, "V6": 4e-9},
    }
    operators: ClassVar[tuple[Operator, ...]] = VECTOR

    m_X: Scalar = _mass("vector", "m_X", low=1e-3)

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(VectorPair(mass=self.m_X, **self.coefficients(), self_conjugate=False),))


@with_coefficients
class DarkLeftRealVector(DarkPair):
    """A pair of real vectors X X, same Lagrangian without a factor 1/2. Antisymmetric bilinears vanish."""

    name: ClassVar[str] = "dark_left_real_vector"
    title: ClassVar[str] = "pair of real vectors"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"X_S": {"m_X": 0.6, "S": 3e-9}}
    operators: ClassVar[tuple[Operator, ...]] = _without(VECTOR, ODD_VECTOR)
    vanishing: ClassVar[tuple[str, ...]] = ODD_VECTOR

    m_X: Scalar = _mass("vector", "m_X", low=1e-3)

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(VectorPair(mass=self.m_X, **self.coefficients(), self_conjugate=True),))


@with_coefficients
class DarkLeftSpinThreeHalf(DarkPair):
    """A pair of Dirac particles of spin 3/2, Psi_rho Psibar_rho. Rates grow as 1/m_Psi^4 towards small masses."""

    name: ClassVar[str] = "dark_left_spin_three_half"
    title: ClassVar[str] = "pair of spin-3/2 particles"
    references: ClassVar[tuple[str, ...]] = ("Kamenik:2011vy", "Bolton:2024egx", "Buras:2014fpa")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"Psi_V1": {"m_Psi": 1.0, "V1": 3e-9}}
    operators: ClassVar[tuple[Operator, ...]] = SPIN_THREE_HALF

    m_Psi: Scalar = _mass("spin-3/2 particle", r"m_\Psi", low=1e-3)

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(RaritaSchwingerPair(mass=self.m_Psi, **self.coefficients(), self_conjugate=False),))
