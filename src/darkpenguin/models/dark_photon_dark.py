"""Dark matter behind a dark photon X: Majorana psi with its dark Higgs phi, in cosmology and in detectors.
[arXiv:2502.04900]

psi annihilates into phi phi (p wave), and through X into what X decays to. phi has the temperature of the plasma; it
and X are not counted among the plasma's states. Above 2 m_psi = m_X + m_phi an s wave into X phi opens that is left
out. What depends on the velocity is given at 220 km/s (detectors) and 1000 km/s (clusters of galaxies).
"""

from __future__ import annotations

from jaxtyping import Array, Float

from darkpenguin import units
from darkpenguin._jax import jnp
from darkpenguin.core.dark import Dark
from darkpenguin.core.types import Scalar
from darkpenguin.cosmology import direct_detection as detect
from darkpenguin.cosmology import relic_status
from darkpenguin.cosmology.cmb_channels import efficiency, load_efficiencies, mixed
from darkpenguin.cosmology.freeze_out import FreezeOut, Relic, freeze_out
from darkpenguin.cosmology.late_time import cmb_ratio
from darkpenguin.cosmology.self_interaction import L_MAX, heavy_vector_exchange, yukawa_scattering
from darkpenguin.cosmology.thermal_average import Channel, ChannelGroup, Energy2, Propagator, Resonance
from darkpenguin.cosmology.thermal_bath import ThermalBath
from darkpenguin.decays import dark_higgs
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.decays.dark_annihilation import sigma_annihilation, yukawa
from darkpenguin.decays.dark_photon import (
    Q_LEPTON,
    T3_LEPTON,
    VectorMixing,
    couplings_to_fermion,
    dark_photon_widths,
)
from darkpenguin.models.common_dark import default_bath, seconds

XENON = (54.0, 131.0)  # Z, A
V_HALO, V_CLUSTER = (units.to_gev(v, "km/s") for v in (220.0, 1000.0))
V_RECOMBINATION = 1e-4
"""Relative velocities in units of c; the last is an upper end: psi that decoupled kinetically early is slower."""
_STRONGEST = 30.0  # alpha m/m_phi up to which the phases are known
_LIGHTEST = 1e-9  # GeV
_X_PHI_FROM = 0.85  # 2 m_psi/(m_X + m_phi) from which thermal energies open X phi at the percent level


def dark_sector(
    alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar, width_standard: Scalar, s_channel: bool = True
) -> FreezeOut:
    """Annihilation of psi into phi phi and, through X, into ordinary matter.

    width_standard : of X to ordinary matter [GeV].   s_channel : whether phi itself is exchanged in the s channel.
    """

    def to_phi(s: Energy2, _: tuple[Propagator, ...]) -> Channel:
        return sigma_annihilation(s, alpha_X, m_X, m_psi, m_phi, s_channel)[None]

    def to_matter(s: Energy2, propagators: tuple[Propagator, ...]) -> Channel:
        return sigma_through_X(s, alpha_X, m_X, m_psi, width_standard)[None] * propagators[0].squared()

    # width of X to psi psi without its threshold: it lies at the lower end, where nothing resonates
    X = Resonance(m_X, alpha_X * m_X / 6.0 + width_standard)
    groups = (
        ChannelGroup(("phi phi",), 2.0 * m_phi, to_phi),
        ChannelGroup(("matter",), jnp.zeros(()), to_matter, (X,)),
    )
    return FreezeOut(m_psi, jnp.asarray(2.0), groups, self_conjugate=True)


def sigma_through_X(s: Energy2, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, width: Scalar) -> Energy2:
    """sigma(psi psi -> X -> matter) without 1/|D|^2: 4 pi alpha_X s beta Gamma/m_X [GeV^2], Gamma that at m_X.

    24 pi Gamma_in Gamma_out/beta^2 with Gamma_in = alpha_X sqrt(s) beta^3/6: 3/4 spin states, 1/2 for identical
    particles; the width to light matter grows as sqrt(s). [derived]
    """
    beta = jnp.sqrt(1.0 - 4.0 * m_psi**2 / s)
    return 4.0 * jnp.pi * alpha_X * s * beta * width / m_X


def sigma_v_late(
    mixing: VectorMixing, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, k: LightStateConstants
) -> Float[Array, " 4"]:
    """sigma v (psi psi -> X -> e e, mu mu, tau tau, hadrons) near rest [GeV^-2]: 2 pi alpha_X v^2 sqrt(s) Gamma/|D|^2.

    Gamma : the width of X at the mass sqrt(s) = 2 m_psi.
    """
    root_s = 2.0 * m_psi
    widths = dark_photon_widths(mixing, alpha_X, root_s, m_psi, k)
    total = dark_photon_widths(mixing, alpha_X, m_X, m_psi, k).total()
    D2 = (root_s**2 - m_X**2) ** 2 + (m_X * total) ** 2
    visible = jnp.append(widths.leptons, widths.hadrons)
    return 2.0 * jnp.pi * alpha_X * V_RECOMBINATION**2 * root_s * visible / D2


def sigma_v_late_phi(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar) -> Scalar:
    """sigma v (psi psi -> phi phi) near rest [GeV^-2], 0 if closed there."""
    s = 4.0 * m_psi**2 / (1.0 - 0.25 * V_RECOMBINATION**2)
    return sigma_annihilation(s[None], alpha_X, m_X, m_psi, m_phi)[0] * V_RECOMBINATION


