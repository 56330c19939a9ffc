"""Dark matter behind a dark photon X: Majorana psi with its dark Higgs phi, in cosmology and in detectors.
[arXiv:2502.04900]

psi annihilates into phi phi (p wave), into X phi and X X (s waves, if psi is heavy enough), and through X into what X
decays to (p wave). phi and X have the temperature of the plasma and are not counted among its states. What depends on
the velocity is given at 220 km/s (detectors) and 1000 km/s (clusters of galaxies).
"""

from __future__ import annotations

from jaxtyping import Array, Float

from darkpenguin import units
from darkpenguin._jax import jnp
from darkpenguin.core.dark import Dark
from darkpenguin.core.numerics import safe_divide
from darkpenguin.core.types import Scalar
from darkpenguin.cosmology import direct_detection as detect
from darkpenguin.cosmology import relic_status
from darkpenguin.cosmology.bessel import k1_over_k2
from darkpenguin.cosmology.cmb_channels import efficiency, load_efficiencies, mixed
from darkpenguin.cosmology.constants import read_constants
from darkpenguin.cosmology.freeze_out import FreezeOut, Relic, freeze_out
from darkpenguin.cosmology.late_time import cmb_ratio, late_sigma_v
from darkpenguin.cosmology.neff import PlasmaBoson, n_eff
from darkpenguin.cosmology.self_interaction import L_MAX, heavy_vector_exchange, yukawa_scattering
from darkpenguin.cosmology.thermal_average import Channel, ChannelGroup, Energy2, Propagator, Resonance
from darkpenguin.cosmology.thermal_bath import ThermalBath
from darkpenguin.decays import dark_higgs
from darkpenguin.decays.constants import LightStateConstants
from darkpenguin.decays.dark_annihilation import sigma_annihilation, yukawa_squared
from darkpenguin.decays.dark_pairs import (
    dark_higgs_to_psi,
    dark_higgs_to_X,
    dark_higgs_widths,
    sigma_X_phi,
    sigma_X_X,
)
from darkpenguin.decays.dark_photon import (
    Q_LEPTON,
    T3_LEPTON,
    DarkPhotonWidths,
    VectorMixing,
    couplings_to_fermion,
    dark_photon_widths,
    width_psi,
)
from darkpenguin.models.common_dark import default_bath, neutrino_plasma, seconds

XENON = (54.0, 131.0)  # Z, A
V_HALO, V_CLUSTER = (units.to_gev(v, "km/s") for v in (220.0, 1000.0))
V_RECOMBINATION = 1e-4
"""Relative velocities in units of c; the last is an upper end: psi that decoupled kinetically early is slower."""
ANNIHILATIONS = ("phi phi", "X phi", "X X", "matter")
"""Channels of psi psi, in the order of `dark_sector`."""
_STRONGEST = 30.0  # alpha m/m_phi up to which the phases are known
_LIGHTEST = 1e-9  # GeV


