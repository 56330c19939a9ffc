"""Pictures of saved results: a result goes in, Axes come out, no physics is computed.

Each function takes an optional `ax`; without one it makes a figure of its own in the style of the report.
Figures need matplotlib (`pip install 'darkpenguin[plot]'`); it is loaded when something is drawn, pyplot never.
"""

from __future__ import annotations

from darkpenguin.plot.bins import Panels, all_yields, yields
from darkpenguin.plot.contour import plane
from darkpenguin.plot.limit import limits
from darkpenguin.plot.nuisance import Columns, nuisances, pulls
from darkpenguin.plot.scan import best_rate, mass_scan
from darkpenguin.plot.spectrum import spectra

__all__ = [
    "Columns",
    "Panels",
    "all_yields",
    "best_rate",
    "limits",
    "mass_scan",
    "nuisances",
    "plane",
    "pulls",
    "spectra",
    "yields",
]
