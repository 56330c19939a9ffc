"""The Standard Model plasma: degrees of freedom, entropy, expansion rate.

    rho = pi^2/30 g(T) T^4,      s = 2 pi^2/45 h(T) T^3,      H^2 = 8 pi rho / (3 M_Planck^2).

Published tables of g and h are interpolated as ln g, ln h in ln T by the not-a-knot cubic spline through all rows,
resampled once on a uniform grid (cubic Hermite), so that a look-up is one index and its derivative is exact. Outside
a table both are constant, and `status` says so.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin import cite
from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import Scalar
from darkpenguin.cosmology.constants import cosmology_folder, read_constants
from darkpenguin.errors import BadData, UnknownName

DEFAULT = "saikawa-shirai-2020"
BELOW, INSIDE, ABOVE = -1, 0, 1
_N_CELL = 4096
_N_FINE = 16384

Temperature = Float[Array, " *shape"]


class BathTable(NamedTuple):
    """One published table, checked: T [GeV] increasing, h (entropy) and g (energy) [n_row]."""

    name: str
    title: str
    references: tuple[str, ...]
    T: np.ndarray
    h: np.ndarray
    g: np.ndarray


class ThermalBath(eqx.Module):
    """Degrees of freedom against temperature, with what turns a yield into an abundance.

    ln_T_low, step : start and spacing of the uniform grid in ln(T/GeV), `_N_CELL` cells.
    nodes [n_node, 4] : ln h, dln h/dln T, ln g, dln g/dln T at the grid points.
    fine_step, fine [n_fine] : sqrt(g*) on a finer uniform grid, for integrals over many temperatures.
    M_Planck, T_CMB, H_100 : GeV.
    """

    name: str = eqx.field(static=True)
    references: tuple[str, ...] = eqx.field(static=True)
    ln_T_low: Scalar
    step: Scalar
    nodes: Float[Array, "n_node 4"]
    fine_step: Scalar
    fine: Float[Array, " n_fine"]
    M_Planck: Scalar
    T_CMB: Scalar
    H_100: Scalar

    def ln_h(self, T: Temperature) -> Temperature:
        """ln of the entropy degrees of freedom."""
        return self._look_up(T, 0)[0]

    def h(self, T: Temperature) -> Temperature:
        """Degrees of freedom of the entropy density."""
        return jnp.exp(self.ln_h(T))

    def g(self, T: Temperature) -> Temperature:
        """Degrees of freedom of the energy density."""
        return jnp.exp(self._look_up(T, 2)[0])

    def h_and_slope(self, T: Temperature) -> tuple[Temperature, Temperature]:
        """h and its exact logarithmic derivative dln h/dln T (0 outside the table)."""
        ln_h, slope = self._look_up(T, 0)
        return jnp.exp(ln_h), slope

    def sqrt_gstar(self, T: Temperature) -> Temperature:
        """h / sqrt(g) * (1 + dln h/dln T / 3), the combination in a freeze-out equation. [Gondolo:1990dk]"""
        h, slope = self.h_and_slope(T)
        return h / jnp.sqrt(self.g(T)) * (1.0 + slope / 3.0)

    def sqrt_gstar_fast(self, T: Temperature) -> Temperature:
        """`sqrt_gstar` from the fine grid by linear interpolation, to 1e-5."""
        at = (jnp.log(T) - self.ln_T_low) / self.fine_step
        n = self.fine.shape[0]
        at = jnp.clip(at, 0.0, n - 1.0)
        left = jnp.minimum(jnp.floor(jax.lax.stop_gradient(at)), n - 2.0).astype(int)
        return self.fine[left] + (at - left) * (self.fine[left + 1] - self.fine[left])

    def entropy_density(self, T: Temperature) -> Temperature:
        """s [GeV^3]."""
        return 2.0 * jnp.pi**2 / 45.0 * self.h(T) * T**3

    def energy_density(self, T: Temperature) -> Temperature:
        """rho [GeV^4]."""
        return jnp.pi**2 / 30.0 * self.g(T) * T**4

    def hubble(self, T: Temperature) -> Temperature:
        """Expansion rate H [GeV] of a universe that holds nothing but the plasma."""
        return jnp.sqrt(8.0 * jnp.pi / 3.0 * self.energy_density(T)) / self.M_Planck

    def hubble_per_ln_T(self, T: Temperature) -> Temperature:
        """H / (1 + dln h/dln T / 3) [GeV]: entropy conservation makes -dln T/dt of it."""
        return self.hubble(T) / (1.0 + self.h_and_slope(T)[1] / 3.0)

    def abundance(self, m: Scalar, Y: Scalar) -> Scalar:
        """Omega h^2 of particles of mass m [GeV] and yield Y = n/s today; h = h(T_CMB) of this very table."""
        critical = 3.0 / (8.0 * jnp.pi) * (self.H_100 * self.M_Planck) ** 2
        return m * Y * self.entropy_density(self.T_CMB) / critical

    def status(self, T: Temperature) -> Int[Array, " *shape"]:
        """0 inside the table, -1 below it, +1 above it."""
        x = (jnp.log(T) - self.ln_T_low) / self.step
        return jnp.where(x < 0.0, BELOW, jnp.where(x > self.nodes.shape[0] - 1.0, ABOVE, INSIDE))

    def with_species(self, mass: Scalar, dof: float, fermion: bool) -> ThermalBath:
        """The bath with one more ideal gas in equilibrium with it: `dof` states of mass `mass` [GeV], differentiable.

        Entropy stays conserved: what the species holds goes to the bath when it becomes heavy.
        """
        ln_T = self.ln_T_low + self.step * jnp.arange(self.nodes.shape[0])
        more_h, more_g = jax.vmap(
            lambda x: jnp.stack(jax.jvp(lambda y: ideal_gas(y, fermion), (x,), (-x,))), out_axes=1
        )(mass / jnp.exp(ln_T)).transpose(2, 0, 1)
        h, g = jnp.exp(self.nodes[:, 0]), jnp.exp(self.nodes[:, 2])
        new_h, new_g = h + dof * more_h[0], g + dof * more_g[0]
        nodes = jnp.stack(
            [
                jnp.log(new_h),
                (h * self.nodes[:, 1] + dof * more_h[1]) / new_h,
                jnp.log(new_g),
                (g * self.nodes[:, 3] + dof * more_g[1]) / new_g,
            ],
            axis=1,
        )
        new = eqx.tree_at(lambda b: b.nodes, self, nodes)
        return eqx.tree_at(lambda b: b.fine, new, new.sqrt_gstar(new.fine_temperatures()))

    def fine_temperatures(self) -> Float[Array, " n_fine"]:
        """Temperatures [GeV] of the fine grid."""
        return jnp.exp(self.ln_T_low + self.fine_step * jnp.arange(self.fine.shape[0]))

    def _look_up(self, T: Temperature, column: int) -> tuple[Temperature, Temperature]:
        n = self.nodes.shape[0]
        x = (jnp.log(T) - self.ln_T_low) / self.step
        inside = (x >= 0.0) & (x <= n - 1.0)
        x = jnp.clip(x, 0.0, n - 1.0)
        left = jnp.minimum(jnp.floor(jax.lax.stop_gradient(x)), n - 2.0).astype(int)
        t = x - left
        (y0, d0), (y1, d1) = ((self.nodes[i, column], self.step * self.nodes[i, column + 1]) for i in (left, left + 1))
        bend, skew = 3.0 * (y1 - y0) - 2.0 * d0 - d1, d0 + d1 - 2.0 * (y1 - y0)
        value = y0 + t * (d0 + t * (bend + t * skew))
        slope = (d0 + t * (2.0 * bend + 3.0 * t * skew)) / self.step
        return value, jnp.where(inside, slope, 0.0)


def ideal_gas(x: Scalar, fermion: bool) -> Float[Array, " 2"]:
    """(h, g) of one state of mass/temperature x without chemical potential, by momentum integrals; 1 or 7/8 at x = 0.

    g = 15/pi^4 int dp p^2 E / (exp(E) +- 1),   h = 45/(4 pi^4) int dp p^2 (E + p^2/(3 E)) / (exp(E) +- 1), T = 1.
    """
    # p = exp(t - exp(-t)): both ends decay double-exponentially for the trapezoidal rule
    t = np.linspace(-3.2, 5.0, 120)
    p = np.exp(t - np.exp(-t))
    weight = p * (1.0 + np.exp(-t)) * (t[1] - t[0])
    E = jnp.sqrt(p**2 + x**2)
    boltzmann = jnp.exp(-E)
    occupation = boltzmann / (1.0 + boltzmann if fermion else -jnp.expm1(-E))
    measure = weight * p**2 * occupation
    g = 15.0 / jnp.pi**4 * jnp.sum(measure * E)
    h = 45.0 / (4.0 * jnp.pi**4) * jnp.sum(measure * (E + p**2 / (3.0 * E)))
    return jnp.stack([h, g])


def bath_names() -> tuple[str, ...]:
    """Names of the published tables."""
    folder = cosmology_folder() / "thermal_bath"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def read_bath_table(name: str = DEFAULT) -> BathTable:
    """One published table. Raises UnknownName, and BadData if the table was changed or is not increasing."""
    if name not in bath_names():
        raise UnknownName("thermal bath", name, bath_names())
    folder = cosmology_folder() / "thermal_bath"
    about = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    data = (folder / about["table"]).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != about["sha256"]:
        raise BadData(f"{about['table']}: expected SHA-256 {about['sha256']}, found {found}; the table was changed")
    known = cite.known_keys()
    for key in about["references"]:
        if key not in known:
            raise BadData(f"{name}.toml: {UnknownName('reference', key, known)}")
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8")))
    T, h, g = np.array(rows, dtype=float).T
    if header != ["T", "h", "g"] or not (np.all(np.diff(T) > 0) and np.all(T > 0)):
        raise BadData(f"{about['table']}: expected columns T, h, g with T positive and increasing")
    return BathTable(name, about["title"], tuple(about["references"]), T, h, g)


def load_bath(name: str = DEFAULT) -> ThermalBath:
    """The plasma of one published table; names: `bath_names`. Raises UnknownName, BadData."""
    from scipy.interpolate import CubicSpline

    table, constants = read_bath_table(name), read_constants()
    ln_T = np.log(table.T)
    ln_h, ln_g = CubicSpline(ln_T, np.log(table.h)), CubicSpline(ln_T, np.log(table.g))
    grid, fine = np.linspace(ln_T[0], ln_T[-1], _N_CELL + 1), np.linspace(ln_T[0], ln_T[-1], _N_FINE + 1)
    sqrt_gstar = np.exp(ln_h(fine) - 0.5 * ln_g(fine)) * (1.0 + ln_h(fine, 1) / 3.0)
    return ThermalBath(
        name=name,
        references=table.references,
        ln_T_low=jnp.asarray(ln_T[0]),
        step=jnp.asarray(grid[1] - grid[0]),
        nodes=jnp.asarray(np.stack([ln_h(grid), ln_h(grid, 1), ln_g(grid), ln_g(grid, 1)], axis=1)),
        fine_step=jnp.asarray(fine[1] - fine[0]),
        fine=jnp.asarray(sqrt_gstar),
        **{key: jnp.asarray(constants[key].value) for key in ("M_Planck", "T_CMB", "H_100")},
    )
