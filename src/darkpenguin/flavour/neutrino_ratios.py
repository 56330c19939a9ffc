"""R = BR / BR(Standard Model) of B -> K nu nubar and B -> K* nu nubar as functions of the coefficients of neutrinos.

Coefficients C_L, C_R, C_Lp, C_Rp [3, 3] are those of new physics, in the normalisation of flavour.sm_amplitude; the
Standard Model adds C_SM to the diagonal of C_L. Nothing depends on q2 for B -> K; for B -> K* the integrals over q2
enter through one number, kappa. [arXiv:1409.4557; arXiv:2309.12741]
"""

from __future__ import annotations

from typing import Any, NamedTuple

from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Couplings, Scalar
from darkpenguin.flavour.rates import default_edges, mode_spectrum
from darkpenguin.flavour.sm_amplitude import normalisation, standard_model_coefficient
from darkpenguin.flavour.spectral import NeutrinoPair

Matrix = Complex[Array, "3 3"]


def _abs2(c: Array) -> Array:
    return jnp.real(c) ** 2 + jnp.imag(c) ** 2


class NeutrinoCoefficients(NamedTuple):
    """New physics in (sbar b)_L,R x neutrino currents of left-handed (C_L, C_R) and right-handed (primed) neutrinos."""

    C_L: Matrix
    C_R: Matrix
    C_Lp: Matrix
    C_Rp: Matrix

    @classmethod
    def of(cls, C_L: Any = 0.0, C_R: Any = 0.0, C_Lp: Any = 0.0, C_Rp: Any = 0.0) -> NeutrinoCoefficients:
        """The four matrices; a number stands for itself in every entry, so 0 for absent."""
        return cls(*(jnp.asarray(c, dtype=jnp.complex128) * jnp.ones((3, 3)) for c in (C_L, C_R, C_Lp, C_Rp)))


class Polynomial(NamedTuple):
    """Numbers of the expansion in the new coefficients.

    R_K = 1 + linear Re tr(C_L + C_R) + quadratic sum(|C_L + C_R|^2 + |C_L' + C_R'|^2),
    R_K* = 1 + Re tr(linear C_L + linear_R C_R) + quadratic sum(|C_L|^2 + |C_R|^2 + ...) + cross Re sum(C_L C_R* + ...).
    """

    linear: Any
    linear_R: Any
    quadratic: Any
    cross: Any


ROUNDED = Polynomial(linear=-0.1, linear_R=0.07, quadratic=0.008, cross=-0.01)
"""As shown in talks on arXiv:2309.12741, rounded to one digit: 4 % off at large coefficients."""


def polynomial(inputs: Inputs, kappa_value: Any) -> Polynomial:
    """The exact numbers: 2/(3 C_SM), -kappa/(3 C_SM), 1/(3 C_SM^2), -kappa/(3 C_SM^2)."""
    C_SM = standard_model_coefficient(inputs)
    return Polynomial(
        2.0 / (3.0 * C_SM), -kappa_value / (3.0 * C_SM), 1.0 / (3.0 * C_SM**2), -kappa_value / (3.0 * C_SM**2)
    )


def R_K(C: NeutrinoCoefficients, numbers: Polynomial) -> Scalar:
    """R of B -> K nu nubar."""
    plain, primed = C.C_L + C.C_R, C.C_Lp + C.C_Rp
    squares = (_abs2(plain) + _abs2(primed)).sum()
    return 1.0 + numbers.linear * jnp.real(jnp.trace(plain)) + numbers.quadratic * squares


def R_Kst(C: NeutrinoCoefficients, numbers: Polynomial) -> Scalar:
    """R of B -> K* nu nubar."""
    linear = numbers.linear * jnp.real(jnp.trace(C.C_L)) + numbers.linear_R * jnp.real(jnp.trace(C.C_R))
    squares = sum(_abs2(c).sum() for c in C)
    cross = jnp.real(C.C_L * jnp.conj(C.C_R) + C.C_Lp * jnp.conj(C.C_Rp)).sum()
    return 1.0 + linear + numbers.quadratic * squares + numbers.cross * cross


def difference(C: NeutrinoCoefficients, inputs: Inputs, kappa_value: Any) -> Scalar:
    """R_K - R_K* = (2 + kappa) Re sum(c_L C_R* + C_L' C_R'*) / (3 C_SM^2), c_L the total: zero for C_R = C_R' = 0."""
    C_SM = standard_model_coefficient(inputs)
    total = C.C_L + C_SM * jnp.eye(3)
    overlap = jnp.real(total * jnp.conj(C.C_R) + C.C_Lp * jnp.conj(C.C_Rp)).sum()
    return (2.0 + kappa_value) * overlap / (3.0 * C_SM**2)


def kappa(inputs: Inputs, mode: str = "B0->K*0") -> Scalar:
    """2 (A - V)/(A + V), with V and A the rates of the vector and of the axial quark current, integrated over q2."""
    unit, edges = jnp.eye(3), default_edges()

    def rate(sign: float) -> Scalar:
        pair = NeutrinoPair(normalisation(inputs), unit, C_R=sign * unit)
        return mode_spectrum(Couplings(continua=(pair,)), mode, inputs, edges).total()

    V, A = rate(1.0), rate(-1.0)
    return 2.0 * (A - V) / (A + V)
