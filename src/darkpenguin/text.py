"""Plain text for a terminal: aligned columns, numbers with sensible digits."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = (), indent: str = "") -> str:
    """Left-aligned columns, two spaces apart."""
    lines = [*([header] if header else []), *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))] if lines else []
    return "\n".join(
        (indent + "  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True))).rstrip() for line in lines
    )


def number(value: float | None, digits: int = 4) -> str:
    """A number with the given count of significant digits, or "-" where there is none."""
    return "-" if value is None else f"{value:.{digits}g}"


NEGLIGIBLE = 1e-9  # an error below this share of the value is rounding, and is not shown


def with_errors(value: float | None, low: float | None, high: float | None, unit: str = "1", digits: int = 4) -> str:
    """Value and errors with a common exponent and two digits of the smaller error: "(9.0 +2.7 -2.6)e-06 GeV".

    Equal errors are written once, "2.10 +- 0.15". An error that is None is "?". A value without errors gets `digits`.
    """
    tail = "" if unit == "1" else f" {unit}"
    if value is None:
        return "-"
    errors = [e for e in (low, high) if e is not None and e > NEGLIGIBLE * abs(value)]
    if not errors:
        return number(value, digits) + tail
    top = max(abs(value), *errors)
    exponent = math.floor(math.log10(top))
    exponent = 0 if -3 < exponent < 4 else exponent
    scale = 10.0**exponent
    decimals = max(0, min(15, 1 - math.floor(math.log10(min(errors) / scale))))
    v, lo, hi = (("?" if x is None else f"{x / scale:.{decimals}f}") for x in (value, low, high))
    text = f"{v} +- {hi}" if lo == hi else f"{v} +{hi} -{lo}"
    return (f"({text})e{exponent:+03d}" if exponent else text) + tail


def paragraph(text: str, indent: str = "") -> str:
    """Text broken into lines that fit a terminal."""
    plain = " ".join(text.split())
    return textwrap.fill(plain, width=100, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
