"""Pairs of spin-1/2 particles, of one mass or of two.

Waves of u-bar(p_1) Gamma v(p_2) in the rest frame, n the direction of p_1 (q_plus, q_minus of `Kinematics`):
J = 0: `plus` (as chibar chi), squared 2 q2 q_plus;  `minus` (as chibar i gamma5 chi), squared 2 q2 q_minus.
J = 1: along n and across n, of natural parity (as chibar gamma chi), squared 2 q_minus and 4 q_minus; of the other
parity (as chibar gamma gamma5 chi), squared 2 q_plus and 4 q_plus.
Every amplitude follows from the equations of motion of chi, e.g. q_mu chibar gamma^mu gamma5 chi
= (m_1 + m_2) chibar gamma5 chi and i chibar sigma^{mu nu} q_nu chi = (m_1 + m_2) chibar gamma^mu chi
- (p_1 - p_2)^mu chibar chi.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.types import AbstractContinuum, Channels, Scalar
from darkpenguin.flavour.invisible.couplings import Coupling, Scaling, coupling, of_k_long, real, refuse_vanishing
from darkpenguin.flavour.invisible.partial_waves import (
    Amplitudes,
    Kinematics,
    Wave,
    kinematics,
    spectral_functions,
    superpose,
    times,
)
from darkpenguin.flavour.invisible.scalar_pair import identical

Q2 = Float[Array, " n_q2"]
OPERATORS = ("S1", "S2", "P1", "P2", "V1", "V2", "A1", "A2", "T1", "T2")
VANISHING = ("V1", "A1", "T1", "T2")
"""Operators that vanish identically for a Majorana fermion: chibar gamma chi and chibar sigma chi are odd under C."""


class Spin0(NamedTuple):
    """J = 0 waves of two fermions."""

    plus: Wave = None
    minus: Wave = None


class Spin1(NamedTuple):
    """J = 1 waves of two fermions: along and across the momenta, for each parity."""

    along: Wave = None
    across: Wave = None
    along5: Wave = None
    across5: Wave = None


class AbstractFermionPair(AbstractContinuum):
    """Two fermions and the ten operators chibar Gamma chi; see the classes derived from it."""

    mass: Scalar = eqx.field(converter=real)
    S1: Coupling | None = coupling()
    S2: Coupling | None = coupling()
    P1: Coupling | None = coupling()
    P2: Coupling | None = coupling()
    V1: Coupling | None = coupling()
    V2: Coupling | None = coupling()
    A1: Coupling | None = coupling()
    A2: Coupling | None = coupling()
    T1: Coupling | None = coupling()
    T2: Coupling | None = coupling()

    def amplitudes(self, k: Kinematics, m_1: Scalar, m_2: Scalar) -> Amplitudes:
        """The waves of every operator, couplings included."""
        one = jnp.ones_like(k.r)
        plus = (m_1 + m_2) / k.r
        minus = None if m_1 is m_2 else (m_1 - m_2) / k.r  # what cannot occur for one mass is absent, not 0
        density, density5 = Spin0(plus=one), Spin0(minus=one)
        vector, vector_0 = Spin1(along=plus, across=one), Spin0(plus=times(minus, 1.0 / k.r))
        axial, axial_0 = Spin1(along5=minus, across5=one), Spin0(minus=-1j * plus / k.r)
        electric, electric5 = Spin1(along=1j * one, across=1j * plus), Spin1(along5=1j * one, across5=times(minus, 1j))
        # sigma^{0i} gamma5 = i eps^{ijk} sigma^{jk} / 2: the magnetic part of one is the electric part of the other
        magnetic, magnetic5 = (Spin1(*(times(w, -1j) for w in waves)) for waves in (electric5, electric))
        return Amplitudes(
            S=superpose((self.S1, density), (self.S2, density5)),
            P=superpose((self.P1, density), (self.P2, density5)),
            V1=superpose((self.V1, vector), (self.V2, axial)),
            V0=superpose((self.V1, vector_0), (self.V2, axial_0)),
            A1=superpose((self.A1, vector), (self.A2, axial)),
            A0=superpose((self.A1, vector_0), (self.A2, axial_0)),
            TE=superpose((self.T1, electric), (self.T2, electric5)),
            TB=superpose((self.T1, magnetic), (self.T2, magnetic5)),
        )


def spin_half_weights(q2: Q2, k: Kinematics) -> tuple[tuple[Q2, Q2], tuple[Q2, Q2, Q2, Q2]]:
    """Squares of the waves of `Spin0` and `Spin1`, summed over the spins of two spin-1/2 particles."""
    scalar = 2.0 * q2 * k.q_plus, 2.0 * q2 * k.q_minus
    return scalar, (2.0 * k.q_minus, 4.0 * k.q_minus, 2.0 * k.q_plus, 4.0 * k.q_plus)


class FermionPair(AbstractFermionPair):
    """chi chibar, spin 1/2, mass `mass` [GeV]. [operators of arXiv:2309.12741; functions derived and tested here]

    All couplings in GeV^-2. With the quark bilinears S: (sbar b), P: (sbar i gamma5 b), V: (sbar gamma_mu b),
    A: (sbar gamma_mu gamma5 b), T: (sbar sigma_{mu nu} b):
    S1, P1 : chibar chi.              S2, P2 : chibar i gamma5 chi.
    V1, A1 : chibar gamma^mu chi.     V2, A2 : chibar gamma^mu gamma5 chi.
    T1 : chibar sigma^{mu nu} chi.    T2 : chibar sigma^{mu nu} gamma5 chi.
    (sbar sigma_{mu nu} gamma5 b) adds nothing: sigma gamma5 x sigma is T2 again, sigma gamma5 x sigma gamma5 is T1.
    self_conjugate : Majorana chi with the same Lagrangian: twice the rate; V1, A1, T1, T2 vanish.
    Interference: V2 with S2, A2 with P2, V1 with T1, A1 with T2; all other pairs have none after the sum over spins.
    """

    scaling: ClassVar[Scaling] = dict.fromkeys(OPERATORS, (0, 2))

    self_conjugate: bool = eqx.field(static=True, default=False, kw_only=True)

    def __check_init__(self) -> None:
        if self.self_conjugate:
            refuse_vanishing("fermion", {n: getattr(self, n) for n in OPERATORS}, VANISHING)

    def threshold(self) -> Scalar:
        return 4.0 * self.mass**2

    def spectral(self, q2: Q2) -> Channels:
        k = kinematics(q2, self.mass, self.mass)
        scalar, vector = spin_half_weights(q2, k)
        amplitudes = self.amplitudes(k, self.mass, self.mass)
        return spectral_functions(amplitudes, scalar, vector, identical(self.self_conjugate) * k.phase_space, k.r)

    def k_long(self) -> FermionPair:
        """See `couplings.of_k_long`; chibar sigma gamma5 chi is antihermitian."""
        return of_k_long(self, even=("S1", "S2", "P1", "P2", "A1", "A2", "T2"), odd=("V1", "V2", "T1"))


class UnequalFermionPair(AbstractFermionPair):
    """psi_1 and anti-psi_2 of masses `mass` and `mass_2` [GeV], e.g. a light and a heavy neutrino.

    Operators and couplings [GeV^-2] as for `FermionPair`, with psibar_1 Gamma psi_2 in place of chibar Gamma chi.
    A massless left-handed psi_1: psibar_1 gamma^mu P_L psi_2 is V1 = -V2 = C/2, psibar_1 P_R psi_2 is S1 = i S2 = C/2.
    The hermitian conjugate makes psi_2 and anti-psi_1 from the antiparticle of the B: the same rate after averaging.
    Further interferences for m_1 != m_2: V1 with S1, A1 with P1, V2 with T2, A2 with T1.
    [vector and axial current as for leptons, arXiv:1602.00881; all derived and tested here]
    """

    scaling: ClassVar[Scaling] = dict.fromkeys(OPERATORS, (0, 2))

    mass_2: Scalar = eqx.field(converter=real, kw_only=True)

    def threshold(self) -> Scalar:
        return (self.mass + self.mass_2) ** 2

    def spectral(self, q2: Q2) -> Channels:
        k = kinematics(q2, self.mass, self.mass_2)
        scalar, vector = spin_half_weights(q2, k)
        return spectral_functions(self.amplitudes(k, self.mass, self.mass_2), scalar, vector, k.phase_space, k.r)

    def k_long(self) -> UnequalFermionPair:
        """K0 and K0bar reach different states (psi_1 anti-psi_2 and psi_2 anti-psi_1), each with half of the amplitude.

        The sum of the two rates is that of the coefficients over sqrt2.
        """
        given = [n for n in OPERATORS if getattr(self, n) is not None]
        halved = [getattr(self, n) / 2.0**0.5 for n in given]
        return eqx.tree_at(lambda state: [getattr(state, n) for n in given], self, halved)
