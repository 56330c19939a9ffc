"""Modified Bessel functions K1 and K2, scaled by exp(z), which JAX does not have.

Below z = 2 the ascending series [DLMF 10.31.1, 10.31.2]; above it the Chebyshev series of
exp(z) sqrt(2 z / pi) K_n(z) in 4/z - 1, whose coefficients were computed with 40 digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from jaxtyping import Array, Float

from darkpenguin._jax import jnp

_K1_CHEBYSHEV = (
    1.085372816551726,
    0.0829191449155865,
    -0.0022802079498951454,
    0.00015575944821741804,
    -1.5448624702449026e-05,
    1.9200971856838045e-06,
    -2.7941602977436566e-07,
    4.580722385967015e-08,
    -8.254724141098338e-09,
    1.6077770889213073e-09,
    -3.343419366765729e-10,
    7.35515136480485e-11,
    -1.6994684532881865e-11,
    4.100839143561442e-12,
    -1.0286119996309399e-12,
    2.671652354631771e-13,
    -7.162374471604971e-14,
    1.9764832698093292e-14,
    -5.6010196328357906e-15,
)
_K2_CHEBYSHEV = (
    1.5369562709347964,
    0.5584839742428017,
    0.020881208230680626,
    -0.0005985589917852069,
    4.282591499191851e-05,
    -4.433491040956914e-06,
    5.725278760518821e-07,
    -8.619940590046032e-08,
    1.4567477532892072e-08,
    -2.697814551454673e-09,
    5.38596188172799e-10,
    -1.1454997658757316e-10,
    2.5724077376044333e-11,
    -6.057532510725304e-12,
    1.487555244328183e-12,
    -3.7925365082276427e-13,
    1.0001383996272093e-13,
    -2.719675966210971e-14,
    7.606009937936673e-15,
)

# exp(z) sqrt(2 z / pi) K1(z) as a polynomial in 1/z on z >= 6, largest error 1.6e-11
_K1_FAR = (
    1.0000000000162874,
    0.3749999870972267,
    -0.1171858061531723,
    0.10245302451913249,
    -0.14199329562046598,
    0.245501382573816,
    -0.39218730546732467,
    0.360410161908148,
)
_N_TERM = 12
EULER_GAMMA = 0.5772156649015329

_Series = Callable[[Float[Array, " *shape"]], Float[Array, " *shape"]]


def k1e(z: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """exp(z) K1(z) for z > 0, relative accuracy 1e-14."""
    return _joined(z, _K1_CHEBYSHEV, _k1_series)


def k2e(z: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """exp(z) K2(z) for z > 0, relative accuracy 1e-14."""
    return _joined(z, _K2_CHEBYSHEV, _k2_series)


def k1_over_k2(z: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """K1(z) / K2(z): the mean of 1/gamma over a Maxwell-Boltzmann gas with mass/T = z, 1 - 3/(2z) at large z."""
    return k1e(z) / k2e(z)


def k1_far(z: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    """exp(z) sqrt(2 z / pi) K1(z) for |z| >= 6, real or complex with Re z > 0; accuracy 2e-11, eight coefficients."""
    inverse = 1.0 / z
    total = jnp.full_like(z, _K1_FAR[-1])
    for c in _K1_FAR[-2::-1]:
        total = total * inverse + c
    return total


def _joined(z: Float[Array, " *shape"], coefficients: tuple[float, ...], series: _Series) -> Float[Array, " *shape"]:
    is_far = jnp.real(z) > 2.0
    far, near = jnp.where(is_far, z, 2.0), jnp.where(is_far, 2.0, z)
    return jnp.where(
        is_far, jnp.sqrt(jnp.pi / (2.0 * far)) * _clenshaw(4.0 / far - 1.0, coefficients), jnp.exp(near) * series(near)
    )


def _clenshaw(t: Float[Array, " *shape"], coefficients: tuple[float, ...]) -> Float[Array, " *shape"]:
    one = two = jnp.zeros_like(t)
    for c in coefficients[:0:-1]:
        one, two = c + 2.0 * t * one - two, one
    return coefficients[0] + t * one - two


def _k1_series(z: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    return 1.0 / z + _ascending(z, 1)


def _k2_series(z: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
    return -_ascending(z, 0) + 2.0 / z * _k1_series(z)


def _ascending(z: Float[Array, " *shape"], n: int) -> Float[Array, " *shape"]:
    # sum_k [ln(z/2) - (psi(k+1) + psi(k+n+1))/2] (z/2)^(2k+n) / (k! (k+n)!)  =  (-1)^(n+1) K_n + (pole part)
    log, quarter = jnp.log(0.5 * z), 0.25 * z**2
    total = jnp.zeros_like(z)
    for k in range(_N_TERM, -1, -1):
        psi = 0.5 * (_harmonic(k) + _harmonic(k + n)) - EULER_GAMMA
        total = total * quarter + (log - psi) / (math.factorial(k) * math.factorial(k + n))
    return total * (0.5 * z) ** n


def _harmonic(n: int) -> float:
    return sum(1.0 / k for k in range(1, n + 1))
