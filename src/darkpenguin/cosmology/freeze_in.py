"""Relic density of dark matter made by the decays of a mediator and by scatterings, from feeble to thermal.

With Y of the mediator, X of all dark matter, k = K1/K2(m_a/T) and H_s = H / (1 + dln h/dln T / 3),

    H_s dY/dln x = (R + Gamma_vis k)(Y_eq - Y) - Gamma_dark k (Y - Y_eq (X/X_eq)^2),
    H_s dX/dln x = 2 Gamma_dark k (Y - Y_eq (X/X_eq)^2) + 2 gamma_direct/s (1 - (X/X_eq)^2).

[Hall:2009bx; arXiv:2502.04900, eqs. 27 and 28, with both b and bbar counted, g of the energy density in H, and
the factor in H_s.] Implicit Euler has a closed, positive solution of both at once; it is stable however fast the
rates, so mediator and dark matter may be far from equilibrium or in it. Three grids, extrapolated by Richardson.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import Scalar, safe_divide, safe_sqrt
from darkpenguin.cosmology.bessel import k1_over_k2, k2e
from darkpenguin.cosmology.thermal_bath import INSIDE, ThermalBath

GOOD, OUTSIDE_TABLE, LONG_LIVED, NOT_FINITE = 0, 1, 2, 3
STATUS = {
    GOOD: "good",
    OUTSIDE_TABLE: "starts at a temperature above the table of the plasma",
    LONG_LIVED: "the mediator outlives the period that is followed; part of it has not decayed",
    NOT_FINITE: "a rate, mass or width is not finite, or not positive",
}

Rate = Callable[[Float[Array, " n_T"]], Float[Array, " n_T"]]

_X_FIRST = 0.005
_X_LAST_LEAST, _X_LAST_MOST = 2e3, 1e12
_DECAYED = 60.0  # Gamma_a / H at the end
_CLOSED = 30.0  # m_a/T - 2 m/T at the end: then pairs of dark particles no longer make the mediator
_X_LAST_CLOSED = 1e9
_DIRECT = 3.0  # p/T of dark matter that scatterings make
_LARGEST_EXPONENT = 300.0
_THREE_GRIDS = (1.0 / 3.0, -2.0, 8.0 / 3.0)
_TWO_GRIDS = (-1.0, 2.0)
_FLOOR = 3e-6  # what is left where the two extrapolations agree, from the comparison with a stiff solver


class FreezeIn(eqx.Module):
    """Dark matter chi behind a mediator a.

    mass, degrees : of chi [GeV]; its states, antiparticles included (4 for a Dirac fermion).
    mediator_mass, mediator_degrees : of a [GeV]; its states.
    width_visible : of a to the plasma [GeV].
    width_dark : of a to two dark particles [GeV]; 0 where this is closed.
    production : T [n_T] -> R [GeV], how many mediators the plasma makes per volume and time by anything but the inverse
        of width_visible, over the equilibrium density of a (see thermal_rates).
    direct : T [n_T] -> reactions per volume and time [GeV^4] that make two dark particles, no real mediator; or None.
    """

    mass: Scalar
    degrees: Scalar
    mediator_mass: Scalar
    mediator_degrees: Scalar
    width_visible: Scalar
    width_dark: Scalar
    production: Rate
    direct: Rate | None = None


class FrozenIn(eqx.Module):
    """Result of a freeze-in.

    omega_h2 : of all dark matter. Y : its yield n/s today, antiparticles included.
    mediator_left : yield of the mediator at the end. thermal : largest X/X_eq while T > m; near 1 the dark matter was
        in equilibrium, and annihilations that are left out here may matter.
    momentum : mean of p/(T h^(1/3)) over the particles, conserved while they stream freely; 0.527 for feeble decays of
        a mediator in equilibrium at h = 106.75. Decays of a thermal mediator; `direct` at p = 3 T.
    error : estimate of the relative numerical error. status : key of `STATUS`.
    """

    omega_h2: Scalar
    Y: Scalar
    mediator_left: Scalar
    thermal: Scalar
    momentum: Scalar
    error: Scalar
    status: Int[Array, ""]


class _Rates(eqx.Module):
    """On a grid, per ln x: a to the plasma, a to chi, Y_eq, Y_eq/X_eq^2, direct production, X_eq^-2, X_eq^-1 while
    chi is relativistic (else 0), and p/(T h^(1/3)) of chi from decays and from direct production."""

    visible: Float[Array, " n"]
    dark: Float[Array, " n"]
    Y_eq: Float[Array, " n"]
    kappa: Float[Array, " n"]
    direct: Float[Array, " n"]
    inverse_X_eq2: Float[Array, " n"]
    inverse_X_eq: Float[Array, " n"]
    from_decay: Float[Array, " n"]
    from_direct: Float[Array, " n"]


def freeze_in(sector: FreezeIn, bath: ThermalBath, n: int = 1024) -> FrozenIn:
    """Relic density; n steps on the finest of three grids. Differentiable; `jacfwd` is cheaper for few parameters."""
    x_last = last_x(sector, bath)
    x_first = _X_FIRST * jnp.minimum(1.0, sector.mediator_mass / sector.mass)  # T is 200 times the heavier mass
    ln_x = jnp.log(x_first) + jnp.log(x_last / x_first) * np.linspace(0.0, 1.0, n + 1)
    x = jnp.exp(ln_x)
    rates = _rates(sector, bath, x)
    ends = [_euler(rates, stride, stride * (ln_x[1] - ln_x[0])) for stride in (4, 2, 1)]
    X, P = (_extrapolated([getattr(end, name) for end in ends], _THREE_GRIDS) for name in "XP")
    coarser = _extrapolated([end.X for end in ends[1:]], _TWO_GRIDS)
    omega_h2 = bath.abundance(sector.mass, X)
    # dlnX/dln x at the end: what has not ended changes X by as much
    still = jnp.abs(ends[-1].made) / (ln_x[1] - ln_x[0])
    error = jnp.abs(coarser / jnp.where(X > 0.0, X, 1.0) - 1.0) + still + _FLOOR
    fine = (omega_h2 >= 0.0) & (sector.mass > 0.0) & (sector.mediator_mass > 0.0)
    fine &= (sector.width_visible >= 0.0) & (sector.width_dark >= 0.0)
    for number in (omega_h2, X, P, *ends[-1], error):
        fine &= jnp.isfinite(number)
    status = jnp.where(x_last >= 0.99 * _X_LAST_MOST, LONG_LIVED, GOOD)
    status = jnp.where(bath.status(sector.mediator_mass / x_first) != INSIDE, OUTSIDE_TABLE, status)
    return FrozenIn(
        omega_h2=jnp.where(fine, omega_h2, 0.0),
        Y=jnp.where(fine, X, 0.0),
        mediator_left=jnp.where(fine, ends[-1].Y, 0.0),
        thermal=jnp.where(fine, ends[-1].thermal, 0.0),
        momentum=jnp.where(fine, safe_divide(P, X), 0.0),
        error=jnp.where(fine, error, 1.0),
        status=jnp.where(fine, status, NOT_FINITE),
    )


def last_x(sector: FreezeIn, bath: ThermalBath) -> Scalar:
    """m_a/T where the mediator's width is 60 times the expansion rate, at least 2000; without gradient.

    Close to its threshold, later: where (m_a - 2 m)/T = 30, at most at 1e9.
    """
    m, width = sector.mediator_mass, sector.width_visible + sector.width_dark
    width, m = jax.lax.stop_gradient(width), jax.lax.stop_gradient(m)
    gap = jnp.maximum(1.0 - 2.0 * jax.lax.stop_gradient(sector.mass) / m, _CLOSED / _X_LAST_CLOSED)
    T = m
    for _ in range(6):  # H goes as T^2 up to the slow change of g
        T = T * jnp.sqrt(width / (_DECAYED * bath.hubble(T)))
        T = jnp.clip(T, m / _X_LAST_MOST, m / _X_LAST_LEAST)
    return jnp.where(sector.width_dark > 0.0, jnp.maximum(m / T, _CLOSED / gap), _X_LAST_LEAST)


def _rates(sector: FreezeIn, bath: ThermalBath, x: Float[Array, " n"]) -> _Rates:
    T = sector.mediator_mass / x
    z = sector.mass / T
    H, s = bath.hubble_per_ln_T(T), bath.entropy_density(T)
    k, per_T = k1_over_k2(x), bath.h(T) ** (-1.0 / 3.0)
    # equilibrium yields with exp(m/T) taken out; their ratio is formed before any exponential can overflow
    Y = sector.mediator_degrees * T**3 / (2.0 * jnp.pi**2 * s) * x**2 * k2e(x)
    X = sector.degrees * T**3 / (2.0 * jnp.pi**2 * s) * z**2 * k2e(z)
    direct = jnp.zeros_like(x) if sector.direct is None else 2.0 * sector.direct(T) / (s * H)
    return _Rates(
        visible=(sector.production(T) + sector.width_visible * k) / H,
        dark=sector.width_dark * k / H,
        Y_eq=Y * jnp.exp(-x),
        kappa=Y / X**2 * jnp.exp(jnp.minimum(2.0 * z - x, _LARGEST_EXPONENT)),
        direct=direct,
        inverse_X_eq2=jnp.exp(jnp.minimum(2.0 * z, _LARGEST_EXPONENT)) / X**2,
        inverse_X_eq=jnp.where(z < 1.0, 1.0 / X, 0.0),
        # half the energy of the decaying a, whose mean is m_a/k, since decays are slower by m_a/E; times beta of chi
        from_decay=0.5 * x / k * safe_sqrt(1.0 - 4.0 * (sector.mass / sector.mediator_mass) ** 2) * per_T,
        from_direct=_DIRECT * per_T,
    )


class _End(NamedTuple):
    """Y and X, X times the mean momentum, the largest X/X_eq on the way, and the share of X that the last step made."""

    Y: Scalar
    X: Scalar
    P: Scalar
    thermal: Scalar
    made: Scalar


def _euler(rates: _Rates, stride: int, h: Scalar) -> _End:
    """The end, from nothing at the start."""

    def step(before: _End, r: _Rates) -> tuple[_End, None]:
        a_v, a_x, d = h * r.visible, h * r.dark, h * r.direct
        D = 1.0 + a_v + a_x
        source = before.Y + a_v * r.Y_eq
        A = 2.0 * a_x * r.kappa * (1.0 + a_v) / D + d * r.inverse_X_eq2
        B = before.X + 2.0 * a_x * source / D + d
        X = 2.0 * B / (1.0 + jnp.sqrt(1.0 + 4.0 * A * B))
        Y = (source + a_x * r.kappa * X**2) / D
        # what is lost again has the mean momentum
        lost = (2.0 * a_x * r.kappa + d * r.inverse_X_eq2) * X
        P = (before.P + 2.0 * a_x * Y * r.from_decay + d * r.from_direct) / (1.0 + lost)
        made = (X - before.X) / jnp.where(X > 0.0, X, 1.0)
        return _End(Y, X, P, jnp.maximum(before.thermal, X * r.inverse_X_eq), made), None

    zero = jnp.zeros(())
    end, _ = jax.lax.scan(step, _End(zero, zero, zero, zero, zero), jax.tree.map(lambda v: v[stride::stride], rates))
    return end


def _extrapolated(values: list[Scalar], factors: tuple[float, ...]) -> Scalar:
    return sum((c * v for c, v in zip(factors, values, strict=True)), start=jnp.zeros(()))
