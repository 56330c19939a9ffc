"""Windows of the scale Lambda of a contact interaction, from a measured excess and limits. [arXiv:2309.12741]

One operator with coefficient C = m^k / Lambda^n gives BR proportional to Lambda^(-2 n), hence
Lambda(BR) = Lambda_0 (BR_0 / BR)^(1/(2 n)) with BR_0 the branching fraction at Lambda_0. Branching fractions are those
of new physics alone. The limits were set for the Standard Model's spectrum: windows are approximate.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from darkpenguin.core.inputs import Inputs

SQRT2 = 2.0**0.5


class LambdaWindow(NamedTuple):
    """GeV. low, high : the band of the measurement alone.   bounds : smallest Lambda allowed by each limit.

    allowed : the band above every bound; None where nothing is left.
    """

    low: float
    high: float
    bounds: tuple[float, ...]

    @property
    def allowed(self) -> tuple[float, float] | None:
        """(low, high) of what the band and the limits leave, None if nothing."""
        low = max((self.low, *self.bounds))
        return (low, self.high) if low < self.high else None

    def is_below_electroweak_scale(self, inputs: Inputs) -> bool:
        """Whether part of the band lies below (sqrt2 G_F)^(-1/2) = 246 GeV, where no contact interaction can hold."""
        return self.low < float(SQRT2 * inputs.G_F) ** -0.5


def scale_of(branching_fraction: float, reference: float, reference_scale: float, power: int) -> float:
    """Lambda [GeV] at which BR = branching_fraction, if BR = reference at reference_scale and C ~ Lambda^(-power)."""
    return reference_scale * (reference / branching_fraction) ** (1.0 / (2 * power))


def lambda_window(
    reference: float,
    reference_scale: float,
    power: int,
    band: tuple[float, float],
    limits: Iterable[tuple[float, float]] = (),
) -> LambdaWindow:
    """The window of Lambda for one operator and one mass.

    reference : BR of the measured mode at Lambda = reference_scale [GeV].   power : n of C ~ Lambda^(-n).
    band : lowest and highest branching fraction of the measured mode, e.g. 1.2e-5 and 2.6e-5.
    limits : of further modes, (BR at reference_scale, upper limit); a mode with BR 0 bounds nothing.
    """
    smallest, largest = band
    bounds = (scale_of(limit, at, reference_scale, power) if at > 0 else 0.0 for at, limit in limits)
    return LambdaWindow(
        low=scale_of(largest, reference, reference_scale, power),
        high=scale_of(smallest, reference, reference_scale, power),
        bounds=tuple(bounds),
    )
