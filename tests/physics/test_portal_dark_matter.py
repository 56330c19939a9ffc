"""Dark matter of the two portal models: reference rows of arXiv:2502.04900, limits of formulas, gradients, batches."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import kve

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.analysis import Analysis
from darkpenguin.core.dark import Dark
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.model import build
from darkpenguin.cosmology import relic_status
from darkpenguin.cosmology.freeze_out import freeze_out
from darkpenguin.cosmology.late_time import load_efficiency
from darkpenguin.cosmology.neff import PlasmaBoson, n_eff
from darkpenguin.cosmology.self_interaction import yukawa_born
from darkpenguin.cosmology.thermal_average import thermal_average
from darkpenguin.cosmology.thermal_bath import load_bath
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.dark_pairs import dark_higgs_to_psi, dark_higgs_to_X, sigma_X_X
from darkpenguin.decays.dark_photon import VectorMixing, width_fermions, width_psi
from darkpenguin.models import alp_portal_dark, dark_photon_dark
from darkpenguin.models.alp_portal import AlpPortal, AlpPortalMajorana
from darkpenguin.models.common_dark import default_bath, neutrino_plasma
from darkpenguin.models.dark_photon_portal import DarkPhotonPortal

K = light_state_constants()
# m_X, alpha_X, m_DM, m_phi, eps, eps_Z : scattered over everything a card allows, then absurd ones
DARK_PHOTON = ("m_X", "alpha_X", "m_DM", "m_phi", "eps", "eps_Z")
PAPER = {"m_X": 2.0, "alpha_X": 3.22e-4, "m_DM": 0.5, "m_phi": 4e-3, "eps": 10**-4.3, "eps_Z": 0.5484 * 10**-4.3}
ABSURD: dict[str, dict[str, float]] = {
    "no coupling": {"alpha_X": 0.0, "eps": 0.0, "eps_Z": 0.0},
    "massless": {"m_DM": 0.0},
    "strong": {"alpha_X": 2.0},
    "X phi": {"m_DM": 1.5},
    "phi heavier": {"m_phi": 10.0, "eps": 0.0, "eps_Z": 0.0},
    "near X": {"m_DM": 0.85, "eps": 1e-2},
    "resonance": {"m_DM": 1.0, "eps": 1e-2},
    "heavy": {"m_DM": 1e3, "alpha_X": 1e-8},
}
SCATTERED = 1000


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs().at()


def _points() -> np.ndarray:
    rng = np.random.default_rng(5)
    low, high = np.array([0.1, 1e-6, 1e-3, 1.1e-3, 1e-8, 1e-8]), np.array([5.0, 1.0, 10.0, 1.0, 1e-1, 1e-1])
    scattered = low * (high / low) ** rng.random((SCATTERED, 6))
    odd = [[(PAPER | change)[name] for name in DARK_PHOTON] for change in ABSURD.values()]
    return np.concatenate([[[PAPER[name] for name in DARK_PHOTON]], odd, scattered])


def dark_photon(p: jax.Array) -> Dark:
    m_X, alpha_X, m_DM, m_phi, eps, eps_Z = p
    return dark_photon_dark.dark_matter(VectorMixing(eps, eps_Z), alpha_X, m_X, m_DM, m_phi, jnp.array(1.3e-4), K)


@pytest.fixture(scope="module")
def batch() -> Dark:
    """The published point, the absurd ones, a thousand more: one program."""
    return jax.jit(jax.vmap(dark_photon))(jnp.asarray(_points()))


def test_a_thousand_points(batch: Dark) -> None:
    for field in jax.tree.leaves(batch):
        assert np.isfinite(field).all()
        assert (np.asarray(field) >= 0.0).all()
    status = np.asarray(batch.relic_status)
    named = dict(zip(ABSURD, status[1 : 1 + len(ABSURD)].tolist(), strict=True))
    for name in ("near X", "X phi", "resonance"):
        assert status[0] == named[name] == relic_status.GOOD
    assert named["strong"] == relic_status.NOT_PERTURBATIVE
    for name in ("no coupling", "massless", "phi heavier"):
        assert named[name] not in (relic_status.GOOD, relic_status.NOT_PERTURBATIVE), name
    assert set(status.tolist()) <= set(relic_status.STATUS)
    # of the scattered points half are thermal relics with small couplings
    assert 0.2 < np.mean(status[-SCATTERED:] == relic_status.GOOD) < 0.8


def test_dark_higgs_and_neutrinos() -> None:
    """r of 4 MeV at sin(theta) = 1.3e-4 with the formulas of arXiv:2502.04900 and of radiation, g = 10.7 at 2 MeV.

    A phi that mixes much more or much less counts as a whole state or not at all.
    """
    m, m_e, v, T = 4e-3, 0.51099895e-3, 246.22, 2e-3
    width = (1.3e-4 * m_e / v) ** 2 * m / (8 * np.pi) * (1 - 4 * m_e**2 / m**2) ** 1.5
    H = 1.6602 * 10.7**0.5 * T**2 / 1.22089e19
    r = width * kve(1, m / T) / kve(2, m / T) / H
    share = float(dark_photon_dark.share_in_plasma(jnp.asarray(m), jnp.asarray(width)))
    # g of the plasma is good to 1 % here, so r to half of that
    assert -np.log1p(-share) == pytest.approx(r, rel=0.01)
    number = jax.jit(jax.vmap(lambda s: dark_photon_dark.neutrino_number(jnp.asarray(m), s**2 * width / 1.3e-4**2)))
    none, some, all_ = number(jnp.asarray([0.0, 1.3e-4, 1e-2])).tolist()
    assert none == pytest.approx(3.0495375, abs=2e-6)  # Standard Model of tests/physics/test_neff.py
    whole = jax.jit(lambda: n_eff(PlasmaBoson(jnp.asarray(m)), neutrino_plasma()).n_eff)()
    assert all_ == pytest.approx(float(whole), abs=1e-9)
    assert all_ < some < none


def test_published_point(batch: Dark) -> None:
    """alpha_X of 3.22e-4 gives 0.12 at m_DM = 0.5, m_X = 2, m_phi = 4e-3 with the 2018 plasma; that of 2020 differs by
    up to 4 % in the number of states.
    """
    assert float(batch.omega_h2[0]) == pytest.approx(0.12, rel=0.04)
    # limits and detectors: all far below any bound, as the paper says
    assert float(batch.cmb_ratio[0]) < 1e-4
    assert float(batch.sigma_SI[0]) < 1e-48
    assert float(batch.sigma_e[0]) < 1e-52
    # own table of partial waves: 0.0148 cm^2/g for alpha_X = 3.2e-4 (two digits of it)
    assert float(batch.self_scattering[0]) == pytest.approx(0.0148 * (3.22 / 3.2) ** 2, rel=0.01)
    # phi of 4 MeV with sin(theta) = 1.3e-4 lives longest: 0.063 s, two digits; the paper prints 0.1 s
    assert float(batch.mediator_lifetime[0]) == pytest.approx(0.063, rel=0.01)


@pytest.mark.parametrize("m_a", [0.3, 2.0, 5.2])
def test_production_from_few_temperatures(m_a: float) -> None:
    """Chebyshev interpolation against the integrals themselves; 1e-7 as stated, twice that at most between nodes."""
    T = jnp.geomspace(K.m_b / 59.0, 1000.0, 60)
    found = alp_portal_dark.smooth_scatterings(jnp.array(m_a), T, K)
    for density, smooth in zip(
        (alp_portal_dark.annihilation_density, alp_portal_dark.compton_density), found, strict=True
    ):
        np.testing.assert_allclose(smooth, density(jnp.array(m_a), T, K), rtol=2e-7)


def test_lifetime_of_X_alone() -> None:
    """Where phi decays at once, 1/Gamma(X -> psi psi) = 6 (4/3)^(3/2)/(alpha_X m_X): nearly all of the width."""
    X = VectorMixing(jnp.array(1e-6), jnp.zeros(()))
    found = dark_photon_dark.longest_lifetime(X, *map(jnp.array, (3.22e-9, 2.0, 0.5, 4.5, 1.0)), K)
    assert float(found) == pytest.approx(units.from_gev(6.0 / (3.22e-9 * 2.0 * 0.75**1.5), "s"), rel=1e-2)


def test_relic_couplings() -> None:
    """alpha_X with Omega h^2 = 0.12 from an independent solution, all channels, up to m_phi = m_DM; 2018 plasma.

    Five digits of alpha_X, which enters squared, and the table of the plasma: 2e-4.
    """
    plasma = load_bath("saikawa-shirai-2018")
    rows = ((0.1, 0.004, 0.0015281), (0.8, 0.004, 0.00019802), (0.1, 0.097, 0.0017903), (0.8, 0.8, 0.00026291))
    m, m_phi, alpha = map(jnp.asarray, zip(*rows, strict=True))

    def omega(alpha: jax.Array, m: jax.Array, m_phi: jax.Array) -> jax.Array:
        return freeze_out(dark_photon_dark.dark_sector(alpha, jnp.array(2.0), m, m_phi, jnp.zeros(())), plasma).omega_h2

    np.testing.assert_allclose(jax.jit(jax.vmap(omega))(alpha, m, m_phi), 0.12, rtol=2e-4)


def test_through_X() -> None:
    """On the peak, unitarity: sigma = 2 x (3/4) x 4 pi/p^2 x BR_in BR_out, the 2 for identical particles."""
    alpha, m_X, m, width = 1e-3, 2.0, 0.5, 1e-6
    beta = (1.0 - 4.0 * m**2 / m_X**2) ** 0.5
    into = alpha * m_X / 6.0 * beta**3
    total = into + width
    peak = dark_photon_dark.sigma_through_X(*map(jnp.asarray, (m_X**2, alpha, m_X, m, width))) / (m_X * total) ** 2
    p2 = m_X**2 * beta**2 / 4.0
    assert float(peak) == pytest.approx(6.0 * np.pi / p2 * into * width / total**2, rel=1e-12)


def test_late_annihilation() -> None:
    """Kinetic mixing below the pion threshold: electrons alone, 2 pi alpha_X v^2 sqrt(s) Gamma_ee(sqrt s)/m_X^4."""
    eps, m = jnp.array(1e-3), jnp.array(0.05)
    mixing = VectorMixing(eps, jnp.zeros(()))
    found = dark_photon_dark.sigma_v_late(mixing, jnp.array(1e-3), jnp.array(2.0), m, K)
    to_e = float(width_fermions(K.e * eps, 0.0, 2.0 * m, K.m_e))
    expected = 2.0 * np.pi * 1e-3 * 1e-8 * 0.1 * to_e / (0.1**2 - 4.0) ** 2
    assert float(found[0]) == pytest.approx(expected, rel=1e-4)  # the width of X
    assert found[1:].tolist() == [0.0, 0.0, 0.0]


def test_energy_at_recombination() -> None:
    """Below the muons all of it goes to electrons: of m_psi each through X, in a box through phi."""
    alpha, m_X, m, m_phi = (jnp.array(x) for x in (1e-3, 2.0, 0.05, 0.03))
    mixing = VectorMixing(jnp.array(1e-2), jnp.zeros(()))
    found = float(dark_photon_dark.recombination_ratio(mixing, alpha, m_X, m, m_phi, K))
    f = load_efficiency("electrons")
    gamma = float(m / m_phi)
    box = 0.5 * 0.03 * (gamma + (gamma**2 - 1.0) ** 0.5 * np.linspace(-1.0, 1.0, 20001))
    of_phi = np.trapezoid(box * np.asarray(f(jnp.asarray(box) - K.m_e)), np.linspace(0.0, 1.0, 20001)) / (0.5 * 0.05)
    direct = float(dark_photon_dark.sigma_v_late(mixing, alpha, m_X, m, K)[0]) * float(f(m - K.m_e))
    cascade = float(dark_photon_dark.sigma_v_late_dark(alpha, m_X, m, m_phi)[0]) * of_phi
    limit = 3.2e-28 / 1.167330e-17  # cm^3/s/GeV
    # 12 points of the box against 20001; the electron's mass in the box
    assert found == pytest.approx((direct + cascade) / limit / 0.05, rel=3e-3)


def test_heavy_pairs_in_the_average() -> None:
    """X X through a narrow phi, whose pole the library takes in the complex plane, against plain quadrature."""
    alpha, m_X, m, m_phi, x = 3e-4, 2.0, 1.9, 4.4, 20.0
    sector = dark_photon_dark.dark_sector(*map(jnp.asarray, (alpha, m_X, m, m_phi, 1e-9)))
    found = jax.jit(lambda: thermal_average(sector.groups, sector.mass).channels(jnp.asarray([x])))()[:, 0]
    width = sum(
        float(f(*map(jnp.asarray, args)))
        for f, args in ((dark_higgs_to_X, (alpha, m_X, m_phi)), (dark_higgs_to_psi, (alpha, m_X, m, m_phi)))
    )
    assert 1e-5 < width / m_phi < 1e-2
    pole = m_phi / (2 * m)
    away = width / m * np.exp(np.arange(-3.0, 12.0, 0.5))
    edges = np.concatenate([m_X / m + np.geomspace(1e-12, 4.0, 60), pole + away, pole - away, [m_X / m, pole]])
    edges = np.unique(edges[(edges >= m_X / m) & (edges <= m_X / m + 4.0)])
    t, w = np.polynomial.legendre.leggauss(16)
    y = (0.5 * (edges[1:] + edges[:-1])[:, None] + 0.5 * np.diff(edges)[:, None] * t).ravel()
    s = jnp.asarray(4 * m**2 * y**2)
    real, off = s - m_phi**2, m_phi * width
    D2 = real**2 + off**2
    sigma = np.asarray(sigma_X_X(s, real / D2, 1.0 / D2, *map(jnp.asarray, (alpha, m_X, m))))
    kernel = y**2 * (y**2 - 1) * kve(1, 2 * x * y) * np.exp(-2 * x * (y - 1)) * 8 * x / kve(2, x) ** 2
    expected = (0.5 * np.diff(edges)[:, None] * w).ravel() @ (sigma * kernel)
    assert float(found[2]) == pytest.approx(expected, rel=1e-6)


def test_X_that_comes_back() -> None:
    """Light psi: X goes to psi psi nearly always, and psi psi -> X phi is then no annihilation: X phi counts with the
    rest, X X with its square."""
    alpha, m_X, m, m_phi = map(jnp.asarray, (1e-3, 2.0, 0.9, 0.05))

    @jax.jit
    @jax.vmap
    def channels(width: jax.Array) -> jax.Array:
        sector = dark_photon_dark.dark_sector(alpha, m_X, m, m_phi, width)
        return thermal_average(sector.groups, m).channels(jnp.asarray([20.0]))[:, 0]

    to_psi = float(width_psi(alpha, m_X, m))
    none, as_much, all_of_it = np.asarray(channels(to_psi * jnp.asarray([0.0, 1.0, 1e6])))
    assert none[1] == none[2] == 0.0
    assert as_much[1] == pytest.approx(0.5 * all_of_it[1], rel=1e-5)
    assert as_much[2] == pytest.approx(0.25 * all_of_it[2], rel=1e-5)


def test_s_wave_at_recombination() -> None:
    """Open at rest: sigma v of X X alone, by hand (test_dark_pairs), all of it to e+ e- of a boosted X."""
    alpha, m_X, m, m_phi = map(jnp.asarray, (1e-3, 0.02, 0.05, 0.2))
    mixing = VectorMixing(jnp.array(1e-6), jnp.zeros(()))
    found = dark_photon_dark.recombination_ratio(mixing, alpha, m_X, m, m_phi, K)
    assert dark_photon_dark.sigma_v_late_dark(alpha, m_X, m, m_phi)[:2].tolist() == [0.0, 0.0]
    k = (0.05**2 - 0.02**2) ** 0.5
    sigma_v = 4 * np.pi * 1e-6 * k**3 / (0.05 * (2 * 0.05**2 - 0.02**2) ** 2)
    box = 0.5 * (0.05 + k * np.linspace(-1.0, 1.0, 20001))
    f = np.mean(box * np.asarray(load_efficiency("electrons")(jnp.asarray(box) - K.m_e))) / 0.025
    assert float(found) == pytest.approx(sigma_v * f / (3.2e-28 / 1.167330e-17) / 0.05, rel=3e-3)
    assert float(found) > 1e4


def test_slopes_at_thresholds() -> None:
    """Averages and their derivatives are finite exactly at 2 m = m_X, m_X + m_phi, 2 m_X; m_phi = 2 m_X, 2 m."""
    rows = [[1.0, 0.1], [1.05, 0.1], [2.0, 0.1], [3.0, 4.0], [3.0, 6.0], [0.9, 1.8], [1.0, 2.0**1.5]]

    def channels(p: jax.Array) -> jax.Array:
        m, m_phi, m_X, alpha, width = p
        sector = dark_photon_dark.dark_sector(alpha, m_X, m, m_phi, width)
        return thermal_average(sector.groups, m).channels(jnp.asarray([20.0]))[:, 0]

    points = jnp.asarray([[*row, 2.0, alpha, width] for row in rows for alpha, width in ((1e-3, 1e-8), (0.0, 0.0))])
    values, slopes = jax.jit(jax.vmap(lambda p: (channels(p), jax.jacfwd(channels)(p))))(points)
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()


def test_dark_higgs_shares() -> None:
    for m_phi in (0.05, 0.25, 0.5, 1.2, 3.0, 6.0):
        assert float(sum(dark_photon_dark.dark_higgs_shares(jnp.array(m_phi)).values())) == pytest.approx(1.0)


def test_detectors() -> None:
    """Kinetic mixing, X on protons alone: sigma_SI = sigma_Xe/A^2 (mu_N/mu_A)^2, row O59 for a nucleus so heavy that
    sigma_Xe = 1.76e-45 cm^2; sigma_e of row O60 less the 1.7 % of 0.1 GeV."""
    mixing = VectorMixing(jnp.array(10**-4.3), jnp.zeros(()))
    args = (mixing, jnp.array(0.01), jnp.array(2.0), jnp.array(0.1), K)
    assert float(dark_photon_dark.sigma_e(*args)) == pytest.approx(4.72958868429e-53 * 0.983, rel=2e-3)
    m, M, m_N = 0.1, 131 * 0.93149, 0.938272
    # eq. (52) at finite M over its limit for M -> infinity
    finite = M**2 * (M**2 + 2 * M * m + 3 * m**2) / (M + m) ** 4
    mu = (m * m_N / (m + m_N)) / (m * M / (m + M))
    expected = 1.7605551042e-45 * finite / 131**2 * mu**2
    assert float(dark_photon_dark.sigma_SI(*args)) == pytest.approx(expected, rel=1e-4)


def test_self_scattering_far_out() -> None:
    """Weak and short-ranged: Born. Too fast for the partial waves: the number of a smaller velocity, finite."""
    weak = dark_photon_dark.self_scattering(*map(jnp.asarray, (1e-6, 2.0, 0.1, 0.1)))
    alpha = 4.0 * 1e-6 * (0.1 / 2.0) ** 2  # lambda^2/(4 pi), lambda = 2 g m/m_X
    born = units.from_gev(float(yukawa_born(alpha, jnp.array(0.1), jnp.array(0.1))), "cm^2/g")
    vector = units.from_gev(32.0 * np.pi * 1e-12 * 0.1 / 2.0**4, "cm^2/g")
    assert float(weak) == pytest.approx(born + vector, rel=2e-3)
    assert np.isfinite(dark_photon_dark.self_scattering(*map(jnp.asarray, (10.0, 0.02, 1e3, 1.1e-3))))


@pytest.fixture(scope="module")
def template(inputs: Inputs) -> AlpPortal:
    """The benchmark of the axion-like particle."""
    return build(AlpPortal, AlpPortal.benchmarks["freeze_in"], inputs)  # type: ignore[return-value]


def test_gradients(inputs: Inputs, template: AlpPortal) -> None:
    """d ln Omega/d ln p of both models against central differences of 0.2 %: 1e-3 of the largest slope."""

    def photon(p: jax.Array) -> jax.Array:
        m_X, alpha_X, m_DM, m_phi, eps, eps_Z = jnp.exp(p)
        relic = dark_photon_dark.relic_density(VectorMixing(eps, eps_Z), alpha_X, m_X, m_DM, m_phi, K)
        return jnp.log(relic.omega_h2)

    def alp(p: jax.Array) -> jax.Array:
        m_a, f_a, C_chi, m_chi = jnp.exp(p)
        model = dataclasses.replace(template, m_a=m_a, f_a=f_a, C_chi=C_chi, m_chi=m_chi)
        return jnp.log(model.dark(inputs).omega_h2)

    at_photon = jnp.log(jnp.array([2.0, 3.2e-4, 0.5, 0.2, 1e-3, 1e-3]))
    at_alp = jnp.log(jnp.array([2.0, 1e8, 0.7, 3e-3]))
    for function, at in ((photon, at_photon), (alp, at_alp)):
        step, n = 2e-3, len(at)
        # values and slopes from one program: along each direction at the point, and a step to either side
        points = at + step * jnp.concatenate([jnp.zeros((n, n)), jnp.eye(n), -jnp.eye(n)])
        along = jax.jit(jax.vmap(lambda x, v, f=function: jax.jvp(f, (x,), (v,))))
        values, slopes = (np.asarray(a).reshape(3, n) for a in along(points, jnp.tile(jnp.eye(n), (3, 1))))
        difference = (values[1] - values[2]) / (2 * step)
        np.testing.assert_allclose(slopes[0], difference, atol=1e-3 * np.abs(slopes[0]).max())


# --- axion-like particle ---


@pytest.fixture(scope="module")
def alps(inputs: Inputs, template: AlpPortal) -> Dark:
    """Benchmark; no coupling to chi; chi too heavy; no mass; thermal chi; a stable particle."""
    rows = [
        {},
        {"C_chi": 0.0},
        {"m_chi": 1.5},
        {"m_chi": 0.0},
        {"C_chi": 1e6, "m_chi": 0.3},
        {"f_a": 1e16, "m_a": 0.05, "m_chi": 1e-3},
        {"m_a": 5.0, "m_chi": 15e-6},
    ]
    start = {"m_a": 2.0, "f_a": 1.0 / 6e-9, "C_chi": 1.0, "m_chi": 3e-3}
    columns = {name: jnp.array([(start | row)[name] for row in rows]) for name in start}
    return jax.jit(jax.vmap(lambda p: dataclasses.replace(template, **p).dark(inputs)))(columns)


def test_freeze_in(alps: Dark) -> None:
    """Row O40, 0.114113, of the 2018 plasma; that of 2020 takes 1.24 % away (see the tests of the freeze-in)."""
    assert float(alps.omega_h2[0]) == pytest.approx(0.114113028432 * 0.9876, rel=1e-3)
    for field in jax.tree.leaves(alps):
        assert np.isfinite(field).all()
    status = np.asarray(alps.relic_status).tolist()
    assert status[:5] == [
        0,
        relic_status.NO_DECAY,
        relic_status.NO_DECAY,
        relic_status.FREEZE_IN + 3,
        relic_status.THERMAL,
    ]
    assert set(status) <= set(relic_status.STATUS)
    # 15 keV [arXiv:2111.09321] times 0.7734/0.5271: the mean of p/(T h^(1/3)) at the benchmark by explicit steps of 2e5
    # points, over that of decays in equilibrium far above the weak scale
    assert float(alps.wdm_ratio[0]) == pytest.approx(15e-6 / 3e-3 * 0.7734 / 0.5271, rel=2e-3)


def test_majorana(alps: Dark, inputs: Inputs) -> None:
    """Twice the width into chi chi, feeble: twice the yield."""
    model = build(AlpPortalMajorana, AlpPortal.benchmarks["freeze_in"], inputs)
    majorana = jax.jit(lambda m: m.dark(inputs))(model)
    # BR(a -> chi chi) is 1e-4 of the width, and with it goes the difference
    assert float(majorana.omega_h2 / alps.omega_h2[0]) == pytest.approx(2.0, rel=1e-3)


def test_lifetime(alps: Dark) -> None:
    """c tau = 109.3 m (1e8 GeV C/f)^-2, row O13."""
    expected = 109.297426383 / 299792458.0 * (1.0 / 0.6) ** 2
    assert float(alps.mediator_lifetime[0]) == pytest.approx(expected, rel=1e-3)


def test_light_plasma_is_kept() -> None:
    """Asked for first inside a program, the plasma must still be numbers outside it."""
    assert isinstance(default_bath(), type(load_bath()))
    assert np.isfinite(float(default_bath().h(jnp.array(1.0))))


# --- names, warnings, the way through the library ---


def test_warnings() -> None:
    assert relic_status.dark_warnings(Dark()) == ()
    assert relic_status.dark_warnings(Dark(relic_status=jnp.array(0))) == ()
    (text,) = relic_status.dark_warnings(Dark(relic_status=jnp.array(relic_status.THERMAL)))
    assert "equilibrium" in text


def test_from_the_analysis(inputs: Inputs) -> None:
    """The model's method, observables by name, and a limit that the point violates: Omega h^2 far above 0.12."""
    analysis = Analysis(DarkPhotonPortal, experiments=["planck-2018-relic-bound"])
    point = {"m_X": 2.0, "eps": 1e-4, "eps_Z": 1e-4, "alpha_X": 1e-4, "m_DM": 0.5}
    found = analysis.predict(point, ["Omega_h2", "m_DM"])
    omega = found.observables["Omega_h2"].value
    assert omega is not None
    assert found.observables["m_DM"].value == 0.5
    value = found.likelihoods["planck-2018-relic-bound"].minus_two_log_likelihood
    assert value == pytest.approx(((omega - 0.12) / 0.0012) ** 2, rel=1e-6)
