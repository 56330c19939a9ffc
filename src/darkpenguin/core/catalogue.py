"""The list of observables: name, unit, meaning, decay mode. Names follow flavio's style, without blanks."""

from __future__ import annotations

import dataclasses
from typing import Literal

from darkpenguin.errors import UnknownName

Part = Literal["nunu", "inv"]
Kind = Literal["branching_fraction", "longitudinal_fraction", "ratio", "differential", "spectrum"]

PSEUDOSCALAR_MODES = ("B+->K+", "B0->K0")
VECTOR_MODES = ("B+->K*+", "B0->K*0")
DEFAULT_MODES = PSEUDOSCALAR_MODES + VECTOR_MODES  # what is predicted if nothing is asked for
MODES = (*DEFAULT_MODES, "Bs->phi", "Lambda_b->Lambda")
POLARISED = (*VECTOR_MODES, "Bs->phi")

_WHAT = {"nunu": "neutrinos only", "inv": "everything invisible: neutrinos, dark pairs, single dark particles"}


@dataclasses.dataclass(frozen=True)
class Observable:
    """One entry of the catalogue.

    part : "nunu" (neutrino final states only) or "inv" (everything invisible).
    mode : the decay needed, a key of `Prediction.modes`.
    arguments : what must be given besides the name, e.g. ("q2",) in GeV^2.
    """

    name: str
    kind: Kind
    mode: str
    part: Part
    unit: str
    meaning: str
    arguments: tuple[str, ...] = ()

    @property
    def is_scalar(self) -> bool:
        """Whether a prediction gives one number for it without further arguments."""
        return not self.arguments and self.kind != "spectrum"

    @property
    def is_default(self) -> bool:
        """Whether it is predicted when no observables are named."""
        return self.mode in DEFAULT_MODES


def _of_mode(mode: str, part: Part) -> tuple[Observable, ...]:
    decay = f"{mode}{part}"
    what = _WHAT[part]
    entries = (
        Observable(f"BR({decay})", "branching_fraction", mode, part, "1", f"branching fraction of {decay}; {what}"),
        Observable(
            f"R({decay})", "ratio", mode, part, "1", f"branching fraction over its Standard Model prediction; {what}"
        ),
        Observable(
            f"dBR/dq2({decay})",
            "differential",
            mode,
            part,
            "GeV^-2",
            f"differential branching fraction at q2, lines left out; {what}",
            ("q2",),
        ),
        Observable(
            f"spectrum({decay})", "spectrum", mode, part, "1", f"branching fraction in bins of q2, and lines; {what}"
        ),
    )
    if mode not in POLARISED:
        return entries
    longitudinal = Observable(
        f"FL({decay})", "longitudinal_fraction", mode, part, "1", f"longitudinal share of the rate, all q2; {what}"
    )
    return (*entries, longitudinal)


CATALOGUE: tuple[Observable, ...] = tuple(
    entry for mode in MODES for part in ("nunu", "inv") for entry in _of_mode(mode, part)
)


def names() -> tuple[str, ...]:
    """Every name in the catalogue."""
    return tuple(entry.name for entry in CATALOGUE)


def find(name: str) -> Observable:
    """The observable of that name; blanks do not count. Raises UnknownName with the nearest valid name."""
    plain = "".join(name.split())
    for entry in CATALOGUE:
        if entry.name == plain:
            return entry
    raise UnknownName("observable", name, names())
