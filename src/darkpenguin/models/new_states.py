"""New invisible states on top of the Standard Model's neutrinos, in every quark transition."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import ClassVar

from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import AbstractModel, Parameter, parameter
from darkpenguin.core.types import Couplings, Quarks, Scalar
from darkpenguin.flavour.rescaled import RescaledContinuum, RescaledLine
from darkpenguin.flavour.sm_amplitude import standard_model_states

RATIOS = ("r_bd", "r_sd", "r_cu")


def _ratio(quarks: str, latex: str, default: float | None) -> Scalar:
    return parameter("1", 0.0, 1e3, f"new amplitude in {quarks} over that in b -> s", latex=latex, default=default)


class NewStates(AbstractModel):
    """A model that adds final states to the Standard Model and interferes with none of its neutrinos.

    The same interaction may act in other quark transitions, with amplitudes r_bd, r_sd, r_cu relative to b -> s.
    r_bd is |V_td / V_ts| where none is given (minimal flavour violation, hep-ph/0207036), the others are 0.
    """

    set_by_inputs: ClassVar[tuple[str, ...]] = ("r_bd",)

    r_bd: Scalar = _ratio("b -> d", "r_{bd}", None)
    r_sd: Scalar = _ratio("s -> d", "r_{sd}", 0.0)
    r_cu: Scalar = _ratio("c -> u", "r_{cu}", 0.0)

    @abc.abstractmethod
    def states(self, inputs: Inputs) -> Couplings:
        """What the model adds in b -> s."""

    def couplings(self, inputs: Inputs) -> Couplings:
        """The neutrinos of the Standard Model, then the new states."""
        new = self.states(inputs)
        return Couplings(continua=(*standard_model_states(inputs), *new.continua), lines=new.lines)

    def couplings_in(self, quarks: Quarks, inputs: Inputs) -> Couplings:
        """The neutrinos of that transition, then the new states with their rates times r^2."""
        if quarks == "bs":
            return self.couplings(inputs)
        share = {"bd": self.r_bd, "sd": self.r_sd, "cu": self.r_cu}[quarks] ** 2
        new = self.states(inputs)
        return Couplings(
            continua=(
                *standard_model_states(inputs, quarks),
                *(RescaledContinuum(state, share) for state in new.continua),
            ),
            lines=tuple(RescaledLine(line, share) for line in new.lines),
        )

    @classmethod
    def moves(cls, quarks: Quarks, held: Mapping[str, float]) -> bool:
        return quarks == "bs" or held.get(f"r_{quarks}") != 0.0

    @classmethod
    def input_defaults(cls, inputs: Inputs) -> dict[str, float]:
        return super().input_defaults(inputs) | {"r_bd": float(inputs.V_tb_V_td / inputs.V_tb_V_ts)}

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """The declared parameters, the three ratios last."""
        return tuple(sorted(super().parameters(), key=lambda p: p.name in RATIOS))
