"""Fit several hypotheses to the same data, rank them, and gather what a person wants to look at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version

import numpy as np

from darkpenguin._jax import jnp
from darkpenguin.analysis import Analysis
from darkpenguin.core.model import Range
from darkpenguin.errors import CardError, OutOfDomain, Problem, UnknownName
from darkpenguin.exclusion import ExclusionPlane
from darkpenguin.experiments import published
from darkpenguin.experiments.histfactory_tables import RowKey
from darkpenguin.hypotheses import DEFAULT, Hypothesis, View, hypothesis
from darkpenguin.inference.goodness import fitted_nuisances, nominal_rates, rate_covariance
from darkpenguin.inference.profile import Profile
from darkpenguin.observables import banded_spectrum
from darkpenguin.progress import bar
from darkpenguin.result import (
    CONVERGED,
    OK,
    Comparison,
    FitResult,
    LimitPoint,
    MassScan,
    Nuisance,
    Plane,
    Quantity,
    SpectrumCurve,
    Yields,
    ranked,
)
from darkpenguin.setup import Nuisances, Setup

INPUTS = "belle2-2023"  # the Standard Model that Belle II's simulation is weighted to: decision record 004
BELLE2 = ("belle2-2023-bknunu",)
OTHER_MODES = ("belle-2017-bknunu", "belle-2013-bknunu", "babar-2013-bknunu")
MAIN_MODE = "B+->K+"


def compare(
    names: Sequence[str] | None = None,
    *,
    inputs: str = INPUTS,
    experiments: Sequence[str] = BELLE2,
    nuisances: Nuisances = "workspace",
    progress: bool = False,
) -> Comparison:
    """Fit hypotheses to the data and rank them by significance over the Standard Model.

    names : of `hypotheses.HYPOTHESES`; by default a short list with one or two of each kind.

    Raises CardError with all unknown names at once.
    """
    chosen = _chosen(names)
    setup = Setup.load(experiments, inputs, None, nuisances)
    if len(setup.profilers) != 1:  # asked for here, so that it is compiled before several threads want it
        raise OutOfDomain("a comparison needs exactly one binned result, e.g. belle2-2023-bknunu, and may add others")
    analyses = {name: Analysis(h.model, setup=setup, fixed=h.fixed, free=h.free) for name, h in chosen.items()}
    with ThreadPoolExecutor(1) as beside:  # their programs are compiled beside those of the fits
        planes_later = beside.submit(lambda: tuple(view(analyses[n], v) for n, h in chosen.items() for v in h.views))
        fits = fit_all(analyses, chosen, progress)
        planes = planes_later.result()
    order = [next(n for n in fits if fits[n] is fit) for fit in ranked(list(fits.values()))]
    best = order[0]
    scans = tuple(mass_scan(analyses[n], h) for n, h in bar(list(chosen.items()), "mass scans", progress) if h.mass)
    alone = len(setup.likelihoods) == 1
    boson = next((n for n, h in chosen.items() if h.strength == "BR"), None)
    return Comparison(
        title="B+ -> K+ and nothing seen: which hypotheses explain Belle II's excess",
        version=version("darkpenguin"),
        inputs=inputs,
        nuisances=nuisances,
        experiments=tuple(experiments),
        fits=tuple(fits[n] for n in order),
        best_hypothesis=fits[best].hypothesis,
        yields=yields(analyses[best], fits[best]),
        spectra=spectra(analyses, fits, order),
        mass_scans=scans,
        plane=_plane(analyses[boson]) if boson else None,
        limits=_limits(analyses[boson]) if boson and alone else (),
        nuisance_parameters=nuisance_table(analyses[best], fits[best]),
        exclusions=planes,
        limits_on_other_modes=limits_on_other_modes(),
        measured_omega_h2=published.relic_density(),
        references=tuple(dict.fromkeys(r for n in order for r in fits[n].references)),
        notes=_notes(setup),
        status=OK
        if all(f.status in (OK, CONVERGED) for f in fits.values())
        else "some fits have a status of their own",
    )


def fit_all(analyses: dict[str, Analysis], chosen: dict[str, Hypothesis], progress: bool) -> dict[str, FitResult]:
    """Fit every hypothesis; the programs of different models are compiled side by side."""
    models = dict.fromkeys(h.model for h in chosen.values())
    groups = [[n for n in chosen if chosen[n].model == model] for model in models]

    def fit_group(names: list[str]) -> dict[str, FitResult]:
        return {n: analyses[n].fit(hypothesis=chosen[n].title) for n in names}

    fits: dict[str, FitResult] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(fit_group, names) for names in groups]
        for future in bar(as_completed(futures), "fits", progress, len(futures)):
            fits |= future.result()
    return {n: fits[n] for n in chosen}


def _chosen(names: Sequence[str] | None) -> dict[str, Hypothesis]:
    found, problems = {}, []
    for i, name in enumerate(DEFAULT if names is None else names):
        try:
            found[name] = hypothesis(name)
        except UnknownName as error:
            problems.append(Problem(f"hypotheses[{i}]", str(error)))
    if problems:
        raise CardError("compare", problems)
    return found


def _notes(setup: Setup) -> tuple[str, ...]:
    treatment = {
        "workspace": "form factors at their centres; their uncertainty: the three parameters of Belle II's likelihood",
        "theory": "form-factor coefficients profiled with their covariance, in place of Belle II's three parameters",
        "fixed": "form factors fixed at their central values",
    }
    assumptions = [a for one in setup.likelihoods for a in one.about.assumptions]
    if len(setup.likelihoods) > 1:
        assumptions.insert(0, "mass scans show the binned likelihood alone; CLs limits are made only without others")
    if setup.nuisances == "theory":
        assumptions.insert(0, "scans over the mass take the form factors at their centres")
    return (treatment[setup.nuisances], *assumptions)


# --- pieces of the page ---------------------------------------------------------------------------------------------


def mass_scan(analysis: Analysis, h: Hypothesis) -> MassScan:
    """Best rate BR(B+ -> K+ X), bounded at zero, and its gain over zero rate at each mass."""
    assert h.mass is not None
    assert h.strength is not None
    masses, unit = analysis.free[h.mass].grid(), analysis.free[h.strength].high
    zero = np.array([analysis.theta({h.mass: m, h.strength: 0.0}) for m in masses])
    one = np.array([analysis.theta({h.mass: m, h.strength: unit}) for m in masses])
    line, profiler = analysis.line, analysis.setup.profilers[0]
    background, full = line.factors(zero), line.factors(one)
    usable = np.isfinite(full).all(axis=1) & (np.abs(full - background).max(axis=1) > 0)
    direction = np.where(usable[:, None], full - background, background)
    fitted = profiler.free_strength(jnp.asarray(background), jnp.asarray(direction))
    held = profiler.batch(jnp.asarray(background))
    strength = np.asarray(fitted.strength)
    gain = np.asarray(held.minus_two_log_likelihood - fitted.minus_two_log_likelihood)
    rate = line.totals(one, MAIN_MODE) - line.totals(zero, MAIN_MODE)
    good = usable & (np.asarray(fitted.status) == 0)
    gain, rate = np.where(strength > 0, gain, 0.0), np.maximum(strength, 0.0) * rate
    return MassScan(h.title, tuple(masses.tolist()), _known(rate, good), _known(gain, good))


def _known(values: np.ndarray, good: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(v) if ok and np.isfinite(v) else None for v, ok in zip(values, good, strict=True))


def _plane(analysis: Analysis) -> Plane:
    mass, rate = list(analysis.free)
    return analysis.plane(mass, rate)


def view(analysis: Analysis, v: View) -> ExclusionPlane:
    """Everything published against a model in one of its planes."""
    x, y = v.axes
    return analysis.with_model(analysis.model_class, v.fixed, v.axes).exclusions(x, y, v.title)


def _limits(analysis: Analysis) -> tuple[LimitPoint, ...]:
    rate = list(analysis.free)[1]
    wide = dict(analysis.free) | {rate: Range(0.0, 1e-3)}
    return tuple(analysis.with_model(analysis.model_class, analysis.fixed, wide).limits(rate))


def _values(fit: FitResult) -> dict[str, float]:
    return {name: e.value for name, e in fit.best_fit.items()}


def spectra(
    analyses: dict[str, Analysis], fits: dict[str, FitResult], order: Sequence[str]
) -> tuple[SpectrumCurve, ...]:
    """True-q2 spectra of B+ -> K+ at the best points: the Standard Model and the best hypothesis of each model."""
    seen, shown = set(), ["standard_model"] if "standard_model" in fits else []
    for name in order:
        if fits[name].model not in seen and name not in shown:
            seen.add(fits[name].model)
            shown.append(name)
    return tuple(_spectrum(analyses[name], fits[name]) for name in shown)


def _spectrum(analysis: Analysis, fit: FitResult) -> SpectrumCurve:
    theta = analysis.theta(_values(fit))
    found = banded_spectrum(analysis.model_class, analysis.setup.input_set, MAIN_MODE, theta)
    lines = tuple(
        (q2, rate) for q2, rate in zip(found.line_q2.tolist(), found.line_rate.tolist(), strict=True) if rate > 0
    )
    return SpectrumCurve(
        fit.hypothesis,
        f"{MAIN_MODE}inv",
        tuple(found.q2.tolist()),
        tuple(found.value.tolist()),
        tuple((found.value - found.error).tolist()),
        tuple((found.value + found.error).tolist()),
        lines,
    )


def yields(analysis: Analysis, fit: FitResult) -> tuple[Yields, ...]:
    """Counts bin by bin: data, nominal Standard Model, and the fitted samples of the binned likelihood."""
    theta = analysis.theta(_values(fit))
    histfactory = analysis.setup.profilers[0].histfactory
    profile = _profile(analysis, theta)
    f = np.asarray(profile.f)
    nominal, nominal_error = nominal_rates(histfactory, jnp.ones(histfactory.n_signal))
    covariance = rate_covariance(histfactory, profile, jnp.asarray(f), _free_directions(analysis, theta))
    postfit, error = np.asarray(profile.rates), np.sqrt(np.diag(covariance))
    rows = np.asarray(profile.gamma * histfactory.row_yields(profile.alpha, jnp.asarray(f)))
    data = np.asarray(histfactory.observed)
    row_bin = np.asarray(histfactory.row_bin)
    signal = {histfactory.rows[i].sample for i in np.asarray(histfactory.signal_row)}
    out = []
    for channel in dict.fromkeys(r.channel for r in histfactory.rows):
        bins = sorted({b for r, b in zip(histfactory.rows, row_bin, strict=True) if r.channel == channel})
        samples = {
            s: tuple(_sample(histfactory.rows, row_bin, rows, channel, s, bins))
            for s in dict.fromkeys(r.sample for r in histfactory.rows if r.channel == channel)
        }
        out.append(
            Yields(
                channel=channel,
                title=CHANNEL_TITLES.get(channel, channel),
                bins=tuple(bin_labels(channel, len(bins))),
                data=tuple(data[bins].tolist()),
                prefit=tuple(nominal[bins].tolist()),
                prefit_error=tuple(nominal_error[bins].tolist()),
                postfit=tuple(postfit[bins].tolist()),
                postfit_error=tuple(error[bins].tolist()),
                samples=samples,
                signal=tuple(s for s in samples if s in signal),
                pulls=tuple(((data - postfit) / np.sqrt(postfit))[bins].tolist()),
            )
        )
    return tuple(out)


def _profile(analysis: Analysis, theta: np.ndarray) -> Profile:
    """The binned likelihood at theta, form-factor nuisances at their best."""
    return analysis.line.profiles(theta, analysis.line.best_z(theta[None])[0])[0]


def _sample(
    keys: Sequence[RowKey], row_bin: np.ndarray, rows: np.ndarray, channel: str, sample: str, bins: list[int]
) -> list[float]:
    at = dict.fromkeys(bins, 0.0)
    for key, b, value in zip(keys, row_bin, rows, strict=True):
        if key.channel == channel and key.sample == sample:
            at[b] += float(value)
    return list(at.values())


def _free_directions(analysis: Analysis, theta: np.ndarray) -> np.ndarray:
    """d f / d theta of the free parameters, [n_free, n_signal]."""
    return analysis.line.factor_slopes(theta, list(analysis.free))


def nuisance_table(analysis: Analysis, fit: FitResult) -> tuple[Nuisance, ...]:
    """Pull, post-fit error and impact on the total rate of every nuisance of the binned likelihood."""
    theta = analysis.theta(_values(fit))
    profiler = analysis.setup.profilers[0]
    profile = _profile(analysis, theta)
    error = fitted_nuisances(profiler, profile, _free_directions(analysis, theta)).error
    whole = fitted_nuisances(profiler, profile, np.asarray(profile.f)[None])  # the rate free, its shape held
    impact = whole.impact[0] * analysis.line.totals(theta[None], MAIN_MODE)[0]
    rows = zip(profiler.histfactory.alpha_names, np.asarray(profile.alpha), error, impact, strict=True)
    table = [Nuisance(name, float(a), float(e), float(-i), float(i), "1") for name, a, e, i in rows]
    return tuple(sorted(table, key=lambda n: -abs(n.impact_high or 0.0)))


CHANNEL_TITLES = {
    "A": "inclusive tag, signal region",
    "B": "inclusive tag, lower classifier region",
    "C": "inclusive tag, signal region, off resonance",
    "D": "inclusive tag, lower classifier region, off resonance",
    "sgn1_had": "hadronic tag",
}


def bin_labels(channel: str, n: int) -> list[str]:
    """Bins of one channel; in the inclusive tag the reconstructed q2 runs fastest within a classifier bin."""
    if channel in CHANNEL_TITLES and channel != "sgn1_had" and n % 3 == 0:
        return [f"classifier {i // 3 + 1}, q2 {('low', 'mid', 'high')[i % 3]}" for i in range(n)]
    return [f"classifier {i + 1}" for i in range(n)]


def limits_on_other_modes() -> dict[str, Quantity]:
    """The lowest published upper limit on each other mode, by observable, with the confidence level left to the
    result."""
    lowest: dict[str, float] = {}
    for name in OTHER_MODES:
        for observable, limit in published.upper_limits(name).items():
            if MAIN_MODE not in observable:
                lowest[observable] = min(limit, lowest.get(observable, limit))
    return {observable: Quantity(limit, None, "1") for observable, limit in lowest.items()}
