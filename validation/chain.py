"""The calls into the library that several tables share: compiled once per structure, plain numbers out."""

from __future__ import annotations

import equinox as eqx
from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs, load_inputs
from darkpenguin.core.numerics import kallen_q2, safe_sqrt
from darkpenguin.core.types import AbstractContinuum, AbstractLine, Couplings, ModeSpectrum, contract
from darkpenguin.flavour.form_factors import BToP, BToV
from darkpenguin.flavour.rates import Polarised, dBR_dq2_polarised, default_edges, mode_spectrum
from darkpenguin.flavour.transitions import pseudoscalar_hadron, transition, vector_hadron


def inputs(name: str, **form_factors: str) -> Inputs:
    """Central values of a named set; form factors by b_to_k="..." or b_to_kstar="..."."""
    transitions = {"b_to_k": "B->K", "b_to_kstar": "B->K*"}
    return load_inputs(name, {transitions[k]: v for k, v in form_factors.items()}).at()


@eqx.filter_jit
def spectrum(state: AbstractContinuum, mode: str, inputs: Inputs, edges: Float[Array, " n_edge"]) -> ModeSpectrum:
    """Binned spectrum of one final state, 16 nodes a bin."""
    return mode_spectrum(Couplings(continua=(state,)), mode, inputs, edges, n_node=16)


def branching_fraction(state: AbstractContinuum, mode: str, inputs: Inputs) -> float:
    """BR of one continuum, all q2."""
    return float(spectrum(state, mode, inputs, default_edges()).total())


@eqx.filter_jit
def _differential(state: AbstractContinuum, mode: str, inputs: Inputs, q2: Float[Array, " n_q2"]) -> Polarised:
    return dBR_dq2_polarised(Couplings(continua=(state,)), mode, inputs, q2)


def differential(state: AbstractContinuum, mode: str, inputs: Inputs, q2: float) -> tuple[float, float]:
    """(dBR/dq2 [GeV^-2], F_L) at one q2."""
    parts = _differential(state, mode, inputs, jnp.array([q2]))
    total = float(parts.transverse[0] + parts.longitudinal[0])
    return total, float(parts.longitudinal[0]) / total


@eqx.filter_jit
def _line(line: AbstractLine, mode: str, inputs: Inputs) -> ModeSpectrum:
    return mode_spectrum(Couplings(lines=(line,)), mode, inputs, default_edges())


def line(boson: AbstractLine, mode: str, inputs: Inputs) -> tuple[float, float]:
    """(BR, F_L) of one particle on its mass shell."""
    found = _line(boson, mode, inputs)
    return float(found.total()), float(found.longitudinal_fraction())


def pinned_width(state: AbstractContinuum, mode: str, inputs: Inputs, ff: BToP | BToV, q2: float) -> float:
    """dGamma/dq2 [GeV^-1] of the master formula at form factors given as numbers."""
    m = transition(mode).masses(inputs)
    at = jnp.array([q2])
    hadron = pseudoscalar_hadron(m, ff, at) if isinstance(ff, BToP) else vector_hadron(m, ff, at)
    rho = state.spectral(at)
    phase_space = safe_sqrt(kallen_q2(m.m_B, m.m_M, at)) / (32.0 * jnp.pi**2 * m.m_B**3)
    return float((phase_space * (contract(hadron.transverse, rho) + contract(hadron.longitudinal, rho)))[0])
