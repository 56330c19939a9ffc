"""Relic densities of hazma 2.2.0 [arXiv:1907.11846] beside ours, on the same cross section and plasma."""

from __future__ import annotations

import numpy as np
from relic_reference import HAZMA, HAZMA_YIELD, vector_to_electrons

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology.freeze_out import GOOD, freeze_out
from darkpenguin.cosmology.thermal_bath import load_bath


def test_vector_to_electrons() -> None:
    """chi chibar -> V -> e+ e- with coupling 1 to chi and g to the electron, no other coupling."""
    bath = load_bath("drees-hajkarim-schmitz-2015")
    m, M, g, omega_h2 = HAZMA.T
    solve = jax.jit(jax.vmap(lambda *p: freeze_out(vector_to_electrons(*p), bath)))
    found = solve(jnp.asarray(m), jnp.asarray(M), jnp.asarray(g))
    assert np.all(np.asarray(found.status) == GOOD)
    # Planck masses differ by 1.6e-5; hazma reads sqrt(g*) from a column of its own, rounded to 1e-5
    np.testing.assert_allclose(found.Y, omega_h2 * HAZMA_YIELD / m, rtol=5e-5)
