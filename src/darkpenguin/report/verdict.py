"""What the numbers say, in sentences that follow from the comparison alone; no hypothesis is treated by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from darkpenguin.plot.text import finite, fixed
from darkpenguin.report import words
from darkpenguin.report.planes import remains
from darkpenguin.result import CONVERGED, Comparison, FitResult, Quantity, ranked

ACCEPTABLE_P_VALUE = 0.05
NOTEWORTHY, STRONG, OVERWHELMING = 2.0, 3.0, 5.0  # standard deviations at which the wording changes

BELOW, NEAR, ABOVE, UNKNOWN = "below", "above, within theory error", "above", "not known"


class Verdict(NamedTuple):
    """HTML: one headline, and the sentences under it."""

    headline: str
    details: tuple[str, ...]


def usable(fit: FitResult) -> bool:
    """Whether a fit may be ranked: it converged and has a Delta chi2."""
    return fit.status == CONVERGED and finite(fit.delta_chi2) is not None


def is_reference(fit: FitResult) -> bool:
    """Whether a fit is the Standard Model itself: nothing free and, by construction, no gain."""
    return not fit.best_fit and fit.delta_chi2 is not None and abs(fit.delta_chi2) < 1e-9


def gain(fit: FitResult) -> float:
    """Delta chi2 against the Standard Model; 0 if there is none."""
    return finite(fit.delta_chi2) or 0.0


def verdict(comparison: Comparison) -> Verdict:
    """The headline and what has to be said with it."""
    order = [f for f in ranked(comparison.fits) if usable(f)]
    rivals = [f for f in order if not is_reference(f)]
    details = [*_runner_up(rivals), *_reference(order)]
    if rivals:
        details += _conflicts(rivals[0], comparison.limits_on_other_modes)
        details += _survivors(rivals, comparison.limits_on_other_modes)
        details += _relics(rivals, comparison.measured_omega_h2)
        details += [f"<strong>{words.escape(p.title)}</strong>: {remains(p)}" for p in comparison.exclusions]
        details.append(
            "Each significance is that of one hypothesis on its own; it is not corrected for the number of hypotheses "
            "compared."
        )
    details += [
        f"Not ranked: {name(f)} ({words.status(f.status) if f.status != CONVERGED else 'no value of the likelihood'})."
        for f in comparison.fits
        if not usable(f)
    ]
    return Verdict(_headline(rivals, len(comparison.fits)), tuple(details))


def name(fit: FitResult) -> str:
    """The hypothesis, marked as a name."""
    return f'<strong class="name">{words.escape(fit.hypothesis)}</strong>'


def _size(fit: FitResult) -> str:
    size = f"Δχ² = {words.delta(fit.delta_chi2)}"
    if finite(fit.significance) is not None:
        size += f", {words.significance(fit)} for {words.freedom(fit.significance_dof)}"
    return size


def _headline(rivals: Sequence[FitResult], count: int) -> str:
    if not rivals:
        return "There is nothing to rank: " + (
            "no hypothesis was fitted."
            if count == 0
            else "no alternative to the Standard Model was fitted successfully."
        )
    best = rivals[0]
    if gain(best) <= 0.0:
        return "No hypothesis describes the data better than the Standard Model."
    sigma = finite(best.significance)
    if sigma is None:
        return f"Compared with the Standard Model, {name(best)} describes the data best ({_size(best)})."
    if sigma < NOTEWORTHY:
        return f"No hypothesis is clearly preferred to the Standard Model; {name(best)} comes closest ({_size(best)})."
    degree = "mildly prefer" if sigma < STRONG else "prefer" if sigma < OVERWHELMING else "strongly prefer"
    return f"The data {degree} {name(best)} to the Standard Model ({_size(best)})."


def _runner_up(rivals: Sequence[FitResult]) -> list[str]:
    if len(rivals) < 2 or gain(rivals[0]) <= 0.0:
        return []
    above = [f for f in rivals if (finite(f.significance) or 0.0) >= NOTEWORTHY]
    behind = gain(rivals[0]) - gain(rivals[1])
    distance = f"{fixed(abs(behind), 1)} units of χ² {'behind' if behind > 0.0 else 'ahead, with more parameters'}"
    if abs(behind) < 0.05:
        distance = "which fits as well"
    count = (
        f"{len(above)} of {len(rivals)} alternatives gain two standard deviations or more. " if len(above) != 1 else ""
    )
    return [f"{count}Next comes {name(rivals[1])} ({_size(rivals[1])}), {distance}."]


def _reference(order: Sequence[FitResult]) -> list[str]:
    found = next((f for f in order if is_reference(f)), None)
    fit = found.goodness_of_fit if found else None
    if found is None or fit is None or finite(fit.p_value) is None:
        return []
    verb = (
        "is itself an acceptable description of the data"
        if fit.p_value > ACCEPTABLE_P_VALUE
        else "describes the data poorly"
    )
    size = f"χ² = {fixed(fit.chi2, 1)} for {words.freedom(fit.ndof)}, p&nbsp;=&nbsp;{words.number(fit.p_value, 2)}"
    return [f"{name(found)} {verb}: {size}."]


def _conflicts(best: FitResult, limits: dict[str, Quantity]) -> list[str]:
    sentences = []
    for mode, limit in limits.items():
        predicted = predicted_for(best, mode)
        side = compare(predicted, limit)
        if side in (ABOVE, NEAR):
            tail = ", by less than the theory error" if side == NEAR else ""
            sentences.append(
                f"At its best point {name(best)} predicts {words.symbol(mode)} = {words.quantity(predicted)}, "
                f"above the published limit {words.quantity(limit)}{tail}."
            )
    return sentences


def conflicts(fit: FitResult, limits: dict[str, Quantity]) -> dict[str, float]:
    """Predicted rate over limit, for each mode where the best point of a fit lies above it by more than its error."""
    found = {}
    for mode, limit in limits.items():
        predicted = predicted_for(fit, mode)
        if compare(predicted, limit) == ABOVE and predicted is not None:
            found[mode] = (finite(predicted.value) or 0.0) / (finite(limit.value) or 1.0)
    return found


def _survivors(rivals: Sequence[FitResult], limits: dict[str, Quantity]) -> list[str]:
    """Which of the hypotheses that the spectrum prefers also respect the limits on the other modes."""
    good = [f for f in rivals if (finite(f.significance) or 0.0) >= NOTEWORTHY and _acceptable(f)]
    if not limits or not good:
        return []
    alive = [f for f in good if not conflicts(f, limits)]
    sentence = f"Of the {len(good)} alternatives with two standard deviations or more and an acceptable shape, "
    stay = "1 stays" if len(alive) == 1 else f"{len(alive) or 'none'} stay"
    sentence += f"{stay} below the limits on the other modes" + (
        f": {', '.join(name(f) for f in alive)}." if alive else "."
    )
    worst = sorted(max(conflicts(f, limits).values()) for f in good if conflicts(f, limits))
    if worst:
        factors = (
            f"a factor of {fixed(worst[0], 1)}" if len(worst) == 1 else f"{fixed(worst[0], 1)} to {fixed(worst[-1], 1)}"
        )
        verb = "is" if len(worst) == 1 else "are"
        sentence += (
            f" {len(worst)} {verb} above one at the best point, by {factors} (limits set with the Standard Model's "
            "spectrum; last column of the ranking)."
        )
    return [sentence]


def _relics(rivals: Sequence[FitResult], measured: float) -> list[str]:
    """What the dark matter of a hypothesis would weigh in the universe."""
    found = []
    for fit in rivals:
        density = predicted_for(fit, "Omega_h2")
        value = finite(density.value) if density else None
        if value is not None:
            share = "all of it" if 0.9 < value / measured < 1.1 else "too little" if value < measured else "too much"
            found.append(f"{name(fit)} {words.number(value, 3)} ({share})")
    return [f"Relic density at the best point, against {measured:g} measured: {', '.join(found)}."] if found else []


def _acceptable(fit: FitResult) -> bool:
    p = finite(fit.goodness_of_fit.p_value) if fit.goodness_of_fit else None
    return p is None or p > ACCEPTABLE_P_VALUE


def predicted_for(fit: FitResult, mode: str) -> Quantity | None:
    """The prediction of a fit for an observable; blanks in the name do not count."""
    wanted = "".join(mode.split())
    return next((q for k, q in fit.observables.items() if "".join(k.split()) == wanted), None)


def compare(predicted: Quantity | None, limit: Quantity) -> str:
    """Where a prediction lies against an upper limit: BELOW, NEAR (above by less than its error), ABOVE, or UNKNOWN."""
    value, top = finite(predicted.value) if predicted else None, finite(limit.value)
    if predicted is None or value is None or top is None:
        return UNKNOWN
    if value <= top:
        return BELOW
    return ABOVE if value - (finite(predicted.error) or 0.0) > top else NEAR
