"""A particle on its mass shell together with what it decays to, for searches that see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from darkpenguin.core.types import AbstractLine, Quarks, Scalar


class VisibleLine(NamedTuple):
    """A line of a quark transition, b -> s or s -> d; its total width is that of `line`.

    shares : branching fractions of X by final state: "ee", "mumu", "gammagamma", "invisible" (to dark states).
    """

    line: AbstractLine
    shares: Mapping[str, Scalar]
    quarks: Quarks = "bs"
