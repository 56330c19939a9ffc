"""Electrons and photons of annihilation: decay chains by Monte Carlo, numbers of hazma, ranges, thresholds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology import cmb_channels as cmb
from darkpenguin.cosmology.cmb_channels import Efficiencies, Products, Rays
from darkpenguin.cosmology.constants import read_constants
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.errors import UnknownName

M_E, M_MU, M_PI, M_PI0 = 0.51099895e-3, 0.1056583755, 0.13957039, 0.1349768
N_EVENT = 200_000


@pytest.fixture(scope="module")
def f() -> Efficiencies:
    return cmb.load_efficiencies()


def rays(found: tuple[np.ndarray, np.ndarray]) -> Rays:
    return Rays(*map(jnp.asarray, found))


# --- Monte Carlo: four-vectors [n, 4] ---------------------------------------------------------------------------------


def directions(rng: np.random.Generator, n: int) -> np.ndarray:
    c, phi = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
    s = np.sqrt(1 - c**2)
    return np.stack([s * np.cos(phi), s * np.sin(phi), c], axis=1)


def boost(p: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """From the rest frame of the parent to the frame where it has this four-momentum."""
    m = np.sqrt(parent[:, 0] ** 2 - (parent[:, 1:] ** 2).sum(1))
    along = (p[:, 1:] * parent[:, 1:]).sum(1)
    E = (parent[:, 0] * p[:, 0] + along) / m
    factor = (p[:, 0] + E) / (parent[:, 0] + m)
    return np.concatenate([E[:, None], p[:, 1:] + factor[:, None] * parent[:, 1:]], axis=1)


def pair(rng: np.random.Generator, parent: np.ndarray, m_1: float, m_2: float) -> tuple[np.ndarray, np.ndarray]:
    """Isotropic two-body decay."""
    M = np.sqrt(parent[:, 0] ** 2 - (parent[:, 1:] ** 2).sum(1))
    E_1 = (M**2 + m_1**2 - m_2**2) / (2 * M)
    k = np.sqrt(np.maximum(E_1**2 - m_1**2, 0))[:, None] * directions(rng, len(parent))
    first, second = np.column_stack([E_1, k]), np.column_stack([M - E_1, -k])
    return boost(first, parent), boost(second, parent)


def three_massless(rng: np.random.Generator, M: float, n: int) -> list[np.ndarray]:
    """Flat phase space: energies flat in the Dalitz triangle, a random orientation."""
    u = np.sort(rng.uniform(0, 1, (n, 2)), axis=1)
    x = 1 - np.stack([u[:, 0], u[:, 1] - u[:, 0], 1 - u[:, 1]], axis=1)  # 2 E/M
    n_1 = directions(rng, n)
    other = np.cross(n_1, directions(rng, n))
    other /= np.linalg.norm(other, axis=1)[:, None]
    c = (x[:, 2] ** 2 - x[:, 0] ** 2 - x[:, 1] ** 2) / (2 * x[:, 0] * x[:, 1])
    n_2 = c[:, None] * n_1 + np.sqrt(np.maximum(1 - c**2, 0))[:, None] * other
    p_1, p_2 = x[:, :1] * n_1, x[:, 1:2] * n_2
    vectors = (p_1, p_2, -p_1 - p_2)
    return [0.5 * M * np.column_stack([x[:, i], v]) for i, v in enumerate(vectors)]


def electrons_of_muons(rng: np.random.Generator, muon: np.ndarray, spin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positrons of mu+ with this spin (in their rest frames, any length up to 1): energies and weights.

    sum |M|^2 ~ (p_e . p_numubar) (p_nue . (p_mu + m s)).
    """
    e, nu_mu, nu_e = three_massless(rng, M_MU, len(muon))
    first = e[:, 0] * nu_mu[:, 0] - (e[:, 1:] * nu_mu[:, 1:]).sum(1)
    weight = first * (nu_e[:, 0] - (spin * nu_e[:, 1:]).sum(1))
    return boost(e, muon)[:, 0], weight / weight.mean()


