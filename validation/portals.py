"""An axion-like particle and a dark photon as portals: decays, rates of B mesons, production, dark matter."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.optimize import brentq

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.cosmology import direct_detection, self_interaction
from darkpenguin.cosmology.freeze_in import FreezeIn, freeze_in
from darkpenguin.cosmology.freeze_out import FreezeOut, freeze_out
from darkpenguin.cosmology.thermal_average import ChannelGroup, ClosedForm, thermal_average
from darkpenguin.cosmology.thermal_bath import load_bath
from darkpenguin.cosmology.thermal_rates import equilibrium_density, scattering_density
from darkpenguin.decays import alp, alp_production, dark_annihilation, dark_higgs, dark_photon, escape
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.flavour import dark_photon_penguin as penguin
from darkpenguin.flavour.form_factors import b_to_k, b_to_v
from darkpenguin.flavour.invisible.bosons import BroadBoson
from darkpenguin.flavour.rates import continuum_branching_fractions, line_branching_fraction
from darkpenguin.flavour.spectral import ScalarBoson, VectorBoson
from darkpenguin.flavour.transitions import transition
from darkpenguin.models import alp_portal_dark, dark_photon_dark
from validation.table import NUMBERS

K = light_state_constants()._replace(alpha_em=1 / 137.035999)
BATH = "saikawa-shirai-2018"
M_A, M_B, M_X, F_A = jnp.array(2.0), jnp.array(4.18), jnp.array(2.0), jnp.array(1e8)
ONE, NONE = jnp.ones(()), jnp.zeros(())
EPS = jnp.array(10**-4.3)
F_0 = 0.335344
V = 220.0 * units.to_gev(1.0, "km/s")


def grid(name: str) -> np.ndarray:
    """One of the tables in numbers/portals, columns first."""
    lines = [x for x in (NUMBERS / "portals" / name).read_text(encoding="utf-8").splitlines() if x[0] != "#"]
    return np.array([[float(x) for x in line.split(",")] for line in lines[1:]]).T


def row_inputs() -> Inputs:
    """Masses and form factors of flavio 2.7.1 with the lifetimes of the source."""
    lifetimes = {name: jnp.array(units.to_gev(ps, "ps")) for name, ps in (("tau_Bplus", 1.638), ("tau_B0", 1.519))}
    return dataclasses.replace(load_inputs("flavio-2.7.1").at(), **lifetimes)


# --- axion-like particle --------------------------------------------------------------------------------------------


def alp_couplings(C_over_f: jax.Array | float, chi_over_f: jax.Array | float) -> alp.AlpCouplings:
    """One coupling to all quarks and one to chi; f_a = 1 GeV."""
    C, chi = jnp.asarray(C_over_f), jnp.asarray(chi_over_f)
    return alp.AlpCouplings(ONE, C * jnp.ones(6), jnp.zeros(3), chi, NONE, NONE)


def alp_decays() -> dict[str, float]:
    """Loop function, effective couplings, widths, the chance to be invisible."""
    B = {x: complex(alp.loop_function(jnp.array(x))) for x in (0.009, 0.5, 1.6129, 17.4724)}
    C = alp_couplings(1e-8, 1e-8)
    w = alp.alp_widths(C, M_A, jnp.array(1e-3), K)
    visible = float(w.visible())
    unit = C._replace(quarks=jnp.ones(6))
    boosts = escape.boosts(jnp.array(5.27934), jnp.array(0.493677), M_A)
    survives = escape.survival(boosts, w.visible(), 3.5 * units.to_gev(1.0, "m"))
    return {
        "O01": B[0.009].real,
        "O02": B[0.009].imag,
        "O03": B[0.5].real,
        "O04": B[0.5].imag,
        "O05": B[1.6129].real,
        "O06": B[17.4724].real,
        "O07": abs(complex(alp.gluon_coupling(unit, M_A, K))) ** 2,
        "O08": abs(complex(alp.photon_coupling(unit, M_A, K))) ** 2,
        "O09": float(w.gluons),
        "O10": float(w.quarks[2]),
        "O11": float(w.photons),
        "O12": float(w.gluons) / visible,
        "O13": units.from_gev(1.0 / visible, "m"),
        "O14": float(w.share_invisible()),
        "O23": float(escape.p_invisible(w.share_invisible(), survives)),
    }


def alp_in_B_decays(x: Inputs) -> dict[str, float]:
    """Form factors at 4 GeV^2 and branching fractions."""
    q2 = jnp.array([4.0])
    ff_K, ff_Kst = b_to_k(x.form_factors["B->K"], q2), b_to_v(x.form_factors["B->K*"], q2)
    a = ScalarBoson(M_A, width=NONE, h_V=0.5 / F_A, h_A=0.5 / F_A)
    to_K = float(line_branching_fraction(a, "B+->K+", x))
    printed = to_K * (F_0 / float(ff_K.f_0[0])) ** 2
    return {
        "O15": float(ff_K.f_0[0]),
        "O16": float(ff_K.f_plus[0]),
        "O17": float(ff_Kst.A0[0]),
        "O18": to_K,
        "O19": printed,
        "O20": float(line_branching_fraction(a, "B0->K*0", x)),
        "O21": 1e8 * (printed / 0.9e-5) ** 0.5,
        "O22": 1e8 * (printed / 0.5e-5) ** 0.5,
    }


def sigma_bb(s: jax.Array) -> jax.Array:
    """b bbar -> a g in units of alpha_s C^2/f_a^2."""
    return alp_production.sigma_annihilation(s, ONE, ONE, M_B, M_A, jnp.array(4.0 / 9.0))


def sigma_bg(s: jax.Array) -> jax.Array:
    """b g -> b a in the same units."""
    return alp_production.sigma_compton(s, ONE, ONE, M_B, M_A, jnp.array(1.0 / 6.0))


def averages(T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """<sigma v> of both."""
    T = jnp.asarray(T)
    n_b = equilibrium_density(M_B, 6.0, T)
    bb = scattering_density(sigma_bb, (M_B, M_B), (6.0, 6.0), M_A, T) / n_b**2
    bg = scattering_density(sigma_bg, (M_B, NONE), (6.0, 16.0), M_A + M_B, T)
    return np.asarray(bb), np.asarray(bg / n_b / equilibrium_density(NONE, 16.0, T))


def production() -> dict[str, float]:
    """Single cross sections and averages, then the grid of figure 1: largest relative deviations."""
    bb, bg = averages(np.array([41.8, 2.0]))
    s = jnp.array([71.0, 39.0, 400.0])
    at_bb, at_bg = np.asarray(sigma_bb(s)), np.asarray(sigma_bg(s))
    width = alp_production.width_b_to_s_a(1.0, 1.0, F_A, M_B, M_A)
    found = {"O24": width, "O25": at_bb[0], "O26": at_bb[2], "O27": at_bg[1], "O28": at_bg[2]}
    found |= {"O29": bb[0], "O30": bg[0], "O31": bb[1], "O32": bg[1]}
    T, H, *expected = grid("rates.csv")
    C = alp_portal_dark.BottomCouplings(1.0, 1.0, ONE, ONE)
    made = alp_portal_dark.production(C, M_A, jnp.asarray(T), K)
    n_a = np.asarray(equilibrium_density(M_A, 1.0, jnp.asarray(T)))
    alpha_s = np.asarray(alp_portal_dark.alpha_s_plasma(jnp.asarray(T), K))
    bb, bg = averages(T)
    decay = np.asarray(made.decay) / (2.0 * np.asarray(equilibrium_density(M_B, 6.0, jnp.asarray(T))))
    ours = (bb * alpha_s, bg * alpha_s, decay, made.decay / n_a, made.scattering / n_a)
    names = ("sv_bb", "sv_bg", "decay", "rate_decay", "rate_scattering")
    for name, mine, theirs in zip(names, ours, expected, strict=True):
        found[f"grid_{name}"] = np.abs(np.asarray(mine) / theirs - 1.0).max()
    found["grid_H"] = np.abs(np.asarray(load_bath(BATH).hubble(jnp.asarray(T))) / H - 1.0).max()
    return {name: float(value) for name, value in found.items()}


def plasma() -> dict[str, float]:
    """Degrees of freedom, expansion, equilibrium yield of b and bbar."""
    bath = load_bath(BATH)
    g, h = np.asarray(bath.g(jnp.array([1.0, 0.1]))), np.asarray(bath.h(jnp.array([1.0, 0.1])))
    Y_b = equilibrium_density(M_B, 12.0, M_B[None]) / bath.entropy_density(M_B[None])
    return {
        "O33": float(g[0]),
        "O34": float(h[0]),
        "O35": float(g[1]),
        "O36": float(h[1]),
        "O37": float(bath.hubble(ONE)),
        "O38": float(Y_b[0]),
    }


def alp_sector(C_q: jax.Array, C_chi: jax.Array, m_chi: jax.Array) -> FreezeIn:
    """Couplings over f in GeV^-1, as in the source: C_V = C_A = C_q."""
    C = alp_portal_dark.BottomCouplings(C_q, C_q, C_q, ONE)
    widths = alp.alp_widths(alp_couplings(C_q, C_chi), M_A, m_chi, K)
    return alp_portal_dark.dark_sector(C, widths, M_A, m_chi, False, K)


def freeze_in_rows() -> dict[str, float]:
    """The benchmark, and the contour of figure 2."""
    bath = load_bath(BATH)
    C_q, C_chi, m_chi = (np.append(x, b) for x, b in zip(grid("relic_alp.csv"), (6e-9, 6e-9, 3e-3), strict=True))
    relic = jax.jit(jax.vmap(lambda *p: freeze_in(alp_sector(*p), bath)))(*map(jnp.asarray, (C_q, C_chi, m_chi)))
    omega = np.asarray(relic.omega_h2)
    return {
        "O39": float(relic.Y[-1]),
        "O40": float(omega[-1]),
        "grid_fig2": float(np.abs(omega[:-1] / 0.12 - 1.0).max()),
    }


# --- dark photon ----------------------------------------------------------------------------------------------------


def dark_photon_decays(x: Inputs) -> dict[str, float]:
    """Widths, the loop of the Z, rates with a left-handed coupling."""
    mixing = dark_photon.VectorMixing(EPS, EPS * dark_photon.tan_theta_W(K))
    lepton = dark_photon.couplings_to_fermion(mixing, dark_photon.Q_LEPTON, dark_photon.T3_LEPTON, K)
    to_l, to_nu = dark_photon.width_fermions(*lepton, M_X, 0.0), dark_photon.width_neutrinos(mixing, M_X, K)
    standard = 2.0 * to_l + to_nu + dark_photon.width_hadrons_from_leptons(mixing, M_X, jnp.array(2.2), K)
    psi = dark_photon.width_psi(jnp.array(1e-7), M_X, jnp.array(0.5))
    x_t, s2 = jnp.array((172.69 / 80.377) ** 2), K.sin2_theta_W
    g, tangent = jnp.array(K.e / s2**0.5), jnp.array(dark_photon.tan_theta_W(K))
    printed = penguin.z_penguin_as_printed(tangent, jnp.array(0.0412), g, jnp.array((1.0 - s2) ** 0.5), x_t)
    coupling = 2.44e-4 * EPS
    X = VectorBoson(M_X, width=NONE, g_V=coupling / 2.0, g_A=-coupling / 2.0)
    to_K, to_Kst = (line_branching_fraction(X, mode, x) for mode in ("B+->K+", "B0->K*0"))
    wide = dataclasses.replace(X, width=dark_photon.width_psi(jnp.array(1e-2), M_X, jnp.array(0.1)))
    broad = continuum_branching_fractions(BroadBoson(wide), transition("B+->K+"), x, jnp.linspace(0.0, 23.0, 47))
    found = {
        "O41": to_l,
        "O42": to_nu / 3.0,
        "O43": units.from_gev(1.0, "m") * 1e6 / standard,
        "O44": psi,
        "O45": psi / (psi + standard),
        "O46": dark_photon.kinetic_eps_Z(ONE, M_X, K) / tangent,
        "O47": penguin.C0(x_t),
        "O48": printed,
        "O49": to_K,
        "O50": to_Kst / to_K * x.tau_Bplus / x.tau_B0,
        "O51": (broad.transverse + broad.longitudinal).sum() / to_K,
    }
    return {name: float(value) for name, value in found.items()}


def p_wave_sector(alpha_X: jax.Array, m: jax.Array, m_phi: jax.Array) -> FreezeOut:
    """Eq. (47) for the thermal average."""
    form = ClosedForm(("phi phi",), lambda x: dark_annihilation.sigma_v_p_wave(alpha_X, M_X, m, m_phi) / x[None])
    return FreezeOut(m, jnp.array(2.0), (form,))


def whole_sector(alpha_X: jax.Array, m: jax.Array, m_phi: jax.Array, s_channel: bool) -> FreezeOut:
    """psi psi -> phi phi in full; nothing through X."""
    return dark_photon_dark.dark_sector(alpha_X, M_X, m, m_phi, NONE, s_channel)


def s_wave_for_relic(m: float) -> float:
    """The constant <sigma v> in cm^3/s that gives 0.12, self-conjugate with two states."""
    bath = load_bath(BATH)

    @jax.jit
    def omega(sigma_v: jax.Array) -> jax.Array:
        form = ClosedForm(("s wave",), lambda x: jnp.full((1, x.shape[0]), sigma_v))
        return freeze_out(FreezeOut(jnp.array(m), jnp.array(2.0), (form,)), bath).omega_h2

    return units.from_gev(brentq(lambda s: float(omega(s)) - 0.12, 1e-10, 1e-7, xtol=1e-16), "cm^3/s")


def freeze_out_rows() -> dict[str, float]:
    """Averages, coupling constants for the relic density, the grid of figure 3."""
    bath = load_bath(BATH)
    half, light = jnp.array(0.5), jnp.array(0.004)
    group: ChannelGroup | ClosedForm = whole_sector(jnp.array(0.01), half, light, False).groups[0]
    m, m_phi, *alphas = grid("relic_dark_photon.csv")
    kinds = {
        "tu": lambda *p: whole_sector(*p, s_channel=False),
        "tus": lambda *p: whole_sector(*p, s_channel=True),
        "p_wave": p_wave_sector,
    }
    omega = {n: jax.jit(jax.vmap(lambda *p, k=k: freeze_out(k(*p), bath).omega_h2)) for n, k in kinds.items()}
    found = {
        "O52": float(dark_annihilation.sigma_v_p_wave(jnp.array(0.01), M_X, half, jnp.array(0.3))),
        "O53": float(thermal_average((group,), half).total(jnp.array([20.0]))[0]),
        "O54": s_wave_for_relic(0.5),
        "O57": float(omega["p_wave"](jnp.array([0.002]), half[None], light[None])[0]),
    }
    for name, alpha in zip(kinds, alphas, strict=True):
        given = np.isfinite(alpha)
        values = omega[name](*(jnp.asarray(v[given]) for v in (alpha, m, m_phi)))
        found[f"grid_fig3_{name}"] = float(np.abs(np.asarray(values) / 0.12 - 1.0).max())
    for row, mass in (("O55", 0.1), ("O56", 0.8)):

        def excess(ln_alpha: float, mass: float = mass) -> float:
            point = (jnp.array([np.exp(ln_alpha)]), jnp.array([mass]), light[None])
            return float(np.log(omega["tu"](*point)[0] / 0.12))

        found[row] = float(np.exp(brentq(excess, np.log(1e-4), np.log(1e-2), xtol=1e-8)))
    return found


def detection() -> dict[str, float]:
    """Dark Higgs, nuclei, electrons, scattering on itself."""
    a, b, cm2 = jnp.array(0.01), EPS * K.e, units.from_gev(1.0, "cm^2")
    per_mass = units.from_gev(1.0, "cm^2/g")
    heavy, light, v = jnp.array(1e9), jnp.array(0.1), jnp.array(V)
    electron = direct_detection.majorana_on_vector(a, b, jnp.array(1e6), jnp.array(K.m_e), M_X, v)
    x = 0.25
    shape = x * (3.0 - 20.0 * x**2 + 40.0 * x**4) / (1.0 - 4.0 * x**2) ** 2
    printed = self_interaction.heavy_vector_as_printed(a, jnp.array(0.5), M_X, v * 1000.0 / 220.0)
    found = {
        "O58": units.from_gev(1.0, "s") / dark_higgs.width(jnp.array(1.3e-4), jnp.array(0.004), K),
        "O59": direct_detection.majorana_on_vector(a, 54.0 * b, light, heavy, M_X, v) * cm2,
        "O60": electron * cm2,
        "O61": printed / shape * per_mass,
        "O62": self_interaction.heavy_vector_exchange(a, jnp.array(0.5), M_X) * per_mass,
    }
    return {name: float(value) for name, value in found.items()}


def compute() -> dict[str, float]:
    """All of this file."""
    x = row_inputs()
    found = alp_decays() | alp_in_B_decays(x) | production() | plasma() | freeze_in_rows()
    return found | dark_photon_decays(x) | freeze_out_rows() | detection()
