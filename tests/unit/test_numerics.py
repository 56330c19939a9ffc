"""core/numerics.py against mpmath, scipy and closed forms."""

from __future__ import annotations

import itertools

import mpmath
import numpy as np
import pytest
import scipy.integrate

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import (
    bin_nodes,
    gauss_legendre,
    kallen,
    kallen_q2,
    peak_nodes,
    safe_divide,
    safe_sqrt,
)

EDGES = np.linspace(0.0, 22.885, 101)
Q2_MAX = (5.27934 - 0.493677) ** 2


def test_safe_sqrt_value_and_gradient():
    assert safe_sqrt(jnp.array(4.0)) == 2.0
    assert safe_sqrt(jnp.array(-1.0)) == 0.0
    slope = jax.vmap(jax.grad(safe_sqrt))(jnp.array([-1.0, 0.0, 4.0]))
    assert slope.tolist() == [0.0, 0.0, 0.25]


def test_safe_divide_by_zero():
    value, (a, b) = jax.value_and_grad(safe_divide, argnums=(0, 1))(jnp.array(3.0), jnp.array(0.0))
    assert (value, a, b) == (0.0, 0.0, 0.0)
    assert safe_divide(jnp.array(3.0), jnp.array(2.0)) == 1.5


def test_kallen_near_the_end_point_against_mpmath():
    # relative accuracy where lambda is 1e-10 of its size; the expanded polynomial keeps 6 digits there
    M, m, q = 5.27934, 0.493677, 5.27934 - 0.493677 - 1e-9
    with mpmath.workdps(40):
        a, b, c = (mpmath.mpf(x) ** 2 for x in (M, m, q))
        exact = a**2 + b**2 + c**2 - 2 * (a * b + b * c + c * a)
        # the input (M - m - q) itself is known to 2^-52 * M: 5e-7 of 1e-9
        error = abs(mpmath.mpf(float(kallen(jnp.array(M), jnp.array(m), jnp.array(q)))) / exact - 1)
    assert error < 1e-6
    q2 = 12.3
    assert float(kallen_q2(jnp.array(M), jnp.array(m), jnp.array(q2))) == pytest.approx(
        float(kallen(jnp.array(M), jnp.array(m), jnp.array(np.sqrt(q2)))), rel=1e-13
    )


def test_kallen_q2_is_zero_beyond_the_end_point():
    value, slope = jax.value_and_grad(lambda q2: safe_sqrt(kallen_q2(jnp.array(5.0), jnp.array(0.5), q2)))(
        jnp.array(21.0)
    )
    assert (value, slope) == (0.0, 0.0)


def test_gauss_legendre_is_exact_for_polynomials():
    x, w = gauss_legendre(5)
    for power in range(10):
        assert w @ x**power == pytest.approx(1.0 / (power + 1), rel=1e-14)


def _integral_per_bin(integrand, lower, upper, n_node=6):
    q2, weight = bin_nodes(jnp.asarray(EDGES), lower, upper, n_node)
    return (weight * integrand(q2)).sum(axis=0)


def edge_integrand(q2, lower, upper):
    return safe_sqrt(q2 - lower) * safe_sqrt(upper - q2) * jnp.exp(0.1 * q2)


@pytest.mark.parametrize(
    ("lower", "tolerance"),
    [
        (0.0, 1e-10),
        (0.36, 1e-10),
        (EDGES[10] * (1 - 1e-9), 1e-10),
        (EDGES[10], 1e-10),
        (EDGES[10] * (1 + 1e-9), 1e-10),
        # six nodes for the whole phase space, which lies in one bin
        (22.8, 1e-7),
    ],
)
def test_bins_with_square_root_edges_against_scipy(lower, tolerance):
    """Thresholds inside a bin, on an edge, just below and just above it, and near the end point; every bin."""
    ours = _integral_per_bin(lambda q2: edge_integrand(q2, lower, Q2_MAX), jnp.array(lower), jnp.array(Q2_MAX))
    scale = float(ours.sum())
    for k in range(100):
        a, b = max(EDGES[k], lower), min(EDGES[k + 1], Q2_MAX)
        if a >= b:
            assert ours[k] == 0.0
            continue
        # the substitution x = lower + u^2 removes one root, the algebraic weight the other: scipy's own route
        exact, _ = scipy.integrate.quad(
            lambda u: 2 * u * u * np.sqrt(Q2_MAX - lower - u * u) * np.exp(0.1 * (lower + u * u)),
            np.sqrt(a - lower),
            np.sqrt(b - lower),
            epsabs=0,
            epsrel=1e-12,
            limit=200,
        )
        assert float(ours[k]) == pytest.approx(exact, abs=tolerance * scale)


@pytest.mark.parametrize("lower", [Q2_MAX, 23.0, 40.0])
def test_closed_channel_is_exactly_zero_with_finite_gradient(lower):
    def total(x):
        return _integral_per_bin(lambda q2: edge_integrand(q2, x, Q2_MAX), x, jnp.array(Q2_MAX)).sum()

    value, slope = jax.value_and_grad(total)(jnp.array(lower))
    assert value == 0.0
    assert slope == 0.0


@pytest.mark.parametrize("lower", [0.01, 1.0, EDGES[10] + 1e-6, 22.0])
def test_gradient_in_threshold_and_end_point_against_closed_form(lower):
    # int sqrt((x-a)(b-x)) dx = pi (b-a)^2/8, here with the end point inside the bins
    upper = 22.5

    def total(a, b):
        return _integral_per_bin(lambda q2: safe_sqrt(q2 - a) * safe_sqrt(b - q2), a, b).sum()

    slopes = jax.grad(total, argnums=(0, 1))(jnp.array(lower), jnp.array(upper))
    exact = np.pi * (upper - lower) / 4
    assert float(slopes[0]) == pytest.approx(-exact, rel=1e-8)
    assert float(slopes[1]) == pytest.approx(exact, rel=1e-8)


# at small m Gamma one bin holds the whole peak, and the smooth factor is steep in the flattened variable
@pytest.mark.parametrize(
    ("mass", "width", "tolerance"), [(2.1, 0.1, 1e-8), (2.1, 0.5, 1e-8), (0.5, 0.1, 1e-6), (2.1, 0.01, 1e-5)]
)
def test_peak_nodes_against_scipy(mass, width, tolerance):
    centre, half_width = mass**2, mass * width
    q2, weight = peak_nodes(jnp.asarray(EDGES), 0.0, jnp.array(22.5), jnp.array(centre), jnp.array(half_width), 8)

    def integrand(x, exp=np.exp, sqrt=np.sqrt):
        return exp(-0.1 * x) * sqrt(22.5 - x) / ((x - centre) ** 2 + half_width**2)

    ours = (weight * integrand(q2, jnp.exp, safe_sqrt)).sum(axis=0)
    exact = [
        scipy.integrate.quad(integrand, a, min(b, 22.5), limit=400, epsabs=0, epsrel=1e-11)[0] if a < 22.5 else 0.0
        for a, b in itertools.pairwise(EDGES)
    ]
    np.testing.assert_allclose(ours, exact, rtol=0, atol=tolerance * sum(exact))
