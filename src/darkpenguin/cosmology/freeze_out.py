"""Relic density of dark matter that was in equilibrium with the plasma.

    dY/dx = -L (Y^2 - E^2),   L = sqrt(pi/45) M_Planck m sqrt(g*) <sigma v> / x^2,   E = Y_eq.
    [Gondolo:1990dk]

Three stages. Until k/xi = (L E) / (-dln E/dx) falls to a fixed number, more if k falls faster than exp(-x), the yield
follows E. Through freeze-out the equation, linear in (p, q) with Y/E = p/q, is stepped by a sixth-order Magnus
integrator whose exponential acts on the ratio as a Moebius map: positive, exact in equilibrium, with nothing to iterate
[Blanes:2008xlr]. After it E no longer matters and 1/Y grows by the integral of L. Details and measured accuracy: page
"The early universe".
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import Scalar, gauss_legendre
from darkpenguin.cosmology.bessel import k1_over_k2, k2e
from darkpenguin.cosmology.magnus import Traceless, magnus_6
from darkpenguin.cosmology.thermal_average import ChannelGroup, ClosedForm, Grid, ThermalAverage, thermal_average
from darkpenguin.cosmology.thermal_bath import INSIDE, ThermalBath

GOOD, HOT_OR_FEEBLE, LATE, OUTSIDE_TABLE, NOT_FINITE = 0, 1, 2, 3, 4
STATUS = {
    GOOD: "good",
    HOT_OR_FEEBLE: "decouples at x < 3, while relativistic or because it is too feeble; use `freeze_out_stepped`",
    LATE: "still in equilibrium at x = 150",
    OUTSIDE_TABLE: "freezes out at a temperature outside the table of the plasma",
    NOT_FINITE: "a cross section, mass or width is not finite, or not positive",
}

_X_SCAN = np.geomspace(3.0, 150.0, 12)
_WINDOW = 9.0
_N_CHEBYSHEV = 12
_PANELS = np.array([0.0, 0.5, 1.1, 1.8, 2.6, 3.5, 4.6, 6.0, 7.6, 9.6, 13.0])
_N_PANEL_NODE = 6
_DEPARTED = 2.5  # Y / Y_eq that defines x_f


class Accuracy(NamedTuple):
    """Sizes of the three stages.

    `ACCURATE`: errors up to 1.2e-5 on two sets of 1000 points of all kinds. `FAST`: up to 6.4e-5, at 0.85 of the
    cost. The error estimate covers all of them.

    start : (k/xi) / max(1, kappa) where the integration starts, kappa = -dln k/dx; what is wrong there is forgotten
        as exp(-2 int k dx), about exp(-2 start). kappa is above 1 where channels are closed at rest.
    n_step : steps of the window.
    cells : numbers of cells of the late integral up to ln(x/x_2) = 3, 6, 13, and Gauss points in each.
    floor : the error where <sigma v> is smooth, as measured on the reference points.
    """

    grid: Grid = Grid()
    start: float = 16.0
    n_step: int = 32
    cells: tuple[tuple[int, int], ...] = ((60, 4), (40, 4), (40, 3))
    floor: float = 5e-6


ACCURATE = Accuracy()
FAST = Accuracy(start=10.0, n_step=24, cells=((60, 3), (30, 3), (20, 3)), floor=4e-5)


class FreezeOut(eqx.Module):
    """Dark matter that annihilates with its like (self-conjugate) or with its antiparticle.

    mass : GeV.
    degrees : spin states of the particle, its antiparticle not counted: 1 scalar, 2 Majorana or Dirac, 3 vector.
    groups : annihilation channels; sigma is that of one pair, averaged over initial spins.
    self_conjugate : else the relic density is that of particles and antiparticles, in equal numbers.
    """

    mass: Scalar
    degrees: Scalar
    groups: tuple[ChannelGroup | ClosedForm, ...]
    self_conjugate: bool = eqx.field(static=True, default=True)

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Names of all channels, in the order of `Relic.shares`."""
        return tuple(name for group in self.groups for name in group.names)


class Relic(eqx.Module):
    """Result of a freeze-out; where the status is not 0 the numbers are finite but mean nothing.

    omega_h2 : of all dark matter. Y : yield today of one kind (particle), n/s.
    x_freeze : m/T where Y = 2.5 Y_eq. sigma_v : <sigma v> there [GeV^-2]; shares [n_channel] : of each channel.
    error : estimate of the relative numerical error of omega_h2. status : key of `STATUS`.
    """

    omega_h2: Scalar
    Y: Scalar
    x_freeze: Scalar
    sigma_v: Scalar
    shares: Float[Array, " n_channel"]
    error: Scalar
    status: Int[Array, ""]


