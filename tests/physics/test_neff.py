"""N_eff against a stiff solver, the published Standard Model value, and a public code."""

from __future__ import annotations

from pathlib import Path

import equinox as eqx
import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import kv

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology import neff
from darkpenguin.cosmology.constants import read_constants
from darkpenguin.cosmology.neff import LightBoson, Plasma, PlasmaBoson, load_plasma, n_eff, rodas3

FILE = Path(__file__).parents[1] / "data" / "neff.csv"
# g of the L_mu - L_tau boson: mixing with the photon of -g/69.286 by muon and tau loops (arXiv:2401.10112, sec. 2)
COUPLING = {"nomix": 0.0, "g5e-4": 5e-4, "g1e-4": 1e-4}


@pytest.fixture(scope="module")
def plasma() -> Plasma:
    return load_plasma()


def width_to_electrons(g: float, m: np.ndarray) -> np.ndarray:
    """(eps e)^2 m/(12 pi) (1 + 2r) sqrt(1 - 4r), r = m_e^2/m^2; GeV."""
    charge = g / 69.286 * np.sqrt(4 * np.pi / 137.035999)
    r = (0.51099895e-3 / m) ** 2
    return charge**2 * m / (12 * np.pi) * (1 + 2 * r) * np.sqrt(1 - 4 * r)


@pytest.fixture(scope="module")
def solver(plasma: Plasma):  # type: ignore[no-untyped-def]
    return {
        apart: jax.jit(jax.vmap(lambda m, width, apart=apart: n_eff(LightBoson(m, width), plasma, apart)))
        for apart in (False, True)
    }


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("name", COUPLING)
def test_reference_table(name: str, apart: bool, solver) -> None:  # type: ignore[no-untyped-def]
    header, *rows = (line.split(",") for line in FILE.read_text().splitlines() if not line.startswith("#"))
    table = dict(zip(header, np.array(rows, float).T, strict=True))
    m = table["mZp_MeV"] * 1e-3
    found = solver[apart](jnp.asarray(m), jnp.asarray(width_to_electrons(COUPLING[name], m))).n_eff
    expected = table[f"Neff_{name}_{'3T' if apart else 'commonT'}"]
    # rounding of the table to four decimals, and 2e-6 of the steps
    np.testing.assert_allclose(found, expected, atol=5.5e-5, rtol=0)


def test_standard_model(plasma: Plasma) -> None:
    """Reference row S000-O052: 3.0495375. Full treatments, with electron mass and oscillations: 3.043 to 3.044."""
    result = jax.jit(lambda: n_eff(None, plasma))()
    assert float(result.n_eff) == pytest.approx(3.0495375, abs=2e-6)
    assert float(result.n_eff) == pytest.approx(3.044, abs=0.007)
    assert int(result.status) == neff.GOOD


def test_public_code(solver) -> None:  # type: ignore[no-untyped-def]
    """NUDEC_BSM, one temperature, no mixing, at 8, 10, 11.5, 13, 15, 20 MeV; it has m_e in the rates: 0.004."""
    # 14 masses, as many as the table has rows: one compiled program
    m = np.array([8.0, 10.0, 11.5, 13.0, 15.0, 20.0] + 8 * [20.0]) * 1e-3
    found = solver[False](jnp.asarray(m), jnp.zeros(14)).n_eff[:6]
    np.testing.assert_allclose(found, [3.5676, 3.3605, 3.2605, 3.1920, 3.1333, 3.0699], atol=0.005)


def test_tables_of_the_gases(plasma: Plasma) -> None:
    alpha = 0.0072973525693
    for y in (0.01, 0.5, 3.0, 30.0):

        def integral(f, sign, y=y):  # type: ignore[no-untyped-def]
            return quad(
                lambda p: p * p * f(p, np.hypot(p, y)) / (np.exp(np.hypot(p, y)) + sign),
                0,
                80 + 6 * np.sqrt(y),
                epsabs=0,
                epsrel=1e-10,
                limit=300,
            )[0] / (2 * np.pi**2)

        for gas, sign, g in ((plasma.bosons, -1, 1), (plasma.electrons, 1, 4)):
            rho = g * integral(lambda p, E: E, sign)
            pressure = g * integral(lambda p, E: p * p / (3 * E), sign)
            # interpolation on 1500 nodes: 1e-10
            np.testing.assert_allclose(gas(jnp.asarray(y))[:2], [rho, pressure], rtol=1e-9)
        # T P' - (T P' - P) = P, from its own integral
        J = 2 * (2 * np.pi**2) * integral(lambda p, E: 1 / E, 1)
        P = -alpha / (3 * np.pi) * J - alpha / (2 * np.pi**3) * J**2
        columns = plasma.electrons(jnp.asarray(y))
        assert float(columns[3] - columns[5]) == pytest.approx(P, rel=1e-6)


