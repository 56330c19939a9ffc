"""Everything published that limits a model: at one point or at many, in one compiled program.

Published upper limits on rates and on what dark matter does, and searches that see a particle of the model decay. Each
is told as predicted over allowed: above 1 is excluded at the confidence level of the publication. They are limits, each
on its own; the likelihoods of `analysis` combine data.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int

from darkpenguin._jax import jax, jnp
from darkpenguin.core import catalogue
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.likelihood import LimitLikelihood
from darkpenguin.core.model import AbstractModel
from darkpenguin.experiments import index
from darkpenguin.experiments.visible_search import VisibleSearch, load_searches
from darkpenguin.flavour.transitions import transition
from darkpenguin.line import CHUNK, ModelClass, Theta, model_at, predict
from darkpenguin.observables import dark_names
from darkpenguin.setup import Setup

LIMIT_KINDS = ("upper_limit", "curve", "dark_curve")
RELIC = "Omega_h2"


@dataclasses.dataclass(frozen=True)
class Constraint:
    """What one number of `Constraints.over_limit` is compared with.

    name : of the result or search, with its part, "belle-2017-bknunu:K*0".
    observable : in the catalogue; of a search, the decay that it sees.
    """

    name: str
    title: str
    observable: str
    confidence_level: float
    references: tuple[str, ...]


class Constrained(NamedTuple):
    """At n points: predicted over allowed [n, n_constraint], relic density [n] and its status (zeros without one)."""

    over_limit: np.ndarray
    omega_h2: np.ndarray
    relic_status: np.ndarray


class Constraints:
    """All that limits one model.

    described : one entry for each column of `over_limit`.
    """

    def __init__(self, model_class: ModelClass, setup: Setup) -> None:
        self.model_class, self.inputs = model_class, setup.input_set.at()
        said = dark_names(model_class, setup.input_set)
        self.limits = tuple(
            one for name in index.available() if (one := _applicable(name, model_class, said, setup)) is not None
        )
        sees = model_class.visible_lines is not AbstractModel.visible_lines
        self.searches = load_searches() if sees else ()
        self.has_relic = RELIC in said
        of_limits = [entry for one in self.limits for entry in _of_limit(one)]
        self.described: tuple[Constraint, ...] = (*of_limits, *map(_of_search, self.searches))

    def at(self, thetas: Float[np.ndarray, "n n_parameter"]) -> Constrained:
        """Evaluate at n points."""
        arguments = (self.model_class, self.inputs, self.limits, self.searches, self.has_relic)
        return Constrained(*map(np.asarray, _batch(*arguments, jnp.asarray(thetas))))


def _applicable(name: str, model_class: ModelClass, said: tuple[str, ...], setup: Setup) -> LimitLikelihood | None:
    """The limits of a result, or of its parts, that the model moves; None if there is none."""
    about = index.describe(name)
    if about.kind not in LIMIT_KINDS or about.comparison_only or about.projection:
        return None
    pairs = zip(about.selected, about.observables, strict=False)
    parts = [part for part, observable in pairs if _moves(observable, model_class, said)]
    if not parts:
        return None
    found = index.load(f"{about.result}:{','.join(parts)}", acceptance=setup.acceptance)
    return found if isinstance(found, LimitLikelihood) else None


def _moves(observable: str, model_class: ModelClass, said: tuple[str, ...]) -> bool:
    """Whether a model says something of its own about an observable."""
    entry = catalogue.find(observable)
    if entry.part == "dark":
        return entry.name in said
    if entry.part == "visible":
        return model_class.visible is not AbstractModel.visible
    return transition(entry.mode).quarks == "bs" or model_class.couplings_in is not AbstractModel.couplings_in


def _of_limit(one: LimitLikelihood) -> list[Constraint]:
    about = one.about
    return [
        Constraint(f"{about.result}:{part}", about.title, observable, one.confidence_level, about.references)
        for part, observable in zip(about.selected, about.observables, strict=False)
    ]


def _of_search(search: VisibleSearch) -> Constraint:
    decay = f"{search.mode}X, X->{search.final_state}"
    return Constraint(search.name, search.title, decay, search.confidence_level, search.references)


@eqx.filter_jit
def _batch(
    model_class: ModelClass,
    inputs: Inputs,
    limits: tuple[LimitLikelihood, ...],
    searches: tuple[VisibleSearch, ...],
    has_relic: bool,
    thetas: Float[Array, "n n_parameter"],
) -> tuple[Float[Array, "n n_constraint"], Float[Array, " n"], Int[Array, " n"]]:
    names = [name for one in limits for name in one.about.observables]
    needed = [catalogue.find(name) for name in dict.fromkeys([*names, *([RELIC] if has_relic else [])])]

    def one_point(theta: Theta) -> tuple[Float[Array, " n_constraint"], Float[Array, ""], Int[Array, ""]]:
        model = model_at(model_class, theta)
        prediction = predict(model, inputs, needed)
        found = [one.over_limit(prediction) for one in limits]
        lines = model.visible_lines(inputs)
        found += [jnp.stack([search.ratio_of(line, inputs) for line in lines]).max()[None] for search in searches]
        omega = prediction.dark[RELIC] if has_relic else jnp.zeros(())
        dark = model.dark(inputs) if has_relic else None
        status = jnp.zeros((), int) if dark is None or dark.relic_status is None else dark.relic_status
        return jnp.concatenate([jnp.zeros(0), *found]), omega, status

    return jax.lax.map(one_point, thetas, batch_size=CHUNK)
