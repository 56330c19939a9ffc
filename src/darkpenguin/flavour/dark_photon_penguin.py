"""b -> s X for a vector X that couples to the electromagnetic current (eps) and to that of the Z (eps_Z).

With N = (4 G_F/sqrt2) V e/(16 pi^2), V = |V_tb V_ts*|, all that X feels is

    L = X_mu sbar gamma^mu P_L b  N [eps m_X^2 (C9 + Y + dC9 + C10) - 4 C0(x_t) eps_Z m_Z^2/tan(theta_W)]
        + X_{mu nu} sbar sigma^{mu nu} P_R b  N eps m_b (C7eff + dC7).

eps: X is emitted like a photon of mass m_X. Boxes and the T_3 part of the Z penguin, which make C10, do not feel it,
hence the sum C9 + C10 = -4 C0 - D0 of penguins; alone neither is gauge independent. C9 + C10 nearly vanishes: the charm
loop and the dipole decide, and above q2 of 8 GeV^2, with charmonium ahead, the sum is not known to a factor.
Here eps_Z is what a mixing of masses adds beyond kinetic mixing. Its term is eq. (41) of arXiv:2502.04900 with
(1 - x_t)^2 in the denominator, where 1 - x_t is printed. [derived; C0: Inami and Lim; loops: see data/penguin]
"""

from __future__ import annotations

import csv
import functools
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Scalar
from darkpenguin.core.visible_constants import visible_constants
from darkpenguin.errors import UnknownName

SCALES = (2.5, 3.5, 4.8, 5.4)
"""Renormalisation scales mu in GeV with tables; what they differ by is the perturbative error."""

Q2_RANGE = (0.05, 8.0)
"""q2 = m_X^2 in GeV^2 with a table. Outside, the loops of the nearer end are taken, which has no meaning for them."""


class PhotonPenguin(NamedTuple):
    """Coefficients at one scale and q2. m_b: MSbar mass at that scale, GeV.

    C9, C7 : with the one-loop and two-loop matrix elements of four-quark operators; complex.
    """

    m_b: Scalar | float
    C7: Complex[Array, ""]
    C9: Complex[Array, ""]
    C10: Scalar | float


class PenguinCouplings(NamedTuple):
    """g_L [1] of X_mu sbar gamma^mu P_L b and f_R [GeV^-1] of X_{mu nu} sbar sigma^{mu nu} P_R b."""

    g_L: Complex[Array, ""]
    f_R: Complex[Array, ""]


@functools.cache
def _table(name: str) -> tuple[tuple[float, ...], ...]:
    text = (resources.files("darkpenguin") / "data" / "penguin" / name).read_text(encoding="utf-8")
    rows = list(csv.reader(line for line in text.splitlines() if line and not line.startswith("#")))[1:]
    return tuple(tuple(float(x) for x in row) for row in rows)


def photon_penguin(q2: Scalar, mu: float = 4.8, two_loops: bool = True) -> PhotonPenguin:
    """Short-distance coefficients at q2 [GeV^2] and mu [GeV], one of `SCALES`; two_loops=False leaves dC9, dC7 out.

    Straight lines in ln q2, to 1e-3. Raises UnknownName.
    """
    if mu not in SCALES:
        raise UnknownName("scale mu", f"{mu:g}", [f"{x:g}" for x in SCALES])
    _, m_b, C7, C9, C10 = next(row for row in _table("coefficients.csv") if row[0] == mu)
    table = np.array([row[1:] for row in _table("loops.csv") if row[0] == mu]).T
    ln_q2 = jnp.log(jnp.maximum(q2, 1e-6))
    Y_re, Y_im, d9_re, d9_im, d7_re, d7_im = (
        jnp.interp(ln_q2, jnp.asarray(np.log(table[0])), jnp.asarray(column)) for column in table[1:]
    )
    share = 1.0 if two_loops else 0.0
    return PhotonPenguin(
        m_b=m_b,
        C7=C7 + share * (d7_re + 1j * d7_im),
        C9=C9 + Y_re + 1j * Y_im + share * (d9_re + 1j * d9_im),
        C10=C10,
    )


