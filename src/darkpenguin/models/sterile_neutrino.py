"""Sterile neutrinos N from contact operators: pairs, or one with a light neutrino.

L = C O + h.c., chirality first of the quarks, then of the neutrinos:
VXY = (s gamma^mu P_X b)(N gamma_mu P_Y N), SXY = (s P_X b)(N P_Y N), TXX = (s sigma^munu P_X b)(N sigma_munu P_X N);
sigma P_L x sigma P_R vanishes identically. [operators: arXiv:2111.04327, arXiv:2312.12507]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.types import Couplings, Scalar
from darkpenguin.flavour.invisible.couplings import Coupling
from darkpenguin.flavour.spectral import FermionPair, UnequalFermionPair
from darkpenguin.models.coefficients import HasOperators, Operator, with_coefficients
from darkpenguin.models.new_states import NewStates

REFERENCES = ("Felkl:2021uxi", "Fridell:2023ssf", "Buras:2014fpa")
SIGN = {"L": -1.0, "R": 1.0}


def _vector(x: str, y: str, bar: str = "N") -> Operator:
    return Operator(f"V{x}{y}", "GeV^-2", f"(s gamma^mu P_{x} b)({bar} gamma_mu P_{y} N)")


def _scalar(x: str, y: str, bar: str = "N") -> Operator:
    return Operator(f"S{x}{y}", "GeV^-2", f"(s P_{x} b)({bar} P_{y} N)")


def _tensor(x: str, bar: str = "N") -> Operator:
    return Operator(f"T{x}{x}", "GeV^-2", f"(s sigma^munu P_{x} b)({bar} sigma_munu P_{x} N)")


CHIRALITIES = ("LL", "LR", "RL", "RR")
VECTORS = tuple(_vector(*xy) for xy in CHIRALITIES)
SCALARS = tuple(_scalar(*xy) for xy in CHIRALITIES)
TENSORS = _tensor("L"), _tensor("R")


def parity_basis(chiral: Mapping[str, Coupling]) -> dict[str, Coupling]:
    """Coefficients of `FermionPair` from the chiral ones, with P_X = (1 + x gamma5)/2, x = -1 for L, +1 for R.

    S and P operators have i gamma5, so that gamma5 = -i (i gamma5). Only what is given appears.
    """
    found: dict[str, Coupling] = {}
    for name, c in chiral.items():
        kind, x, y = name[0], SIGN[name[1]], SIGN[name[2]]
        factors: dict[str, complex]
        if kind == "V":
            factors = {"V1": 0.25, "V2": 0.25 * y, "A1": 0.25 * x, "A2": 0.25 * x * y}
        elif kind == "S":
            factors = {"S1": 0.25, "S2": -0.25j * y, "P1": -0.25j * x, "P2": -0.25 * x * y}
        else:
            factors = {"T1": 0.5, "T2": 0.5 * x}
        for operator, factor in factors.items():
            found[operator] = found.get(operator, 0.0) + factor * c
    return found


class SterilePair(HasOperators, NewStates):
    """Sterile neutrinos with an operator table."""

    m_N: Scalar = parameter("GeV", 0.0, 5.28, "mass of the sterile neutrino", latex="m_N")


@with_coefficients
class SterileNeutrino(SterilePair):
    """A pair N Nbar of Dirac neutrinos; the chiral operators are those of `dark_left_fermion` in another basis."""

    name: ClassVar[str] = "sterile_neutrino"
    title: ClassVar[str] = "pair of Dirac sterile neutrinos"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"right_handed": {"m_N": 0.6, "VRR": 3e-8}}
    operators: ClassVar[tuple[Operator, ...]] = (*VECTORS, *SCALARS, *TENSORS)

    def states(self, inputs: Inputs) -> Couplings:
        return Couplings(
            continua=(FermionPair(mass=self.m_N, **parity_basis(self.coefficients()), self_conjugate=False),)
        )


@with_coefficients
class SterileNeutrinoMajorana(SterilePair):
    """A pair N N of Majorana neutrinos, same Lagrangian without a factor 1/2: N gamma N and N sigma N vanish.

    The vector operators are given for right-handed N; those of left-handed N are the same with the opposite sign.
    """

    name: ClassVar[str] = "sterile_neutrino_majorana"
    title: ClassVar[str] = "pair of Majorana sterile neutrinos"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"right_handed": {"m_N": 0.6, "VRR": 3e-8}}
    operators: ClassVar[tuple[Operator, ...]] = (_vector("L", "R"), _vector("R", "R"), *SCALARS)
    vanishing: ClassVar[tuple[str, ...]] = ("TLL", "TRR")

    def states(self, inputs: Inputs) -> Couplings:
        chiral = parity_basis(self.coefficients())
        survive = {name: c for name, c in chiral.items() if name not in ("V1", "A1")}
        return Couplings(continua=(FermionPair(mass=self.m_N, **survive, self_conjugate=True),))


@with_coefficients
class SterileNeutrinoMixed(SterilePair):
    """A massless left-handed neutrino and a heavy N.

    Operators (nubar Gamma P_Y N) and their hermitian conjugates. Several neutrino flavours add in the rate: a
    coefficient stands for the root of the sum of squares.
    """

    name: ClassVar[str] = "sterile_neutrino_mixed"
    title: ClassVar[str] = "a light and a sterile neutrino"
    references: ClassVar[tuple[str, ...]] = REFERENCES
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"left_handed": {"m_N": 1.0, "VLL": 3e-8}}
    operators: ClassVar[tuple[Operator, ...]] = (
        *(_vector(x, "L", "nu") for x in "LR"),
        *(_scalar(x, "R", "nu") for x in "LR"),
        _tensor("R", "nu"),
    )

    def states(self, inputs: Inputs) -> Couplings:
        pair = UnequalFermionPair(jnp.zeros(()), mass_2=self.m_N, **parity_basis(self.coefficients()))
        return Couplings(continua=(pair,))
