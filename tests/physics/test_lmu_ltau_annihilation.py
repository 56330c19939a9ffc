"""X X* -> everything in a dark U(1) of L_mu - L_tau, against momenta, polarisation vectors and spinors put in by hand.

The judge shares no code with the library: Feynman rules, numbers for all momenta, sums over explicit polarisations.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from explicit_amplitudes import METRIC, lower, slash, spinors

from darkpenguin._jax import jax, jnp
from darkpenguin.decays import lmu_ltau_annihilation as ann
from darkpenguin.decays import lmu_ltau_scalars as scalars
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.decays.lmu_ltau_scalars import LMuLTau

K = light_state_constants()
STRONG = {"g": 0.6, "Q_X": 1.3, "v": 1.7, "lam": 0.9, "m_X": 1.0, "m_Z": 0.31, "m_1": 0.7, "m_2": 3.1, "sin_theta": 0.4}
"""Couplings of order one, so that every diagram and every interference counts."""
BP1 = {"g": 5e-4, "Q_X": 1.0, "v": 57.5, "lam": 3e-3, "m_X": 1.0, "m_Z": 0.0115, "m_1": 0.7, "m_2": 125.2}
WIDTHS = {"1": 0.2, "2": 0.5, "Z": 0.1}


def point(**values: float) -> LMuLTau:
    return LMuLTau(**{name: jnp.asarray(x) for name, x in {"sin_theta": 6e-3, **BP1, **values}.items()})


def pair(s: jax.Array, m: jax.Array, width: jax.Array | float) -> tuple[jax.Array, jax.Array]:
    return s - m**2 + 1j * m * width, s - m**2 - 1j * m * width


# --- the judge --------------------------------------------------------------------------------------------------------


def dot(a: np.ndarray, b: np.ndarray) -> complex:
    return a @ lower(b)


def momenta(s: float, m_X: float, m_a: float, m_b: float, cosine: float) -> tuple[np.ndarray, ...]:
    """p_1, p_2 along z, k_a, k_b, in the frame where P = (E, 0, 0.7, 0.2)."""
    p = np.sqrt(s / 4 - m_X**2)
    k = np.sqrt((s - (m_a + m_b) ** 2) * (s - (m_a - m_b) ** 2) / (4 * s))
    n = np.array([np.sqrt(1 - cosine**2), 0.0, cosine])
    rest = (
        np.array([np.sqrt(s) / 2, 0, 0, p]),
        np.array([np.sqrt(s) / 2, 0, 0, -p]),
        np.array([np.hypot(m_a, k), *(k * n)]),
        np.array([np.hypot(m_b, k), *(-k * n)]),
    )
    boost = np.array([0.0, 0.7, 0.2]) / np.sqrt(s)
    gamma = np.sqrt(1 + boost @ boost)
    L = np.block(
        [[np.array([[gamma]]), boost[None]], [boost[:, None], np.eye(3) + np.outer(boost, boost) / (gamma + 1)]]
    )
    return tuple(L @ q for q in rest)


def polarisations(k: np.ndarray, m: float) -> list[np.ndarray]:
    """Two transverse vectors and the longitudinal one."""
    norm = np.linalg.norm(k[1:])
    n = k[1:] / norm
    first = np.cross(n, [0.3, -0.5, 0.8])
    first /= np.linalg.norm(first)
    transverse = [np.array([0.0, *first]), np.array([0.0, *np.cross(n, first)])]
    return [*transverse, np.array([norm, *(k[0] * n)]) / m]


def D(name: str, s: float, v: dict[str, float]) -> complex:
    m = v[f"m_{name}"]
    return 1 / (s - m**2 + 1j * m * WIDTHS[name])


def mean(s: float, v: dict[str, float], masses: tuple[float, float], squared: Callable[..., float]) -> float:
    """sigma from the mean of sum |M|^2 over directions; identical particles are the caller's business."""
    x, w = np.polynomial.legendre.leggauss(60)
    values = [squared(*momenta(s, v["m_X"], *masses, c)) for c in x]
    m_a, m_b = masses
    beta_f = np.sqrt((s - (m_a + m_b) ** 2) * (s - (m_a - m_b) ** 2)) / s
    return w @ values / 2 * beta_f / (8 * np.pi * s) / (2 * np.sqrt(1 - 4 * v["m_X"] ** 2 / s))


