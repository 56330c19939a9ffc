"""Electrons and photons from annihilation, and with them f_eff of every final state, direct or through a mediator.

Decays of mu, pi+-, pi0 are in closed form: mu -> e nu nu with the Michel spectrum, of unpolarised muons or, from pions,
of fully polarised ones; every further step is an isotropic boost. What tau leptons, kaons and quarks leave has no
closed spectrum: for them f_eff is a range, the range of the share of the energy in electrons and photons times the
range of both efficiencies between 5 MeV and the energy of the parent. Where those shares come from, and what radiated
photons would add (3 % at 1 GeV): page "The early universe". [derived; f_eff: Slatyer:2015jla]
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import Scalar, gauss_legendre, safe_sqrt
from darkpenguin.cosmology.constants import read_constants
from darkpenguin.cosmology.late_time import Efficiency, load_efficiency
from darkpenguin.errors import UnknownName

Energies = Float[Array, " n"]

CLOSED = ("ee", "mumu", "pipi", "pi0pi0", "pi0gamma", "gammagamma", "neutrinos")
"""Final states with a closed spectrum; pipi is pi+ pi-."""
RANGES = {"tautau": "share_tau", "KK": "share_K", "K0K0": "share_K0", "jets": "share_jets", "hadrons": "share_hadrons"}
"""Final states that have a range only, with the constant that holds their share; jets: quarks or gluons."""

N_MICHEL, N_BOOST, N_RANGE = 6, 12, 32
_E_LOW = 5e-3  # GeV; below it lies less than 1 % of the energy of a pion's or muon's electrons


class Efficiencies(NamedTuple):
    """f_eff of electrons (a pair of equal energies) and of photons."""

    electrons: Efficiency
    photons: Efficiency


class Rays(NamedTuple):
    """Mean numbers of particles at total energies E [GeV]."""

    E: Energies
    number: Energies


class Products(NamedTuple):
    """What is left when all that is unstable has decayed: electrons of both charges, photons."""

    electrons: Rays
    photons: Rays


class Range(NamedTuple):
    """low = high where a spectrum is known."""

    low: Scalar
    high: Scalar


@functools.cache
def _masses() -> dict[str, float]:
    constants = read_constants()
    return {name: constants[f"m_{name}"].value for name in ("e", "mu", "pi", "pi0", "tau", "K", "K0")}


@functools.cache
def energy_shares() -> dict[str, tuple[float, float]]:
    """Lowest and highest share of the energy that electrons and photons take, for each of `RANGES`."""
    constants = read_constants()
    shares = {channel: constants[name] for channel, name in RANGES.items()}
    return {channel: (s.value - s.error, s.value + s.error) for channel, s in shares.items()}


def load_efficiencies() -> Efficiencies:
    """Both tables of `late_time`."""
    return Efficiencies(load_efficiency("electrons"), load_efficiency("photons"))


# --- decays at rest, of fixed masses: numpy


def muon_decay(polarisation: float = 0.0, boost: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Energies and mean numbers of the electron of a muon with E/m = boost; n = 6, or 36 where it moves.

    dN/(dx dcos) = x^2 [3 - 2 x + P cos (2 x - 1)], x = 2 E/m_mu, cos to the direction of flight, P the polarisation
    along it of a mu+ (the opposite of a mu-). The electron's mass is left out here. [PDG, muon decay parameters]
    """
    x, w = gauss_legendre(N_MICHEL)
    half = 0.5 * _masses()["mu"]
    if boost == 1.0:
        return half * x, w * 2.0 * x**2 * (3.0 - 2.0 * x)
    c, v = 2.0 * x[:, None] - 1.0, w[:, None]
    beta = (1.0 - boost**-2) ** 0.5
    number = 2.0 * w * v * x**2 * (3.0 - 2.0 * x + polarisation * c * (2.0 * x - 1.0))
    return (half * boost * x * (1.0 + beta * c)).ravel(), number.ravel()


def pion_decay(polarisation: float = -1.0) -> tuple[np.ndarray, np.ndarray]:
    """Of the electron of pi -> mu nu -> e nu nu nu, pion at rest: 6 energies that carry its first 12 moments.

    V - A: the mu+ is left-handed (-1), which takes 4 % of the electron's energy.
    """
    m = _masses()
    boost = (m["pi"] ** 2 + m["mu"] ** 2) / (2.0 * m["pi"] * m["mu"])
    return _compressed(*muon_decay(polarisation, boost), N_MICHEL)


