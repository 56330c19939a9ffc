"""Dark matter from an axion-like particle made by b quarks: rates, yields, relic densities for figures.

One coupling C_q/f [GeV^-1] to every quark and to s b, one C_chi/f to a Dirac fermion chi. [arXiv:2502.04900]
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import Scalar
from darkpenguin.cosmology.bessel import k1_over_k2
from darkpenguin.cosmology.constants import read_constants
from darkpenguin.cosmology.freeze_in import FreezeIn, FrozenIn, freeze_in
from darkpenguin.cosmology.thermal_bath import Temperature, ThermalBath, load_bath
from darkpenguin.cosmology.thermal_rates import equilibrium_density
from darkpenguin.decays.alp import AlpCouplings, AlpWidths, alp_widths
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.models.alp_portal_dark import FEEBLE_DECAYS, BottomCouplings, Production, dark_sector, production

M_A = 2.0
"""Mass of the axion-like particle in GeV."""
_T_TABLE = np.geomspace(0.05, 500.0, 600)  # GeV; the production is negligible below, the solver starts at 400 GeV

Grid = Float[Array, " n_T"]
State = tuple[Scalar, Scalar]


class PrintedBath(ThermalBath):
    """The expansion as eqs. (26) to (28) of arXiv:2502.04900 have it: g of the entropy in H, no change of g."""

    def hubble(self, T: Temperature) -> Temperature:
        return jnp.sqrt(8.0 * jnp.pi / 3.0 * jnp.pi**2 / 30.0 * self.h(T)) * T**2 / self.M_Planck

    def hubble_per_ln_T(self, T: Temperature) -> Temperature:
        return self.hubble(T)


class Choices(NamedTuple):
    """What the paper prints differs from what its Lagrangian gives.

    exponent : of 1 - m_a^2/m_b^2 in the width of b -> s a.   loop_argument : of `alp.gluon_coupling`.
    """

    bath: ThermalBath
    exponent: int = 2
    loop_argument: float = 4.0


def choices(as_printed: bool = False, bath: str = "saikawa-shirai-2020") -> Choices:
    """Ours, or those that repeat the numbers in print: the cube of eq. (21), c tau = 65 m, eq. (26)."""
    plasma = load_bath(bath)
    if not as_printed:
        return Choices(plasma)
    printed = PrintedBath(**{f.name: getattr(plasma, f.name) for f in dataclasses.fields(plasma)})
    return Choices(printed, exponent=3, loop_argument=1.0)


def densities(T: Grid, exponent: int = 2) -> Production:
    """How often the plasma makes the particle per volume and time, GeV^4, for C_q/f = 1 GeV^-1."""
    k, one = light_state_constants(), jnp.ones(())
    made = production(BottomCouplings(C_V=1.0, C_A=1.0, C_b=one, f_a=one), jnp.asarray(M_A), T, k)
    return made._replace(decay=made.decay * (1.0 - (M_A / k.m_b) ** 2) ** (exponent - 2))


def per_particle(made: Grid, T: Grid) -> Grid:
    """Rate [GeV] per axion-like particle in equilibrium: what stands before Y_eq - Y in the Boltzmann equation."""
    return made / equilibrium_density(jnp.asarray(M_A), 1.0, T)


class ProductionTable(NamedTuple):
    """ln of the rate per particle on a grid of ln T, for C_q/f = 1: tabulated once, used at every coupling."""

    ln_T: Grid
    ln_rate: Grid

    def __call__(self, T: Grid) -> Grid:
        rate = jnp.exp(jnp.interp(jnp.log(T), self.ln_T, self.ln_rate))
        return jnp.where(_T_TABLE[0] <= T, rate, 0.0)


def production_table(exponent: int = 2) -> ProductionTable:
    """The sum of all production; straight lines between 600 points, to 1e-4."""
    T = jnp.asarray(_T_TABLE)
    made = densities(T, exponent)
    return ProductionTable(jnp.log(T), jnp.log(per_particle(made.decay + made.scattering, T)))


def widths(C_q: Scalar, C_chi: Scalar, m_chi: Scalar, loop_argument: float = 4.0) -> AlpWidths:
    """Of the axion-like particle; couplings over f in GeV^-1."""
    zero = jnp.zeros(())
    C = AlpCouplings(f_a=1.0 / C_q, quarks=jnp.ones(6), leptons=jnp.zeros(3), chi=C_chi / C_q, G_UV=zero, gamma_UV=zero)
    return alp_widths(C, jnp.asarray(M_A), m_chi, light_state_constants(), loop_argument=loop_argument)


def sector(C_q: Scalar, C_chi: Scalar, m_chi: Scalar, table: ProductionTable, chosen: Choices) -> FreezeIn:
    """The problem that `freeze_in` solves."""
    k, one = light_state_constants(), jnp.ones(())
    C = BottomCouplings(C_V=1.0, C_A=1.0, C_b=one, f_a=1.0 / C_q)
    w = widths(C_q, C_chi, m_chi, chosen.loop_argument)
    made = dark_sector(C, w, jnp.asarray(M_A), m_chi, majorana=False, k=k)
    return dataclasses.replace(made, production=lambda T: C_q**2 * table(T))


def relic(C_q: Scalar, C_chi: Scalar, m_chi: Scalar, table: ProductionTable, chosen: Choices) -> FrozenIn:
    """Relic density of chi."""
    return freeze_in(sector(C_q, C_chi, m_chi, table, chosen), chosen.bath)


def yields(made: FreezeIn, bath: ThermalBath, x: Grid) -> tuple[Grid, Grid]:
    """(Y_a, Y_chi) at x = m_a/T on a grid uniform in ln x, from nothing at its start; implicit Euler.

    chi chi -> a is left out: nothing but a feeble chi is meant. The solver of `freeze_in` has it.
    """
    T = made.mediator_mass / x
    H, k = bath.hubble_per_ln_T(T), k1_over_k2(x)
    h = jnp.log(x[1] / x[0])
    visible, dark = h * (made.production(T) + made.width_visible * k) / H, h * made.width_dark * k / H
    Y_eq = equilibrium_density(made.mediator_mass, made.mediator_degrees, T) / bath.entropy_density(T)

    def step(state: State, row: tuple[Scalar, Scalar, Scalar]) -> tuple[State, State]:
        (Y, X), (a_v, a_x, E) = state, row
        Y = (Y + a_v * E) / (1.0 + a_v + a_x)
        X = X + 2.0 * a_x * Y
        return (Y, X), (Y, X)

    zero = jnp.zeros(())
    return jax.lax.scan(step, (zero, zero), (visible, dark, Y_eq))[1]


def coupling_for(omega_h2: float, C_q: Grid, m_chi: Scalar, table: ProductionTable, chosen: Choices) -> np.ndarray:
    """C_chi/f [n] that makes chi all of the dark matter at each C_q/f [n]; NaN where none up to 1 does.

    m_chi : one mass in GeV, or one for each C_q/f.
    """
    ln_C, reached = _solve(jnp.asarray(omega_h2), C_q, jnp.broadcast_to(m_chi, C_q.shape), table, chosen)
    return np.where(np.asarray(reached), np.exp(np.asarray(ln_C)), np.nan)


def lightest_cold(omega_h2: float, C_q: Grid, table: ProductionTable, chosen: Choices) -> np.ndarray:
    """Smallest mass of chi [n] in GeV that is not too warm as all of the dark matter at each C_q/f [n].

    15 keV where the particle decays in equilibrium; more where it decays late, since its mass then exceeds the
    temperature. Each step corrects the mass by the momentum of the last, which hardly depends on it.
    """
    limit = read_constants()["m_freeze_in"].value / FEEBLE_DECAYS
    momentum = eqx.filter_jit(jax.vmap(lambda q, c, m: relic(q, c, m, table, chosen).momentum))
    m_chi = jnp.full(C_q.shape, 1e-3)
    for _ in range(3):
        C_chi = coupling_for(omega_h2, C_q, m_chi, table, chosen)
        m_chi = limit * momentum(C_q, jnp.asarray(np.nan_to_num(C_chi, nan=1.0)), m_chi)
    return np.asarray(m_chi)


@eqx.filter_jit
def _solve(
    omega_h2: Scalar, C_q: Grid, m_chi: Grid, table: ProductionTable, chosen: Choices
) -> tuple[Grid, Bool[Array, " n_T"]]:
    """ln C_chi/f between 1e-14 and 1 by halving, and whether the upper end ever moved: else 1 is not enough."""

    def too_much(ln_C: Grid) -> Bool[Array, " n_T"]:
        found = jax.vmap(lambda q, ln, m: relic(q, jnp.exp(ln), m, table, chosen).omega_h2)(C_q, ln_C, m_chi)
        return found > omega_h2

    def halve(_: int, ends: tuple[Grid, Grid]) -> tuple[Grid, Grid]:
        middle = 0.5 * (ends[0] + ends[1])
        high = too_much(middle)
        return jnp.where(high, ends[0], middle), jnp.where(high, middle, ends[1])

    top = jnp.zeros_like(C_q)
    low, high = jax.lax.fori_loop(0, 20, halve, (jnp.full_like(C_q, np.log(1e-14)), top))
    return 0.5 * (low + high), high < top
