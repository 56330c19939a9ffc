"""From the amplitudes of a pair in its rest frame to spectral functions: every interference is an overlap.

A pair that a scalar density makes has J = 0, one that a current makes J = 1 (or J = 0 from the time component). Its
amplitudes are superpositions of a few orthogonal structures of momentum direction and spins, here called waves. Each
operator is a short list of numbers, one for each wave; a spectral function is the squared length of the sum of the
lists, so that it cannot be negative, and no interference can be forgotten.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Complex, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import safe_sqrt
from darkpenguin.core.types import Channels, Entry, Scalar

Q2 = Float[Array, " n_q2"]
Wave = Float[Array, " n_q2"] | Complex[Array, " n_q2"] | None
Waves = tuple[Wave, ...]
"""The amplitude of each wave, in a fixed order; None: this wave does not occur."""


class Kinematics(NamedTuple):
    """Two particles in their rest frame.

    phase_space : velocity factor / (8 pi), 0 below threshold.  r : sqrt(q2), GeV, 1 below threshold.
    q_plus, q_minus : 1 - (m_1 + m_2)^2 / q2 and 1 - (m_1 - m_2)^2 / q2; 0 and 1 below threshold.
    """

    phase_space: Q2
    r: Q2
    q_plus: Q2
    q_minus: Q2


def kinematics(q2: Q2, m_1: Scalar, m_2: Scalar) -> Kinematics:
    """Two-body kinematics with finite values and gradients on both sides of the threshold."""
    is_open = q2 > (m_1 + m_2) ** 2
    s = jnp.where(is_open, q2, 1.0)
    q_plus = jnp.where(is_open, 1.0 - (m_1 + m_2) ** 2 / s, 0.0)
    q_minus = jnp.where(is_open, 1.0 - (m_1 - m_2) ** 2 / s, 1.0)
    return Kinematics(safe_sqrt(q_plus * q_minus) / (8.0 * jnp.pi), jnp.sqrt(s), q_plus, q_minus)


def times(amplitude: Wave, factor: complex | Array) -> Wave:
    """An amplitude times a number or function; None stays None."""
    return None if amplitude is None else factor * amplitude


def superpose(*terms: tuple[Array | None, Waves]) -> Waves | None:
    """Sum of coupling times waves over the operators that are present; None if none is."""
    total: list[Wave] | None = None
    for c, waves in terms:
        if c is None:
            continue
        new = [times(w, c) for w in waves]
        total = new if total is None else [_add(a, b) for a, b in zip(total, new, strict=True)]
    return None if total is None or all(w is None for w in total) else tuple(total)


def _add(a: Wave, b: Wave) -> Wave:
    return b if a is None else a if b is None else a + b


def _overlap(x: Waves | None, y: Waves | None, weights: tuple[Q2, ...]) -> Complex[Array, " n_q2"] | None:
    """sum_w weight_w x_w y_w*; None if no wave is common."""
    if x is None or y is None:
        return None
    parts = [w * a * jnp.conj(b) for a, b, w in zip(x, y, weights, strict=True) if a is not None and b is not None]
    return sum(parts[1:], start=parts[0]) if parts else None


class Amplitudes(NamedTuple):
    """Waves of each current, couplings included, in the rest frame of the pair.

    S, P : <pair|J|0>.   V0, A0 : J^0 / r.   V1, A1 : J^i / r.   TE : J^{0i} / r.   TB : eps^{ijk} J^{jk} / (2 r).
    """

    S: Waves | None = None
    P: Waves | None = None
    V1: Waves | None = None
    V0: Waves | None = None
    A1: Waves | None = None
    A0: Waves | None = None
    TE: Waves | None = None
    TB: Waves | None = None


def spectral_functions(
    amplitudes: Amplitudes, scalar: tuple[Q2, ...], vector: tuple[Q2, ...], phase_space: Q2, r: Q2
) -> Channels:
    """Spectral functions, interferences included.

    scalar, vector : of each J = 0 and J = 1 wave, its structure squared and summed over spins.
    Phases of SV, PA, VT and AT: the equations of motion of the quarks, see `core.types.Channels`.
    """
    a = amplitudes

    def overlap(x: Waves | None, y: Waves | None) -> Complex[Array, " n_q2"] | None:
        found = _overlap(x, y, scalar)
        return None if found is None else phase_space * found

    def overlap_vector(x: Waves | None, y: Waves | None) -> Complex[Array, " n_q2"] | None:
        found = _overlap(x, y, vector)
        return None if found is None else phase_space / 3.0 * found  # average over directions

    return Channels(
        S=_real(overlap(a.S, a.S)),
        P=_real(overlap(a.P, a.P)),
        V1=_real(overlap_vector(a.V1, a.V1)),
        V0=_real(overlap(a.V0, a.V0)),
        A1=_real(overlap_vector(a.A1, a.A1)),
        A0=_real(overlap(a.A0, a.A0)),
        TE=_real(overlap_vector(a.TE, a.TE)),
        TB=_real(overlap_vector(a.TB, a.TB)),
        SV=_real(overlap(a.S, a.V0), 2.0),
        PA=_imag(overlap(a.P, a.A0), 2.0),
        VT=_imag(overlap_vector(a.V1, a.TE), -2.0 * r),
        AT=_real(overlap_vector(a.A1, a.TB), -2.0 * r),
    )


def _real(z: Complex[Array, " n_q2"] | None, factor: float | Q2 = 1.0) -> Entry:
    return None if z is None else factor * jnp.real(z)


def _imag(z: Complex[Array, " n_q2"] | None, factor: float | Q2 = 1.0) -> Entry:
    return None if z is None else factor * jnp.imag(z)
