"""Scales behind coefficients, and warnings where contact interactions end."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin.core.types import Couplings
from darkpenguin.flavour.rescaled import RescaledContinuum, RescaledLine
from darkpenguin.flavour.spectral import (
    BroadBoson,
    FermionPair,
    NeutrinoPair,
    ScalarBoson,
    ScalarPair,
    VectorBoson,
    VectorPair,
)
from darkpenguin.flavour.validity import scales, validity_warnings

END = 22.9


def test_scales_of_pairs():
    """C = m^k/Lambda^n; X_S: Lambda = (m^2/C)^(1/3), the scaling of arXiv:2309.12741."""
    pairs = (ScalarPair(0.3, S=1 / 2e7), FermionPair(0.6, V1=1j / 8000**2), VectorPair(0.6, S=0.36 / 460**3, V4=0.0))
    found = scales(Couplings(continua=pairs))
    assert found == {
        ("ScalarPair", "S"): pytest.approx(2e7),
        ("FermionPair", "V1"): pytest.approx(8000.0),
        ("VectorPair", "S"): pytest.approx(460.0),
    }


def test_warnings():
    def of(*states) -> tuple[str, ...]:
        return validity_warnings(Couplings(continua=states), END)

    assert of(FermionPair(0.6, V1=1e-8), NeutrinoPair(2e-8, 6.0 * np.eye(3))) == ()
    # a pair of vectors at the rate that Belle II sees: 0.1 to 0.5 TeV in arXiv:2309.12741
    (low,) = of(VectorPair(0.6, V4=0.36 / 115**4))
    assert "VectorPair V4: stands for a scale of 115 GeV, below the electroweak scale" in low
    (wrong,) = of(VectorPair(0.01, S=1e-4))
    assert "1 GeV, not above sqrt(q2) = 4.79 GeV" in wrong
    # the same coefficient is harmless for heavier vectors in a narrower range
    assert "below the electroweak scale" in validity_warnings(Couplings(continua=(VectorPair(1.0, S=1e-6),)), 1.0)[0]


def test_factors_and_hidden_states():
    """A rate times 1e-4 is a coefficient times 1e-2; inner states are found."""
    vector = VectorBoson(2.0, g_V=1e-2, f_T=1e-4)
    couplings = Couplings(
        continua=(RescaledContinuum(FermionPair(0.6, V1=1e-4), 1e-4), BroadBoson(ScalarBoson(2.0, h_A=1e-3, g_S=1.0))),
        lines=(RescaledLine(vector, 1.0),),
    )
    assert scales(couplings) == {
        ("FermionPair", "V1"): pytest.approx(1000.0),
        ("ScalarBoson", "h_A"): pytest.approx(1000.0),
        ("VectorBoson", "g_V"): pytest.approx(200.0),
        ("VectorBoson", "f_T"): pytest.approx(1e4),
    }
    assert len(validity_warnings(couplings, END)) == 1
