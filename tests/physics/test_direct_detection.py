"""Direct detection: reference rows, form factor, limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology import direct_detection as dd

CM2 = units.parse("cm^2").factor
ALPHA = 1 / 137.035999
V = 220 / 299792.458
EPS = 10**-4.3
M_E = 0.00051099895


def arrays(*values: float) -> list[jnp.ndarray]:
    return [jnp.array(x) for x in values]


def test_dark_photon_on_xenon() -> None:
    """Row O59 of arXiv:2502.04900: the limit of a heavy nucleus, 8 pi alpha_X Z^2 eps^2 alpha m^2 v^2/m_X^4, Z = 54."""
    b = 54 * EPS * np.sqrt(4 * np.pi * ALPHA)
    found = float(dd.majorana_on_vector(*arrays(0.01, b, 0.1, 1e9, 2.0, V)))
    assert found / CM2 == pytest.approx(1.7605551042e-45, rel=1e-5)


def test_dark_photon_on_electrons() -> None:
    """Row O60: heavy dark matter, 24 pi alpha_X alpha eps^2 m_e^2 v^2/m_X^4; at 0.1 GeV 1.7 % lower."""
    b = EPS * np.sqrt(4 * np.pi * ALPHA)
    heavy, light = (float(dd.majorana_on_vector(*arrays(0.01, b, m, M_E, 2.0, V))) / CM2 for m in (1e6, 0.1))
    assert heavy == pytest.approx(4.72958868429e-53, rel=1e-5)
    assert light / heavy == pytest.approx(1 - 0.017, abs=1e-3)


def test_dark_photon_couplings() -> None:
    """eps_Z = eps tan(theta_W): b_p = 1.0244 e eps, b_n = -0.3252 e eps; kinetic mixing: 1 and 0."""
    s2, e = 0.23121, np.sqrt(4 * np.pi * ALPHA)
    for tangent, p, n in (((s2 / (1 - s2)) ** 0.5, 1.0244, -0.3252), (0.0, 1.0, 0.0)):
        b_p, b_n = dd.nucleon_couplings(*dd.quark_vector_couplings(*arrays(1.0, tangent), ALPHA, s2))
        assert float(b_p) / e == pytest.approx(p, abs=1e-4)
        assert float(b_n) / e == pytest.approx(n, abs=1e-4)


def test_vector_on_charges() -> None:
    """Reference rows S000-O049 and O050 of arXiv:2401.10112: g_X = 5e-4, eps(0) = -0.014433 g_X, m_Z' = 11.5 MeV."""
    g = 5e-4
    target = 0.014433 * g * np.sqrt(4 * np.pi * 0.007297352573756914)
    for mass, expected in ((0.93827209, 1.9825443e-39), (M_E, 2.2069428e-45)):
        found = float(dd.vector_on_charge(*arrays(g, target, 1.0, mass, 0.0115)))
        assert found / CM2 == pytest.approx(expected, rel=1e-4)  # five digits of eps(0)


def test_higgs_exchange() -> None:
    """Reference row S000-O048: v = 57.5 GeV, m_H1 = 2, m_H2 = 125.2, m_X = 5, lambda = 4.45e-3, sin(theta) = 6e-3."""
    sine, m_N, v_H = 6e-3, 0.938919, 246.21964023926205
    g = 4.45e-3 * 57.5 * sine * np.sqrt(1 - sine**2)
    found = float(dd.scalar_on_nucleon(*arrays(g, 0.30 * m_N / v_H, 5.0, m_N, 1 / 2.0**2 - 1 / 125.2**2)))
    assert found / CM2 == pytest.approx(1.4923092e-43, rel=1e-4)


def test_real_scalar_on_xenon() -> None:
    """Reference rows S001-O-067 to 069: f_Ts = 0.044, f_Td = 0.038 (p), 0.056 (n), m_s/m_d = 19.5."""
    m_s, m_N, C = 0.0934, 0.9389, 1e-4
    f = C * m_N * 0.044 / m_s
    for f_Td, ratio in ((0.038, 16.8409090909), (0.056, 24.8181818182)):
        assert (C * m_N * f_Td / (m_s / 19.5)) / f == pytest.approx(ratio, rel=1e-10)
    found = float(dd.real_scalar_on_quarks(*arrays(f, f, 1.0, m_N), 54, 131.293))
    assert found / CM2 == pytest.approx(1.42148160185e-38, rel=1e-4)
    # C_dd = -0.0464 C_ss hides from xenon, -0.04 suppresses 52 times
    for R, factor in ((-0.0464, 0.0), (-0.04, 1 / 52)):
        f_p, f_n = f * (1 + 16.84 * R), f * (1 + 24.82 * R)
        hidden = float(dd.real_scalar_on_quarks(*arrays(f_p, f_n, 1.0, m_N), 54, 131.293))
        assert hidden / found == pytest.approx(factor, abs=5e-4)


@pytest.mark.parametrize("q", [0.001, 0.05, 0.2])
def test_helm(q: float) -> None:
    """Fourier transform of a uniform sphere folded with a Gaussian skin, by scipy, for A = 131."""
    fm = units.parse("fm").factor
    c = 1.23 * 131 ** (1 / 3) - 0.60
    r_n = np.sqrt(c**2 + 7 / 3 * np.pi**2 * 0.52**2 - 5 * 0.9**2) * fm
    sphere = quad(lambda r: 3 * r**2 / r_n**3 * np.sinc(q * r / np.pi), 0, r_n)[0]
    expected = sphere * np.exp(-((q * 0.9 * fm) ** 2) / 2)
    assert float(dd.helm_form_factor(jnp.array(q), 131)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_ends() -> None:
    assert float(dd.helm_form_factor(jnp.array(0.0), 131)) == 1.0
    assert np.isfinite(jax.grad(lambda q: dd.helm_form_factor(q, 131))(jnp.array(0.0)))
    assert float(dd.light_mediator(jnp.array(0.0), jnp.array(0.01))) == 1.0
    assert float(dd.light_mediator(jnp.array(0.01), jnp.array(0.01))) == pytest.approx(0.5)
    ratio = float(dd.nucleus_over_nucleon(*arrays(1.0, 1e6, 0.939), 10, jnp.array(9.39)))
    assert ratio == pytest.approx(10**4, rel=1e-4)  # A^4 for heavy dark matter
