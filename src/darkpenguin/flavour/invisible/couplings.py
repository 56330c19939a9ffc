"""Coupling constants of invisible states: their fields, and what a K_L makes of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import equinox as eqx
from jaxtyping import Array, Complex

from darkpenguin._jax import jnp
from darkpenguin.core.types import Scalar
from darkpenguin.errors import OutOfDomain

Coupling = Complex[Array, ""]
Matrix = Complex[Array, "3 3"]
Scaling = Mapping[str, tuple[int, int]]
"""Of each operator (k, n): a coefficient C stands for the scale Lambda with C = m^k / Lambda^n, m the mass produced.

k > 0 where longitudinal particles of spin 1 and 3/2 make amplitudes grow as 1/m^k.
"""
State = TypeVar("State", bound=eqx.Module)


def real(value: Any) -> Scalar:
    """A strongly typed real number."""
    return jnp.asarray(value, dtype=jnp.float64)


def complex_or_none(value: Any) -> Array | None:
    """A complex number or matrix; None stays None: this operator is absent."""
    return None if value is None else jnp.asarray(value, dtype=jnp.complex128)


def coupling() -> Any:
    """Declare the coupling of an operator, absent by default."""
    return eqx.field(converter=complex_or_none, default=None, kw_only=True)


def abs2(c: Array | None) -> Scalar:
    """|c|^2, and 0 for an absent operator."""
    return jnp.zeros(()) if c is None else jnp.real(c) ** 2 + jnp.imag(c) ** 2


def refuse_vanishing(state: str, given: Mapping[str, Array | None], vanishing: tuple[str, ...]) -> None:
    """Raises OutOfDomain if an operator is given that vanishes for a self-conjugate field; names those that do not."""
    wrong = [name for name in vanishing if given[name] is not None]
    if wrong:
        survive = [name for name in given if name not in vanishing]
        raise OutOfDomain(
            f"operator {', '.join(wrong)} vanishes identically for a self-conjugate {state}; "
            f"operators that survive: {', '.join(survive)}"
        )


def of_k_long(state: State, even: tuple[str, ...], odd: tuple[str, ...]) -> State:
    """The state as a K_L makes it in K_L -> pi0: C becomes Re C for the operators `even`, i Im C for those `odd`.

    L = C O + C* O^dag drives K0bar and K0, and K_L = (K0 - K0bar)/sqrt2 where CP |K0> = |K0bar>. Charge conjugation
    relates the two matrix elements by the sign C_Gamma of the quark bilinear: + for scalar, pseudoscalar and axial, -
    for vector and tensor. With a hermitian dark bilinear the amplitude is (C + C_Gamma C*)/2 times that of K0 -> pi-.
    An antihermitian one exchanges the two rules. [neutrinos: Grossman, Nir, hep-ph/9701313]
    """
    changes = {name: jnp.real(c) for name in even if (c := getattr(state, name)) is not None}
    changes |= {name: 1j * jnp.imag(c) for name in odd if (c := getattr(state, name)) is not None}
    return dataclasses.replace(state, **changes)
