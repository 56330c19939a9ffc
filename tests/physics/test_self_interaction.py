"""Self-scattering of dark matter: partial waves against independent solutions and limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import spherical_jn, spherical_yn

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology import self_interaction as si

KM_S = 1.0 / 299792.458
CM2_G = units.parse("cm^2/g").factor


def alpha_of(alpha_X: float, m: float, m_X: float = 2.0) -> float:
    """lambda^2/(4 pi), lambda = 2 g_X m/m_X: 4 alpha_X (m/m_X)^2."""
    return 4 * alpha_X * (m / m_X) ** 2


scattering = jax.jit(si.yukawa_scattering, static_argnames="l_max")
phases = jax.jit(si.phase_shifts)


@pytest.mark.parametrize("x", [1e-3, 0.3, 2.0, 7.0, 30.0])
def test_free_waves(x: float) -> None:
    """scipy; the series of l > x loses digits only where it is left, 1e-9."""
    l = np.arange(si.L_MAX + 1)  # noqa: E741
    np.testing.assert_allclose(si.regular_functions(jnp.array(x), si.L_MAX), x * spherical_jn(l, x), rtol=1e-9)
    np.testing.assert_allclose(si.irregular_functions(jnp.array(x), si.L_MAX), x * spherical_yn(l, x), rtol=1e-9)


# m_DM, alpha_X, 2 pi a^2 m/m_phi^4, total, viscosity at 1000 km/s, total at 100 km/s; cm^2/g; m_phi = 4 MeV, m_X = 2
TABLE = [
    (0.1, 1.52e-3, 1.24e-4, 1.23e-4, 8.2e-5, 1.24e-4),
    (0.1, 1e-2, 5.4e-3, 5.3e-3, 3.6e-3, 5.4e-3),
    (0.5, 3.2e-4, 0.0172, 0.0148, 0.0098, 0.0173),
    (0.5, 2e-3, 0.67, 0.608, 0.403, 0.71),
    (0.5, 1e-2, 16.8, 19.6, 13.0, 23.7),
    (0.8, 1.98e-4, 0.069, 0.0497, 0.0324, 0.070),
    (0.8, 1.25e-3, 2.75, 2.21, 1.45, 3.2),
    (0.8, 1e-2, 176.0, 433.0, 286.0, 2200.0),
]


@pytest.mark.parametrize(("m", "alpha_X", "born", "total", "viscosity", "slow"), TABLE)
def test_majorana_dark_matter(
    m: float, alpha_X: float, born: float, total: float, viscosity: float, slow: float
) -> None:
    """Independent variable-phase solutions, two to three digits: 2 %, 4 % where two digits are given."""
    alpha, mass, m_phi = jnp.array(alpha_of(alpha_X, m)), jnp.array(m), jnp.array(4e-3)
    assert float(si.yukawa_born(alpha, mass, m_phi)) / CM2_G == pytest.approx(born, rel=0.015)
    found = scattering(alpha, mass, m_phi, jnp.array(1000 * KM_S))
    assert float(found.total) / CM2_G == pytest.approx(total, rel=0.02)
    assert float(found.viscosity) / CM2_G == pytest.approx(viscosity, rel=0.02)
    assert float(scattering(alpha, mass, m_phi, jnp.array(100 * KM_S)).total) / CM2_G == pytest.approx(slow, rel=0.04)


def test_born_limit() -> None:
    """Weak and slow: 2 pi alpha^2 m/m_phi^4, first correction of order alpha m/m_phi; viscosity 2/3 for an s wave."""
    alpha, m, m_phi = jnp.array(1e-6), jnp.array(1.0), jnp.array(0.01)
    found = scattering(alpha, m, m_phi, jnp.array(1e-4))
    assert float(found.total / si.yukawa_born(alpha, m, m_phi)) == pytest.approx(1.0, abs=3e-4)
    assert float(found.viscosity / found.total) == pytest.approx(2 / 3, abs=1e-4)


@pytest.mark.parametrize(
    ("strength", "momentum", "tolerance"), [(1e-3, 0.3, 1e-7), (1.5, 0.02, 1e-6), (4.9, 0.7, 1e-5), (28.5, 2.16, 5e-5)]
)
def test_phases_against_a_stepper(strength: float, momentum: float, tolerance: float) -> None:
    """scipy's DOP853 on the same equations between r = 1e-6 and 60, from weak to many bound states."""
    found = np.asarray(phases(jnp.array(strength), jnp.array(momentum)))
    l = np.arange(si.L_MAX + 1)  # noqa: E741

    def slope(u: float, y: np.ndarray) -> np.ndarray:
        x = momentum * np.exp(u)
        j, n = x * spherical_jn(l, x), x * spherical_yn(l, x)
        wave = strength / momentum * np.exp(-np.exp(u)) * (y[: len(l)] * j - y[len(l) :] * n)
        return np.concatenate([wave * n, wave * j])

    start = np.concatenate([np.ones(len(l)), np.zeros(len(l))])
    C, S = (
        solve_ivp(slope, (np.log(1e-6), np.log(60)), start, method="DOP853", rtol=1e-11, atol=1e-16)
        .y[:, -1]
        .reshape(2, -1)
    )
    weight = np.where(l % 2 == 0, 0.25, 0.75) * (2 * l + 1)
    assert weight @ np.sin(found) ** 2 == pytest.approx(weight @ (S**2 / (S**2 + C**2)), rel=tolerance)


def test_first_bound_state() -> None:
    """The Yukawa potential binds from alpha m/m_phi = 1.6798 on (e.g. arXiv:1302.3898): delta_0 -> pi/2, then pi."""
    below, above = (float(si.phase_shifts(jnp.array(s), jnp.array(1e-3))[0]) for s in (1.66, 1.70))
    assert 0 < below < np.pi / 2 < above < np.pi


def test_slope_is_finite() -> None:
    slope = jax.grad(lambda a: scattering(a, jnp.array(0.5), jnp.array(4e-3), jnp.array(3e-3)).total)
    a = jnp.array(2.5e-3)
    numbers = [
        float(scattering(x, jnp.array(0.5), jnp.array(4e-3), jnp.array(3e-3)).total) for x in (a * 1.001, a * 0.999)
    ]
    assert float(slope(a)) == pytest.approx((numbers[0] - numbers[1]) / (0.002 * float(a)), rel=1e-4)


def test_heavy_vector() -> None:
    """Reference rows O61 and O62 of arXiv:2502.04900."""
    found = float(si.heavy_vector_exchange(jnp.array(0.01), jnp.array(0.5), jnp.array(2.0)))
    assert found / CM2_G == pytest.approx(6.86204916998e-08, rel=1e-5)
    x = 0.25
    shape = x * (3 - 20 * x**2 + 40 * x**4) / (1 - 4 * x**2) ** 2
    printed = float(si.heavy_vector_as_printed(jnp.array(0.01), jnp.array(0.5), jnp.array(2.0), jnp.array(1000 * KM_S)))
    assert printed / shape / CM2_G == pytest.approx(1.52701187872e-12, rel=1e-5)
