"""A pair of dark scalars."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin.core.types import AbstractContinuum, Channels, Entry, Scalar
from darkpenguin.flavour.invisible.couplings import Coupling, Scaling, abs2, coupling, of_k_long, real, refuse_vanishing
from darkpenguin.flavour.invisible.partial_waves import kinematics

Q2 = Float[Array, " n_q2"]


def identical(self_conjugate: bool) -> float:
    """Rate of a self-conjugate pair over that of a complex one with the same Lagrangian: 2 (amplitude), 1/2 (phase
    space)."""
    return 2.0 if self_conjugate else 1.0


class ScalarPair(AbstractContinuum):
    """phi phi^dag of mass `mass` [GeV]. [operators of arXiv:2309.12741; spectral functions derived and tested here]

    S, P [GeV^-1] : (sbar b) phi^dag phi, (sbar i gamma5 b) phi^dag phi.
    V, A [GeV^-2] : (sbar gamma_mu b) phi^dag i<->d^mu phi, (sbar gamma_mu gamma5 b) phi^dag i<->d^mu phi.
    self_conjugate : real phi with the same Lagrangian (phi^2 in place of phi^dag phi): twice the rate; V and A vanish.
    """

    scaling: ClassVar[Scaling] = {"S": (0, 1), "P": (0, 1), "V": (0, 2), "A": (0, 2)}

    mass: Scalar = eqx.field(converter=real)
    S: Coupling | None = coupling()
    P: Coupling | None = coupling()
    V: Coupling | None = coupling()
    A: Coupling | None = coupling()
    self_conjugate: bool = eqx.field(static=True, default=False, kw_only=True)

    def __check_init__(self) -> None:
        if self.self_conjugate:
            refuse_vanishing("scalar", {"S": self.S, "P": self.P, "V": self.V, "A": self.A}, ("V", "A"))

    def threshold(self) -> Scalar:
        return 4.0 * self.mass**2

    def spectral(self, q2: Q2) -> Channels:
        k = kinematics(q2, self.mass, self.mass)
        phase_space = identical(self.self_conjugate) * k.phase_space
        current = phase_space * k.q_plus / 3.0  # J^i = (p_1 - p_2)^i, |p_1 - p_2|^2 = q2 beta^2
        return Channels(
            S=_times(self.S, phase_space),
            P=_times(self.P, phase_space),
            V1=_times(self.V, current),
            A1=_times(self.A, current),
        )

    def k_long(self) -> ScalarPair:
        """See `couplings.of_k_long`."""
        return of_k_long(self, even=("S", "P", "A"), odd=("V",))


def _times(c: Coupling | None, rho: Q2) -> Entry:
    return None if c is None else abs2(c) * rho