def freeze_out(sector: FreezeOut, bath: ThermalBath, accuracy: Accuracy = ACCURATE) -> Relic:
    """Relic density; differentiable, and of a fixed cost that suits `vmap`."""
    average = thermal_average(sector.groups, sector.mass, accuracy.grid)
    x_1, status = _start(sector, bath, average, accuracy.start)
    x_2 = x_1 + _WINDOW
    x_freeze, Y_2, window_error = _window(sector, bath, average, x_1, accuracy)
    growth, tail_error = _late_growth(sector, bath, average, x_2, accuracy)
    Y = 1.0 / (1.0 / Y_2 + growth)
    sigma_v = average.channels(x_freeze[None])[:, 0]
    late = growth * Y
    error = (1.0 - late) * window_error + late * tail_error + accuracy.floor
    return relic_of(sector, bath, Y, x_freeze, sigma_v, error, status)


def relic_of(
    sector: FreezeOut,
    bath: ThermalBath,
    Y: Scalar,
    x_freeze: Scalar,
    sigma_v: Float[Array, " n_channel"],
    error: Scalar,
    status: Int[Array, ""],
) -> Relic:
    """The result for a yield Y; if any number of it is not finite, all are 0 and the status, if good, is NOT_FINITE."""
    kinds = 1.0 if sector.self_conjugate else 2.0
    omega_h2 = kinds * bath.abundance(sector.mass, Y)
    total = sigma_v.sum()
    fine = (sector.mass > 0.0) & (omega_h2 > 0.0) & (total > 0.0)
    for number in (omega_h2, Y, x_freeze, total, error):
        fine &= jnp.isfinite(number)

    def clean(number: Float[Array, " *shape"]) -> Float[Array, " *shape"]:
        return jnp.where(fine, number, 0.0)

    return Relic(
        omega_h2=clean(omega_h2),
        Y=clean(Y),
        x_freeze=clean(x_freeze),
        sigma_v=clean(total),
        shares=clean(sigma_v / jnp.where(fine, total, 1.0)),
        error=jnp.where(fine, error, 1.0),
        status=jnp.where(fine | (status != GOOD), status, NOT_FINITE),
    )


def equilibrium_yield(m: Scalar, degrees: Scalar, x: Float[Array, " n"], h: Float[Array, " n"]) -> Float[Array, " n"]:
    """Y_eq = 45 g x^2 K2(x) / (4 pi^4 h) of a Maxwell-Boltzmann gas times exp(x)."""
    return 45.0 / (4.0 * jnp.pi**4) * degrees * x**2 * k2e(x) / h


def annihilation_strength(m: Scalar, bath: ThermalBath) -> Scalar:
    """sqrt(pi/45) M_Planck m [GeV^2]: L is this times sqrt(g*) <sigma v> / x^2."""
    return jnp.sqrt(jnp.pi / 45.0) * bath.M_Planck * m


class _Rates(NamedTuple):
    xi: Float[Array, " n"]  # -dln E/dx
    k: Float[Array, " n"]  # L E
    E: Float[Array, " n"]


def _rates(sector: FreezeOut, bath: ThermalBath, x: Float[Array, " n"], sigma_v: Float[Array, " n"]) -> _Rates:
    T = sector.mass / x
    h, slope = bath.h_and_slope(T)
    sqrt_gstar = h / jnp.sqrt(bath.g(T)) * (1.0 + slope / 3.0)
    E = equilibrium_yield(sector.mass, sector.degrees, x, h) * jnp.exp(-x)
    L = annihilation_strength(sector.mass, bath) * sqrt_gstar * sigma_v / x**2
    return _Rates(k1_over_k2(x) - slope / x, L * E, E)


