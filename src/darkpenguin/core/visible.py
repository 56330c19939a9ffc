"""What a model does to decays without invisible particles: b -> s l l', b -> c l nu, and Bs mixing.

H = -(4 G_F / sqrt2) V_tb V_ts* alpha/(4 pi) sum_ij (C9^ij O9^ij + C10^ij O10^ij + primed) + h.c.
O9^ij  = (sbar gamma_mu P_L b)(lbar_i gamma^mu l_j),   O10^ij = (sbar gamma_mu P_L b)(lbar_i gamma^mu gamma5 l_j),
primed: P_R. Flavours in the order e, mu, tau; b -> s l_i^- l_j^+, hence B+ -> K+ l_i^+ l_j^-. [arXiv:1409.4557 for the
neutrinos, arXiv:1602.00881 for two flavours]

L = C_VLL (sbar gamma_mu P_L b)^2 + C_VRR (sbar gamma_mu P_R b)^2
    + C_VLR (sbar gamma_mu P_L b)(sbar gamma^mu P_R b) + h.c.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.types import Scalar

LEPTONS = ("e", "mu", "tau")

Matrix = Complex[Array, "3 3"]


def _matrix(value: Any) -> Matrix:
    return jnp.asarray(value, dtype=jnp.complex128)


def _complex(value: Any) -> Array:
    return jnp.asarray(value, dtype=jnp.complex128)


def _real(value: Any) -> Scalar:
    return jnp.asarray(value, dtype=jnp.float64)


def _zero_matrix() -> Any:
    return eqx.field(converter=_matrix, default_factory=lambda: jnp.zeros((3, 3)), kw_only=True)


def _zero() -> Any:
    return eqx.field(converter=_complex, default=0.0, kw_only=True)


class Visible(eqx.Module):
    """New physics of a model in visible processes, the Standard Model's part not included; all zero by default.

    C9, C10, C9p, C10p [3, 3] : coefficients above, in the normalisation with alpha(m_Z) (`Inputs.alpha_em_mZ`), that of
        the neutrinos. Only alpha C is free of a scheme; charged_leptons.at_mb gives C for `Inputs.alpha_em_mb`.
    charged_current [3, 3] : amplitude of b -> c l_i nu_j with left-handed currents, over the Standard Model's.
    C_VLL, C_VRR, C_VLR : four-quark coefficients of L at `matching_scale`, GeV^-2.
    matching_scale : GeV; without meaning where the three vanish.
    """

    C9: Matrix = _zero_matrix()
    C10: Matrix = _zero_matrix()
    C9p: Matrix = _zero_matrix()
    C10p: Matrix = _zero_matrix()
    charged_current: Matrix = _zero_matrix()
    C_VLL: Complex[Array, ""] = _zero()
    C_VRR: Complex[Array, ""] = _zero()
    C_VLR: Complex[Array, ""] = _zero()
    matching_scale: Scalar = eqx.field(converter=_real, default=1e3, kw_only=True)
