"""A final state whose rate is multiplied by a number, so that a rate itself can be a model parameter.

The rate is linear in the factor, so gradients stay finite at factor 0, where that of a coupling's square root would
not.
"""

from __future__ import annotations

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import Nodes
from darkpenguin.core.types import AbstractContinuum, AbstractLine, Channels, Scalar


def _scaled(channels: Channels, factor: Scalar) -> Channels:
    return Channels(*(None if entry is None else factor * entry for entry in channels))


class RescaledContinuum(AbstractContinuum):
    """`state` with its rate multiplied by `factor`."""

    state: AbstractContinuum
    factor: Scalar = eqx.field(converter=jnp.asarray)

    def threshold(self) -> Scalar:
        return self.state.threshold()

    def spectral(self, q2: Float[Array, " n_q2"]) -> Channels:
        return _scaled(self.state.spectral(q2), self.factor)

    def nodes(self, edges: Float[Array, " n_edge"], q2_max: Scalar, n_node: int) -> Nodes:
        return self.state.nodes(edges, q2_max, n_node)

    def k_long(self) -> RescaledContinuum:
        """The state as a K_L makes it, with the same factor."""
        return RescaledContinuum(self.state.k_long(), self.factor)


class RescaledLine(AbstractLine):
    """`line` with its rate multiplied by `factor`, and its own width and probability to be invisible."""

    line: AbstractLine
    factor: Scalar = eqx.field(converter=jnp.asarray)
    mass: Scalar
    width: Scalar
    p_invisible: Scalar

    def __init__(self, line: AbstractLine, factor: Scalar) -> None:
        self.line, self.factor = line, jnp.asarray(factor)
        self.mass, self.width, self.p_invisible = line.mass, line.width, line.p_invisible

    def residues(self) -> Channels:
        return _scaled(self.line.residues(), self.factor)

    def k_long(self) -> RescaledLine:
        """The line as a K_L makes it, with the same factor."""
        return RescaledLine(self.line.k_long(), self.factor)
