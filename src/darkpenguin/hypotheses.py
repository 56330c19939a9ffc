"""The hypotheses that `compare` fits: which model, what is free, what is held."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from darkpenguin.core.model import Range
from darkpenguin.errors import UnknownName

MASS_POINTS, VIEW_POINTS = 42, 41
MAX_LINE_MASS = 4.2  # GeV; above, Belle II's densities hold single simulated events; for pairs half of it


@dataclasses.dataclass(frozen=True)
class View:
    """A plane of two parameters in which everything published is held against a model: names and ranges, x first.

    fixed : parameters held.
    """

    title: str
    axes: Mapping[str, Range]
    fixed: Mapping[str, float]


@dataclasses.dataclass(frozen=True)
class Hypothesis:
    """One row of the comparison.

    mass, strength : the parameters of a mass scan; the rate grows as strength**power. None where there is no mass to
        scan.
    views : planes that show what is left of the model.
    """

    title: str
    model: str
    free: Mapping[str, Range]
    fixed: Mapping[str, float] = dataclasses.field(default_factory=dict)
    mass: str | None = None
    strength: str | None = None
    power: int = 2
    views: tuple[View, ...] = ()


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


def _vector(operator: str, bilinear: str, low: float, high: float) -> Hypothesis:
    # from 0.3 GeV on: below, longitudinal vectors make the rate grow so fast that no cut-off above q_max is left
    title = f"complex vector pair, {bilinear}, {operator}"
    free = {"m_X": Range(0.3, 2.05, MASS_POINTS), operator: Range(low, high, 61, "log")}
    return Hypothesis(title, "dark_left_vector", free, {}, "m_X", operator)


def _spin_three_half(operator: str, bilinear: str) -> Hypothesis:
    title = f"spin-3/2 pair, {bilinear}, {operator}"
    free = {"m_Psi": Range(0.3, 2.05, MASS_POINTS), operator: Range(1e-11, 3e-6, 61, "log")}
    return Hypothesis(title, "dark_left_spin_three_half", free, {}, "m_Psi", operator)


_DARK_Z = {"eps": 1e-4, "alpha_X": 3.6e-4, "m_DM": 0.5, "sin_theta": 1.2e-4}
"""sin(theta) below the limit of NA62, and large enough for phi to be gone when nuclei form."""

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
        "leptoquark_S12t": Hypothesis(
            "leptoquark S̃₁/₂ of 3 TeV, τ alone",
            "leptoquark_S12t",
            {"lam_btau": Range(-3.5, 3.5)},
            {"M": 3000.0, "lam_stau": 1.0},
        ),
        "leptoquark_S1": Hypothesis(
            "leptoquark S₁ of 3 TeV, τ alone",
            "leptoquark_S1",
            {"lam_btau": Range(-3.5, 3.5)},
            {"M": 3000.0, "lam_stau": 1.0},
        ),
        "invisible_scalar": _boson("one invisible scalar, width 0.1 GeV", "two_body_scalar", "m_S"),
        "invisible_vector_left": _boson(
            "one invisible vector, left-handed quarks, width 0.1 GeV", "two_body_vector", "m_V", ratio=-1.0
        ),
        "dark_photon_portal": Hypothesis(
            "dark Z as portal to Majorana dark matter of 0.5 GeV",
            "dark_photon_portal",
            {"m_X": Range(1.1, MAX_LINE_MASS, MASS_POINTS), "eps_Z": Range(1e-6, 1e-2, 61, "log")},
            _DARK_Z,
            "m_X",
            "eps_Z",
            views=(
                View(
                    "dark Z of 2.1 GeV, dark matter of 0.5 GeV: both couplings",
                    {"alpha_X": Range(1e-5, 1e-1, VIEW_POINTS, "log"), "eps_Z": Range(1e-5, 1e-3, VIEW_POINTS, "log")},
                    {"m_X": 2.1, "eps": 1e-4, "m_DM": 0.5, "sin_theta": 1.2e-4},
                ),
                View(
                    "dark Z, dark matter of 0.5 GeV: mass and mixing",
                    {"m_X": Range(1.1, MAX_LINE_MASS, VIEW_POINTS), "eps_Z": Range(1e-5, 1e-3, VIEW_POINTS, "log")},
                    _DARK_Z,
                ),
            ),
        ),
        "alp_portal": Hypothesis(
            "axion-like particle, freeze-in of 3 MeV fermions",
            "alp_portal",
            {"m_a": Range(1.5, MAX_LINE_MASS, MASS_POINTS), "C_V": Range(1e-2, 1e2, 61, "log")},
            {"f_a": 1.6e8, "C_A": 0.0, "C_chi": 1.0, "m_chi": 3e-3},
            "m_a",
            "C_V",
            views=(
                View(
                    "axion-like particle of 2.1 GeV, dark matter of 3 MeV: scale and coupling to dark matter",
                    {"f_a": Range(3e7, 3e9, VIEW_POINTS, "log"), "C_chi": Range(1e-2, 1e2, VIEW_POINTS, "log")},
                    {"m_a": 2.1, "m_chi": 3e-3},
                ),
                View(
                    "axion-like particle with one coupling to all, dark matter of 3 MeV: mass and scale",
                    {"m_a": Range(1.5, MAX_LINE_MASS, VIEW_POINTS), "f_a": Range(3e7, 3e9, VIEW_POINTS, "log")},
                    {"C_chi": 1.0, "m_chi": 3e-3},
                ),
            ),
        ),
        "scalar_pair_S": _pair("complex scalar pair, (s b), S", "dark_left_scalar", "m_phi", "S", 3e-9, 3e-6),
        "scalar_pair_V": _pair("complex scalar pair, (s γ b), V", "dark_left_scalar", "m_phi", "V", 1e-9, 1e-5),
        "fermion_pair_S1": _fermion("S1", "(s b)(χ χ)"),
        "fermion_pair_S2": _fermion("S2", "(s b)(χ iγ₅ χ)"),
        "fermion_pair_V1": _fermion("V1", "(s γ b)(χ γ χ)"),
        "fermion_pair_V2": _fermion("V2", "(s γ b)(χ γγ₅ χ)"),
        "fermion_pair_T1": _fermion("T1", "(s σ b)(χ σ χ)"),
        "fermion_pair_T2": _fermion("T2", "(s σ b)(χ σγ₅ χ)"),
        "vector_pair_S": _vector("S", "(s b)(X·X)", 1e-11, 3e-7),
        "vector_pair_SF": _vector("SF", "(s b)(X_μν X^μν)", 1e-10, 3e-7),
        "vector_pair_SFd": _vector("SFd", "(s b)(X_μν X̃^μν)", 1e-10, 3e-7),
        "vector_pair_V2": _vector("V2", "(s γ_μ b) ∂_ν(X^μ X^ν + X^ν X^μ)", 1e-11, 3e-7),
        "vector_pair_V3": _vector("V3", "(s γ_μ b) ε(X ∂ X)", 1e-10, 3e-6),
        "vector_pair_V4": _vector("V4", "(s γ_μ b)(X_ν i∂^μ X^ν)", 1e-11, 3e-7),
        "vector_pair_V5": _vector("V5", "(s γ_μ b) i∂_ν(X^μ X^ν − X^ν X^μ)", 1e-11, 3e-7),
        "vector_pair_V6": _vector("V6", "(s γ_μ b) ε i∂(X X)", 1e-10, 3e-6),
        "vector_pair_T1": _vector("T1", "(s σ b)(X X)", 1e-10, 3e-6),
        "vector_pair_T2": _vector("T2", "(s σγ₅ b)(X X)", 1e-10, 3e-6),
        "spin_three_half_pair_S1": _spin_three_half("S1", "(s b)(Ψ Ψ)"),
        "spin_three_half_pair_S2": _spin_three_half("S2", "(s b)(Ψ iγ₅ Ψ)"),
        "spin_three_half_pair_V1": _spin_three_half("V1", "(s γ b)(Ψ γ Ψ)"),
        "spin_three_half_pair_V2": _spin_three_half("V2", "(s γ b)(Ψ γγ₅ Ψ)"),
    }
)


DEFAULT: tuple[str, ...] = (
    "standard_model",
    "rescaled_standard_model",
    "wet_vector",
    "wet_scalar",
    "wet_tensor",
    "leptoquark_S12t",
    "invisible_scalar",
    "invisible_vector_left",
    "dark_photon_portal",
    "alp_portal",
    "scalar_pair_S",
    "scalar_pair_V",
    "fermion_pair_S1",
    "fermion_pair_V1",
    "fermion_pair_T1",
    "vector_pair_S",
    "vector_pair_V3",
    "spin_three_half_pair_S1",
)
"""One or two of each kind: what is fitted if nothing is named."""


def hypothesis(name: str) -> Hypothesis:
    """The hypothesis of that name. Raises UnknownName with the nearest one."""
    if name not in HYPOTHESES:
        raise UnknownName("hypothesis", name, HYPOTHESES)
    return HYPOTHESES[name]
