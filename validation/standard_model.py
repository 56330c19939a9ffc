"""Short-distance b -> s nu nubar, neutrino Wilson coefficients, and the tree-level tau background."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from darkpenguin import units
from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import ModeSpectrum
from darkpenguin.flavour.sm_amplitude import (
    inami_lim_X0,
    normalisation,
    standard_model_coefficient,
    standard_model_neutrinos,
    tau_tree_branching_fraction,
    tau_tree_q2_max,
)
from darkpenguin.flavour.spectral import NeutrinoPair
from validation.chain import branching_fraction, differential, inputs, spectrum

FLAVOURS = ("e", "mu", "tau")


def neutrinos(
    x: Inputs, left: Mapping[str, float] | None = None, right: Mapping[str, float] | None = None
) -> NeutrinoPair:
    """Standard Model plus new-physics coefficients named by two flavours, e.g. {"mutau": 3.0}."""

    def matrix(entries: Mapping[str, float]) -> np.ndarray:
        return np.array([[entries.get(i + j, 0.0) for j in FLAVOURS] for i in FLAVOURS])

    total = standard_model_coefficient(x) * jnp.eye(3) + matrix(left or {})
    return NeutrinoPair(normalisation(x), total, C_R=matrix(right or {}))


def kappa_eta(x: Inputs) -> float:
    """Of B0 -> K*0: 2 (A - V) / (A + V), the rates through the axial and the vector quark current. [arXiv:1409.4557]"""
    N = normalisation(x)
    vector, axial = (branching_fraction(NeutrinoPair.universal(N, 1.0, C_R=sign), "B0->K*0", x) for sign in (1.0, -1.0))
    return 2 * (axial - vector) / (axial + vector)


def rates() -> dict[str, float]:
    """Rates, longitudinal fractions and the tau background with the set reference-R."""
    x = inputs("reference-R")
    sm = standard_model_neutrinos(x)
    hpqcd = dataclasses.replace(
        x,
        V_tb_V_ts=jnp.asarray(0.04185),
        alpha_em_mZ=jnp.asarray(1 / 127.952),
        X_t=jnp.asarray(1.468),
        sin2_theta_W=jnp.asarray(0.23124),
        m_Bplus=jnp.asarray(5.279495),
        m_Kplus=jnp.asarray(0.495644),
        tau_Bplus=jnp.asarray(units.to_gev(1.638, "ps")),
    )
    kstar = spectrum(sm, "B0->K*0", x, jnp.array([0.0, 4.0, 8.0, 25.0]))
    shares = kstar.longitudinal_fractions()
    return {
        "sm_CL": -standard_model_coefficient(x),
        "sm_X0_162p83": inami_lim_X0(jnp.asarray((162.83 / 80.377) ** 2)),
        "sm_BKp": branching_fraction(sm, "B+->K+", x),
        "sm_BKp_hpqcd": branching_fraction(standard_model_neutrinos(hpqcd), "B+->K+", hpqcd),
        "sm_BKst0": kstar.total(),
        "sm_FL": kstar.longitudinal_fraction(),
        "sm_FL_0_4": shares[0],
        "sm_FL_4_8": shares[1],
        "sm_Bsphi": branching_fraction(sm, "Bs->phi", x),
        "sm_LbL": branching_fraction(sm, "Lambda_b->Lambda", x),
        "sm_dBK_5": differential(sm, "B+->K+", x, 5.0)[0],
        "ld_BKp": tau_tree_branching_fraction(x),
        "ld_q2max": tau_tree_q2_max(x),
    }


def wilson_coefficients() -> dict[str, float]:
    """Rates with neutrino Wilson coefficients, with the set reference-A."""
    x = inputs("reference-A")
    sm = neutrinos(x)
    one = {mode: branching_fraction(sm, mode, x) for mode in ("B+->K+", "B0->K*0")}

    def ratio(mode: str, left: Mapping[str, float] | None = None, right: Mapping[str, float] | None = None) -> float:
        return branching_fraction(neutrinos(x, left, right), mode, x) / one[mode]

    plus, minus = ratio("B+->K+", {"ee": 1.0}), ratio("B+->K+", {"ee": -1.0})
    many = {"mutau": 3.0, "ee": -2.0}, {"tautau": 5.0, "mutau": 1.5}
    return {
        "S001-O-034": standard_model_coefficient(x),
        "S001-O-035": one["B+->K+"],
        "S001-O-036": one["B0->K*0"],
        "S001-O-037": differential(sm, "B0->K*0", x, 5.0)[1],
        "S001-O-038": kappa_eta(x),
        "S001-O-039": ratio("B+->K+", right={"tautau": -12.0}),
        "S001-O-040": ratio("B0->K*0", right={"tautau": -12.0}),
        "S001-O-041": ratio("B+->K+", *many),
        "S001-O-042": ratio("B0->K*0", *many),
        "S001-O-043": (plus - minus) / 2,
        "S001-O-044": (plus + minus) / 2 - 1,
    }


def published() -> dict[str, float]:
    """Predictions of papers and codes, with their own inputs."""
    flavio, eos = inputs("flavio-2.7.1"), inputs("eos-1.0.21")
    eos_2305, belle2, r = inputs("eos-1.0.21", b_to_k="grvdv-2023-eos"), inputs("belle2-2023"), inputs("reference-R")

    def sm(mode: str, x: Inputs) -> float:
        return branching_fraction(standard_model_neutrinos(x), mode, x)

    def cut(x: Inputs) -> ModeSpectrum:
        """B0 -> K*0 with q2 < 19.2 GeV^2, where the numbers of the peers end."""
        return spectrum(standard_model_neutrinos(x), "B0->K*0", x, jnp.linspace(0.0, 19.2, 17))

    null = spectrum(standard_model_neutrinos(belle2), "B+->K+", belle2, jnp.linspace(0.0, 22.885, 101)).total()
    return {
        "flavio_BKp": sm("B+->K+", flavio),
        "flavio_BK0": sm("B0->K0", flavio),
        "flavio_BKst0": sm("B0->K*0", flavio),
        "flavio_BKstp": sm("B+->K*+", flavio),
        "flavio_FL": cut(flavio).longitudinal_fraction(),
        "eos_BKp": sm("B+->K+", eos),
        "eos_BKp_2305.06301": sm("B+->K+", eos_2305),
        "eos_BKst0": cut(eos).total(),
        "eos_FL": cut(eos).longitudinal_fraction(),
        "belle2_null": null,
        "belle2_BKp": null,
        "bolton_BKp": sm("B+->K+", r),
        "bolton_BKst0": sm("B0->K*0", r),
        "buras_kappa_eta": kappa_eta(inputs("2026-11", b_to_kstar="bsz-2015")),
    }
