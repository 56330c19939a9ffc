"""Scattering of dark matter on nucleons, nuclei and electrons, at momentum transfers far below the target's mass.

All cross-sections in GeV^-2; `units.from_gev(x, "cm^2")`. v is the relative velocity in units of c.
"""

from __future__ import annotations

import functools
import tomllib
from typing import Any, NamedTuple

from jaxtyping import Array, Float

from darkpenguin import cite, units
from darkpenguin._jax import jnp
from darkpenguin.core.types import Scalar
from darkpenguin.cosmology.constants import cosmology_folder
from darkpenguin.errors import BadData, UnknownName

Momentum = Float[Array, " *shape"]


class NuclearConstants(NamedTuple):
    """helm_s, helm_a, helm_c0, helm_c1 : lengths of the form factor, GeV^-1.   m_p, m_n, m_u : GeV.

    f_T.. : shares of a nucleon's mass from its light quarks, <N| m_q qbar q |N>/m_N.   f_N_Higgs : of all quarks.
    """

    helm_s: float
    helm_a: float
    helm_c0: float
    helm_c1: float
    m_p: float
    m_n: float
    m_u: float
    f_Tu_p: float
    f_Td_p: float
    f_Tu_n: float
    f_Td_n: float
    f_Ts: float
    f_N_Higgs: float


@functools.cache
def nuclear_constants() -> NuclearConstants:
    """The constants of data/cosmology/nuclear.toml. Raises BadData for an unknown reference."""
    table = tomllib.loads((cosmology_folder() / "nuclear.toml").read_text(encoding="utf-8"))["values"]
    known = cite.known_keys()
    for name, entry in table.items():
        if entry["reference"] not in known:
            raise BadData(f"nuclear.toml: {name}: {UnknownName('reference', entry['reference'], known)}")
    return NuclearConstants(
        **{name: units.to_gev(table[name]["value"], table[name]["unit"]) for name in NuclearConstants._fields}
    )


def reduced_mass(m_1: Scalar, m_2: Scalar) -> Scalar:
    """m_1 m_2/(m_1 + m_2)."""
    return m_1 * m_2 / (m_1 + m_2)


def helm_form_factor(q: Momentum, A: Scalar | float) -> Momentum:
    """F(q) = 3 j_1(q r_n)/(q r_n) exp(-q^2 s^2/2), 1 at q = 0; q in GeV, A nucleons. [Lewin:1995rx]"""
    n = nuclear_constants()
    c = n.helm_c0 * jnp.asarray(A) ** (1.0 / 3.0) - n.helm_c1
    r_n = jnp.sqrt(c**2 + 7.0 / 3.0 * jnp.pi**2 * n.helm_a**2 - 5.0 * n.helm_s**2)
    x = q * r_n
    small = jnp.abs(x) < 1e-2
    y = jnp.where(small, 1.0, x)
    sphere = jnp.where(small, 1.0 - x**2 / 10.0, 3.0 * (jnp.sin(y) - y * jnp.cos(y)) / y**3)
    return sphere * jnp.exp(-((q * n.helm_s) ** 2) / 2.0)


def light_mediator(q: Momentum, m_med: Scalar) -> Momentum:
    """m^2/(m^2 + q^2): what an amplitude of a heavy mediator is multiplied by at momentum transfer q [GeV]."""
    return m_med**2 / (m_med**2 + q**2)


def nucleon_couplings(b_u: Scalar, b_d: Scalar) -> tuple[Scalar, Scalar]:
    """(b_p, b_n) of a vector current from its quark couplings: 2 b_u + b_d and b_u + 2 b_d."""
    return 2.0 * b_u + b_d, b_u + 2.0 * b_d


def quark_vector_couplings(eps: Scalar, eps_Z: Scalar, alpha_em: Any, sin2_theta_W: Any) -> tuple[Scalar, Scalar]:
    """(b_u, b_d) of a dark photon: e eps Q + e eps_Z/(2 s_W c_W)(T_3 - 2 Q s_W^2). [arXiv:2502.04900, eq. (51)]"""
    e = jnp.sqrt(4.0 * jnp.pi * alpha_em)
    neutral = e * eps_Z / (2.0 * jnp.sqrt(sin2_theta_W * (1.0 - sin2_theta_W)))
    b_u, b_d = (e * eps * Q + neutral * (T3 - 2.0 * Q * sin2_theta_W) for Q, T3 in ((2 / 3, 0.5), (-1 / 3, -0.5)))
    return b_u, b_d


def majorana_on_vector(alpha_X: Scalar, b: Scalar, m: Scalar, m_target: Scalar, m_X: Scalar, v: Scalar) -> Scalar:
    """Majorana dark matter with an axial coupling on the vector current b of a target. [arXiv:2502.04900, eq. (52)]

    sigma = 2 alpha_X b^2 v^2 m^2 M^2 (M^2 + 2 M m + 3 m^2)/(m_X^4 (M + m)^4), of the second order in v. For a nucleus
    b = Z b_p + (A - Z) b_n; for electrons M = m_e, b = -e eps.
    """
    M = m_target
    return 2.0 * alpha_X * b**2 * v**2 * (m * M) ** 2 * (M**2 + 2.0 * M * m + 3.0 * m**2) / (m_X**4 * (M + m) ** 4)


def vector_on_charge(g_dark: Scalar, g_target: Scalar, m: Scalar, m_target: Scalar, m_V: Scalar) -> Scalar:
    """Vector currents on both sides, at rest: sigma = (g_dark g_target)^2 mu^2/(pi m_V^4).

    g_target : of the target's charge, e.g. eps e for a proton or electron under kinetic mixing. [derived]
    """
    return (g_dark * g_target) ** 2 * reduced_mass(m, m_target) ** 2 / (jnp.pi * m_V**4)


def scalar_on_nucleon(g_dark: Scalar, y_N: Scalar, m: Scalar, m_N: Scalar, inverse_mass2: Scalar) -> Scalar:
    """A complex scalar X, L = -g_dark h |X|^2 - y_N h Nbar N, at rest: sigma = mu^2/(4 pi m^2) (g_dark y_N/m_h^2)^2.

    g_dark : GeV.   inverse_mass2 : 1/m_h^2, or a sum over mediators with signs such as 1/m_1^2 - 1/m_2^2, GeV^-2.
    [arXiv:2401.10112; the prefactor 1/(4 pi) derived, 4/pi in a talk on it]
    """
    return reduced_mass(m, m_N) ** 2 / (4.0 * jnp.pi * m**2) * (g_dark * y_N * inverse_mass2) ** 2


def real_scalar_on_quarks(f_p: Scalar, f_n: Scalar, m: Scalar, m_N: Scalar, Z: float, A: float) -> Scalar:
    """A real scalar, L = (1/2) phi^2 sum_q C_q qbar q: cross-section per nucleon, at rest. [arXiv:2403.12485]

    sigma = mu^2/(4 pi m^2) [f_p Z/A + f_n (A - Z)/A]^2, f_N = sum_q C_q m_N f_Tq/m_q. Limits for f_p = f_n hold for it.
    """
    f = f_p * Z / A + f_n * (A - Z) / A
    return reduced_mass(m, m_N) ** 2 / (4.0 * jnp.pi * m**2) * f**2


def nucleus_over_nucleon(sigma: Scalar, m: Scalar, m_N: Scalar, A: float, m_nucleus: Scalar) -> Scalar:
    """Cross-section on a nucleus at q = 0 from that per nucleon, A^2 (mu_nucleus/mu_N)^2 times it."""
    return sigma * A**2 * (reduced_mass(m, m_nucleus) / reduced_mass(m, m_N)) ** 2
