"""No new physics, and the Standard Model spectrum with a free rate."""

from __future__ import annotations

from typing import ClassVar

from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import AbstractModel, parameter
from darkpenguin.core.types import Couplings, Scalar
from darkpenguin.flavour.rescaled import RescaledContinuum
from darkpenguin.flavour.sm_amplitude import standard_model_neutrinos


class StandardModel(AbstractModel):
    """b -> s nu nubar with three massless neutrinos; `mu` rescales the rate and leaves the shape."""

    name: ClassVar[str] = "standard_model"
    title: ClassVar[str] = "Standard Model"
    references: ClassVar[tuple[str, ...]] = ("Buras:2014fpa", "Brod:2021hsj")
    benchmarks: ClassVar[dict[str, dict[str, float]]] = {"standard_model": {"mu": 1.0}}

    mu: Scalar = parameter("1", 0.0, 100.0, "rate relative to the Standard Model", latex=r"\mu", default=1.0)

    def couplings(self, inputs: Inputs) -> Couplings:
        return Couplings(continua=(RescaledContinuum(standard_model_neutrinos(inputs), self.mu),))
