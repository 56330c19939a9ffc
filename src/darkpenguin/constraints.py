"""Everything published that limits a model: at one point or at many, in one compiled program.

Published upper limits on rates and on what dark matter does, and searches that see a particle of the model decay. Each
is told as predicted over allowed: above 1 is excluded at the confidence level of the publication. They are limits, each
on its own; the likelihoods of `analysis` combine data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core import catalogue
from darkpenguin.core.dark_names import RELIC_DENSITY
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.likelihood import LimitLikelihood, observe
from darkpenguin.core.model import AbstractModel
from darkpenguin.core.types import Scalar
from darkpenguin.cosmology import relic_status
from darkpenguin.exclusion import PublishedLimit
from darkpenguin.experiments import index
from darkpenguin.flavour.transitions import transition
from darkpenguin.line import CHUNK, ModelClass, Theta, filled, model_at, predict
from darkpenguin.observables import dark_names
from darkpenguin.searches import Searches
from darkpenguin.setup import Setup

LIMIT_KINDS = ("upper_limit", "curve", "dark_curve")


class Constrained(NamedTuple):
    """At n points: predicted over allowed [n, n_limit] and the relic density [n].

    NaN: no number, as for a relic density whose status says that it means nothing, or that the model does not have.
    """

    over_limit: np.ndarray
    omega_h2: np.ndarray


class Constraints:
    """All that limits one model.

    held : parameters whose values stay; they tell which quark transitions the model leaves alone.
    described : what each column of `over_limit` is compared with.
    """

    def __init__(self, model_class: ModelClass, setup: Setup, held: Mapping[str, float]) -> None:
        self.model_class, self.inputs = model_class, setup.input_set.at()
        said = dark_names(model_class, setup.input_set)
        self.limits = tuple(
            one for name in index.available() if (one := _applicable(name, model_class, held, said, setup)) is not None
        )
        self.searches = Searches.that_concern(model_class, self.inputs, held)
        self.has_relic = RELIC_DENSITY in said
        of_limits = [entry for one in self.limits for entry in _of_limit(one)]
        self.described: tuple[PublishedLimit, ...] = (*of_limits, *self.searches.described())

    def at(self, thetas: Float[np.ndarray, "n n_parameter"]) -> Constrained:
        """Evaluate at n points, in blocks of one size: one program serves a point and a plane."""
        if not self.described:
            return Constrained(np.zeros((len(thetas), 0)), np.full(len(thetas), np.nan))
        arguments = (self.model_class, self.inputs, self.limits, self.searches, self.has_relic)
        blocks = [filled(thetas[first : first + CHUNK], CHUNK) for first in range(0, len(thetas), CHUNK)]
        found = [map(np.asarray, _block(*arguments, jnp.asarray(block))) for block in blocks]
        return Constrained(*(np.concatenate(parts)[: len(thetas)] for parts in zip(*found, strict=True)))


def _applicable(
    name: str, model_class: ModelClass, held: Mapping[str, float], said: tuple[str, ...], setup: Setup
) -> LimitLikelihood | None:
    """The limits of a result, or of its parts, that the model moves; None if there is none."""
    about = index.describe(name)
    if about.kind not in LIMIT_KINDS or about.comparison_only or about.projection:
        return None
    pairs = zip(about.selected, about.observables, strict=False)
    parts = [part for part, observable in pairs if _moves(observable, model_class, held, said)]
    if not parts:
        return None
    found = index.load(
        f"{about.result}:{','.join(parts)}", acceptance=setup.acceptance, full_density=setup.full_density
    )
    return found if isinstance(found, LimitLikelihood) else None


def _moves(observable: str, model_class: ModelClass, held: Mapping[str, float], said: tuple[str, ...]) -> bool:
    """Whether a model says something of its own about an observable."""
    entry = catalogue.find(observable)
    if entry.part == "dark":
        return entry.name in said
    if entry.part == "visible":
        return model_class.visible is not AbstractModel.visible
    return model_class.moves(transition(entry.mode).quarks, held)


def _of_limit(one: LimitLikelihood) -> list[PublishedLimit]:
    about = one.about
    return [
        PublishedLimit(f"{about.result}:{part}", about.title, observable, one.confidence_level, about.references)
        for part, observable in zip(about.selected, about.observables, strict=False)
    ]


@eqx.filter_jit
def _block(
    model_class: ModelClass,
    inputs: Inputs,
    limits: tuple[LimitLikelihood, ...],
    searches: Searches,
    has_relic: bool,
    thetas: Float[Array, "n n_parameter"],
) -> tuple[Float[Array, "n n_limit"], Float[Array, " n"]]:
    names = dict.fromkeys(name for one in limits for name in one.about.observables)
    needed = [catalogue.find(name) for name in dict.fromkeys([*names, *([RELIC_DENSITY] if has_relic else [])])]

    def at(theta: Theta) -> tuple[Float[Array, " n_limit"], Scalar]:
        model = model_at(model_class, theta)
        prediction = predict(model, inputs, needed)
        omega = jnp.asarray(jnp.nan)
        if has_relic:
            means_something = relic_status.usable(prediction.dark)
            omega = jnp.where(means_something, observe(RELIC_DENSITY, prediction), jnp.nan)
            prediction = eqx.tree_at(lambda p: p.dark.omega_h2, prediction, omega)
        of_limits = [one.over_limit(prediction) for one in limits]
        return jnp.concatenate([*of_limits, searches.over_limit(model, inputs)]), omega

    return jax.vmap(at)(thetas)