def _start(
    sector: FreezeOut, bath: ThermalBath, average: ThermalAverage, start: float
) -> tuple[Scalar, Int[Array, ""]]:
    """x_1 where k/xi falls to `start` max(1, kappa), and the status.

    x_1 has no gradient: the result does not depend on it. k/xi falls monotonically: <sigma v> n_eq^2 is a Laplace
    transform, so ln k is convex and kappa falls too.
    """
    x = jnp.asarray(_X_SCAN)
    rates = _rates(sector, bath, x, jnp.exp(_safe_log(average.total(x))))
    ln_k = jax.lax.stop_gradient(jnp.log(rates.k))
    kappa = -_slope(ln_k, _X_SCAN)
    excess = ln_k - jax.lax.stop_gradient(jnp.log(rates.xi * start * jnp.maximum(1.0, kappa)))
    above = excess > 0.0
    left = jnp.clip(jnp.sum(above) - 1, 0, x.shape[0] - 2)
    fraction = excess[left] / (excess[left] - excess[left + 1])
    x_1 = jnp.clip(x[left] + (x[left + 1] - x[left]) * fraction, x[0], x[-1])
    status = jnp.where(above[0], jnp.where(above[-1], LATE, GOOD), HOT_OR_FEEBLE)
    outside = bath.status(sector.mass / x_1) != INSIDE
    return x_1, jnp.where((status == GOOD) & outside, OUTSIDE_TABLE, status)


def _slope(f: Float[Array, " n"], x: np.ndarray) -> Float[Array, " n"]:
    """df/dx at the points: parabolas through neighbours, straight lines at the ends."""
    step = np.diff(x)
    line = jnp.diff(f) / step
    inner = (line[:-1] * step[1:] + line[1:] * step[:-1]) / (step[1:] + step[:-1])
    return jnp.concatenate([line[:1], inner, line[-1:]])


def _window(
    sector: FreezeOut, bath: ThermalBath, average: ThermalAverage, x_1: Scalar, accuracy: Accuracy
) -> tuple[Scalar, Scalar, Scalar]:
    """x_f, the yield at the end of the window, and the error of ln <sigma v> there."""
    rule = _window_rule(accuracy.n_step)
    ln_sigma_v = _safe_log(average.total(x_1 + _WINDOW * rule.chebyshev))
    x = x_1 + _WINDOW * rule.node
    rates = _rates(sector, bath, x, jnp.exp(rule.to_node @ ln_sigma_v))
    first, last = (_rates(sector, bath, q[None], jnp.exp(ln)[None]) for q, ln in _ends(x_1, rule, ln_sigma_v))
    D = first.xi[0] / (2.0 * first.k[0])
    omega = _steps(rates.xi.reshape(-1, 3), rates.k.reshape(-1, 3), jnp.asarray(_WINDOW * rule.step))
    w = jnp.sqrt(omega.a**2 + omega.b * omega.c)
    t = jnp.tanh(w) / w

    def moebius(r: Scalar, step: tuple[Scalar, Scalar, Scalar]) -> tuple[Scalar, Scalar]:
        at, bt, ct = step
        r = ((1.0 + at) * r + bt) / (ct * r + (1.0 - at))
        return r, r

    r_2, inner = jax.lax.scan(moebius, D + jnp.sqrt(1.0 + D**2), (omega.a * t, omega.b * t, omega.c * t))
    edges = x_1 + _WINDOW * rule.edge[1:]
    x_freeze = jnp.interp(jnp.log(_DEPARTED), jnp.log(inner), edges)
    # beyond the window: the first order in the source that is left
    r_2 = r_2 + last.k[0] / (2.0 * last.xi[0])
    return x_freeze, r_2 * last.E[0], jnp.sum(jnp.abs(rule.last_coefficients @ ln_sigma_v))


def _ends(
    x_1: Scalar, rule: _WindowRule, ln_sigma_v: Float[Array, " n_chebyshev"]
) -> tuple[tuple[Scalar, Scalar], tuple[Scalar, Scalar]]:
    return (x_1, rule.to_ends[0] @ ln_sigma_v), (x_1 + _WINDOW, rule.to_ends[1] @ ln_sigma_v)


def _steps(xi: Float[Array, "n_step 3"], k: Float[Array, "n_step 3"], h: Float[Array, " n_step"]) -> Traceless:
    """Exponent of each step for d(p, q)/dx = [[xi/2, k], [k, -xi/2]] (p, q); xi, k at its Gauss nodes, h its length."""
    return magnus_6(*(Traceless(0.5 * xi[:, i] * h, k[:, i] * h, k[:, i] * h) for i in range(3)))


