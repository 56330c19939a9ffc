"""Three massless neutrinos, with flavour."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.types import AbstractContinuum, Channels, Entry, Scalar
from darkpenguin.flavour.invisible.couplings import Matrix, Scaling, abs2, complex_or_none, coupling, real


class NeutrinoPair(AbstractContinuum):
    """Three massless neutrinos. `normalisation` N = (4 G_F/sqrt2) |V_tb V_ts*| alpha/(4 pi) [GeV^-2].

    H = -N sum_ij [C_L^ij (sbar gamma_mu P_L b) + C_R^ij (sbar gamma_mu P_R b)] (nubar_i gamma^mu (1 - gamma5) nu_j)
        -N sum_ij [C_Lp^ij (sbar gamma_mu P_L b) + C_Rp^ij (sbar gamma_mu P_R b)] (nubar_i gamma^mu (1 + gamma5) nu_j)
        -2N sum_ij { [C_SL^ij (sbar P_L b) + C_SR^ij (sbar P_R b)] (nubar^c_i P_L nu_j)
                     + C_TL^ij (sbar sigma_{mu nu} P_L b) (nubar^c_i sigma^{mu nu} P_L nu_j) } + h.c.

    C_L, C_R [3, 3] : total coefficients, Standard Model included (C_L = -X_t/s_W^2 on the diagonal there).
    C_Lp, C_Rp [3, 3] : right-handed neutrinos, light enough to be massless here; they interfere with no other term.
    C_SL, C_SR [3, 3] : violate lepton number; only the symmetric part of the matrix acts (Fermi statistics).
    C_TL [3, 3] : likewise, only the antisymmetric part acts.
    Vector, scalar and tensor terms do not interfere for massless neutrinos. [Felkl, Li, Schmidt, arXiv:2111.04327,
    eqs. (1), (8), (13), up to their normalisation; `universal` gives that of EOS]
    """

    scaling: ClassVar[Scaling] = dict.fromkeys(("C_L", "C_R", "C_Lp", "C_Rp", "C_SL", "C_SR", "C_TL"), (0, 2))

    normalisation: Scalar = eqx.field(converter=real)
    C_L: Matrix = eqx.field(converter=complex_or_none)
    C_R: Matrix | None = coupling()
    C_Lp: Matrix | None = coupling()
    C_Rp: Matrix | None = coupling()
    C_SL: Matrix | None = coupling()
    C_SR: Matrix | None = coupling()
    C_TL: Matrix | None = coupling()

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

    def spectral(self, q2: Float[Array, " n_q2"]) -> Channels:
        N2 = self.normalisation**2
        constant = jnp.ones_like(q2) * N2 / (12.0 * jnp.pi)
        left, right = _or_zero(self.C_L), _or_zero(self.C_R)
        vector, axial = abs2(left + right).sum(), abs2(left - right).sum()
        if self.C_Lp is not None or self.C_Rp is not None:
            left, right = _or_zero(self.C_Lp), _or_zero(self.C_Rp)
            vector, axial = vector + abs2(left + right).sum(), axial + abs2(left - right).sum()
        scalar: Entry = None
        pseudoscalar: Entry = None
        if self.C_SL is not None or self.C_SR is not None:
            c_L, c_R = (0.5 * (c + c.T) for c in (_or_zero(self.C_SL), _or_zero(self.C_SR)))
            # (2N)^2 |(c_R +- c_L)/2|^2, D = q2 for nubar^c P_L nu, twice that for two identical contractions
            scalar = N2 * q2 / (4.0 * jnp.pi) * abs2(c_R + c_L).sum()
            pseudoscalar = N2 * q2 / (4.0 * jnp.pi) * abs2(c_R - c_L).sum()
        tensor: Entry = None
        if self.C_TL is not None:
            # (2N)^2, D = q2/3 for either component of nubar^c sigma P_L nu, twice that as above
            tensor = 4.0 * constant * abs2(0.5 * (self.C_TL - self.C_TL.T)).sum()
        return Channels(V1=constant * vector, A1=constant * axial, S=scalar, P=pseudoscalar, TE=tensor, TB=tensor)

    def k_long(self) -> NeutrinoPair:
        """K_L -> pi0: antihermitian part of the vector coefficients, the matrix form of i Im C. [hep-ph/9701313]

        Where lepton number is violated, K0 and K0bar reach different states (nu nu and nubar nubar), each with half of
        the amplitude: the coefficient over sqrt2.
        """
        vectors = {n: c for n in ("C_L", "C_R", "C_Lp", "C_Rp") if (c := getattr(self, n)) is not None}
        others = {n: c for n in ("C_SL", "C_SR", "C_TL") if (c := getattr(self, n)) is not None}
        changes = {n: 0.5 * (c - jnp.conj(c.T)) for n, c in vectors.items()}
        changes |= {n: c / 2.0**0.5 for n, c in others.items()}
        return dataclasses.replace(self, **changes)


def _or_zero(c: Array | None) -> Array:
    return jnp.zeros((3, 3)) if c is None else c
