"""Numbers and names as they stand in print: powers of ten, rounding by the error, superscripts of mesons."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

MISSING = "—"
TIMES = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}"
MINUS = "−"
LNL = f"{MINUS}2 ln L"
_SUPERSCRIPT = str.maketrans("0123456789+-*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻*")
_NAMES = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi"),
    *("rho", "sigma", "tau", "phi", "chi", "psi", "omega", "eps"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega"),
)
GREEK = dict(zip(_NAMES, "αβγδεζηθκλμνξρστφχψωεΓΔΘΛΞΣΦΨΩ", strict=True))
"""Letters by their names; eps is short for epsilon."""


class Rounded(NamedTuple):
    """A value with its errors as strings of equal decimals, in units of 10**power; a missing error is None."""

    value: str
    up: str | None
    down: str | None
    power: int


def finite(value: float | None) -> float | None:
    """The number, or None where there is none to show (None, NaN, infinity)."""
    return None if value is None or not math.isfinite(value) else float(value)


def ten(power: int) -> str:
    """10 to an integer power, e.g. 10⁻⁶."""
    return "10" + str(power).translate(_SUPERSCRIPT)


def fixed(value: float, decimals: int) -> str:
    """A number with that many decimals and a printed minus sign; no "-0"."""
    text = f"{value:.{decimals}f}"
    return text.replace("-", MINUS) if any(c in "123456789" for c in text) else text.lstrip("-")


def number(value: float | None, digits: int = 3) -> str:
    """A number to `digits` significant digits, in powers of ten below 10^-3 and from 10^4; an em dash for none."""
    value = finite(value)
    if value is None:
        return MISSING
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if value == 0.0 or -3 <= power < 4:
        return fixed(value, max(0, digits - 1 - power)) if value != 0.0 else "0"
    return f"{mantissa.replace('-', MINUS)}{TIMES}{ten(power)}"


def common_power(values: Iterable[float | None]) -> int:
    """The power of ten worth taking out of an axis or a column: that of the largest value, 0 from 10^-2 up to 10^4."""
    largest = max((abs(v) for v in map(finite, values) if v is not None), default=0.0)
    power = math.floor(math.log10(largest)) if largest > 0.0 else 0
    return 0 if -2 <= power < 4 else power


def rounded(value: float, up: float | None, down: float | None) -> Rounded:
    """Value and errors, rounded so that the smaller error shows two digits (without errors: the value three).

    An error below a hundredth of the other, as at a bound, does not count.
    """
    up, down = finite(up), finite(down)
    errors = [abs(e) for e in (up, down) if e]
    power = common_power((value, up, down))
    scale = 10.0**power
    if errors:
        counted = min(errors) if min(errors) > 0.01 * max(errors) else max(errors)
        decimals = 1 - math.floor(math.log10(float(f"{counted / scale:.1e}")))
    elif value:
        decimals = 2 - math.floor(math.log10(abs(value) / scale))
    else:
        decimals = 0
    decimals = min(max(decimals, 0), 6)

    def show(x: float | None) -> str | None:
        return None if x is None else fixed(x / scale, decimals)

    return Rounded(fixed(value / scale, decimals), show(up), show(down), power)


def reaction(name: str) -> str:
    """A decay such as "B0->K*0inv" with an arrow and raised charges: "B⁰ → K*⁰ inv". Other names stay as they are."""
    blank = "\N{NO-BREAK SPACE}"
    name = re.sub(r"\s*->\s*", f"{blank}→{blank}", name)
    name = re.sub(
        r"(?<![A-Za-z])([BKD]s?)(\*?)([+\-0])(?![0-9])", lambda m: m[1] + m[2] + m[3].translate(_SUPERSCRIPT), name
    )
    return re.sub(
        r"(?<=[⁺⁻⁰])\s*(inv|nunu)\b", lambda m: blank + {"inv": "inv", "nunu": "νν\N{COMBINING MACRON}"}[m[1]], name
    )


def base_and_index(name: str) -> tuple[str, str] | None:
    """A symbol such as m_X or g_sb split at its underscore ("m", "X"); None if the name is not of that form."""
    found = re.fullmatch(r"([A-Za-z]{1,2}|" + "|".join(GREEK) + r")(?:_([A-Za-z0-9]{1,4}))?", name)
    return (found[1], found[2] or "") if found else None


def symbol(name: str) -> str:
    """A parameter name for a figure, in mathematical type where it is a symbol: m_X becomes $m_{X}$."""
    parts = base_and_index(name)
    if parts is None:
        return plain(reaction(name))
    base, index = (_mathematical(part) for part in parts)
    return f"${base}_{{{index}}}$" if index else f"${base}$"


def _mathematical(part: str) -> str:
    if part in GREEK:
        return r"\varepsilon" if part == "eps" else rf"\{part}"
    return part if len(part) <= 1 else rf"\mathrm{{{part}}}"


def plain(text: str) -> str:
    """User text for a figure: dollar signs are shown, never taken as the start of a formula."""
    return text.replace("$", r"\$")


def wrapped(text: str, width: int) -> str:
    """Text broken into lines of at most `width` characters, at spaces where there are any."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width, break_on_hyphens=False)) or text


def axis_label(name: str, unit: str, power: int = 0) -> str:
    """Axis title "m_X [GeV]" or "BR [10⁻⁶]"; `unit` "1" is left out."""
    inside = " ".join(x for x in (ten(power) if power else "", "" if unit == "1" else unit) if x)
    return f"{name} [{inside}]" if inside else name
