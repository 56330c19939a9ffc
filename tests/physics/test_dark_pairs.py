"""psi psi -> X phi, X X from explicit spinors and polarisations; signs by exchange, Goldstone bosons and unitarity."""

from __future__ import annotations

import numpy as np
import pytest
from explicit_amplitudes import GAMMA, GAMMA5, lower, polarisation_vectors, slash, spinors

from darkpenguin._jax import jax, jnp
from darkpenguin.decays import dark_pairs

ALPHA = 0.02
G = (4 * np.pi * ALPHA) ** 0.5
ONE = np.eye(4)
# m_X, m_psi, m_phi, sqrt(s)
POINTS = (
    (1.0, 1.3, 0.4, 2.75),
    (1.0, 1.3, 0.4, 9.0),
    (2.0, 0.9, 0.1, 4.5),
    (0.1, 1.0, 0.05, 2.01),
    (0.5, 0.7, 3.0, 3.6),
    (1.5, 2.0, 1.5, 5.0),
)


def momenta(root_s: float, m_1: float, m_2: float, c: float) -> tuple[np.ndarray, np.ndarray]:
    """Of a final pair at angle theta in the x-z plane."""
    E_1 = (root_s**2 + m_1**2 - m_2**2) / (2 * root_s)
    k = (E_1**2 - m_1**2) ** 0.5 * np.array([(1 - c * c) ** 0.5, 0.0, c])
    return np.array([E_1, *k]), np.array([root_s - E_1, *-k])


def dot(a: np.ndarray, b: np.ndarray) -> complex:
    return lower(a) @ b


class Amplitudes:
    """All by Feynman rules: psibar psi phi: -i lambda; psibar psi X: i g gamma gamma5 (Majorana: twice the half);
    phi X X: 2 i (m_X^2/v) g_mu_nu, v = m_X/(2 g); unitary gauge."""

    def __init__(self, m_X: float, m: float, m_phi: float) -> None:
        self.m_X, self.m, self.m_phi = m_X, m, m_phi
        self.v = m_X / (2 * G)
        self.yukawa = m / self.v

    def inner(self, q: np.ndarray) -> np.ndarray:
        """The propagator of psi without i."""
        return (slash(q) + self.m * ONE) / (dot(q, q) - self.m**2)

    def X_phi(self, p_1, p_2, k, q, e):  # type: ignore[no-untyped-def]
        """Matrix between vbar(p_2) and u(p_1) for one polarisation e* of X: t, u, s."""
        P = p_1 + p_2
        axial = slash(e) @ GAMMA5
        s = dot(P, P)
        current = e - P * dot(P, e) / self.m_X**2
        t = -(self.yukawa * G) * -1.0 * self.inner(p_1 - k) @ axial
        u = -(self.yukawa * G) * -1.0 * axial @ self.inner(p_1 - q)
        return t, u, G * 2 * self.m_X**2 / self.v * slash(current) @ GAMMA5 / (s - self.m_X**2)

    def X_X(self, p_1, p_2, k_1, k_2, e_1, e_2):  # type: ignore[no-untyped-def]
        """The same for two X."""
        a_1, a_2 = slash(e_1) @ GAMMA5, slash(e_2) @ GAMMA5
        s = dot(p_1 + p_2, p_1 + p_2)
        t = -(G**2) * a_2 @ self.inner(p_1 - k_1) @ a_1
        u = -(G**2) * a_1 @ self.inner(p_1 - k_2) @ a_2
        return t, u, self.yukawa * 2 * self.m_X**2 / self.v * dot(e_1, e_2) / (s - self.m_phi**2) * ONE


def squared(matrices: list[np.ndarray], p_1: np.ndarray, p_2: np.ndarray, m: float) -> float:
    """Sum over spins of |vbar(p_2) M u(p_1)|^2, and over the matrices given."""
    u, v = spinors(p_1, m)[0], spinors(p_2, m)[1]
    return sum(float((np.abs(v.conj() @ GAMMA[0] @ M @ u.T) ** 2).sum()) for M in matrices)


def sigma_explicit(final: str, m_X: float, m: float, m_phi: float, root_s: float, sign: float = 1.0) -> float:
    """1/(4 spins) k/(32 pi s p) int dcos sum |M|^2, halved for X X; sign: of the s channel."""
    p_1, p_2 = momenta(root_s, m, m, 1.0)
    of, total = Amplitudes(m_X, m, m_phi), 0.0
    x, w = np.polynomial.legendre.leggauss(60)
    for c, weight in zip(x, w, strict=True):
        k, q = momenta(root_s, m_X, m_phi if final == "X phi" else m_X, c)
        e_k = polarisation_vectors(k, m_X).conj()
        if final == "X phi":
            parts = [of.X_phi(p_1, p_2, k, q, e) for e in e_k]
        else:
            parts = [of.X_X(p_1, p_2, k, q, e, f) for e in e_k for f in polarisation_vectors(q, m_X).conj()]
        total += weight * squared([t + u + sign * s for t, u, s in parts], p_1, p_2, m)
    flux = np.linalg.norm(k[1:]) / np.linalg.norm(p_1[1:]) / (32 * np.pi * root_s**2)
    return 0.25 * total * flux * (0.5 if final == "X X" else 1.0)


