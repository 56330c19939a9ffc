"""Decays of an axion-like particle into gluons, photons, fermions and dark fermions. [arXiv:2502.04900]

    L = (d_mu a / 2 f_a) fbar gamma^mu (C^V + C^A gamma5) f + C_gamma alpha/(4 pi) (a/f_a) F Fdual
        + C_G alpha_s/(4 pi) (a/f_a) G Gdual

Widths into quarks and gluons are perturbative: below m_a of about 1.5 GeV they mean nothing, and at 2 GeV the
correction factor of the gluon width is 3. Leptons run in the photon loop. Only C / f_a enters.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Complex, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_divide, safe_sqrt
from darkpenguin.core.types import Scalar
from darkpenguin.decays.constants import LightStateConstants

PERTURBATIVE_FROM = 1.5
"""Smallest m_a in GeV at which widths into quarks and gluons have a meaning. [arXiv:2310.03524]"""

QUARK_CHARGES = (2 / 3, -1 / 3, -1 / 3, 2 / 3, -1 / 3, 2 / 3)
LIGHT_FLAVOURS_K = 83.0 / 4.0
"""K factor of the gluon width: 1 + (83/4) alpha_s/pi for three light flavours."""
_LARGE = 100.0
_SERIES = (1 / 3, 8 / 45, 4 / 35, 128 / 1575, 128 / 2079, 1024 / 21021)


class AlpCouplings(NamedTuple):
    """Axial couplings of an axion-like particle, flavour diagonal.

    f_a : GeV.   quarks [6] : u, d, s, c, b, t.   leptons [3] : e, mu, tau.   chi : to dark fermions.
    G_UV, gamma_UV : direct couplings to gluons and photons. All C are dimensionless.
    """

    f_a: Scalar
    quarks: Float[Array, " 6"]
    leptons: Float[Array, " 3"]
    chi: Scalar
    G_UV: Scalar
    gamma_UV: Scalar


class AlpWidths(NamedTuple):
    """Partial widths in GeV. quarks [6], leptons [3] as in `AlpCouplings`."""

    gluons: Scalar
    photons: Scalar
    quarks: Float[Array, " 6"]
    leptons: Float[Array, " 3"]
    chi: Scalar

    def visible(self) -> Scalar:
        """Everything but the dark fermions."""
        return self.gluons + self.photons + self.quarks.sum() + self.leptons.sum()

    def total(self) -> Scalar:
        return self.visible() + self.chi

    def share_invisible(self) -> Scalar:
        """BR(a -> chi chi); 0 for a particle without any coupling."""
        return safe_divide(self.chi, self.total())


def loop_function(x: Float[Array, " *shape"]) -> Complex[Array, " *shape"]:
    """B(x) = 1 - x f^2(x), x = 4 m_f^2 / m_a^2 > 0: 1 for light fermions, -> -1/(3 x) for heavy ones. [eq. (6)]

    f = arcsin x^(-1/2) above 1 and pi/2 + i artanh sqrt(1 - x) below; a series above 100, where 1 cancels.
    """
    large, below = x > _LARGE, x < 1.0
    y = 1.0 / jnp.where(large, x, _LARGE)
    series = -sum(c * y ** (k + 1) for k, c in enumerate(_SERIES))
    middle = jnp.where(large | below, 2.0, x)
    above_2 = (jnp.pi / 2.0 - jnp.arctan(safe_sqrt(middle - 1.0))) ** 2  # arcsin, with a finite slope at the cusp x = 1
    low = jnp.where(below, x, 0.5)
    log = 2.0 * jnp.log1p(jnp.sqrt(1.0 - low)) - jnp.log(low)  # 2 artanh sqrt(1 - x)
    below_2 = (jnp.pi / 2.0 + 0.5j * log) ** 2
    return jnp.where(large, series, 1.0 - x * jnp.where(below, below_2, above_2))


def gluon_coupling(
    C: AlpCouplings, m_a: Scalar, k: LightStateConstants, loop_argument: float = 4.0
) -> Complex[Array, ""]:
    """C_G^eff = C_G + (1/2) sum_q C_q B(4 m_q^2/m_a^2), all six quarks. [eq. (5)]

    loop_argument : the 4. With 1 instead the numbers printed in eqs. (17) to (19) come out; eq. (5) says 4.
    """
    x = loop_argument * jnp.array(k.quark_masses) ** 2 / m_a**2
    return C.G_UV + 0.5 * (C.quarks * loop_function(x)).sum()


def photon_coupling(C: AlpCouplings, m_a: Scalar, k: LightStateConstants) -> Complex[Array, ""]:
    """C_gamma^eff = C_gamma + sum_f N_c Q_f^2 C_f B(4 m_f^2/m_a^2), quarks and charged leptons. [eq. (5)]"""
    B_q, B_l = (loop_function(4.0 * jnp.array(m) ** 2 / m_a**2) for m in (k.quark_masses, k.lepton_masses))
    quarks = 3.0 * jnp.array(QUARK_CHARGES) ** 2 * C.quarks * B_q
    return C.gamma_UV + quarks.sum() + (C.leptons * B_l).sum()


def width_gluons(C_G: Complex[Array, ""], f_a: Scalar, m_a: Scalar, alpha_s: float) -> Scalar:
    """Gamma(a -> g g) = |C_G|^2 alpha_s^2 m_a^3/(8 pi^3 f_a^2) (1 + 83 alpha_s/(4 pi)), GeV. [eq. (14)]"""
    K = 1.0 + LIGHT_FLAVOURS_K * alpha_s / jnp.pi
    return _abs2(C_G) * alpha_s**2 * m_a**3 / (8.0 * jnp.pi**3 * f_a**2) * K


def width_photons(C_gamma: Complex[Array, ""], f_a: Scalar, m_a: Scalar, alpha_em: float) -> Scalar:
    """Gamma(a -> gamma gamma) = |C_gamma|^2 alpha^2 m_a^3/(64 pi^3 f_a^2), GeV. [eq. (15)]"""
    return _abs2(C_gamma) * alpha_em**2 * m_a**3 / (64.0 * jnp.pi**3 * f_a**2)


def width_fermions(
    C: Float[Array, " *shape"], f_a: Scalar, m_a: Scalar, m_f: Float[Array, " *shape"], N_c: float = 1.0
) -> Float[Array, " *shape"]:
    """Gamma(a -> f fbar) = C^2 N_c m_a m_f^2/(8 pi f_a^2) sqrt(1 - 4 m_f^2/m_a^2), GeV; 0 if closed. [eqs. (12), (13)]

    For a pair of Majorana fermions with the same Lagrangian: twice this, 4 from the matrix element and 1/2 from
    identical particles.
    """
    return C**2 * N_c * m_a * m_f**2 / (8.0 * jnp.pi * f_a**2) * safe_sqrt(1.0 - 4.0 * m_f**2 / m_a**2)


def alp_widths(
    C: AlpCouplings,
    m_a: Scalar,
    m_chi: Scalar,
    k: LightStateConstants,
    *,
    majorana: bool = False,
    loop_argument: float = 4.0,
) -> AlpWidths:
    """All partial widths; quark and gluon ones for m_a above `PERTURBATIVE_FROM`. loop_argument: `gluon_coupling`."""
    return AlpWidths(
        gluons=width_gluons(gluon_coupling(C, m_a, k, loop_argument), C.f_a, m_a, k.alpha_s),
        photons=width_photons(photon_coupling(C, m_a, k), C.f_a, m_a, k.alpha_em),
        quarks=width_fermions(C.quarks, C.f_a, m_a, jnp.array(k.quark_masses), 3.0),
        leptons=width_fermions(C.leptons, C.f_a, m_a, jnp.array(k.lepton_masses)),
        chi=(2.0 if majorana else 1.0) * width_fermions(C.chi, C.f_a, m_a, m_chi),
    )


def validity_note(m_a: float) -> str | None:
    """A sentence where the widths into quarks and gluons have no meaning, else None."""
    if m_a >= PERTURBATIVE_FROM:
        return None
    return (
        f"m_a = {m_a:.3g} GeV: below {PERTURBATIVE_FROM:g} GeV an axion-like particle decays to a few mesons, "
        "and widths into quarks and gluons do not hold"
    )


def _abs2(z: Complex[Array, ""]) -> Scalar:
    return jnp.real(z) ** 2 + jnp.imag(z) ** 2