def _late_growth(
    sector: FreezeOut, bath: ThermalBath, average: ThermalAverage, x_2: Scalar, accuracy: Accuracy
) -> tuple[Scalar, Scalar]:
    """The integral of L from x_2 to infinity, and its relative error from interpolating and extending <sigma v>."""
    rule = _tail_rule(accuracy.cells)
    ln_sigma_v = _safe_log(average.total(x_2 * jnp.exp(rule.panel_node)))
    panels = ln_sigma_v.reshape(-1, _N_PANEL_NODE)
    sigma_v = jnp.exp(jnp.sum(rule.to_fine * panels[rule.panel], axis=1))
    x = x_2 * jnp.exp(rule.t)
    density = sigma_v * bath.sqrt_gstar_fast(sector.mass / x) / x
    inside = jnp.sum(rule.weight * density)
    x_e = x_2 * np.exp(_PANELS[-1])
    beyond = bath.sqrt_gstar_fast(sector.mass / x_e) * jnp.exp(ln_sigma_v[-1]) / x_e
    share = jax.ops.segment_sum(rule.weight * density, rule.panel, panels.shape[0]) / (inside + beyond)
    error = jnp.sum(share * jnp.abs(panels @ rule.last_coefficient))
    # beyond the last panel <sigma v> is taken as constant: wrong by slope/(1 - slope) of its share
    slope = (ln_sigma_v[-1] - ln_sigma_v[-2]) / (rule.panel_node[-1] - rule.panel_node[-2])
    error += beyond / (inside + beyond) * jnp.abs(slope) / (1.0 - jnp.minimum(slope, 0.8))
    return annihilation_strength(sector.mass, bath) * (inside + beyond), error


def _safe_log(sigma_v: Float[Array, " n"]) -> Float[Array, " n"]:
    # forbidden channels underflow at low temperature
    return jnp.log(jnp.maximum(sigma_v, 1e-290))


class _WindowRule(NamedTuple):
    """On the unit interval: Chebyshev nodes of ln <sigma v>, edges and lengths of the steps, their Gauss nodes,
    the matrices that interpolate, and those that read off the last two Chebyshev coefficients."""

    chebyshev: np.ndarray
    edge: np.ndarray
    step: np.ndarray
    node: np.ndarray
    to_node: np.ndarray
    to_ends: np.ndarray
    last_coefficients: np.ndarray


def _window_rule(n_step: int) -> _WindowRule:
    angle = (np.arange(_N_CHEBYSHEV) + 0.5) * np.pi / _N_CHEBYSHEV
    chebyshev = 0.5 * (1.0 - np.cos(angle))
    edge = np.expm1(np.arange(n_step + 1) / n_step) / np.expm1(1.0)
    gauss, _ = gauss_legendre(3)
    node = (edge[:-1, None] + np.diff(edge)[:, None] * gauss).ravel()
    inverse = np.linalg.inv(np.polynomial.chebyshev.chebvander(2.0 * chebyshev - 1.0, _N_CHEBYSHEV - 1))

    def to(t: np.ndarray) -> np.ndarray:
        return np.polynomial.chebyshev.chebvander(2.0 * t - 1.0, _N_CHEBYSHEV - 1) @ inverse

    return _WindowRule(chebyshev, edge, np.diff(edge), node, to(node), to(np.array([0.0, 1.0])), inverse[-2:])


class _TailRule(NamedTuple):
    """In t = ln(x/x_2): Gauss nodes of the panels, the fine nodes with weights, the panel that each lies in, the
    Lagrange factors that carry ln <sigma v> there, and the last Legendre coefficient of a panel."""

    panel_node: np.ndarray
    t: np.ndarray
    weight: np.ndarray
    panel: np.ndarray
    to_fine: np.ndarray
    last_coefficient: np.ndarray


def _tail_rule(cells: tuple[tuple[int, int], ...]) -> _TailRule:
    gauss, _ = gauss_legendre(_N_PANEL_NODE)
    panel_node = (_PANELS[:-1, None] + np.diff(_PANELS)[:, None] * gauss).ravel()
    t, weight = [], []
    for (low, high), (n_cell, n_point) in zip(((0.0, 3.0), (3.0, 6.0), (6.0, 13.0)), cells, strict=True):
        edge = np.linspace(low, high, n_cell + 1)
        x, w = gauss_legendre(n_point)
        t.append((edge[:-1, None] + np.diff(edge)[:, None] * x).ravel())
        weight.append((np.diff(edge)[:, None] * w).ravel())
    fine = np.concatenate(t)
    panel = np.searchsorted(_PANELS, fine, side="right") - 1
    inverse = np.linalg.inv(np.polynomial.legendre.legvander(2.0 * gauss - 1.0, _N_PANEL_NODE - 1))
    local = (fine - _PANELS[panel]) / np.diff(_PANELS)[panel]
    to_fine = np.polynomial.legendre.legvander(2.0 * local - 1.0, _N_PANEL_NODE - 1) @ inverse
    return _TailRule(panel_node, fine, np.concatenate(weight), panel, to_fine, inverse[-1])