def sigma(final: str, m_X: float, m: float, m_phi: float, root_s: float, alpha: float = ALPHA) -> float:
    s = jnp.asarray([root_s**2])
    if final == "X phi":
        return float(dark_pairs.sigma_X_phi(s, *map(jnp.asarray, (alpha, m_X, m, m_phi)))[0])
    P_s = 1.0 / (s - m_phi**2)
    return float(dark_pairs.sigma_X_X(s, P_s, P_s**2, *map(jnp.asarray, (alpha, m_X, m)))[0])


@pytest.mark.parametrize("final", ["X phi", "X X"])
@pytest.mark.parametrize("point", POINTS)
def test_against_spinors(final: str, point: tuple[float, float, float, float]) -> None:
    _, m, _, root_s = point
    # 24 against 60 angles: the peaks of fast psi along the beam
    tolerance = 1e-12 if root_s < 4 * m else 3e-6
    assert sigma(final, *point) == pytest.approx(sigma_explicit(final, *point), rel=tolerance)


def test_exchange_of_identical_fermions() -> None:
    """Pauli: with v = C ubar^T the amplitude changes sign when the two psi are exchanged, momenta and spins."""
    m_X, m, m_phi, root_s, c = 1.0, 1.3, 0.4, 4.0, 0.3
    of = Amplitudes(m_X, m, m_phi)
    charge = 1j * GAMMA[2] @ GAMMA[0]
    p_1, p_2 = momenta(root_s, m, m, 1.0)
    u_1, u_2 = spinors(p_1, m)[0], spinors(p_2, m)[0]

    def amplitude(M: np.ndarray, u: np.ndarray, other: np.ndarray) -> np.ndarray:
        v = np.einsum("ij,sj->si", charge, other.conj() @ GAMMA[0])
        return v.conj() @ GAMMA[0] @ M @ u.T

    k, q = momenta(root_s, m_X, m_phi, c)
    k_1, k_2 = momenta(root_s, m_X, m_X, c)
    for e in polarisation_vectors(k, m_X):
        there, back = (sum(of.X_phi(*p, k, q, e)) for p in ((p_1, p_2), (p_2, p_1)))
        np.testing.assert_allclose(amplitude(there, u_1, u_2), -amplitude(back, u_2, u_1).T, atol=1e-12)
    for e in polarisation_vectors(k_1, m_X):
        for f in polarisation_vectors(k_2, m_X):
            there, back = (sum(of.X_X(*p, k_1, k_2, e, f)) for p in ((p_1, p_2), (p_2, p_1)))
            np.testing.assert_allclose(amplitude(there, u_1, u_2), -amplitude(back, u_2, u_1).T, atol=1e-12)


def test_no_growth_with_energy() -> None:
    """s sigma tends to a constant up to logarithms; with the sign of the s channel reversed it grows as s."""
    for final in ("X phi", "X X"):
        point = (1.0, 1.3, 0.4)
        scaled = [E**2 * sigma(final, *point, E) for E in (100.0, 1e3, 1e4)]
        assert scaled[2] < 3.0 * scaled[1] < 9.0 * scaled[0]
        wrong = [E**2 * sigma_explicit(final, *point, E, sign=-1.0) for E in (100.0, 1e3)]
        assert wrong[1] > 50.0 * wrong[0]


def sigma_goldstone(final: str, m: float, m_phi: float, v: float, root_s: float) -> float:
    """psi psi -> a phi, a a; L = -(lambda/2) psibar (phi + i a gamma5) psi - (m_phi^2/(2 v)) phi (phi^2 + a^2)."""
    p_1, p_2 = momenta(root_s, m, m, 1.0)
    yukawa, total = m / v, 0.0
    x, w = np.polynomial.legendre.leggauss(60)
    pseudo = 1j * GAMMA5

    def inner(q: np.ndarray) -> np.ndarray:
        return (slash(q) + m * ONE) / (dot(q, q) - m**2)

    for c, weight in zip(x, w, strict=True):
        if final == "X phi":
            k, q = momenta(root_s, 0.0, m_phi, c)
            M = inner(p_1 - k) @ pseudo + pseudo @ inner(p_1 - q)
            through = pseudo / root_s**2
        else:
            k, q = momenta(root_s, 0.0, 0.0, c)
            M = pseudo @ (inner(p_1 - k) + inner(p_1 - q)) @ pseudo
            through = ONE / (root_s**2 - m_phi**2)
        # two vertices -i lambda: -lambda^2; -i lambda and -i m_phi^2/v: -lambda m_phi^2/v
        matrix = -(yukawa**2) * M - yukawa * m_phi**2 / v * through
        total += weight * squared([matrix], p_1, p_2, m)
    flux = np.linalg.norm(k[1:]) / np.linalg.norm(p_1[1:]) / (32 * np.pi * root_s**2)
    return 0.25 * total * flux * (0.5 if final == "X X" else 1.0)