def gauge_tensor(v: dict[str, float], p_1, p_2, k_1, k_2) -> np.ndarray:  # type: ignore[no-untyped-def]
    G, m2 = (v["g"] * v["Q_X"]) ** 2, v["m_X"] ** 2
    t, u = dot(p_1 - k_1, p_1 - k_1) - m2, dot(p_1 - k_2, p_1 - k_2) - m2
    first = np.outer(2 * p_1 - k_1, k_2 - 2 * p_2) / t
    second = np.outer(k_1 - 2 * p_2, 2 * p_1 - k_2) / u
    return G * (2 * METRIC - first - second)


def judge_ZZ(s: float, v: dict[str, float]) -> float:
    c2, s2 = 1 - v["sin_theta"] ** 2, v["sin_theta"] ** 2
    F = 2 * v["lam"] * v["m_Z"] ** 2 * (c2 * D("1", s, v) + s2 * D("2", s, v))

    def squared(p_1, p_2, k_1, k_2):  # type: ignore[no-untyped-def]
        M = gauge_tensor(v, p_1, p_2, k_1, k_2) + F * METRIC
        sums = (polarisations(k, v["m_Z"]) for k in (k_1, k_2))
        first, second = sums
        return sum(abs(lower(a) @ M @ lower(b)) ** 2 for a in first for b in second)

    return mean(s, v, (v["m_Z"], v["m_Z"]), squared) / 2


def judge_ZH1(s: float, v: dict[str, float]) -> float:
    gQ, c = v["g"] * v["Q_X"], np.sqrt(1 - v["sin_theta"] ** 2)

    def squared(p_1, p_2, k, h):  # type: ignore[no-untyped-def]
        t, u = (dot(p - k, p - k) - v["m_X"] ** 2 for p in (p_1, p_2))
        J = -gQ * v["lam"] * v["v"] * c * ((2 * p_1 - k) / t - (2 * p_2 - k) / u)
        J = J - gQ * 2 * v["m_Z"] ** 2 * c / v["v"] * (p_1 - p_2) * D("Z", s, v)
        return sum(abs(dot(e, J)) ** 2 for e in polarisations(k, v["m_Z"]))

    return mean(s, v, (v["m_Z"], v["m_1"]), squared)


def potential(v: dict[str, float], h_1: float, h_2: float) -> float:
    """V of the fields H_1, H_2 around the vacuum, from the masses, as in the Lagrangian of the module."""
    si, c, v_H = v["sin_theta"], np.sqrt(1 - v["sin_theta"] ** 2), K.v_H
    phi, h = c * h_1 + si * h_2, -si * h_1 + c * h_2
    lam_H = (v["m_1"] ** 2 * si**2 + v["m_2"] ** 2 * c**2) / (2 * v_H**2)
    lam_P = (v["m_1"] ** 2 * c**2 + v["m_2"] ** 2 * si**2) / (2 * v["v"] ** 2)
    lam_PH = (v["m_2"] ** 2 - v["m_1"] ** 2) * si * c / (v_H * v["v"])
    H, P = v_H * h + h**2 / 2, v["v"] * phi + phi**2 / 2
    return lam_H * H**2 + lam_P * P**2 + lam_PH * H * P


def taylor(v: dict[str, float], n_1: int, n_2: int) -> float:
    """The coefficient of H_1^n_1 H_2^n_2 in V, exact for a polynomial of degree 4 in each field."""
    nodes = np.arange(-2.0, 3.0)
    inverse = np.linalg.inv(np.vander(nodes, increasing=True))
    values = np.array([[potential(v, a, b) for b in nodes] for a in nodes])
    return float((inverse @ values @ inverse.T)[n_1, n_2])


def judge_H1H1(s: float, v: dict[str, float]) -> float:
    si, c = v["sin_theta"], np.sqrt(1 - v["sin_theta"] ** 2)
    g_111, g_112, lv = 6 * taylor(v, 3, 0), 2 * taylor(v, 2, 1), v["lam"] * v["v"]

    def squared(p_1, p_2, k_1, k_2):  # type: ignore[no-untyped-def]
        t, u = (dot(p_1 - k, p_1 - k) - v["m_X"] ** 2 for k in (k_1, k_2))
        exchange = lv * c * g_111 * D("1", s, v) + lv * si * g_112 * D("2", s, v)
        return abs(v["lam"] * c**2 + exchange + (lv * c) ** 2 * (1 / t + 1 / u)) ** 2

    return mean(s, v, (v["m_1"], v["m_1"]), squared) / 2


