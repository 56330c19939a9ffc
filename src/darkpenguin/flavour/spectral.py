"""Invisible side: spectral functions of neutrinos, of pairs of scalars and fermions, and of one boson.

For a pair rho = beta D / (8 pi), where D is the spin sum of a product of two matrix elements, averaged over directions
in the rest frame of the pair. The tests redo every D, interferences included, with explicit spinors.

An operator that is not wanted is None, not 0: the choice of operators is static, so that channels which cannot occur
cost nothing and are exactly absent, and an operator that vanishes identically is refused when the state is built.
Couplings are those of L = sum C O + h.c. with O = (quark bilinear of sbar and b) x (invisible bilinear).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
from jaxtyping import Array, Complex, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import Nodes, peak_nodes, safe_sqrt
from darkpenguin.core.types import AbstractContinuum, AbstractLine, Channels, Entry, Scalar
from darkpenguin.errors import OutOfDomain

Coupling = Complex[Array, ""]
Matrix = Complex[Array, "3 3"]
Q2 = Float[Array, " n_q2"]


def _real(value: Any) -> Scalar:
    return jnp.asarray(value, dtype=jnp.float64)


def _complex(value: Any) -> Array | None:
    return None if value is None else jnp.asarray(value, dtype=jnp.complex128)


def _coupling() -> Any:
    return eqx.field(converter=_complex, default=None, kw_only=True)


def _abs2(c: Array | None) -> Scalar:
    return jnp.zeros(()) if c is None else jnp.real(c) ** 2 + jnp.imag(c) ** 2


def _re(a: Array, b: Array) -> Scalar:
    """Re(a b*)."""
    return jnp.real(a * jnp.conj(b))


def _im(a: Array, b: Array) -> Scalar:
    """Im(a b*)."""
    return jnp.imag(a * jnp.conj(b))


def _refuse_vanishing(state: str, given: dict[str, Array | None], vanishing: tuple[str, ...]) -> None:
    wrong = [name for name in vanishing if given[name] is not None]
    if wrong:
        survive = [name for name in given if name not in vanishing]
        raise OutOfDomain(
            f"operator {', '.join(wrong)} vanishes identically for a self-conjugate {state}; "
            f"operators that survive: {', '.join(survive)}"
        )


class NeutrinoPair(AbstractContinuum):
    """Three massless left-handed neutrinos. `normalisation` N = (4 G_F/sqrt2) |V_tb V_ts*| alpha/(4 pi) [GeV^-2].

    H = -N sum_ij [C_L^ij (sbar gamma_mu P_L b) + C_R^ij (sbar gamma_mu P_R b)] (nubar_i gamma^mu (1 - gamma5) nu_j)
        -2N sum_ij { [C_SL^ij (sbar P_L b) + C_SR^ij (sbar P_R b)] (nubar^c_i P_L nu_j)
                     + C_TL^ij (sbar sigma_{mu nu} P_L b) (nubar^c_i sigma^{mu nu} P_L nu_j) } + h.c.

    C_L, C_R [3, 3] : total coefficients, Standard Model included (C_L = -X_t/s_W^2 on the diagonal there).
    C_SL, C_SR [3, 3] : violate lepton number; only the symmetric part of the matrix acts (Fermi statistics).
    C_TL [3, 3] : likewise, only the antisymmetric part acts.
    Vector, scalar and tensor terms do not interfere for massless neutrinos. [Felkl, Li, Schmidt, arXiv:2111.04327,
    eqs. (1), (8), (13), up to their normalisation; `universal` gives that of EOS]
    """

    normalisation: Scalar = eqx.field(converter=_real)
    C_L: Matrix = eqx.field(converter=_complex)
    C_R: Matrix | None = _coupling()
    C_SL: Matrix | None = _coupling()
    C_SR: Matrix | None = _coupling()
    C_TL: Matrix | None = _coupling()

    @classmethod
    def universal(
        cls, normalisation: Any, C_L: Any, C_R: Any = None, C_SL: Any = None, C_SR: Any = None, C_TL: Any = None
    ) -> NeutrinoPair:
        """One number per operator, as in EOS and arXiv:2507.12393: |C_L| = |cVL|, |C_SL| = |cSL|, |C_TL| = |cTL|, ...

        Vector and scalar: the number times the unit matrix. Tensor: an antisymmetric matrix of the same Frobenius norm,
        since the unit matrix itself would give nothing.
        """
        unit = jnp.eye(3)
        antisymmetric = jnp.sqrt(0.5) * jnp.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])

        def times(c: Any, matrix: Array) -> Array | None:
            return None if c is None else jnp.asarray(c) * matrix

        return cls(
            normalisation,
            jnp.asarray(C_L) * unit,
            C_R=times(C_R, unit),
            C_SL=times(C_SL, unit),
            C_SR=times(C_SR, unit),
            C_TL=times(C_TL, antisymmetric),
        )

    def threshold(self) -> Scalar:
        return jnp.zeros(())

    def spectral(self, q2: Q2) -> Channels:
        N2 = self.normalisation**2
        right = jnp.zeros((3, 3)) if self.C_R is None else self.C_R
        constant = jnp.ones_like(q2) * N2 / (12.0 * jnp.pi)
        scalar: Entry = None
        pseudoscalar: Entry = None
        if self.C_SL is not None or self.C_SR is not None:
            c_L, c_R = (jnp.zeros((3, 3)) if c is None else 0.5 * (c + c.T) for c in (self.C_SL, self.C_SR))
            # (2N)^2 |(c_R +- c_L)/2|^2, D = q2 for nubar^c P_L nu, twice that for two identical contractions
            scalar = N2 * q2 / (4.0 * jnp.pi) * _abs2(c_R + c_L).sum()
            pseudoscalar = N2 * q2 / (4.0 * jnp.pi) * _abs2(c_R - c_L).sum()
        tensor: Entry = None
        if self.C_TL is not None:
            # (2N)^2, D = q2/3 for either component of nubar^c sigma P_L nu, twice that as above
            tensor = 4.0 * constant * _abs2(0.5 * (self.C_TL - self.C_TL.T)).sum()
        return Channels(
            V1=constant * _abs2(self.C_L + right).sum(),
            A1=constant * _abs2(self.C_L - right).sum(),
            S=scalar,
            P=pseudoscalar,
            TE=tensor,
            TB=tensor,
        )


def _threshold_variables(q2: Q2, mass: Scalar) -> tuple[Q2, Q2]:
    """(beta, m^2/q2): velocity sqrt(1 - 4 m^2/q2) of each particle of a pair, and the ratio; both 0 below threshold."""
    is_open = q2 > 4.0 * mass**2
    r = jnp.where(is_open, mass**2 / jnp.where(is_open, q2, 1.0), 0.0)
    return safe_sqrt(jnp.where(is_open, 1.0 - 4.0 * r, 0.0)), r


class ScalarPair(AbstractContinuum):
    """phi phi^dag of mass `mass` [GeV]. [operators of arXiv:2309.12741; spectral functions derived and tested here]

    S, P [GeV^-1] : (sbar b) phi^dag phi, (sbar i gamma5 b) phi^dag phi.
    V, A [GeV^-2] : (sbar gamma_mu b) phi^dag i<->d^mu phi, (sbar gamma_mu gamma5 b) phi^dag i<->d^mu phi.
    self_conjugate : real phi with the same Lagrangian (phi^2 in place of phi^dag phi): twice the rate; V and A vanish.
    """

    mass: Scalar = eqx.field(converter=_real)
    S: Coupling | None = _coupling()
    P: Coupling | None = _coupling()
    V: Coupling | None = _coupling()
    A: Coupling | None = _coupling()
    self_conjugate: bool = eqx.field(static=True, default=False, kw_only=True)

    def __check_init__(self) -> None:
        if self.self_conjugate:
            _refuse_vanishing("scalar", {"S": self.S, "P": self.P, "V": self.V, "A": self.A}, ("V", "A"))

    def threshold(self) -> Scalar:
        return 4.0 * self.mass**2

    def spectral(self, q2: Q2) -> Channels:
        beta, _ = _threshold_variables(q2, self.mass)
        phase_space = _identical(self.self_conjugate) * beta / (8.0 * jnp.pi)
        current = phase_space * beta**2 / 3.0
        return Channels(
            S=_times(self.S, phase_space),
            P=_times(self.P, phase_space),
            V1=_times(self.V, current),
            A1=_times(self.A, current),
        )


def _identical(self_conjugate: bool) -> float:
    # twice the amplitude (two contractions), half the phase space
    return 2.0 if self_conjugate else 1.0


def _times(c: Coupling | None, rho: Q2) -> Entry:
    return None if c is None else _abs2(c) * rho


def _sum(*entries: Entry) -> Entry:
    present = [e for e in entries if e is not None]
    return sum(present[1:], start=present[0]) if present else None


class FermionPair(AbstractContinuum):
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

    mass: Scalar = eqx.field(converter=_real)
    S1: Coupling | None = _coupling()
    S2: Coupling | None = _coupling()
    P1: Coupling | None = _coupling()
    P2: Coupling | None = _coupling()
    V1: Coupling | None = _coupling()
    V2: Coupling | None = _coupling()
    A1: Coupling | None = _coupling()
    A2: Coupling | None = _coupling()
    T1: Coupling | None = _coupling()
    T2: Coupling | None = _coupling()
    self_conjugate: bool = eqx.field(static=True, default=False, kw_only=True)

    def __check_init__(self) -> None:
        if self.self_conjugate:
            names = ("S1", "S2", "P1", "P2", "V1", "V2", "A1", "A2", "T1", "T2")
            _refuse_vanishing("fermion", {n: getattr(self, n) for n in names}, ("V1", "A1", "T1", "T2"))

    def threshold(self) -> Scalar:
        return 4.0 * self.mass**2

    def spectral(self, q2: Q2) -> Channels:
        beta, r = _threshold_variables(q2, self.mass)
        phase_space = _identical(self.self_conjugate) * beta / (8.0 * jnp.pi)
        scalar, pseudoscalar = 2.0 * q2 * beta**2 * phase_space, 2.0 * q2 * phase_space
        vector, axial, timelike = (d * phase_space for d in (4.0 / 3.0 * (1.0 + 2.0 * r), 4.0 / 3.0 * beta**2, 8.0 * r))
        tensor, dual = (2.0 / 3.0 * d * phase_space for d in (1.0 + 8.0 * r, beta**2))
        mixed = 8.0 * self.mass * phase_space
        return Channels(
            S=_sum(_times(self.S1, scalar), _times(self.S2, pseudoscalar)),
            P=_sum(_times(self.P1, scalar), _times(self.P2, pseudoscalar)),
            V1=_sum(_times(self.V1, vector), _times(self.V2, axial)),
            A1=_sum(_times(self.A1, vector), _times(self.A2, axial)),
            V0=_times(self.V2, timelike),
            A0=_times(self.A2, timelike),
            TE=_sum(_times(self.T1, tensor), _times(self.T2, dual)),
            TB=_sum(_times(self.T1, dual), _times(self.T2, tensor)),
            SV=None if self.V2 is None or self.S2 is None else mixed * _im(self.V2, self.S2),
            PA=None if self.A2 is None or self.P2 is None else mixed * _re(self.A2, self.P2),
            VT=None if self.V1 is None or self.T1 is None else mixed * _re(self.V1, self.T1),
            AT=None if self.A1 is None or self.T2 is None else -mixed * _re(self.A1, self.T2),
        )


class ScalarBoson(AbstractLine):
    """One light scalar or axion-like particle. [arXiv:2403.13887]

    L = phi sbar (g_S + i g_P gamma5) b + (d_mu phi) sbar gamma^mu (h_V + h_A gamma5) b + h.c.
    g_S, g_P dimensionless; h_V, h_A in GeV^-1; mass, width in GeV.
    By the equations of motion these are g_S + i (m_b - m_s) h_V and g_P - (m_b + m_s) h_A, interference included.
    """

    mass: Scalar = eqx.field(converter=_real)
    width: Scalar = eqx.field(converter=_real, default=0.0, kw_only=True)
    p_invisible: Scalar = eqx.field(converter=_real, default=1.0, kw_only=True)
    g_S: Coupling | None = _coupling()
    g_P: Coupling | None = _coupling()
    h_V: Coupling | None = _coupling()
    h_A: Coupling | None = _coupling()

    def residues(self) -> Channels:
        one = jnp.ones(1)
        return Channels(
            S=_times(self.g_S, one),
            P=_times(self.g_P, one),
            V0=_times(self.h_V, one),
            A0=_times(self.h_A, one),
            SV=None if self.h_V is None or self.g_S is None else -2.0 * _im(self.h_V, self.g_S) * one,
            PA=None if self.h_A is None or self.g_P is None else -2.0 * _re(self.h_A, self.g_P) * one,
        )


class VectorBoson(AbstractLine):
    """One light vector, L = X_mu sbar gamma^mu (g_V + g_A gamma5) b + h.c. [interaction of arXiv:2403.13887]

    g_V, g_A dimensionless; mass > 0 and width in GeV. Rates grow as 1/m^2 towards small masses (longitudinal vector).
    """

    mass: Scalar = eqx.field(converter=_real)
    width: Scalar = eqx.field(converter=_real, default=0.0, kw_only=True)
    p_invisible: Scalar = eqx.field(converter=_real, default=1.0, kw_only=True)
    g_V: Coupling | None = _coupling()
    g_A: Coupling | None = _coupling()

    def residues(self) -> Channels:
        longitudinal = jnp.ones(1) / self.mass**2
        return Channels(V1=_times(self.g_V, longitudinal), A1=_times(self.g_A, longitudinal))


class BroadBoson(AbstractContinuum):
    """One boson with a large width: rho_c = R_c 2 m Gamma / ((q2 - m^2)^2 + m^2 Gamma^2) * p_invisible, from q2 = 0 on.

    The denominator has a fixed width. A vector is taken to couple to a conserved current of massless particles: then
    no J = 0 part appears, and the imaginary part grows as q2, which a constant residue of the dimensionless rho_V1
    contains. For Gamma -> 0 the line itself is recovered.
    """

    boson: AbstractLine

    def threshold(self) -> Scalar:
        return jnp.zeros(())

    def spectral(self, q2: Q2) -> Channels:
        b = self.boson
        m_Gamma = b.mass * b.width
        peak = b.p_invisible * 2.0 * m_Gamma / ((q2 - b.mass**2) ** 2 + m_Gamma**2)
        return Channels(*(None if R is None else R * peak for R in b.residues()))

    def nodes(self, edges: Float[Array, " n_edge"], q2_max: Scalar, n_node: int) -> Nodes:
        b = self.boson
        # the flattened peak leaves a steep hadron side where a bin holds many widths
        return peak_nodes(edges, self.threshold(), q2_max, b.mass**2, b.mass * b.width, 2 * n_node)
