"""The searches for a model's particles themselves: in decays of mesons, and by their own couplings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs, InputSet
from darkpenguin.core.model import AbstractModel
from darkpenguin.core.types import Scalar
from darkpenguin.decays.mediator import alone
from darkpenguin.decays.visible_line import VisibleLine
from darkpenguin.exclusion import PublishedLimit
from darkpenguin.experiments.mediator_search import MediatorSearch, load_mediator_searches
from darkpenguin.experiments.visible_search import VisibleSearch, load_searches
from darkpenguin.flavour.rates import line_branching_fraction
from darkpenguin.flavour.transitions import transition
from darkpenguin.line import ModelClass, Theta, model_at

Seen = tuple[VisibleLine, Scalar]
"""A line of a model with its branching fraction in a decay."""


class Searches(eqx.Module):
    """Searches that one model meets; build it with `that_concern`."""

    in_decays: tuple[VisibleSearch, ...]
    of_mediators: tuple[MediatorSearch, ...]

    @classmethod
    def that_concern(cls, model_class: ModelClass, inputs: Inputs, held: Mapping[str, float]) -> Searches:
        """Those for particles that the model has, with some parameters held; nothing is computed."""
        theta = jnp.ones(len(model_class.parameters()))
        found = eqx.filter_eval_shape(lambda t: model_at(model_class, t).mediators(inputs), theta)
        kinds = {mediator.kind for mediator in found}
        seen = model_class.visible_lines is not AbstractModel.visible_lines
        return cls(
            tuple(s for s in load_searches() if model_class.moves(s.quarks, held)) if seen else (),
            tuple(s for s in load_mediator_searches() if s.kind in kinds) if kinds else (),
        )

    def described(self) -> tuple[PublishedLimit, ...]:
        """What each number of `over_limit` is compared with."""
        decays = [_published(s, f"{s.mode}X, X->{s.final_state}") for s in self.in_decays]
        return (*decays, *(_published(s, f"coupling, {s.kind}") for s in self.of_mediators))

    def over_limit(self, model: AbstractModel, inputs: Inputs) -> Float[Array, " n_search"]:
        """Rate over limit of the particle that comes closest; 0 where a search says nothing."""
        found = [_largest(s.ratio_at(*pair) for pair in seen) for s, seen in self._seen(model, inputs)]
        pairs = [(m, alone(m.kind, m.mass)) for m in model.mediators(inputs)] if self.of_mediators else []
        found += [_largest(s.ratio(*pair) for pair in pairs) for s in self.of_mediators]
        return jnp.stack(found) if found else jnp.zeros(0)

    def _seen(
        self, model: AbstractModel, inputs: Inputs
    ) -> list[tuple[VisibleSearch, list[tuple[VisibleLine, Scalar]]]]:
        """Each search in decays with the lines of its mode and their branching fractions, each computed once."""
        of_mode = {
            mode: [
                (line, line_branching_fraction(line.line, mode, inputs))
                for line in model.visible_lines(inputs, transition(mode).quarks)
            ]
            for mode in dict.fromkeys(s.mode for s in self.in_decays)
        }
        return [(s, of_mode[s.mode]) for s in self.in_decays]


def _largest(values: Iterable[Scalar]) -> Scalar:
    return jnp.stack(list(values)).max()


def _published(search: VisibleSearch | MediatorSearch, what: str) -> PublishedLimit:
    return PublishedLimit(search.name, search.title, what, search.confidence_level, search.references)


@eqx.filter_jit
def _over_limit(model_class: ModelClass, inputs: Inputs, searches: Searches, theta: Theta) -> Float[Array, " n_search"]:
    return searches.over_limit(model_at(model_class, theta), inputs)


def search_ratios(
    model_class: ModelClass, input_set: InputSet, theta: np.ndarray, held: Mapping[str, float]
) -> dict[str, float]:
    """Rate over limit of each search at one point; those that say nothing are left out."""
    inputs = input_set.at()
    searches = Searches.that_concern(model_class, inputs, held)
    described = searches.described()
    ratios = np.asarray(_over_limit(model_class, inputs, searches, jnp.asarray(theta))) if described else ()
    return {about.name: float(ratio) for about, ratio in zip(described, ratios, strict=True) if ratio > 0}
