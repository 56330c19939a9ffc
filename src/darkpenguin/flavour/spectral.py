"""Invisible side: spectral functions of neutrinos, of pairs of every spin up to 3/2, and of one boson. An index.

For a pair rho = phase space times D, where D is the spin sum of a product of two matrix elements, averaged over
directions in the rest frame of the pair. The tests redo every D, interferences included, with explicit spinors and
polarisation vectors.

An operator that is not wanted is None, not 0: the choice of operators is static, so that channels which cannot occur
cost nothing and are exactly absent, and an operator that vanishes identically is refused when the state is built.
Couplings are those of L = sum C O + h.c. with O = (quark bilinear of sbar and b) x (invisible bilinear).
"""

from darkpenguin.flavour.invisible.bosons import BroadBoson, ScalarBoson, VectorBoson
from darkpenguin.flavour.invisible.fermion_pair import FermionPair, UnequalFermionPair
from darkpenguin.flavour.invisible.neutrinos import NeutrinoPair
from darkpenguin.flavour.invisible.scalar_pair import ScalarPair
from darkpenguin.flavour.invisible.spin_three_half import RaritaSchwingerPair
from darkpenguin.flavour.invisible.vector_pair import VectorPair

__all__ = [
    "BroadBoson",
    "FermionPair",
    "NeutrinoPair",
    "RaritaSchwingerPair",
    "ScalarBoson",
    "ScalarPair",
    "UnequalFermionPair",
    "VectorBoson",
    "VectorPair",
]
