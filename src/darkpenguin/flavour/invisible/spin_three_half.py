"""A pair of spin-3/2 particles."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.types import Channels, Scalar
from darkpenguin.flavour.invisible.couplings import Scaling, of_k_long, refuse_vanishing
from darkpenguin.flavour.invisible.fermion_pair import OPERATORS, VANISHING, AbstractFermionPair, spin_half_weights
from darkpenguin.flavour.invisible.partial_waves import kinematics, spectral_functions
from darkpenguin.flavour.invisible.scalar_pair import identical

Q2 = Float[Array, " n_q2"]


class RaritaSchwingerPair(AbstractFermionPair):
    """Psi_rho Psibar_rho, spin 3/2, mass `mass` > 0 [GeV]; operators of lowest dimension. [arXiv:1111.6402,
    arXiv:2403.13887; functions derived and tested here]

    All couplings in GeV^-2, with the quark bilinears S: (sbar b), P: (sbar i gamma5 b), V: (sbar gamma_mu b),
    A: (sbar gamma_mu gamma5 b), T: (sbar sigma_{mu nu} b):
    S1, P1 : Psibar_rho Psi^rho.              S2, P2 : Psibar_rho i gamma5 Psi^rho.
    V1, A1 : Psibar_rho gamma^mu Psi^rho.     V2, A2 : Psibar_rho gamma^mu gamma5 Psi^rho.
    T1 : Psibar_rho sigma^{mu nu} Psi^rho.    T2 : Psibar_rho sigma^{mu nu} gamma5 Psi^rho.
    Interference as for `FermionPair`: V2 with S2, A2 with P2, V1 with T1, A1 with T2.
    Rates grow as 1/m^4 towards small masses (helicity 1/2).
    self_conjugate : Majorana Psi with the same Lagrangian: twice the rate; V1, A1, T1, T2 vanish, as for spin 1/2,
    since the contraction of the vector indices is symmetric.
    """

    scaling: ClassVar[Scaling] = dict.fromkeys(OPERATORS, (2, 4))

    self_conjugate: bool = eqx.field(static=True, default=False, kw_only=True)

    def __check_init__(self) -> None:
        if self.self_conjugate:
            refuse_vanishing("spin-3/2 fermion", {n: getattr(self, n) for n in OPERATORS}, VANISHING)

    def threshold(self) -> Scalar:
        return 4.0 * self.mass**2

    def spectral(self, q2: Q2) -> Channels:
        """Spin 1/2 times the overlap of the polarisation vectors, which depends on the wave only."""
        k = kinematics(q2, self.mass, self.mass)
        plus, minus, across = _overlaps(k.r**2 / self.mass**2)
        (scalar, pseudoscalar), (along, natural, along5, other) = spin_half_weights(q2, k)
        return spectral_functions(
            self.amplitudes(k, self.mass, self.mass),
            (scalar * plus, pseudoscalar * minus),
            (along * plus, natural * across, along5 * minus, other * across),
            identical(self.self_conjugate) * k.phase_space,
            k.r,
        )

    def k_long(self) -> RaritaSchwingerPair:
        """See `couplings.of_k_long`; Psibar sigma gamma5 Psi is antihermitian."""
        return of_k_long(self, even=("S1", "S2", "P1", "P2", "A1", "A2", "T2"), odd=("V1", "V2", "T1"))


def _overlaps(x: Q2) -> tuple[Q2, Q2, Q2]:
    """Sum over helicities of |eps_1 . eps_2|^2 with Clebsch-Gordan coefficients, x = q2/m^2, relative to spin 1/2.

    Transverse vectors overlap with 1, longitudinal ones with L = (x - 2)/2. Both spins along the axis: 3/2 gives 1, 1/2
    gives (2 L -+ 1)/3, where the sign is that between the two spinor helicities (- in a triplet, + in a singlet).
    Opposite spins: two with 1/sqrt3, one with 2 L/3.
    """
    L = 0.5 * (x - 2.0)
    triplet, singlet = (1.0 + ((2.0 * L + sign) / 3.0) ** 2 for sign in (-1.0, 1.0))
    return triplet, singlet, 2.0 / 3.0 * jnp.ones_like(x) + (2.0 * L / 3.0) ** 2
