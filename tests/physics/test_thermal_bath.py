"""The plasma against its published tables, integrals and anchor values; Bessel functions against mpmath."""

from __future__ import annotations

import hashlib

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.interpolate import CubicSpline

from darkpenguin import cite
from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology import thermal_bath
from darkpenguin.cosmology.bessel import k1_far, k1e, k2e
from darkpenguin.cosmology.constants import cosmology_folder, read_constants
from darkpenguin.cosmology.thermal_bath import ThermalBath, bath_names, ideal_gas, load_bath, read_bath_table
from darkpenguin.errors import BadData, UnknownName


@pytest.fixture(scope="module")
def bath() -> ThermalBath:
    return load_bath()


@pytest.mark.parametrize(("n", "function"), [(1, k1e), (2, k2e)])
def test_bessel_functions_and_slopes(n: int, function) -> None:
    z = np.concatenate([np.geomspace(1e-4, 1e5, 40), [2.0, np.nextafter(2.0, 3.0)]])
    exact = [mpmath.besselk(n, x) * mpmath.exp(x) for x in z]
    slope = [
        mpmath.exp(x) * (mpmath.besselk(n, x) - (mpmath.besselk(n - 1, x) + mpmath.besselk(n + 1, x)) / 2) for x in z
    ]
    np.testing.assert_allclose(function(jnp.asarray(z)), np.array(exact, float), rtol=1e-14)
    # the slope of exp(z) K(z) is smaller than either by 1/z: digits lost
    np.testing.assert_allclose(jax.jit(jax.vmap(jax.grad(function)))(jnp.asarray(z)), np.array(slope, float), rtol=1e-9)


def test_bessel_kernel_in_the_complex_plane() -> None:
    z = np.array([6.0, 9.0, 40.0, 1e3, 8.0 + 3.0j, 30.0 - 20.0j])
    exact = [complex(mpmath.besselk(1, x) * mpmath.exp(x) * mpmath.sqrt(2 * x / mpmath.pi)) for x in map(complex, z)]
    # fitted on the real axis to 2e-11, a few times worse beside it
    np.testing.assert_allclose(k1_far(jnp.asarray(z)), exact, rtol=1e-9)


@pytest.mark.parametrize("name", bath_names())
def test_interpolation_follows_the_table(name: str) -> None:
    table, bath = read_bath_table(name), load_bath(name)
    ln_T = np.log(table.T)
    spline = {c: CubicSpline(ln_T, np.log(getattr(table, c))) for c in "hg"}
    x = np.random.default_rng(1).uniform(ln_T[0], ln_T[-1], 500)
    T = jnp.exp(x)
    # resampling a spline with kinks in its third derivative: below the last printed digit of the tables (1e-5)
    np.testing.assert_allclose(bath.h(T), np.exp(spline["h"](x)), rtol=1e-6)
    np.testing.assert_allclose(bath.g(T), np.exp(spline["g"](x)), rtol=1e-6)
    sqrt_gstar = np.exp(spline["h"](x) - spline["g"](x) / 2) * (1 + spline["h"](x, 1) / 3)
    np.testing.assert_allclose(bath.sqrt_gstar(T), sqrt_gstar, rtol=1e-4)
    np.testing.assert_allclose(bath.sqrt_gstar_fast(T), sqrt_gstar, rtol=1e-4)
    assert set(bath.references) <= set(cite.known_keys())


def test_slope_is_the_derivative_of_the_interpolant(bath: ThermalBath) -> None:
    ln_T = jnp.log(jnp.geomspace(2e-5, 1e6, 60))
    slope = jax.jit(jax.vmap(jax.grad(lambda x: bath.ln_h(jnp.exp(x)))))(ln_T)
    np.testing.assert_allclose(bath.h_and_slope(jnp.exp(ln_T))[1], slope, atol=1e-12)


def test_published_values(bath: ThermalBath) -> None:
    """arXiv:1803.01038, the fit of the same authors in appendix C: g(1 GeV), h(1 GeV), g(0.1 GeV), h(0.1 GeV).

    Reference rows O33 to O37 of the portal models. At these two temperatures the 2020 table agrees within 0.1 %.
    """
    found = [bath.g(1.0), bath.h(1.0), bath.g(0.1), bath.h(0.1), bath.hubble(1.0)]
    expected = [69.7437614205, 68.7715711773, 17.7470554886, 17.3282884902, 1.13559829184e-18]
    np.testing.assert_allclose(jnp.stack(found), expected, rtol=1e-3)
    # photons, electrons, neutrinos at 10 MeV, electron mass and QED corrections 0.1 %
    assert float(bath.h(0.01)) == pytest.approx(10.75, rel=2e-3)


