"""Searches for a mediator itself: excluded couplings against its mass, and what they say of one with other decays.

Between the rows of a table the logarithms of both edges run along straight lines in ln(mass). What comes out is a rate
over its limit: 1 at the edges of the excluded region of a mediator with that coupling alone, above 1 inside, 0 where
nothing is said. data/limits/mediators.toml names the rule and the assumption of each search.

"prompt": the rate goes with coupling^2 BR, hence ratio = (g/g_lim)^2 BR/BR'.

"displaced" [arXiv:1801.04847]: the way to the detector and the decay volume behind it are one interval of proper time
each, t_1 = t_0 (1 + length ratio), and the rate goes with g^2 BR [exp(-t_0 Gamma) - exp(-t_1 Gamma)]. Both edges of the
published region have the same rate, which fixes t_0. A mediator with dark decays lives shorter: fewer reach it.

"published": 1/ratio = (l/g)^2 + (g/u)^2 - (l/u)^2 between the edges l and u, the simplest smooth function that is 1 at
both and less than 1 between them; only for a mediator with the width that the region assumes.
"""

from __future__ import annotations

import csv
from typing import Literal, NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Bool, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.numerics import safe_divide
from darkpenguin.core.types import Scalar
from darkpenguin.decays.mediator import Kind, Mediator, alone
from darkpenguin.errors import BadData
from darkpenguin.experiments.search_list import OF_MEDIATORS, described, entry, limits_folder
from darkpenguin.experiments.visible_search import cell

Recast = Literal["prompt", "displaced", "published"]
SAME_WIDTH = 0.1
"""Relative difference of widths up to which a region holds "as published"."""
N_NEWTON = 12  # t_0 to machine accuracy for every ratio of the edges


class Edges(NamedTuple):
    """Edges of the excluded couplings at one mass; upper is infinite where there is none."""

    lower: Scalar
    upper: Scalar
    said: Bool[Array, ""]


class Table(NamedTuple):
    """Excluded couplings by mass, natural logarithms, masses in GeV, increasing.

    ln_upper : infinite where there is no upper edge.   known : whether a row says something.
    """

    ln_mass: Float[Array, " n"]
    ln_lower: Float[Array, " n"]
    ln_upper: Float[Array, " n"]
    known: Bool[Array, " n"]


class MediatorSearch(eqx.Module):
    """One table of excluded couplings.

    final_states : what is searched for; empty where it does not matter ("published").
    assumption : what the published curve assumes.   length_ratio : decay volume over shielding, 0 if not "displaced".
    top : coupling above which nothing is said.
    table : the limits.
    """

    name: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    references: tuple[str, ...] = eqx.field(static=True)
    kind: Kind = eqx.field(static=True)
    final_states: tuple[str, ...] = eqx.field(static=True)
    recast: Recast = eqx.field(static=True)
    confidence_level: float = eqx.field(static=True)
    assumption: str = eqx.field(static=True)
    length_ratio: float = eqx.field(static=True)
    top: float = eqx.field(static=True)
    table: Table

    def edges(self, mass: Scalar) -> Edges:
        """The excluded couplings at a mass [GeV]; lower edge 1 where nothing is said."""
        t = self.table
        i, x = cell(t.ln_mass, jnp.log(jnp.where(mass > 0, mass, 1.0)))
        said = (mass > 0) & (x >= 0) & (x <= 1) & t.known[i] & t.known[i + 1]
        lower = (1 - x) * t.ln_lower[i] + x * t.ln_lower[i + 1]
        closed = said & jnp.isfinite(t.ln_upper[i])
        ends = [jnp.where(closed, t.ln_upper[j], 0.0) for j in (i, i + 1)]
        upper = jnp.exp((1 - x) * ends[0] + x * ends[1])
        return Edges(jnp.exp(jnp.where(said, lower, 0.0)), jnp.where(closed, upper, jnp.inf), said)

    def ratio(self, mediator: Mediator, lonely: Mediator | None = None) -> Scalar:
        """Rate over limit: above 1 is excluded. 0 where the search says nothing, or for a mediator of another kind.

        lonely : `alone(kind, mass)`, for those who ask many searches about one mediator.
        """
        if mediator.kind != self.kind:
            return jnp.zeros(())
        lonely = alone(self.kind, mediator.mass) if lonely is None else lonely
        edges = self.edges(mediator.mass)
        rule = {"prompt": self._prompt, "displaced": self._displaced, "published": self._published}[self.recast]
        said = edges.said & (mediator.coupling > 0) & (mediator.coupling <= self.top)
        return jnp.where(said, rule(mediator, lonely, edges), 0.0)

    def _prompt(self, mediator: Mediator, lonely: Mediator, edges: Edges) -> Scalar:
        share = mediator.share(self.final_states)
        if self.final_states != ("invisible",):
            share = safe_divide(share, lonely.share(self.final_states))
        return (mediator.coupling / edges.lower) ** 2 * share

    def _displaced(self, mediator: Mediator, lonely: Mediator, edges: Edges) -> Scalar:
        upper = jnp.where(jnp.isfinite(edges.upper), edges.upper, 2.0 * edges.lower)
        k = (edges.lower / upper) ** 2
        t_0 = way_to_detector(k, self.length_ratio)  # in units of the lifetime at the upper edge
        width = mediator.width / (upper**2 * lonely.width)
        seen = decays_inside(t_0 * width, self.length_ratio) / decays_inside(t_0 * k, self.length_ratio)
        share = safe_divide(mediator.share(self.final_states), lonely.share(self.final_states))
        return (mediator.coupling / edges.lower) ** 2 * share * seen

    def _published(self, mediator: Mediator, lonely: Mediator, edges: Edges) -> Scalar:
        g = jnp.where(mediator.coupling > 0, mediator.coupling, 1.0)
        closed = jnp.isfinite(edges.upper)
        l2, inverse_u2 = edges.lower**2, jnp.where(closed, 1.0 / jnp.where(closed, edges.upper, 1.0) ** 2, 0.0)
        same = jnp.abs(mediator.width / (g**2 * lonely.width) - 1.0) < SAME_WIDTH
        return jnp.where(same, 1.0 / (l2 / g**2 + g**2 * inverse_u2 - l2 * inverse_u2), 0.0)


