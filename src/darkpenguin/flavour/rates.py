"""The one master formula, hadron side times invisible side: differential rates, binned spectra, single particles.

    dGamma/dq2 = sqrt(lambda(m_B^2, m_M^2, q2)) / (32 pi^2 m_B^3) sum_c H_c(q2) rho_c(q2)
    Gamma(B -> M X) = sqrt(lambda(m_B^2, m_M^2, m_X^2)) / (16 pi m_B^3) sum_c H_c(m_X^2) R_c

The second follows from the first with rho_c = 2 pi delta(q2 - m_X^2) R_c. Everything here is for one parameter point.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Float

from darkpenguin._jax import jax, jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.numerics import Nodes, kallen_q2, safe_sqrt
from darkpenguin.core.types import (
    AbstractContinuum,
    AbstractLine,
    Channels,
    Couplings,
    ModeSpectrum,
    Scalar,
    contract,
)
from darkpenguin.errors import OutOfDomain
from darkpenguin.flavour.annihilation import annihilation_spectrum
from darkpenguin.flavour.transitions import Transition, q2_max, transition

Q2 = Float[Array, " n_q2"]

# per bin: totals to 1e-11, except where the whole phase space lies in one bin (1e-4 there)
N_NODE = 6


class Polarised(NamedTuple):
    """A branching fraction, or its density in q2, by polarisation of the daughter; a pseudoscalar is longitudinal."""

    transverse: Float[Array, " *shape"]
    longitudinal: Float[Array, " *shape"]


def default_edges() -> Float[Array, " n_edge"]:
    """Bin edges of true q2 [102], GeV^2: the 100 bins of Belle II's public density up to 22.885, one more up to 23.2.

    The last bin holds what B+ -> K+ has between 22.885 and its end point 22.903, so that sums over bins are complete.
    """
    return jnp.concatenate([jnp.linspace(0.0, 22.885, 101), jnp.array([23.2])])


def edges_of(mode: str) -> Float[Array, " n_edge"]:
    """Bin edges of true q2 for a decay mode, GeV^2; complete up to its end point. Raises UnknownName.

    Those of `default_edges` where it can serve; b -> d goes on in bins of the same width, K and D decays have 50 bins.
    """
    decay = transition(mode)
    if decay.quarks == "bs" or decay.annihilation:
        return default_edges()
    if decay.quarks == "bd":
        return jnp.linspace(0.0, 1.16 * 22.885, 117)
    return jnp.linspace(0.0, 0.132 if decay.quarks == "sd" else 3.0, 51)


def _rate(decay: Transition, inputs: Inputs, q2: Q2, invisible: Channels) -> Polarised:
    """tau_B sqrt(lambda) / (32 pi^2 m_B^3) sum_c H_c rho_c at q2; 0 beyond the end point.

    Raises OutOfDomain where nothing but the invisible system is left: then there is no spectrum.
    """
    if decay.annihilation:
        raise OutOfDomain(f"{decay.name}: a single value of q2, no spectrum; ask for the branching fraction")
    m = decay.masses(inputs)
    # beyond the end point lambda is 0; the form factors are not asked there, where they have poles
    inside = jnp.clip(q2, 0.0, q2_max(decay, inputs))
    hadron = decay.hadron(inputs, inside)
    momentum = safe_sqrt(kallen_q2(m.m_B, m.m_M, q2))
    factor = decay.factor * decay.lifetime(inputs) * momentum / (32.0 * jnp.pi**2 * m.m_B**3)
    return Polarised(*(factor * contract(part, invisible) for part in hadron))


def as_produced(couplings: Couplings, decay: Transition) -> Couplings:
    """The states as the parent of a decay makes them: for a K_L both of its flavours act."""
    if not decay.k_long:
        return couplings
    return Couplings(
        continua=tuple(state.k_long() for state in couplings.continua),
        lines=tuple(line.k_long() for line in couplings.lines),
    )


def dBR_dq2_polarised(couplings: Couplings, mode: str | Transition, inputs: Inputs, q2: Q2) -> Polarised:
    """dBR/dq2 [n_q2] in GeV^-2 of all continua of a model, by polarisation; lines are not in it. Raises UnknownName."""
    decay = transition(mode)
    parts = [_rate(decay, inputs, q2, state.spectral(q2)) for state in as_produced(couplings, decay).continua]
    zero = jnp.zeros_like(q2)
    return Polarised(sum((p.transverse for p in parts), zero), sum((p.longitudinal for p in parts), zero))


def dBR_dq2(couplings: Couplings, mode: str | Transition, inputs: Inputs, q2: Q2) -> Q2:
    """dBR/dq2 [n_q2] in GeV^-2 of all continua of a model; lines are not in it. Raises UnknownName."""
    parts = dBR_dq2_polarised(couplings, mode, inputs, q2)
    return parts.transverse + parts.longitudinal


def continuum_branching_fractions(
    state: AbstractContinuum, decay: Transition, inputs: Inputs, edges: Float[Array, " n_edge"], n_node: int = N_NODE
) -> Polarised:
    """Branching fraction of one continuum in each bin of q2 [n_bin]."""
    nodes = state.nodes(edges, q2_max(decay, inputs), n_node)

    def add(total: Polarised, node: Nodes) -> tuple[Polarised, None]:
        part = _rate(decay, inputs, node.q2, state.spectral(node.q2))
        transverse = total.transverse + node.weight * part.transverse
        return Polarised(transverse, total.longitudinal + node.weight * part.longitudinal), None

    # node by node over vectors of bins: 5 to 10 times faster under vmap than one array of all nodes and a reduction
    zero = jnp.zeros(edges.shape[0] - 1)
    return jax.lax.scan(add, Polarised(zero, zero), nodes)[0]


def line_branching_fractions(line: AbstractLine, decay: Transition, inputs: Inputs) -> Polarised:
    """BR(B -> M X) of one particle on its mass shell, probability to be invisible not included; 0 if closed."""
    parts = _rate(decay, inputs, line.mass[None] ** 2, line.residues())
    return Polarised(*(2.0 * jnp.pi * part[0] for part in parts))


def line_branching_fraction(line: AbstractLine, mode: str | Transition, inputs: Inputs) -> Scalar:
    """BR(B -> M X), both polarisations, probability to be invisible not included; 0 if closed. Raises UnknownName."""
    decay = transition(mode)
    parts = line_branching_fractions(line.k_long() if decay.k_long else line, decay, inputs)
    return parts.transverse + parts.longitudinal


def mode_spectrum(
    couplings: Couplings, mode: str | Transition, inputs: Inputs, edges: Float[Array, " n_edge"], n_node: int = N_NODE
) -> ModeSpectrum:
    """Binned spectrum of one decay mode: every continuum integrated over each bin, every line apart.

    edges [n_bin + 1] : true q2, GeV^2, increasing; not used where nothing but the invisible system is left: there the
        spectrum has one bin of width zero at its mass.
    Raises UnknownName for an unknown mode, OutOfDomain where a state does not say what a K_L makes of it.
    """
    decay = transition(mode)
    couplings = as_produced(couplings, decay)
    if decay.annihilation:
        return annihilation_spectrum(couplings, decay, inputs)
    zero = jnp.zeros(edges.shape[0] - 1)
    parts = [continuum_branching_fractions(state, decay, inputs, edges, n_node) for state in couplings.continua]
    transverse = sum((p.transverse for p in parts), zero)
    longitudinal = sum((p.longitudinal for p in parts), zero)
    lines = [line_branching_fractions(line, decay, inputs) for line in couplings.lines]
    p_invisible = _stack([line.p_invisible for line in couplings.lines])
    line_longitudinal = p_invisible * _stack([p.longitudinal for p in lines])
    return ModeSpectrum(
        edges=edges,
        rate=transverse + longitudinal,
        longitudinal=longitudinal,
        line_q2=_stack([line.mass for line in couplings.lines]) ** 2,
        line_width=_stack([line.width for line in couplings.lines]),
        line_rate=p_invisible * _stack([p.transverse for p in lines]) + line_longitudinal,
        line_longitudinal=line_longitudinal,
    )


def _stack(values: list[Scalar]) -> Float[Array, " n_line"]:
    return jnp.stack(values) if values else jnp.zeros(0)
