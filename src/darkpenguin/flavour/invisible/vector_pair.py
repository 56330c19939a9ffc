"""A pair of dark vectors.

Rest frame of the pair, n the direction of X, p its momentum, E = r/2. Polarisations: longitudinal e_L = (p, E n)/m for
X and (-p, E n)/m for the other particle, and two transverse ones. J = 0 waves: L L, the transverse scalar product, the
transverse triple product n . (e_1 x e_2). J = 1 waves: the same along n, and e_1T e_2L with e_2T e_1L, symmetric and
antisymmetric, as they are and as n x e_T.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_sqrt
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
EPSILON_0123 = -1.0
"""Sign of eps^{0123} in the operators with an epsilon tensor; with gamma5 = i gamma^0 gamma^1 gamma^2 gamma^3."""
OPERATORS = (
    *("S", "P", "SF", "PF", "SFd", "PFd"),
    *("V2", "V3", "V4", "V5", "V6", "A2", "A3", "A4", "A5", "A6", "T1", "T2"),
)
VANISHING = ("V4", "V5", "V6", "A4", "A5", "A6", "T1", "T2")
"""Operators that vanish identically for a real vector: antisymmetric in the two fields."""


class Spin0(NamedTuple):
    """J = 0 waves of two vectors."""

    long: Wave = None
    scalar: Wave = None
    triple: Wave = None


class Spin1(NamedTuple):
    """J = 1 waves of two vectors; `even` and `odd` under exchange of the polarisations, `cross`: with n x e_T."""

    long: Wave = None
    scalar: Wave = None
    triple: Wave = None
    even: Wave = None
    odd: Wave = None
    cross_even: Wave = None
    cross_odd: Wave = None


class VectorPair(AbstractContinuum):
    """X X^dag, spin 1, mass `mass` > 0 [GeV]. [V, T, S: operators of arXiv:2209.05223, arXiv:2309.12741; functions
    derived and tested here]

    X_{mu nu} = d_mu X_nu - d_nu X_mu, Xdual^{mu nu} = eps^{mu nu rho sigma} X_{rho sigma} / 2, eps^{0123} = -1.
    S, P [GeV^-1] : (sbar b), (sbar i gamma5 b) times X^dag_mu X^mu.
    SF, PF [GeV^-3] : the same times X^dag_{mu nu} X^{mu nu}.   SFd, PFd [GeV^-3] : times X^dag_{mu nu} Xdual^{mu nu}.
    V2..V6 [GeV^-2] : (sbar gamma_mu b) times; A2..A6 [GeV^-2] : (sbar gamma_mu gamma5 b) times
      2: d_nu (X^dag^mu X^nu + X^dag^nu X^mu)        3: eps^{mu nu rho sigma} X^dag_rho <->d_nu X_sigma
      4: X^dag_nu i<->d^mu X^nu                      5: i d_nu (X^dag^mu X^nu - X^dag^nu X^mu)
      6: eps^{mu nu rho sigma} i d_nu (X^dag_rho X_sigma)
    T1 [GeV^-1] : (sbar sigma^{mu nu} b) (i/2) (X^dag_mu X_nu - X^dag_nu X_mu).
    T2 [GeV^-1] : (sbar sigma^{mu nu} gamma5 b) (1/2) (X^dag_mu X_nu - X^dag_nu X_mu).
    self_conjugate : real X with the same Lagrangian: twice the rate; 4, 5, 6 and T1, T2 vanish.
    Interference: S with SF and V2; SF with V2; SFd with V3; V4 with V5 and T1; V5 with T1; V6 with T2; in the same way
    for P and A, but A4, A5 with T2 and A6 with T1.
    Longitudinal vectors make all rates but those of SF, PF, SFd, PFd grow towards small masses: as 1/m^2 for 3 and 6,
    and T2 in a decay to a pseudoscalar, as 1/m^4 for the others.
    """

    scaling: ClassVar[Scaling] = (
        dict.fromkeys(("S", "P", "T1", "T2"), (2, 3))
        | dict.fromkeys(("V2", "A2", "V4", "A4", "V5", "A5"), (2, 4))
        | dict.fromkeys(("V3", "A3", "V6", "A6"), (1, 3))
        | dict.fromkeys(("SF", "PF", "SFd", "PFd"), (0, 3))
    )

    mass: Scalar = eqx.field(converter=real)
    S: Coupling | None = coupling()
    P: Coupling | None = coupling()
    SF: Coupling | None = coupling()
    PF: Coupling | None = coupling()
    SFd: Coupling | None = coupling()
    PFd: Coupling | None = coupling()
    V2: Coupling | None = coupling()
    V3: Coupling | None = coupling()
    V4: Coupling | None = coupling()
    V5: Coupling | None = coupling()
    V6: Coupling | None = coupling()
    A2: Coupling | None = coupling()
    A3: Coupling | None = coupling()
    A4: Coupling | None = coupling()
    A5: Coupling | None = coupling()
    A6: Coupling | None = coupling()
    T1: Coupling | None = coupling()
    T2: Coupling | None = coupling()
    self_conjugate: bool = eqx.field(static=True, default=False, kw_only=True)

    def __check_init__(self) -> None:
        if self.self_conjugate:
            refuse_vanishing("vector", {n: getattr(self, n) for n in OPERATORS}, VANISHING)

    def threshold(self) -> Scalar:
        return 4.0 * self.mass**2

    def spectral(self, q2: Q2) -> Channels:
        k = kinematics(q2, self.mass, self.mass)
        one = jnp.ones_like(k.r)
        scalar = one, 2.0 * one, 2.0 * one
        vector = one, 2.0 * one, 2.0 * one, 4.0 * one, 4.0 * one, 4.0 * one, 4.0 * one
        return spectral_functions(
            self.amplitudes(k), scalar, vector, identical(self.self_conjugate) * k.phase_space, k.r
        )

    def amplitudes(self, k: Kinematics) -> Amplitudes:
        """The waves of every operator, couplings included."""
        square, strength, dual = _densities(k, self.mass)
        timelike2, timelike3 = _timelike(k, self.mass)
        current2, current3, current4, current5, current6 = _currents(k, self.mass)
        electric, magnetic = _tensor(k, self.mass)
        # sbar sigma^{0i} gamma5 b = i eps^{ijk} (sbar sigma^{jk} b) / 2; the factor i of T1 is not in T2
        electric5, magnetic5 = magnetic, Spin1(*(times(w, -1.0) for w in electric))
        return Amplitudes(
            S=superpose((self.S, square), (self.SF, strength), (self.SFd, dual)),
            P=superpose((self.P, square), (self.PF, strength), (self.PFd, dual)),
            V0=superpose((self.V2, timelike2), (self.V3, timelike3)),
            A0=superpose((self.A2, timelike2), (self.A3, timelike3)),
            V1=superpose(
                (self.V2, current2),
                (self.V3, current3),
                (self.V4, current4),
                (self.V5, current5),
                (self.V6, current6),
            ),
            A1=superpose(
                (self.A2, current2),
                (self.A3, current3),
                (self.A4, current4),
                (self.A5, current5),
                (self.A6, current6),
            ),
            TE=superpose((self.T1, electric), (self.T2, electric5)),
            TB=superpose((self.T1, magnetic), (self.T2, magnetic5)),
        )

    def k_long(self) -> VectorPair:
        """See `couplings.of_k_long`; the bilinear of T2 is hermitian together with that of its quarks."""
        even = ("S", "P", "SF", "PF", "SFd", "PFd", "A2", "A3", "A4", "A5", "A6")
        return of_k_long(self, even=even, odd=("V2", "V3", "V4", "V5", "V6", "T1", "T2"))


def _beta(k: Kinematics) -> Q2:
    return safe_sqrt(k.q_plus)


def _densities(k: Kinematics, m: Scalar) -> tuple[Spin0, Spin0, Spin0]:
    """X^dag.X, X^dag_{mu nu} X^{mu nu}, X^dag_{mu nu} Xdual^{mu nu}: products of e_1, e_2 and of the two momenta."""
    one, s = jnp.ones_like(k.r), k.r**2
    square = Spin0(long=1.0 - 0.5 * s / m**2, scalar=-one)  # e_L e_L = -(E^2 + p^2)/m^2
    strength = Spin0(long=2.0 * m**2 * one, scalar=s - 2.0 * m**2)
    dual = Spin0(triple=EPSILON_0123 * s * _beta(k))
    return square, strength, dual


def _timelike(k: Kinematics, m: Scalar) -> tuple[Spin0, Spin0]:
    """J^0 / r of the operators 2 and 3; the other currents are conserved or have no time component."""
    beta = _beta(k)
    return Spin0(long=-0.5j * k.r**2 * beta**2 / m**2), Spin0(triple=1j * EPSILON_0123 * beta)


def _currents(k: Kinematics, m: Scalar) -> tuple[Spin1, Spin1, Spin1, Spin1, Spin1]:
    """J^i / r of the operators 2 to 6; on outgoing particles d_nu gives i q_nu, <->d_nu gives -i (p_1 - p_2)_nu."""
    beta, gamma = _beta(k), 0.5 * k.r / m  # p = r beta / 2, E/m = gamma
    two = Spin1(odd=-1j * gamma * beta)
    three = Spin1(cross_even=-1j * EPSILON_0123 * gamma * beta**2)
    four = Spin1(long=(1.0 - 2.0 * gamma**2) * beta, scalar=-beta)
    five = Spin1(long=2.0 * gamma**2 * beta, even=gamma * beta)
    six = Spin1(triple=EPSILON_0123 * jnp.ones_like(k.r), cross_odd=-EPSILON_0123 * gamma)
    return two, three, four, five, six


def _tensor(k: Kinematics, m: Scalar) -> tuple[Spin1, Spin1]:
    """J^{0i} / r and eps^{ijk} J^{jk} / (2 r) of (i/2) (X^dag^mu X^nu - X^dag^nu X^mu)."""
    beta, gamma = _beta(k), 0.5 * k.r / m
    electric = Spin1(long=1j * gamma**2 * beta / k.r, even=0.5j * gamma * beta / k.r)
    magnetic = Spin1(triple=0.5j / k.r, cross_odd=-0.5j * gamma / k.r)
    return electric, magnetic
