"""The list of visible observables: name, unit, meaning. Their functions are in flavour.visible_observables."""

from __future__ import annotations

import dataclasses
import itertools

TAGGED_MODES = ("B+->K+", "B0->K0", "B+->K*+", "B0->K*0")  # the charge of the leptons tells the flavour of the B
SEMILEPTONIC_MODES = (*TAGGED_MODES, "Bs->phi")
MIXED_PAIRS = (("e", "mu"), ("e", "tau"), ("mu", "tau"))
LIGHT = ("e", "mu")
COEFFICIENTS = ("C9", "C10", "C9p", "C10p")


@dataclasses.dataclass(frozen=True)
class VisibleEntry:
    """One observable without invisible particles.

    arguments : what must be given besides the name: none, or ("q2min", "q2max") in GeV^2.
    """

    name: str
    unit: str
    meaning: str
    arguments: tuple[str, ...] = ()


def _entry(name: str, meaning: str, arguments: tuple[str, ...] = ()) -> VisibleEntry:
    return VisibleEntry(name, "1", meaning, arguments)


def charged_name(mode: str, plus: str, minus: str) -> str:
    """Name of one charge state, e.g. "BR(B+->K+e+mu-)"."""
    return f"BR({mode}{plus}+{minus}-)"


def pair_name(mode: str, first: str, second: str) -> str:
    """Name of the sum over charge states, e.g. "BR(B+->K+emu)", or of a pair of equal flavour."""
    return f"BR({mode}{first}{second})"


def coefficient_name(coefficient: str, lepton: str) -> str:
    """Name of a coefficient as an observable, e.g. "C9_bsmumu" (that of the WCxf basis flavio)."""
    return f"{coefficient}_bs{lepton}{lepton}"


def _mixed(mode: str, i: str, j: str) -> tuple[VisibleEntry, ...]:
    return (
        _entry(charged_name(mode, i, j), f"branching fraction of {mode} {i}+ {j}-"),
        _entry(charged_name(mode, j, i), f"branching fraction of {mode} {j}+ {i}-"),
        _entry(pair_name(mode, i, j), f"branching fraction of {mode} {i} {j}, sum of both charge states"),
    )


def _taus(mode: str) -> tuple[VisibleEntry, ...]:
    what = f"branching fraction of {mode} tau+ tau-, short-distance part"
    return (
        _entry(pair_name(mode, "tau", "tau"), f"{what}, all q2"),
        _entry(f"<BR>({mode}tautau)", f"{what}, in a bin of q2", ("q2min", "q2max")),
    )


VISIBLE_ENTRIES: tuple[VisibleEntry, ...] = (
    *itertools.chain.from_iterable(_mixed(mode, i, j) for mode in TAGGED_MODES for i, j in MIXED_PAIRS),
    *(_entry(pair_name("Bs->phi", i, j), f"branching fraction of Bs->phi {i} {j}, both") for i, j in MIXED_PAIRS),
    *(
        _entry(f"BR(Bs->{i}{j})", f"branching fraction of Bs -> {i} {j}, both charge states, integrated over time")
        for i, j in MIXED_PAIRS
    ),
    *itertools.chain.from_iterable(_taus(mode) for mode in SEMILEPTONIC_MODES),
    _entry("BR(Bs->tautau)", "branching fraction of Bs -> tau+ tau-, integrated over time"),
    _entry("r_D", "R_D over its Standard Model value"),
    _entry("r_Dst", "R_D* over its Standard Model value"),
    _entry("DeltaMs/SM", "mass difference of the Bs over its Standard Model value"),
    *(
        _entry(
            coefficient_name(c, lepton), f"new physics in {c} of b -> s {lepton} {lepton}, real part, with alpha(m_b)"
        )
        for c in COEFFICIENTS
        for lepton in LIGHT
    ),
)
