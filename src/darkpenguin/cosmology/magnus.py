"""One step of a pair of linear equations, to sixth order: the Magnus exponent from three Gauss nodes. [Blanes:2008xlr]

Only traceless matrices are needed here: the exponential of one has a closed form, and so does its action on a ratio.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jnp


class Traceless(NamedTuple):
    """The matrices [[a, b], [c, -a]]."""

    a: Float[Array, " *shape"]
    b: Float[Array, " *shape"]
    c: Float[Array, " *shape"]

    def times(self, factor: float) -> Traceless:
        return Traceless(factor * self.a, factor * self.b, factor * self.c)

    def plus(self, factor: float, other: Traceless) -> Traceless:
        return Traceless(*(x + factor * y for x, y in zip(self, other, strict=True)))

    def commutator(self, o: Traceless) -> Traceless:
        return Traceless(
            self.b * o.c - o.b * self.c, 2.0 * (self.a * o.b - o.a * self.b), 2.0 * (self.c * o.a - o.c * self.a)
        )


def magnus_6(first: Traceless, middle: Traceless, last: Traceless) -> Traceless:
    """The exponent of a step, from the matrix times the step's length at its three Gauss nodes."""
    a_2 = last.plus(-1.0, first).times(np.sqrt(15.0) / 3.0)
    a_3 = last.plus(-2.0, middle).plus(1.0, first).times(10.0 / 3.0)
    C_1 = middle.commutator(a_2)
    C_2 = middle.commutator(a_3.times(2.0).plus(1.0, C_1)).times(-1.0 / 60.0)
    inner = middle.times(-20.0).plus(-1.0, a_3).plus(1.0, C_1).commutator(a_2.plus(1.0, C_2))
    return middle.plus(1.0 / 12.0, a_3).plus(1.0 / 240.0, inner)


def exponential(step: Traceless) -> tuple[Float[Array, " *shape"], Traceless]:
    """exp(step) = even + odd: a multiple of the unit matrix, and a traceless matrix."""
    w2 = step.a**2 + step.b * step.c
    small = jnp.abs(w2) < 1e-8
    w = jnp.sqrt(jnp.where(small, 1.0, jnp.abs(w2)))
    even = jnp.where(w2 > 0.0, jnp.cosh(w), jnp.cos(w))
    odd = jnp.where(w2 > 0.0, jnp.sinh(w), jnp.sin(w)) / w
    even, odd = jnp.where(small, 1.0 + w2 / 2.0, even), jnp.where(small, 1.0 + w2 / 6.0, odd)
    return even, Traceless(odd * step.a, odd * step.b, odd * step.c)
