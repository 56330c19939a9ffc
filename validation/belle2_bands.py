"""Best branching fraction of a narrow invisible boson at each mass, beside recasts of Belle II's result by others."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from darkpenguin.experiments.histfactory import HistFactory
from darkpenguin.inference.profile import Profiler
from validation.belle2_boson import RESULT, Shapes

NARROW = 1e-3  # GeV
MASSES = (0.5, 1.0, 1.5, 1.8, 2.0, 2.1, 2.2, 2.4, 2.6, 2.8)


def compute() -> dict[str, float]:
    """Best value and Delta(-2 ln L) = 1 interval in units of 1e-6, of either sign, and the gain over BR = 0."""
    shapes = Shapes(Profiler(HistFactory.load(RESULT)), NARROW)
    found: dict[str, float] = {}
    for mass, best, gain in zip(MASSES, *shapes.gains(np.array(MASSES)), strict=True):

        def excess(rate: float, mass: float = mass, gain: float = gain) -> float:
            return (
                float(shapes.values(np.array([mass]), np.array([rate]))[0, 0]) - shapes.constant_signal(1.0) + gain - 1
            )

        key = f"{1000 * mass:.0f}"
        low, high = brentq(excess, best - 1.5e-5, best, xtol=1e-10), brentq(excess, best, best + 2e-5, xtol=1e-10)
        found |= {f"ours_{key}": best * 1e6, f"low_{key}": low * 1e6, f"high_{key}": high * 1e6, f"gain_{key}": gain}
        found |= {f"recast_{key}": best * 1e6, f"light_mediator_{key}": best * 1e6}
    return found
