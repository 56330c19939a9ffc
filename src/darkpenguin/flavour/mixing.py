"""Bs mixing from four-quark operators at tree level: leading-order QCD running and published bag parameters.

M_12 of the Standard Model: arXiv:hep-ph/9512380, eq. (13.1); anomalous dimensions: arXiv:hep-ph/0005183. Two more
operators, O_SLR = (sbar P_L b)(sbar P_R b) and the running of O_VLR into it, decide the size of the left-right term.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Scalar
from darkpenguin.core.visible import Visible
from darkpenguin.core.visible_constants import VisibleConstants, visible_constants

Coupling = Complex[Array, ""]

# anomalous dimensions gamma_0 for three colours: of O_VLL, and the two eigenvalues of (O_VLR, O_SLR)
GAMMA_VLL, GAMMA_VLR, GAMMA_SLR = 4.0, 2.0, -16.0


class MixingCoefficients(NamedTuple):
    """Coefficients of O_VLL plus O_VRR, O_VLR and O_SLR in L at one scale, GeV^-2; QCD treats VLL and VRR alike."""

    VLL: Coupling
    VLR: Coupling
    SLR: Coupling


def beta_0(n_f: int) -> float:
    """First coefficient of the QCD beta function, 11 - 2 n_f / 3."""
    return 11.0 - 2.0 * n_f / 3.0


def beta_1(n_f: int) -> float:
    """Second coefficient of the QCD beta function, 102 - 38 n_f / 3."""
    return 102.0 - 38.0 * n_f / 3.0


def run_alpha_s(alpha_0: Scalar, mu_0: Scalar, mu: Scalar, n_f: int) -> Scalar:
    """alpha_s(mu) from alpha_0 = alpha_s(mu_0), n_f flavours, two loops. [arXiv:hep-ph/9512380, eq. (4.18)]"""
    v = 1.0 + beta_0(n_f) * alpha_0 / (2.0 * jnp.pi) * jnp.log(mu / mu_0)
    return alpha_0 / v * (1.0 - beta_1(n_f) / beta_0(n_f) * alpha_0 / (4.0 * jnp.pi) * jnp.log(v) / v)


def inami_lim_S0(x_t: Scalar) -> Scalar:
    """S_0(x_t), x_t = m_t^2/M_W^2. [Inami, Lim, Prog. Theor. Phys. 65 (1981) 297; arXiv:hep-ph/9512380, eq. (12.10)]"""
    polynomial = (4.0 * x_t - 11.0 * x_t**2 + x_t**3) / (4.0 * (1.0 - x_t) ** 2)
    return polynomial - 3.0 * x_t**3 * jnp.log(x_t) / (2.0 * (1.0 - x_t) ** 3)


def _step(C: MixingCoefficients, eta: Scalar, n_f: int) -> MixingCoefficients:
    """Leading-order running over a range with n_f flavours, eta = alpha_s(upper) / alpha_s(lower)."""
    two_beta = 2.0 * beta_0(n_f)
    vll, vlr, slr = (eta ** (gamma / two_beta) for gamma in (GAMMA_VLL, GAMMA_VLR, GAMMA_SLR))
    # gamma_0 = [[2, 12], [0, -16]]: O_VLR feeds O_SLR with weight 12 / (2 + 16)
    return MixingCoefficients(C.VLL * vll, C.VLR * vlr, C.SLR * slr + 2.0 / 3.0 * (vlr - slr) * C.VLR)


def run_down(visible: Visible, inputs: Inputs) -> MixingCoefficients:
    """The coefficients at m_b(m_b) from those at the matching scale: six flavours above m_t(m_t), five below."""
    c = visible_constants()
    top = jnp.asarray(c.m_t)
    alpha_t = run_alpha_s(jnp.asarray(c.alpha_s_mZ), jnp.asarray(c.m_Z), top, 5)
    scale = visible.matching_scale
    above, below = jnp.maximum(scale, top), jnp.minimum(scale, top)
    alpha_above = run_alpha_s(alpha_t, top, above, 6)
    alpha_below = run_alpha_s(alpha_t, top, below, 5)
    alpha_b = run_alpha_s(alpha_t, top, inputs.m_b, 5)
    start = MixingCoefficients(visible.C_VLL + visible.C_VRR, visible.C_VLR, jnp.zeros_like(visible.C_VLR))
    return _step(_step(start, alpha_above / alpha_t, 6), alpha_below / alpha_b, 5)


class MixingMatrixElements(NamedTuple):
    """<Bs| O |Bsbar> / (m_Bs^2 f_Bs^2) at m_b, of O_VLL, O_VLR, O_SLR."""

    VLL: Scalar
    VLR: Scalar
    SLR: Scalar


def matrix_elements(inputs: Inputs) -> MixingMatrixElements:
    """Bag parameters in the definition of arXiv:1904.00940, with r = m_Bs^2/(m_b + m_s)^2.

    O_VLL = Q_1/4, O_SLR = Q_4/4, O_VLR = -Q_5/2 (Fierz) with <Q_1> = (8/3) B_1, <Q_4> = (2 r + 1/3) B_4,
    <Q_5> = (2 r/3 + 1) B_5, each times m^2 f^2.
    """
    c = visible_constants()
    r = (inputs.m_Bs / (inputs.m_b + inputs.m_s)) ** 2
    return MixingMatrixElements(
        VLL=jnp.asarray(2.0 / 3.0 * c.B_1),
        VLR=-0.5 * (2.0 / 3.0 * r + 1.0) * c.B_5,
        SLR=0.25 * (2.0 * r + 1.0 / 3.0) * c.B_4,
    )


def standard_model_amplitude(inputs: Inputs) -> Coupling:
    """2 M_12 / (m_Bs f_Bs^2) of the Standard Model, in the phase convention of V_tb V_ts*; GeV^-2.

    (G_F^2 M_W^2 / (4 pi^2)) (V_tb V_ts*)^2 S_0 eta_B (2/3) Bhat, Bhat = alpha_s^(-6/23) (1 + alpha_s J_5/(4 pi)) B_1.
    """
    c = visible_constants()
    phase = jnp.exp(2j * inputs.arg_V_tb_V_ts)
    box = inputs.G_F**2 * c.m_W**2 / (4.0 * jnp.pi**2) * inami_lim_S0(jnp.asarray((c.m_t / c.m_W) ** 2))
    return box * inputs.V_tb_V_ts**2 * phase * c.eta_B * 2.0 / 3.0 * invariant_bag(c, inputs)


def invariant_bag(c: VisibleConstants, inputs: Inputs) -> Scalar:
    """Bhat, the renormalisation-group invariant B_1; J_5 = 5165/3174. [arXiv:hep-ph/9512380]"""
    alpha_b = run_alpha_s(jnp.asarray(c.alpha_s_mZ), jnp.asarray(c.m_Z), inputs.m_b, 5)
    return alpha_b ** (-6.0 / 23.0) * (1.0 + alpha_b / (4.0 * jnp.pi) * 5165.0 / 3174.0) * c.B_1


def new_physics_amplitude(visible: Visible, inputs: Inputs) -> Coupling:
    """2 M_12 / (m_Bs f_Bs^2) of the four-quark operators, -sum C <O> / (m^2 f^2), GeV^-2; M_12 is that of H = -L."""
    C, element = run_down(visible, inputs), matrix_elements(inputs)
    return -(C.VLL * element.VLL + C.VLR * element.VLR + C.SLR * element.SLR)


def mass_difference_ratio(visible: Visible, inputs: Inputs) -> Scalar:
    """Delta M_s over its Standard Model value, |1 + M_12^NP / M_12^SM|."""
    ratio = new_physics_amplitude(visible, inputs) / standard_model_amplitude(inputs)
    return jnp.sqrt((1.0 + jnp.real(ratio)) ** 2 + jnp.imag(ratio) ** 2)


def mass_difference(inputs: Inputs) -> Scalar:
    """Delta M_s of the Standard Model, 2 |M_12|, GeV."""
    return inputs.m_Bs * inputs.f_Bs**2 * jnp.abs(standard_model_amplitude(inputs))
