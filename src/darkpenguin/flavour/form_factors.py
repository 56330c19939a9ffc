"""Form factors of a transition at given q2, from a published set of z-expansion coefficients.

Definitions as in Bharucha:2015bzk; A_12 and T_23 rather than A_2 and T_3, which cancel near the end point. The baryon's
are the helicity form factors of Detmold:2016pkz.
Domain: 0 <= q2 <= (m_B - m_M)^2. Beyond it, up to and above t_+, values and gradients stay finite but mean nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.form_factor_series import FormFactors
from darkpenguin.core.numerics import safe_sqrt


class BToP(NamedTuple):
    """Form factors of a pseudoscalar -> pseudoscalar, e.g. B -> K or K -> pi; each [n_q2], dimensionless."""

    f_plus: Float[Array, " n_q2"]
    f_0: Float[Array, " n_q2"]
    f_T: Float[Array, " n_q2"]


class BToV(NamedTuple):
    """Form factors of B -> vector; each [n_q2], dimensionless."""

    V: Float[Array, " n_q2"]
    A0: Float[Array, " n_q2"]
    A1: Float[Array, " n_q2"]
    A12: Float[Array, " n_q2"]
    T1: Float[Array, " n_q2"]
    T2: Float[Array, " n_q2"]
    T23: Float[Array, " n_q2"]


class LambdabToLambda(NamedTuple):
    """Helicity form factors of Lambda_b -> Lambda; each [n_q2], dimensionless.

    In the names of Detmold:2016pkz: V are f_0, f_perp, f_+ and A are g_0, g_perp, g_+, of the vector and the axial
    current; T are h_perp, h_+, of the tensor current, and T5 the same with a tilde, of sigma gamma5.
    """

    Vt: Float[Array, " n_q2"]
    Vperp: Float[Array, " n_q2"]
    V0: Float[Array, " n_q2"]
    At: Float[Array, " n_q2"]
    Aperp: Float[Array, " n_q2"]
    A0: Float[Array, " n_q2"]
    Tperp: Float[Array, " n_q2"]
    T0: Float[Array, " n_q2"]
    T5perp: Float[Array, " n_q2"]
    T50: Float[Array, " n_q2"]


def z(q2: Float[Array, " n_q2"], t_plus: Float[Array, ""], t_0: Float[Array, ""]) -> Float[Array, " n_q2"]:
    """Conformal map of q2 [GeV^2]: falls through 0 at t_0 to -1 at the cut t_+ and above. [Bharucha:2015bzk, eq. 15]"""
    root, root_0 = safe_sqrt(t_plus - q2), jnp.sqrt(t_plus - t_0)
    return (root - root_0) / (root + root_0)


def pole(q2: Float[Array, " n_q2"], m_R: Float[Array, ""]) -> Float[Array, " n_q2"]:
    """1 / (1 - q2 / m_R^2), kept finite at the pole itself, which lies above the physical region."""
    denominator = 1.0 - q2 / m_R**2
    return 1.0 / jnp.where(jnp.abs(denominator) < 1e-12, 1e-12, denominator)


def series(ff: FormFactors, q2: Float[Array, " n_q2"]) -> Float[Array, "n_function n_q2"]:
    """All form factors of a transition: rows in the order of `ff.functions`, dimensionless; q2 in GeV^2."""
    step = (z(q2, ff.t_plus, ff.t_0) - ff.z_0)[None, :]
    terms = ff.weights @ ff.coefficients
    total = terms[:, -1:]
    for power in range(terms.shape[1] - 2, -1, -1):  # Horner: fuses into one loop, where a matrix product would not
        total = total * step + terms[:, power : power + 1]
    return pole(q2[None, :], ff.poles[:, None]) * total


def b_to_k(ff: FormFactors, q2: Float[Array, " n_q2"]) -> BToP:
    """f_+, f_0, f_T at q2 [GeV^2]."""
    return BToP(*series(ff, q2))


def b_to_v(ff: FormFactors, q2: Float[Array, " n_q2"]) -> BToV:
    """V, A_0, A_1, A_12, T_1, T_2, T_23 at q2 [GeV^2]."""
    return BToV(*series(ff, q2))


def lambdab_to_lambda(ff: FormFactors, q2: Float[Array, " n_q2"]) -> LambdabToLambda:
    """Those of the vector, the axial and the tensor current at q2 [GeV^2]."""
    return LambdabToLambda(*series(ff, q2))
