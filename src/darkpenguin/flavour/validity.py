"""Where contact interactions end: the scale behind each coefficient, and warnings."""

from __future__ import annotations

from collections.abc import Iterator

import equinox as eqx
import numpy as np

from darkpenguin.core.types import Couplings
from darkpenguin.flavour.invisible.bosons import BroadBoson
from darkpenguin.flavour.rescaled import RescaledContinuum, RescaledLine

ELECTROWEAK_SCALE = 246.22  # (sqrt2 G_F)^(-1/2), GeV


def scales(couplings: Couplings) -> dict[tuple[str, str], float]:
    """Lambda [GeV] of each operator with a coefficient, by state and operator; the smallest if one occurs twice.

    C = m^k / Lambda^n with the powers of the state's `scaling`: a coefficient at which longitudinal particles of spin 1
    and 3/2 make amplitudes large stands for a low scale even if it is small. Of a matrix the largest entry counts.
    """
    found: dict[tuple[str, str], float] = {}
    for state, rate in _states(couplings):
        for operator, (k, n) in getattr(state, "scaling", {}).items():
            value = getattr(state, operator)
            C = 0.0 if value is None else float(np.max(np.abs(np.asarray(value)))) * rate**0.5
            C *= float(getattr(state, "normalisation", 1.0))
            if C > 0.0:
                key = type(state).__name__, operator
                mass = float(getattr(state, "mass", 0.0)) if k else 1.0
                found[key] = min(found.get(key, np.inf), (mass**k / C) ** (1.0 / n))
    return found


def _states(couplings: Couplings) -> Iterator[tuple[eqx.Module, float]]:
    """Every state and the factor of its rate, out of the states that hold another."""
    for outer in (*couplings.continua, *couplings.lines):
        state: eqx.Module = outer
        rate = 1.0
        while isinstance(state, RescaledContinuum | RescaledLine | BroadBoson):
            if isinstance(state, BroadBoson):
                state = state.boson
            else:
                rate *= float(state.factor)
                state = state.state if isinstance(state, RescaledContinuum) else state.line
        yield state, rate


def validity_warnings(couplings: Couplings, q2_max: float) -> tuple[str, ...]:
    """One sentence for each operator whose scale is too low; couplings with values, not traced.

    q2_max [GeV^2] : largest q2 of the decays in question.
    The expansion in operators needs sqrt(q2_max) << Lambda. Below the electroweak scale it may hold, but what was
    integrated out is lighter than the particles of the Standard Model and should have been seen, and operators must be
    matched without assuming SU(2) x U(1). [arXiv:2209.05223 finds such scales for pairs of vectors]
    """
    energy = float(q2_max) ** 0.5
    sentences = []
    for (state, operator), scale in scales(couplings).items():
        if scale <= energy:
            sentences.append(
                f"{state} {operator}: stands for a scale of {scale:.3g} GeV, not above sqrt(q2) = {energy:.3g} GeV; "
                "the expansion in contact interactions does not hold"
            )
        elif scale < ELECTROWEAK_SCALE:
            sentences.append(
                f"{state} {operator}: stands for a scale of {scale:.3g} GeV, below the electroweak scale of 246 GeV"
            )
    return tuple(sentences)
