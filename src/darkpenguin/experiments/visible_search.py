"""Searches for the particle of a meson decay, B -> K X or K -> pi X: limits against its mass and c tau.

X is seen (X -> l+ l- or photons), or lost: then the limit L is one on BR(K -> pi X) for an X that decays visibly with
that c tau, and a decay within the detector costs acceptance. An X with a branching fraction b to dark states counts
there as b / L(longest c tau) + (1 - b) / L(c tau).

Between the rows and columns of a table log10 of the limit is bilinear in the mass and in ln c tau. A point outside the
table, or in a cell with a missing corner, is not compared. Limits, not likelihoods: what comes out is a branching
fraction over its limit.
"""

from __future__ import annotations

import csv
from typing import Any, Literal

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float

from darkpenguin import units
from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Quarks, Scalar
from darkpenguin.decays.visible_line import VisibleLine
from darkpenguin.errors import BadData
from darkpenguin.experiments.search_list import IN_DECAYS, described, entry, limits_folder
from darkpenguin.flavour.rates import line_branching_fraction
from darkpenguin.flavour.transitions import transition


class VisibleSearch(eqx.Module):
    """One table of limits on BR(mode) BR(X -> final_state) share; on BR(mode) for the final state "invisible".

    holds : "longer" if the last column also holds for longer lifetimes, "shorter" if the first does for shorter ones.

    mass [n_mass] : GeV, increasing.   ln_ctau [n_ctau] : ln of c tau in GeV^-1, increasing.
    log10_limit [n_mass, n_ctau] : 0 where there is none.   known [n_mass, n_ctau] : where there is one.
    """

    name: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    references: tuple[str, ...] = eqx.field(static=True)
    mode: str = eqx.field(static=True)
    final_state: str = eqx.field(static=True)
    confidence_level: float = eqx.field(static=True)
    note: str = eqx.field(static=True)
    share: float = eqx.field(static=True)
    holds: Literal["", "longer", "shorter"] = eqx.field(static=True)
    mass: Float[Array, " n_mass"]
    ln_ctau: Float[Array, " n_ctau"]
    log10_limit: Float[Array, "n_mass n_ctau"]
    known: Bool[Array, "n_mass n_ctau"]

    def limit(self, mass: Scalar, ctau: Scalar) -> tuple[Scalar, Bool[Array, ""]]:
        """The limit and whether there is one; mass in GeV, ctau in GeV^-1. Where there is none: 1 and False."""
        ln_ctau = jnp.log(jnp.where(ctau > 0, ctau, 1.0))
        if self.holds == "longer":
            ln_ctau = jnp.minimum(ln_ctau, self.ln_ctau[-1])
        if self.holds == "shorter":
            ln_ctau = jnp.maximum(ln_ctau, self.ln_ctau[0])
        i, x = cell(self.mass, mass)
        j, y = cell(self.ln_ctau, ln_ctau)
        corners = [(0, 0, (1 - x) * (1 - y)), (0, 1, (1 - x) * y), (1, 0, x * (1 - y)), (1, 1, x * y)]
        log10 = sum((w * self.log10_limit[i + a, j + b] for a, b, w in corners), jnp.zeros(()))
        inside = (ctau > 0) & (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
        says = inside & self.known[i, j] & self.known[i, j + 1] & self.known[i + 1, j] & self.known[i + 1, j + 1]
        return 10.0 ** jnp.where(says, log10, 0.0), says

    def ratio(self, product: Scalar, mass: Scalar, ctau: Scalar) -> Scalar:
        """BR(mode) BR(X -> final_state) over the limit: above 1 is excluded. 0 where the search says nothing."""
        limit, says = self.limit(mass, ctau)
        return jnp.where(says, self.share * product / limit, 0.0)

    def ratio_of(self, visible: VisibleLine, inputs: Inputs) -> Scalar:
        """The same for a line of a model; 0 for one of another quark transition, or without this final state."""
        if visible.quarks != self.quarks:
            return jnp.zeros(())
        return self.ratio_at(visible, line_branching_fraction(visible.line, self.mode, inputs))

    def ratio_at(self, visible: VisibleLine, rate: Scalar) -> Scalar:
        """The same for a line whose branching fraction in the mode is known."""
        share, line = visible.shares.get(self.final_state), visible.line
        if share is None:
            return jnp.zeros(())
        ctau = jnp.where(line.width > 0, 1.0 / jnp.where(line.width > 0, line.width, 1.0), self._without_decay())
        if self.final_state != "invisible":
            return self.ratio(rate * share, line.mass, ctau)
        lost = self.ratio(rate * (1.0 - share), line.mass, ctau)
        return lost + self.ratio(rate * share, line.mass, jnp.exp(self.ln_ctau[-1]))

    def _without_decay(self) -> Scalar:
        """c tau that stands for a stable particle: 0, about which nothing is said, where only decays are seen."""
        return jnp.exp(self.ln_ctau[-1]) if self.final_state == "invisible" else jnp.zeros(())

    @property
    def quarks(self) -> Quarks:
        """The quark transition of the mode."""
        return transition(self.mode).quarks


def cell(grid: Float[Array, " n"], value: Scalar) -> tuple[Any, Scalar]:
    """The cell of a value, nearest one outside, and where in it: 0 to 1, beyond that outside the grid."""
    at = jax.lax.stop_gradient(value)
    i = jnp.clip(jnp.searchsorted(grid, at, side="right") - 1, 0, grid.shape[0] - 2)
    return i, (value - grid[i]) / (grid[i + 1] - grid[i])


def search_names() -> tuple[str, ...]:
    """Names of the searches of the package."""
    return tuple(described(IN_DECAYS))


def load_search(name: str) -> VisibleSearch:
    """One search. Raises UnknownName; BadData if a table is not increasing or a reference is unknown."""
    about = entry(IN_DECAYS, name)
    text = (limits_folder() / name / "limit.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(line for line in text.splitlines() if line and not line.startswith("#"))
    ctau = np.array([units.to_gev(float(x), "cm") for x in header[1:]])
    mass = np.array([float(row[0]) for row in rows])
    table = np.array([[float(x) if x else np.nan for x in row[1:]] for row in rows])
    if not (np.all(np.diff(mass) > 0) and np.all(np.diff(ctau) > 0)):
        raise BadData(f"limits/{name}/limit.csv: masses and lifetimes must increase")
    return VisibleSearch(
        name=name,
        references=tuple(about.pop("references")),
        mass=jnp.asarray(mass),
        ln_ctau=jnp.asarray(np.log(ctau)),
        log10_limit=jnp.asarray(np.nan_to_num(table)),
        known=jnp.asarray(~np.isnan(table)),
        holds=about.pop("holds", ""),
        **about,
    )


def load_searches() -> tuple[VisibleSearch, ...]:
    """Every search of the package."""
    return tuple(load_search(name) for name in search_names())
