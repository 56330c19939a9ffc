"""The hypotheses that `compare` fits: which model, what is free, what is held."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from darkpenguin.core.model import Range
from darkpenguin.errors import UnknownName

MASS_POINTS = 42
MAX_LINE_MASS = 4.2  # GeV; above, Belle II's densities hold single simulated events; for pairs half of it


@dataclasses.dataclass(frozen=True)
class Hypothesis:
    """One row of the comparison.

    mass, strength : the parameters of a mass scan; the rate grows as strength**power. None where there is no mass to
        scan.
    """

    title: str
    model: str
    free: Mapping[str, Range]
    fixed: Mapping[str, float] = dataclasses.field(default_factory=dict)
    mass: str | None = None
    strength: str | None = None
    power: int = 2


def _boson(title: str, model: str, mass: str, **fixed: float) -> Hypothesis:
    # width of 0.1 GeV: the case that arXiv:2602.09666 fits
    free = {mass: Range(0.1, MAX_LINE_MASS, MASS_POINTS), "BR": Range(0.0, 3e-5, 61)}
    return Hypothesis(title, model, free, {"width": 0.1, **fixed}, mass, "BR", 1)


def _pair(
    title: str, model: str, mass: str, operator: str, low: float, high: float, heaviest: float = 2.05
) -> Hypothesis:
    free = {mass: Range(0.05, heaviest, MASS_POINTS), operator: Range(low, high, 61, "log")}
    return Hypothesis(title, model, free, {}, mass, operator)


def _fermion(operator: str, bilinear: str) -> Hypothesis:
    return _pair(f"Dirac pair, {bilinear}, {operator}", "dark_left_fermion", "m_chi", operator, 3e-10, 3e-6)


HYPOTHESES: Mapping[str, Hypothesis] = MappingProxyType(
    {
        "standard_model": Hypothesis("Standard Model", "standard_model", {}),
        "rescaled_standard_model": Hypothesis("Standard Model, free rate", "standard_model", {"mu": Range(0.0, 20.0)}),
        "wet_vector": Hypothesis("neutrinos, vector (cVL)", "weak_effective", {"cVL": Range(0.0, 40.0)}),
        "wet_scalar": Hypothesis("neutrinos, scalar (cSL)", "weak_effective", {"cSL": Range(0.0, 40.0)}),
        "wet_tensor": Hypothesis("neutrinos, tensor (cTL)", "weak_effective", {"cTL": Range(0.0, 40.0)}),
        "wet_all": Hypothesis(
            "neutrinos, vector + scalar + tensor",
            "weak_effective",
            {"cVL": Range(0.0, 20.0), "cSL": Range(0.0, 20.0), "cTL": Range(0.0, 20.0)},
        ),
        "invisible_scalar": _boson("one invisible scalar, width 0.1 GeV", "two_body_scalar", "m_S"),
        "invisible_vector_left": _boson(
            "one invisible vector, left-handed quarks, width 0.1 GeV", "two_body_vector", "m_V", ratio=-1.0
        ),
        "scalar_pair_S": _pair("complex scalar pair, (s b), S", "dark_left_scalar", "m_phi", "S", 3e-9, 3e-6),
        "scalar_pair_V": _pair("complex scalar pair, (s γ b), V", "dark_left_scalar", "m_phi", "V", 1e-9, 1e-5),
        "fermion_pair_S1": _fermion("S1", "(s b)(χ χ)"),
        "fermion_pair_S2": _fermion("S2", "(s b)(χ iγ₅ χ)"),
        "fermion_pair_V1": _fermion("V1", "(s γ b)(χ γ χ)"),
        "fermion_pair_V2": _fermion("V2", "(s γ b)(χ γγ₅ χ)"),
        "fermion_pair_T1": _fermion("T1", "(s σ b)(χ σ χ)"),
        "fermion_pair_T2": _fermion("T2", "(s σ b)(χ σγ₅ χ)"),
    }
)


def hypothesis(name: str) -> Hypothesis:
    """The hypothesis of that name. Raises UnknownName with the nearest one."""
    if name not in HYPOTHESES:
        raise UnknownName("hypothesis", name, HYPOTHESES)
    return HYPOTHESES[name]
