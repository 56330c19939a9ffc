"""The list of observables: name, unit, meaning, decay mode. Names follow flavio's style, without blanks."""

from __future__ import annotations

import dataclasses
from typing import Literal

from darkpenguin.core.dark_names import DARK_ENTRIES
from darkpenguin.core.visible_names import VISIBLE_ENTRIES
from darkpenguin.errors import UnknownName

Part = Literal["nunu", "inv", "visible", "dark"]
Kind = Literal[
    "branching_fraction",
    "longitudinal_fraction",
    "ratio",
    "differential",
    "binned_branching_fraction",
    "binned_longitudinal_fraction",
    "spectrum",
    "visible",
    "dark",
]

PSEUDOSCALAR_MODES = ("B+->K+", "B0->K0")
VECTOR_MODES = ("B+->K*+", "B0->K*0")
DEFAULT_MODES = PSEUDOSCALAR_MODES + VECTOR_MODES  # what is predicted if nothing is asked for
STRANGE_MODES = (*DEFAULT_MODES, "Bs->phi", "Lambda_b->Lambda", "B->Xs")
DOWN_MODES = ("B+->pi+", "B0->pi0", "B+->rho+", "B0->rho0", "Bs->K0")
KAON_MODES = ("K+->pi+", "KL->pi0")
CHARM_MODES = ("D0->pi0", "D+->pi+")
ANNIHILATION_MODES = ("Bs->vacuum", "B0->vacuum", "D0->vacuum")  # everything invisible, nothing else: one number
MODES = STRANGE_MODES + DOWN_MODES + KAON_MODES + CHARM_MODES + ANNIHILATION_MODES
POLARISED = (*VECTOR_MODES, "Bs->phi", "B+->rho+", "B0->rho0", "Lambda_b->Lambda", "B->Xs")
WITHOUT_NEUTRINOS = CHARM_MODES + ANNIHILATION_MODES  # of the Standard Model: no rate worth a prediction, no ratio

_WHAT = {"nunu": "neutrinos only", "inv": "everything invisible: neutrinos, dark pairs, single dark particles"}


@dataclasses.dataclass(frozen=True)
class Observable:
    """One entry of the catalogue.

    part : "nunu" (neutrino final states only), "inv" (everything invisible), "visible" (charged leptons, mixing), or
        "dark" (the dark matter of a model, in cosmology and detectors).
    mode : the decay needed, a key of `Prediction.modes`; empty for visible and dark ones.
    arguments : what must be given besides the name: ("q2",), or ("q2min", "q2max"), in GeV^2.
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


def decay_name(mode: str, part: Part) -> str:
    """The decay of a mode as observables write it: "B+->K+" gives "B+->K+inv", "Bs->vacuum" gives "Bs->inv"."""
    return f"{mode.removesuffix('vacuum')}{part}"


def _of_mode(mode: str, part: Part) -> tuple[Observable, ...]:
    decay, what = decay_name(mode, part), _WHAT[part]

    def entry(symbol: str, kind: Kind, unit: str, meaning: str, arguments: tuple[str, ...] = ()) -> Observable:
        return Observable(f"{symbol}({decay})", kind, mode, part, unit, f"{meaning}; {what}", arguments)

    found = [entry("BR", "branching_fraction", "1", f"branching fraction of {decay}")]
    if mode not in WITHOUT_NEUTRINOS:
        found.append(entry("R", "ratio", "1", "branching fraction over its Standard Model prediction"))
    if mode in ANNIHILATION_MODES:
        return tuple(found)
    a_bin = ("q2min", "q2max")
    found += [
        entry("dBR/dq2", "differential", "GeV^-2", "differential branching fraction at q2, lines left out", ("q2",)),
        entry("<BR>", "binned_branching_fraction", "1", "branching fraction in a bin of q2, lines included", a_bin),
        entry("spectrum", "spectrum", "1", "branching fraction in bins of q2, and lines"),
    ]
    if mode in POLARISED:
        found += [
            entry("FL", "longitudinal_fraction", "1", "longitudinal share of the rate, all q2"),
            entry("<FL>", "binned_longitudinal_fraction", "1", "longitudinal share in a bin of q2", a_bin),
        ]
    return tuple(found)


def _parts(mode: str) -> tuple[Part, ...]:
    return ("inv",) if mode in WITHOUT_NEUTRINOS else ("nunu", "inv")


CATALOGUE: tuple[Observable, ...] = (
    *(entry for mode in MODES for part in _parts(mode) for entry in _of_mode(mode, part)),
    *(Observable(e.name, "visible", "", "visible", e.unit, e.meaning, e.arguments) for e in VISIBLE_ENTRIES),
    *(Observable(e.name, "dark", "", "dark", e.unit, e.meaning) for e in DARK_ENTRIES),
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