def _compressed(x: np.ndarray, weight: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The Gauss rule of n points with the first 2 n moments of many points: Lanczos, then eigenvalues."""
    basis = [np.sqrt(weight / weight.sum())]
    diagonal, off = [], []
    for _ in range(n):
        v = x * basis[-1]
        diagonal.append(basis[-1] @ v)
        for q in basis * 2:  # orthogonal to all before, twice against rounding
            v = v - (q @ v) * q
        off.append(np.linalg.norm(v))
        basis.append(v / off[-1])
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off[:-1], 1) + np.diag(off[:-1], -1))
    return nodes, weight.sum() * vectors[0] ** 2


# --- boosts


def boosted(rays: Rays, gamma: Scalar, m: float = 0.0) -> Rays:
    """Emitted isotropically by a parent with E/M = gamma >= 1: E' = gamma E + sqrt(gamma^2 - 1) |p| cos."""
    c, w = gauss_legendre(N_BOOST)
    gamma = jnp.maximum(gamma, 1.0)
    along = safe_sqrt(gamma**2 - 1.0) * safe_sqrt(rays.E**2 - m**2)
    E = gamma * rays.E[:, None] + along[:, None] * (2.0 * jnp.asarray(c) - 1.0)
    return Rays(E.ravel(), (rays.number[:, None] * jnp.asarray(w)).ravel())


def _nothing() -> Rays:
    return Rays(jnp.zeros(0), jnp.zeros(0))


def _line(E: Scalar, number: float) -> Rays:
    return Rays(E[None], jnp.full(1, number))


def _times(number: float, rays: Rays) -> Rays:
    return Rays(rays.E, number * rays.number)


def final_state(channel: str, M: Scalar) -> Products:
    """Of a system of mass M [GeV] at rest, channel of `CLOSED`; below its threshold: that at it. Raises UnknownName."""
    m, none = _masses(), _nothing()
    M = jnp.maximum(M, _threshold(channel))
    match channel:
        case "ee":
            return Products(_line(M / 2.0, 2.0), none)
        case "mumu":
            return Products(_times(2.0, boosted(_rays(muon_decay()), M / (2.0 * m["mu"]), m["e"])), none)
        case "pipi":
            return Products(_times(2.0, boosted(_rays(pion_decay()), M / (2.0 * m["pi"]), m["e"])), none)
        case "pi0pi0":
            return Products(none, _times(2.0, _neutral_pion(M / 2.0)))
        case "pi0gamma":
            recoil = m["pi0"] ** 2 / (2.0 * M)
            pion, photon = _neutral_pion(M / 2.0 + recoil), _line(M / 2.0 - recoil, 1.0)
            return Products(none, Rays(*(jnp.concatenate(both) for both in zip(pion, photon, strict=True))))
        case "gammagamma":
            return Products(none, _line(M / 2.0, 2.0))
        case "neutrinos":
            return Products(none, none)
    raise UnknownName("final state with a spectrum", channel, CLOSED)


def _threshold(channel: str) -> float:
    m = _masses()
    both = {"ee": "e", "mumu": "mu", "tautau": "tau", "pipi": "pi", "pi0pi0": "pi0", "KK": "K", "K0K0": "K0"}
    if channel == "pi0gamma":
        return m["pi0"]
    return 2.0 * m[both[channel]] if channel in both else 0.0


def _rays(found: tuple[np.ndarray, np.ndarray]) -> Rays:
    return Rays(*map(jnp.asarray, found))


def _neutral_pion(E: Scalar) -> Rays:
    m = _masses()["pi0"]
    return boosted(_line(jnp.asarray(m / 2.0), 2.0), E / m)


# --- efficiencies


def deposited(products: Products, f: Efficiencies) -> Scalar:
    """Energy [GeV] that reaches the plasma: sum of number E f_eff(kinetic energy)."""
    m_e = _masses()["e"]
    kinetic = jnp.maximum(products.electrons.E - m_e, 1e-3 * m_e)
    of_electrons = products.electrons.number * products.electrons.E * f.electrons(kinetic)
    of_photons = products.photons.number * products.photons.E * f.photons(jnp.maximum(products.photons.E, 1e-9))
    return of_electrons.sum() + of_photons.sum()


def efficiency(channel: str, M: Scalar, E: Scalar, f: Efficiencies) -> Range:
    """f_eff of a system of mass M and energy E [GeV] that goes to `channel`, relative to its energy.

    Direct annihilation at rest: M = E = 2 m. Through a pair of mediators: M that of one, E = m. Raises UnknownName.
    """
    if channel in RANGES:
        return _range(channel, E, f)
    M = jnp.maximum(M, _threshold(channel))
    E = jnp.maximum(E, M)
    left = final_state(channel, M)
    moving = Products(boosted(left.electrons, E / M, _masses()["e"]), boosted(left.photons, E / M))
    share = deposited(moving, f) / E
    return Range(share, share)


def _range(channel: str, E: Scalar, f: Efficiencies) -> Range:
    low, high = energy_shares()[channel]
    top = jnp.maximum(E, 2.0 * _E_LOW)
    at = _E_LOW * (top / _E_LOW) ** jnp.linspace(0.0, 1.0, N_RANGE)
    both = jnp.concatenate([f.electrons(at), f.photons(at)])
    return Range(low * both.min(), high * both.max())


def mixed(shares: dict[str, Scalar], M: Scalar, E: Scalar, f: Efficiencies) -> Range:
    """f_eff of a system with these branching fractions; what they leave of 1 is invisible."""
    parts = [(share, efficiency(channel, M, E, f)) for channel, share in shares.items()]
    zero = jnp.zeros(())
    return Range(sum((s * r.low for s, r in parts), zero), sum((s * r.high for s, r in parts), zero))
