"""Inclusive B -> X_s: the decay of a free b quark into a strange quark, at leading order in 1/m_b.

The functions H_c are those of the baryon with every form factor equal to 1: spin-averaged traces over quark spinors.
For the Standard Model this is dGamma/dq2 of arXiv:0902.0160, with the b mass in the 1S scheme and the QCD factor
kappa(0) of that paper, which belongs to the vector and axial currents and massless leptons; here it multiplies all.

Not included: corrections of relative order (Lambda_QCD / m_b)^2, the end of the spectrum at the mass of the K, and
resonances: sums over the spectrum are meaningful, its upper end is not. A recent calculation to higher order in the
kinetic scheme (M. Fael and others, 2026) finds 3.35(10)e-5 for the B0 and 3.62(11)e-5 for the B+, 10 % more.
"""

from __future__ import annotations

from jaxtyping import Array, Float

from darkpenguin._jax import jnp
from darkpenguin.core.inputs import Inputs
from darkpenguin.core.types import Scalar
from darkpenguin.flavour.form_factors import LambdabToLambda
from darkpenguin.flavour.hadrons import Hadron, Masses, baryon_hadron, scaled

Q2 = Float[Array, " n_q2"]


def quark_hadron(m: Masses, q2: Q2) -> Hadron:
    """H_c of a free quark of mass m_B -> one of mass m_M, averaged over spin; no QCD correction."""
    return baryon_hadron(m, LambdabToLambda(*(jnp.ones_like(q2) for _ in LambdabToLambda._fields)), q2)


def inclusive_masses(inputs: Inputs) -> Masses:
    """The quarks themselves: m_b in the 1S scheme, and m_s."""
    return Masses(inputs.m_b_1S, inputs.m_s, inputs.m_b_1S, inputs.m_s)


def mean_lifetime(inputs: Inputs) -> Scalar:
    """Mean of B+ and B0, GeV^-1: the mixture at an Upsilon(4S)."""
    return 0.5 * (inputs.tau_Bplus + inputs.tau_B0)


def inclusive_hadron(inputs: Inputs, q2: Q2) -> Hadron:
    """H_c of B -> X_s, QCD factor included."""
    return scaled(quark_hadron(inclusive_masses(inputs), q2), inputs.kappa_Xs)
