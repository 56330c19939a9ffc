"""What is known about an experimental result before any number of it is used."""

from __future__ import annotations

import dataclasses

from darkpenguin.core import catalogue


@dataclasses.dataclass(frozen=True)
class ResultDescription:
    """One experimental result, or a selection of its parts.

    name : as in cards; a selection has its parts after a colon, "belle-2017-bknunu:K*0".
    result : the name without a selection.
    kind : "histfactory", "gaussian", "upper_limit" or "module:Class".
    parts : everything that may follow the colon.   selected : the parts in use.
    observables : names of the catalogue, in the order of `selected`.
    references : keys of data/references.bib.
    overlaps : results (or parts of one, after a colon) that hold the same data.
    validity : (quantity, low, high), e.g. ("q2", 0.0, 8.4) in GeV^2; beyond, the result says nothing.
    path : the file that was read.
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

    @property
    def modes(self) -> tuple[str, ...]:
        """The decay modes whose spectra the result needs, each once."""
        return tuple(dict.fromkeys(catalogue.find(name).mode for name in self.observables))

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
        lines += [f"  valid for    {name} from {low:g} to {high:g}" for name, low, high in self.validity]
        return "\n".join([*lines, *(f"  assumption   {text}" for text in self.assumptions)])
