"""Scattering of dark matter on itself: a Yukawa force from partial waves, and contact interactions. Majorana fermions.

Two identical fermions scatter in the spin singlet through even l and in the triplet through odd l; without polarisation

    sigma = (8 pi/k^2) [1/4 sum_{l even} + 3/4 sum_{l odd}] (2 l + 1) sin^2 delta_l,                 k = m v/2,
    sigma_V = (8 pi/k^2) [1/4, 3/4] sum_l (l + 1)(l + 2)/(2 l + 3) sin^2(delta_{l+2} - delta_l),

half of the sphere counted once; sigma_V, weighted with sin^2(theta), is what moves heat. The phases follow from
variation of constants in the range of the force, the linear form of Calogero's variable-phase equation, which stays
smooth where a phase jumps by pi. [F. Calogero, Variable phase approach to potential scattering, 1967; weights: derived]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.types import Scalar

N_STEP = 900
L_MAX = 10
_FROM, _TO = 1e-4, 45.0  # r in units of the range 1/m_phi
_N_SERIES = 24


class SelfScattering(NamedTuple):
    """total, viscosity : cross-section over mass, GeV^-3; see `units.from_gev(x, "cm^2/g")`."""

    total: Scalar
    viscosity: Scalar


def regular_functions(x: Scalar, l_max: int) -> Float[Array, " l"]:
    """Riccati-Bessel functions x j_l(x), l = 0 ... l_max: a power series for x < l + 3/2, upward recursion beyond."""
    up = [jnp.sin(x), jnp.sin(x) / x - jnp.cos(x)]
    for l in range(1, l_max):  # noqa: E741
        up.append((2 * l + 1) / x * up[l] - up[l - 1])
    orders = np.arange(l_max + 1)
    small = jnp.minimum(x, orders + 1.5)  # the series is not used beyond and must not overflow
    term = total = jnp.ones(l_max + 1)
    for n in range(1, _N_SERIES):
        term = -term * small**2 / (2.0 * n * (2 * orders + 2 * n + 1))
        total = total + term
    leading = x * jnp.cumprod(jnp.where(orders == 0, 1.0, x / (2 * orders + 1)))
    return jnp.where(x < orders + 1.5, leading * total, jnp.stack(up))


def irregular_functions(x: Scalar, l_max: int) -> Float[Array, " l"]:
    """Riccati-Neumann functions x n_l(x), n_0 = -cos(x)/x; upward recursion."""
    up = [-jnp.cos(x), -jnp.cos(x) / x - jnp.sin(x)]
    for l in range(1, l_max):  # noqa: E741
        up.append((2 * l + 1) / x * up[l] - up[l - 1])
    return jnp.stack(up)


def phase_shifts(strength: Scalar, momentum: Scalar, l_max: int = L_MAX, n_step: int = N_STEP) -> Float[Array, " l"]:
    """delta_l, up to multiples of 2 pi, of the attractive potential -alpha exp(-m_phi r)/r.

    strength : alpha m/m_phi, m twice the reduced mass.   momentum : k/m_phi; l_max must be several times it.
    The wave is C x j_l - S x n_l with tan(delta_l) = S/C behind the range; in units of 1/m_phi, x = k r,
    dS/d ln r = (strength/k) exp(-r) (C x j_l - S x n_l) x j_l, and dC with x n_l as the last factor; Runge-Kutta of
    fourth order. sin^2 of the phases: 4e-7 up to strength 30.
    """
    h = (jnp.log(_TO) - jnp.log(_FROM)) / n_step

    def slope(u: Scalar, y: Float[Array, "2 l"]) -> Float[Array, "2 l"]:
        r = jnp.exp(u)
        free = jnp.stack([irregular_functions(momentum * r, l_max), regular_functions(momentum * r, l_max)])
        wave = y[0] * free[1] - y[1] * free[0]
        return strength / momentum * jnp.exp(-r) * wave * free

    def step(y: Float[Array, "2 l"], u: Scalar) -> tuple[Float[Array, "2 l"], None]:
        a = slope(u, y)
        b = slope(u + h / 2, y + h / 2 * a)
        c = slope(u + h / 2, y + h / 2 * b)
        d = slope(u + h, y + h * c)
        return y + h / 6 * (a + 2 * b + 2 * c + d), None

    grid = jnp.log(_FROM) + h * jnp.arange(n_step)
    start = jnp.stack([jnp.ones(l_max + 1), jnp.zeros(l_max + 1)])
    C, S = jax.lax.scan(step, start, grid)[0]
    return jnp.arctan2(S, C)


def yukawa_scattering(alpha: Scalar, m: Scalar, m_phi: Scalar, v: Scalar, l_max: int = L_MAX) -> SelfScattering:
    """Cross-sections over mass of identical Majorana fermions, L = -(lambda/2) psibar psi phi, alpha = lambda^2/(4 pi).

    m, m_phi : GeV.   v : relative velocity in units of c; m v/(2 m_phi) up to l_max/4.
    """
    k = m * v / 2.0
    delta = phase_shifts(alpha * m / m_phi, k / m_phi, l_max)
    l = jnp.arange(l_max + 1)  # noqa: E741
    spin = jnp.where(l % 2 == 0, 0.25, 0.75)
    total = (spin * (2 * l + 1) * jnp.sin(delta) ** 2).sum()
    pairs = (l + 1) * (l + 2) / (2 * l + 3)
    viscosity = (spin * pairs)[:-2] @ jnp.sin(delta[2:] - delta[:-2]) ** 2
    unit = 8.0 * jnp.pi / (k**2 * m)
    return SelfScattering(unit * total, unit * viscosity)


def yukawa_born(alpha: Scalar, m: Scalar, m_phi: Scalar) -> Scalar:
    """sigma/m = 2 pi alpha^2 m/m_phi^4 [GeV^-3]: lowest order at rest, for alpha m << m_phi and m v << m_phi."""
    return 2.0 * jnp.pi * alpha**2 * m / m_phi**4


def heavy_vector_exchange(alpha_X: Scalar, m: Scalar, m_X: Scalar) -> Scalar:
    """sigma/m = 32 pi alpha_X^2 m/m_X^4 [GeV^-3]: axial coupling, t, u and s channels at rest. [derived; with spinors]

    An s wave: eq. (55) of arXiv:2502.04900 has a factor v^2 and a pole at m = m_X/2, `heavy_vector_as_printed`.
    """
    return 32.0 * jnp.pi * alpha_X**2 * m / m_X**4


def heavy_vector_as_printed(alpha_X: Scalar, m: Scalar, m_X: Scalar, v: Scalar) -> Scalar:
    """sigma/m [GeV^-3] as eq. (55) of arXiv:2502.04900 is printed: 16 pi alpha_X^2 v^2 x (3 - 20 x^2 + 40 x^4) /
    (m_X^3 (1 - 4 x^2)^2), x = m/m_X."""
    x = m / m_X
    shape = x * (3.0 - 20.0 * x**2 + 40.0 * x**4) / (1.0 - 4.0 * x**2) ** 2
    return 16.0 * jnp.pi * alpha_X**2 * v**2 / m_X**3 * shape