def recombination_ratio(
    mixing: VectorMixing, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar, k: LightStateConstants
) -> Scalar:
    """Energy injection over the Planck limit, of psi psi -> X -> matter and psi psi -> phi phi -> matter.

    An upper estimate twice, by the velocity and, for tau leptons and hadrons, by the upper end of their efficiency; and
    far below 1 still: p waves.
    """
    sector = dark_sector(alpha_X, m_X, m_psi, m_phi, jnp.zeros(()))
    to_phi = sigma_v_late_phi(alpha_X, m_X, m_psi, m_phi)
    sigma_v = jnp.append(sigma_v_late(mixing, alpha_X, m_X, m_psi, k), to_phi)
    f, E = load_efficiencies(), 2.0 * m_psi
    direct = [efficiency(channel, E, E, f).high for channel in ("ee", "mumu", "tautau", "hadrons")]
    through_phi = mixed(dark_higgs_shares(m_phi), m_phi, m_psi, f).high
    return cmb_ratio(sector, sigma_v, jnp.stack([*direct, through_phi]))


def dark_higgs_shares(m_phi: Scalar) -> dict[str, Scalar]:
    """Branching fractions of phi in the names of `cmb_channels`: I = 0 pairs of pions and kaons; 4 pi as quarks."""
    of = {channel: dark_higgs.branching_fraction(channel, m_phi) for channel in dark_higgs.CHANNELS}
    return {
        "ee": of["e"],
        "mumu": of["mu"],
        "tautau": of["tau"],
        "pipi": 2.0 / 3.0 * of["pi"],
        "pi0pi0": of["pi"] / 3.0,
        "KK": 0.5 * of["K"],
        "K0K0": 0.5 * of["K"],
        "jets": of["4pi"] + of["s"] + of["c"] + of["g"],
    }


def sigma_SI(mixing: VectorMixing, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, k: LightStateConstants) -> Scalar:
    """Per nucleon of xenon [cm^2]: that on the nucleus over A^2 (mu_A/mu_N)^2, as limits are quoted. [eqs. (51), (52)]

    Of the second order in the velocity; limits assume none.
    """
    Z, A = XENON
    n = detect.nuclear_constants()
    b_p, b_n = detect.nucleon_couplings(
        *detect.quark_vector_couplings(mixing.eps, mixing.eps_Z, k.alpha_em, k.sin2_theta_W)
    )
    m_A = jnp.asarray(A * n.m_u)
    nucleus = detect.majorana_on_vector(alpha_X, Z * b_p + (A - Z) * b_n, m_psi, m_A, m_X, jnp.asarray(V_HALO))
    return _cm2(nucleus / detect.nucleus_over_nucleon(jnp.ones(()), m_psi, jnp.asarray(n.m_p), A, m_A))


def sigma_e(mixing: VectorMixing, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, k: LightStateConstants) -> Scalar:
    """On a free electron at rest [cm^2]. [eq. (54) with the whole of eq. (52)]"""
    b, _ = couplings_to_fermion(mixing, Q_LEPTON, T3_LEPTON, k)
    return _cm2(detect.majorana_on_vector(alpha_X, b, m_psi, jnp.asarray(k.m_e), m_X, jnp.asarray(V_HALO)))


def self_scattering(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar) -> Scalar:
    """sigma/m at 1000 km/s [cm^2/g]: exchange of phi by partial waves, and of X.

    For m_psi v > 5 m_phi, where more partial waves would be needed, at that smaller v: more than the true value. The
    coupling is held at alpha m_psi < 30 m_phi.
    """
    alpha = jnp.minimum(yukawa(alpha_X, m_X, m_psi) ** 2 / (4.0 * jnp.pi), _STRONGEST * m_phi / m_psi)
    v = jnp.minimum(V_CLUSTER, L_MAX / 2.0 * m_phi / m_psi)
    scalar = yukawa_scattering(alpha, m_psi, m_phi, v).total
    return (scalar + heavy_vector_exchange(alpha_X, m_psi, m_X)) * units.from_gev(1.0, "cm^2/g")


def relic_density(
    mixing: VectorMixing,
    alpha_X: Scalar,
    m_X: Scalar,
    m_psi: Scalar,
    m_phi: Scalar,
    k: LightStateConstants,
    bath: ThermalBath | None = None,
) -> Relic:
    """Freeze-out of psi with everything that X decays to."""
    width = dark_photon_widths(mixing, alpha_X, m_X, m_psi, k).standard()
    return freeze_out(dark_sector(alpha_X, m_X, m_psi, m_phi, width), bath or default_bath())


def dark_matter(
    mixing: VectorMixing, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar, k: LightStateConstants
) -> Dark:
    """All of it; the lifetime is that of X."""
    relic = relic_density(mixing, alpha_X, m_X, m_psi, m_phi, k)
    m = jnp.maximum(m_psi, _LIGHTEST)
    return Dark(
        mass=m_psi,
        omega_h2=relic.omega_h2,
        relic_status=relic_status.of_freeze_out(relic, 2.0 * m_psi > _X_PHI_FROM * (m_X + m_phi)),
        cmb_ratio=recombination_ratio(mixing, alpha_X, m_X, m, m_phi, k),
        sigma_SI=sigma_SI(mixing, alpha_X, m_X, m, k),
        sigma_e=sigma_e(mixing, alpha_X, m_X, m, k),
        self_scattering=self_scattering(alpha_X, m_X, m, m_phi),
        mediator_lifetime=seconds(dark_photon_widths(mixing, alpha_X, m_X, m_psi, k).total()),
    )


def _cm2(sigma: Scalar) -> Scalar:
    return sigma * units.from_gev(1.0, "cm^2")
