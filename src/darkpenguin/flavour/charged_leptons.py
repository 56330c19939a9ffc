"""Decays into charged leptons, b -> s l_i^- l_j^+ from left- and right-handed quark currents, and r_D(*).

Neither the photon penguin nor charm loops are in here: flavour-violating modes have neither, and for two taus, far
above the narrow charmonia that are open, the short-distance part is the larger one. Conventions: core.visible.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
from jaxtyping import Array, Complex, Float

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.numerics import safe_sqrt
from darkpenguin.core.types import AbstractContinuum, Channels, Scalar
from darkpenguin.core.visible import LEPTONS, Matrix, Visible
from darkpenguin.core.visible_constants import visible_constants
from darkpenguin.flavour.rates import continuum_branching_fractions
from darkpenguin.flavour.sm_amplitude import SQRT2
from darkpenguin.flavour.transitions import q2_max, transition

Coupling = Complex[Array, ""]
Q2 = Float[Array, " n_q2"]

# bins of a total rate; with the 6 nodes of each, to 1e-9
N_BIN = 12


def _complex(value: Any) -> Coupling:
    return jnp.asarray(value, dtype=jnp.complex128)


def _abs2(c: Array) -> Array:
    return jnp.real(c) ** 2 + jnp.imag(c) ** 2


def normalisation_mb(inputs: Inputs) -> Scalar:
    """N = (4 G_F / sqrt2) |V_tb V_ts*| alpha(m_b) / (4 pi), GeV^-2."""
    return 4.0 * inputs.G_F / SQRT2 * inputs.V_tb_V_ts * inputs.alpha_em_mb / (4.0 * jnp.pi)


class ChargedLeptonPair(AbstractContinuum):
    """l_1^- l_2^+ of masses m_1, m_2 [GeV] from the vector (C9) and the axial (C10) current of the leptons.

    C9, C10, C9p, C10p : total coefficients in the normalisation N [GeV^-2] of `normalisation`.
    Spin sums in the rest frame of the pair, eta = +1 for C9 and -1 for C10:
        D_L = 2 (m_1 - eta m_2)^2 (1 - (m_1 + eta m_2)^2 / q2),
        D_T = [D_L + 4 (q2 - m_1^2 - m_2^2) + 16 eta m_1 m_2] / 3.
    [derived; agrees with arXiv:1602.00881]
    """

    normalisation: Scalar
    m_1: Scalar
    m_2: Scalar
    C9: Coupling = eqx.field(converter=_complex, default=0.0, kw_only=True)
    C10: Coupling = eqx.field(converter=_complex, default=0.0, kw_only=True)
    C9p: Coupling = eqx.field(converter=_complex, default=0.0, kw_only=True)
    C10p: Coupling = eqx.field(converter=_complex, default=0.0, kw_only=True)

    def threshold(self) -> Scalar:
        return (self.m_1 + self.m_2) ** 2

    def spectral(self, q2: Q2) -> Channels:
        is_open = q2 > self.threshold()
        s = jnp.where(is_open, q2, 2.0 * self.threshold())
        # lambda(q2, m_1^2, m_2^2) as the product that keeps its accuracy at threshold
        lam = (s - self.threshold()) * (s - (self.m_1 - self.m_2) ** 2)
        factor = jnp.where(is_open, self.normalisation**2 / 4.0 * safe_sqrt(lam) / s / (8.0 * jnp.pi * s), 0.0)
        T9, L9 = _spin_sums(self.m_1, self.m_2, s)
        T10, L10 = _spin_sums(self.m_1, -self.m_2, s)
        vector9, vector10 = _abs2(self.C9 + self.C9p), _abs2(self.C10 + self.C10p)
        axial9, axial10 = _abs2(self.C9 - self.C9p), _abs2(self.C10 - self.C10p)
        return Channels(
            V1=factor * (vector9 * T9 + vector10 * T10),
            V0=factor * (vector9 * L9 + vector10 * L10),
            A1=factor * (axial9 * T9 + axial10 * T10),
            A0=factor * (axial9 * L9 + axial10 * L10),
        )


def _spin_sums(m_1: Scalar, m_2: Scalar, s: Q2) -> tuple[Q2, Q2]:
    """(D_T, D_L); an axial current is a vector current with m_2 -> -m_2."""
    D_L = 2.0 * (m_1 - m_2) ** 2 * (1.0 - (m_1 + m_2) ** 2 / s)
    return (D_L + 4.0 * (s - m_1**2 - m_2**2) + 16.0 * m_1 * m_2) / 3.0, D_L


def lepton_masses(inputs: Inputs) -> tuple[Scalar, Scalar, Scalar]:
    """m_e, m_mu, m_tau in GeV."""
    return inputs.m_e, inputs.m_mu, inputs.m_tau


def at_mb(C: Matrix, inputs: Inputs) -> Matrix:
    """A coefficient in the normalisation with alpha(m_b), from that with alpha(m_Z): alpha C is what stays."""
    return C * inputs.alpha_em_mZ / inputs.alpha_em_mb


def charged_lepton_pair(visible: Visible, inputs: Inputs, i: int, j: int) -> ChargedLeptonPair:
    """l_i^- l_j^+ (of B+: l_i^+ l_j^-), flavours 0, 1, 2; Standard Model included where i = j."""
    masses = lepton_masses(inputs)
    C9, C10, C9p, C10p = (at_mb(C, inputs)[i, j] for C in (visible.C9, visible.C10, visible.C9p, visible.C10p))
    if i == j:
        standard = visible_constants()
        C9, C10 = C9 + standard.C9_SM, C10 + standard.C10_SM
    return ChargedLeptonPair(normalisation_mb(inputs), masses[i], masses[j], C9=C9, C10=C10, C9p=C9p, C10p=C10p)


def branching_fraction(
    pair: ChargedLeptonPair, mode: str, inputs: Inputs, q2_range: tuple[float, float] | None = None
) -> Scalar:
    """BR of a mode such as "B+->K+" with this pair, in all of q2 or within q2_range [GeV^2]. Raises UnknownName."""
    decay = transition(mode)
    low, high = (pair.threshold(), q2_max(decay, inputs)) if q2_range is None else q2_range
    parts = continuum_branching_fractions(pair, decay, inputs, jnp.linspace(low, high, N_BIN + 1))
    return (parts.transverse + parts.longitudinal).sum()


def leptonic_branching_fraction(pair: ChargedLeptonPair, inputs: Inputs) -> Scalar:
    """BR(Bsbar -> l_1^- l_2^+) at the time of production: tau f^2 m^3 rho_A0(m^2) / 2. [arXiv:1602.00881, eq. (5)]"""
    rho = pair.spectral(inputs.m_Bs[None] ** 2).A0
    assert rho is not None
    return inputs.tau_Bs * inputs.f_Bs**2 * inputs.m_Bs**3 * rho[0] / 2.0


def leptonic_time_integrated(visible: Visible, inputs: Inputs, i: int, j: int) -> Scalar:
    """BR(Bs -> l_i^- l_j^+) as counted: untagged, integrated over time, for one of the two charge states if i != j.

    The mixing phase is taken to be that of (V_tb V_ts*)^2. With D the spin sums and X = 9, 10,

        BR = tau/(1 - y_s^2) sum_X D_X { (|C_X^ij|^2 + |C_X^ji|^2)/2 + y_s Re(C_X^ij C_X^ji) },  C_X -> C_X - C_X',

    which for i = j is the factor (1 + A_DeltaGamma y_s)/(1 - y_s^2) [arXiv:1204.1735]; i != j: derived.
    """
    first, second = charged_lepton_pair(visible, inputs, i, j), charged_lepton_pair(visible, inputs, j, i)
    mean = (leptonic_branching_fraction(first, inputs) + leptonic_branching_fraction(second, inputs)) / 2.0

    def cross(C_9: Any, C_10: Any) -> Scalar:
        pair = ChargedLeptonPair(first.normalisation, first.m_1, first.m_2, C9=C_9, C10=C_10)
        return leptonic_branching_fraction(pair, inputs)

    product_9 = jnp.real((first.C9 - first.C9p) * (second.C9 - second.C9p))
    product_10 = jnp.real((first.C10 - first.C10p) * (second.C10 - second.C10p))
    interference = cross(1.0, 0.0) * product_9 + cross(0.0, 1.0) * product_10
    return (mean + inputs.y_s * interference) / (1.0 - inputs.y_s**2)


def charged_current_ratio(visible: Visible) -> Scalar:
    """r_D = r_D* = R_D(*) / Standard Model: the tau rate over the mean of the rates with e and mu.

    With left-handed currents alone a rate is multiplied by sum_j |delta_ij + eps_ij|^2, j the flavour of the neutrino.
    For couplings to the tau alone it is |1 - (alpha/2 pi) F C_L^33|^2 + ... of arXiv:2309.12741 with all its terms.
    """
    rates = _abs2(jnp.eye(3) + visible.charged_current).sum(axis=1)
    return rates[2] / (0.5 * (rates[0] + rates[1]))


def r_D_of_C_L(C_L: Matrix, inputs: Inputs, ckm_factor: Any = None, alpha: Any = None) -> Scalar:
    """r_D(*) of the singlet S0 from its neutrino coefficients, lambda^{b tau} alone in the charged current left out.

    r = |1 - (alpha/2 pi) F C_L^33|^2 + (alpha F/2 pi)^2 (|C_L^31|^2 + |C_L^32|^2), F = -V_tb V_ts* V_cs / V_cb.
    The first index is the charged lepton. C_L in the normalisation with alpha(m_Z).
    ckm_factor : F; 1 is the published approximation.   alpha : in place of alpha(m_Z).
    """
    phase = jnp.exp(1j * inputs.arg_V_tb_V_ts)
    F = -inputs.V_tb_V_ts * phase * inputs.V_cs / inputs.V_cb if ckm_factor is None else ckm_factor
    x = (inputs.alpha_em_mZ if alpha is None else alpha) / (2.0 * jnp.pi) * F
    row = jnp.array([0.0, 0.0, 1.0]) - x * jnp.asarray(C_L)[2]
    return _abs2(row).sum()


def flavour_index(name: str) -> int:
    """0, 1, 2 for "e", "mu", "tau"."""
    return LEPTONS.index(name)
