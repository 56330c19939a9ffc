"""Where a mediator may decay unseen: the size of the detector and the motion of the B, as model parameters."""

from __future__ import annotations

from typing import ClassVar

from darkpenguin import units
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.model import parameter
from darkpenguin.core.types import Scalar
from darkpenguin.decays import escape
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.models.new_states import NewStates


class SeenOrNot(NewStates):
    """A model whose mediator is invisible if it decays to dark states or flies out of the detector.

    The momentum is that of B+ -> K+ X; one probability serves every decay mode. In B -> K* X the mediator is slower.
    """

    set_by_inputs: ClassVar[tuple[str, ...]] = (*NewStates.set_by_inputs, "L", "boost_B")

    L: Scalar = parameter("m", 0.0, 1e3, "distance beyond which a decay stays unseen; Belle II if not given", latex="L")
    boost_B: Scalar = parameter(
        "1", 0.0, 1e3, "beta gamma of the B; 0: at rest; Belle II if not given", latex=r"\beta\gamma"
    )

    def p_invisible(self, mass: Scalar, width: Scalar, share_invisible: Scalar, inputs: Inputs) -> Scalar:
        """Probability to stay unseen of a mediator with this mass and width [GeV]. [arXiv:2502.04900, eq. (11)]"""
        boosts = escape.boosts(inputs.m_Bplus, inputs.m_Kplus, mass, self.boost_B)
        survives = escape.survival(boosts, width, self.L * units.to_gev(1.0, "m"))
        return escape.p_invisible(share_invisible, survives)

    @classmethod
    def input_defaults(cls, inputs: Inputs) -> dict[str, float]:
        k = light_state_constants()
        detector = {"L": units.from_gev(k.L_Belle2, "m"), "boost_B": k.beta_gamma_B}
        return super().input_defaults(inputs) | detector
