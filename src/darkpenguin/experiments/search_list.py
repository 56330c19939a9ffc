"""What the searches for particles state about themselves: data/limits/searches.toml and mediators.toml."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from darkpenguin import cite
from darkpenguin.errors import BadData, UnknownName

IN_DECAYS, OF_MEDIATORS = "searches.toml", "mediators.toml"


def limits_folder() -> Traversable:
    """The folder of the package's limits on single particles."""
    return resources.files("darkpenguin") / "data" / "limits"


@functools.cache
def described(file: str) -> Mapping[str, Mapping[str, Any]]:
    """The entries of one of the two files by name."""
    table = tomllib.loads((limits_folder() / file).read_text(encoding="utf-8"))
    return {name: entry for name, entry in table.items() if isinstance(entry, dict)}


def entry(file: str, name: str) -> dict[str, Any]:
    """A copy of one entry. Raises UnknownName; BadData for a reference that is not in references.bib."""
    if name not in described(file):
        raise UnknownName("search", name, tuple(described(file)))
    about = dict(described(file)[name])
    known_keys = cite.known_keys()
    for key in about["references"]:
        if key not in known_keys:
            raise BadData(f"{file}: {name}: {UnknownName('reference', key, known_keys)}")
    return about


def every_search() -> dict[str, Mapping[str, Any]]:
    """Every search: those in decays of mesons, then those for mediators."""
    return {**described(IN_DECAYS), **described(OF_MEDIATORS)}
