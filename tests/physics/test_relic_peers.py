"""Relic densities of hazma 2.2.0 [arXiv:1907.11846], whose plasma is the table of arXiv:1503.03513, beside ours.

chi chibar -> V -> e+ e- with coupling 1 to chi and g to the electron, no other coupling. hazma's `relic_density` solved
its equation by Radau (rtol = atol = 1e-8, x = 1 to 1e6) with its cross section. The thermal average was one integral
done to 1e-9, in place of its own, which at such a point is off by 0.2 % at x = 15, 10 % at x = 100. It counts
particles without antiparticles.
"""

from __future__ import annotations

import numpy as np

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology.freeze_out import GOOD, FreezeOut, freeze_out
from darkpenguin.cosmology.thermal_average import ChannelGroup, Resonance
from darkpenguin.cosmology.thermal_bath import load_bath

# m_chi, M_V [GeV], g, Omega h^2
HAZMA = np.array(
    [
        [0.06, 0.35, 2e-4, 0.10988090020707164],
        [0.1, 0.3, 1e-3, 0.0004423601535893022],
        [0.1, 0.21, 1e-4, 7.779166959018843e-05],
        [0.1, 0.203, 1e-5, 0.0006429449374260386],
        [0.02, 0.06, 5e-4, 7.349318062590292e-05],
    ]
)
M_E = 0.5109989461e-3
CRITICAL, ENTROPY = 1.05375e-5, 2891.2  # its rho_c/h^2 [GeV/cm^3] and entropy density today [1/cm^3]


def test_vector_to_electrons() -> None:
    bath = load_bath("drees-hajkarim-schmitz-2015")

    def width(g, M, m):  # type: ignore[no-untyped-def]
        return g**2 * jnp.sqrt(M**2 - 4 * m**2) * (M**2 + 2 * m**2) / (12 * jnp.pi * M**2)

    def relic(m, M, g):  # type: ignore[no-untyped-def]
        def sigma(s, propagators):  # type: ignore[no-untyped-def]
            beta = jnp.sqrt(1 - 4 * M_E**2 / s) / jnp.sqrt(1 - 4 * m**2 / s)
            top = g**2 * beta * (s + 2 * M_E**2) * (s + 2 * m**2) / (12 * jnp.pi * s)
            return (top * propagators[0].squared())[None]

        V = Resonance(M, width(1.0, M, m) + width(g, M, M_E))
        group = ChannelGroup(("e e",), jnp.asarray(2 * M_E), sigma, (V,))
        return freeze_out(FreezeOut(m, jnp.asarray(2.0), (group,)), bath)

    m, M, g, omega_h2 = HAZMA.T
    found = jax.jit(jax.vmap(relic))(jnp.asarray(m), jnp.asarray(M), jnp.asarray(g))
    assert np.all(np.asarray(found.status) == GOOD)
    # Planck masses differ by 1.6e-5; hazma reads sqrt(g*) from a column of its own, rounded to 1e-5
    np.testing.assert_allclose(found.Y, omega_h2 * CRITICAL / ENTROPY / m, rtol=5e-5)
