"""Modes other than B -> K(*): b -> d, s -> d, c -> u, the free b quark, fully invisible."""

from __future__ import annotations

import dataclasses

import numpy as np

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import contract
from darkpenguin.flavour.hadrons import Masses
from darkpenguin.flavour.inclusive import quark_hadron
from darkpenguin.flavour.rates import edges_of
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import FermionPair, ScalarPair, VectorBoson
from darkpenguin.flavour.transitions import transition
from validation.chain import differential, inputs, line, spectrum

GAMMA = float(np.arctan2(0.348, 0.159))  # angle of the unitarity triangle in the fit that the default inputs come from


def standard_model(mode: str, x: Inputs) -> float:
    """BR of neutrinos in any mode but those of charm."""
    state = standard_model_neutrinos(x, quarks=transition(mode).quarks)
    return float(spectrum(state, mode, x, edges_of(mode)).total())


def neutrinos() -> dict[str, float]:
    """Standard Model rates of flavio and EOS, and of published formulas for kaons."""
    flavio, eos, ours = inputs("flavio-2.7.1"), inputs("eos-1.0.21"), inputs("2026-11")
    low, high = (differential(standard_model_neutrinos(eos), "Lambda_b->Lambda", eos, q2) for q2 in (2.0, 18.0))
    return {
        "flavio_Bpip": standard_model("B+->pi+", flavio),
        "flavio_Bpi0": standard_model("B0->pi0", flavio),
        "flavio_Brhop": standard_model("B+->rho+", flavio),
        "flavio_Brho0": standard_model("B0->rho0", flavio),
        "eos_LbL_2": low[0],
        "eos_LbL_FL_2": low[1],
        "eos_LbL_18": high[0],
        "eos_LbL_FL_18": high[1],
        "kaon_plus": standard_model("K+->pi+", ours) / plus_correction(ours) * 1e11,
        "kaon_long": standard_model("KL->pi0", ours) / long_correction(ours) * 1e11,
        "inclusive": standard_model("B->Xs", ours),
    }


def plus_correction(x: Inputs) -> float:
    """How BR(K+ -> pi+ nu nubar) changes with CKM elements. [arXiv:1503.02693]"""
    return float((x.V_cb / 40.7e-3) ** 2.8 * (np.degrees(GAMMA) / 73.2) ** 0.74)


def long_correction(x: Inputs) -> float:
    """How BR(K_L -> pi0 nu nubar) changes with CKM elements and with X_t, 1.481 there. [arXiv:1503.02693]"""
    angle = np.sin(GAMMA) / np.sin(np.radians(73.2))
    return float((x.V_ub / 3.88e-3 * x.V_cb / 40.7e-3 * angle * x.X_t / 1.481) ** 2)


def dark_states() -> dict[str, float]:
    """Dark pairs from Bs alone, one vector from a free b quark and from D0; set reference-R."""
    r = inputs("reference-R")
    v = (2.0**0.5 * float(r.G_F)) ** -0.5
    bs = edges_of("Bs->vacuum")
    return {
        "Bspsi_A": spectrum(FermionPair(1.0, A2=1e-8), "Bs->vacuum", r, bs).total(),
        "Bsphiphi_P": spectrum(ScalarPair(0.5, P=v / (2.0**0.5 * 1e12)), "Bs->vacuum", r, bs).total(),
        "bsV_parton": quark_width(4.66, VectorBoson(2.1, g_V=1e-8, g_A=-1e-8)),
        "D0pi0V": line(VectorBoson(1.0, g_V=1e-8), "D0->pi0", as_in_the_row(r))[0],
        "D0pi0V_set": line(VectorBoson(1.0, g_V=1e-8), "D0->pi0", r)[0],
        **left_handed_vector(r),
    }


def left_handed_vector(r: Inputs) -> dict[str, float]:
    """A vector of 2.1 GeV, left-handed quarks, BR(B+ -> K+ V) = 9.2e-6 in other modes; b -> d by |V_td / V_ts|."""
    g = 1e-8 * (9.2e-6 / line(VectorBoson(2.1, g_V=1e-8), "B+->K+", r)[0]) ** 0.5
    strange, down = (VectorBoson(2.1, g_V=c * g, g_A=-c * g) for c in (1.0, 0.2085))
    return {
        "BsphiV_LL": line(strange, "Bs->phi", r)[0],
        "LbLV_LL": line(strange, "Lambda_b->Lambda", r)[0],
        "BpiV_LL": line(down, "B+->pi+", r)[0],
        "BrhoV_LL": line(down, "B0->rho0", r)[0],
    }


def quark_width(m_b: float, boson: VectorBoson) -> float:
    """Gamma(b -> s X) [GeV] of a free quark, m_s = 0, no QCD correction."""
    m_X = float(boson.mass)
    at = jnp.array([m_X**2])
    hadron = quark_hadron(Masses(*map(jnp.array, (m_b, 0.0, m_b, 0.0))), at)
    square = sum(float(contract(part, boson.residues())[0]) for part in hadron)
    return square * (m_b**2 - m_X**2) / (16.0 * np.pi * m_b**3)


def as_in_the_row(x: Inputs) -> Inputs:
    """The pi0 in place of the pi+ in the z map of D -> pi."""
    m_D, m_pi = x.m_D0, x.m_pi0
    t_plus, t_0 = (m_D + m_pi) ** 2, (m_D + m_pi) * (jnp.sqrt(m_D) - jnp.sqrt(m_pi)) ** 2
    root, root_0 = jnp.sqrt(t_plus), jnp.sqrt(t_plus - t_0)
    old = x.form_factors["D->pi"]
    ff = dataclasses.replace(old, t_plus=t_plus, t_0=t_0, z_0=(root - root_0) / (root + root_0))
    return dataclasses.replace(x, form_factors={**x.form_factors, "D->pi": ff})
