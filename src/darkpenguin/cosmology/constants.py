"""Constants of the early universe from data/cosmology/constants.toml, in powers of GeV."""

from __future__ import annotations

import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

from darkpenguin import cite, units
from darkpenguin.errors import BadData, UnknownName


class Constant(NamedTuple):
    """One number in GeV to the power that its dimension needs, its error (0: none stated or a limit), its source."""

    value: float
    error: float
    reference: str


def cosmology_folder() -> Traversable:
    """The folder of the package's tables for the early universe."""
    return resources.files("darkpenguin") / "data" / "cosmology"


def read_constants() -> dict[str, Constant]:
    """Every entry of constants.toml by name. Raises BadData for an unknown unit or reference."""
    table = tomllib.loads((cosmology_folder() / "constants.toml").read_text(encoding="utf-8"))
    known = cite.known_keys()
    found: dict[str, Constant] = {}
    for name, entry in table["values"].items():
        if entry["reference"] not in known:
            raise BadData(f"constants.toml: {name}: {UnknownName('reference', entry['reference'], known)}")
        factor = units.parse(entry["unit"]).factor
        found[name] = Constant(entry["value"] * factor, entry["error"] * factor, entry["reference"])
    return found