def photon_penguin_between(q2: Scalar, mu: Scalar) -> PhotonPenguin:
    """The same at any mu [GeV] from 2.5 to 5.4: straight lines in ln mu between the scales with tables."""
    found = [photon_penguin(q2, scale) for scale in SCALES]

    def between(values: list[Any]) -> Scalar:
        return jnp.interp(jnp.log(mu), np.log(SCALES), jnp.stack([jnp.asarray(v, float) for v in values]))

    def complex_between(values: list[Complex[Array, ""]]) -> Complex[Array, ""]:
        return between([v.real for v in values]) + 1j * between([v.imag for v in values])

    return PhotonPenguin(
        m_b=between([p.m_b for p in found]),
        C7=complex_between([p.C7 for p in found]),
        C9=complex_between([p.C9 for p in found]),
        C10=between([p.C10 for p in found]),
    )


def C0(x: Scalar) -> Scalar:
    """Inami-Lim function of the Z penguin, x/(8 (1 - x)^2) [6 - 7 x + x^2 + (2 + 3 x) ln x], x = m_t^2/m_W^2."""
    return x / (8.0 * (1.0 - x) ** 2) * (6.0 - 7.0 * x + x**2 + (2.0 + 3.0 * x) * jnp.log(x))


def z_penguin(eps_Z: Scalar, V: Scalar, g: Scalar, cos_theta_W: Scalar, x_t: Scalar) -> Scalar:
    """g_bs = g^3 V C0(x_t) eps_Z/(8 pi^2 c_W): eq. (41) of arXiv:2502.04900 for eps_Z = eps tan(theta_W), corrected."""
    return g**3 * V * C0(x_t) * eps_Z / (8.0 * jnp.pi**2 * cos_theta_W)


def z_penguin_as_printed(eps_Z: Scalar, V: Scalar, g: Scalar, cos_theta_W: Scalar, x_t: Scalar) -> Scalar:
    """|g_bs| as eq. (41) is printed, with 1 - x_t in place of its square: x_t - 1, about 3, times too large."""
    return (x_t - 1.0) * z_penguin(eps_Z, V, g, cos_theta_W, x_t)


def normalisation(inputs: Inputs) -> Scalar:
    """N = (4 G_F/sqrt2) |V_tb V_ts*| e/(16 pi^2), GeV^-2, e at m_b."""
    e = jnp.sqrt(4.0 * jnp.pi * inputs.alpha_em_mb)
    return 4.0 * inputs.G_F / 2.0**0.5 * inputs.V_tb_V_ts * e / (16.0 * jnp.pi**2)


def kinetic_couplings(
    eps: Scalar, m_X: Scalar, inputs: Inputs, penguin: PhotonPenguin, delta_C9: Complex[Array, ""] | float = 0.0
) -> PenguinCouplings:
    """Couplings from kinetic mixing. delta_C9: what long-distance charm adds to C9; |delta_C9| = 0.5 is its size."""
    N = normalisation(inputs)
    g_L = N * eps * m_X**2 * (penguin.C9 + delta_C9 + penguin.C10)
    return PenguinCouplings(g_L=g_L, f_R=N * eps * penguin.m_b * penguin.C7)


def mass_mixing_coupling(eps_Z: Scalar, inputs: Inputs) -> Scalar:
    """g_L from a mixing with the Z beyond kinetic mixing; same phase convention as `kinetic_couplings`, so negative."""
    k = visible_constants()
    s2 = inputs.sin2_theta_W
    g = jnp.sqrt(8.0 * k.m_W**2 * inputs.G_F / 2.0**0.5)
    return -z_penguin(eps_Z, inputs.V_tb_V_ts, g, jnp.sqrt(1.0 - s2), jnp.asarray((k.m_t / k.m_W) ** 2))
