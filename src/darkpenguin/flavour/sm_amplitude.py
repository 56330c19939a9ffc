"""Short-distance q -> q' nu nubar in the Standard Model, and the tree-level tau background of B+ -> K+ nu nubar."""

from __future__ import annotations

from typing import Any

from jaxtyping import Array, Complex, Float

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Quarks, Scalar
from darkpenguin.errors import OutOfDomain
from darkpenguin.flavour.spectral import NeutrinoPair

SQRT2 = 2.0**0.5


def normalisation(inputs: Inputs, quarks: Quarks = "bs") -> Scalar:
    """N = (4 G_F / sqrt2) |V_tb V_ts*| alpha / (4 pi), GeV^-2; alpha in the MSbar scheme at m_Z. [arXiv:1409.4557]

    With |V_tb V_td*| in b -> d and |V_ts* V_td| in s -> d. Raises OutOfDomain for c -> u.
    """
    products = {"bs": inputs.V_tb_V_ts, "bd": inputs.V_tb_V_td, "sd": inputs.V_ts_V_td}
    if quarks not in products:
        raise OutOfDomain("c -> u nu nubar: no short-distance amplitude of the top quark")
    return 4.0 * inputs.G_F / SQRT2 * products[quarks] * inputs.alpha_em_mZ / (4.0 * jnp.pi)


def standard_model_coefficient(inputs: Inputs) -> Scalar:
    """C_L of each neutrino flavour, -X_t / s_W^2. [arXiv:1409.4557; X_t: arXiv:2105.02868]"""
    return -inputs.X_t / inputs.sin2_theta_W


def kaon_coefficient(inputs: Inputs) -> Complex[Array, ""]:
    """C_L of s -> d nu nubar, mean of the flavours: -(lambda_t X_t + lambda_c V_us^4 P_c) / (|lambda_t| s_W^2).

    lambda_q = V_qs* V_qd with the phases of the PDG convention, in which a K_L is CP odd but for the small mixing.
    [arXiv:1503.02693] Not included: electromagnetic corrections (-0.3 % of K+), indirect CP violation (about -1 % of
    K_L), the flavour dependence of P_c (0.3 % of K+).
    """
    top = jnp.exp(1j * inputs.arg_V_ts_V_td) * inputs.X_t
    charm = inputs.V_cs_V_cd / inputs.V_ts_V_td * jnp.exp(1j * inputs.arg_V_cs_V_cd) * inputs.V_us**4 * inputs.P_c
    return -(top + charm) / inputs.sin2_theta_W


def standard_model_neutrinos(inputs: Inputs, scale: Any = 1.0, quarks: Quarks = "bs") -> NeutrinoPair:
    """The three neutrino flavours of the Standard Model; `scale` multiplies the amplitude. OutOfDomain for cu."""
    C_L = kaon_coefficient(inputs) if quarks == "sd" else standard_model_coefficient(inputs)
    return NeutrinoPair.universal(normalisation(inputs, quarks), C_L=scale * C_L)


def standard_model_states(inputs: Inputs, quarks: Quarks = "bs") -> tuple[NeutrinoPair, ...]:
    """The neutrinos of the Standard Model in a quark transition; none for c -> u, where rates are below 1e-15."""
    return () if quarks == "cu" else (standard_model_neutrinos(inputs, quarks=quarks),)


def inami_lim_X0(x_t: Scalar) -> Scalar:
    """Leading-order X_0(x_t), x_t = m_t^2/M_W^2. [Inami, Lim, Prog. Theor. Phys. 65 (1981) 297]"""
    return x_t / 8.0 * ((x_t + 2.0) / (x_t - 1.0) + (3.0 * x_t - 6.0) / (x_t - 1.0) ** 2 * jnp.log(x_t))


def tau_tree_branching_fraction(inputs: Inputs) -> Scalar:
    """BR(B+ -> tau+ nu, tau+ -> K+ nubar), narrow tau: the same final state at tree level. [arXiv:0908.1174]

    Belle II counts it as background; no spectrum of this library contains it.
    """
    M2, m2, mK2 = inputs.m_Bplus**2, inputs.m_tau**2, inputs.m_Kplus**2
    couplings = inputs.G_F**4 * (inputs.V_ub * inputs.V_us * inputs.f_B * inputs.f_K) ** 2
    widths = inputs.tau_Bplus * inputs.tau_tau
    return (
        widths * couplings * inputs.m_tau * (M2 - m2) ** 2 * (m2 - mK2) ** 2 / (128.0 * jnp.pi**2 * inputs.m_Bplus**3)
    )


def tau_tree_q2_max(inputs: Inputs) -> Scalar:
    """End point of its q2, (m_B^2 - m_tau^2)(m_tau^2 - m_K^2)/m_tau^2, GeV^2. [kinematics]"""
    m2 = inputs.m_tau**2
    return (inputs.m_Bplus**2 - m2) * (m2 - inputs.m_Kplus**2) / m2


def tau_tree_spectrum(inputs: Inputs, edges: Float[Array, " n_edge"]) -> Float[Array, " n_bin"]:
    """Branching fraction of the tree-level tau part in each bin of q2; edges in GeV^2.

    A spin-0 B fixes the helicity of the tau, hence dBR/dq2 = BR (2/q_0)(1 - q2/q_0) below the end point q_0; the
    integral over a bin is in closed form.
    """
    x = jnp.clip(edges / tau_tree_q2_max(inputs), 0.0, 1.0)
    return tau_tree_branching_fraction(inputs) * jnp.diff(x * (2.0 - x))
