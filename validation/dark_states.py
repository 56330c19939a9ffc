"""Spectral functions of dark pairs, differential rates at given form factors, branching fractions of dark states."""

from __future__ import annotations

from darkpenguin._jax import jnp
from darkpenguin.core.types import AbstractContinuum
from darkpenguin.errors import OutOfDomain
from darkpenguin.flavour.eft_windows import scale_of
from darkpenguin.flavour.form_factors import BToP, BToV
from darkpenguin.flavour.spectral import (
    FermionPair,
    RaritaSchwingerPair,
    ScalarBoson,
    ScalarPair,
    VectorBoson,
    VectorPair,
)
from validation.chain import branching_fraction, differential, inputs, line, pinned_width


def spectral_functions() -> dict[str, float]:
    """Unit coefficients. In the source rho1 = q2 rho_V1 and rho0 = q2 rho_V0 are listed, or D = 8 pi q2 rho / beta."""
    nine, five = jnp.array([9.0]), jnp.array([5.0])
    beta = (1.0 - 4.0 * 0.6**2 / 5.0) ** 0.5
    dirac_vector = FermionPair(1.0, V1=1.0).spectral(nine)
    dirac_axial = FermionPair(1.0, V2=1.0).spectral(nine)
    light_axial = FermionPair(0.6, V2=1.0).spectral(five)
    scalar_vector = ScalarPair(1.0, V=1.0).spectral(nine)
    spin_three_half = RaritaSchwingerPair(1.0, S1=1.0, V1=1.0).spectral(nine)
    current, tensor = VectorPair(0.6, V2=1.0).spectral(five), VectorPair(0.6, T1=1.0).spectral(five)
    spin_sum = 8.0 * jnp.pi / beta
    return {
        "rho_fV_a": 9.0 * dirac_vector.V1[0],
        "rho0_fA_a": 9.0 * dirac_axial.V0[0],
        "rho_phiV_a": 9.0 * scalar_vector.V1[0],
        "rho_VS_a": VectorPair(1.0, S=1.0).spectral(nine).S[0],
        "rho_RSV_a": 9.0 * spin_three_half.V1[0],
        "sig_RSS_a": spin_three_half.S[0],
        "rho_RSA0_a": 9.0 * RaritaSchwingerPair(1.0, V2=1.0).spectral(nine).V0[0],
        "S001-O-005": 5.0 * spin_sum * light_axial.V1[0],
        "S001-O-006": 5.0 * spin_sum * light_axial.V0[0],
        "S001-O-007": 5.0 * spin_sum * current.V1[0],
        "S001-O-008": 5.0 * spin_sum * current.V0[0],
        "S001-O-009": 5.0 * spin_sum * tensor.TE[0],
        "S001-O-010": 5.0 * spin_sum * tensor.TB[0],
        "S001-O-011": spin_sum * VectorPair(0.6, S=1.0).spectral(five).S[0],
    }


def differential_rates() -> dict[str, float]:
    """dGamma/dq2 [GeV^-1] at q2 = 6 GeV^2, masses of reference-A, form factors as numbers but for the last two."""
    x = inputs("reference-A")
    k = BToP(*(jnp.array([f]) for f in (0.5, 0.4, 0.45)))
    kstar = BToV(*(jnp.array([f]) for f in (0.6, 0.65, 0.36, 0.31, 0.52, 0.38, 0.8)))  # V A0 A1 A12 T1 T2 T23
    C = 1e-8
    fermions, vectors = FermionPair(0.55, V2=1e-8, S2=7e-9j), VectorPair(0.55, V4=1e-8, V5=7e-9)

    def to_k(state: AbstractContinuum) -> float:
        return pinned_width(state, "B+->K+", x, k, 6.0)

    def to_kstar(state: AbstractContinuum) -> float:
        return pinned_width(state, "B0->K*0", x, kstar, 6.0)

    return {
        "S001-O-012": to_k(ScalarPair(0.4, S=C)),
        "S001-O-013": to_k(ScalarPair(0.4, V=C)),
        "S001-O-014": to_k(FermionPair(0.4, S1=C)),
        "S001-O-015": to_k(FermionPair(0.4, V2=C)),
        "S001-O-016": to_k(FermionPair(0.4, T1=C)),
        "S001-O-017": to_k(VectorPair(0.4, V2=C)),
        "S001-O-018": to_k(VectorPair(0.4, T2=C)),
        "S001-O-019": to_kstar(ScalarPair(0.4, V=C)),
        "S001-O-020": to_kstar(FermionPair(0.4, A2=C)),
        "S001-O-021": to_kstar(FermionPair(0.4, T1=C)),
        "S001-O-022": to_kstar(VectorPair(0.4, T2=C)),
        "S001-O-023": to_kstar(ScalarPair(0.4, P=C)),
        "S001-O-045": differential(vectors, "B+->K+", x, 6.0)[0] / float(x.tau_Bplus),
        "S001-O-046": differential(fermions, "B+->K+", x, 6.0)[0] / float(x.tau_Bplus),
    }


