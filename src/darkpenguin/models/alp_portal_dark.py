"""Dark matter behind an axion-like particle, made by its decays in the early universe. [arXiv:2502.04900]

The plasma makes a from b quarks: b -> s a, b bbar -> a g, b g -> b a, and the same with photons; a decays back and to
chi chi. Charm, top, light quarks and gluon fusion are left out, as there; b and bbar are both counted. The widths of a
are perturbative, so nothing here holds for m_a below about 1.5 GeV.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.dark import Dark
from darkpenguin.core.types import Scalar
from darkpenguin.cosmology import relic_status
from darkpenguin.cosmology.constants import read_constants
from darkpenguin.cosmology.freeze_in import FreezeIn, FrozenIn, freeze_in
from darkpenguin.cosmology.thermal_bath import ThermalBath
from darkpenguin.cosmology.thermal_rates import decay_density, equilibrium_density, scattering_density, smooth
from darkpenguin.decays.alp import AlpWidths
from darkpenguin.decays.alp_production import (
    gluon_prefactors,
    photon_prefactors,
    sigma_annihilation,
    sigma_compton,
    width_b_to_s_a,
)
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.models.common_dark import default_bath, seconds

G_B, G_GLUON, G_PHOTON = 6.0, 16.0, 2.0
"""States of b (bbar not counted), of the gluon, of the photon."""
ALPHA_S_AT_Z = 0.118
FEEBLE_DECAYS = 2.5 / 106.75 ** (1.0 / 3.0)
"""Mean p/(T h^(1/3)) that the limit of 15 keV of arXiv:2111.09321 is taken for: feeble decays far above the weak scale,
<p> = 2.5 T and h of the whole Standard Model. [derived: so 5.3 keV of thermal warm dark matter become 15.8 keV]"""
_LAST_B = 60.0  # m_b/T beyond which no b quark is left
Temperatures = Float[Array, " n_T"]


class BottomCouplings(NamedTuple):
    """C_V, C_A : to s b.   C_b : axial to b b.   f_a : GeV; only C/f_a enters."""

    C_V: Any
    C_A: Any
    C_b: Scalar
    f_a: Scalar


def alpha_s_plasma(T: Temperatures, k: LightStateConstants) -> Temperatures:
    """One loop, five flavours, at the larger of m_b and 2 pi T."""
    mu = jnp.maximum(k.m_b, 2.0 * jnp.pi * T)
    return ALPHA_S_AT_Z / (1.0 + 23.0 / (6.0 * jnp.pi) * ALPHA_S_AT_Z * jnp.log(mu / k.m_Z))


class Production(NamedTuple):
    """Reactions per volume and time that make one a [GeV^4]: from the decay of b and bbar, and from scattering."""

    decay: Temperatures
    scattering: Temperatures


def annihilation_density(m_a: Scalar, T: Temperatures, k: LightStateConstants) -> Temperatures:
    """b bbar -> a g per volume and time for C_b/f_a = 1 GeV^-1, without the factors of coupling and colour [GeV^4]."""
    m_b, one = jnp.asarray(k.m_b), jnp.ones(())
    return scattering_density(lambda s: sigma_annihilation(s, one, one, m_b, m_a, one), (m_b, m_b), (G_B, G_B), m_a, T)


def compton_density(m_a: Scalar, T: Temperatures, k: LightStateConstants) -> Temperatures:
    """b g -> b a likewise, for one state of the gluon."""
    m_b, none, one = jnp.asarray(k.m_b), jnp.zeros(()), jnp.ones(())
    return scattering_density(
        lambda s: sigma_compton(s, one, one, m_b, m_a, one), (m_b, none), (G_B, 1.0), m_b + m_a, T
    )


class Scatterings(NamedTuple):
    """Both at the same temperatures."""

    annihilation: Temperatures
    compton: Temperatures


def smooth_scatterings(m_a: Scalar, T: Temperatures, k: LightStateConstants) -> Scatterings:
    """From few temperatures, for T above m_b/60; relative error 1e-7 for m_a up to the mass of the B."""
    m_b = jnp.asarray(k.m_b)
    return Scatterings(
        smooth(lambda at: annihilation_density(m_a, at, k), jnp.maximum(2.0 * m_b, m_a), m_b / _LAST_B, T),
        smooth(lambda at: compton_density(m_a, at, k), m_b + m_a, m_b / _LAST_B, T),
    )


def production(
    C: BottomCouplings, m_a: Scalar, T: Temperatures, k: LightStateConstants, found: Scatterings | None = None
) -> Production:
    """2 n_b <Gamma(b -> s a)>, and n_b^2 <sigma v>(b bbar -> a g) + 2 n_b n_g <sigma v>(b g -> b a) with photons.

    found : scatterings at these temperatures; integrated if not given.
    """
    m_b = jnp.asarray(k.m_b)
    gluon, photon = gluon_prefactors(alpha_s_plasma(T, k)), photon_prefactors(jnp.asarray(k.alpha_em))
    unit = found or Scatterings(annihilation_density(m_a, T, k), compton_density(m_a, T, k))
    states = G_GLUON * gluon.compton + G_PHOTON * photon.compton
    scattering = unit.annihilation * (gluon.annihilation + photon.annihilation) + 2.0 * unit.compton * states
    return Production(
        decay=2.0 * decay_density(m_b, G_B, width_b_to_s_a(C.C_V, C.C_A, C.f_a, m_b, m_a), T),
        scattering=(C.C_b / C.f_a) ** 2 * scattering,
    )


def dark_sector(
    C: BottomCouplings, widths: AlpWidths, m_a: Scalar, m_chi: Scalar, majorana: bool, k: LightStateConstants
) -> FreezeIn:
    """The mediator and chi with chibar (Dirac), or chi alone (Majorana)."""

    def rate(T: Temperatures) -> Temperatures:
        warm = k.m_b / _LAST_B < T
        safe = jnp.where(warm, T, k.m_b)
        made = production(C, m_a, safe, k, smooth_scatterings(m_a, safe, k))
        return jnp.where(warm, (made.decay + made.scattering) / equilibrium_density(m_a, 1.0, safe), 0.0)

    return FreezeIn(
        mass=m_chi,
        degrees=jnp.asarray(2.0 if majorana else 4.0),
        mediator_mass=m_a,
        mediator_degrees=jnp.ones(()),
        width_visible=widths.visible(),
        width_dark=widths.chi,
        production=rate,
    )


def dark_matter(
    C: BottomCouplings,
    widths: AlpWidths,
    m_a: Scalar,
    m_chi: Scalar,
    majorana: bool,
    k: LightStateConstants,
    bath: ThermalBath | None = None,
) -> Dark:
    """Relic density of chi and chibar, lifetime of a, and how far chi is from warm dark matter."""
    relic: FrozenIn = freeze_in(dark_sector(C, widths, m_a, m_chi, majorana, k), bath or default_bath())
    lightest = read_constants()["m_freeze_in"].value
    warmth = relic.momentum / FEEBLE_DECAYS
    return Dark(
        mass=m_chi,
        omega_h2=relic.omega_h2,
        relic_status=relic_status.of_freeze_in(relic, widths.chi <= 0.0),
        mediator_lifetime=seconds(widths.total()),
        # the limit is one on the velocity; where nothing is made there is no velocity either
        wdm_ratio=lightest * warmth / jnp.maximum(m_chi, 1e-30),
    )
