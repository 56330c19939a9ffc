"""A scalar mixed with the Higgs: lifetime and branching fractions."""

from __future__ import annotations

import numpy as np
import pytest

from darkpenguin._jax import jax, jnp
from darkpenguin.decays import dark_higgs
from darkpenguin.decays.constants import light_state_constants
from darkpenguin.errors import UnknownName

K = light_state_constants()
HBAR = 6.582119569e-25  # GeV s


def width(m: float, sin_theta: float = 1.0) -> float:
    return float(dark_higgs.width(jnp.array(sin_theta), jnp.array(m), K))


def test_electrons() -> None:
    """Reference row O58 of arXiv:2502.04900, eq. (49), sin(theta) = 1.3e-4."""
    assert HBAR / width(0.004, 1.3e-4) == pytest.approx(0.0628697863799, rel=1e-6)
    assert width(0.001) == 0.0


@pytest.mark.parametrize("m", [0.24, 0.27, 0.3, 0.5, 0.9, 1.05, 1.3, 1.6, 1.8, 2.1, 2.5, 3.0, 3.5, 5.0])
def test_muons_in_the_tables(m: float) -> None:
    """BR(mu mu)/(c tau) of the tables is the tree-level width of the muons at every mass: 2 %, digitised twice."""
    found = float(dark_higgs.branching_fraction("mu", jnp.array(m))) * width(m)
    expected = float(dark_higgs.width_leptons(jnp.ones(()), jnp.array(m), jnp.array(K.m_mu), K))
    assert found == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("m", [0.15, 0.25, 0.7, 1.05, 1.9, 2.5, 4.5])
def test_branching_fractions(m: float) -> None:
    found = {c: float(dark_higgs.branching_fraction(c, jnp.array(m))) for c in dark_higgs.CHANNELS}
    assert sum(found.values()) == pytest.approx(1.0, rel=1e-12)
    largest = {0.15: "e", 0.25: "mu", 0.7: "pi", 1.05: "pi", 1.9: "4pi", 2.5: "g", 4.5: "c"}[m]
    assert max(found, key=found.__getitem__) == largest


def test_ends_and_slopes() -> None:
    slope = jax.grad(lambda m: dark_higgs.width(jnp.array(1e-3), m, K))
    for m in (2 * K.m_e, 2 * K.m_mu, 0.28, 2.0, 10.0):
        assert np.isfinite(slope(jnp.array(m)))
    with pytest.raises(UnknownName, match="channel of the dark Higgs 'pions'"):
        dark_higgs.branching_fraction("pions", jnp.array(1.0))
