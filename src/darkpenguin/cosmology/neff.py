"""Energy of the neutrinos after the electrons annihilate: N_eff, with a light particle of either plasma.

Thermal distributions with one temperature each for photons and electrons and for the neutrinos, or with nu_e apart from
nu_mu and nu_tau. [Escudero:2020dfa; Escudero:2019gzq for the light boson]
A boson Z has the temperature of the neutrinos, a boson S that of photons and electrons; one of them at a time.
Per N = ln(scale factor), so that the time never occurs and only the differences of temperatures are stiff:

    dT_nu/dN = -(12 rho_nu + 3 (rho + p)_Z - Q/H) / (12 rho_nu/T + drho_Z/dT),
    dT_g/dN = -(4 rho_g + 3 (rho + p)_e + 3 (rho + p)_S + 3 T P' + Q/H) / (4 rho_g/T + drho_e/dT + drho_S/dT + T P''),

with rho_nu of one flavour, P the pressure from electromagnetic interactions, and Q the energy that passes to the
neutrinos per volume and time.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import Scalar
from darkpenguin.cosmology.constants import Constant, read_constants

GOOD, OUTSIDE, NOT_FINITE = 0, 1, 2
STATUS = {
    GOOD: "good",
    OUTSIDE: "the boson is lighter than 1 MeV, or so light that it does not decay before the end of the evolution",
    NOT_FINITE: "mass or width is not finite, or not positive",
}

_T_FIRST = 0.02  # GeV; neutrinos, electrons and photons are in equilibrium
_N_LAST = 9.3
_LN_Y = (np.log(2e-3), np.log(60.0), 1500)
_LEAST_MASS = 1e-3
_INSTANT = (11.0 / 4.0) ** (4.0 / 3.0) * 8.0 / 7.0

State = Float[Array, " n_T"]


class Gas(eqx.Module):
    """Columns of functions of y = m/T times exp(y), and their slopes in ln y, on a uniform grid of ln y."""

    columns: Float[Array, "n_node n_column"]
    slopes: Float[Array, "n_node n_column"]

    def __call__(self, y: Scalar) -> Float[Array, " n_column"]:
        """The functions at y (constant below the grid; above it exp(-y) alone matters)."""
        low, high, n = _LN_Y
        step = (high - low) / (n - 1)
        x = jnp.clip((jnp.log(y) - low) / step, 0.0, n - 1.0)
        left = jnp.minimum(jnp.floor(jax.lax.stop_gradient(x)), n - 2.0).astype(int)
        t = x - left
        f_0, f_1 = self.columns[left], self.columns[left + 1]
        d_0, d_1 = step * self.slopes[left], step * self.slopes[left + 1]
        value = f_0 + t * (d_0 + t * (3.0 * (f_1 - f_0) - 2.0 * d_0 - d_1 + t * (d_0 + d_1 - 2.0 * (f_1 - f_0))))
        return value * jnp.exp(-y)


class Plasma(eqx.Module):
    """Constants [GeV] and tables of the evolution; made by `load_plasma`.

    electrons : rho/T^4, p/T^4, drho/dT/T^3, and P'/T^3, P''/T^2, (T P' - P)/T^4 of the
        electromagnetic pressure.
    bosons : rho/T^4, p/T^4, drho/dT/T^3 of one state, and y^2 K2(y), all with y = m/T.
    to_electron, to_muon : 4 (g_L^2 + g_R^2) for nu_e and for nu_mu or nu_tau.
    """

    electrons: Gas
    bosons: Gas
    m_e: Scalar
    M_Planck: Scalar
    G_F: Scalar
    to_electron: Scalar
    to_muon: Scalar
    f_annihilation: Scalar
    f_scattering: Scalar


class LightBoson(eqx.Module):
    """A boson in equilibrium with the neutrinos: with all of them, or with nu_mu and nu_tau where these are apart.

    mass [GeV], at least 1 MeV; degrees : 3 vector, 1 scalar. width_electrons : of the decay to e+ e- [GeV].
    """

    mass: Scalar
    width_electrons: Scalar
    degrees: Scalar = eqx.field(default_factory=lambda: jnp.asarray(3.0))


class PlasmaBoson(eqx.Module):
    """A boson in equilibrium with photons and electrons until it is gone, e.g. a scalar that decays to e+ e-.

    mass [GeV], at least 1 MeV; degrees : 1 real scalar, 3 vector.
    """

    mass: Scalar
    degrees: Scalar = eqx.field(default_factory=lambda: jnp.asarray(1.0))


class NeutrinoNumber(eqx.Module):
    """N_eff, the final T_nu/T_gamma of each kind (all; or nu_e, then nu_mu and nu_tau), and a key of `STATUS`."""

    n_eff: Scalar
    T_ratio: Float[Array, " n_kind"]
    status: Int[Array, ""]


def n_eff(
    boson: LightBoson | PlasmaBoson | None,
    plasma: Plasma,
    separate_electron_neutrino: bool = False,
    n: int = 512,
) -> NeutrinoNumber:
    """N_eff after electrons and boson are gone; None: the Standard Model.

    n : steps of the Rosenbrock method; 512 are good to 1e-6. Differentiate with `jacfwd`.
    Left out: scattering of the boson on electrons, dark matter lighter than 20 MeV, spectral distortions.
    """
    boson = boson or LightBoson(jnp.asarray(10.0), jnp.zeros(()))
    n_kind = 2 if separate_electron_neutrino else 1

    def slope(state: State) -> State:
        return _slope(state, boson, plasma)

    start = jnp.zeros(1 + n_kind).at[0].set(jnp.log(_T_FIRST))
    end = rodas3(slope, start, _N_LAST / n, n)
    T_ratio = jnp.exp(end[1:])
    flavours = np.array([1.0, 2.0]) if n_kind == 2 else np.array([3.0])
    number = jnp.sum(flavours * 7.0 / 8.0 * T_ratio**4) * _INSTANT
    bad = ~jnp.isfinite(number) | ~(boson.mass > 0.0)
    if isinstance(boson, LightBoson):
        bad |= ~(boson.width_electrons >= 0.0)
    status = jnp.where(bad, NOT_FINITE, jnp.where(boson.mass < _LEAST_MASS, OUTSIDE, GOOD))
    return NeutrinoNumber(jnp.where(bad, 0.0, number), jnp.where(bad, 0.0, T_ratio), status)


def rodas3(f: Callable[[State], State], y: State, h: float, n: int) -> State:
    """n steps of length h of dy/dN = f(y): L-stable Rosenbrock method of order 3, four stages, one Jacobian a step.

    [Sandu et al., Atmos. Environ. 31 (1997) 3459, method RODAS3] No iteration that could fail.
    """

    def step(y: State, _: None) -> tuple[State, None]:
        W = jnp.eye(y.shape[0]) / (0.5 * h) - jax.jacfwd(f)(y)
        u_1 = _solve(W, f(y))
        u_2 = _solve(W, f(y) + 4.0 * u_1 / h)
        u_3 = _solve(W, f(y + 2.0 * u_1) + (u_1 - u_2) / h)
        u_4 = _solve(W, f(y + 2.0 * u_1 + u_3) + (u_1 - u_2 - 8.0 / 3.0 * u_3) / h)
        return y + 2.0 * u_1 + u_3 + u_4, None

    return jax.lax.scan(step, y, None, length=n)[0]


def _solve(W: Float[Array, "n n"], b: State) -> State:
    """W^-1 b for two or three unknowns, by cofactors: much faster than a general solver on so small a matrix."""
    if b.shape[0] == 2:
        det = W[0, 0] * W[1, 1] - W[0, 1] * W[1, 0]
        return jnp.stack([W[1, 1] * b[0] - W[0, 1] * b[1], W[0, 0] * b[1] - W[1, 0] * b[0]]) / det
    rows = W[0], W[1], W[2]
    cofactors = jnp.stack([jnp.cross(rows[1], rows[2]), jnp.cross(rows[2], rows[0]), jnp.cross(rows[0], rows[1])])
    return b @ cofactors / jnp.dot(rows[0], cofactors[0])


def _slope(state: State, boson: LightBoson | PlasmaBoson, plasma: Plasma) -> State:
    """d(ln T_gamma, ln T_nu/T_gamma of each kind)/dN."""
    T_g = jnp.exp(state[0])
    T_e, T_m = T_g * jnp.exp(state[1]), T_g * jnp.exp(state[-1])
    rho_e, p_e, drho_e, dP, d2P, rho_P = plasma.electrons(plasma.m_e / T_g)
    rho_g = jnp.pi**2 / 15.0
    in_plasma = isinstance(boson, PlasmaBoson)
    T_b = T_g if in_plasma else T_m
    held, nothing = boson.degrees * plasma.bosons(boson.mass / T_b)[:3] * T_b**4, jnp.zeros(3)
    (rho_Z, p_Z, drho_Z), (rho_S, p_S, drho_S) = (nothing, held) if in_plasma else (held, nothing)
    rho_nu_e, rho_nu_m = (7.0 / 8.0 * jnp.pi**2 / 15.0 * T**4 for T in (T_e, T_m))
    total = (rho_g + rho_e + rho_P) * T_g**4 + rho_nu_e + 2.0 * rho_nu_m + rho_Z + rho_S
    H = jnp.sqrt(8.0 * jnp.pi / 3.0 * total) / plasma.M_Planck
    Q_e, Q_m, Q_Z = (Q / H for Q in _transfers(T_g, T_e, T_m, boson, plasma))
    # everything as dlnT/dN: T_nu drho/dT appears as 4 rho_nu, and T drho_Z/dT as T^4 times a function of y
    lost = Q_e + 2.0 * Q_m + Q_Z + 3.0 * (rho_S + p_S)
    photon = -(4.0 * rho_g + 3.0 * (rho_e + p_e) + 3.0 * dP + lost / T_g**4) / (
        4.0 * rho_g + drho_e + d2P + drho_S / T_g**4
    )
    if state.shape[0] == 2:
        gain = Q_e + 2.0 * Q_m + Q_Z - 12.0 * rho_nu_m - 3.0 * (rho_Z + p_Z)
        return jnp.stack([photon, gain / (12.0 * rho_nu_m + drho_Z) - photon])
    electron = (Q_e - 4.0 * rho_nu_e) / (4.0 * rho_nu_e)
    muon = (2.0 * Q_m + Q_Z - 8.0 * rho_nu_m - 3.0 * (rho_Z + p_Z)) / (8.0 * rho_nu_m + drho_Z)
    return jnp.stack([photon, electron - photon, muon - photon])


def _transfers(
    T_g: Scalar, T_e: Scalar, T_m: Scalar, boson: LightBoson | PlasmaBoson, plasma: Plasma
) -> tuple[Scalar, Scalar, Scalar]:
    """Energy gained per volume and time [GeV^5] by nu_e, by nu_mu (and by nu_tau), and through the boson.

    [Escudero:2020dfa, massless electrons; the boson: decays and their inverse, Boltzmann statistics]
    """

    def F(a: Scalar, b: Scalar) -> Scalar:
        annihilation = 32.0 * plasma.f_annihilation * (a**9 - b**9)
        return annihilation + 56.0 * plasma.f_scattering * a**4 * b**4 * (a - b)

    weak = plasma.G_F**2 / jnp.pi**5
    Q_e = weak * (plasma.to_electron * F(T_g, T_e) + 2.0 * F(T_m, T_e))
    Q_m = weak * (plasma.to_muon * F(T_g, T_m) - F(T_m, T_e))

    if isinstance(boson, PlasmaBoson):
        return Q_e, Q_m, jnp.zeros(())

    def held(T: Scalar) -> Scalar:  # T^3 y^2 K2(y)
        return T**3 * plasma.bosons(boson.mass / T)[3]

    rate = boson.degrees * boson.mass * boson.width_electrons / (2.0 * jnp.pi**2)
    return Q_e, Q_m, rate * (held(T_g) - held(T_m))


def load_plasma() -> Plasma:
    """Tables of the gases, integrated once (0.2 s), with the constants of data/cosmology/constants.toml."""
    c: dict[str, Constant] = read_constants()
    g_R = c["g_R"].value
    return Plasma(
        electrons=_table(lambda y: _electron_columns(y, 4.0 * np.pi * c["alpha_em"].value)),
        bosons=_table(_boson_columns),
        to_electron=jnp.asarray(4.0 * (c["g_L_electron"].value ** 2 + g_R**2)),
        to_muon=jnp.asarray(4.0 * (c["g_L_muon"].value ** 2 + g_R**2)),
        **{key: jnp.asarray(c[key].value) for key in ("m_e", "M_Planck", "G_F", "f_annihilation", "f_scattering")},
    )


def _table(columns: Callable[[np.ndarray], np.ndarray]) -> Gas:
    from scipy.interpolate import CubicSpline

    ln_y = np.linspace(*_LN_Y)
    spline = CubicSpline(ln_y, columns(np.exp(ln_y)), axis=0)
    return Gas(jnp.asarray(spline(ln_y)), jnp.asarray(spline(ln_y, 1)))


def _momenta(y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """p, weight * p^2, and E - y at T = 1 for each y: the double-exponential rule of `ideal_gas`, [n_y, 120]."""
    t = np.linspace(-3.2, 5.0, 120)
    p = np.exp(t - np.exp(-t)) * np.sqrt(1.0 + 0.5 * y[:, None])  # momenta of a heavy gas grow as sqrt(m)
    weight = p * (1.0 + np.exp(-t)) * (t[1] - t[0])
    return p, weight * p**2, p**2 / (np.sqrt(p**2 + y[:, None] ** 2) + y[:, None])


def _boson_columns(y: np.ndarray) -> np.ndarray:
    """rho, p, drho/dT of one state at T = 1, and y^2 K2(y), times exp(y)."""
    from scipy.special import kve

    p, measure, kinetic = _momenta(y)
    E = kinetic + y[:, None]
    occupation = np.exp(-kinetic) / (-np.expm1(-E))
    rho, pressure = measure * E * occupation, measure * p**2 / (3.0 * E) * occupation
    slope = measure * E**2 * occupation / (-np.expm1(-E))
    gas = np.stack([c.sum(1) for c in (rho, pressure, slope)], axis=1) / (2.0 * np.pi**2)
    return np.concatenate([gas, (y**2 * kve(2, y))[:, None]], axis=1)


def _electron_columns(y: np.ndarray, e2: float) -> np.ndarray:
    """rho, p, drho/dT of electrons and positrons, and P', P'', T P' - P of the
    electromagnetic pressure at T = 1, times exp(y).

    P = -e^2/(12 pi^2) T^2 J - e^2/(8 pi^4) J^2,  J = int dp p^2/E 2/(exp(E/T) + 1). [Escudero:2020dfa]
    """
    p, measure, kinetic = _momenta(y)
    E = kinetic + y[:, None]
    one = 1.0 + np.exp(-E)
    occupation = np.exp(-kinetic) / one
    rho, pressure = measure * E * occupation, measure * p**2 / (3.0 * E) * occupation
    slope = measure * E**2 * occupation / one
    gas = np.stack([c.sum(1) for c in (rho, pressure, slope)], axis=1) * 4.0 / (2.0 * np.pi**2)
    # with n = 1/(exp(E/T) + 1) at T = 1: dn/dT = E n (1-n), d2n/dT2 = E n (1-n) (E (1-2n) - 2)
    n_1 = occupation / one
    tanh = np.tanh(0.5 * E)
    J, dJ, d2J = (2.0 * (measure / E * f).sum(1) for f in (occupation, E * n_1, E * n_1 * (E * tanh - 2.0)))
    squared = np.exp(-y)  # each factor J carries exp(y); the product must carry it once
    dP = -e2 / (12.0 * np.pi**2) * (2.0 * J + dJ) - e2 / (4.0 * np.pi**4) * J * dJ * squared
    d2P = -e2 / (12.0 * np.pi**2) * (2.0 * J + 4.0 * dJ + d2J)
    d2P = d2P - e2 / (4.0 * np.pi**4) * (dJ**2 + J * d2J) * squared
    rho_P = dP + e2 / (12.0 * np.pi**2) * J + e2 / (8.0 * np.pi**4) * J**2 * squared
    return np.concatenate([gas, np.stack([dP, d2P, rho_P], axis=1)], axis=1)
