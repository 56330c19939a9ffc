"""Natural units: inside darkpenguin every number is in GeV to some power, hbar = c = k_B = 1; converted once, at load.

A unit is written as a product such as "GeV^-2", "cm^3/s", "fb^-1" or "1".
"""

from __future__ import annotations

import math
from typing import NamedTuple

from darkpenguin.errors import UnknownName

# exact by the definition of the SI (2019): h and e in J s and C, k_B in J/K, c in m/s
_PLANCK, _CHARGE, _BOLTZMANN, _LIGHT = 6.62607015e-34, 1.602176634e-19, 1.380649e-23, 299792458.0

HBAR = _PLANCK / (2 * math.pi * _CHARGE) * 1e-9  # GeV s
_METRE = 1.0 / (HBAR * _LIGHT)  # GeV^-1
_BARN = 1e-28 * _METRE**2  # GeV^-2
_KILOGRAM = _LIGHT**2 / _CHARGE * 1e-9  # GeV
_KELVIN = _BOLTZMANN / _CHARGE * 1e-9  # GeV


class Unit(NamedTuple):
    """factor: the size of the unit in GeV^power."""

    factor: float
    power: int


_PREFIX = {
    "T": 1e12,
    "G": 1e9,
    "M": 1e6,
    "k": 1e3,
    "": 1.0,
    "c": 1e-2,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}

_BASE: dict[str, Unit] = {
    "1": Unit(1.0, 0),
    "%": Unit(0.01, 0),
    "kg": Unit(_KILOGRAM, 1),
    "g": Unit(1e-3 * _KILOGRAM, 1),
    "K": Unit(_KELVIN, 1),
    **{f"{p}eV": Unit(_PREFIX[p] * 1e-9, 1) for p in ("T", "G", "M", "k", "", "m")},
    **{f"{p}s": Unit(_PREFIX[p] / HBAR, -1) for p in ("", "m", "u", "n", "p", "f")},
    **{f"{p}m": Unit(_PREFIX[p] * _METRE, -1) for p in ("k", "", "c", "m", "u", "n", "f")},
    **{f"{p}b": Unit(_PREFIX[p] * _BARN, -2) for p in ("", "m", "u", "n", "p", "f")},
}


def parse(unit: str) -> Unit:
    """The size and the dimension of a unit: parse("ps") = Unit(1.5e12, -1), since 1 ps = 1.5e12 GeV^-1.

    Grammar: factors joined by "*" or "/", each a base unit with an optional integer exponent. Raises UnknownName.
    """
    factor, power = 1.0, 0
    for sign, term in _terms(unit):
        name, hat, exponent = term.partition("^")
        if name not in _BASE or (hat and not _is_integer(exponent)):
            raise UnknownName("unit", unit, _BASE)
        n = sign * int(exponent or "1")
        factor *= _BASE[name].factor ** n
        power += _BASE[name].power * n
    return Unit(factor, power)


def to_gev(value: float, unit: str) -> float:
    """`value` in the given unit, as a number of GeV^n with the n of that unit. Raises UnknownName."""
    return value * parse(unit).factor


def from_gev(value: float, unit: str) -> float:
    """`value`, a number of GeV^n, in the given unit. Raises UnknownName."""
    return value / parse(unit).factor


def _terms(unit: str) -> list[tuple[int, str]]:
    first, *rest = unit.replace(" ", "").replace("*", "\0+").replace("/", "\0-").split("\0")
    return [(1, first)] + [(1 if term[0] == "+" else -1, term[1:]) for term in rest]


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