def dark_sector(
    alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar, width_standard: Scalar, s_channel: bool = True
) -> FreezeOut:
    """Annihilation of psi into phi phi, X phi, X X and, through X, into ordinary matter.

    width_standard : of X to ordinary matter [GeV].   s_channel : whether phi itself makes phi phi in the s channel.
    An X that decays to psi psi again is no annihilation: X phi and X X count with the share of X that does not, squared
    for two. In equilibrium otherwise.
    """
    to_psi = width_psi(alpha_X, m_X, m_psi)
    lost = 1.0 - safe_divide(to_psi, to_psi + width_standard)

    def to_phi(s: Energy2, _: tuple[Propagator, ...]) -> Channel:
        sigma = sigma_annihilation(s.ravel(), alpha_X, m_X, m_psi, m_phi, s_channel)
        return sigma.reshape(1, *s.shape)

    def to_X_phi(s: Energy2, _: tuple[Propagator, ...]) -> Channel:
        return lost * sigma_X_phi(s.ravel(), alpha_X, m_X, m_psi, m_phi).reshape(1, *s.shape)

    def to_X_X(s: Energy2, propagators: tuple[Propagator, ...]) -> Channel:
        D, D_bar = (x.ravel() for x in propagators[0])
        # real part and square, as functions that stay analytic
        sigma = sigma_X_X(s.ravel(), 0.5 * (1.0 / D + 1.0 / D_bar), 1.0 / (D * D_bar), alpha_X, m_X, m_psi)
        return lost**2 * sigma.reshape(1, *s.shape)

    def to_matter(s: Energy2, propagators: tuple[Propagator, ...]) -> Channel:
        return sigma_through_X(s, alpha_X, m_X, m_psi, width_standard)[None] * propagators[0].squared()

    # width of X to psi psi without its threshold: it lies at the lower end, where nothing resonates
    X = Resonance(m_X, alpha_X * m_X / 6.0 + width_standard)
    phi = Resonance(m_phi, dark_higgs_to_X(alpha_X, m_X, m_phi) + dark_higgs_to_psi(alpha_X, m_X, m_psi, m_phi))
    phi_phi, X_phi, X_X, matter = ((name,) for name in ANNIHILATIONS)
    groups = (
        ChannelGroup(phi_phi, 2.0 * m_phi, to_phi),
        ChannelGroup(X_phi, m_X + m_phi, to_X_phi),
        ChannelGroup(X_X, 2.0 * m_X, to_X_X, (phi,)),
        ChannelGroup(matter, jnp.zeros(()), to_matter, (X,)),
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


def sigma_v_late_dark(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar) -> Float[Array, " 3"]:
    """sigma v (psi psi -> phi phi, X phi, X X) near rest [GeV^-2], 0 if closed there."""
    return late_sigma_v(dark_sector(alpha_X, m_X, m_psi, m_phi, jnp.zeros(())), V_RECOMBINATION)[:3]


def recombination_ratio(
    mixing: VectorMixing, alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar, k: LightStateConstants
) -> Scalar:
    """Energy injection over the Planck limit, of psi psi -> X -> matter and of phi phi, X phi, X X that decay to it.

    An upper estimate for tau leptons and hadrons, by the upper end of their efficiency, and for p waves, by the
    velocity: those are far below 1 still. Where X phi or X X is open at rest it is an s wave, and above 1 for most
    masses with the whole relic density.
    """
    sector = dark_sector(alpha_X, m_X, m_psi, m_phi, jnp.zeros(()))
    through_X = sigma_v_late(mixing, alpha_X, m_X, m_psi, k)
    sigma_v = jnp.concatenate([through_X, sigma_v_late_dark(alpha_X, m_X, m_psi, m_phi)])
    f, E = load_efficiencies(), 2.0 * m_psi
    direct = [efficiency(channel, E, E, f).high for channel in ("ee", "mumu", "tautau", "hadrons")]
    of_phi, of_X = dark_higgs_shares(m_phi), vector_shares(dark_photon_widths(mixing, alpha_X, m_X, m_psi, k))
    E_X = jnp.clip((E**2 + m_X**2 - m_phi**2) / (2.0 * E), 0.0, E)
    pairs = [
        mixed(of_phi, m_phi, m_psi, f).high,
        (E_X * mixed(of_X, m_X, E_X, f).high + (E - E_X) * mixed(of_phi, m_phi, E - E_X, f).high) / E,
        mixed(of_X, m_X, m_psi, f).high,
    ]
    return cmb_ratio(sector, sigma_v, jnp.stack(direct + pairs))


def vector_shares(widths: DarkPhotonWidths) -> dict[str, Scalar]:
    """Branching fractions of X in the names of `cmb_channels`; neutrinos and psi are left out. 0 for a stable X."""
    total = widths.total()
    e, mu, tau = (safe_divide(width, total) for width in widths.leptons)
    return {"ee": e, "mumu": mu, "tautau": tau, "hadrons": safe_divide(widths.hadrons, total)}


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
    alpha = jnp.minimum(yukawa_squared(alpha_X, m_X, m_psi) / (4.0 * jnp.pi), _STRONGEST * m_phi / m_psi)
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


def strongest_coupling(alpha_X: Scalar, m_X: Scalar, m_psi: Scalar, m_phi: Scalar) -> Scalar:
    """The largest of g_X^2, lambda^2 and (m_phi/v)^2 over 4 pi."""
    heaviest = jnp.maximum(m_psi, m_phi)
    return alpha_X * jnp.maximum(1.0, 4.0 * heaviest**2 / m_X**2)


def longest_lifetime(
    mixing: VectorMixing,
    alpha_X: Scalar,
    m_X: Scalar,
    m_psi: Scalar,
    m_phi: Scalar,
    sin_theta: Scalar,
    k: LightStateConstants,
) -> Scalar:
    """Of X and phi [s]: the one that is left over when nuclei form. Without mixing with the Higgs a light phi stays."""
    of_X = dark_photon_widths(mixing, alpha_X, m_X, m_psi, k).total()
    of_phi = dark_higgs_widths(sin_theta, alpha_X, m_X, m_psi, m_phi, k).total()
    return seconds(jnp.minimum(of_X, of_phi))


def share_in_plasma(m_phi: Scalar, width_standard: Scalar) -> Scalar:
    """How much of phi has the temperature of the plasma when neutrinos decouple: 1 - exp(-r), r = Gamma K1/(K2 H).

    r : mean rate of decay over that of expansion at 2 MeV. This is the share that decays within a time 1/H.
    """
    T = jnp.asarray(read_constants()["T_neutrinos"].value)
    return -jnp.expm1(-width_standard * k1_over_k2(m_phi / T) / default_bath().hubble(T))


def neutrino_number(m_phi: Scalar, width_standard: Scalar) -> Scalar:
    """N_eff with phi in the plasma, as many states of it as `share_in_plasma` says.

    A phi that decays later counts as absent: the Standard Model's value, and the limit on lifetimes speaks. X, and psi
    above 20 MeV, are gone when neutrinos decouple; a lighter psi is left out.
    """
    return n_eff(PlasmaBoson(m_phi, share_in_plasma(m_phi, width_standard)), neutrino_plasma()).n_eff


def dark_matter(
    mixing: VectorMixing,
    alpha_X: Scalar,
    m_X: Scalar,
    m_psi: Scalar,
    m_phi: Scalar,
    sin_theta: Scalar,
    k: LightStateConstants,
) -> Dark:
    """All of it; the lifetime is that of X or of phi, whichever lives longer."""
    relic = relic_density(mixing, alpha_X, m_X, m_psi, m_phi, k)
    m = jnp.maximum(m_psi, _LIGHTEST)
    return Dark(
        mass=m_psi,
        omega_h2=relic.omega_h2,
        relic_status=relic_status.of_freeze_out(relic, strongest_coupling(alpha_X, m_X, m_psi, m_phi) > 1.0),
        cmb_ratio=recombination_ratio(mixing, alpha_X, m_X, m, m_phi, k),
        sigma_SI=sigma_SI(mixing, alpha_X, m_X, m, k),
        sigma_e=sigma_e(mixing, alpha_X, m_X, m, k),
        self_scattering=self_scattering(alpha_X, m_X, m, m_phi),
        mediator_lifetime=longest_lifetime(mixing, alpha_X, m_X, m_psi, m_phi, sin_theta, k),
        n_eff=neutrino_number(m_phi, dark_higgs.width(sin_theta, m_phi, k)),
        x_freeze=relic.x_freeze,
        sigma_v=relic.sigma_v,
        shares=dict(zip(ANNIHILATIONS, relic.shares, strict=True)),
    )


def _cm2(sigma: Scalar) -> Scalar:
    return sigma * units.from_gev(1.0, "cm^2")
