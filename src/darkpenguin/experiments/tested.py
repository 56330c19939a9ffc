"""What a published number is compared with: the observable, or what of it an experiment with a known efficiency counts.

A branching fraction comes from a count divided by the efficiency averaged over the Standard Model's spectrum. For any
other spectrum the quantity that was measured is

    sum_k BR_k epsilon_k / <epsilon>_SM,     <epsilon>_SM = sum_k epsilon_k BR_k^SM / BR^SM,

with the branching fraction BR_k in bin k of true q2. Without a stated shape the experiment's assumption stays: 1 in
every bin. A line counts in the bin that holds its mass squared.
"""

from __future__ import annotations

import dataclasses

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core import catalogue
from darkpenguin.core.dark_names import DARK_ENTRIES, RELIC_DENSITY
from darkpenguin.core.description import AcceptanceRule, ResultDescription
from darkpenguin.core.likelihood import Prediction, observe_share
from darkpenguin.core.types import ModeSpectrum, Scalar
from darkpenguin.experiments.reweight import membership_shares
from darkpenguin.experiments.schema import ResultFile
from darkpenguin.experiments.schema_values import AcceptanceEntry, RateFile


class AcceptanceShape(eqx.Module):
    """epsilon(q2) / <epsilon>_SM, constant in each bin and zero outside.

    edges [n + 1] : true q2, GeV^2.   relative [n].
    """

    edges: Float[Array, " n_edge"]
    relative: Float[Array, " n_bin"]

    @classmethod
    def from_entry(cls, entry: AcceptanceEntry) -> AcceptanceShape:
        return cls(jnp.asarray(entry.edges), jnp.asarray(entry.relative()))

    def of(self, spectrum: ModeSpectrum) -> Scalar:
        """The quantity measured; a spectrum bin that an edge cuts is shared by length."""
        low, high = spectrum.edges[:-1, None], spectrum.edges[1:, None]
        overlap = jnp.clip(jnp.minimum(high, self.edges[1:]) - jnp.maximum(low, self.edges[:-1]), 0.0)
        share = overlap / (high - low)
        lines = membership_shares(spectrum.line_q2, self.edges)
        return spectrum.rate @ (share @ self.relative) + spectrum.line_rate @ (lines @ self.relative)


class Tested(eqx.Module):
    """What the numbers of a result are compared with, in the order of `names`.

    share [n] : of the observable, see `schema_values.BaseLimit`.   shapes : None where nothing is known.
    full_density : see `ResultDescription`.
    """

    share: Float[Array, " n"]
    shapes: tuple[AcceptanceShape | None, ...]
    names: tuple[str, ...] = eqx.field(static=True)
    full_density: float | None = eqx.field(static=True)

    @classmethod
    def of_result(cls, file: RateFile, about: ResultDescription, shares: list[float]) -> Tested:
        """For the parts that `about` selects."""
        entries = [file.acceptance_of(part) if about.acceptance == "shape" else None for part in about.selected]
        shapes = tuple(None if e is None else AcceptanceShape.from_entry(e) for e in entries)
        return cls(jnp.asarray(shares), shapes, about.observables[: len(shapes)], about.full_density)

    def __call__(self, prediction: Prediction) -> Float[Array, " n"]:
        """Predicted numbers, in the unit of the observables."""
        return self.share * jnp.stack(
            [self._one(name, shape, prediction) for name, shape in zip(self.names, self.shapes, strict=True)]
        )

    def _one(self, name: str, shape: AcceptanceShape | None, prediction: Prediction) -> Scalar:
        if shape is None:
            return observe_share(name, prediction, self.full_density)
        entry = catalogue.find(name)
        return shape.of((prediction.modes if entry.part == "inv" else prediction.neutrinos)[entry.mode])


def with_acceptance(file: ResultFile, about: ResultDescription, rule: AcceptanceRule) -> ResultDescription:
    """The description of a result under a rule: "sm" as published; "shape" with its efficiency shape, if it has one.

    With a shape, the range of q2 in which the result says something is that of the shape.
    """
    entries = [file.acceptance_of(part) for part in about.selected] if isinstance(file, RateFile) else []
    shapes = [entry for entry in entries if entry is not None]
    if rule == "sm" or not shapes:
        return about
    validity = [(name, low, high) for name, low, high in about.validity if name != "q2"]
    if len(shapes) == len(entries):
        validity.append(("q2", max(s.edges[0] for s in shapes), min(s.edges[-1] for s in shapes)))
    used = tuple(dict.fromkeys(f"efficiency as a function of q2 from: {s.source}" for s in shapes))
    return dataclasses.replace(
        about, acceptance=rule, validity=tuple(validity), assumptions=(*about.assumptions, *used)
    )


def with_share(about: ResultDescription, full_density: float | None) -> ResultDescription:
    """The description of a result whose numbers are compared with the share that the particle has in the dark matter.

    full_density : Omega h^2 of all dark matter; None, or no number that depends on it: nothing changes.
    """
    scaled = {entry.name for entry in DARK_ENTRIES if entry.power}
    if full_density is None or not scaled & set(about.observables):
        return about
    needed = tuple(dict.fromkeys((*about.observables, RELIC_DENSITY)))
    share = (
        "in place of all of the dark matter, the particle has the share that its relic density gives, everywhere alike"
    )
    return dataclasses.replace(
        about, full_density=full_density, observables=needed, assumptions=(*about.assumptions, share)
    )