def decays_inside(x: Scalar, length_ratio: Scalar | float) -> Scalar:
    """exp(-x) - exp(-x (1 + length ratio)): share of decays in the volume behind a way of x lifetimes."""
    return -jnp.exp(-x) * jnp.expm1(-length_ratio * x)


def way_to_detector(k: Scalar, length_ratio: Scalar | float) -> Scalar:
    """x > 0 with k decays_inside(k x) = decays_inside(x): t_0 over the lifetime at the upper edge; 0 < k < 1.

    k : (lower edge / upper edge)^2. Newton steps on the logarithm of the ratio, which falls and is convex in x, from
    where the tangent at x = 0 vanishes: they approach from below. The derivative is that of the last step, the implicit
    one.
    """
    k = jnp.minimum(k, 1.0 - 1e-6)
    fixed = jax.lax.stop_gradient(k)

    def slope(x: Scalar) -> Scalar:  # of ln decays_inside
        return -1.0 + length_ratio / jnp.expm1(length_ratio * x)

    def step(x: Scalar, k: Scalar) -> Scalar:
        excess = jnp.log(decays_inside(x, length_ratio)) - jnp.log(k * decays_inside(k * x, length_ratio))
        return x - excess / (slope(x) - k * slope(k * x))

    x = -2.0 * jnp.log(fixed) / ((1.0 - fixed) * (1.0 + length_ratio / 2.0))
    x = jax.lax.fori_loop(0, N_NEWTON, lambda _, x: step(x, fixed), x)
    return step(jax.lax.stop_gradient(x), k)


def mediator_search_names() -> tuple[str, ...]:
    """Names of the searches of the package."""
    return tuple(described(OF_MEDIATORS))


def load_mediator_search(name: str) -> MediatorSearch:
    """One search. Raises UnknownName; BadData for a table or an entry that cannot be right."""
    about = entry(OF_MEDIATORS, name)
    text = (limits_folder() / "mediators" / f"{name}.csv").read_text(encoding="utf-8")
    return MediatorSearch(
        name=name,
        references=tuple(about.pop("references")),
        final_states=tuple(about.pop("final_states")),
        length_ratio=about.pop("length_ratio", 0.0),
        top=about.pop("top", np.inf),
        table=read_table(text, f"limits/mediators/{name}.csv", closed=about["recast"] == "displaced"),
        **about,
    )


def read_table(text: str, where: str, *, closed: bool) -> Table:
    """The table in a text. closed: every row that says something has an upper edge. Raises BadData."""
    rows = list(csv.reader(line for line in text.splitlines() if line and not line.startswith("#")))[1:]
    mass, lower, upper = np.array([[float(x) if x else np.nan for x in row] for row in rows]).T
    known = ~np.isnan(lower)
    if not (len(mass) > 1 and mass[0] > 0 and np.all(np.diff(mass) > 0)):
        raise BadData(f"{where}: masses must be positive and increase")
    if np.any(lower[known] <= 0) or np.any(upper < lower) or np.any(~np.isnan(upper) & ~known):
        raise BadData(f"{where}: expected 0 < lower edge <= upper edge")
    has_upper = ~np.isnan(upper)
    if closed and not has_upper[known].all():
        raise BadData(f"{where}: a displaced search needs an upper edge in every row")
    if np.any(known[1:] & known[:-1] & (has_upper[1:] != has_upper[:-1])):
        raise BadData(f"{where}: rows with and without an upper edge need an empty one between them")
    return Table(
        ln_mass=jnp.asarray(np.log(mass)),
        ln_lower=jnp.asarray(np.log(np.where(known, lower, 1.0))),
        ln_upper=jnp.asarray(np.where(has_upper, np.log(np.where(has_upper, upper, 1.0)), np.inf)),
        known=jnp.asarray(known),
    )


def load_mediator_searches() -> tuple[MediatorSearch, ...]:
    """Every search of the package."""
    return tuple(load_mediator_search(name) for name in mediator_search_names())
