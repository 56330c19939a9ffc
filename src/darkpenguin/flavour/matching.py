"""From a contact interaction in GeV^-2 to coefficients in the normalisation of the Standard Model's amplitude."""

from __future__ import annotations

from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Quarks, Scalar
from darkpenguin.flavour.sm_amplitude import normalisation

Coupling = Complex[Array, ""]


def ckm_phase(inputs: Inputs, quarks: Quarks) -> Scalar:
    """Phase of the CKM product that the coefficients of a quark transition leave out, PDG convention.

    V_tb V_ts* in b -> s (negative real part), V_tb V_td* in b -> d. In s -> d coefficients keep their phase: 0.
    """
    return {"bs": inputs.arg_V_tb_V_ts, "bd": inputs.arg_V_tb_V_td}.get(quarks, jnp.zeros(()))


def matching_factor(inputs: Inputs, quarks: Quarks = "bs", positive_ckm: Scalar | float = 0.0) -> Coupling:
    """K = pi / (sqrt2 alpha G_F V_tb V_ts*), GeV^2, alpha at m_Z. [arXiv:2309.12741]

    L = X (sbar gamma_mu P b)(fbar_i gamma^mu P_L f_j) is C_L or C_R = K X for neutrinos, by the chirality P of the
    quarks, and C9 = -C10 = K X for charged leptons.
    positive_ckm : 1 takes |V_tb V_ts*|, as published estimates do; it turns the sign of the interference around.
    """
    phase = (1.0 - positive_ckm) * ckm_phase(inputs, quarks)
    return jnp.exp(-1j * phase) / (2.0 * normalisation(inputs, quarks))
