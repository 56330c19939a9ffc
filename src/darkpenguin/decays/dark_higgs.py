"""A scalar that mixes with the Higgs: lifetime and branching fractions. [tables: arXiv:1809.01876]

Between 1 and 2 GeV, and for f_0(980), the hadronic widths are uncertain by a factor of a few.
"""

from __future__ import annotations

from darkpenguin import units
from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_divide, safe_sqrt
from darkpenguin.core.types import Scalar
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.decays.tables import dark_higgs_table
from darkpenguin.errors import UnknownName

CHANNELS = ("e", "mu", "tau", "pi", "K", "4pi", "s", "c", "g")
"""Names of the branching fractions: leptons, mesons, and above 2 GeV quarks and gluons."""

BBN_LIFETIME = units.to_gev(0.1, "s")
"""Lifetime [GeV^-1] above which nucleosynthesis would notice: an order of magnitude. [arXiv:1812.07585]"""


def width_leptons(sin_theta: Scalar, m_phi: Scalar, m_l: Scalar, k: LightStateConstants) -> Scalar:
    """Gamma(phi -> l+ l-) = sin^2(theta) m_l^2 m_phi/(8 pi v^2) (1 - 4 m_l^2/m_phi^2)^(3/2) in GeV. [2502.04900]"""
    beta = safe_sqrt(1.0 - 4.0 * safe_divide(m_l**2 * jnp.ones(()), m_phi**2))
    return sin_theta**2 * m_l**2 * m_phi / (8.0 * jnp.pi * k.v_H**2) * beta**3


def width(sin_theta: Scalar, m_phi: Scalar, k: LightStateConstants) -> Scalar:
    """Total width in GeV: e+ e- below the muons' threshold, the table above; constant c tau beyond 10 GeV."""
    mass, metres = dark_higgs_table()["ctau"]
    inverse = jnp.exp(jnp.interp(m_phi, jnp.asarray(mass), -jnp.log(jnp.asarray(units.to_gev(1.0, "m") * metres))))
    electrons = width_leptons(sin_theta, m_phi, jnp.asarray(k.m_e), k)
    return jnp.where(m_phi < 2.0 * k.m_mu, electrons, sin_theta**2 * inverse)


def branching_fraction(channel: str, m_phi: Scalar) -> Scalar:
    """BR(phi -> channel), channel of `CHANNELS`, 0.1 to 10 GeV, by straight lines in the table. Raises UnknownName.

    Divided by the sum over the channels: the printed curves add up to 1 within 11 % (0.2 % below 0.95 GeV).
    """
    if channel not in CHANNELS:
        raise UnknownName("channel of the dark Higgs", channel, CHANNELS)
    tabulated = {c: jnp.interp(m_phi, *(jnp.asarray(x) for x in dark_higgs_table()[c])) for c in CHANNELS}
    return tabulated[channel] / sum(tabulated.values(), jnp.zeros(()))
