"""What a model does in each quark transition: b -> s as it says, the others as it says or by a stated rule."""

from __future__ import annotations

from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import AbstractModel
from darkpenguin.core.types import Couplings, Quarks
from darkpenguin.flavour.rescaled import RescaledContinuum, RescaledLine
from darkpenguin.flavour.sm_amplitude import standard_model_states


def couplings_of(model: AbstractModel, quarks: Quarks, inputs: Inputs) -> Couplings:
    """Everything invisible that a quark transition produces in a model.

    Where the model does not say (`AbstractModel.couplings_in`): in b -> d every amplitude of b -> s times
    |V_td / V_ts|, as in the Standard Model and in minimal flavour violation [hep-ph/0207036]; in s -> d and c -> u the
    Standard Model alone.
    """
    if quarks == "bs":
        return model.couplings(inputs)
    own = model.couplings_in(quarks, inputs)
    if own is not None:
        return own
    if quarks == "bd":
        return minimally_flavour_violating(model.couplings(inputs), inputs)
    return Couplings(continua=standard_model_states(inputs, quarks))


def minimally_flavour_violating(in_b_to_s: Couplings, inputs: Inputs) -> Couplings:
    """Couplings of b -> d from those of b -> s: every rate times |V_td / V_ts|^2."""
    share = (inputs.V_tb_V_td / inputs.V_tb_V_ts) ** 2
    return Couplings(
        continua=tuple(RescaledContinuum(state, share) for state in in_b_to_s.continua),
        lines=tuple(RescaledLine(line, share) for line in in_b_to_s.lines),
    )
