"""b -> s phi and s -> d phi for a scalar that mixes with the Higgs: the top penguin.

[arXiv:hep-ph/0401195; arXiv:2401.10112]
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Scalar
from darkpenguin.core.visible_constants import visible_constants
from darkpenguin.flavour.invisible.bosons import ScalarBoson


def kappa(G_F: Any, m_t: Any, m_b: Any, V: Any) -> Scalar:
    """kappa = 3 sqrt2 G_F m_t^2 m_b V/(16 pi^2 v) of L = kappa h sbar P_R b + h.c., v = (sqrt2 G_F)^(-1/2).

    At lowest order; m_t(m_t) in MSbar gives 1.29 times smaller rates than a pole mass.
    """
    v = (2.0**0.5 * G_F) ** -0.5
    return 3.0 * 2.0**0.5 * G_F * m_t**2 * m_b * V / (16.0 * jnp.pi**2 * v)


def dark_higgs(sin_theta: Scalar, m_phi: Scalar, inputs: Inputs, width: Scalar, p_invisible: Scalar) -> ScalarBoson:
    """The line of b -> s phi, phi = sin(theta) h: g_S = i g_P = kappa sin(theta)/2, up to a common phase."""
    coupling: Complex[Array, ""] = (
        0.5 * sin_theta * kappa(inputs.G_F, visible_constants().m_t, inputs.m_b, inputs.V_tb_V_ts)
    )
    return ScalarBoson(m_phi, width=width, p_invisible=p_invisible, g_S=coupling, g_P=-1j * coupling)


def dark_higgs_in_kaons(
    sin_theta: Scalar, m_phi: Scalar, inputs: Inputs, width: Scalar, p_invisible: Scalar
) -> ScalarBoson:
    """The line of s -> d phi: as `dark_higgs` with m_b -> m_s(2 GeV) and V_ts* V_td with its phase, which K_L feels.

    Left out, each a few per cent of the amplitude: the charm loop, m_d next to m_s (+5 %), four-quark operators.
    """
    V = inputs.V_ts_V_td * jnp.exp(1j * inputs.arg_V_ts_V_td)
    coupling: Complex[Array, ""] = 0.5 * sin_theta * kappa(inputs.G_F, visible_constants().m_t, inputs.m_s_2GeV, V)
    return ScalarBoson(m_phi, width=width, p_invisible=p_invisible, g_S=coupling, g_P=-1j * coupling)
