"""A dark photon of 2 GeV as portal to Majorana dark matter: Belle II, other searches, relic density in one plane."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin import __version__
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.compare import BELLE2, INPUTS
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import Range
from darkpenguin.core.numerics import Scalar
from darkpenguin.cosmology.freeze_out import FreezeOut, freeze_out
from darkpenguin.cosmology.thermal_average import ClosedForm
from darkpenguin.cosmology.thermal_bath import ThermalBath, load_bath
from darkpenguin.decays import dark_photon as widths
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.dark_annihilation import sigma_v_p_wave
from darkpenguin.decays.dark_photon import VectorMixing, tan_theta_W
from darkpenguin.experiments.published import upper_limits
from darkpenguin.figure import Curve, FigureData, Panel, Region
from darkpenguin.flavour.dark_photon_penguin import mass_mixing_coupling
from darkpenguin.flavour.rates import default_edges, line_branching_fraction, mode_spectrum
from darkpenguin.flavour.spectral import VectorBoson
from darkpenguin.models.dark_photon_dark import dark_sector
from darkpenguin.models.standard_model import StandardModel
from darkpenguin.reproduce.alp_portal import BANDS_CAPTION, PRINTED_BANDS, from_ranges, numbers, source

M_X = 2.0
M_DM = {"2502.04900:fig3-left": 0.1, "2502.04900:fig3-right": 0.8}
M_PHI_LOW = 4e-3  # GeV; lightest dark Higgs of the paper
OMEGA_H2 = 0.12
PRINTED_G_BS = 2.44e-4  # |g_bs|/eps behind figure 3; the text has 2.44e-6
PRINTED_RATIO = 1.9  # Gamma(B -> K* X)/Gamma(B -> K X), eq. (46)
PRINTED_SM = 9.2e-6  # BR(B0 -> K*0 nu nubar)
MU_MU_LIMIT = 3.6e-9  # BR(B+ -> K+ X) BR(X -> mu mu), as the paper reads LHCb
ALPHA = np.geomspace(1e-7, 0.1, 49)
EPS, PRINTED_EPS = np.geomspace(3e-5, 6e-4, 79), np.geomspace(2e-5, 2e-4, 61)
OUTLINE_EPS = np.geomspace(3e-5, 8e-5, 101)  # finer: Delta(-2 ln L) from ranges has kinks where they end
REFERENCES = (
    "Calibbi:2025rpx",
    "Davoudiasl:2012ag",
    "Belle:2017oht",
    "LHCb:2014cxe",
    "Belle-II:2023esi",
    "Belle-II:2025lfq",
)
BESIDE = (
    BANDS_CAPTION
    + " Dashed lines: ends of its relic band, eq. (48) with the dependence on m_phi of eq. (47), m_phi from "
    "4 MeV to 0.99 m_DM."
)
PRINTED = (
    " As printed: |g_bs| = 2.44e-4 eps, K*/K = 1.9, K*0 nu nubar 9.2e-6, R times the width of leptons for hadrons, "
    "ranges of the rate, eq. (48) for the relic density with the dependence on m_phi of eq. (47), up to 0.99 m_DM."
)


class Rates(NamedTuple):
    """Branching fractions at one point: K_inv of X alone, Kst_inv with the Standard Model, K_mumu of X -> mu mu."""

    K_inv: Scalar
    Kst_inv: Scalar
    K_mumu: Scalar


def x_rates(alpha_X: Scalar, eps: Scalar, m_DM: float, as_printed: bool, inputs: Inputs, SM_Kst: Scalar) -> Rates:
    """Rates with X for eps_Z = eps tan(theta_W): a mixing of masses, not what kinetic mixing gives."""
    k, m_X = light_state_constants(), jnp.asarray(M_X)
    mixing = VectorMixing(eps, eps * tan_theta_W(k))
    w = widths.dark_photon_widths(mixing, alpha_X, m_X, jnp.asarray(m_DM), k)
    g_bs = mass_mixing_coupling(mixing.eps_Z, inputs)
    if as_printed:
        w = w._replace(hadrons=widths.width_hadrons_from_leptons(mixing, m_X, widths.r_ratio(m_X), k))
        g_bs = PRINTED_G_BS * eps
    X = VectorBoson(m_X, width=w.total(), p_invisible=w.share_invisible(), g_V=0.5 * g_bs, g_A=-0.5 * g_bs)
    K = line_branching_fraction(X, "B+->K+", inputs)
    Kst = line_branching_fraction(X, "B0->K*0", inputs)
    if as_printed:
        Kst = PRINTED_RATIO * inputs.tau_B0 / inputs.tau_Bplus * K
    return Rates(
        K_inv=K * w.share_invisible(),
        Kst_inv=Kst * w.share_invisible() + (PRINTED_SM if as_printed else SM_Kst),
        K_mumu=K * w.leptons[1] / w.total(),
    )


def rates_on(alpha_X: np.ndarray, eps: np.ndarray, m_DM: float, as_printed: bool) -> Rates:
    """All rates on a grid [n_eps, n_alpha]."""
    inputs = load_inputs(INPUTS).at()
    standard = mode_spectrum(StandardModel().couplings(inputs), "B0->K*0", inputs, default_edges()).total()

    def at(a: Scalar, e: Scalar) -> Rates:
        return x_rates(a, e, m_DM, as_printed, inputs, standard)

    return jax.jit(jax.vmap(jax.vmap(at, (0, None)), (None, 0)))(jnp.asarray(alpha_X), jnp.asarray(eps))


# --- relic density ----------------------------------------------------------------------------------------------------


def alpha_for(omega_h2: float, m_DM: float, m_phi: np.ndarray, bath: ThermalBath, p_wave: bool = False) -> np.ndarray:
    """alpha_X [n] that makes psi all of the dark matter, for each mass of the dark Higgs [n] in GeV.

    psi psi -> phi phi with the full thermal average; phi at the plasma's temperature, not counted in it.
    p_wave : eq. (47) of arXiv:2502.04900 for the average instead.
    """
    return np.asarray(_solve(jnp.asarray(omega_h2), jnp.asarray(m_DM), jnp.asarray(m_phi), bath, p_wave))


def _sector(alpha: Scalar, m_DM: Scalar, m_phi: Scalar, p_wave: bool) -> FreezeOut:
    if not p_wave:
        return dark_sector(alpha, jnp.asarray(M_X), m_DM, m_phi, jnp.zeros(()))
    strength = sigma_v_p_wave(alpha, jnp.asarray(M_X), m_DM, m_phi)
    return FreezeOut(m_DM, jnp.asarray(2.0), (ClosedForm(("phi phi",), lambda x: (strength / x)[None]),))


@eqx.filter_jit
def _solve(
    omega_h2: Scalar, m_DM: Scalar, m_phi: Float[Array, " n"], bath: ThermalBath, p_wave: bool
) -> Float[Array, " n"]:
    """By halving in ln alpha_X, between 1e-5 and 0.1."""

    def root(m_phi: Scalar) -> Scalar:
        def halve(_: int, ends: tuple[Scalar, Scalar]) -> tuple[Scalar, Scalar]:
            middle = 0.5 * (ends[0] + ends[1])
            too_much = freeze_out(_sector(jnp.exp(middle), m_DM, m_phi, p_wave), bath).omega_h2 > omega_h2
            return jnp.where(too_much, middle, ends[0]), jnp.where(too_much, ends[1], middle)

        low, high = jax.lax.fori_loop(0, 20, halve, (jnp.log(1e-5), jnp.log(0.1)))
        return jnp.exp(0.5 * (low + high))

    return jax.vmap(root)(m_phi)


def printed_alpha(m_DM: float, m_phi: np.ndarray) -> np.ndarray:
    """alpha_X of eq. (48) for Omega h^2 = 0.12, times what eq. (47) says of the mass of the dark Higgs."""
    at_zero = 0.002 * (0.5 / m_DM) * (0.1 / OMEGA_H2) ** 0.5
    shape = [float(sigma_v_p_wave(*map(jnp.asarray, (1.0, M_X, m_DM, m)))) for m in (0.0, *m_phi)]
    return np.asarray(at_zero * (shape[0] / np.array(shape[1:])) ** 0.5)


# --- the figure -------------------------------------------------------------------------------------------------------


def plane(key: str, *, as_printed: bool, progress: bool) -> FigureData:
    """alpha_X against eps for one mass of the dark matter. [arXiv:2502.04900, figure 3]"""
    del progress
    m_DM, eps = M_DM[key], PRINTED_EPS if as_printed else EPS
    rates = rates_on(ALPHA, eps, m_DM, as_printed)
    delta = from_ranges(np.asarray(rates.K_inv)) if as_printed else _likelihood(m_DM, eps)
    k_star = upper_limits("belle-2017-bknunu:K*0")["BR(B0->K*0inv)"]
    regions = [
        _region("excluded, B0 → K*0 invisible", eps, k_star / np.asarray(rates.Kst_inv), (1.0,)),
        _region("excluded, B+ → K+ μμ", eps, MU_MU_LIMIT / np.asarray(rates.K_mumu), (1.0,)),
        _region(source(as_printed), eps, delta, (1.0, 4.0)),
    ]
    if not as_printed:
        regions.append(printed_bands(m_DM))
    return FigureData(
        key=key,
        title=f"A dark photon of 2 GeV with dark matter of {m_DM} GeV",
        caption="eps_Z = eps tan(theta_W), a mixing of masses with the Z: kinetic mixing alone would need eps of order "
        "one. Δ(-2 ln L) from the lowest point of the plane, all nuisances of Belle II's likelihood profiled. Relic "
        f"density: psi psi → phi phi; line for m_phi = 4 MeV, band up to m_phi = {'0.99 ' * as_printed}m_DM. K*0: "
        "1.8e-5 at 90 %, Standard Model included; mu mu: 3.6e-9." + (PRINTED if as_printed else BESIDE),
        panels=(
            Panel(
                title=f"$m_\\mathrm{{DM}}$ = {m_DM} GeV",
                x_label=r"$\alpha_X$",
                y_label=r"$\varepsilon$",
                regions=tuple(regions),
                curves=relic_curves(m_DM, eps, as_printed),
                x_log=True,
                y_log=True,
                x_range=(float(ALPHA[0]), float(ALPHA[-1])),
                y_range=(float(eps[0]), float(eps[-1])),
            ),
        ),
        inputs=INPUTS,
        references=REFERENCES,
        version=__version__,
    )


def printed_bands(m_DM: float) -> Region:
    """1 and 2 sigma of the paper, as ranges of the rate with its |g_bs|, for an outline beside ours."""
    delta = from_ranges(np.asarray(rates_on(ALPHA, OUTLINE_EPS, m_DM, as_printed=True).K_inv))
    return _region(PRINTED_BANDS, OUTLINE_EPS, delta, (1.0, 4.0), filled=False)


def _likelihood(m_DM: float, eps: np.ndarray) -> np.ndarray:
    """Delta(-2 ln L) of Belle II on the grid; X may be seen."""
    fixed = {"m_X": M_X, "m_DM": m_DM}
    free = {"eps": Range(1e-6, 1e-2), "alpha_X": Range(1e-9, 1.0)}
    analysis = Analysis("dark_photon_portal", experiments=BELLE2, inputs=INPUTS, fixed=fixed, free=free)
    tan = tan_theta_W(light_state_constants())
    points = [analysis.theta({"eps": e, "eps_Z": e * tan, "alpha_X": a}) for e in eps for a in ALPHA]
    values = analysis.line.values(np.stack(points)).reshape(len(eps), len(ALPHA))
    return np.asarray(values - values.min())


def _region(
    label: str,
    eps: np.ndarray,
    z: Float[Array, "n_eps n_alpha"] | np.ndarray,
    levels: tuple[float, ...],
    filled: bool = True,
) -> Region:
    rows = tuple(numbers(row) for row in np.asarray(z))
    return Region(label, tuple(ALPHA.tolist()), tuple(eps.tolist()), rows, levels, filled)


def relic_curves(m_DM: float, eps: np.ndarray, as_printed: bool) -> tuple[Curve, ...]:
    """An upright line and a band of alpha_X; beside ours the two ends of the printed band, dashed."""
    m_phi = np.array([M_PHI_LOW, *(m_DM * np.array([0.25, 0.5, 0.75, 0.85, 0.92, 0.97, 0.99, 1.0]))])
    ends = (float(eps[0]), float(eps[-1]))
    printed = printed_alpha(m_DM, m_phi[:-1])
    alpha = printed if as_printed else alpha_for(OMEGA_H2, m_DM, m_phi, load_bath())
    span = (float(alpha.min()), float(alpha.max()))
    band = Curve(r"relic density, $m_\varphi$ up to $m_\mathrm{DM}$", span, low=(ends[0],) * 2, high=(ends[1],) * 2)
    name = "eq. (48)" if as_printed else r"relic density, $m_\varphi$ = 4 MeV"
    light = Curve(name, (float(alpha[0]),) * 2, ends)
    if as_printed:
        return light, band
    low, high = float(printed.min()), float(printed.max())
    x, y = (low, low, None, high, high), (*ends, None, *ends)
    return light, band, Curve("as printed, eqs. (47), (48)", x, y, mark="dashed")
