"""Numbers and tables as text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkpenguin.text import number, paragraph, table, with_errors


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((9.04e-6, 2.58e-6, 2.73e-6), "(9.0 +2.7 -2.6)e-06"),
        ((9.07e-6, 0.255e-6, 2.61e-6), "(9.07 +2.61 -0.26)e-06"),
        ((2.1, 0.15, 0.15, "GeV"), "2.10 +- 0.15 GeV"),
        ((4.97e-6, 0.37e-6, 0.37e-6), "(4.97 +- 0.37)e-06"),
        ((5.27941, 0.00007, 0.00007, "GeV"), "5.279410 +- 0.000070 GeV"),
        ((0.0, 0.0, 1.5e-6), "(0.0 +1.5 -0.0)e-06"),
        ((0.0, None, 1.5e-6), "(0.0 +1.5 -?)e-06"),
        ((12345.0, 100.0, 100.0), "(1.234 +- 0.010)e+04"),
        ((-2.5, 0.5, 0.5), "-2.50 +- 0.50"),
        ((2.0, 30.0, 30.0), "2 +- 30"),
        ((5.27941, 0.0, 0.0, "GeV", 10), "5.27941 GeV"),
        ((1.0, 1e-16, 1e-16), "1"),
        ((1.5, None, None), "1.5"),
        ((None, 1.0, 1.0), "-"),
    ],
)
def test_value_with_errors(arguments: tuple, text: str) -> None:
    assert with_errors(*arguments) == text


SHARES = st.none() | st.just(0.0) | st.floats(1e-8, 1e3)


@given(st.floats(1e-30, 1e30), st.sampled_from([-1.0, 1.0]), SHARES, SHARES)
def test_any_value_reads_back(size: float, sign: float, low: float | None, high: float | None) -> None:
    """The printed value is the value to a twentieth of the smaller error, or to four digits where there is no error."""
    value = sign * size
    text = with_errors(value, *(None if share is None else share * size for share in (low, high)))
    exponent = re.search(r"\)e([+-]\d+)$", text)
    printed = float(re.match(r"\(?(-?[\d.]+(e[+-]\d+)?)", text)[1]) * 10.0 ** int(exponent[1] if exponent else 0)
    smallest = min((share for share in (low, high) if share), default=0.01)
    assert abs(printed - value) <= 0.0501 * smallest * size


def test_number() -> None:
    assert [number(x) for x in (None, 0.0, 1.23456e-7, 1234.56)] == ["-", "0", "1.235e-07", "1235"]


def test_table() -> None:
    assert table([("a", "1"), ("long", "22")], header=("name", "n"), indent=" ") == " name  n\n a     1\n long  22"
    assert table([]) == ""


def test_paragraph() -> None:
    text = paragraph("word " * 60, indent="    ")
    assert all(line.startswith("    word") and len(line) <= 100 for line in text.splitlines())