def judge_ll(s: float, v: dict[str, float], m_l: float) -> float:
    """Scalars and Z' in one amplitude."""
    si, c = v["sin_theta"], np.sqrt(1 - v["sin_theta"] ** 2)
    scalar = v["lam"] * v["v"] * si * c * m_l / K.v_H * (D("1", s, v) - D("2", s, v))

    def squared(p_1, p_2, k_1, k_2):  # type: ignore[no-untyped-def]
        M = scalar * np.eye(4) + v["g"] ** 2 * v["Q_X"] * D("Z", s, v) * slash(p_1 - p_2)
        (u, _), (_, anti) = spinors(k_1, m_l), spinors(k_2, m_l)
        bar = np.diag([1.0, 1.0, -1.0, -1.0])
        return sum(abs(a.conj() @ bar @ M @ b) ** 2 for a in u for b in anti)

    return mean(s, v, (m_l, m_l), squared)


# --- amplitudes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("s", [4.05, 7.3, 40.0])
def test_amplitudes(s: float) -> None:
    p, at = point(**STRONG), jnp.asarray([s])
    D_1, D_2, D_Z = (pair(at, m, WIDTHS[n]) for n, m in (("1", p.m_1), ("2", p.m_2), ("Z", p.m_Z)))
    m_l = 0.3
    ours = {
        "ZZ": ann.sigma_ZZ(at, D_1, D_2, p),
        "ZH1": ann.sigma_ZH1(at, D_Z, p),
        "H1H1": ann.sigma_H1H1(at, D_1, D_2, p, K),
        "ll": ann.sigma_ll(at, D_Z, m_l, p) + ann.sigma_ff(at, D_1, D_2, m_l, p, K),
    }
    theirs = {
        "ZZ": judge_ZZ(s, STRONG),
        "ZH1": judge_ZH1(s, STRONG),
        "H1H1": judge_H1H1(s, STRONG),
        "ll": judge_ll(s, STRONG, m_l),
    }
    for name, sigma in ours.items():
        # quadrature over angles: 4e-9 at s = 40
        assert complex(sigma[0]) == pytest.approx(theirs[name], rel=1e-8), name


def test_gauge_part_is_transverse() -> None:
    """Ward identity: k_1.T = 0 = T.k_2 for the part of G alone, also at a mass of the boson of 1e-3 m_X."""
    for m_Z in (0.31, 1e-3):
        v = STRONG | {"m_Z": m_Z}
        q = momenta(7.3, v["m_X"], m_Z, m_Z, 0.37)
        T = gauge_tensor(v, *q)
        np.testing.assert_allclose(lower(q[2]) @ T, 0.0, atol=1e-12)
        np.testing.assert_allclose(T @ lower(q[3]), 0.0, atol=1e-12)


def test_light_bosons_are_goldstone_bosons() -> None:
    """g -> 0 at fixed v: Z' Z' becomes a pair of Goldstone bosons, M = -lambda s (c^2/D_1 + s^2/D_2)."""
    p, s = point(**STRONG | {"g": 1e-5, "m_Z": 1e-5}), jnp.asarray([7.3])
    D_1, D_2 = pair(s, p.m_1, 0.0), pair(s, p.m_2, 0.0)
    M = p.lam * s * (p.c**2 / D_1[0] + p.sin_theta**2 / D_2[0])
    expected = ann.cross_section(s, 0.5 * abs(M) ** 2, jnp.ones(1), p.m_X)
    np.testing.assert_allclose(ann.sigma_ZZ(s, D_1, D_2, p).real, expected, rtol=1e-8)


def test_at_rest() -> None:
    """sigma v -> a + b v^2, at v = 1e-3 for a and where a p wave is alone for b."""
    p = point(**STRONG)
    s = 4 * p.m_X[None] ** 2 / (1 - 0.25e-6)
    D_1, D_2, D_Z = (pair(s, m, 0.0) for m in (p.m_1, p.m_2, p.m_Z))
    assert complex(1e-3 * ann.sigma_H1H1(s, D_1, D_2, p, K)[0]) == pytest.approx(float(ann.s_wave_H1H1(p, K)), rel=1e-5)
    assert complex(1e-3 * ann.sigma_ZZ(s, D_1, D_2, p)[0]) == pytest.approx(float(ann.s_wave_ZZ(p)), rel=1e-5)
    assert complex(1e3 * ann.sigma_ZH1(s, D_Z, p)[0]) == pytest.approx(float(ann.p_wave_ZH1(p)), rel=1e-5)
    assert complex(1e3 * ann.sigma_nunu(s, D_Z, p)[0]) == pytest.approx(float(ann.p_wave_nunu(p)), rel=1e-5)