def test_goldstone_bosons() -> None:
    """m_X -> 0 at fixed v: the longitudinal X is the phase of the dark Higgs field; corrections m_X^2 and g^2."""
    m, m_phi, v = 1.0, 0.6, 5.0
    for final in ("X phi", "X X"):
        for root_s in (2.1, 3.0, 5.0):
            m_X = 1e-4
            alpha = (m_X / (2 * v)) ** 2 / (4 * np.pi)
            found = sigma(final, m_X, m, m_phi, root_s, alpha)
            assert found == pytest.approx(sigma_goldstone(final, m, m_phi, v, root_s), rel=1e-7)


def test_s_waves() -> None:
    """sigma v at rest is finite for both, and equals the annihilation of the singlet: beta sigma constant."""
    for final in ("X phi", "X X"):
        m_X, m, m_phi = 0.6, 1.0, 0.3
        slow = [v * sigma(final, m_X, m, m_phi, 2 * m / (1 - v**2 / 4) ** 0.5) for v in (1e-2, 1e-3)]
        assert slow[0] > 0.0
        assert slow[1] == pytest.approx(slow[0], rel=1e-3)


def test_photon_limit() -> None:
    """X X at rest: two transverse X, from the singlet alone, g^2 8 m k/(2 m^2 - m_X^2) in the normalisation of M_0.

    sigma v = k/(64 pi m^3) (1/4) sum |M|^2 for identical X = 4 pi alpha^2 k^3/(m (2 m^2 - m_X^2)^2).
    """
    m_X, m, v = 0.6, 1.0, 1e-3
    k = (m**2 - m_X**2) ** 0.5
    expected = 4 * np.pi * ALPHA**2 * k**3 / (m * (2 * m**2 - m_X**2) ** 2)
    found = v * sigma("X X", m_X, m, 0.3, 2 * m / (1 - v**2 / 4) ** 0.5)
    assert found == pytest.approx(expected, rel=1e-4)


def test_widths_of_phi() -> None:
    """phi -> X X, psi psi from polarisations and spinors: (1/2) k/(8 pi m_phi^2) sum |M|^2, identical particles."""
    m_X, m, m_phi = 0.6, 0.9, 2.5
    of = Amplitudes(m_X, m, m_phi)
    k_1, k_2 = momenta(m_phi, m_X, m_X, 0.3)
    e = [dot(a, b) for a in polarisation_vectors(k_1, m_X) for b in polarisation_vectors(k_2, m_X)]
    to_X = 0.5 * np.linalg.norm(k_1[1:]) / (8 * np.pi * m_phi**2) * (2 * m_X**2 / of.v) ** 2 * np.sum(np.abs(e) ** 2)
    assert float(dark_pairs.dark_higgs_to_X(*map(jnp.asarray, (ALPHA, m_X, m_phi)))) == pytest.approx(to_X, rel=1e-10)
    p_1, p_2 = momenta(m_phi, m, m, 1.0)
    to_psi = 0.5 * np.linalg.norm(p_1[1:]) / (8 * np.pi * m_phi**2) * of.yukawa**2 * squared([ONE], p_1, p_2, m)
    found = float(dark_pairs.dark_higgs_to_psi(*map(jnp.asarray, (ALPHA, m_X, m, m_phi))))
    assert found == pytest.approx(to_psi, rel=1e-10)
    for m_phi in (1.2, 1.8, 1e-3):
        slopes = jax.grad(dark_pairs.dark_higgs_to_X, argnums=(0, 1, 2))(*map(jnp.asarray, (0.0, 0.6, m_phi)))
        assert np.isfinite(slopes).all()


def test_gradients_at_thresholds() -> None:
    """Zero below, finite slopes at and above."""
    m_X, m, m_phi = 1.0, 0.9, 0.6
    low = (m_X + m_phi) ** 2
    high = 4 * m**2
    s = jnp.asarray([0.5 * low, low, high, high * (1 + 1e-12), high * 1.1])

    def total(p: jax.Array) -> jax.Array:
        return dark_pairs.sigma_X_phi(s, *p).sum()

    value, slope = jax.value_and_grad(total)(jnp.asarray([ALPHA, m_X, m, m_phi]))
    assert np.isfinite(value)
    assert np.isfinite(slope).all()
    assert dark_pairs.sigma_X_phi(s, *map(jnp.asarray, (ALPHA, m_X, m, m_phi)))[:3].tolist() == [0.0, 0.0, 0.0]
