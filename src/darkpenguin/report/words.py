"""Numbers, names and statuses as HTML. Everything that comes from outside is escaped here."""

from __future__ import annotations

import html
import re

from darkpenguin import result
from darkpenguin.plot import text
from darkpenguin.plot.text import MINUS, MISSING, TIMES
from darkpenguin.result import Estimate, FitResult, GoodnessOfFit, Quantity

STATUSES = {
    result.OK: "computed",
    result.CONVERGED: "the fit converged",
    result.NOT_CONVERGED: "the fit did not converge",
    result.INVALID: "the input was not valid",
    result.CLOSED: "the decay is kinematically closed",
    result.OUT_OF_DOMAIN: "outside the range where the data or formulas hold",
}


def escape(value: str) -> str:
    """Text made safe for HTML, in attributes too."""
    return html.escape(value, quote=True)


def status(value: str) -> str:
    """A status in words."""
    return escape(STATUSES.get(value, value))


def symbol(name: str) -> str:
    """A parameter or observable: m_X with a lowered X, decays with arrows and raised charges."""
    parts = text.base_and_index(name)
    if parts is None:
        return escape(text.reaction(name))
    base, index = (greek(p) for p in parts)
    base = f"<i>{base}</i>" if len(base) == 1 else base
    return f"{base}<sub>{index}</sub>" if index else base


def greek(name: str) -> str:
    """A Greek letter for its English name; other names unchanged."""
    return text.GREEK.get(name, escape(name))


def unit(name: str) -> str:
    """A unit with raised powers and a space before it; nothing for the unit "1"."""
    if name == "1":
        return ""
    raised = re.sub(r"\^(-?\d+)", lambda m: f"<sup>{m[1].replace('-', MINUS)}</sup>", escape(name))
    return f"&nbsp;{raised}"


def number(value: float | None, digits: int = 3) -> str:
    """A plain number, or an em dash that is read out as "not available"."""
    shown = text.number(value, digits)
    return missing() if shown == MISSING else shown


def missing(why: str = "not available") -> str:
    """An em dash; a screen reader says why there is no number."""
    return f'<span role="img" aria-label="{escape(why)}">{MISSING}</span>'


def estimate(found: Estimate) -> str:
    """Best value with its errors; an error that does not exist because the scan met a bound is called "at bound"."""
    if text.finite(found.value) is None:
        return missing()
    up, down = text.finite(found.error_high), text.finite(found.error_low)
    shown = text.rounded(found.value, up, down)
    tail = (f"{TIMES}{text.ten(shown.power)}" if shown.power else "") + unit(found.unit)
    if shown.up is None and shown.down is None:
        return f"{nowrap(shown.value + tail)} <small>errors not available</small>"
    if shown.up == shown.down:
        inside = f"{shown.value} ± {shown.up}"
        return nowrap(f"({inside}){tail}" if tail else inside)
    high = f"+{shown.up}" if shown.up is not None else "to bound"
    low = f"{MINUS}{shown.down}" if shown.down is not None else "to bound"
    return nowrap(f'{shown.value} <span class="errors"><span>{high}</span><span>{low}</span></span>{tail}')


def nowrap(inside: str) -> str:
    """HTML that must stay on one line."""
    return f'<span class="number">{inside}</span>'


def quantity(found: Quantity | None) -> str:
    """A prediction with its theory error."""
    if found is None or text.finite(found.value) is None:
        return missing()
    if text.finite(found.error) is None:
        return number(found.value) + unit(found.unit)
    return estimate(Estimate(float(found.value or 0.0), found.error, found.error, found.unit))


def significance(fit: FitResult) -> str:
    """The significance, e.g. "2.99 σ"; none for a fit without free parameters."""
    if text.finite(fit.significance) is None or fit.significance_dof == 0:
        return missing()
    return f"{text.fixed(fit.significance or 0.0, 2)}&nbsp;σ"


def freedom(count: int) -> str:
    """Degrees of freedom in words."""
    return f"{count} degree{'' if count == 1 else 's'} of freedom"


def goodness(found: GoodnessOfFit | None) -> str:
    """ "chi2 / ndof, p = ..."."""
    if found is None or text.finite(found.chi2) is None:
        return missing()
    shown = nowrap(f"{text.fixed(found.chi2, 1)}&thinsp;/&thinsp;{found.ndof}")
    p = nowrap(f"p = {number(found.p_value, 2)}")
    if found.p_value_toys is not None:
        p += f", {number(found.p_value_toys, 2)} from pseudo-experiments"
    return f"{shown} <br><small>{p}</small>"


def delta(value: float | None) -> str:
    """Delta chi2 with one decimal."""
    found = text.finite(value)
    return missing() if found is None else text.fixed(found, 1)