def test_reference_rows() -> None:
    """Rows S000-O017 to O026 (seven to eight digits) and O034 to O042 of the internal derivation."""
    p = point(m_1=2.0)
    assert float(scalars.vev(p.m_Z, p.g, jnp.asarray(0.4))) == pytest.approx(57.5, rel=1e-12)
    assert float(scalars.quartic_Phi_H(p, K)) == pytest.approx(0.0066412635, rel=1e-7)
    assert float(scalars.cubic_112(p, K)) == pytest.approx(1.6387252, rel=1e-7)
    assert float(scalars.width_to_Z(p.sin_theta, p.m_2, p.m_Z, p.v)) == pytest.approx(0.00021255921, rel=1e-7)
    assert float(scalars.width_2_to_11(p, K)) == pytest.approx(0.00021324867, rel=1e-7)
    light = point(m_1=2.0, m_X=0.3, lam=0.01)
    assert float(scalars.width_to_X(light.c, light.m_1, light)) == pytest.approx(0.0031371906, rel=1e-7)
    assert float(scalars.width_to_Z(light.c, light.m_1, light.m_Z, light.v)) == pytest.approx(2.406316e-5, rel=1e-6)
    total = 0.0031371906 + 2.406316e-5 + 5.1873042e-13
    assert float(scalars.width_1(light, K)) == pytest.approx(total, rel=1e-7)
    assert float(scalars.width_Z(p, K)) == pytest.approx(7.6261744e-11, rel=1e-7)
    assert float(scalars.electron_coupling(p.g, K) / p.g) == pytest.approx(-0.014432911, rel=1e-7)
    p = point()
    assert float(ann.s_wave_H1H1(p, K)) == pytest.approx(4.3895779e-06, rel=1e-7)
    assert float(ann.s_wave_ZZ(p)) == pytest.approx(5.8116711e-08, rel=1e-7)
    assert float(ann.p_wave_ZH1(p)) == pytest.approx(5.621878e-11, rel=1e-7)
    assert float(ann.p_wave_nunu(p)) == pytest.approx(2.072467e-16, rel=1e-6)


def everything(s: jax.Array, p: LMuLTau) -> jax.Array:
    D_1, D_2, D_Z = (pair(s, m, WIDTHS[n]) for n, m in (("1", p.m_1), ("2", p.m_2), ("Z", p.m_Z)))
    scalar = ann.sigma_ZZ(s, D_1, D_2, p) + ann.sigma_H1H1(s, D_1, D_2, p, K) + ann.sigma_ff(s, D_1, D_2, 0.3, p, K)
    return scalar + ann.sigma_ZH1(s, D_Z, p) + ann.sigma_ll(s, D_Z, 0.1, p) + ann.sigma_nunu(s, D_Z, p)


def test_analytic_in_s_with_gradients() -> None:
    """For complex s the continuation, as a thermal average with poles needs; gradients close to threshold finite."""
    p, s = point(**STRONG), jnp.asarray([4.5, 9.0], complex)

    @jax.jit
    def line(p: LMuLTau) -> tuple[jax.Array, ...]:
        value, slope = jax.jvp(lambda x: everything(x, p), (s,), (jnp.ones_like(s),))
        return value, slope, everything(s + 1e-5j, p)

    value, slope, beside = line(p)
    # second order in the step of 1e-5, of curvatures of order one relative to the value
    np.testing.assert_allclose(beside, value + 1e-5j * slope, rtol=1e-8)
    gradient = jax.jit(jax.grad(lambda q: everything(jnp.asarray([4.0 + 1e-9]), q).real.sum()))(p)
    assert all(np.isfinite(x) for x in gradient)


def test_running_width() -> None:
    """sqrt(s) Gamma(sqrt s), the width without leptons at the pole and the width of a heavier H_1 elsewhere."""
    for m_1 in (2.5, 4.0):
        p = point(**STRONG | {"m_1": m_1})
        expected = m_1 * (scalars.width_to_X(p.c, p.m_1, p) + scalars.width_to_Z(p.c, p.m_1, p.m_Z, p.v))
        found = scalars.self_energy_1(jnp.asarray(m_1**2), point(**STRONG))
        assert float(found) == pytest.approx(float(expected), rel=1e-12)
