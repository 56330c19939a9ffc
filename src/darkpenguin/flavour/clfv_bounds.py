"""Limits on decays with two lepton flavours, turned into bounds on coefficients and on B -> K(*) nu nubar.

One entry of a coefficient matrix at a time, C9 = -C10 or C9' = -C10': then a limit on either charge state, or on their
sum, bounds |C9|, and a leptoquark that fixes C9 / C_nu bounds R of the neutrino modes. [arXiv:2309.12741]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Scalar
from darkpenguin.core.visible import LEPTONS, Visible
from darkpenguin.core.visible_names import MIXED_PAIRS
from darkpenguin.flavour.neutrino_ratios import ROUNDED, polynomial
from darkpenguin.flavour.visible_observables import visible_observable


class CoefficientBound(NamedTuple):
    """Largest |C9| = |C10| of one lepton pair: from which observable, with alpha(m_b) and with alpha(m_Z)."""

    pair: tuple[str, str]
    observable: str
    at_mb: Scalar
    at_mZ: Scalar


def rate_of_unit_coefficient(observable: str, pair: tuple[str, str], inputs: Inputs) -> Scalar:
    """Branching fraction for C9' = -C10' = 1 with alpha(m_b), in one entry of the pair that feeds the observable."""
    i, j = (LEPTONS.index(lepton) for lepton in pair)
    if f"{pair[1]}+{pair[0]}-" in observable:
        i, j = j, i
    unit = jnp.zeros((3, 3)).at[i, j].set(inputs.alpha_em_mb / inputs.alpha_em_mZ)
    return visible_observable(observable).function(Visible(C9p=unit, C10p=-unit), inputs)


def coefficient_bounds(limits: Mapping[str, float], inputs: Inputs) -> tuple[CoefficientBound, ...]:
    """The bound on |C9| from each limit, in the order given. limits: observable -> upper limit. Raises UnknownName."""
    found = []
    for name, limit in limits.items():
        entry = visible_observable(name)
        pair = next(p for p in MIXED_PAIRS if _has_pair(entry.name, p))
        bound = jnp.sqrt(limit / rate_of_unit_coefficient(entry.name, pair, inputs))
        found.append(CoefficientBound(pair, entry.name, bound, bound * inputs.alpha_em_mb / inputs.alpha_em_mZ))
    return tuple(found)


def _has_pair(name: str, pair: tuple[str, str]) -> bool:
    first, second = pair
    return name.endswith((f"{first}{second})", f"{first}+{second}-)", f"{second}+{first}-)"))


def strongest(bounds: tuple[CoefficientBound, ...]) -> dict[tuple[str, str], CoefficientBound]:
    """The smallest bound of each lepton pair."""
    return {
        pair: min((b for b in bounds if b.pair == pair), key=lambda b: float(b.at_mb))
        for pair in MIXED_PAIRS
        if any(b.pair == pair for b in bounds)
    }


class ImpliedRatio(NamedTuple):
    """For one leptoquark and one lepton pair: largest |C_nu|, and R_K = R_K* with it, exact and rounded."""

    coefficient: Scalar
    R: Scalar
    R_rounded: Scalar


def implied_ratio(bound: Scalar, charged_over_neutrino: float, inputs: Inputs) -> ImpliedRatio:
    """R of the neutrino modes at |C_nu| = |C9| / ratio, one off-diagonal entry, which interferes with nothing.

    bound : largest |C9|, `at_mZ` of a bound to be consistent, `at_mb` to follow published tables, which take one alpha.
    R_rounded : with 0.008 in place of 1/(3 C_SM^2).
    """
    C = bound / charged_over_neutrino
    quadratic = polynomial(inputs, 0.0).quadratic
    return ImpliedRatio(C, 1.0 + quadratic * C**2, 1.0 + ROUNDED.quadratic * C**2)
