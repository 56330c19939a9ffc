"""darkpenguin: b -> s + invisible, from model parameters to Belle II's published likelihood and a verdict.

Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from darkpenguin.analysis import Analysis as Analysis
    from darkpenguin.card import Card as Card
    from darkpenguin.card import read_card as read_card
    from darkpenguin.core.inputs import Inputs as Inputs
    from darkpenguin.core.inputs import InputSet as InputSet
    from darkpenguin.core.inputs import load_inputs as load_inputs
    from darkpenguin.core.model import AbstractModel as AbstractModel
    from darkpenguin.core.model import Range as Range
    from darkpenguin.core.model import parameter as parameter
    from darkpenguin.core.types import Couplings as Couplings
    from darkpenguin.inference.profile import Profiler as Profiler

__version__ = "0.1.0"

_HOMES = {
    "darkpenguin.analysis": ("Analysis",),
    "darkpenguin.card": ("Card", "read_card"),
    "darkpenguin.core.inputs": ("InputSet", "Inputs", "load_inputs"),
    "darkpenguin.core.model": ("AbstractModel", "Range", "parameter"),
    "darkpenguin.core.types": ("Couplings",),
    "darkpenguin.inference.profile": ("Profiler",),
}
__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'darkpenguin' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
