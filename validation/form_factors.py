"""B -> K and B -> K* form factors at single q2."""

from __future__ import annotations

from darkpenguin._jax import jnp
from darkpenguin.flavour.form_factors import b_to_k, b_to_v
from validation.chain import inputs


def compute() -> dict[str, float]:
    """ff_* use the set reference-R, S001-* the set reference-A."""
    r, a = inputs("reference-R").form_factors, inputs("reference-A").form_factors
    low, five = jnp.array([0.0, 4.41]), jnp.array([5.0])
    k_r, kstar_r = b_to_k(r["B->K"], low), b_to_v(r["B->K*"], low)
    k_a, kstar_a = b_to_k(a["B->K"], five), b_to_v(a["B->K*"], five)
    return {
        "ff_BK_fp_0": k_r.f_plus[0],
        "ff_BK_fp_4.41": k_r.f_plus[1],
        "ff_BK_f0_4p41": k_r.f_0[1],
        "ff_BKst_V_4.41": kstar_r.V[1],
        "ff_BKst_A12_4.41": kstar_r.A12[1],
        "S001-O-001": k_a.f_0[0],
        "S001-O-002": k_a.f_T[0],
        "S001-O-003": kstar_a.A12[0],
        "S001-O-004": kstar_a.T23[0],
    }
