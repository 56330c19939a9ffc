"""What is known about an experimental result before any number of it is used."""

from __future__ import annotations

import dataclasses
from typing import Literal

from darkpenguin.core import catalogue

AcceptanceRule = Literal["sm", "shape"]
DarkMatterRule = Literal["all", "share"]


@dataclasses.dataclass(frozen=True)
class ResultDescription:
    """One experimental result, or a selection of its parts.

    name : as in cards; a selection has its parts after a colon, "belle-2017-bknunu:K*0".
    result : the name without a selection.
    kind : "histfactory", "gaussian", "upper_limit", "curve", "dark_curve", "folded" or "module:Class".
    parts : everything that may follow the colon.   selected : the parts in use.
    observables : names of the catalogue, in the order of `selected`; behind them what else the likelihood needs.
    references : keys of data/references.bib.
    overlaps : results (or parts of one, after a colon) that hold the same data.
    validity : (quantity, low, high), e.g. ("q2", 0.0, 8.4) in GeV^2; beyond, the result says nothing.
    path : the file that was read.
    bibliography : references of the result's own, (key, BibTeX entry).
    comparison_only : a third party's reading of data that another result holds: not for a combination.
    projection : expected, not measured.
    acceptance : "sm": its numbers hold for the Standard Model's spectrum; "shape": its efficiency in q2 is in use.
    full_density : Omega h^2 of all dark matter, if what depends on the density of the particle is reduced to its share;
        None: the particle counts as all of the dark matter.
    """

    name: str
    result: str
    title: str
    kind: str
    parts: tuple[str, ...]
    selected: tuple[str, ...]
    observables: tuple[str, ...]
    references: tuple[str, ...]
    overlaps: tuple[str, ...]
    assumptions: tuple[str, ...]
    validity: tuple[tuple[str, float, float], ...]
    path: str
    bibliography: tuple[tuple[str, str], ...] = ()
    comparison_only: bool = False
    projection: bool = False
    acceptance: AcceptanceRule = "sm"
    full_density: float | None = None

    @property
    def modes(self) -> tuple[str, ...]:
        """The decay modes whose spectra the result needs, each once."""
        modes = (catalogue.find(name).mode for name in self.observables)
        return tuple(dict.fromkeys(mode for mode in modes if mode))

    def range_of(self, quantity: str) -> tuple[float, float] | None:
        """The validity range of a quantity, None if the file states none."""
        found = [(low, high) for name, low, high in self.validity if name == quantity]
        return found[0] if found else None

    def __str__(self) -> str:
        """Several lines for a reader."""
        lines = [
            f"{self.name}: {self.title}",
            f"  likelihood   {self.kind}",
            f"  observables  {', '.join(dict.fromkeys(self.observables))}",
            f"  parts        {', '.join(self.parts) or 'none'}",
            f"  references   {', '.join(self.references)}",
            f"  overlaps     {', '.join(self.overlaps) or 'none'}",
        ]
        if self.comparison_only or self.projection:
            lines.append(f"  status       {'projection' if self.projection else 'for comparison only'}")
        lines += [f"  valid for    {name} from {low:g} to {high:g}" for name, low, high in self.validity]
        return "\n".join([*lines, *(f"  assumption   {text}" for text in self.assumptions)])
