"""<sigma v> against adaptive quadrature (scipy), for thresholds, closed channels and resonances of any width."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import kve

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology.thermal_average import ChannelGroup, Grid, Resonance, thermal_average

X = np.array([3.5, 20.0, 100.0, 380.0])
M_CHI = 1.0


def by_quadrature(sigma: Callable[[float], float], threshold: float, breaks: list[float]) -> np.ndarray:
    """The defining integral in q with y = y_c + q^2, split at the given energies sqrt(s)."""
    y_c = max(1.0, threshold / (2 * M_CHI))

    def at(x: float) -> float:
        def integrand(q: float) -> float:
            y = y_c + q * q
            bessel = kve(1, 2 * x * y) * np.exp(-2 * x * (y - 1))
            return sigma(4 * M_CHI**2 * y * y) * y**2 * (y - 1) * (y + 1) * bessel * 2 * q

        q_max = np.sqrt(40 / x)
        at_breaks = [np.sqrt(e / (2 * M_CHI) - y_c) for e in breaks if e > 2 * M_CHI * y_c]
        edges = [1e-9, *sorted(q for q in at_breaks if q < q_max), q_max]
        parts = [quad(integrand, a, b, epsrel=1e-12, epsabs=0, limit=300)[0] for a, b in pairwise(edges)]
        return 8 * x / kve(2, x) ** 2 * sum(parts)

    return np.array([at(x) for x in X])


def around(M: float, width: float) -> list[float]:
    return [M + k * width for k in (0.0, *(s * 10.0**n for n in range(8) for s in (-1, 1))) if abs(k * width) < M]


def average(*groups: ChannelGroup, grid: Grid | None = None) -> np.ndarray:
    return np.asarray(jax.jit(lambda x: thermal_average(groups, jnp.asarray(M_CHI), grid).total(x))(jnp.asarray(X)))


def beta(s, m):  # type: ignore[no-untyped-def]
    return (1.0 - 4.0 * m**2 / s) ** 0.5


@pytest.mark.parametrize("final", [0.1, 0.999, 1.3])
@pytest.mark.parametrize("power", [-1, 1])
def test_contact_terms(final: float, power: int) -> None:
    """Light, nearly degenerate and forbidden final states; s-wave (1/beta) and p-wave (beta)."""

    def sigma(s):  # type: ignore[no-untyped-def]
        return beta(s, final) * beta(s, M_CHI) ** power / s

    expected = by_quadrature(lambda s: float(sigma(s)), 2 * final, [])
    group = ChannelGroup(("f",), jnp.asarray(2 * final), lambda s, _: sigma(s)[None])
    # spacing 0.2: 1e-9 in the median of random channels, 1e-7 in one of a hundred
    np.testing.assert_allclose(average(group), expected, rtol=1e-7)
    np.testing.assert_allclose(average(group, grid=Grid(tau_high=2.75, hot=True)), expected, rtol=1e-7)


@pytest.mark.parametrize("ratio", [1e-6, 1e-2, 0.5])
@pytest.mark.parametrize("M", [1.9, 2.0002, 2.3, 6.0])
def test_breit_wigner(M: float, ratio: float) -> None:
    """Below, at, just above and far above twice the mass; from narrow to broad."""
    width = M * ratio

    def sigma(s, squared):  # type: ignore[no-untyped-def]
        return beta(s, 0.3) / beta(s, M_CHI) * squared

    expected = by_quadrature(
        lambda s: float(sigma(s, 1.0 / ((s - M**2) ** 2 + (M * width) ** 2))), 0.6, around(M, width)
    )
    resonance = Resonance(jnp.asarray(M), jnp.asarray(width))
    group = ChannelGroup(("f",), jnp.asarray(0.6), lambda s, p: sigma(s, p[0].squared())[None], (resonance,))
    # measured: 9e-8 for 99 % of random resonances, at most 6e-7 for x below 382
    np.testing.assert_allclose(average(group), expected, rtol=6e-7)


def test_narrow_width_is_a_delta_function() -> None:
    M, width = 2.5, 2.5e-12
    y = M / (2 * M_CHI)
    peak = np.pi / (M * width) / beta(M**2, M_CHI) / (8 * M_CHI**2 * y)
    bessel = kve(1, 2 * X * y) * np.exp(-2 * X * (y - 1))
    expected = 8 * X / kve(2, X) ** 2 * peak * y**2 * (y * y - 1) * bessel
    resonance = Resonance(jnp.asarray(M), jnp.asarray(width))
    group = ChannelGroup(("f",), jnp.asarray(0.0), lambda s, p: (p[0].squared() / beta(s, M_CHI))[None], (resonance,))
    found = average(group)
    # at late times the tail of the resonance, of order width/M, wins over exp(-x/2): compare the first two; there the
    # tail adds 1e-9 at most
    np.testing.assert_allclose(found[:2], expected[:2], rtol=2e-9)


def test_interfering_resonances_with_running_widths() -> None:
    """|a/D_1 + b/D_2|^2 with w_2 = s-dependent and its own threshold below the group's."""
    M, width, g = (2.2, 3.1), (1e-3, 0.2), (1.0, -0.7)

    def running(s):  # type: ignore[no-untyped-def]
        return s * width[1] / M[1] * (beta(s, 0.4) / beta(M[1] ** 2, 0.4)) ** 3

    def sigma(s: float) -> float:
        D = (s - M[0] ** 2 + 1j * M[0] * width[0], s - M[1] ** 2 + 1j * float(running(s)))
        return float(beta(s, 0.5) / beta(s, M_CHI) * abs(g[0] / D[0] + g[1] / D[1]) ** 2)

    def cross_section(s, p):  # type: ignore[no-untyped-def]
        amplitude, conjugate = g[0] / p[0].D + g[1] / p[1].D, g[0] / p[0].D_bar + g[1] / p[1].D_bar
        return (beta(s, 0.5) / beta(s, M_CHI) * amplitude * conjugate)[None]

    resonances = (
        Resonance(jnp.asarray(M[0]), jnp.asarray(width[0])),
        Resonance(jnp.asarray(M[1]), jnp.asarray(width[1]), running),
    )
    group = ChannelGroup(("f",), jnp.asarray(1.0), cross_section, resonances)
    expected = by_quadrature(sigma, 1.0, around(M[0], width[0]) + around(M[1], width[1]))
    np.testing.assert_allclose(average(group), expected, rtol=6e-7)


