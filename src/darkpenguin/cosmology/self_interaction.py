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
from darkpenguin.core.numerics import gauss_legendre
from darkpenguin.core.types import Scalar
from darkpenguin.cosmology.magnus import Traceless, exponential, magnus_6

N_STEP = 200
L_MAX = 10
_FROM, _TO, _CROWDING = 1e-4, 30.0, 0.3  # r in units of the range 1/m_phi; steps are equal in ln r + crowding r
_DEEPER = 20  # orders above l_max where a continued fraction starts


class SelfScattering(NamedTuple):
    """total, viscosity : cross-section over mass, GeV^-3; see `units.from_gev(x, "cm^2/g")`."""

    total: Scalar
    viscosity: Scalar


def regular_functions(x: Float[Array, " *shape"], l_max: int) -> Float[Array, " n_l *shape"]:
    """Riccati-Bessel functions x j_l(x), l = 0 ... l_max: upward recursion for x > l + 3/2, a continued fraction below.

    j_l/j_{l-1} = x/(2 l + 1 - x j_{l+1}/j_l). [DLMF 10.51.1]
    """
    up = _upward(jnp.sin(x), jnp.sin(x) / x - jnp.cos(x), x, l_max)
    ratio, ratios = jnp.zeros_like(x), []
    for l in range(l_max + _DEEPER, 0, -1):  # noqa: E741
        small = jnp.minimum(x, l + 1.5)  # not used beyond, where it has poles
        ratio = small / (2 * l + 1 - small * ratio)
        ratios.append(ratio)
    found = [jnp.sin(x)]
    for l in range(1, l_max + 1):  # noqa: E741
        found.append(jnp.where(x < l + 1.5, ratios[-l] * found[-1], up[l]))
    return jnp.stack(found)


def irregular_functions(x: Float[Array, " *shape"], l_max: int) -> Float[Array, " n_l *shape"]:
    """Riccati-Neumann functions x n_l(x), n_0 = -cos(x)/x; upward recursion."""
    return jnp.stack(_upward(-jnp.cos(x), -jnp.cos(x) / x - jnp.sin(x), x, l_max))


def _upward(
    zero: Float[Array, " *shape"], one: Float[Array, " *shape"], x: Float[Array, " *shape"], l_max: int
) -> list[Float[Array, " *shape"]]:
    found = [zero, one]
    for l in range(1, l_max):  # noqa: E741
        found.append((2 * l + 1) / x * found[l] - found[l - 1])
    return found


def phase_shifts(strength: Scalar, momentum: Scalar, l_max: int = L_MAX, n_step: int = N_STEP) -> Float[Array, " l"]:
    """delta_l, up to multiples of 2 pi, of the attractive potential -alpha exp(-m_phi r)/r.

    strength : alpha m/m_phi, m twice the reduced mass.   momentum : k/m_phi; l_max must be several times it.
    The wave is C x j_l - S x n_l with tan(delta_l) = S/C behind the range; in units of 1/m_phi, x = k r,
    dS/d ln r = (strength/k) exp(-r) (C x j_l - S x n_l) x j_l, and dC with x n_l as the last factor; steps of sixth
    order. Error of the sum of sin^2 of the phases: 1e-6 up to strength 2, 1e-5 up to 5, 5e-5 up to 30.
    """
    t, length = _radial_rule(n_step)
    r = jnp.asarray(t)
    j, n = regular_functions(momentum * r, l_max), irregular_functions(momentum * r, l_max)
    weight = strength / momentum * jnp.exp(-r) / (1.0 + _CROWDING * r) * length
    a, b, c = weight * j * n, -weight * n**2, weight * j**2
    even, odd = exponential(magnus_6(*(Traceless(a[:, i::3], b[:, i::3], c[:, i::3]) for i in range(3))))

    def step(y: Float[Array, "2 l"], of: tuple[Float[Array, " l"], ...]) -> tuple[Float[Array, "2 l"], None]:
        C, S = y
        unit, diagonal, upper, lower = of
        return jnp.stack([(unit + diagonal) * C + upper * S, lower * C + (unit - diagonal) * S]), None

    start = jnp.stack([jnp.ones(l_max + 1), jnp.zeros(l_max + 1)])
    C, S = jax.lax.scan(step, start, tuple(x.T for x in (even, *odd)))[0]
    return jnp.arctan2(S, C)


def _radial_rule(n_step: int) -> tuple[np.ndarray, float]:
    """r at the three Gauss nodes of each step, and the length of a step in t = ln r + crowding r."""
    low, high = (np.log(r) + _CROWDING * r for r in (_FROM, _TO))
    length = (high - low) / n_step
    gauss, _ = gauss_legendre(3)
    t = (low + length * (np.arange(n_step)[:, None] + gauss)).ravel()
    r = np.where(t > 0.0, (1.0 + t) / (1.0 + _CROWDING), np.exp(t))
    for _ in range(20):  # Newton in ln r
        r = r * np.exp((t - np.log(r) - _CROWDING * r) / (1.0 + _CROWDING * r))
    return r, float(length)


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