def test_rosenbrock_method_has_order_three() -> None:
    """dy/dt = (-y0^3, y0 - 50 y1) from (1, 0): y0 = 1/sqrt(1+2t); the error falls by 8 when the step is halved."""

    def f(y):  # type: ignore[no-untyped-def]
        return jnp.stack([-(y[0] ** 3), y[0] - 50.0 * y[1]])

    errors = [abs(float(rodas3(f, jnp.asarray([1.0, 0.0]), 2.0 / n, n)[0]) - 5.0**-0.5) for n in (16, 32, 64)]
    assert 6.5 < errors[0] / errors[1] < 10
    assert 6.5 < errors[1] / errors[2] < 10


def test_gradient_and_bad_points(plasma: Plasma) -> None:
    @jax.jit
    @jax.vmap
    def slope_and_result(m, width):  # type: ignore[no-untyped-def]
        def f(m):  # type: ignore[no-untyped-def]
            result = n_eff(LightBoson(m, width), plasma, n=256)
            return result.n_eff, result

        return jax.jvp(f, (m,), (jnp.ones(()),), has_aux=True)[1:]

    m, width, step = jnp.asarray([0.012, 0.018]), jnp.asarray([1e-23, 1e-24]), 1e-4
    bad_m, bad_width = jnp.asarray([1e-4, -1.0, jnp.nan]), jnp.asarray([0.0, 0.0, 1.0])
    slope, result = slope_and_result(
        jnp.concatenate([m, m * (1 + step), m * (1 - step), bad_m]), jnp.concatenate([width, width, width, bad_width])
    )
    assert np.all(np.isfinite(result.n_eff))
    assert result.status.tolist() == [neff.GOOD] * 6 + [neff.OUTSIDE, neff.NOT_FINITE, neff.NOT_FINITE]
    difference = (result.n_eff[2:4] - result.n_eff[4:6]) / (2 * step * m)
    # central difference: relative error of order step^2 and 1e-9 / step
    np.testing.assert_allclose(slope[:2], difference, rtol=1e-4)


# --- a boson in the plasma of photons ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def heated(plasma: Plasma):  # type: ignore[no-untyped-def]
    return jax.jit(jax.vmap(lambda m: n_eff(PlasmaBoson(m), plasma)))


def scalar_gas(m: float, T: float) -> tuple[float, float, float]:
    """rho, p, T drho/dT of one scalar: sums of Bessel functions over k of exp(-k E/T)."""
    k = np.arange(1, 1500)
    z = k * m / T
    K1, K2, K3 = (kv(n, z) for n in (1, 2, 3))
    p = m**2 * T**2 / (2 * np.pi**2) * (K2 / k**2).sum()
    rho = m**2 * T**2 / (2 * np.pi**2) * (3 * K2 / k**2 + m / T * K1 / k).sum()
    # by (K2/z^2)' = -K3/z^2 and (K1/z)' = -K2/z
    slope = m**4 / (2 * np.pi**2) * (3 * K3 / z + K2).sum()
    return float(rho), float(p), float(slope)