@pytest.mark.parametrize("ratio", [1e-6, 3e-4])
def test_two_narrow_resonances_that_share_the_nodes(ratio: float) -> None:
    """The second pole sits where a node is if the nodes mind the first pole alone, and carries most of the sum."""
    h, first = Grid().h, 2.2
    second = 2 * M_CHI + (first - 2 * M_CHI) * np.exp(2 * h * 3.5)
    masses, widths = (first, second), (first * ratio, second * ratio)

    def sigma(s, squared):  # type: ignore[no-untyped-def]
        return beta(s, 0.3) / beta(s, M_CHI) * squared

    def both(s: float) -> float:
        return sum(1.0 / ((s - M**2) ** 2 + (M * w) ** 2) for M, w in zip(masses, widths, strict=True))

    breaks = [e for M, w in zip(masses, widths, strict=True) for e in around(M, w)]
    resonances = tuple(Resonance(jnp.asarray(M), jnp.asarray(w)) for M, w in zip(masses, widths, strict=True))
    group = ChannelGroup(
        ("f",), jnp.asarray(0.6), lambda s, p: sigma(s, p[0].squared() + p[1].squared())[None], resonances
    )
    # as for one resonance
    np.testing.assert_allclose(
        average(group), by_quadrature(lambda s: float(sigma(s, both(s))), 0.6, breaks), rtol=6e-7
    )


def test_channels_add_up() -> None:
    resonance = Resonance(jnp.asarray(2.3), jnp.asarray(0.01))

    def two(s, p):  # type: ignore[no-untyped-def]
        return jnp.stack([p[0].squared() / beta(s, M_CHI), 3.0 * p[0].squared() * beta(s, M_CHI)])

    groups = (
        ChannelGroup(("a", "b"), jnp.asarray(0.0), two, (resonance,)),
        ChannelGroup(("c",), jnp.asarray(2.4), lambda s, _: (beta(s, 1.2) / s)[None]),
    )

    @jax.jit
    def averages(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        whole = thermal_average(groups, jnp.asarray(M_CHI))
        return whole.channels(x), whole.total(x)

    each, total = averages(jnp.asarray(X))
    assert each.shape == (3, 4)
    np.testing.assert_allclose(each.sum(0), total, rtol=1e-9)
