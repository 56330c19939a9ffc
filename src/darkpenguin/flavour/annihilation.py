"""Fully invisible decays: Bs, B0 or D0 -> invisible, nothing else in the final state.

    Gamma = [f^2 M^4 rho_A0 + f^2 M^4 rho_P / (m_b + m_s)^2 + f^2 M^4 rho_PA / (m_b + m_s)] / (2 M) at q2 = M^2

(`hadrons.vacuum_hadron`). Massless neutrinos have no J = 0 current, so that the Standard Model gives 0 here; four
neutrinos, about 5e-15 for the Bs [arXiv:1809.04606], are not included. One particle has no phase space: its rate is 0.
The rate is that of a definite flavour at production; mixing of the Bs, with a width difference, is not applied.
"""

from __future__ import annotations

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import AbstractContinuum, Couplings, ModeSpectrum, Scalar, contract
from darkpenguin.flavour.transitions import Transition


def annihilation_branching_fraction(state: AbstractContinuum, decay: Transition, inputs: Inputs) -> Scalar:
    """BR of a meson into one continuum alone; 0 where it is too heavy."""
    M = decay.masses(inputs).m_B
    q2 = (M**2)[None]
    width = contract(decay.hadron(inputs, q2).longitudinal, state.spectral(q2)).sum() / (2.0 * M)
    return decay.lifetime(inputs) * width


def annihilation_spectrum(couplings: Couplings, decay: Transition, inputs: Inputs) -> ModeSpectrum:
    """One bin of width zero at q2 = M^2, all of it longitudinal; lines without rate."""
    rate = sum((annihilation_branching_fraction(c, decay, inputs) for c in couplings.continua), jnp.zeros(()))[None]
    nothing = jnp.zeros(len(couplings.lines))
    return ModeSpectrum(
        edges=jnp.stack([decay.masses(inputs).m_B ** 2] * 2),
        rate=rate,
        longitudinal=rate,
        line_q2=_stack([line.mass**2 for line in couplings.lines]),
        line_width=_stack([line.width for line in couplings.lines]),
        line_rate=nothing,
        line_longitudinal=nothing,
    )


def _stack(values: list[Scalar]) -> Scalar:
    return jnp.stack(values) if values else jnp.zeros(0)