def test_abundance_of_a_yield(bath: ThermalBath) -> None:
    # 2.75944e8 is the published-constants value for T = 2.7255 K and h = 3.931; here h = 3.93094
    assert float(bath.abundance(1.0, 1.0)) == pytest.approx(2.75944e8 * 3.93094 / 3.931, rel=2e-5)


def test_published_tables_agree_where_physics_is_settled() -> None:
    T = jnp.asarray([0.01, 0.05])
    found = [load_bath(name).g(T) for name in bath_names()]
    # treatments of neutrino decoupling and interactions differ by a percent
    np.testing.assert_allclose(found, np.broadcast_to(found[0], (4, 2)), rtol=0.015)


def test_outside_the_table(bath: ThermalBath) -> None:
    T = jnp.asarray([1e-7, 1e-3, 1e9])
    np.testing.assert_array_equal(bath.status(T), [thermal_bath.BELOW, thermal_bath.INSIDE, thermal_bath.ABOVE])
    np.testing.assert_array_equal(bath.h_and_slope(T)[1][jnp.asarray([0, 2])], 0.0)
    assert np.all(np.isfinite(jax.jit(jax.vmap(jax.grad(bath.sqrt_gstar)))(T)))


@pytest.mark.parametrize("fermion", [True, False])
@pytest.mark.parametrize("x", [0.3, 3.0, 10.0])
def test_ideal_gas(x: float, fermion: bool) -> None:
    sign = 1.0 if fermion else -1.0

    def integral(f) -> float:
        return quad(lambda p: p * p * f(p, np.hypot(p, x)) / (np.exp(np.hypot(p, x)) + sign), 0, 80, epsrel=1e-11)[0]

    h = 45 / (4 * np.pi**4) * integral(lambda p, E: E + p * p / (3 * E))
    g = 15 / np.pi**4 * integral(lambda p, E: E)
    np.testing.assert_allclose(ideal_gas(jnp.asarray(x), fermion), [h, g], rtol=1e-10)


def test_one_more_species(bath: ThermalBath) -> None:
    @jax.jit
    def added(m: jax.Array, T: jax.Array) -> jax.Array:
        return bath.with_species(m, 4.0, True).h(T) - bath.h(T)

    @jax.jit
    def sqrt_gstar(m: jax.Array) -> jax.Array:
        return bath.with_species(m, 4.0, True).sqrt_gstar(0.2)

    # relativistic: 4 x 7/8, up to 5 (m/T)^2 / (7 pi^2) of it; heavy: nothing is left
    assert float(added(0.5, 20.0)) == pytest.approx(3.5, rel=1e-3)
    assert float(added(0.5, 0.005)) == pytest.approx(0.0, abs=1e-11)
    slope = jax.jit(jax.grad(sqrt_gstar))(0.5)
    difference = float(sqrt_gstar(0.501) - sqrt_gstar(0.499)) / 0.002
    assert float(slope) == pytest.approx(difference, rel=1e-4)


def test_second_law_with_one_more_species(bath: ThermalBath) -> None:
    # T ds/dT = drho/dT holds for an ideal gas: 3 h + dh/dlnT = (3/4) (4 g + dg/dlnT)
    x = jnp.geomspace(0.05, 20.0, 12)
    value, slope = jax.vmap(lambda y: jax.jvp(lambda q: ideal_gas(q, True), (y,), (-y,)))(x)
    np.testing.assert_allclose(3 * value[:, 0] + slope[:, 0], 0.75 * (4 * value[:, 1] + slope[:, 1]), rtol=1e-9)


def test_bad_names_and_changed_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownName, match="did you mean 'laine-meyer-2015'"):
        load_bath("laine-meyer-2016")
    monkeypatch.setattr(hashlib, "sha256", hashlib.md5)
    with pytest.raises(BadData, match="the table was changed"):
        load_bath()


def test_constants_have_sources() -> None:
    constants = read_constants()
    assert (cosmology_folder() / "constants.toml").is_file()
    # PDG: rho_c/h^2 = 1.05371e-5 GeV/cm^3 = 8.0959e-47 GeV^4
    critical = 3 * (constants["H_100"].value * constants["M_Planck"].value) ** 2 / (8 * np.pi)
    assert critical == pytest.approx(8.0959e-47, rel=1e-4)
