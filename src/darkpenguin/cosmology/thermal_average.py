"""Cross section -> thermal average <sigma v>(x), x = m/T, with thresholds, forbidden channels and narrow resonances.

    <sigma v> = 8 x / K2(x)^2 * int_{y_c}^inf dy sigma(y) y^2 (y^2 - 1) K1(2 x y),   y = sqrt(s)/(2 m).
    [Gondolo:1990dk, eq. 3.8]

With y = y_c + exp(2 tau) the trapezoidal rule in tau converges exponentially: a square root at y_c lies at minus
infinity. A resonance is a pair of poles s_0, s_0* of sigma; what they add to the error of the rule is known from their
residue and is taken off (internal derivation, page "The early universe"). So 60 nodes, the same for all x, do for any
width: for a narrow one the correction is the delta function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Complex, Float, Inexact

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import Scalar
from darkpenguin.cosmology.bessel import k1_far, k1e, k2e

Energy2 = Inexact[Array, " *shape"]
Channel = Inexact[Array, "n_channel *shape"]
_Bessel = Callable[[Energy2], Energy2]

_NARROWEST = 1e-14  # Gamma / M below which a width no longer matters for any average
_TAU_LOW = -11.0
_N_NEWTON = 6
_CLOSE = 1e-12  # how near to the pole its residue is read off, in units of the width


class Propagator(NamedTuple):
    """D = s - M^2 + i w(s) and D_bar = s - M^2 - i w(s), which for real s is its conjugate."""

    D: Complex[Array, " *shape"]
    D_bar: Complex[Array, " *shape"]

    def squared(self) -> Complex[Array, " *shape"]:
        """1 / ((s - M^2)^2 + w^2)."""
        return 1.0 / (self.D * self.D_bar)


class Resonance(eqx.Module):
    """A particle in the s channel.

    mass, width : GeV; width is that at the pole, raised to 1e-14 of the mass, where it no longer matters.
    running : None for w = M Gamma, or w(s) = sqrt(s) Gamma(sqrt s) [GeV^2] for complex s (no abs, max or where).
        Its own thresholds must not lie above the lower end of the group, unless they carry little of the width.
    """

    mass: Scalar
    width: Scalar
    running: Callable[[Energy2], Energy2] | None = None

    def w(self, s: Energy2) -> Energy2:
        """Imaginary part of the self-energy [GeV^2]."""
        narrowest = _NARROWEST * self.mass**2
        if self.running is None:
            # a negative width becomes not-a-number, which the result reports by its status
            w = jnp.where(self.width >= 0.0, jnp.maximum(self.mass * self.width, narrowest), jnp.nan)
            return jnp.full_like(s, 1.0) * w
        return self.running(s) + narrowest

    def propagator(self, s: Energy2) -> Propagator:
        """The propagator at s [GeV^2]."""
        real, w = s - self.mass**2, self.w(s)
        return Propagator(real + 1j * w, real - 1j * w)

    def pole_offset(self) -> Complex[Array, ""]:
        """s_0 - M^2, where s_0 - M^2 = i w(s_0) with Im s_0 > 0."""
        if self.running is None:
            return 1j * self.w(self.mass**2)

        def newton(offset: Complex[Array, ""]) -> Complex[Array, ""]:
            w, slope = jax.jvp(self.w, (self.mass**2 + offset,), (jnp.ones((), complex),))
            return offset - (offset - 1j * w) / (1.0 - 1j * slope)

        offset = 1j * self.mass * self.width + jnp.zeros((), complex)
        for _ in range(_N_NEWTON):
            offset = jax.lax.stop_gradient(newton(offset))
        return newton(offset)  # this last step carries the derivative


CrossSection = Callable[[Energy2, tuple[Propagator, ...]], Channel]


class ChannelGroup(eqx.Module):
    """Annihilation channels that open at the same energy.

    names : the channels.
    threshold : sum of the final masses [GeV]; a channel may well be closed for dark matter at rest.
    cross_section : (s, propagators) -> sigma of each channel [GeV^-2]; averaged over initial, summed over final states.
        s comes above the threshold and above 4 m^2, real, and once complex per resonance: the function must be the
        analytic continuation (no abs, max, where or conj on s), built from the propagators given and not from s - M^2.
    resonances : the particles whose propagators it uses, in that order.
    """

    names: tuple[str, ...] = eqx.field(static=True)
    threshold: Scalar
    cross_section: CrossSection
    resonances: tuple[Resonance, ...] = ()


class ClosedForm(eqx.Module):
    """Annihilation channels whose thermal average is known as a formula.

    average : x [n_x] -> <sigma v> of each channel [n_channel, n_x], GeV^-2; positive, smooth in ln x.
    """

    names: tuple[str, ...] = eqx.field(static=True)
    average: Callable[[Float[Array, " n_x"]], Float[Array, "n_channel n_x"]]


class Grid(NamedTuple):
    """Trapezoidal rule in tau: spacing h, upper end, and whether x below 3 occurs (then the Bessel function is exact).

    Relative error from the spacing about exp(-pi^2 / (2 h)) times powers: 1e-9 at h = 0.2.
    """

    h: float = 0.2
    tau_high: float = 0.75
    hot: bool = False


class Pole(eqx.Module):
    """One pole of a group: y_0 - y_c, the factor exp(i phi) / (exp(i phi) - 1), residues of all channels, its use."""

    u: Complex[Array, ""]
    factor: Complex[Array, ""]
    residue: Complex[Array, " n_channel"]


class GroupNodes(eqx.Module):
    """What of a group does not depend on x: nodes u = y - y_c, y_c - 1, the weights of each channel, the poles."""

    gap: Scalar
    u: Float[Array, " n_node"]
    weight: Float[Array, "n_channel n_node"]
    poles: tuple[Pole, ...]


class ThermalAverage(eqx.Module):
    """<sigma v>(x) of dark matter that annihilates with its like; made by `thermal_average`."""

    nodes: tuple[GroupNodes | ClosedForm, ...]
    hot: bool = eqx.field(static=True)

    def total(self, x: Float[Array, " n_x"]) -> Float[Array, " n_x"]:
        """<sigma v> [GeV^-2] summed over channels; x from 3 on, or from 0.1 for a hot grid."""
        return sum((self._group(_summed(n), x).sum(0) for n in self.nodes), start=jnp.zeros_like(x))

    def channels(self, x: Float[Array, " n_x"]) -> Float[Array, "n_channel n_x"]:
        """<sigma v> [GeV^-2] of each channel, group by group."""
        return jnp.concatenate([self._group(n, x) for n in self.nodes])

    def _group(self, nodes: GroupNodes | ClosedForm, x: Float[Array, " n_x"]) -> Float[Array, "n_channel n_x"]:
        if isinstance(nodes, ClosedForm):
            return nodes.average(x)
        bessel = k1_scaled if self.hot else k1_far

        @jax.checkpoint
        def add(total: Array, node: tuple[Array, Array]) -> tuple[Array, None]:
            u, weight = node
            kernel = jnp.exp(-2.0 * x * (nodes.gap + u)) * bessel(2.0 * x * (1.0 + nodes.gap + u))
            return total + weight[:, None] * kernel, None

        start = jnp.zeros((nodes.weight.shape[0], x.shape[0]))
        total, _ = jax.lax.scan(add, start, (nodes.u, nodes.weight.T), unroll=4)
        for pole in nodes.poles:
            total = _corrected(total, nodes.gap, pole, x, bessel)
        return 8.0 * x / k2e(x) ** 2 * jnp.sqrt(0.25 * jnp.pi / x) * total


def thermal_average(
    groups: tuple[ChannelGroup | ClosedForm, ...], m: Scalar, grid: Grid | None = None
) -> ThermalAverage:
    """Everything about <sigma v> that does not depend on temperature: each cross section is evaluated once per node.

    m : mass of the dark matter [GeV].
    """
    grid = grid or Grid()
    nodes = tuple(g if isinstance(g, ClosedForm) else _group_nodes(g, m, grid) for g in groups)
    return ThermalAverage(nodes, grid.hot)


def k1_scaled(z: Energy2) -> Energy2:
    """exp(z) sqrt(2 z / pi) K1(z) for any z with Re z > 0."""
    return k1e(z) * jnp.sqrt(2.0 * z / jnp.pi)


def _summed(nodes: GroupNodes | ClosedForm) -> GroupNodes | ClosedForm:
    if isinstance(nodes, ClosedForm):
        return nodes
    poles = tuple(Pole(p.u, p.factor, p.residue.sum(0, keepdims=True)) for p in nodes.poles)
    return GroupNodes(nodes.gap, nodes.u, nodes.weight.sum(0, keepdims=True), poles)


def _group_nodes(group: ChannelGroup, m: Scalar, grid: Grid) -> GroupNodes:
    y_c = jnp.maximum(1.0, group.threshold / (2.0 * m))
    gap = jnp.maximum(0.0, (group.threshold - 2.0 * m) / (2.0 * m))
    n = round((grid.tau_high - _TAU_LOW) / grid.h) + 1
    offsets = [r.pole_offset() for r in group.resonances]
    pole_u = [_pole_position(r, o, y_c, m) for r, o in zip(group.resonances, offsets, strict=True)]
    first = _TAU_LOW + grid.h * (_shift(jnp.stack(pole_u), grid.h) if pole_u else jnp.zeros(()))
    u = jnp.exp(2.0 * (first + grid.h * np.arange(n)))
    y = y_c + u
    s = 4.0 * m**2 * y**2
    sigma = group.cross_section(s, tuple(r.propagator(s) for r in group.resonances)).real
    # y^(-1/2) belongs to the asymptotic form of K1; y - 1 as a sum, never as a difference
    weight = 2.0 * grid.h * u * y**1.5 * (gap + u) * (y + 1.0) * sigma
    poles = tuple(_pole(group, i, offsets[i], pole_u[i], y_c, gap, m, first, grid.h) for i in range(len(pole_u)))
    return GroupNodes(gap, u, weight, poles)


def _pole_position(resonance: Resonance, offset: Complex[Array, ""], y_c: Scalar, m: Scalar) -> Complex[Array, ""]:
    # u_0 = (y_R - y_c) + y_R (sqrt(1 + offset/M^2) - 1) without cancellation
    small = offset / resonance.mass**2
    return (resonance.mass - 2.0 * m * y_c) / (2.0 * m) + resonance.mass / (2.0 * m) * small / (
        1.0 + jnp.sqrt(1.0 + small)
    )


def _shift(u: Complex[Array, " n_pole"], h: float) -> Scalar:
    """The shift of the nodes, in spacings, that keeps them farthest from all poles (one pole: it lies half-way).

    The result ignores it, unless a narrow pole falls on a node: then sum and correction would cancel to the last digit.
    """
    tau = 0.5 * jnp.log(jax.lax.stop_gradient(u)).real
    at = jnp.sort(jnp.mod((tau - _TAU_LOW) / h, 1.0))
    gaps = jnp.append(at[1:], at[0] + 1.0) - at
    widest = jnp.argmax(gaps)
    return jnp.mod(at[widest] + 0.5 * gaps[widest], 1.0)


def _pole(
    group: ChannelGroup,
    i: int,
    offset: Complex[Array, ""],
    u: Complex[Array, ""],
    y_c: Scalar,
    gap: Scalar,
    m: Scalar,
    first: Scalar,
    h: float,
) -> Pole:
    resonance = group.resonances[i]
    s = resonance.mass**2 + offset
    w, slope = jax.jvp(resonance.w, (s,), (jnp.ones((), complex),))
    # beside the pole sigma is its residue over the distance; D_bar is set, not computed, so no digit is lost
    D_bar = _CLOSE * offset
    propagators = [r.propagator(s) for r in group.resonances]
    propagators[i] = Propagator(2j * w + D_bar, D_bar)
    sigma_residue = group.cross_section(s, tuple(propagators)) * D_bar / (1.0 - 1j * slope)
    y = y_c + u
    residue = sigma_residue * y**0.5 * (gap + u) * (y + 1.0) / (8.0 * m**2)
    phase = jnp.exp(2j * jnp.pi / h * (0.5 * jnp.log(u) - first))
    return Pole(u, phase / (phase - 1.0), residue)


def _corrected(
    total: Float[Array, "n_channel n_x"], gap: Scalar, pole: Pole, x: Float[Array, " n_x"], bessel: _Bessel
) -> Float[Array, "n_channel n_x"]:
    """The trapezoidal sum less the error that the pole makes: -4 pi Im(residue e^{i phi} / (e^{i phi} - 1))."""
    # a pole far below the lower end is no concern of the rule; its term would overflow
    near = (pole.u.real > -0.5 * pole.u.imag) & (2.0 * x * pole.u.real > -5.0)
    # far above it, it is suppressed beyond any double
    exponent = jnp.where(near, -2.0 * x * (gap + pole.u), -1.0)
    z = jnp.where(near, 2.0 * x * (1.0 + gap + pole.u), 6.0)
    kernel = jnp.exp(exponent) * bessel(z)
    correction = -4.0 * jnp.pi * ((pole.residue * pole.factor)[:, None] * kernel).imag
    whole = total + jnp.where(near, correction, 0.0)
    # sum and correction that nearly cancel: the sum alone is the better number
    return jnp.where(whole > 0.02 * total, whole, total)
