"""dBR/dq2 of B+ -> K+ nu nubar with cVL, cSL, cTL in plain array code, as a user of redist would write it.

Works with numpy or jax.numpy as `xp`. Formulas: arXiv:2111.04327; form factors: arXiv:1503.05534. Its test is that the
yields it gives equal ours.
"""

from __future__ import annotations

from typing import Any


def rate(facts: dict[str, Any], xp: Any) -> Any:
    """The function (q2, cVL, cSL, cTL) -> dBR/dq2 [GeV^-2]; zero outside the phase space."""
    x, ff = facts["inputs"], facts["form_factors"]
    m_B, m_K, a = x["m_B"], x["m_K"], ff["coefficients"]
    coefficients = ((a[0], a[1], a[2]), (a[0], a[3], a[4]), (a[5], a[6], a[7]))  # f_+, f_0 (f_0(0) = f_+(0)), f_T
    N = 4 * x["G_F"] / 2**0.5 * x["V_tb_V_ts"] * x["alpha_em_mZ"] / (4 * xp.pi)
    prefactor = x["tau_Bplus"] * N**2 / (32 * xp.pi**2 * m_B**3)

    def z(q2: Any) -> Any:
        root, root_0 = xp.sqrt(ff["t_plus"] - q2), xp.sqrt(ff["t_plus"] - ff["t_0"])
        return (root - root_0) / (root + root_0)

    def dBR(q2: Any, cVL: Any, cSL: Any, cTL: Any) -> Any:
        inside = (q2 >= 0) & (q2 <= (m_B - m_K) ** 2)
        s = xp.where(inside, q2, 1.0)
        step = z(s) - ff["z_0"]
        f_plus, f_0, f_T = (
            (c[0] + c[1] * step + c[2] * step**2) / (1 - s / pole**2)
            for c, pole in zip(coefficients, ff["poles"], strict=True)
        )
        lam = xp.maximum((m_B - m_K) ** 2 - s, 0.0) * ((m_B + m_K) ** 2 - s)
        vector = lam * f_plus**2 * 3 * cVL**2 / (12 * xp.pi)
        scalar = ((m_B**2 - m_K**2) * f_0 / (x["m_b"] - x["m_s"])) ** 2 * s * 3 * cSL**2 / (4 * xp.pi)
        tensor = 4 * s * lam * f_T**2 / (m_B + m_K) ** 2 * 3 * cTL**2 / (3 * xp.pi)
        return xp.where(inside, prefactor * xp.sqrt(lam) * (vector + scalar + tensor), 0.0)

    return dBR


def null(facts: dict[str, Any], xp: Any) -> Any:
    """The function q2 -> dBR/dq2 [GeV^-2] that Belle II's simulation was weighted to (arXiv:2507.12393)."""
    c = facts["null"]
    m_B, m_K = c["m_B"], c["m_K"]
    prefactor = (c["G_F"] / c["alpha_inverse"] * c["X_t"] * c["V_tb_V_ts"] / c["sin2_theta_W"]) ** 2
    prefactor *= c["tau_B"] / c["hbar"] / (32 * xp.pi**5)

    def dBR(q2: Any) -> Any:
        inside = (q2 >= 0) & (q2 <= (m_B - m_K) ** 2)
        s = xp.where(inside, q2, 1.0)
        t_plus = (m_B + m_K) ** 2
        z = (xp.sqrt(t_plus - s) - xp.sqrt(t_plus)) / (xp.sqrt(t_plus - s) + xp.sqrt(t_plus))
        terms = sum(a * (z**n - n / 3 * (-1.0) ** (n - 3) * z**3) for n, a in enumerate(c["f_plus"]))
        f_plus = c["chiral_log"] / (1 - s / c["pole_mass"] ** 2) * terms
        lam = xp.maximum((m_B - m_K) ** 2 - s, 0.0) * (t_plus - s)
        return xp.where(inside, prefactor * (xp.sqrt(lam) / (2 * m_B)) ** 3 * f_plus**2, 1.0)

    return dBR
