"""Tables of numbers in data/decays, read once."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from darkpenguin.decays.constants import decays_folder


def _rows(name: str) -> list[list[str]]:
    text = (decays_folder() / name).read_text(encoding="utf-8")
    return list(csv.reader(line for line in text.splitlines() if line and not line.startswith("#")))[1:]


@functools.cache
def r_ratio_table() -> tuple[np.ndarray, np.ndarray]:
    """sqrt(s) [GeV] and R, see data/decays/r_ratio.csv."""
    x, R = np.array(_rows("r_ratio.csv"), dtype=float).T
    return x, R


@functools.cache
def dark_higgs_table() -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """Mass [GeV] and value by channel; "ctau" in m at sin(theta) = 1, the others branching fractions."""
    found: dict[str, list[tuple[float, float]]] = {}
    for channel, mass, value in _rows("dark_higgs.csv"):
        found.setdefault(channel, []).append((float(mass), float(value)))
    columns = {channel: np.array(points).T for channel, points in found.items()}
    return MappingProxyType({channel: (mass, value) for channel, (mass, value) in columns.items()})
