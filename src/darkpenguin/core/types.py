"""What passes along the line: final states, couplings, spectra.

Every invisible final state meets every hadron through the same few currents. The rate is a product of two small arrays over the
same channel index: the hadron side H(q2) and the invisible side rho(q2),

    dGamma/dq2 = sqrt(lambda) / (32 pi^2 m_B^3) * sum_c H_c(q2) rho_c(q2).

A new final state is one spectral function, a new decay is one transition; neither knows of the other.
"""

from __future__ import annotations

import abc
from typing import NamedTuple

import equinox as eqx
from jaxtyping import Array, Float

Scalar = Float[Array, ""]


class Channels(NamedTuple):
    """One entry per pairing of a quark current with a spin of the invisible system; each entry `Float[Array, "n_q2"]`.

    S, P: scalar and pseudoscalar quark density (J = 0).  V1, A1: vector and axial current, J = 1 part of the invisible side.
    V0, A0: their J = 0 (timelike) part.  TE, TB: electric and magnetic components of the tensor current.
    SV, PA: interference of S with V0 and of P with A0.  VT, AT: interference of V1 with TE and of A1 with TB.

    Units: hadron side H in GeV^2 (S, P, V1, V0, A1, A0: GeV^2; tensor entries: GeV^2), invisible side in the powers of GeV that make
    H_c rho_c dimensionless times GeV^2 for coefficients of the natural dimension of their operator.
    """

    S: Float[Array, " n_q2"]
    P: Float[Array, " n_q2"]
    V1: Float[Array, " n_q2"]
    V0: Float[Array, " n_q2"]
    A1: Float[Array, " n_q2"]
    A0: Float[Array, " n_q2"]
    TE: Float[Array, " n_q2"]
    TB: Float[Array, " n_q2"]
    SV: Float[Array, " n_q2"]
    PA: Float[Array, " n_q2"]
    VT: Float[Array, " n_q2"]
    AT: Float[Array, " n_q2"]


class AbstractContinuum(eqx.Module):
    """An invisible system with a continuous mass spectrum: pairs, or one boson with a large width."""

    @abc.abstractmethod
    def threshold(self) -> Scalar:
        """Smallest q2 of the system [GeV^2]."""

    @abc.abstractmethod
    def spectral(self, q2: Float[Array, " n_q2"]) -> Channels:
        """Spectral functions rho_c(q2), couplings squared included; zero below threshold, finite gradients everywhere."""


class AbstractLine(eqx.Module):
    """One invisible particle on its mass shell: rho_c(q2) = 2 pi delta(q2 - m^2) R_c."""

    mass: eqx.AbstractVar[Scalar]
    width: eqx.AbstractVar[Scalar]
    p_invisible: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def residues(self) -> Channels:
        """R_c, couplings squared included; each entry has shape [1]."""


class Couplings(eqx.Module):
    """What a model produces in b -> s + invisible. The lengths are fixed by the model class, never by parameter values.

    continua : final states with a q2 spectrum, e.g. the three neutrino flavours.
    lines : single particles.
    """

    continua: tuple[AbstractContinuum, ...] = ()
    lines: tuple[AbstractLine, ...] = ()


class ModeSpectrum(eqx.Module):
    """Spectrum of one decay mode, e.g. B+ -> K+ inv, summed over the continua of a model; lines kept apart.

    edges [n_bin + 1] : true q2, GeV^2.
    rate [n_bin] : branching fraction in each bin.
    longitudinal [n_bin] : the part of `rate` with a longitudinal hadron (all of it for a pseudoscalar).
    line_q2 [n_line], line_width [n_line] : q2 = m_X^2 in GeV^2, and Gamma_X in GeV (0: a true line).
    line_rate, line_longitudinal [n_line] : branching fraction of each line; zero when the channel is closed.
    """

    edges: Float[Array, " n_edge"]
    rate: Float[Array, " n_bin"]
    longitudinal: Float[Array, " n_bin"]
    line_q2: Float[Array, " n_line"]
    line_width: Float[Array, " n_line"]
    line_rate: Float[Array, " n_line"]
    line_longitudinal: Float[Array, " n_line"]

    def total(self) -> Scalar:
        """Branching fraction of the mode, continua and lines."""
        return self.rate.sum() + self.line_rate.sum()

    def longitudinal_fraction(self) -> Scalar:
        """F_L: longitudinal share of the branching fraction."""
        return (self.longitudinal.sum() + self.line_longitudinal.sum()) / self.total()