def test_plasma_boson_against_a_stiff_solver(plasma: Plasma, heated) -> None:  # type: ignore[no-untyped-def]
    """The equations of the module again, by Radau in the two temperatures, the scalar a sum of Bessel functions.

    What both share is the gas of electrons, which is tested above.
    """
    c = {key: value.value for key, value in read_constants().items()}
    columns = jax.jit(lambda y: plasma.electrons(y))
    g_e, g_m = (4 * (c[key] ** 2 + c["g_R"] ** 2) for key in ("g_L_electron", "g_L_muon"))
    masses = [1.5e-3, 4e-3, 12e-3]

    def slopes(_, y, m):  # type: ignore[no-untyped-def]
        T, T_nu = np.exp(y)
        rho_e, p_e, slope_e, dP, d2P, rho_P = np.asarray(columns(c["m_e"] / T)) * T**4
        rho, p, slope = scalar_gas(m, T)
        rho_g, rho_nu = np.pi**2 / 15 * T**4, 7 / 8 * np.pi**2 / 15 * T_nu**4
        H = np.sqrt(8 * np.pi / 3 * (rho_g + rho_e + rho_P + rho + 3 * rho_nu)) / c["M_Planck"]
        F = 32 * c["f_annihilation"] * (T**9 - T_nu**9) + 56 * c["f_scattering"] * (T * T_nu) ** 4 * (T - T_nu)
        Q = c["G_F"] ** 2 / np.pi**5 * (g_e + 2 * g_m) * F / H
        photon = -(4 * rho_g + 3 * (rho_e + p_e + rho + p) + 3 * dP + Q) / (4 * rho_g + slope_e + d2P + slope)
        return [photon, (Q - 12 * rho_nu) / (12 * rho_nu)]

    expected = []
    for m in masses:
        start = np.full(2, np.log(0.02))
        end = solve_ivp(slopes, (0, 9.3), start, "Radau", args=(m,), rtol=1e-7, atol=1e-9).y[:, -1]
        expected.append(3 * (11 / 4) ** (4 / 3) * np.exp(4 * (end[1] - end[0])))
    found = heated(jnp.asarray(masses + 9 * [0.02])).n_eff[:3]
    # the stiff solver's tolerance, 1e-7 a step, and 1e-7 of our steps
    np.testing.assert_allclose(found, expected, atol=2e-6, rtol=0)


def test_plasma_boson_heats_photons_alone(plasma: Plasma) -> None:
    """Without weak interactions (T_nu/T_gamma)^3 is a ratio of entropies: of photons in the end, and of photons,
    electrons and g scalar states at 20 MeV; for light ones 2/(2 + 7/2 + g).
    """
    alone = eqx.tree_at(lambda p: p.G_F, plasma, jnp.zeros(()))
    m, T = 1.2e-3, 0.02
    found = jax.jit(jax.vmap(lambda g: n_eff(PlasmaBoson(jnp.asarray(m), g), alone).T_ratio[0]))(
        jnp.asarray([1.0, 3.0])
    )
    _, p_e, _, dP, _, _ = np.asarray(plasma.electrons(plasma.m_e / T))
    rho_e = float(plasma.electrons(plasma.m_e / T)[0])
    rho, p, _ = scalar_gas(m, T)
    photons = 4 / 3 * np.pi**2 / 15
    for g, ratio in zip((1, 3), found, strict=True):
        exact = (photons / (photons + rho_e + p_e + dP + g * (rho + p) / T**4)) ** (1 / 3)
        assert float(ratio) == pytest.approx(exact, abs=1e-6)
        # masses and electromagnetic interactions at 20 MeV: 0.3 %
        assert float(ratio) == pytest.approx((2 / (5.5 + g)) ** (1 / 3), rel=0.003)


def test_plasma_boson_and_its_mass(plasma: Plasma, heated) -> None:  # type: ignore[no-untyped-def]
    """Between instantaneous decoupling with one scalar, 2.40, and the Standard Model, and rising with the mass."""
    m = np.geomspace(1e-3, 0.2, 12)
    found = heated(jnp.asarray(m))
    assert np.all(np.diff(found.n_eff) > 0)
    assert 3 * (11 / 4) ** (4 / 3) * (2 / 6.5) ** (4 / 3) < found.n_eff[0] < 2.5
    assert float(found.n_eff[-1]) == pytest.approx(3.0495375, abs=2e-6)
    assert found.status.tolist() == [neff.GOOD] * 12
    bad = heated(jnp.asarray([5e-4, -1.0, np.nan, *m[:9]])).status[:3]
    assert bad.tolist() == [neff.OUTSIDE, neff.NOT_FINITE, neff.NOT_FINITE]

    def slope(m):  # type: ignore[no-untyped-def]
        return jax.jvp(lambda m: n_eff(PlasmaBoson(m), plasma).n_eff, (m,), (jnp.ones(()),))[1]

    step = 1e-4
    points = jnp.asarray([2e-3, 6e-3])
    ends = heated(jnp.concatenate([points * (1 + step), points * (1 - step), jnp.full(8, 0.02)])).n_eff
    # central difference: relative error of order step^2 and 1e-9 / step
    np.testing.assert_allclose(
        jax.jit(jax.vmap(slope))(points), (ends[:2] - ends[2:4]) / (2 * step * points), rtol=1e-4
    )
