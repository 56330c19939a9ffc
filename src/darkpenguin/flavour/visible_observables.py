"""Every visible observable as a function of (Visible, inputs); names and meanings are in core.visible_names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Scalar
from darkpenguin.core.visible import LEPTONS, Visible
from darkpenguin.core.visible_names import (
    COEFFICIENTS,
    LIGHT,
    MIXED_PAIRS,
    SEMILEPTONIC_MODES,
    TAGGED_MODES,
    VISIBLE_ENTRIES,
    charged_name,
    coefficient_name,
    pair_name,
)
from darkpenguin.errors import UnknownName
from darkpenguin.flavour.charged_leptons import (
    at_mb,
    branching_fraction,
    charged_current_ratio,
    charged_lepton_pair,
    leptonic_time_integrated,
)
from darkpenguin.flavour.mixing import mass_difference_ratio


class VisibleObservable(NamedTuple):
    """A name of the list, and its function of what a model does, the inputs and the `arguments`."""

    name: str
    unit: str
    meaning: str
    arguments: tuple[str, ...]
    function: Callable[..., Scalar]


def _charged(mode: str, i: int, j: int, visible: Visible, inputs: Inputs) -> Scalar:
    """B -> M l_i^+ l_j^-, which is the coefficient ij."""
    return branching_fraction(charged_lepton_pair(visible, inputs, i, j), mode, inputs)


def _both(mode: str, i: int, j: int, visible: Visible, inputs: Inputs) -> Scalar:
    return _charged(mode, i, j, visible, inputs) + _charged(mode, j, i, visible, inputs)


def _leptonic_both(i: int, j: int, visible: Visible, inputs: Inputs) -> Scalar:
    return leptonic_time_integrated(visible, inputs, i, j) + leptonic_time_integrated(visible, inputs, j, i)


def _taus_in_bin(mode: str, visible: Visible, inputs: Inputs, q2min: Any, q2max: Any) -> Scalar:
    return branching_fraction(charged_lepton_pair(visible, inputs, 2, 2), mode, inputs, (q2min, q2max))


def _ratio(visible: Visible, inputs: Inputs) -> Scalar:
    del inputs
    return charged_current_ratio(visible)


def _coefficient(name: str, lepton: int, visible: Visible, inputs: Inputs) -> Scalar:
    return jnp.real(at_mb(getattr(visible, name), inputs)[lepton, lepton])


def _functions() -> dict[str, Callable[..., Scalar]]:
    pairs = [(LEPTONS.index(i), LEPTONS.index(j)) for i, j in MIXED_PAIRS]
    tau = LEPTONS.index("tau")
    found: dict[str, Callable[..., Scalar]] = {
        "BR(Bs->tautau)": partial(leptonic_time_integrated, i=tau, j=tau),
        "r_D": _ratio,
        "r_Dst": _ratio,
        "DeltaMs/SM": mass_difference_ratio,
    }
    for i, j in pairs:
        first, second = LEPTONS[i], LEPTONS[j]
        found[f"BR(Bs->{first}{second})"] = partial(_leptonic_both, i, j)
        found |= {pair_name(mode, first, second): partial(_both, mode, i, j) for mode in SEMILEPTONIC_MODES}
        found |= {charged_name(mode, first, second): partial(_charged, mode, i, j) for mode in TAGGED_MODES}
        found |= {charged_name(mode, second, first): partial(_charged, mode, j, i) for mode in TAGGED_MODES}
    for mode in SEMILEPTONIC_MODES:
        found[pair_name(mode, "tau", "tau")] = partial(_charged, mode, tau, tau)
        found[f"<BR>({mode}tautau)"] = partial(_taus_in_bin, mode)
    for name in COEFFICIENTS:
        found |= {coefficient_name(name, x): partial(_coefficient, name, LEPTONS.index(x)) for x in LIGHT}
    return found


_FUNCTIONS = _functions()
VISIBLE: tuple[VisibleObservable, ...] = tuple(
    VisibleObservable(e.name, e.unit, e.meaning, e.arguments, _FUNCTIONS[e.name]) for e in VISIBLE_ENTRIES
)


def visible_observable(name: str) -> VisibleObservable:
    """The observable of that name; blanks do not count. Raises UnknownName with the nearest valid name."""
    plain = "".join(name.split())
    for entry in VISIBLE:
        if entry.name == plain:
            return entry
    raise UnknownName("observable", name, (entry.name for entry in VISIBLE))
