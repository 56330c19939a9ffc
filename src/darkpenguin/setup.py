"""What an analysis holds besides its model: inputs, results, and how form-factor errors enter. Several models share
one."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Literal

from darkpenguin.core.description import AcceptanceRule, DarkMatterRule
from darkpenguin.core.inputs import DEFAULT, InputSet, load_inputs
from darkpenguin.core.likelihood import AbstractLikelihood, DirectLikelihood
from darkpenguin.errors import CardError, Problem, UnknownName
from darkpenguin.experiments import published
from darkpenguin.experiments.binned import BinnedLikelihood
from darkpenguin.experiments.index import check_comparison_only, check_overlaps, load
from darkpenguin.inference.profile import Profiler

Nuisances = Literal["workspace", "theory", "fixed"]
FORM_FACTOR_NUISANCES = ("corr_ff_c1", "corr_ff_c2", "corr_ff_c3")  # names in Belle II's published workspace


@dataclasses.dataclass(frozen=True)
class Setup:
    """What an analysis holds besides its model, so that several models share one load.

    nuisances : how form-factor errors enter. "workspace": the experiment's own parameters, our form factors at their
        centres.
        "theory": our form-factor coefficients, profiled, in place of them. "fixed": neither.
    acceptance : what published rates and limits are compared with, see `experiments.index.load`.
    dark_matter : "all": limits from the sky and from detectors take the particle as all of the dark matter; "share": as
        the part that its relic density says.
    """

    experiments: tuple[str, ...]
    nuisances: Nuisances
    input_set: InputSet
    likelihoods: tuple[AbstractLikelihood, ...]
    acceptance: AcceptanceRule = "sm"
    dark_matter: DarkMatterRule = "all"

    @classmethod
    def load(
        cls,
        experiments: Sequence[str] = ("belle2-2023-bknunu",),
        inputs: str = DEFAULT,
        form_factors: Mapping[str, str] | None = None,
        nuisances: Nuisances = "workspace",
        acceptance: AcceptanceRule = "sm",
        comparison_only: bool = False,
        dark_matter: DarkMatterRule = "all",
    ) -> Setup:
        """comparison_only : also take recasts and projections, which are no data.

        Raises CardError with all faults at once: unknown names, overlapping results, results for comparison only.
        """
        problems = check_overlaps(experiments) + check_comparison_only(experiments, allowed=comparison_only)
        input_set, likelihoods = None, []
        try:
            input_set = load_inputs(inputs, form_factors)
        except UnknownName as error:
            problems.append(Problem("inputs", str(error)))
        held = () if nuisances == "workspace" else FORM_FACTOR_NUISANCES
        for i, name in enumerate(experiments):
            try:
                likelihoods.append(load(name, held=held, acceptance=acceptance, full_density=_density(dark_matter)))
            except UnknownName as error:
                problems.append(Problem(f"experiments[{i}]", str(error)))
        if problems or input_set is None:
            raise CardError("analysis", problems)
        return cls(tuple(experiments), nuisances, input_set, tuple(likelihoods), acceptance, dark_matter)

    @property
    def full_density(self) -> float | None:
        """Omega h^2 of all dark matter where the share of a particle counts, else None."""
        return _density(self.dark_matter)

    @functools.cached_property
    def profilers(self) -> tuple[Profiler, ...]:
        """One per binned result. Built when first asked for: that compiles, and a prediction can compile beside it."""
        return tuple(Profiler(one.model) for one in self.profiled)

    @property
    def profiled(self) -> tuple[BinnedLikelihood, ...]:
        """The binned results, in the order of `profilers`."""
        return tuple(one for one in self.likelihoods if isinstance(one, BinnedLikelihood))

    @property
    def direct(self) -> tuple[DirectLikelihood, ...]:
        """The results without nuisances of their own."""
        return tuple(one for one in self.likelihoods if isinstance(one, DirectLikelihood))

    @property
    def modes(self) -> tuple[str, ...]:
        """The decay modes that the results need, each once."""
        return tuple(dict.fromkeys(mode for one in self.likelihoods for mode in one.about.modes))


def _density(rule: DarkMatterRule) -> float | None:
    return published.relic_density() if rule == "share" else None
