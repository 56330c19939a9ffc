"""Conversion to natural units, against CODATA."""

import math

import pytest

from darkpenguin import units
from darkpenguin.errors import UnknownName

# CODATA 2022 (all exact in the SI of 2019, printed with ten digits)
HBAR_GEV_S = 6.582119569e-25
HBARC2_GEV2_MB = 0.3893793721
KELVIN_EV = 8.617333262e-5


@pytest.mark.parametrize(
    ("value", "unit", "expected", "tolerance"),
    [
        (1.0, "s", 1 / HBAR_GEV_S, 1e-9),
        (1.638, "ps", 1.638e-12 / HBAR_GEV_S, 1e-9),
        (290.3, "fs", 290.3e-15 / HBAR_GEV_S, 1e-9),
        (HBARC2_GEV2_MB, "mb", 1.0, 1e-9),
        (1.0, "fb^-1", HBARC2_GEV2_MB * 1e12, 1e-9),
        (1.0, "K", KELVIN_EV * 1e-9, 1e-9),
        (493.677, "MeV", 0.493677, 1e-15),
        (2.0, "GeV^-2", 2.0, 0.0),
        (3.0, "1", 3.0, 0.0),
        # c * (hbar c)^2 in cm^3/s, printed to six digits
        (1.16733e-17, "cm^3/s", 1.0, 5e-6),
    ],
)
def test_to_gev(value: float, unit: str, expected: float, tolerance: float) -> None:
    assert units.to_gev(value, unit) == pytest.approx(expected, rel=max(tolerance, 1e-15))
    assert units.from_gev(expected, unit) == pytest.approx(value, rel=max(tolerance, 1e-15))


def test_dimension() -> None:
    powers = {u: units.parse(u).power for u in ("GeV", "ps", "fb", "cm^3/s", "GeV^-2*s", "1", "g/cm^3")}
    assert powers == {"GeV": 1, "ps": -1, "fb": -2, "cm^3/s": -2, "GeV^-2*s": -3, "1": 0, "g/cm^3": 4}


@pytest.mark.parametrize("unit", ["Gev", "", "GeV^x", "GeV^", "ps/", "furlong", "cm^^2"])
def test_unknown_unit(unit: str) -> None:
    with pytest.raises(UnknownName, match="unknown unit"):
        units.parse(unit)


def test_nearest_unit_is_suggested() -> None:
    with pytest.raises(UnknownName, match="did you mean 'GeV'"):
        units.parse("gev")


def test_hbar_is_exact() -> None:
    h, e = 6.62607015e-34, 1.602176634e-19
    assert h / (2 * math.pi) / e * 1e-9 == pytest.approx(units.HBAR, rel=1e-15)
