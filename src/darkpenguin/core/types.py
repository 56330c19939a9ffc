"""What passes along the line: final states, couplings, spectra.

Every invisible final state meets every hadron through the same few currents. The rate is a product of two small arrays
over the same channel index: the hadron side H(q2) and the invisible side rho(q2),

    dGamma/dq2 = sqrt(lambda) / (32 pi^2 m_B^3) * sum_c H_c(q2) rho_c(q2).

A new final state is one spectral function, a new decay is one transition; neither knows of the other.
"""

from __future__ import annotations

import abc
from typing import Literal, NamedTuple, Self

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.numerics import Nodes, bin_nodes, safe_divide
from darkpenguin.errors import OutOfDomain

Scalar = Float[Array, ""]
Entry = Float[Array, " n_q2"] | None
Quarks = Literal["bs", "bd", "sd", "cu"]
"""The quark transition behind a decay: b -> s, b -> d, s -> d, c -> u."""


class Channels(NamedTuple):
    """One entry per pairing of a quark current with a spin of the invisible system; None: this channel is absent.

    S, P : scalar and pseudoscalar quark density, (sbar b) and (sbar i gamma5 b); J = 0.
    V1, A1 : vector and axial current, J = 1 part of the invisible side.  V0, A0 : their J = 0 (timelike) part.
    TE, TB : electric and magnetic components of the tensor current (sbar sigma b), rest frame of the invisible system.
    SV, PA : interference of S with V0 and of P with A0.  VT, AT : interference of V1 with TE and of A1 with TB.

    Normalisation of the invisible side. J, J^mu, J^{mu nu} are the matrix elements <invisible| ... |0> of what
    multiplies the quark currents in the Lagrangian, coefficients included, and dPhi the phase space:

        int dPhi |J|^2 = rho_S,       int dPhi J^mu J^nu* = (q^mu q^nu - q^2 g^{mu nu}) rho_V1 + q^mu q^nu rho_V0,
        int dPhi J^{0i} J^{0j}* = delta^{ij} q^2 rho_TE,   int dPhi B^i B^j* = delta^{ij} q^2 rho_TB,

    the second line in the rest frame, with B^i = eps^{ijk} J^{jk} / 2. These are the usual dimensionless spectral
    functions: the powers of q^2 of helicity amplitudes sit on the hadron side, and each side is finite at q2 = 0.
    Interferences are whole terms: 2 Re(...) and the phases of the form-factor definitions are contained in rho.
    Units of H: GeV^2 for S and P, GeV^4 for V1, V0, A1, A0, TE, TB, GeV^3 for the interferences; of rho: the inverse.
    """

    S: Entry = None
    P: Entry = None
    V1: Entry = None
    V0: Entry = None
    A1: Entry = None
    A0: Entry = None
    TE: Entry = None
    TB: Entry = None
    SV: Entry = None
    PA: Entry = None
    VT: Entry = None
    AT: Entry = None


def contract(hadron: Channels, invisible: Channels) -> Float[Array, " n_q2"] | Scalar:
    """sum_c H_c rho_c over the channels that both sides have; 0 if there is none."""
    pairs = zip(hadron, invisible, strict=True)
    return sum((h * rho for h, rho in pairs if h is not None and rho is not None), start=jnp.zeros(()))


class AbstractContinuum(eqx.Module):
    """An invisible system with a continuous mass spectrum: pairs, or one boson with a large width."""

    @abc.abstractmethod
    def threshold(self) -> Scalar:
        """Smallest q2 of the system [GeV^2]."""

    @abc.abstractmethod
    def spectral(self, q2: Float[Array, " n_q2"]) -> Channels:
        """Spectral functions rho_c(q2), couplings squared included; 0 below threshold, gradients finite everywhere."""

    def nodes(self, edges: Float[Array, " n_edge"], q2_max: Scalar, n_node: int) -> Nodes:
        """Quadrature nodes in the bins of q2; a state with a narrow structure replaces this by nodes that follow it."""
        return bin_nodes(edges, self.threshold(), q2_max, n_node)

    def k_long(self) -> Self:
        """The state as a K_L makes it, see `no_k_long`. Raises OutOfDomain where the state does not say."""
        raise no_k_long(self)


class AbstractLine(eqx.Module):
    """One invisible particle on its mass shell: rho_c(q2) = 2 pi delta(q2 - m^2) R_c.

    mass, width : GeV.
    p_invisible : probability that the particle escapes or decays invisibly; it multiplies every rate.
    """

    mass: eqx.AbstractVar[Scalar]
    width: eqx.AbstractVar[Scalar]
    p_invisible: eqx.AbstractVar[Scalar]

    @abc.abstractmethod
    def residues(self) -> Channels:
        """R_c, couplings squared included, p_invisible not; each entry has shape [1]."""

    def k_long(self) -> Self:
        """The state as a K_L makes it, see `no_k_long`. Raises OutOfDomain where the state does not say."""
        raise no_k_long(self)


def no_k_long(state: eqx.Module) -> OutOfDomain:
    """What a state without `k_long` raises.

    With L = C O + h.c., a hermitian invisible part of O and K_L = (K0 - K0bar)/sqrt2 up to CP violation in mixing, a
    K_L decays like a K0 with C replaced by i Im C for vector and tensor quark currents, which change sign under charge
    conjugation, and by Re C for axial currents and densities.
    """
    return OutOfDomain(f"{type(state).__name__}: couplings to a K_L are not defined for this state")


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
    line_rate, line_longitudinal [n_line] : branching fraction of each line, times its probability to be invisible;
        zero when the channel is closed.
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
        """F_L: longitudinal share of the branching fraction; 0 when the mode is closed."""
        return safe_divide(self.longitudinal.sum() + self.line_longitudinal.sum(), self.total())

    def longitudinal_fractions(self) -> Float[Array, " n_bin"]:
        """F_L in each bin, continua only; 0 in a bin without rate."""
        return safe_divide(self.longitudinal, self.rate)