def pairs() -> dict[str, float]:
    """Branching fractions of pairs: S001-* with reference-A, the others with reference-R."""
    a, r = inputs("reference-A"), inputs("reference-R")

    def br(state: AbstractContinuum, mode: str = "B+->K+") -> float:
        return branching_fraction(state, mode, a)

    def scale_edge(state: AbstractContinuum, rate: float, mode: str = "B+->K+") -> float:
        """Lambda of L = O / Lambda^2 that gives `rate`; `state` has the coefficient 1e-8 GeV^-2."""
        return scale_of(rate, br(state, mode), 1e4, 2)

    def majorana_ratio(operator: str) -> float:
        majorana, dirac = (FermionPair(0.6, **{operator: 1e-8}, self_conjugate=own) for own in (True, False))
        return br(majorana) / br(dirac)

    v = (2.0**0.5 * float(r.G_F)) ** -0.5
    return {
        "S001-O-024": br(ScalarPair(0.3, S=5e-8)),
        "S001-O-025": br(ScalarPair(0.3, V=3e-8)),
        "S001-O-026": br(FermionPair(0.6, V1=1.4e-8)),
        "S001-O-027": br(FermionPair(0.6, V2=1.4e-8), "B0->K*0"),
        "S001-O-028": br(VectorPair(0.5, V6=4e-9)),
        "S001-O-029": br(ScalarPair(1.0, S=1e-8, self_conjugate=True)) / br(ScalarPair(1.0, S=1e-8)),
        "S001-O-030": br(ScalarPair(1.0, S=0.5e-8, self_conjugate=True)) / br(ScalarPair(1.0, S=1e-8)),
        "S001-O-031": max(map(majorana_ratio, ("S1", "S2", "V2")), key=lambda ratio: abs(ratio - 2.0)),
        "S001-O-032": accepted_for_majorana("V1", "T1", "T2"),
        "S001-O-033": br(ScalarPair(1.0, S=4e-8, self_conjugate=True)),
        "S001-O-071": scale_edge(ScalarPair(0.3, V=1e-8), 2.6e-5),
        "S001-O-072": scale_edge(ScalarPair(0.3, V=1e-8), 1.2e-5),
        "S001-O-073": scale_edge(FermionPair(0.6, V2=1e-8), 2.6e-5),
        "S001-O-074": scale_edge(FermionPair(0.6, V2=1e-8), 1.2e-5),
        "S001-O-075": scale_edge(FermionPair(1.0, V1=1e-8), 1.0e-5, "B0->K*0"),
        "BKpsipsi_V": branching_fraction(FermionPair(0.6, V1=1e-8), "B+->K+", r),
        "BKphiphi_V": branching_fraction(ScalarPair(0.5, V=1e-8), "B+->K+", r),
        "BKphiphi_S": branching_fraction(ScalarPair(0.5, S=v / (2.0**0.5 * 1e12)), "B+->K+", r),
        "BKstpsipsi_V": branching_fraction(FermionPair(0.6, V1=1e-8), "B0->K*0", r),
        "BKRS_V": branching_fraction(RaritaSchwingerPair(1.0, V1=1e-10), "B+->K+", r),
    }


def accepted_for_majorana(*operators: str) -> float:
    """How many of these operators a pair of Majorana fermions can have."""

    def accepted(operator: str) -> bool:
        try:
            FermionPair(0.6, **{operator: 1e-8}, self_conjugate=True)
        except OutOfDomain:
            return False
        return True

    return float(sum(map(accepted, operators)))


def bosons() -> dict[str, float]:
    """One particle of 2.1 GeV, with reference-R."""
    r = inputs("reference-R")
    v = (2.0**0.5 * float(r.G_F)) ** -0.5
    unit, _ = line(VectorBoson(2.1, g_V=1e-8), "B+->K+", r)
    g = 1e-8 * (9.2e-6 / unit) ** 0.5
    left, left_share = line(VectorBoson(2.1, g_V=g, g_A=-g), "B0->K*0", r)
    return {
        "BKV_21": unit,
        "gV_fit": g,
        "BKstV_LL": left,
        "FL_V_LL_21": left_share,
        "BKstV_vec": line(VectorBoson(2.1, g_V=g), "B0->K*0", r)[0],
        "BKphi_S": line(ScalarBoson(2.1, g_S=v / (2.0**0.5 * 1e11)), "B+->K+", r)[0],
        "BKphi_V": line(ScalarBoson(2.1, h_V=1e-8), "B+->K+", r)[0],
    }
