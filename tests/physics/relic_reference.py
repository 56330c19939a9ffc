"""The reference points of the freeze-out tests: cross sections with every kind of trouble, and their solved yields.

Also relic densities of hazma 2.2.0 [arXiv:1907.11846], whose plasma is the table of arXiv:1503.03513. It solved its
equation by Radau (rtol = atol = 1e-8, x = 1 to 1e6) with its cross section. The thermal average was one integral
done to 1e-9, in place of its own, which at such a point is off by 0.2 % at x = 15, 10 % at x = 100.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from darkpenguin._jax import jax, jnp
from darkpenguin.cosmology.freeze_out import FreezeOut
from darkpenguin.cosmology.thermal_average import ChannelGroup, Resonance

FILE = Path(__file__).parents[1] / "data" / "freeze_out.csv"
Parameters = dict[str, jax.Array]

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
HAZMA_YIELD = 1.05375e-5 / 2891.2
"""GeV: hazma's rho_c/h^2 [GeV/cm^3] over its entropy density today [1/cm^3]; its yield is this times Omega h^2/m."""
M_E = 0.5109989461e-3


def read() -> tuple[list[str], Parameters, np.ndarray]:
    """Names, parameters (each [n_point]) and yields of all points."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    names = [key for key in rows[0] if key not in ("id", "kind", "Yinf")]
    parameters = {key: jnp.asarray([float(row[key]) for row in rows]) for key in names}
    return [row["id"] for row in rows], parameters, np.array([float(row["Yinf"]) for row in rows])


def sector(p: Parameters) -> FreezeOut:
    """One real scalar with a resonant channel and a contact channel, each with its own threshold."""

    def phase_space(s, final, l_final, l_initial):  # type: ignore[no-untyped-def]
        beta_f, beta_i = 1.0 - 4.0 * final**2 / s, 1.0 - 4.0 * p["m"] ** 2 / s
        return beta_f**l_final * jnp.sqrt(beta_f) * beta_i**l_initial / jnp.sqrt(beta_i) / (8.0 * jnp.pi)

    def resonant(s, propagators):  # type: ignore[no-untyped-def]
        return (p["A"] * phase_space(s, p["mf"], p["lf"], p["li"]) * propagators[0].squared())[None]

    def contact(s, propagators):  # type: ignore[no-untyped-def]
        return (p["C"] * phase_space(s, p["mc"], p["lfc"], p["lic"]))[None]

    groups = (
        ChannelGroup(("resonant",), 2.0 * p["mf"], resonant, (Resonance(p["M"], p["G"]),)),
        ChannelGroup(("contact",), 2.0 * p["mc"], contact),
    )
    return FreezeOut(p["m"], jnp.ones(()), groups)


def vector_to_electrons(m: jax.Array, M: jax.Array, g: jax.Array) -> FreezeOut:
    """chi chibar -> V -> e+ e- as in hazma: coupling 1 to chi, g to the electron; particles without antiparticles."""

    def width(g, m):  # type: ignore[no-untyped-def]
        return g**2 * jnp.sqrt(M**2 - 4 * m**2) * (M**2 + 2 * m**2) / (12 * jnp.pi * M**2)

    def sigma(s, propagators):  # type: ignore[no-untyped-def]
        beta = jnp.sqrt(1 - 4 * M_E**2 / s) / jnp.sqrt(1 - 4 * m**2 / s)
        top = g**2 * beta * (s + 2 * M_E**2) * (s + 2 * m**2) / (12 * jnp.pi * s)
        return (top * propagators[0].squared())[None]

    V = Resonance(M, width(1.0, m) + width(g, M_E))
    return FreezeOut(m, jnp.asarray(2.0), (ChannelGroup(("e e",), jnp.asarray(2 * M_E), sigma, (V,)),))
