"""Leptoquarks, charged leptons of two flavours, r_D(*), and a Z' in Bs mixing."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.optimize import brentq

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import build
from darkpenguin.core.visible import Visible
from darkpenguin.flavour.charged_leptons import (
    ChargedLeptonPair,
    branching_fraction,
    flavour_index,
    lepton_masses,
    leptonic_branching_fraction,
    normalisation_mb,
    r_D_of_C_L,
)
from darkpenguin.flavour.matching import matching_factor
from darkpenguin.flavour.mixing import mass_difference_ratio
from darkpenguin.flavour.neutrino_ratios import R_K, ROUNDED, NeutrinoCoefficients, Polynomial, R_Kst, kappa, polynomial
from darkpenguin.flavour.sm_amplitude import standard_model_coefficient
from darkpenguin.models.index import load_model
from darkpenguin.models.zprime import largest_coefficient
from validation.chain import inputs

TAUS = {"M": 3000.0, "lam_stau": 0.5, "lam_btau": 0.8, "positive_ckm": 1.0}


# --- matching -------------------------------------------------------------------------------------------------------


def matching() -> dict[str, float]:
    """C_L or C_R of each leptoquark with one Yukawa coupling to s tau and one to b tau, and C9 over it."""
    x = inputs("reference-A")
    found = {"S001-O-048": float(matching_factor(x, positive_ckm=1.0).real)}
    for name, key, ratio in (
        ("S1", "S001-O-049", "S001-O-053"),
        ("S12t", "S001-O-050", "S001-O-054"),
        ("V12", "S001-O-051", "S001-O-054_V12"),
        ("V1", "S001-O-052", "S001-O-055"),
    ):
        model = build(load_model(f"leptoquark_{name}"), TAUS, x)
        (pair,), visible = model.couplings(x).continua, model.visible(x)
        new = pair.C_L[2, 2] - standard_model_coefficient(x) if pair.C_R is None else pair.C_R[2, 2]
        C9 = visible.C9[2, 2] if pair.C_R is None else visible.C9p[2, 2]
        found |= {key: float(new.real), ratio: float((C9 / new).real)}
    return found


# --- neutrinos of one kind ------------------------------------------------------------------------------------------


def entry(value: float, i: str, j: str) -> np.ndarray:
    """A matrix with one coefficient."""
    matrix = np.zeros((3, 3))
    matrix[flavour_index(i), flavour_index(j)] = value
    return matrix


def neutrino_ratios() -> dict[str, float]:
    """R of B -> K and B -> K*: C_R^tautau alone, off-diagonal entries at their bounds, exact and as printed."""
    x = inputs("reference-A")
    exact = polynomial(x, kappa(x))
    found = {"poly_linear_R": exact.linear_R, "poly_cross": exact.cross}
    for C in (12.0, 15.0, 16.0):
        one = NeutrinoCoefficients.of(C_R=entry(-C, "tau", "tau"))
        found |= {f"tau_{C:.0f}_K": R_K(one, exact), f"tau_{C:.0f}_Kst": R_Kst(one, exact)}
    for name, (e_tau, mu_tau) in {"S12t": (26.0, 35.0), "S1": (13.0, 18.0), "V1": (52.0, 70.0)}.items():
        for flavours, bound in {"etau": e_tau, "mutau": mu_tau}.items():
            found[f"R_{name}_{flavours}"] = off_diagonal(bound, exact)
            found[f"R_{name}_{flavours}_printed"] = off_diagonal(bound, ROUNDED)
    found["R_S1_mutau_unrounded"] = off_diagonal(17.5, ROUNDED)
    for name, C_L in {"S1": -0.5, "V1": -2.0}.items():  # C9 = -1 for e and mu
        found[f"R_{name}_global_fit"] = R_K(NeutrinoCoefficients.of(C_L=np.diag([C_L, C_L, 0.0])), exact)
    return {name: float(value) for name, value in found.items()}


def off_diagonal(value: float, numbers: Polynomial) -> float:
    """R_K = R_K* of one off-diagonal coefficient."""
    return float(R_K(NeutrinoCoefficients.of(C_R=entry(value, "mu", "tau")), numbers))


# --- r_D(*) ---------------------------------------------------------------------------------------------------------


def charged_current() -> dict[str, float]:
    """r_D(*) of S0 with C_L^33 alone, at given R of B -> K nu nubar: with alpha/(2 pi) and the printed alpha/pi."""
    x = inputs("reference-A")
    exact = polynomial(x, kappa(x))

    def R(C: float) -> float:
        return float(R_K(NeutrinoCoefficients.of(C_L=entry(C, "tau", "tau")), exact))

    def C_of(ratio: float) -> float:
        return brentq(lambda C: R(C) - ratio, -200.0, 0.0)

    def r_D(C: float, factor: float = 1.0) -> float:
        alpha = factor * x.alpha_em_mZ
        return float(r_D_of_C_L(jnp.asarray(entry(C, "tau", "tau")), x, ckm_factor=1.0, alpha=alpha))

    def R_of(r: float) -> float:
        return R(brentq(lambda C: r_D(C) - r, -200.0, 0.0))

    return {
        "rD_C_of_3.5": C_of(3.5),
        "S001-O-056": r_D(C_of(3.5)),
        "rD_3.5_printed": r_D(C_of(3.5), 2.0),
        "rD_14": r_D(C_of(14.0)),
        "rD_14_printed": r_D(C_of(14.0), 2.0),
        "rD_R_of_1.12": R_of(1.12),
        "rD_R_of_1.13": R_of(1.13),
    }


# --- two lepton flavours --------------------------------------------------------------------------------------------

LIMITS = {  # 90 % [talk on arXiv:2309.12741]
    ("Bs", "e", "mu"): 5.4e-9,
    ("Bs", "mu", "tau"): 4.2e-5,
    ("B+->K+", "e", "mu"): 6.4e-9,
    ("B+->K+", "e", "tau"): 1.5e-5,
    ("B+->K+", "mu", "tau"): 2.8e-5,
    ("B+->K*+", "e", "mu"): 9.9e-7,
    ("B0->K*0", "e", "mu"): 1.2e-7,
}
IDS = {("B+->K+", "mu", "tau"): ("S001-O-057", "S001-O-059"), ("Bs", "mu", "tau"): ("S001-O-058", "bound_Bs_mutau")}


def pair(x: Inputs, i: str, j: str, value: float = 1.0) -> ChargedLeptonPair:
    """Two flavours, C9' = -C10' in the normalisation with alpha(m_b)."""
    masses = lepton_masses(x)
    m_1, m_2 = masses[flavour_index(i)], masses[flavour_index(j)]
    return ChargedLeptonPair(normalisation_mb(x), m_1, m_2, C9p=value, C10p=-value)


def two_flavours() -> dict[str, float]:
    """BR per |C9'|^2 of one charge state, and the bound on |C9'| from the limit on it."""
    x = inputs("reference-A")
    in_mode = {m: jax.jit(partial(branching_fraction, mode=m)) for m in ("B+->K+", "B+->K*+", "B0->K*0")}
    found = {}
    for (mode, i, j), limit in LIMITS.items():
        unit = pair(x, i, j)
        rate = float(leptonic_branching_fraction(unit, x) if mode == "Bs" else in_mode[mode](unit, inputs=x))
        short = mode.replace("->", "").replace("+", "p").replace("*", "st")
        per_unit, bound = IDS.get((mode, i, j), (f"unit_{short}_{i}{j}", f"bound_{short}_{i}{j}"))
        found |= {per_unit: rate, bound: (limit / rate) ** 0.5}
    return found


# --- Z' -------------------------------------------------------------------------------------------------------------


def zprime() -> dict[str, float]:
    """Relative shift of Delta M_s at M = 160 GeV over (gL^2 + gR^2)/M^2, what gL gR adds, and the bounds for 10 %."""
    x, M = inputs("reference-A"), 160.0
    phase = jnp.exp(2j * x.arg_V_tb_V_ts)

    def shift(**coefficients: float) -> float:
        aligned = {name: phase * value for name, value in coefficients.items()}
        return float(mass_difference_ratio(Visible(**aligned, matching_scale=M), x)) - 1.0

    g = 1e-5
    left, mixed = shift(C_VLL=-(g**2) / (2.0 * M**2)), shift(C_VLR=-(g**2) / M**2)
    return {
        "zprime_shift": left * (M / g) ** 2,
        "zprime_LR": -mixed / left,
        "zprime_gL_TeV": (0.1 / left) ** -0.5 * M / g / 1e3,
        "zprime_C_L": float(largest_coefficient(jnp.asarray(M), x, 0.1, 1e-3)),
    }


def compute() -> dict[str, float]:
    """All of this file."""
    return matching() | neutrino_ratios() | charged_current() | two_flavours() | zprime()