def electrons_of_pions(rng: np.random.Generator, pion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of pi+ -> mu+ nu: the neutrino is left-handed and so is, back to back, the mu+."""
    n = len(pion)
    at_rest = np.tile([M_PI, 0.0, 0.0, 0.0], (n, 1))
    muon, _ = pair(rng, at_rest, M_MU, 0.0)
    k = muon[:, 1:]
    e, nu_mu, nu_e = three_massless(rng, M_MU, n)
    spin = -k / np.linalg.norm(k, axis=1)[:, None]
    first = e[:, 0] * nu_mu[:, 0] - (e[:, 1:] * nu_mu[:, 1:]).sum(1)
    weight = first * (nu_e[:, 0] - (spin * nu_e[:, 1:]).sum(1))
    return boost(boost(e, muon), pion)[:, 0], weight / weight.mean()


def test_shares_of_the_energy() -> None:
    """Known by hand: a muon leaves 7/20 of its energy to the electron, at any speed; pi0 all."""
    for gamma in (1.0, 3.0, 100.0):
        e = cmb.boosted(rays(cmb.muon_decay()), jnp.asarray(gamma), M_E)
        assert float(e.number.sum()) == pytest.approx(1.0, rel=1e-12)
        # the boost of an electron with its mass against the Michel spectrum without: (m_e/m_mu)^2
        assert float((e.E * e.number).sum()) == pytest.approx(0.35 * gamma * M_MU, rel=1e-6)
    photons = cmb.final_state("pi0pi0", jnp.asarray(3.0)).photons
    assert float((photons.E * photons.number).sum()) == pytest.approx(3.0, rel=1e-12)
    assert float(photons.number.sum()) == pytest.approx(4.0, rel=1e-12)
    mixed = cmb.final_state("pi0gamma", jnp.asarray(0.4)).photons
    assert float((mixed.E * mixed.number).sum()) == pytest.approx(0.4, rel=1e-12)
    assert float(mixed.number.sum()) == pytest.approx(3.0, rel=1e-12)


def test_pion_at_rest() -> None:
    """Polarised muon: mean energy of the electron m_mu/2 gamma (7/10 - beta/10), from int x^3 (2 x - 1) = 3/20."""
    E, number = cmb.pion_decay()
    gamma = (M_PI**2 + M_MU**2) / (2 * M_PI * M_MU)
    beta = (1 - gamma**-2) ** 0.5
    assert number.sum() == pytest.approx(1.0, rel=1e-12)
    assert (E * number).sum() == pytest.approx(0.5 * M_MU * gamma * (0.7 - 0.1 * beta), rel=1e-12)
    # twelve moments of the 36 points behind
    x, w = cmb.muon_decay(-1.0, gamma)
    for power in range(12):
        assert (number * E**power).sum() == pytest.approx((w * x**power).sum(), rel=1e-11)
    rng = np.random.default_rng(1)
    at_rest = np.tile([M_PI, 0.0, 0.0, 0.0], (N_EVENT, 1))
    e, weight = electrons_of_pions(rng, at_rest)
    for power in (1, 2, 3):
        terms = weight * e**power
        assert (number * E**power).sum() == pytest.approx(terms.mean(), abs=5 * terms.std() / N_EVENT**0.5)


Chain = Callable[[np.random.Generator, np.ndarray], tuple[np.ndarray, np.ndarray]]


def muons(rng: np.random.Generator, parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, _ = pair(rng, parent, M_MU, M_MU)
    return electrons_of_muons(rng, first, np.zeros((len(first), 3)))


def charged_pions(rng: np.random.Generator, parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return electrons_of_pions(rng, pair(rng, parent, M_PI, M_PI)[0])


def electrons(rng: np.random.Generator, parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return pair(rng, parent, M_E, M_E)[0][:, 0], np.ones(len(parent))


def neutral_pions(rng: np.random.Generator, parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    photon = pair(rng, pair(rng, parent, M_PI0, M_PI0)[0], 0.0, 0.0)[0]
    return photon[:, 0], np.full(len(photon), 2.0)


@pytest.mark.parametrize(
    ("channel", "chain"),
    [("ee", electrons), ("mumu", muons), ("pipi", charged_pions), ("pi0pi0", neutral_pions)],
)
def test_cascades_against_monte_carlo(channel: str, chain: Chain, f: Efficiencies) -> None:
    """Energy and f_eff of a mediator of 0.4 GeV, at rest and with 1.5 GeV, event by event with four-vectors."""
    rng, M = np.random.default_rng(2), 0.4
    found = jax.jit(lambda E: cmb.efficiency(channel, jnp.asarray(M), E, f).low)
    for E in (M, 1.5):
        direction = directions(rng, N_EVENT) * (E**2 - M**2) ** 0.5
        energy, weight = chain(rng, np.column_stack([np.full(N_EVENT, E), direction]))
        table, m = (f.photons, 0.0) if channel == "pi0pi0" else (f.electrons, M_E)
        terms = 2.0 * weight * energy * np.asarray(table(jnp.asarray(np.maximum(energy - m, 1e-6)))) / E
        # 5 sigma, and 1e-3 for 6 and 12 nodes of a table with kinks
        tolerance = 5 * terms.std() / N_EVENT**0.5 + 1e-3 * terms.mean()
        assert float(found(jnp.asarray(E))) == pytest.approx(terms.mean(), abs=tolerance)


def test_against_hazma(f: Efficiencies) -> None:
    """hazma 2 (LoganAMorrison/Hazma): int E f(E) dN/dE / E_0 with its positron spectra and these tables, one particle.

    It keeps the mass of the electron in the Michel spectrum, (m_e/m_mu) ln: 1e-3, and takes muons of pions unpolarised.
    """
    rows = (
        (M_MU, cmb.muon_decay(), {0.2: 0.311108, 1.0: 0.187467, 10.0: 0.209250}),
        (M_PI, cmb.pion_decay(0.0), {0.2: 0.255396, 1.0: 0.160893, 10.0: 0.159622}),
    )
    for m, at_rest, expected in rows:
        for E, value in expected.items():
            moving = cmb.boosted(rays(at_rest), jnp.asarray(E / m), M_E)
            nothing = Rays(jnp.zeros(0), jnp.zeros(0))
            assert float(cmb.deposited(Products(moving, nothing), f)) / E == pytest.approx(value, rel=1.5e-3)


def test_little_lies_below_the_range(f: Efficiencies) -> None:
    """The ranges look at 5 MeV and more: what pions and muons leave below is under 1 % of the energy."""
    for at_rest in (cmb.muon_decay(), cmb.pion_decay()):
        for gamma in (1.0, 2.0, 10.0, 1000.0):
            e = cmb.boosted(cmb.boosted(rays(at_rest), jnp.asarray(2.0), M_E), jnp.asarray(gamma), M_E)
            energy = np.asarray(e.E * e.number)
            assert energy[np.asarray(e.E) < 5e-3].sum() < 0.01 * energy.sum()


# --- ranges -----------------------------------------------------------------------------------------------------------

ELECTRON, MUON, PION = 1.0, 0.35, 0.2646
"""Shares of a fast electron, muon, charged pion (test_pion_at_rest)."""


def test_share_of_tau() -> None:
    """PDG 2022 branching fractions; hadrons by their mass, (1 + m^2/m_tau^2)/2 of the energy, pions alike in it."""

    def hadrons(m: float, share: float) -> float:
        return 0.5 * (1 + m**2 / 1.77686**2) * share

    modes = (
        (0.1782, 0.35 * ELECTRON),
        (0.1739, 0.35 * MUON),
        (0.1082, hadrons(M_PI, PION)),
        (0.2549, hadrons(0.775, (1 + PION) / 2)),
        (0.0926, hadrons(1.2, (2 + PION) / 3)),
        (0.0902, hadrons(1.2, PION)),
        (0.0449, hadrons(1.3, (1 + 3 * PION) / 4)),
        (0.0104, hadrons(1.3, (3 + PION) / 4)),
        (0.0292, hadrons(0.9, 0.4)),  # kaons
    )
    assert sum(b for b, _ in modes) == pytest.approx(1.0, abs=0.02)
    share = sum(b * x for b, x in modes)
    low, high = cmb.energy_shares()["tautau"]
    assert low < 0.93 * share < 1.07 * share < high


def test_shares_of_kaons() -> None:
    """PDG 2022 branching fractions; in three-body decays every body between 0.7 and 1.3 of a third of the energy."""
    # K -> mu nu: a left-handed mu+ of velocity beta leaves 7/20 - beta/20
    E_mu = 0.5 * (1 + M_MU**2 / 0.493677**2)
    beta = (1 - (M_MU / 0.493677 / E_mu) ** 2) ** 0.5
    leptonic, two_pions = E_mu * (0.35 - 0.05 * beta), 0.5 * (1 + PION)
    third = {"low": 0.7 / 3, "high": 1.3 / 3}
    bounds = {}
    for end, t in third.items():
        e3, mu3 = t * (1 + ELECTRON), t * (1 + MUON)
        bounds["KK", end] = (
            0.6356 * leptonic
            + 0.2067 * two_pions
            + 0.0558 * PION
            + 0.0507 * e3
            + 0.0335 * mu3
            + 0.0176 * (2 + PION) / 3
        )
        short = 0.692 * PION + 0.307
        long = 0.4055 * t * (ELECTRON + PION) + 0.2704 * t * (MUON + PION) + 0.1952 + 0.1254 * (1 + 2 * PION) / 3
        bounds["K0K0", end] = 0.5 * (short + long)
    for channel in ("KK", "K0K0"):
        low, high = cmb.energy_shares()[channel]
        assert low < bounds[channel, "low"] < bounds[channel, "high"] < high


def test_shares_of_hadrons() -> None:
    """Isospin 0: a third neutral; with 25 % baryons and without, and 10 % more for eta and kaons."""
    jets = (1 + 2 * PION) / 3
    low, high = cmb.energy_shares()["jets"]
    assert low < 0.75 * jets < 1.05 * jets < high
    low, high = cmb.energy_shares()["hadrons"]
    assert low < 0.95 * PION
    assert high == 1.0


def test_ranges_hold_what_is_known(f: Efficiencies) -> None:
    """Pions in any mixture lie inside "hadrons"; a sixth of neutral ones more or less inside "jets"."""
    M = jnp.asarray(0.8)
    for E in (0.8, 5.0, 100.0):
        charged, neutral = (float(cmb.efficiency(c, M, jnp.asarray(E), f).low) for c in ("pipi", "pi0pi0"))
        any_hadrons, jets = (cmb.efficiency(c, M, jnp.asarray(E), f) for c in ("hadrons", "jets"))
        assert float(any_hadrons.low) < charged < neutral < float(any_hadrons.high)
        assert float(jets.low) < (2 * charged + neutral) / 3 < float(jets.high)
    shares = {"pipi": jnp.asarray(2 / 3), "tautau": jnp.asarray(1 / 3)}
    total = cmb.mixed(shares, M, M, f)
    parts = [cmb.efficiency(c, M, M, f) for c in shares]
    assert float(total.low) == pytest.approx(float(2 * parts[0].low + parts[1].low) / 3)
    assert float(total.high) == pytest.approx(float(2 * parts[0].high + parts[1].high) / 3)


@pytest.mark.parametrize("channel", [*cmb.CLOSED, *cmb.RANGES])
def test_gradients_at_thresholds(channel: str, f: Efficiencies) -> None:
    """At, below and just above every threshold, at rest and moving: finite, between 0 and 1."""
    at = np.array([1e-4, 2 * M_E, 2 * M_MU, 2 * M_PI, 2 * M_PI0, M_PI0, 0.987354, 3.55372])
    M = jnp.asarray(np.concatenate([at, at * (1 + 1e-12), at * 1.01]))
    run = jax.jit(jax.vmap(jax.value_and_grad(lambda M, E: cmb.efficiency(channel, M, E, f).high, argnums=(0, 1))))
    for E in (M, 2.0 * M, 0.5 * M):
        value, slopes = run(M, E)
        assert np.all((np.asarray(value) >= 0) & (np.asarray(value) <= 1.0))
        assert all(np.isfinite(s).all() for s in slopes)


def test_slopes(f: Efficiencies) -> None:
    """d f/d E of a cascade against differences."""
    function = jax.jit(lambda E: cmb.efficiency("mumu", jnp.asarray(0.4), E, f).low)
    slope = float(jax.jit(jax.grad(function))(1.5))
    assert slope == pytest.approx((float(function(1.5 + 1e-6)) - float(function(1.5 - 1e-6))) / 2e-6, rel=1e-5)


def test_unknown() -> None:
    with pytest.raises(UnknownName):
        cmb.final_state("mumumu", jnp.ones(()))


def test_masses_are_those_of_the_decays() -> None:
    """Two packages that may not import each other hold the masses of mu and tau: one value, PDG 2022."""
    here, there = read_constants(), light_state_constants()
    assert here["m_mu"].value == pytest.approx(there.m_mu, rel=1e-12)
    assert here["m_tau"].value == pytest.approx(there.m_tau, rel=1e-12)
