"""One analysis: a model, inputs and published results bound together.

The line is short: parameters theta and nuisances z -> inputs, model -> couplings -> spectrum of each mode -> signal
factors ->
-2 ln L profiled over the nuisances of the experiment. `Line` holds it; `Analysis` asks it for predictions, fits,
limits, planes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from darkpenguin import scans
from darkpenguin._jax import jnp
from darkpenguin.core import catalogue
from darkpenguin.core.description import AcceptanceRule, DarkMatterRule
from darkpenguin.core.inputs import DEFAULT
from darkpenguin.core.model import AbstractModel, Range, check_values, defaults
from darkpenguin.errors import CardError, Problem, UnknownName
from darkpenguin.exclusion import ExclusionPlane
from darkpenguin.experiments.histfactory import Data
from darkpenguin.flavour.transitions import q2_max, transition
from darkpenguin.flavour.validity import validity_warnings
from darkpenguin.inference.fit import Minimum, Objective, minimise, significance, starting_points
from darkpenguin.inference.goodness import saturated_goodness, toy_p_value
from darkpenguin.inference.profile_scan import MOST_PARAMETERS, SAME, second_opinion
from darkpenguin.line import Line, model_at
from darkpenguin.models.index import load_model
from darkpenguin.models.standard_model import StandardModel
from darkpenguin.observables import binned, dark_names, differential, observables, relic_warnings
from darkpenguin.result import (
    CLOSED,
    CONVERGED,
    INVALID,
    NOT_CONVERGED,
    OK,
    Estimate,
    FitResult,
    GoodnessOfFit,
    LikelihoodValue,
    LimitPoint,
    Plane,
    Point,
    PointConstraints,
    Quantity,
)
from darkpenguin.searches import search_ratios
from darkpenguin.setup import Nuisances, Setup

if TYPE_CHECKING:
    from darkpenguin.card import Card

N_START, N_POLISH = 128, 3


def _needs(observable: catalogue.Observable) -> str:
    return "needs q2, in GeV^2" if observable.arguments == ("q2",) else "needs a bin q2min, q2max, in GeV^2"


class Analysis:
    """A model with free and fixed parameters, fitted to a set of results.

    model : a built-in name, "path/to/file.py:Class", or the class itself.
    fixed : parameters held at a value; what is neither fixed nor free takes its default.
    free : name -> Range, in the order of the fit.
    acceptance, comparison_only, dark_matter : see `Setup`.
    Raises CardError with all faults at once.
    """

    def __init__(
        self,
        model: str | type[AbstractModel],
        *,
        experiments: Sequence[str] = ("belle2-2023-bknunu",),
        inputs: str = DEFAULT,
        form_factors: Mapping[str, str] | None = None,
        nuisances: Nuisances = "workspace",
        acceptance: AcceptanceRule = "sm",
        comparison_only: bool = False,
        dark_matter: DarkMatterRule = "all",
        fixed: Mapping[str, float] | None = None,
        free: Mapping[str, Range] | None = None,
        setup: Setup | None = None,
    ) -> None:
        self.model_class = load_model(model) if isinstance(model, str) else model
        self.setup = setup or Setup.load(
            experiments, inputs, form_factors, nuisances, acceptance, comparison_only, dark_matter
        )
        self.free = {name: Range(*r) for name, r in (free or {}).items()}
        self._check(dict(fixed or {}))
        self.fixed = dict(fixed or {})
        self.line = Line(self.model_class, self.setup)
        self._known_values = defaults(self.model_class, self.setup.input_set.at()) | self.fixed

    @classmethod
    def from_card(cls, card: Card) -> Analysis:
        """The analysis that a card describes."""
        return cls(
            card.model,
            experiments=card.experiments,
            inputs=card.inputs,
            form_factors=card.form_factors,
            nuisances=card.nuisances,
            acceptance=card.acceptance,
            comparison_only=card.comparison_only,
            dark_matter=card.dark_matter,
            fixed=card.fixed,
            free=card.free,
        )

    def with_model(
        self,
        model: str | type[AbstractModel],
        fixed: Mapping[str, float] | None = None,
        free: Mapping[str, Range] | None = None,
    ) -> Analysis:
        """Another model against the same data, inputs and nuisances."""
        return Analysis(model, setup=self.setup, fixed=fixed, free=free)

    def _check(self, fixed: dict[str, float]) -> None:
        both = [Problem(name, "is both fixed and free") for name in self.free if name in fixed]
        low, high = ({name: getattr(r, end) for name, r in self.free.items()} for end in ("low", "high"))
        problems = both + check_values(self.model_class, fixed | high, missing=False)
        problems += [p for p in check_values(self.model_class, low, missing=False) if p not in problems]
        problems += [
            Problem(name, f"the range needs from < to{' and from > 0 on a log scale' if r.scale == 'log' else ''}")
            for name, r in self.free.items()
            if not r.low < r.high or (r.scale == "log" and r.low <= 0)
        ]
        if problems:
            raise CardError(f"parameters of {self.model_class.name}", problems)

    # --- points -----------------------------------------------------------------------------------------------------

    def theta(self, values: Mapping[str, float]) -> np.ndarray:
        """The full parameter vector at given values of some parameters; the rest fixed or at its default.

        Raises CardError if a required parameter is left.
        """
        known = self._known_values | dict(values)
        if len(known) < len(self.line.names):
            raise CardError(f"parameters of {self.model_class.name}", check_values(self.model_class, known))
        return np.array([known[name] for name in self.line.names])

    def predict(
        self,
        values: Mapping[str, float] | None = None,
        observables_wanted: Sequence[str] | None = None,
        q2: Sequence[float] = (),
        q2_bins: Sequence[tuple[float, float]] = (),
    ) -> Point:
        """Observables with theory errors, and each likelihood, at one point.

        values : parameters that are not fixed. Raises CardError for unknown names, values out of range, missing
            parameters.
        observables_wanted : names of the catalogue, by default all of B -> K(*) that are single numbers.
        q2 : GeV^2, where differential observables are taken.   q2_bins : (q2min, q2max), GeV^2, of binned ones.
        """
        values = dict(values or {})
        problems = check_values(self.model_class, self.fixed | values)
        names = self.default_observables() if observables_wanted is None else list(observables_wanted)
        known = [self._known(name, problems) for name in names]
        if problems:
            raise CardError(f"parameters of {self.model_class.name}", problems)
        theta = self.theta(values)
        with ThreadPoolExecutor(1) as beside:  # the two compile side by side
            likelihoods_later = beside.submit(self.line.likelihood_values, theta)
            asked = observables_wanted is not None
            found = self._observables([o for o in known if o is not None], theta, q2, q2_bins, asked)
            likelihoods = likelihoods_later.result()
        status = OK if all(v.status in (OK, CONVERGED) for v in likelihoods.values()) else "see the likelihoods"
        if self.line.closed(theta):
            status = CLOSED
        parameters = dict(zip((p.name for p in self.model_class.parameters()), theta.tolist(), strict=True))
        return Point(
            model=self.model_class.name,
            parameters=parameters,
            inputs=self.setup.input_set.name,
            observables=found,
            likelihoods=likelihoods,
            status=status,
            warnings=(
                *self.warnings(theta),
                *relic_warnings(self.model_class, self.setup.input_set, [o for o in known if o is not None], theta),
            ),
            searches=search_ratios(self.model_class, self.setup.input_set, theta, parameters),
        )

    def default_observables(self) -> list[str]:
        """What is predicted if nothing is asked for: B -> K(*), and the dark matter of a model that has some."""
        every = [o.name for o in catalogue.CATALOGUE if o.is_default]
        return [*every, *dark_names(self.model_class, self.setup.input_set)]

    def warnings(self, theta: np.ndarray) -> tuple[str, ...]:
        """Where formulas of the model do not hold, and where its contact interactions end, as far as it has any."""
        inputs, model = self.setup.input_set.at(), model_at(self.model_class, jnp.asarray(theta))
        return *model.notes(), *validity_warnings(model.couplings(inputs), float(q2_max(transition("B+->K+"), inputs)))

    @staticmethod
    def _known(name: str, problems: list[Problem]) -> catalogue.Observable | None:
        try:
            return catalogue.find(name)
        except UnknownName as error:
            problems.append(Problem("observables", str(error)))
            return None

    def _observables(
        self,
        wanted: Sequence[catalogue.Observable],
        theta: np.ndarray,
        q2: Sequence[float],
        q2_bins: Sequence[tuple[float, float]],
        strict: bool,
    ) -> dict[str, Quantity]:
        given = {("q2",): q2, ("q2min", "q2max"): q2_bins}
        if strict:
            left = [o for o in wanted if o.arguments and not len(given[o.arguments])]
            if left:
                raise CardError("observables", [Problem(o.name, _needs(o)) for o in left])
        scalars = [o for o in wanted if o.is_scalar]
        model, input_set = self.model_class, self.setup.input_set
        found = observables(model, input_set, scalars, theta) if scalars else {}
        for o in wanted:
            if o.arguments == ("q2",) and len(q2):
                values = differential(model, input_set, o, theta, q2)
                found |= {f"{o.name}, q2={x:g}": v for x, v in zip(q2, values, strict=True)}
            if o.arguments == ("q2min", "q2max") and len(q2_bins):
                values = binned(model, input_set, o, theta, q2_bins)
                found |= {f"{o.name}, q2={a:g} to {b:g}": v for (a, b), v in zip(q2_bins, values, strict=True)}
        return found

    # --- fit --------------------------------------------------------------------------------------------------------

    def minimum(self, data: Data | None = None, errors: bool = True) -> Minimum:
        """The lowest of several local minima, started from a scan of the free ranges.

        One or two parameters without form-factor nuisances are scanned closely where Minuit is at a loss: where it is
        not valid, misses an error, or stays above a point of the first scan.
        data : counts and auxiliary centres in place of the observed ones, for a single profiled likelihood.
        """
        ranges, names = list(self.free.values()), list(self.free)

        def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
            theta = self.theta(dict(zip(names, x, strict=False)))
            return self.line.value_and_gradient(theta, x[len(names) :], names, data)

        z0 = np.zeros(self.line.n_z)
        if not ranges:
            return self._without_parameters(objective, z0)
        starts = starting_points(ranges, N_START)

        def values_at(points: np.ndarray) -> np.ndarray:
            return self.line.values(np.array([self.theta(dict(zip(names, p, strict=True))) for p in points]), data=data)

        values = values_at(starts)
        best = starts[np.argsort(values)[:N_POLISH]]
        found = [minimise(objective, np.concatenate([s, z0]), ranges, errors=False) for s in best]
        lowest = min(found, key=lambda m: m.value)
        if errors:
            lowest = minimise(objective, lowest.x, ranges, errors=True)
        settled = lowest.valid and lowest.complete and lowest.value < values.min() + SAME
        if settled or self.line.n_z or len(ranges) > MOST_PARAMETERS:
            return lowest
        return second_opinion(lowest, objective, values_at, ranges, errors)

    @staticmethod
    def _without_parameters(objective: Objective, z0: np.ndarray) -> Minimum:
        if len(z0):
            return minimise(objective, z0, [], errors=False)
        value, _ = objective(z0)
        empty = np.zeros(0)
        return Minimum(z0, value, empty, empty, np.zeros((0, 0)), bool(np.isfinite(value)))

    def fit(self, *, toys: int = 0, progress: bool = False, hypothesis: str = "") -> FitResult:
        """Best point with errors, improvement over the Standard Model, goodness of fit, pulls.

        toys : number of pseudo-experiments for the goodness of fit (0: none).   progress : show a bar on a terminal.
        """
        best = self.minimum()
        reference = self.with_model(StandardModel).minimum()
        values = dict(zip(self.free, best.x, strict=False))
        theta, z = self.theta(values), best.x[len(self.free) :]
        delta = reference.value - best.value if np.isfinite(best.value) else None
        gain = significance(delta, len(self.free)) if delta is not None else None
        likelihoods = self.line.likelihood_values(theta, z)
        return FitResult(
            model=self.model_class.name,
            hypothesis=hypothesis or self.model_class.title,
            experiments=self.setup.experiments,
            inputs=self.setup.input_set.name,
            nuisances=self.setup.nuisances,
            best_fit=self._estimates(best),
            fixed=dict(self.fixed),
            minus_two_log_likelihood=best.value + self.line.constant if np.isfinite(best.value) else None,
            delta_chi2=delta,
            significance=gain.value if gain else None,
            significance_dof=len(self.free),
            significance_definition=gain.definition if gain else "",
            p_value=gain.p_value if gain else None,
            goodness_of_fit=self._goodness(best, theta, z, toys, progress),
            pulls=self.line.pulls(theta, z),
            observables=self._observables(list(map(catalogue.find, self.default_observables())), theta, (), (), False),
            likelihoods=likelihoods,
            references=self.references(),
            status=self._status(best, likelihoods),
            warnings=self.warnings(theta),
        )

    def _status(self, best: Minimum, likelihoods: Mapping[str, LikelihoodValue]) -> str:
        if not np.isfinite(best.value):
            return INVALID
        worst = [v.status for v in likelihoods.values() if v.status not in (OK, CONVERGED)]
        return worst[0] if worst else (CONVERGED if best.valid else NOT_CONVERGED)

    def _estimates(self, best: Minimum) -> dict[str, Estimate]:
        units = {p.name: p.unit for p in self.model_class.parameters()}

        def known(x: float) -> float | None:
            return float(x) if np.isfinite(x) else None

        return {
            name: Estimate(float(best.x[i]), known(best.low[i]), known(best.high[i]), units[name])
            for i, name in enumerate(self.free)
        }

    def _goodness(
        self, best: Minimum, theta: np.ndarray, z: np.ndarray, toys: int, progress: bool
    ) -> GoodnessOfFit | None:
        """Of the one binned likelihood, if there is one; the parameters count as fitted to it."""
        if len(self.setup.profiled) != 1 or not np.isfinite(best.value):
            return None
        profiler = self.setup.profilers[0]
        fitted = self.line.profiles(theta, z)[0]
        own = float(fitted.minus_two_log_likelihood)
        goodness = saturated_goodness(profiler.histfactory, own, len(self.free))
        if not toys:
            return goodness
        p_toys = toy_p_value(profiler, fitted, goodness.chi2, self._refit(progress), toys)
        return dataclasses.replace(goodness, p_value_toys=p_toys)

    def _refit(self, progress: bool) -> Callable[[Data], np.ndarray]:
        from darkpenguin.progress import bar

        def refit(toys: Data) -> np.ndarray:
            out = []
            for i in bar(range(len(toys.counts)), "toys", progress):
                one = Data(counts=toys.counts[i], alpha=toys.alpha[i], gamma=toys.gamma[i])
                found = self.minimum(one, errors=False)
                values = dict(zip(self.free, found.x, strict=False))
                # of the binned likelihood alone, as the observed chi2 is: without other results and priors
                profile = self.line.profiles(self.theta(values), found.x[len(self.free) :], one)[0]
                out.append(float(profile.minus_two_log_likelihood) if np.isfinite(found.value) else np.nan)
            return np.array(out)

        return refit

    # --- scans ------------------------------------------------------------------------------------------------------

    def plane(self, x: str, y: str) -> Plane:
        """Delta(-2 ln L) from the lowest point of the grid spanned by the ranges of two free parameters; the others
        held."""
        return scans.plane(self, x, y)

    def exclusions(self, x: str, y: str, title: str = "") -> ExclusionPlane:
        """What the data prefer, the relic density, and every published limit that the model meets, on the same grid."""
        return scans.exclusions(self, x, y, title)

    def constraints(self, values: Mapping[str, float] | None = None) -> PointConstraints:
        """The same at one point. Raises CardError for unknown names, values out of range, missing parameters."""
        values = dict(values or {})
        problems = check_values(self.model_class, self.fixed | values)
        if problems:
            raise CardError(f"parameters of {self.model_class.name}", problems)
        return scans.constraints_at(self, self.theta(values))

    def limits(
        self,
        parameter: str,
        *,
        grid: Mapping[str, Sequence[float]] | None = None,
        confidence_level: float = 0.95,
    ) -> list[LimitPoint]:
        """Asymptotic CLs upper limits on one free parameter at every point of a grid of the others.

        grid : values of other parameters; by default the grids of the other free ranges.
        The background-only hypothesis is parameter = 0. One binned likelihood is needed; results with direct
        likelihoods are refused, because their Asimov data are not defined.
        """
        return scans.limits(self, parameter, grid, confidence_level)

    def references(self) -> tuple[str, ...]:
        """Keys of everything that this analysis used; form factors of the modes that it predicts unasked or fits."""
        transitions = {transition(mode).form_factors for mode in (*catalogue.DEFAULT_MODES, *self.setup.modes)}
        keys = [*self.model_class.references, *self.setup.input_set.references_for(transitions)]
        keys += [r for likelihood in self.setup.likelihoods for r in likelihood.about.references]
        return tuple(dict.fromkeys(keys))
