"""One light scalar S in b -> s S: a model in one file."""

from __future__ import annotations

from typing import ClassVar

from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import AbstractModel, parameter
from darkpenguin.core.types import Couplings, Scalar
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos
from darkpenguin.flavour.spectral import ScalarBoson


class LightScalar(AbstractModel):
    """L = g S sbar b + h.c., on top of the Standard Model's neutrinos; S is invisible. [arXiv:2403.13887]"""

    name: ClassVar[str] = "light_scalar"
    title: ClassVar[str] = "one light scalar"
    references: ClassVar[tuple[str, ...]] = ("Bolton:2024egx",)
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {
        "example": {"m_S": 2.1, "g": 1e-8},
        "standard_model": {"m_S": 2.1, "g": 0.0},  # a point of this name must give the Standard Model
    }

    m_S: Scalar = parameter("GeV", 0.0, 5.0, "mass of S", latex=r"m_S")
    g: Scalar = parameter("1", 0.0, 1e-6, "coupling", scale="log", latex=r"g")

    def couplings(self, inputs: Inputs) -> Couplings:
        scalar = ScalarBoson(mass=self.m_S, g_S=self.g)
        return Couplings(continua=(standard_model_neutrinos(inputs),), lines=(scalar,))
