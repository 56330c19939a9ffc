"""The ranked table. On a narrow screen each row becomes a card; ARIA roles keep it a table for a screen reader."""

from __future__ import annotations

import re
from collections.abc import Sequence

from darkpenguin.plot.text import LNL, finite
from darkpenguin.report import verdict, words
from darkpenguin.result import CONVERGED, Comparison, FitResult, Quantity, ranked

RATE = "BR(B+->K+inv)"


def table(comparison: Comparison) -> str:
    """One row per hypothesis, the most significant first."""
    heads = ["Hypothesis", "Best point", words.symbol(RATE), "Δχ²", "Significance", "χ² / ndof"]
    if comparison.limits_on_other_modes:
        heads.append("Other modes, with their limits")
    head = "".join(f'<th scope="col" role="columnheader">{h}</th>' for h in heads)
    rows = "".join(_row(f, heads, comparison.limits_on_other_modes) for f in ranked(comparison.fits))
    return (
        '<table role="table">'
        "<caption>Hypotheses by significance over the Standard Model. Errors: one standard deviation.</caption>"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def footnotes(comparison: Comparison) -> str:
    """How to read the columns, as far as the comparison says."""
    notes = [
        f"Δχ²: fall of {LNL} from the Standard Model to the best point, same data, inputs and treatment of nuisances."
    ]
    definitions = dict.fromkeys(
        f.significance_definition for f in comparison.fits if f.significance_dof and f.significance_definition
    )
    if definitions:
        notes.append(f"Significance: {'; '.join(words.escape(d) for d in definitions)}.")
    if any((e.error_low is None) != (e.error_high is None) for f in comparison.fits for e in f.best_fit.values()):
        notes.append(f"“to bound”: {LNL} rises by less than 1 before the parameter meets the end of its range.")
    if any(f.goodness_of_fit for f in comparison.fits):
        notes.append(
            "χ² / ndof: saturated likelihood at the best point; its p-value takes a χ² distribution and ignores that "
            "auxiliary measurements fluctuate too."
        )
    if comparison.limits_on_other_modes:
        notes.append(
            "Other modes: branching fraction predicted at the best point, and the published upper limit (&lt; below, "
            "≳ above by less than the theory error, &gt; above). They enter the ranking only if that "
            "measurement is among the data named above."
        )
    return "".join(f"<li>{n}</li>" for n in notes)


def _row(fit: FitResult, heads: Sequence[str], limits: dict[str, Quantity]) -> str:
    rate = verdict.predicted_for(fit, RATE)
    cells = [
        _best_point(fit),
        words.quantity(rate),
        words.delta(fit.delta_chi2),
        _significance(fit),
        words.goodness(fit.goodness_of_fit),
    ]
    if limits:
        cells.append(_other_modes(fit, limits))
    label = f'<th scope="row" role="rowheader">{_title(fit)}</th>'
    body = "".join(
        f'<td role="cell"><span class="label" aria-hidden="true">{h}</span><div>{c}</div></td>'
        for h, c in zip(heads[1:], cells, strict=True)
    )
    style = "" if verdict.usable(fit) else ' class="failed"'
    return f'<tr role="row"{style}>{label}{body}</tr>'


def _title(fit: FitResult) -> str:
    title = f"{words.escape(fit.hypothesis)}<br><small>model <code>{words.escape(fit.model)}</code></small>"
    if fit.status != CONVERGED:
        title += f'<br><small class="warning">{words.status(fit.status)}</small>'
    return title


def _best_point(fit: FitResult) -> str:
    lines = [f"{words.symbol(k)} = {words.estimate(e)}" for k, e in fit.best_fit.items()]
    if fit.fixed:
        held = ", ".join(words.nowrap(f"{words.symbol(k)} = {words.number(v)}") for k, v in fit.fixed.items())
        lines.append(f"<small>held: {held}</small>")
    return "".join(f'<span class="entry">{line}</span>' for line in lines) or "nothing free"


def _significance(fit: FitResult) -> str:
    if finite(fit.significance) is None or fit.significance_dof == 0:
        return words.missing()
    p = f' <br><span class="number">p = {words.number(fit.p_value, 2)}</span>' if fit.p_value is not None else ""
    return f"{words.significance(fit)} <br><small>{fit.significance_dof} dof{p}</small>"


def _other_modes(fit: FitResult, limits: dict[str, Quantity]) -> str:
    """One line for each mode: prediction, then where it lies against the limit and the limit itself."""
    signs = {verdict.BELOW: "&lt;", verdict.NEAR: "≳", verdict.ABOVE: "&gt;", verdict.UNKNOWN: "limit"}
    lines = []
    for mode, limit in limits.items():
        predicted = verdict.predicted_for(fit, mode)
        side = verdict.compare(predicted, limit)
        style = "warning" if side == verdict.ABOVE else "calm"
        decay = words.symbol(re.sub(r"^BR\((.*)\)$", r"\1", mode))
        bound = f'<span class="{style}" title="{side}">{signs[side]}&nbsp;{words.quantity(limit)}</span>'
        lines.append(f'<span class="mode"><span>{decay}</span><span>{words.quantity(predicted)}</span>{bound}</span>')
    return "".join(lines)
